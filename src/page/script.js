"use strict";
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.addEventListener("click", () => {
    const table = button.parentElement.querySelector("table");
    const cell = (text) => (/[",\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text);
    const row = (line) => [...line.cells].map((c) => cell(c.dataset.value ?? c.textContent.trim())).join(",");
    const text = [...table.rows].map(row).join("\n") + "\n";
    const done = (word) => { button.textContent = word; setTimeout(() => { button.textContent = "Copy as CSV"; }, 1500); };
    const select = () => { getSelection().selectAllChildren(table); done("Selected: press Ctrl+C"); };
    if (navigator.clipboard) { navigator.clipboard.writeText(text).then(() => done("Copied"), select); } else { select(); }
  });
}
document.documentElement.dataset.ready = "yes";
addEventListener("beforeprint", () => { for (const d of document.querySelectorAll("details.theory")) d.open = true; });

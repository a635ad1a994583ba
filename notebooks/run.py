"""Executes every notebook here from its first cell to its last; an error in a cell, or 120 seconds in one, fails. Nothing is written."""

import pathlib
import sys
import time

import nbclient
import nbformat

here = pathlib.Path(__file__).resolve().parent
notebooks = sorted(here.glob("*.ipynb"))
if not notebooks:
    sys.exit("no notebooks found")
for path in notebooks:
    begin = time.monotonic()
    notebook = nbformat.read(path, as_version=4)
    if any(cell.get("outputs") for cell in notebook.cells):
        sys.exit(f"{path.name} is kept with outputs: clear them first")
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(here)}}).execute()
    print(f"{path.name}: {time.monotonic() - begin:.0f} s")

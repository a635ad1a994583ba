//! The page as one file of HTML: nothing in it comes from elsewhere.

use super::data::data;
use super::document::{Cell, Finding, Grid, Page};
use crate::chart::{Figure, escape};
use crate::table::plural;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
/// What browsers are told to refuse: everything but what is in the file.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
/// A page that would be larger goes without its last charts.
const LARGEST: usize = 1_900_000;
/// Tables behind a chart end here; `report.json` has all rows.
const MOST_ROWS: usize = 400;
/// And every table ends where it would be larger.
const LARGEST_TABLE: usize = 400_000;

/// The page.
pub(crate) fn html(page: &Page) -> String {
    let about: String = page.about.iter().map(|text| format!("<p>{}</p>\n", escape(text))).collect();
    let facts: String = page.facts.iter().map(|text| format!("<span>{}</span>", escape(text))).collect();
    let warnings: String =
        page.warnings.iter().map(|text| format!("<p class=\"warning\">{}</p>\n", escape(text))).collect();
    let sections = [
        page.verdicts.iter().map(section).collect::<String>(),
        finding(&page.finding),
        warnings,
        page.picture.iter().map(figure).collect(),
        page.tables.iter().map(section).collect(),
    ];
    let end = end(page);
    let mut body = sections.concat();
    let mut left_out = 0;
    for chart in page.figures.iter().map(figure) {
        if left_out > 0 || body.len() + chart.len() + end.len() > LARGEST {
            left_out += 1;
        } else {
            body += &chart;
        }
    }
    if left_out > 0 {
        let charts = plural(left_out, "chart");
        body += &format!("<p class=\"look\">Left out to keep the page small: {charts}, in the folder plots.</p>\n");
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"archsim {}\">\n<title>{} - archsim</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#main\">Skip to the results</a>\n\
         <header>\n<h1>{}</h1>\n{about}<p class=\"facts\">{facts}</p>\n</header>\n<main id=\"main\">\n{body}{end}",
        escape(&page.archsim),
        escape(&page.title),
        escape(&page.title),
    )
}

fn end(page: &Page) -> String {
    let folded: String = page.folded.iter().map(folded).collect();
    let reproduce = match page.reproduce.as_str() {
        "" => String::new(),
        command => format!("<p>The same numbers again: <code>{}</code></p>\n", escape(command)),
    };
    let checks = if page.checks.is_empty() {
        String::new()
    } else {
        format!("<p>Checked: {}.</p>\n", escape(page.checks.join("; ").trim_end_matches('.')))
    };
    format!(
        "{folded}</main>\n<footer>\n{checks}{reproduce}\
         <p>Simulated by archsim {}. Intervals show the doubt of the simulation, not of the assumptions.</p>\n\
         </footer>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n",
        escape(&page.archsim)
    )
}

fn finding(finding: &Finding) -> String {
    match finding.text.as_str() {
        "" => String::new(),
        text => format!("<p class=\"finding {}\" role=\"status\">{}</p>\n", finding.tone.class(), escape(text)),
    }
}

fn section(grid: &Grid) -> String {
    let look =
        if grid.look.is_empty() { String::new() } else { format!("<p class=\"look\">{}</p>\n", escape(&grid.look)) };
    format!("<section>\n<h2>{}</h2>\n{look}{}</section>\n", escape(&grid.caption), table(grid, usize::MAX))
}

fn folded(grid: &Grid) -> String {
    let look =
        if grid.look.is_empty() { String::new() } else { format!("<p class=\"look\">{}</p>\n", escape(&grid.look)) };
    let table = table(grid, usize::MAX);
    format!("<details class=\"theory\">\n<summary>{}</summary>\n{look}{table}</details>\n", escape(&grid.caption))
}

/// A chart with its data behind a button.
fn figure(figure: &Figure) -> String {
    let data = table(&data(figure), MOST_ROWS);
    format!(
        "<figure id=\"{}\">\n{}<figcaption>\n<details>\n<summary>Data of this chart</summary>\n\
         <button type=\"button\" data-copy>Copy as CSV</button>\n{data}</details>\n</figcaption>\n</figure>\n",
        escape(&figure.name),
        figure.svg()
    )
}

fn table(grid: &Grid, most: usize) -> String {
    let names: String = grid.columns.iter().map(|name| format!("<th scope=\"col\">{}</th>", escape(name))).collect();
    let row = |cells: &Vec<Cell>| {
        let cells = cells.iter().enumerate().map(|(at, each)| cell(each, at == 0));
        format!("<tr>{}</tr>\n", cells.collect::<String>())
    };
    let mut size = 0;
    let fits = |row: &String| {
        size += row.len();
        size <= LARGEST_TABLE
    };
    let rows: Vec<String> = grid.rows.iter().take(most).map(row).take_while(fits).collect();
    let more = match grid.rows.len() - rows.len() {
        0 => String::new(),
        more => format!(
            "<p class=\"look\">Left out to keep the page small: {} of {}. report.json beside this page has them all.</p>\n",
            more,
            plural(grid.rows.len(), "row")
        ),
    };
    let rows = rows.concat();
    format!(
        "<div class=\"scroll\" tabindex=\"0\"><table>\n<thead><tr>{names}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n{more}"
    )
}

fn cell(cell: &Cell, first: bool) -> String {
    let datum = cell.datum.as_ref().map_or(String::new(), |datum| {
        let point = datum.point.map_or(String::new(), |point| format!(" data-point=\"{point}\""));
        format!(" data-metric=\"{}\" data-value=\"{}\"{point}", escape(&datum.metric), datum.value)
    });
    let detail = match cell.detail.as_str() {
        "" => String::new(),
        text => format!("<span class=\"detail\">{}</span>", escape(text)),
    };
    let text = escape(&cell.text);
    match first {
        true => format!("<th scope=\"row\"{datum} class=\"{}\">{text}{detail}</th>", cell.tone.class()),
        false => format!("<td{datum} class=\"{}\">{text}{detail}</td>", cell.tone.class()),
    }
}

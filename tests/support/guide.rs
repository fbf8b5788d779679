//! The examples and tables of docs/FEEDS.md.

#![allow(dead_code)]

use std::path::Path;

/// The guide's text.
pub fn text() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/FEEDS.md")).unwrap()
}

/// The blocks of code with this word behind their fence: what follows the word, and the content.
pub fn blocks(language: &str) -> Vec<(String, String)> {
    let text = text();
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let content: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let (word, rest) = info.split_once(' ').unwrap_or((info, ""));
        if word == language {
            found.push((rest.to_owned(), content.iter().map(|line| format!("{line}\n")).collect()));
        }
    }
    found
}

/// The example documents by name; those with faults begin with `broken`.
pub fn examples() -> Vec<(String, String)> {
    blocks("jsonl")
}

/// The rows of the first table below the heading `## <heading>`: the cells, without the marks of code.
pub fn table(heading: &str) -> Vec<Vec<String>> {
    let text = text();
    let lines = text.lines().skip_while(|line| *line != format!("## {heading}"));
    let table = lines.skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let rows: Vec<Vec<String>> = table
        .skip(2)
        .map(|line| {
            let cells = line.trim_matches('|').split('|');
            cells.map(|cell| cell.trim().replace('`', "")).collect()
        })
        .collect();
    assert!(!rows.is_empty(), "no table below ## {heading}");
    rows
}

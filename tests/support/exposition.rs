//! A strict reader of the Prometheus text format: what it accepts, promtool accepts.

use std::collections::{BTreeMap, BTreeSet};

/// The samples of a page, by name and labels as they are written.
///
/// # Panics
/// The page is not valid.
#[track_caller]
pub fn read(page: &str) -> BTreeMap<String, f64> {
    assert!(page.is_empty() || page.ends_with('\n'), "the last line has no end");
    let (mut samples, mut families) = (BTreeMap::new(), BTreeSet::new());
    let (mut help, mut family) = (String::new(), String::new());
    for line in page.lines() {
        assert_eq!(line, line.trim(), "blanks around a line");
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, text) = rest.split_once(' ').unwrap_or_else(|| panic!("no help: {line}"));
            assert!(!text.is_empty() && !text.contains('\\'), "{line}");
            assert!(families.insert(name.to_owned()), "the metric is there twice: {line}");
            help = name.to_owned();
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap_or_else(|| panic!("no type: {line}"));
            assert_eq!((name, kind), (help.as_str(), "gauge"), "TYPE follows HELP: {line}");
            family = name.to_owned();
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value: {line}"));
            assert_eq!(check_name(name), family, "a sample stands with its metric: {line}");
            assert_eq!(family, help, "HELP without TYPE: {line}");
            let value: f64 = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
            assert!(samples.insert(name.to_owned(), value).is_none(), "the sample is there twice: {line}");
        }
    }
    samples
}

/// The metric's name in `name{label="value",…}`, after checking all of it.
fn check_name(text: &str) -> &str {
    let (name, labels) = match text.split_once('{') {
        Some((name, labels)) => (name, labels.strip_suffix('}').unwrap_or_else(|| panic!("open: {text}"))),
        None => (text, ""),
    };
    assert!(is_name(name), "no name of a metric: {text}");
    // The units and suffixes that promtool asks for.
    assert!(
        !["_total", "_count", "_sum", "_bucket", "_info_"].iter().any(|end| name.ends_with(end)),
        "{name}"
    );
    assert!(!["_ms", "_minutes", "_bytes_per"].iter().any(|part| name.contains(part)), "base units: {name}");
    let mut seen = BTreeSet::new();
    for label in labels.split(',').filter(|label| !label.is_empty()) {
        let (label, value) = label.split_once('=').unwrap_or_else(|| panic!("no label: {text}"));
        assert!(is_name(label) && !label.starts_with("__") && !label.contains(':'), "{text}");
        assert!(seen.insert(label), "a label is there twice: {text}");
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
        let value = value.unwrap_or_else(|| panic!("a value is not quoted: {text}"));
        assert!(!value.contains(['"', '\\', '\n']), "a value is not escaped: {text}");
    }
    name
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|next| next.is_ascii_alphanumeric() || next == '_')
}

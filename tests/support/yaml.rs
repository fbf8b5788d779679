//! As much of YAML as docker-compose.yml uses: maps, lists, quoted and plain words, lists in brackets, block texts, anchors.
//! Anything else is a failure, so that nothing is misread.

use std::collections::BTreeMap;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Yaml {
    /// A word, a number, a text.
    Text(String),
    /// A sequence.
    List(Vec<Yaml>),
    /// A mapping; one key is there once.
    Map(BTreeMap<String, Yaml>),
}

impl Yaml {
    /// The value at the end of a path of keys with dots between them.
    pub fn get(&self, path: &str) -> Option<&Yaml> {
        path.split('.').try_fold(self, |value, key| match value {
            Yaml::Map(entries) => entries.get(key),
            _ => None,
        })
    }

    /// The texts of a list, or the one text.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Yaml::Text(text) => vec![text],
            Yaml::List(items) => items.iter().flat_map(Yaml::texts).collect(),
            Yaml::Map(_) => panic!("a list was expected, this is a map: {self:?}"),
        }
    }

    /// The keys of a map.
    pub fn keys(&self) -> Vec<&str> {
        match self {
            Yaml::Map(entries) => entries.keys().map(String::as_str).collect(),
            _ => panic!("a map was expected: {self:?}"),
        }
    }
}

/// Reads a document.
///
/// # Panics
/// It is not YAML, or more of it than is known here.
pub fn parse(text: &str) -> Yaml {
    assert!(!text.contains('\t'), "YAML has no tabs");
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line)).collect();
    let mut reader = Reader { lines, at: 0, anchors: BTreeMap::new() };
    let value = reader.block(0);
    assert!(reader.peek().is_none(), "line {}: indentation", reader.lines[reader.at].0);
    value
}

struct Reader<'a> {
    lines: Vec<(usize, &'a str)>,
    at: usize,
    anchors: BTreeMap<String, Yaml>,
}

impl Reader<'_> {
    /// The next line that says something: its number, indentation and words.
    fn peek(&mut self) -> Option<(usize, usize, String)> {
        while let Some((number, line)) = self.lines.get(self.at) {
            let content = line.trim();
            if !content.is_empty() && !content.starts_with('#') {
                let content = content.split(" #").next().unwrap().trim_end();
                return Some((*number, line.len() - line.trim_start().len(), content.to_owned()));
            }
            self.at += 1;
        }
        None
    }

    /// The map or list whose lines are indented by `indent`.
    fn block(&mut self, indent: usize) -> Yaml {
        let (mut items, mut entries, mut merged) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        while let Some((number, found, content)) = self.peek() {
            if found < indent {
                break;
            }
            assert_eq!(found, indent, "line {number}: indentation");
            self.at += 1;
            if let Some(item) = content.strip_prefix("- ") {
                items.push(self.value(item, indent, number));
                continue;
            }
            let (key, rest) =
                content.split_once(':').unwrap_or_else(|| panic!("line {number}: a key needs a colon"));
            assert!(rest.is_empty() || rest.starts_with(' '), "line {number}: a space after the colon");
            let value = self.value(rest.trim_start(), indent, number);
            match (key, value) {
                ("<<", Yaml::Map(other)) => merged.extend(other),
                (key, value) => {
                    assert_eq!(entries.insert(key.to_owned(), value), None, "line {number}: {key} again")
                }
            }
        }
        assert!(items.is_empty() || entries.is_empty(), "a list and a map in one");
        // A key of its own beats a merged one.
        merged.extend(entries);
        if items.is_empty() { Yaml::Map(merged) } else { Yaml::List(items) }
    }

    /// What follows a key or a dash: on the same line, or the lines below it.
    fn value(&mut self, rest: &str, indent: usize, number: usize) -> Yaml {
        if let Some(name) = rest.strip_prefix('&') {
            let value = self.below(indent);
            self.anchors.insert(name.to_owned(), value.clone());
            return value;
        }
        if let Some(name) = rest.strip_prefix('*') {
            return self
                .anchors
                .get(name)
                .unwrap_or_else(|| panic!("line {number}: no anchor {name}"))
                .clone();
        }
        match rest {
            "" => self.below(indent),
            "|" => self.block_text(indent),
            _ => scalar(rest, number),
        }
    }

    fn below(&mut self, indent: usize) -> Yaml {
        match self.peek() {
            Some((_, found, _)) if found > indent => self.block(found),
            _ => Yaml::Text(String::new()),
        }
    }

    fn block_text(&mut self, indent: usize) -> Yaml {
        let mut text = String::new();
        let first = self.lines[self.at].1;
        let start = first.len() - first.trim_start().len();
        while let Some((_, line)) = self.lines.get(self.at) {
            if !line.trim().is_empty() && line.len() - line.trim_start().len() <= indent {
                break;
            }
            text.push_str(line.get(start..).unwrap_or(""));
            text.push('\n');
            self.at += 1;
        }
        Yaml::Text(text.trim_end().to_owned() + "\n")
    }
}

/// A word, a quoted text, or a list in brackets (of texts without commas).
fn scalar(text: &str, number: usize) -> Yaml {
    if let Some(inside) = text.strip_prefix('[') {
        let inside = inside.strip_suffix(']').unwrap_or_else(|| panic!("line {number}: ] is missing"));
        return Yaml::List(inside.split(',').map(|item| scalar(item.trim(), number)).collect());
    }
    if let Some(inside) = text.strip_prefix('"') {
        let inside = inside.strip_suffix('"').unwrap_or_else(|| panic!("line {number}: \" is missing"));
        assert!(!inside.contains(['"', '\\']), "line {number}: escapes are not known here");
        return Yaml::Text(inside.to_owned());
    }
    assert!(
        !text.contains(": ") && !text.starts_with(['{', '\'', '>', '|', '!', '%', '@', '`']),
        "line {number}: {text}"
    );
    Yaml::Text(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_compose_files_use_is_read() {
        let yaml = parse(
            "# a comment\nx: &x\n  a: [\"1\", b]\n  list:\n    - c # d\n    - |\n      one\n        two\n\ny:\n  <<: *x\n  a: e:f\nz:\n",
        );
        assert_eq!(yaml.get("x.a").unwrap().texts(), ["1", "b"]);
        assert_eq!(yaml.get("y.list").unwrap().texts(), ["c", "one\n  two\n"]);
        assert_eq!(yaml.get("y.a").unwrap().texts(), ["e:f"]);
        assert_eq!(yaml.get("z").unwrap().texts(), [""]);
        assert_eq!(yaml.keys(), ["x", "y", "z"]);
    }

    #[test]
    fn what_is_wrong_is_refused() {
        for text in [
            "a: 1\na: 2\n",
            "a:\n  b: 1\n c: 2\n",
            "a\n",
            "a: *b\n",
            "a: [1\n",
            "a: b: c\n",
            "- a\nb: c\n",
            "a:b\n",
        ] {
            assert!(std::panic::catch_unwind(|| parse(text)).is_err(), "{text:?}");
        }
    }
}

//! The help texts, taken apart. Shell completions and the manual are made from them, so that there is one text to keep right.
//!
//! A help text is blocks with blank lines between them. A line of an entry begins with two spaces: what it is about, two or more
//! spaces, what is said of it; lines that are indented deeper go on with it.

/// What can be written on a command line, and what is said of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    /// A flag with its value, as `--limit N`, or a word.
    pub(super) words: &'a str,
    /// What it does, on one line.
    pub(super) text: String,
}

impl<'a> Entry<'a> {
    /// The flag without its value: `--limit`.
    pub(super) fn name(&self) -> &'a str {
        self.words.split(' ').next().unwrap_or_default()
    }

    /// The name of the flag's value: `N`.
    pub(super) fn value(&self) -> Option<&'a str> {
        self.words.split_once(' ').map(|(_, value)| value)
    }

    /// What is said of it, up to where the details begin: for a list in which each has a line.
    pub(super) fn summary(&self) -> &str {
        let end = [" (", "; ", ". ", ": "].iter().filter_map(|mark| self.text.find(mark)).min();
        &self.text[..end.unwrap_or(self.text.len())]
    }
}

/// The blocks of a help text.
pub(super) fn blocks(usage: &str) -> impl Iterator<Item = &str> {
    usage.trim_end().split("\n\n")
}

/// The flags that a help text lists, in its order.
pub(super) fn flags(usage: &str) -> Vec<Entry<'_>> {
    let flags = blocks(usage).flat_map(entries).filter(|entry| entry.words.starts_with("--"));
    flags.collect()
}

/// The words that a help text lists in the block with this title.
pub(super) fn words<'a>(usage: &'a str, title: &str) -> Vec<Entry<'a>> {
    blocks(usage).filter(|block| block.lines().next() == Some(title)).flat_map(entries).collect()
}

/// The entries of a block.
pub(super) fn entries(block: &str) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for line in block.lines() {
        let text = line.trim_start();
        match (line.len() - text.len(), entries.last_mut()) {
            (2, _) => {
                let (words, rest) = text.split_once("  ").unwrap_or((text, ""));
                entries.push(Entry { words, text: rest.trim_start().to_owned() });
            }
            (3.., Some(entry)) => {
                if !entry.text.is_empty() {
                    entry.text.push(' ');
                }
                entry.text.push_str(text);
            }
            _ => {}
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    const USAGE: &str = "Does things.\n\nUsage: teelo do ACTION\n\nActions:\n  go     goes (far)\n  stay\n         stays\n\n\
                         Options:\n  --limit N  so many;\n             not more\n  --help     print this\n\nExamples:\n  teelo do go\n";

    #[test]
    fn entries_are_found_with_all_their_lines() {
        let flags = flags(USAGE);
        assert_eq!(flags.len(), 2);
        assert_eq!((flags[0].name(), flags[0].value()), ("--limit", Some("N")));
        assert_eq!(flags[0].text, "so many; not more");
        assert_eq!((flags[1].name(), flags[1].value(), flags[1].summary()), ("--help", None, "print this"));
        let actions = words(USAGE, "Actions:");
        let said: Vec<_> = actions.iter().map(|action| (action.words, action.summary())).collect();
        assert_eq!(said, [("go", "goes"), ("stay", "stays")]);
    }
}

//! Splits a configured command into words as a POSIX shell would, without running a shell: quotes and
//! backslashes are honoured, nothing is expanded.

use crate::error::{Error, Result};

/// The words of `text`, the value of the variable `name`.
///
/// Blanks separate words. Single quotes keep everything; double quotes keep everything but a backslash before
/// `"`, `\`, `$` or `` ` ``; outside quotes a backslash keeps the next character; a backslash before a line's end
/// joins the lines. There are no comments, and `$`, `*`, `~`, `|` mean nothing.
///
/// # Errors
/// Usage, when a quote is not closed or the last character is a lone backslash.
pub fn split(name: &str, text: &str) -> Result<Vec<String>> {
    let unfinished =
        |what: &str| Error::usage(format!("{name}: {what} in {text:?}; quote it as for a shell"));
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' => quoted(&mut characters, word.get_or_insert_default())
                .ok_or_else(|| unfinished("a single quote is not closed"))?,
            '"' => double_quoted(&mut characters, word.get_or_insert_default())
                .ok_or_else(|| unfinished("a double quote is not closed"))?,
            '\\' => match characters.next() {
                Some('\n') => {}
                Some(next) => word.get_or_insert_default().push(next),
                None => return Err(unfinished("a backslash ends the value")),
            },
            blank if blank.is_ascii_whitespace() => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Appends what stands before the closing single quote; None when there is none.
fn quoted(characters: &mut std::str::Chars<'_>, word: &mut String) -> Option<()> {
    loop {
        match characters.next()? {
            '\'' => return Some(()),
            other => word.push(other),
        }
    }
}

/// Appends what stands before the closing double quote; None when there is none.
fn double_quoted(characters: &mut std::str::Chars<'_>, word: &mut String) -> Option<()> {
    loop {
        match characters.next()? {
            '"' => return Some(()),
            '\\' => match characters.next()? {
                '\n' => {}
                escaped @ ('"' | '\\' | '$' | '`') => word.push(escaped),
                other => word.extend(['\\', other]),
            },
            other => word.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        split("NAME", text).expect("it splits")
    }

    #[test]
    fn words_are_split_as_a_shell_splits_them() {
        assert_eq!(
            words("  python3 -m  scripts.update\t--all\n"),
            ["python3", "-m", "scripts.update", "--all"]
        );
        assert_eq!(words(r#"'a b' "c d" e\ f"#), ["a b", "c d", "e f"]);
        assert_eq!(words(r#"--feed='/srv/my data'"/more x""#), ["--feed=/srv/my data/more x"]);
        assert_eq!(words(r#"'it'\''s' "say \"hi\" \n \\ \$""#), ["it's", r#"say "hi" \n \ $"#]);
        assert_eq!(words(r"'a\b' a\\b"), [r"a\b", r"a\b"]);
        assert_eq!(words("a\\\nb 'c\nd' \"e\\\nf\""), ["ab", "c\nd", "ef"]);
        assert_eq!(words("'' x \"\""), ["", "x", ""]);
        assert_eq!(words("# $HOME ~ *.csv | ; é"), ["#", "$HOME", "~", "*.csv", "|", ";", "é"]);
        assert_eq!(words(" \t "), Vec::<String>::new());
    }

    #[test]
    fn what_is_not_finished_is_named() {
        for (text, what) in [
            ("a 'b c", "a single quote is not closed"),
            ("a \"b", "a double quote is not closed"),
            ("a \"b\\", "a double quote is not closed"),
            ("a \\", "a backslash ends the value"),
        ] {
            let error = split("UPDATE_CURRENT_EVENTS_COMMAND", text).expect_err("it does not split");
            assert_eq!(error.exit_code(), crate::error::EXIT_USAGE);
            let message = error.to_string();
            assert!(
                message.starts_with("UPDATE_CURRENT_EVENTS_COMMAND: ") && message.contains(what),
                "{message}"
            );
        }
    }
}

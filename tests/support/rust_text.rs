//! Rust source taken apart into code, comments and string literals, as far as the tidy test needs it.

/// What a piece of source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Anything that is neither a comment nor a string.
    Code,
    /// A comment of any sort.
    Comment,
    /// The inside of a string literal, as written.
    Text,
}

/// A piece of source.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// What it is.
    pub kind: Kind,
    /// The line it begins in, from 1.
    pub line: usize,
    /// Its text; a string's without the quotes.
    pub text: &'a str,
}

/// The pieces of `source`, in order.
pub fn pieces(source: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut push = |kind, start: usize, end: usize| {
        if start < end {
            let line = source[..start].matches('\n').count() + 1;
            pieces.push(Piece { kind, line, text: &source[start..end] });
        }
    };
    let (mut at, mut code_start) = (0, 0);
    while at < source.len() {
        let rest = &source[at..];
        if let Some(length) = comment_length(rest) {
            push(Kind::Code, code_start, at);
            push(Kind::Comment, at, at + length);
            at += length;
            code_start = at;
        } else if let Some((open, inside, close)) = string_lengths(rest) {
            push(Kind::Code, code_start, at);
            push(Kind::Text, at + open, at + open + inside);
            at += open + inside + close;
            code_start = at;
        } else {
            at += code_length(rest);
        }
    }
    push(Kind::Code, code_start, source.len());
    pieces
}

fn comment_length(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest.as_bytes()[at..(at + 2).min(rest.len())] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    Some(at)
}

/// The lengths of the opening quote, the inside and the closing quote of the string that `rest` begins with.
fn string_lengths(rest: &str) -> Option<(usize, usize, usize)> {
    let prefix = rest
        .find('"')
        .filter(|quote| ["", "b", "c", "r", "br", "cr"].contains(&rest[..*quote].trim_end_matches('#')))?;
    let hashes = rest[..prefix].matches('#').count();
    let open = prefix + 1;
    let is_raw = rest[..prefix].contains('r');
    if !is_raw && hashes > 0 {
        return None;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    let body = &rest[open..];
    let mut at = 0;
    while at < body.len() && !body[at..].starts_with(&close) {
        at += if !is_raw && body.as_bytes()[at] == b'\\' { 2 } else { 1 };
        while at < body.len() && !body.is_char_boundary(at) {
            at += 1;
        }
    }
    Some((open, at.min(body.len()), if at < body.len() { close.len() } else { 0 }))
}

/// The length of a word (whose last letters are no string's prefix), a character literal, or one character.
fn code_length(rest: &str) -> usize {
    let first = rest.chars().next().map_or(1, char::len_utf8);
    let is_word = |next: char| next.is_alphanumeric() || next == '_';
    if rest.starts_with(is_word) {
        return rest.find(|next| !is_word(next)).unwrap_or(rest.len());
    }
    if let Some(quoted) = rest.strip_prefix('\'') {
        let mut characters = quoted.char_indices();
        if characters.next().is_some_and(|(_, character)| character == '\\') {
            return quoted[2..].find('\'').map_or(first, |end| end + 4);
        }
        // 'a' is a character, 'a a lifetime.
        if let Some((end, '\'')) = characters.next() {
            return end + 2;
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_kind(source: &str, kind: Kind) -> Vec<&str> {
        pieces(source).into_iter().filter(|piece| piece.kind == kind).map(|piece| piece.text).collect()
    }

    #[test]
    fn strings_comments_and_code_are_told_apart() {
        let source =
            "let a = \"one \\\" // no\"; // \"two\"\n/* \"three\" /* */ */ f('\"', b'\\'', \"four\");";
        assert_eq!(of_kind(source, Kind::Text), ["one \\\" // no", "four"]);
        assert_eq!(of_kind(source, Kind::Comment), ["// \"two\"", "/* \"three\" /* */ */"]);
        assert_eq!(of_kind(source, Kind::Code).concat(), "let a = ; \n f('\"', b'\\'', );");
    }

    #[test]
    fn raw_strings_have_no_escapes() {
        let source = "f(r\"a\\\", r#\"b\"c\"#, br\"d\", for<'a> |x: &'a str| \"e\")";
        assert_eq!(of_kind(source, Kind::Text), ["a\\", "b\"c", "d", "e"]);
    }

    #[test]
    fn lines_are_counted() {
        let source = "// é\nlet x = \"a\n b\";\n\"c\"";
        let lines: Vec<usize> =
            pieces(source).iter().filter(|p| p.kind == Kind::Text).map(|p| p.line).collect();
        assert_eq!(lines, [2, 4]);
    }
}

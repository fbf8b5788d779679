//! Splitting an SQL file into its statements, so that an error can name the line it is in.

/// One statement of a file, without the comments in front of it and the semicolon behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Statement<'a> {
    /// Where it begins in the file, in bytes.
    pub(super) start: usize,
    /// The statement.
    pub(super) text: &'a str,
}

/// The statements of `sql`, in order. A semicolon ends a statement unless it stands in a quoted string, a
/// quoted name, a dollar-quoted body, a comment or between parentheses. What is not closed reaches to the end
/// of the file: the server then says what is missing.
pub(super) fn split(sql: &str) -> Vec<Statement<'_>> {
    let mut statements = Vec::new();
    let mut start = None;
    let mut depth: usize = 0;
    let mut at = 0;
    while let Some(character) = sql[at..].chars().next() {
        let rest = &sql[at..];
        if let Some(length) = comment_length(rest) {
            at += length;
            continue;
        }
        if character == ';' && depth == 0 {
            statements.extend(start.take().map(|start| statement(sql, start, at)));
            at += 1;
            continue;
        }
        if !character.is_whitespace() {
            start.get_or_insert(at);
        }
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += token_length(rest, character);
    }
    statements.extend(start.map(|start| statement(sql, start, sql.len())));
    statements
}

fn statement(sql: &str, start: usize, end: usize) -> Statement<'_> {
    Statement { start, text: sql[start..end].trim_end() }
}

/// The length of the comment that `rest` begins with, if it begins with one.
fn comment_length(rest: &str) -> Option<usize> {
    if rest.starts_with("--") {
        return Some(rest.find('\n').map_or(rest.len(), |newline| newline + 1));
    }
    if !rest.starts_with("/*") {
        return None;
    }
    // Comments of this sort nest.
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        let step = if rest[at..].starts_with("/*") {
            depth += 1;
            2
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            2
        } else {
            rest[at..].chars().next().map_or(1, char::len_utf8)
        };
        at += step;
        if depth == 0 {
            break;
        }
    }
    Some(at)
}

/// The length of what `rest` begins with: a quoted string or name, a dollar-quoted body, a word, or one character.
fn token_length(rest: &str, character: char) -> usize {
    match character {
        '\'' => quoted_length(rest, '\'', false),
        '"' => quoted_length(rest, '"', false),
        '$' => dollar_quoted_length(rest),
        'e' | 'E' if rest[1..].starts_with('\'') => 1 + quoted_length(&rest[1..], '\'', true),
        _ if is_word(character) => rest.find(|next| !is_word(next) && next != '$').unwrap_or(rest.len()),
        _ => character.len_utf8(),
    }
}

/// The length of the string or name in quotes that `rest` begins with. Its quote is written twice within it, or,
/// where a backslash escapes, behind one.
fn quoted_length(rest: &str, quote: char, backslash_escapes: bool) -> usize {
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((index, character)) = characters.next() {
        if backslash_escapes && character == '\\' {
            characters.next();
        } else if character == quote && characters.next_if(|(_, next)| *next == quote).is_none() {
            return index + 1;
        }
    }
    rest.len()
}

/// The length of the body between `$tag$` and `$tag$` that `rest` begins with; 1 when it is a lone dollar or `$1`.
fn dollar_quoted_length(rest: &str) -> usize {
    let Some(tag_end) = rest[1..].find(|next| !is_word(next)) else { return 1 };
    let tag = &rest[..tag_end + 2];
    if !tag.ends_with('$') || tag[1..].starts_with(|first: char| first.is_ascii_digit()) {
        return 1;
    }
    rest[tag.len()..].find(tag).map_or(rest.len(), |end| end + 2 * tag.len())
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(sql: &str) -> Vec<&str> {
        split(sql).iter().map(|statement| statement.text).collect()
    }

    #[test]
    fn semicolons_part_statements() {
        assert_eq!(texts("SELECT 1; SELECT 2"), ["SELECT 1", "SELECT 2"]);
        assert_eq!(texts("SELECT 1;;\n ; SELECT 2;\n"), ["SELECT 1", "SELECT 2"]);
        assert!(texts("").is_empty());
        assert!(texts(" \n;\n-- nothing\n/* at all */").is_empty());
    }

    #[test]
    fn a_statement_begins_behind_its_comments() {
        let sql =
            "-- one; two\n/* three; /* four; */ five; */\nSELECT 1 -- six; seven\n + 2 /* ; */;\nSELECT 3;";
        let statements = split(sql);
        assert_eq!(statements[0].text, "SELECT 1 -- six; seven\n + 2 /* ; */");
        assert_eq!(&sql[statements[0].start..statements[0].start + 8], "SELECT 1");
        assert_eq!(statements[1].text, "SELECT 3");
        assert_eq!(texts("/* never closed; SELECT 1;"), Vec::<&str>::new());
    }

    #[test]
    fn quotes_hide_semicolons() {
        assert_eq!(texts("SELECT 'a;b'';c'; SELECT 2"), ["SELECT 'a;b'';c'", "SELECT 2"]);
        assert_eq!(texts("SELECT \"a;b\"\";c\"; SELECT 2"), ["SELECT \"a;b\"\";c\"", "SELECT 2"]);
        assert_eq!(texts("SELECT '--', '/*'; SELECT 2"), ["SELECT '--', '/*'", "SELECT 2"]);
        assert_eq!(texts("SELECT 'a\\'; SELECT 2"), ["SELECT 'a\\'", "SELECT 2"]);
        assert_eq!(texts("SELECT 'never closed; SELECT 2"), ["SELECT 'never closed; SELECT 2"]);
    }

    #[test]
    fn a_backslash_escapes_only_in_an_escape_string() {
        assert_eq!(texts(r"SELECT E'a\';b', e'\\'; SELECT 2"), [r"SELECT E'a\';b', e'\\'", "SELECT 2"]);
        // The letter at the end of a word is no prefix.
        assert_eq!(texts(r"SELECT date'\'; SELECT 2"), [r"SELECT date'\'", "SELECT 2"]);
    }

    #[test]
    fn dollar_quotes_hide_everything() {
        let body = "DO $$ BEGIN PERFORM 'it''s'; -- don't\n END $$";
        assert_eq!(texts(&format!("{body}; SELECT 2")), [body, "SELECT 2"]);
        let nested = "CREATE FUNCTION f() AS $one$ SELECT $$;$$; $two$ ; $two$ $one$";
        assert_eq!(texts(&format!("{nested};SELECT 2")), [nested, "SELECT 2"]);
        let accented = "DO $été$;$été$";
        assert_eq!(texts(&format!("{accented};SELECT 2")), [accented, "SELECT 2"]);
    }

    #[test]
    fn a_dollar_in_a_name_or_a_parameter_quotes_nothing() {
        assert_eq!(texts("SELECT a$b$c; SELECT d$b$e"), ["SELECT a$b$c", "SELECT d$b$e"]);
        assert_eq!(texts("SELECT $1; SELECT $1$2"), ["SELECT $1", "SELECT $1$2"]);
        assert_eq!(texts("SELECT $"), ["SELECT $"]);
        assert_eq!(texts("SELECT $a"), ["SELECT $a"]);
    }

    #[test]
    fn parentheses_hold_a_rules_statements_together() {
        let rule = "CREATE RULE r AS ON INSERT TO t DO ALSO (DELETE FROM u; DELETE FROM v)";
        assert_eq!(texts(&format!("{rule}; SELECT ');'")), [rule, "SELECT ');'"]);
    }

    #[test]
    fn letters_of_several_bytes_are_whole() {
        assert_eq!(texts("SELECT 'é;ñ' AS été; SELECT '日本'"), ["SELECT 'é;ñ' AS été", "SELECT '日本'"]);
    }
}

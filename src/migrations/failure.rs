//! Showing where in a file the server found an error.

use postgres::error::{DbError, ErrorPosition};

use super::Migration;
use super::statements::Statement;
use crate::error::Error;

/// The server's error in `statement`: file, line, the line itself with a caret, and the server's words.
pub(super) fn describe(migration: &Migration, statement: Statement<'_>, error: postgres::Error) -> Error {
    let message = error.as_db_error().map(|server| show(migration, statement, server));
    let error = Error::from(error);
    match message {
        Some(message) => error.with_message(message),
        None => error.context(place(migration, statement.start)),
    }
}

fn show(migration: &Migration, statement: Statement<'_>, server: &DbError) -> String {
    let found = match server.position() {
        Some(ErrorPosition::Original(position)) => {
            Some(statement.start + byte_offset(statement.text, *position))
        }
        _ => None,
    };
    let in_block = || server.where_().and_then(|context| block_offset(statement.text, context));
    let at = found.or_else(|| Some(statement.start + in_block()?)).unwrap_or(statement.start);
    let (number, line, column) = locate(migration.sql, at);
    let margin = " ".repeat(number.to_string().len());
    let mut text =
        format!("{}: {} (SQLSTATE {})", place(migration, at), server.message(), server.code().code());
    text.push_str(&format!("\n  {number} | {line}"));
    if found.is_some() {
        // Tabs stay tabs, so that the caret stands below its character.
        let indent: String = column.chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        text.push_str(&format!("\n  {margin} | {indent}^"));
    }
    for (name, value) in [("detail", server.detail()), ("hint", server.hint()), ("where", server.where_())] {
        if let Some(value) = value {
            text.push_str(&format!("\n  {name}: {}", value.replace('\n', "\n    ")));
        }
    }
    text.push_str("\n  Nothing of this file was applied.");
    text
}

/// `sql/migrations/0001_name.sql, line 12`.
fn place(migration: &Migration, at: usize) -> String {
    format!("{}, line {}", migration.path(), locate(migration.sql, at).0)
}

/// The server counts characters, from 1.
fn byte_offset(text: &str, position: u32) -> usize {
    let index = usize::try_from(position).unwrap_or(usize::MAX).saturating_sub(1);
    text.char_indices().nth(index).map_or(text.len(), |(offset, _)| offset)
}

/// Where in a DO statement the line begins that the server counts from the beginning of the block's body. The
/// server's context names the innermost function first, so the block is the last.
fn block_offset(statement: &str, context: &str) -> Option<usize> {
    let (_, rest) = context.rsplit_once("PL/pgSQL function inline_code_block line ")?;
    let number: usize = rest.split(|next: char| !next.is_ascii_digit()).next()?.parse().ok()?;
    let mut lines = statement.match_indices('\n').map(|(newline, _)| newline + 1);
    let body = statement.find('$')?;
    let first = lines.by_ref().find(|line| *line > body)?;
    // The body's first line is what follows the opening $$, on the line of DO.
    match number {
        0 | 1 => None,
        2 => Some(first),
        _ => lines.nth(number - 3),
    }
}

/// The number (from 1) of the line that holds the byte `at`, the line, and its part before that byte.
fn locate(sql: &str, at: usize) -> (usize, &str, &str) {
    let line_start = sql[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let line = sql[line_start..].lines().next().unwrap_or("");
    (sql[..at].matches('\n').count() + 1, line, &sql[line_start..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_found_in_its_line() {
        let sql = "-- é\nSELECT 'é', wrong;\nSELECT 2;\n";
        let at = sql.find("wrong").unwrap();
        assert_eq!(locate(sql, at), (2, "SELECT 'é', wrong;", "SELECT 'é', "));
        assert_eq!(locate(sql, 0), (1, "-- é", ""));
        assert_eq!(locate(sql, sql.len()), (4, "", ""));
        assert_eq!(byte_offset("SELECT 'é', wrong", 13), "SELECT 'é', ".len());
        assert_eq!(byte_offset("é", 99), 2);
    }

    #[test]
    fn a_line_of_a_block_is_found_in_its_statement() {
        let statement = "DO $x$\nBEGIN\n    PERFORM f();\nEND\n$x$";
        let context = |line: u32| {
            format!(
                "PL/pgSQL function f() line 9 at RAISE\nPL/pgSQL function inline_code_block line {line} at PERFORM"
            )
        };
        assert_eq!(block_offset(statement, &context(2)), statement.find("BEGIN"));
        assert_eq!(block_offset(statement, &context(3)), statement.find("    PERFORM"));
        assert_eq!(block_offset(statement, &context(5)), Some(statement.len() - 3));
        assert_eq!(block_offset(statement, &context(9)), None);
        assert_eq!(block_offset(statement, "SQL function"), None);
    }
}

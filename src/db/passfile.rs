//! The passfile (`~/.pgpass`): passwords by host, port, database and user.

use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// What the passfile says.
#[derive(Default)]
pub(super) struct Lookup {
    pub(super) password: Option<String>,
    /// Why the file was not used, for whoever then misses a password.
    pub(super) problem: Option<String>,
}

/// For whom a password is looked up.
pub(super) struct Key<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) database: &'a str,
    pub(super) user: &'a str,
}

/// Looks `key` up in the file at `path`. As in libpq, a file that others may read is not used, which is not an error: the
/// server may want no password.
pub(super) fn look_up(path: &Path, key: &Key<'_>) -> Lookup {
    match read(path) {
        Ok(text) => Lookup { password: find(&text, key), problem: None },
        Err(problem) => {
            Lookup { password: None, problem: Some(format!("the passfile {} {problem}", path.display())) }
        }
    }
}

/// The file's text; the error says what is wrong with it.
fn read(path: &Path) -> std::result::Result<String, String> {
    // Not opened before it is known to be a file: opening a pipe would wait.
    let metadata = std::fs::metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err("is not a plain file".to_owned());
    }
    let mut file = std::fs::File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    // Looked at again by the open file, which nobody can exchange.
    let mode = file.metadata().map_err(|error| format!("cannot be read: {error}"))?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(format!("was ignored, because others may read it (mode {mode:04o}); chmod 0600 it"));
    }
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
    String::from_utf8(bytes).map_err(|_| "is not valid UTF-8".to_owned())
}

/// The password of the first line that fits.
fn find(text: &str, key: &Key<'_>) -> Option<String> {
    let port = key.port.to_string();
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut rest = line;
        for wanted in [key.host, &port, key.database, key.user] {
            rest = strip_field(rest, wanted)?;
        }
        let password = unescape(&rest[..field_end(rest).unwrap_or(rest.len())]);
        (!password.is_empty()).then_some(password)
    })
}

/// What follows the first field of `line` and its colon, when the field is `*` or `wanted`.
fn strip_field<'a>(line: &'a str, wanted: &str) -> Option<&'a str> {
    let end = field_end(line)?;
    let field = &line[..end];
    (field == "*" || unescape(field) == wanted).then_some(&line[end + 1..])
}

/// Where the first colon is that no backslash stands before.
fn field_end(line: &str) -> Option<usize> {
    let mut is_escaped = false;
    line.find(|letter| {
        let ends = letter == ':' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        ends
    })
}

/// Takes off the backslashes before colons and backslashes.
fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        plain.push(if letter == '\\' { letters.next().unwrap_or(letter) } else { letter });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_wins() {
        let text = "# a comment\nother:5432:db:me:no\nhost:*:db:me:first\n*:*:*:*:last\n";
        let find_for = |host, user| find(text, &Key { host, port: 5432, database: "db", user });
        assert_eq!(find_for("host", "me").as_deref(), Some("first"));
        assert_eq!(find_for("other", "me").as_deref(), Some("no"));
        assert_eq!(find_for("third", "you").as_deref(), Some("last"));
        assert_eq!(find("too:few:fields", &Key { host: "too", port: 1, database: "", user: "" }), None);
    }

    #[test]
    fn colons_and_backslashes_are_escaped() {
        let text = r"\:\:1:5432:a\\b:me:p\:q\\r:s";
        let key = Key { host: "::1", port: 5432, database: r"a\b", user: "me" };
        assert_eq!(find(text, &key).as_deref(), Some(r"p:q\r"));
    }
}

//! The service file: sets of parameters by name, as in `~/.pg_service.conf`.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::conninfo;
use super::parameter::Parameters;
use crate::error::{Error, Result};

/// Reads the parameters of the service `name` from the first of `files` that defines it.
///
/// # Errors
/// Usage: no file defines it, or one cannot be read; the message has file and line.
pub(super) fn read(name: &str, files: &[PathBuf]) -> Result<Parameters> {
    for path in files {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                if let Some(parameters) = find(name, &text, path)? {
                    return Ok(parameters);
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Error::usage(format!("the service file {}: {error}", path.display())));
            }
        }
    }
    let places: Vec<String> = files.iter().map(|path| path.display().to_string()).collect();
    Err(Error::usage(format!(
        "the service {name:?} is not defined; [{name}] was looked for in {}. PGSERVICEFILE names another file",
        places.join(", ")
    )))
}

/// The section `[name]` of a service file; None when it has none. The first wins.
fn find(name: &str, text: &str, path: &Path) -> Result<Option<Parameters>> {
    let mut section: Option<Parameters> = None;
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            if section.is_some() {
                break;
            }
            if header.strip_suffix(']') == Some(name) {
                section = Some(Parameters::new());
            }
            continue;
        }
        if let Some(parameters) = &mut section {
            read_line(parameters, line)
                .map_err(|error| error.context(format!("{}:{}", path.display(), index + 1)))?;
        }
    }
    Ok(section)
}

/// Reads `name=value`; the value goes to the end of the line as it is, and the first of two values wins.
fn read_line(parameters: &mut Parameters, line: &str) -> Result<()> {
    let (name, value) = line
        .split_once('=')
        .ok_or_else(|| Error::usage("expected NAME=VALUE, [SERVICE] or # and a comment"))?;
    if matches!(name, "service" | "servicefile") {
        return Err(Error::usage(format!("{name} cannot stand in a service file")));
    }
    let mut read = Parameters::new();
    conninfo::set(&mut read, name, value.to_owned(), "")?;
    for (name, value) in read {
        parameters.entry(name).or_insert(value);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# comment\n[other]\nhost=wrong\nnonsense\n\n[mine]\nhost=right\nport=5433\n\
                        password=a b = c\nhost=late\n[mine]\nuser=late\n[bad]\nfrobnicate=1\n[nested]\nservice=mine\n";

    #[test]
    fn a_section_is_read_to_the_next() {
        let read = find("mine", FILE, Path::new("f")).unwrap().unwrap();
        let expected = [("host", "right"), ("password", "a b = c"), ("port", "5433")];
        assert_eq!(read, expected.map(|(name, value)| (name, value.to_owned())).into());
        assert!(find("absent", FILE, Path::new("f")).unwrap().is_none());
    }

    #[test]
    fn mistakes_are_shown_with_their_line() {
        let message = |name| find(name, FILE, Path::new("f.conf")).unwrap_err().to_string();
        assert!(message("other").starts_with("f.conf:4: expected NAME=VALUE"));
        assert!(message("bad").starts_with("f.conf:14: unknown parameter \"frobnicate\""));
        assert!(message("nested").starts_with("f.conf:16: service cannot stand"));
    }
}

//! Why a program cannot be started, in words that say what to do: the system has one number for several reasons, and looks
//! through PATH without telling where.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{Error, ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where the system looks when PATH is not set.
const SEARCH_PATH_DEFAULT: &str = "/bin:/usr/bin";
/// Linux looks for the interpreter in so many bytes.
const FIRST_LINE_BYTES: u64 = 256;
const NO_PROGRAM: &str = "there is no such program";
const NO_INTERPRETER: &str = "the interpreter that its first line names is missing";

/// Why starting `program` failed with `error`. `search_path` is PATH, where a name without a slash is looked up.
pub fn reason(program: &OsStr, search_path: Option<&OsStr>, error: &Error) -> String {
    let has_folder = program.as_bytes().contains(&b'/');
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::PermissionDenied if !has_folder => {
            not_found(program, search_path.unwrap_or(OsStr::new(SEARCH_PATH_DEFAULT)), error.kind())
        }
        ErrorKind::NotFound if !Path::new(program).exists() => NO_PROGRAM.to_owned(),
        ErrorKind::NotFound | ErrorKind::PermissionDenied => {
            unusable(Path::new(program), error.kind()).to_owned()
        }
        _ if error.raw_os_error() == Some(rustix::io::Errno::NOEXEC.raw_os_error()) => {
            "it is no program of this machine; a script needs a first line such as #!/bin/sh".to_owned()
        }
        _ => error.to_string(),
    }
}

/// Why `program` could not be started, without starting it; None when nothing is known to be in its way.
pub fn problem(program: &OsStr, search_path: Option<&OsStr>) -> Option<String> {
    let has_folder = program.as_bytes().contains(&b'/');
    let found = if has_folder {
        vec![PathBuf::from(program)]
    } else {
        folders(search_path.unwrap_or(OsStr::new(SEARCH_PATH_DEFAULT)))
            .map(|folder| folder.join(program))
            .collect()
    };
    let is_executable =
        |path: &PathBuf| path.is_file() && rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok();
    match found.iter().find(|path| is_executable(path)) {
        Some(path) if is_interpreter_missing(path) => Some(NO_INTERPRETER.to_owned()),
        Some(_) => None,
        None => {
            let is_there = found.iter().any(|path| path.exists());
            let kind = if is_there { ErrorKind::PermissionDenied } else { ErrorKind::NotFound };
            Some(reason(program, search_path, &Error::from(kind)))
        }
    }
}

/// The folders of PATH. An empty one is the current folder.
fn folders(search_path: &OsStr) -> impl Iterator<Item = PathBuf> {
    search_path.as_bytes().split(|byte| *byte == b':').map(|folder| {
        PathBuf::from(if folder.is_empty() { OsStr::new(".") } else { OsStr::from_bytes(folder) })
    })
}

/// Why `program` was not found in PATH, or not allowed: the system says `PermissionDenied` also when it only could not look
/// into one of the folders.
fn not_found(program: &OsStr, search_path: &OsStr, kind: ErrorKind) -> String {
    let mut closed = Vec::new();
    for folder in folders(search_path) {
        let candidate = folder.join(program);
        match candidate.metadata() {
            Ok(metadata) if metadata.is_file() => {
                return format!("{} was found: {}", candidate.display(), unusable(&candidate, kind));
            }
            Err(error) if error.kind() == ErrorKind::PermissionDenied && !closed.contains(&folder) => {
                closed.push(folder);
            }
            _ => {}
        }
    }
    let mut text = format!("{NO_PROGRAM} in PATH");
    if !closed.is_empty() {
        let closed: Vec<String> = closed.iter().map(|folder| folder.display().to_string()).collect();
        text.push_str(&format!("; this user may not look into {}", closed.join(", ")));
    }
    text
}

/// Why the program at `path`, which is there, cannot be started.
fn unusable(path: &Path, kind: ErrorKind) -> &'static str {
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => "it is a folder",
        Ok(metadata) if metadata.permissions().mode() & 0o111 == 0 => {
            "it is not executable; `chmod +x` makes a script so"
        }
        Ok(_) if kind == ErrorKind::NotFound || is_interpreter_missing(path) => NO_INTERPRETER,
        Ok(_) => {
            "this user may not execute it: look at its permissions, those of the interpreter that its first line names, and \
             whether its file system is mounted noexec"
        }
        Err(_) => "this user may not look into its folder",
    }
}

/// Whether the file's first line names an interpreter that is not there.
fn is_interpreter_missing(path: &Path) -> bool {
    let mut first = Vec::new();
    let read = File::open(path).and_then(|file| file.take(FIRST_LINE_BYTES).read_to_end(&mut first));
    let line = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Some(named) = line.strip_prefix(b"#!").filter(|_| read.is_ok()) else { return false };
    let interpreter = named.trim_ascii().split(u8::is_ascii_whitespace).next().unwrap_or_default();
    !Path::new(OsStr::from_bytes(interpreter)).exists()
}

//! Where the server's programs are.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, Result};

/// The programs that are needed.
const PROGRAMS: [&str; 2] = ["initdb", "postgres"];
/// Debian, Ubuntu and their like keep one folder a version here.
const VERSIONS_FOLDER: &str = "/usr/lib/postgresql";
/// The oldest server that the tables work on.
const OLDEST_MAJOR: u32 = 14;

/// One installed server.
#[derive(Debug, Clone)]
pub struct Installation {
    folder: PathBuf,
    version: String,
    major: u32,
}

impl Installation {
    /// The server to use: `preferred` when given, else what `pg_config --bindir` names, else the newest below
    /// /usr/lib/postgresql, else the one on PATH.
    ///
    /// # Errors
    /// There is none (the message names the package to install), or it is too old.
    pub fn find(preferred: Option<&Path>) -> Result<Self> {
        if let Some(folder) = preferred {
            return Self::at(folder)?.ok_or_else(|| {
                Error::usage(format!(
                    "TEELO_PG_BIN: {:?} is not valid; expected the folder of a PostgreSQL server's programs ({})",
                    folder.display(),
                    PROGRAMS.join(", ")
                ))
            });
        }
        Self::first_of(&[pg_config_folder, newest_version_folder, path_folder])
    }

    /// The server in the first place that has one.
    fn first_of(places: &[fn() -> Option<PathBuf>]) -> Result<Self> {
        for folder in places.iter().filter_map(|place| place()) {
            if let Some(installation) = Self::at(&folder)? {
                return Ok(installation);
            }
        }
        Err(Error::failed(
            "no PostgreSQL server is installed here. Install it: `apt-get install postgresql` (Debian, Ubuntu), \
             `dnf install postgresql-server` (Fedora), `apk add postgresql` (Alpine); or set TEELO_PG_BIN to the \
             folder that holds initdb and postgres",
        ))
    }

    /// The server that can run the data of major version `major`: this one, else one installed beside it.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn for_major(self, major: u32, data: &Path) -> Result<Self> {
        if self.major == major {
            return Ok(self);
        }
        let beside = Path::new(VERSIONS_FOLDER).join(major.to_string()).join("bin");
        Self::at(&beside)?.ok_or_else(|| {
            Error::failed(format!(
                "the data in {} was made by PostgreSQL {major}, but {} holds {}. Install PostgreSQL {major} \
                 (package postgresql-{major}), or remove the data to start with an empty database",
                data.display(),
                self.folder.display(),
                self.version
            ))
        })
    }

    /// The server whose programs are in `folder`; None when they are not.
    fn at(folder: &Path) -> Result<Option<Self>> {
        if !PROGRAMS.iter().all(|program| folder.join(program).is_file()) {
            return Ok(None);
        }
        let server = folder.join("postgres");
        let output = Command::new(&server).arg("--version").stdin(Stdio::null()).output();
        let text =
            output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
        let Some((version, major)) = parse_version(&text) else {
            return Err(Error::failed(format!(
                "{} --version printed no version: {text:?}",
                server.display()
            )));
        };
        if major < OLDEST_MAJOR {
            return Err(Error::failed(format!(
                "{} is PostgreSQL {version}; {OLDEST_MAJOR} or newer is needed. TEELO_PG_BIN chooses another",
                server.display()
            )));
        }
        Ok(Some(Self { folder: folder.to_owned(), version, major }))
    }

    /// The path of the program `name`.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The full version, such as `15.18`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The major version, such as 15.
    pub fn major(&self) -> u32 {
        self.major
    }
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` is 15.18, of major version 15.
fn parse_version(text: &str) -> Option<(String, u32)> {
    let version = text.split_once("(PostgreSQL) ")?.1.split_whitespace().next()?;
    let digits: String = version.chars().take_while(char::is_ascii_digit).collect();
    Some((version.to_owned(), digits.parse().ok()?))
}

fn pg_config_folder() -> Option<PathBuf> {
    first_line(Command::new("pg_config").arg("--bindir"))
}

fn path_folder() -> Option<PathBuf> {
    let program = first_line(Command::new("sh").args(["-c", "command -v initdb"]))?;
    program.parent().map(Path::to_owned)
}

fn first_line(command: &mut Command) -> Option<PathBuf> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.lines().next().filter(|line| line.starts_with('/')).map(PathBuf::from)
}

fn newest_version_folder() -> Option<PathBuf> {
    let versions = std::fs::read_dir(VERSIONS_FOLDER).ok()?.flatten();
    let numbered = versions.filter_map(|entry| {
        let number: u32 = entry.file_name().to_str()?.parse().ok()?;
        let folder = entry.path().join("bin");
        folder.join("initdb").is_file().then_some((number, folder))
    });
    numbered.max_by_key(|(number, _)| *number).map(|(_, folder)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let parse = |text: &str| parse_version(text);
        assert_eq!(
            parse("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(("15.18".to_owned(), 15))
        );
        assert_eq!(parse("postgres (PostgreSQL) 18beta1\n"), Some(("18beta1".to_owned(), 18)));
        assert_eq!(parse("something else"), None);
    }

    #[test]
    fn a_machine_without_a_server_is_told_the_package() {
        // pg_config may name a folder whose programs are not installed.
        let error = Installation::first_of(&[|| None, || Some(PathBuf::from("/nowhere"))]).unwrap_err();
        assert!(error.to_string().contains("`apt-get install postgresql`"), "{error}");
    }

    #[test]
    fn a_folder_without_the_programs_is_refused_by_name() {
        let error = Installation::find(Some(Path::new("/nowhere"))).unwrap_err();
        assert_eq!(error.exit_code(), crate::error::EXIT_USAGE);
        assert!(error.to_string().contains("TEELO_PG_BIN: \"/nowhere\""), "{error}");
    }
}

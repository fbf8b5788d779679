//! A private PostgreSQL: the development database (`teelo devdb`) and the throw-away servers of the tests and
//! of `teelo demo`. It listens on a Unix socket in a folder that only its owner may enter, and on no TCP port (but for the tests of
//! connections, on this machine alone).
//!
//! The installed server programs are used as they are: `initdb` makes a cluster once a version, into a cache,
//! and every new server starts from a copy. A server refuses to run as root, so root's servers run as the user
//! `postgres`.

mod account;
mod base;
mod cluster;
mod devdb;
mod installation;
mod server_process;
mod temporary;

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use postgres::{Config, NoTls};

pub use devdb::{Devdb, Running, Started, Stopped};
pub use installation::Installation;
pub use temporary::TemporaryServer;

use crate::error::{Error, Kind, Result};

/// The superuser of every private server, and the name of its first database.
pub const NAME: &str = "teelo";
/// The port is only a part of the socket's file name: `.s.PGSQL.5432`.
const PORT: u16 = 5432;
/// The kernel's limit for the path of a socket, without the closing zero byte.
const SOCKET_PATH_LIMIT: usize = 107;
/// A server that recovers from a crash can take a while; one that takes longer than this needs a person.
const READY_TIMEOUT: Duration = Duration::from_secs(120);
/// Between two looks at a server that starts or stops.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// How much of a server's log an error message repeats.
const LOG_LINES_SHOWN: usize = 15;

/// What the environment says about private servers.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder of the server programs (`$TEELO_PG_BIN`); None: found by [`Installation::find`].
    pub programs: Option<PathBuf>,
    /// The system's folder for temporary files.
    pub temporary_folder: PathBuf,
}

/// The address of `database` on the server whose socket is in `socket_folder`: understood by psql and every
/// other libpq program, by SQLAlchemy, and by this program.
pub fn url(socket_folder: &Path, database: &str) -> String {
    let mut url = format!("postgresql://{NAME}@/");
    push_encoded(&mut url, database.as_bytes());
    url.push_str("?host=");
    push_encoded(&mut url, socket_folder.as_os_str().as_bytes());
    url
}

/// Appends `bytes`, with everything that could mean something in an address (or to a shell) percent-encoded.
fn push_encoded(url: &mut String, bytes: &[u8]) {
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' => {
                url.push(char::from(*byte))
            }
            _ => {
                // Writing to a String cannot fail.
                let _ = write!(url, "%{byte:02X}");
            }
        }
    }
}

/// The socket's file in `folder`.
fn socket_path(folder: &Path) -> PathBuf {
    folder.join(format!(".s.PGSQL.{PORT}"))
}

/// Opens one session and closes it again: the only proof that a server is ready.
fn answers(socket_folder: &Path, port: u16) -> std::result::Result<(), postgres::Error> {
    let mut config = Config::new();
    config
        .host_path(socket_folder)
        .port(port)
        .user(NAME)
        .dbname(NAME)
        .application_name("teelo/private_server");
    config.connect_timeout(Duration::from_secs(5));
    config.connect(NoTls)?.close()
}

/// Waits until the server answers. `ended` tells when it has given up, so that nobody waits for a dead one.
///
/// # Errors
/// The server ended, or did not answer in time; the message repeats the end of its log.
fn wait_until_ready(
    socket_folder: &Path,
    port: u16,
    log: &Path,
    mut ended: impl FnMut() -> bool,
) -> Result<()> {
    let started = Instant::now();
    loop {
        let Err(error) = answers(socket_folder, port) else { return Ok(()) };
        if ended() {
            return Err(start_failure("the private PostgreSQL ended while it started", log));
        }
        if started.elapsed() >= READY_TIMEOUT {
            let reason = Error::from(error);
            let problem = format!(
                "the private PostgreSQL does not answer after {} s: {reason}",
                READY_TIMEOUT.as_secs()
            );
            return Err(start_failure(&problem, log));
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}

/// A server that did not start, with the end of its log.
fn start_failure(problem: &str, log: &Path) -> Error {
    let text = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let shown = lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n  ");
    Error::new(Kind::Failed, format!("{problem}. The end of its log, {}:\n  {shown}", log.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_odd_folders() {
        let address = url(Path::new("/tmp/my folder/a&b=c%/\u{e9}"), "teelo");
        assert_eq!(address, "postgresql://teelo@/teelo?host=/tmp/my%20folder/a%26b%3Dc%25/%C3%A9");
        let config: Config = address.parse().unwrap();
        let expected = postgres::config::Host::Unix(PathBuf::from("/tmp/my folder/a&b=c%/\u{e9}"));
        assert_eq!(config.get_hosts(), [expected]);
        assert_eq!(config.get_dbname(), Some("teelo"));
    }
}

//! Trying servers until a session is open, each within its time.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use postgres::config::SslMode as DriverMode;
use postgres::error::{DbError, SqlState};
use postgres::{Client, Config, NoTls};

use super::passfile;
use super::target::{Endpoint, Place, Role, SslMode, Target};
use super::tls::{Connector, HandshakeError};
use crate::error::{Error, Kind, Result};
use crate::stop::{self, Queries};

/// Between two looks whether the process has to end, while a server is waited for.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// Opens a session with the first server that will do.
///
/// # Errors
/// Usage: a certificate or key cannot be read. Unreachable or ServerDown: no server will do; the message has what each said. The
/// reason to end the process, when there is one.
pub(super) fn open(target: &Target, purpose: &str, queries: Queries) -> Result<Client> {
    let mut failures: Vec<String> = Vec::new();
    let mut is_answered = false;
    let mut is_down = true;
    stop::check()?;
    'all: for role in passes(target.role) {
        for endpoint in &target.endpoints {
            for address in addresses(endpoint, target.connect_timeout) {
                let attempted = match address {
                    Ok(address) => Attempt::new(target, endpoint, address, *role, purpose, queries)?
                        .run_in_time(target.connect_timeout),
                    Err(failure) => Err(failure),
                };
                match attempted {
                    Ok(client) => return Ok(client),
                    Err(failure) => {
                        stop::check()?;
                        is_down &= failure.is_down;
                        is_answered |= failure.next != Next::OtherServer;
                        let shown = format!("{endpoint}: {failure}");
                        if !failures.contains(&shown) {
                            failures.push(shown);
                        }
                        if failure.next == Next::GiveUp {
                            break 'all;
                        }
                    }
                }
            }
        }
    }
    let advice = if is_answered { "" } else { ". Is it running, and is its address right?" };
    Err(Error::new(
        if is_down { Kind::ServerDown } else { Kind::Unreachable },
        format!(
            "cannot connect to the database at {} (database {:?}, user {:?}){advice}",
            failures.join("; "),
            target.database,
            target.user
        ),
    ))
}

/// The roles to look for, one after the other.
fn passes(role: Role) -> &'static [Role] {
    match role {
        Role::Any => &[Role::Any],
        Role::ReadWrite => &[Role::ReadWrite],
        Role::ReadOnly => &[Role::ReadOnly],
        Role::Primary => &[Role::Primary],
        Role::Standby => &[Role::Standby],
        Role::PreferStandby => &[Role::Standby, Role::Any],
    }
}

/// The addresses of a server: one None for a socket; or why they are not known.
type Addresses = Vec<std::result::Result<Option<IpAddr>, Failure>>;

/// The addresses of a server, looked up if need be.
fn addresses(endpoint: &Endpoint, timeout: Option<Duration>) -> Addresses {
    match &endpoint.place {
        Place::Socket(_) => vec![Ok(None)],
        Place::Tcp { address: Some(address), .. } => vec![Ok(Some(*address))],
        Place::Tcp { name, address: None } => {
            let name = (name.clone(), endpoint.port);
            look_up(timeout, move || name.to_socket_addrs())
        }
    }
}

/// Waits for `resolve` no longer than `timeout`: the system's resolver has limits of its own, and they are long.
fn look_up<Found: Iterator<Item = SocketAddr>>(
    timeout: Option<Duration>,
    resolve: impl FnOnce() -> io::Result<Found> + Send + 'static,
) -> Addresses {
    let found = within(timeout, move || {
        resolve()
            .map(|found| found.map(|address| address.ip()).collect::<Vec<_>>())
            .map_err(|error| Failure::here(format!("the host's name is not known: {error}")))
    });
    match found {
        Ok(found) => found.into_iter().map(|address| Ok(Some(address))).collect(),
        Err(failure) => vec![Err(failure)],
    }
}

/// Does `work` on a thread of its own and waits for it no longer than `timeout`, and than until the process has to end: neither
/// looking a name up, nor TLS, nor the login could be interrupted otherwise. Work that is given up ends with its socket, or with the process.
fn within<T: Send + 'static>(
    timeout: Option<Duration>,
    work: impl FnOnce() -> std::result::Result<T, Failure> + Send + 'static,
) -> std::result::Result<T, Failure> {
    let (sender, receiver) = mpsc::channel();
    let spawned = std::thread::Builder::new().name("connect".to_owned()).spawn(move || {
        // Nobody listens any more when the time was over.
        let _ = sender.send(work());
    });
    if let Err(error) = spawned {
        return Err(Failure::here(format!("no thread can be started: {error}")));
    }
    let began = Instant::now();
    loop {
        let left = timeout.map_or(LOOK_INTERVAL, |timeout| timeout.saturating_sub(began.elapsed()));
        match receiver.recv_timeout(left.min(LOOK_INTERVAL)) {
            Ok(outcome) => return outcome,
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::here("the thread that connects ended without an answer".to_owned()));
            }
            Err(RecvTimeoutError::Timeout) if stop::reason().is_some() => {
                return Err(Failure::here("the process has to end".to_owned()));
            }
            Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                let seconds = timeout.unwrap_or_default().as_secs();
                return Err(Failure::here(format!("no session within {seconds} s (connect_timeout)")));
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The same server once more, with or without encryption, if the mode allows both.
    OtherEncryption,
    /// Another address, or another server.
    OtherServer,
    /// Nothing: every server would say the same.
    GiveUp,
}

/// Why one attempt did not bring a session.
#[derive(Debug)]
struct Failure {
    message: String,
    next: Next,
    /// The server is down, or starts or stops just now.
    is_down: bool,
}

impl Failure {
    /// A failure of this server, not of the next.
    fn here(message: String) -> Self {
        Self { message, next: Next::OtherServer, is_down: false }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

/// One try of one address of one server.
struct Attempt {
    config: Config,
    /// One after the other, until one brings a session.
    encryptions: &'static [DriverMode],
    tls: Option<Connector>,
    role: Role,
    queries: Queries,
    /// Said when the server asks for a password and there is none.
    no_password: String,
}

impl Attempt {
    fn new(
        target: &Target,
        endpoint: &Endpoint,
        address: Option<IpAddr>,
        role: Role,
        purpose: &str,
        queries: Queries,
    ) -> Result<Self> {
        let mut config = target.config.clone();
        config.user(&target.user).dbname(&target.database).port(endpoint.port);
        let own_name = format!("teelo/{purpose}");
        config.application_name(target.application_name.as_deref().unwrap_or(&own_name));
        let (password, no_password) = password(target, endpoint);
        if let Some(password) = password {
            config.password(password);
        }
        if let Some(timeout) = target.connect_timeout {
            // So that a thread that is given up ends, too.
            config.connect_timeout(timeout);
        }
        let encryptions: &[DriverMode] = match &endpoint.place {
            Place::Socket(folder) => {
                config.host_path(folder);
                // PostgreSQL has no TLS on sockets, and libpq ignores the mode there.
                &[DriverMode::Disable]
            }
            Place::Tcp { name, .. } => {
                config.host(name);
                encryptions(target.ssl_mode)
            }
        };
        if let Some(address) = address {
            config.hostaddr(address);
        }
        let tls = if encryptions.iter().all(|mode| *mode == DriverMode::Disable) {
            None
        } else {
            Some(match target.tls.connector() {
                Err(error) if encryptions.contains(&DriverMode::Disable) => {
                    Connector::failing(error.to_string())
                }
                connector => connector?,
            })
        };
        Ok(Self { config, encryptions, tls, role, queries, no_password })
    }

    fn run_in_time(self, timeout: Option<Duration>) -> std::result::Result<Client, Failure> {
        within(timeout, move || self.run())
    }

    fn run(mut self) -> std::result::Result<Client, Failure> {
        let (last, others) = self.encryptions.split_last().unwrap_or((&DriverMode::Require, &[]));
        for encryption in others {
            match self.run_once(*encryption) {
                Err(failure) if failure.next == Next::OtherEncryption => {
                    log::debug!("{failure}; once more with the other encryption that sslmode allows");
                }
                outcome => return outcome,
            }
        }
        self.run_once(*last)
    }

    fn run_once(&mut self, encryption: DriverMode) -> std::result::Result<Client, Failure> {
        self.config.ssl_mode(encryption);
        let tls = self.tls.clone().filter(|_| encryption != DriverMode::Disable);
        let session = stop::Session::new(self.queries);
        self.config.notice_callback(notice_callback(Arc::clone(&session)));
        let opened = match tls.clone() {
            Some(tls) => self.config.connect(tls),
            None => self.config.connect(NoTls),
        };
        let mut client = opened.map_err(|error| self.failure(error))?;
        let token = client.cancel_token();
        session.set_cancel(move || {
            // A server that cannot be reached runs no query of ours much longer.
            let _ = match tls.clone() {
                Some(tls) => token.cancel_query(tls),
                None => token.cancel_query(NoTls),
            };
        });
        client
            .batch_execute(include_str!("../../sql/session_configure.sql"))
            .map_err(|error| self.failure(error))?;
        self.check_role(&mut client)?;
        Ok(client)
    }

    fn check_role(&self, client: &mut Client) -> std::result::Result<(), Failure> {
        if self.role == Role::Any {
            return Ok(());
        }
        let row = client
            .query_one(include_str!("../../sql/session_role.sql"), &[])
            .map_err(|error| self.failure(error))?;
        let (is_standby, is_read_only): (bool, bool) = (row.get("is_standby"), row.get("is_read_only"));
        let problem = match self.role {
            Role::ReadWrite if is_read_only => "it is read-only",
            Role::ReadOnly if !is_read_only => "it is not read-only",
            Role::Primary if is_standby => "it is a standby",
            Role::Standby if !is_standby => "it is not a standby",
            _ => return Ok(()),
        };
        Err(Failure::here(format!("{problem} (target_session_attrs)")))
    }

    /// Puts the driver's error into words, and says what may be tried next.
    fn failure(&self, error: postgres::Error) -> Failure {
        use std::error::Error as _;
        let next = match error.code() {
            // No line of pg_hba.conf lets this user in by this encryption: another may.
            Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION) => Next::OtherEncryption,
            Some(code) if is_of_shutdown(code) => Next::OtherServer,
            Some(_) => Next::GiveUp,
            None if error.source().is_some_and(|source| source.is::<HandshakeError>()) => {
                Next::OtherEncryption
            }
            None => Next::OtherServer,
        };
        let is_down = match error.code() {
            Some(code) => is_of_shutdown(code),
            // Closed: it ended in the middle of the login, without a word.
            None if error.is_closed() => true,
            None => error
                .source()
                .and_then(|source| source.downcast_ref::<io::Error>())
                .is_some_and(is_of_downtime),
        };
        let reason = Error::from(error).to_string();
        if reason.ends_with("password missing") {
            return Failure { message: self.no_password.clone(), next: Next::GiveUp, is_down: false };
        }
        Failure { message: reason, next, is_down }
    }
}

/// Logs what the server remarks. The driver drops this together with the session, and `session` with it: from then on there is no
/// query to end.
fn notice_callback(session: Arc<stop::Session>) -> impl Fn(DbError) + Send + Sync {
    move |notice| {
        let _open = &session;
        log::info!("{}: {}", notice.severity(), notice.message());
    }
}

/// What a server says that starts, stops or recovers; or that began to while somebody logged in.
fn is_of_shutdown(code: &SqlState) -> bool {
    [SqlState::CANNOT_CONNECT_NOW, SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN].contains(code)
}

/// What meets somebody who connects to a server that is not there, or goes just now.
fn is_of_downtime(error: &io::Error) -> bool {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, NotFound, UnexpectedEof,
    };
    [ConnectionRefused, NotFound, ConnectionReset, ConnectionAborted, BrokenPipe, UnexpectedEof]
        .contains(&error.kind())
}

/// The ways to open a session that the mode allows.
fn encryptions(mode: SslMode) -> &'static [DriverMode] {
    match mode {
        SslMode::Disable => &[DriverMode::Disable],
        SslMode::Allow => &[DriverMode::Disable, DriverMode::Require],
        SslMode::Prefer => &[DriverMode::Prefer, DriverMode::Disable],
        SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => &[DriverMode::Require],
    }
}

/// The password for a server, and what to say when it wants one and there is none.
fn password(target: &Target, endpoint: &Endpoint) -> (Option<String>, String) {
    let mut advice = "the server wants a password and none is given; write it into the passfile (~/.pgpass, \
                      HOST:PORT:DATABASE:USER:PASSWORD, mode 0600), or set PGPASSWORD"
        .to_owned();
    if target.password.is_some() {
        return (target.password.clone(), advice);
    }
    let Some(path) = &target.passfile else { return (None, advice) };
    let key = passfile::Key {
        host: endpoint.passfile_host(),
        port: endpoint.port,
        database: &target.database,
        user: &target.user,
    };
    let found = passfile::look_up(path, &key);
    match found.problem {
        Some(problem) => advice = format!("the server wants a password and none is given: {problem}"),
        None => advice.push_str(&format!("; {} has no line for this server", path.display())),
    }
    (found.password, advice)
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn a_name_server_that_never_answers_is_not_waited_for() {
        let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let server = silent.local_addr().unwrap();
        // Asks as the system's resolver would, but without its limits: it waits for ever.
        let resolve = move || {
            let resolver = UdpSocket::bind("127.0.0.1:0")?;
            resolver.send_to(b"db.example.com", server)?;
            resolver.recv_from(&mut [0; 512])?;
            Ok(std::iter::empty())
        };
        let found = look_up(Some(Duration::from_secs(1)), resolve);
        let [Err(failure)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(failure.message, "no session within 1 s (connect_timeout)");
        assert_eq!(failure.next, Next::OtherServer, "the next host is tried");
        let (length, _) = silent.recv_from(&mut [0; 512]).unwrap();
        assert_eq!(length, "db.example.com".len(), "it was being asked");
    }

    #[test]
    fn names_are_looked_up_and_unknown_ones_are_failures() {
        let found = look_up(None, || ("localhost", 5432).to_socket_addrs());
        assert!(!found.is_empty());
        assert!(found.iter().all(|found| found.as_ref().unwrap().unwrap().is_loopback()), "{found:?}");
        let found = look_up(None, || ("no-such-host.invalid", 5432).to_socket_addrs());
        let [Err(failure)] = found.as_slice() else { panic!("{found:?}") };
        assert!(failure.message.starts_with("the host's name is not known: "), "{failure}");
    }
}

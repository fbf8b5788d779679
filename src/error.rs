//! One error type: what kind it is (which decides the exit code), and a message that already says where it
//! happened and what to do.

use std::error::Error as StdError;
use std::fmt;

/// Everything done, or nothing to do.
pub const EXIT_DONE: u8 = 0;
/// A required stage failed, or differences were found.
pub const EXIT_FAILED: u8 = 1;
/// The command line or the configuration is wrong.
pub const EXIT_USAGE: u8 = 2;
/// Finished, but an optional stage or some records failed.
pub const EXIT_PARTIAL: u8 = 3;
/// The database cannot be reached.
pub const EXIT_UNREACHABLE: u8 = 69;
/// Another run holds the lock.
pub const EXIT_LOCK_HELD: u8 = 75;
/// The deadline was reached; work committed so far is kept.
pub const EXIT_DEADLINE: u8 = 124;

/// SQLSTATE: what was read was changed by another transaction.
const SERIALIZATION_FAILURE: &str = "40001";
/// SQLSTATE: two transactions waited for each other, and this one was ended.
const DEADLOCK_DETECTED: &str = "40P01";

/// The exit code of a process that the signal `number` ended, as shells have it.
pub fn exit_of_signal(number: i32) -> u8 {
    // Signals are numbered from 1 to 64.
    u8::try_from(128 + number).unwrap_or(u8::MAX)
}

/// Classes and codes of SQLSTATE that say that the session is over: the connection failed; the server stops, crashed, or is not
/// there yet. 57P01 also when an administrator ended just this session.
const SESSION_LOST: [&str; 4] = ["08", "57P01", "57P02", "57P03"];

/// SQLSTATE of a prepared statement that is not there, or there already. The driver's names are the session's own, so another session
/// has been put in its place.
const OTHERS_STATEMENT: [&str; 2] = ["26000", "42P05"];
/// SQLSTATE of a write to a standby, or in a session that was told to write nothing.
const READ_ONLY: &str = "25006";

/// A state of the database that keeps teelo from working there, and that only a person can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Obstacle {
    /// What is so.
    pub problem: &'static str,
    /// What to do.
    pub fix: &'static str,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}. {}", self.problem, self.fix)
    }
}

/// The database's address leads to a pooler that shares sessions.
pub const SHARED_SESSION: Obstacle = Obstacle {
    problem: "the database's address leads to a pooler that gives a session to several clients in turn (PgBouncer with pool_mode = \
              transaction or statement): locks, settings and temporary tables would be left behind in sessions of others",
    fix: "Set TEELO_LOCK_DATABASE_URL to the address of the server itself (its own port, usually 5432); teelo then works there, and \
          DATABASE_URL may stay. Or let the pooler use pool_mode = session for teelo's user",
};
/// The database's address leads to a standby.
pub const STANDBY: Obstacle = Obstacle {
    problem: "the server is a standby: nothing can be written to it",
    fix: "Connect to the primary; name all servers in DATABASE_URL and add target_session_attrs=read-write, and it is found also after \
          they changed places",
};
/// The session may write nothing, on a server that takes writes.
pub const READ_ONLY_SESSION: Obstacle = Obstacle {
    problem: "sessions are read-only",
    fix: "Look for default_transaction_read_only in DATABASE_URL, PGOPTIONS, and the settings of role, database and server",
};

/// What the caller can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A wrong flag, value, environment variable or setting.
    Usage,
    /// No session with the database could be opened.
    Unreachable,
    /// The same, because the server is down, or starts or stops just now.
    ServerDown,
    /// A session with the database ended before its time.
    SessionLost,
    /// Another session holds the lock that is needed.
    LockHeld,
    /// The deadline passed.
    Deadline,
    /// The signal with this number told the process to end.
    Signal(i32),
    /// Anything else.
    Failed,
}

/// An error with its context, outermost first, joined by ": ".
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    sqlstate: Option<String>,
}

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error of `kind`.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), sqlstate: None }
    }

    /// A wrong flag, value or setting: exit code 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    /// A failure that nobody can act on but the reader: exit code 1.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(Kind::Failed, message)
    }

    /// Another writer changed what was read: running the same transaction again may succeed.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self { sqlstate: Some(SERIALIZATION_FAILURE.to_owned()), ..Self::failed(message) }
    }

    /// The same error, with where it happened in front.
    #[must_use]
    pub fn context(mut self, place: impl fmt::Display) -> Self {
        self.message = format!("{place}: {}", self.message);
        self
    }

    /// The same error in other words.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// The same error as another kind.
    #[must_use]
    pub fn with_kind(mut self, kind: Kind) -> Self {
        self.kind = kind;
        self
    }

    /// What the caller can act on.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The server's SQLSTATE, when the error came from the server.
    pub fn sqlstate(&self) -> Option<&str> {
        self.sqlstate.as_deref()
    }

    /// True when running the same transaction again may succeed: a serialization failure or a deadlock.
    pub fn is_retryable(&self) -> bool {
        matches!(self.sqlstate(), Some(SERIALIZATION_FAILURE | DEADLOCK_DETECTED))
    }

    /// The process's exit code for this error.
    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Usage => EXIT_USAGE,
            Kind::Unreachable | Kind::ServerDown => EXIT_UNREACHABLE,
            Kind::LockHeld => EXIT_LOCK_HELD,
            Kind::Deadline => EXIT_DEADLINE,
            Kind::Signal(number) => exit_of_signal(number),
            Kind::SessionLost | Kind::Failed => EXIT_FAILED,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl StdError for Error {}

/// The whole chain of an error's sources, joined by ": ", without repeating what a link already said.
pub fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    text
}

impl From<postgres::Error> for Error {
    /// The driver's `Display` is only "db error": the server's own words, with SQLSTATE, replace it.
    fn from(error: postgres::Error) -> Self {
        let Some(server) = error.as_db_error() else {
            let is_lost =
                error.is_closed() || error.source().is_some_and(|source| source.is::<std::io::Error>());
            let kind = if is_lost { Kind::SessionLost } else { Kind::Failed };
            return Self::new(kind, chain(&error));
        };
        let mut message = format!("{} (SQLSTATE {})", server.message(), server.code().code());
        let named = [
            ("detail", server.detail()),
            ("hint", server.hint()),
            ("constraint", server.constraint()),
            ("where", server.where_()),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                message.push_str(&format!("; {name}: {value}"));
            }
        }
        let sqlstate = server.code().code();
        if OTHERS_STATEMENT.contains(&sqlstate) {
            return Self::usage(format!("{message}: {SHARED_SESSION}"));
        }
        if sqlstate == READ_ONLY {
            return Self::usage(format!("{message}: {STANDBY}. Or {READ_ONLY_SESSION}"));
        }
        let is_lost = SESSION_LOST.iter().any(|code| sqlstate.starts_with(code));
        let kind = if is_lost { Kind::SessionLost } else { Kind::Failed };
        Self { kind, message, sqlstate: Some(sqlstate.to_owned()) }
    }
}

impl From<std::io::Error> for Error {
    /// The driver wraps the server's errors while it copies: they stay the server's.
    fn from(error: std::io::Error) -> Self {
        error.downcast::<postgres::Error>().map_or_else(|error| Self::failed(chain(&error)), Self::from)
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::failed(chain(&error))
    }
}

/// Adds where it happened to a result's error.
pub trait Context<T> {
    /// Puts `place()` in front of the error's message.
    ///
    /// # Errors
    /// The same error, with context.
    fn context<D: fmt::Display>(self, place: impl FnOnce() -> D) -> Result<T>;
}

impl<T, E: Into<Error>> Context<T> for std::result::Result<T, E> {
    fn context<D: fmt::Display>(self, place: impl FnOnce() -> D) -> Result<T> {
        self.map_err(|error| error.into().context(place()))
    }
}

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

/// What the caller can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A wrong flag, value, environment variable or setting.
    Usage,
    /// No session with the database could be opened.
    Unreachable,
    /// Another session holds the lock that is needed.
    LockHeld,
    /// The deadline passed.
    Deadline,
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
            Kind::Unreachable => EXIT_UNREACHABLE,
            Kind::LockHeld => EXIT_LOCK_HELD,
            Kind::Deadline => EXIT_DEADLINE,
            Kind::Failed => EXIT_FAILED,
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
            return Self::failed(chain(&error));
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
        Self { kind: Kind::Failed, message, sqlstate: Some(server.code().code().to_owned()) }
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

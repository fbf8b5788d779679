//! Flags beat environment beats defaults, merged once. Only this file and `cli/` read the environment.

use std::path::PathBuf;
use std::str::FromStr;

use crate::db;
use crate::error::{Error, Result};
use crate::private_server;

/// The value of an environment variable; an empty one counts as unset.
///
/// # Errors
/// The value is not UTF-8.
pub fn variable(name: &str) -> Result<Option<String>> {
    match std::env::var(name) {
        Ok(value) if value.trim().is_empty() => Ok(None),
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Error::usage(format!("{name} is not valid UTF-8"))),
    }
}

/// Parses `text`, the value of the flag or variable `name`; `expected` describes a good value.
///
/// # Errors
/// Usage, with the name, the value and what was expected.
pub fn parse<T: FromStr>(name: &str, text: &str, expected: &str) -> Result<T> {
    text.trim()
        .parse()
        .map_err(|_| Error::usage(format!("{name}: {text:?} is not valid; expected {expected}")))
}

/// The flag's value, else the variable's, else `default`.
///
/// # Errors
/// As [`parse`].
pub fn resolve<T: FromStr>(flag: Option<T>, name: &str, default: T, expected: &str) -> Result<T> {
    match flag {
        Some(value) => Ok(value),
        None => match variable(name)? {
            Some(text) => parse(name, &text, expected),
            None => Ok(default),
        },
    }
}

/// Parses a yes/no setting: 1, true, yes, on, or 0, false, no, off, in any case.
///
/// # Errors
/// Usage, with the name and the value.
pub fn parse_switch(name: &str, text: &str) -> Result<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" => Ok(false),
        _ => Err(Error::usage(format!("{name}: {text:?} is not valid; expected true or false"))),
    }
}

/// The flag's value, else the variable's, else `default`, for a yes/no setting.
///
/// # Errors
/// As [`parse_switch`].
pub fn resolve_switch(flag: Option<bool>, name: &str, default: bool) -> Result<bool> {
    match flag {
        Some(value) => Ok(value),
        None => variable(name)?.map_or(Ok(default), |text| parse_switch(name, &text)),
    }
}

/// The variable that leads past a pooler to the server itself. Every session of ours depends on being one, so all of them go that
/// way; DATABASE_URL is then only for programs that a run starts.
pub const DIRECT: &str = "TEELO_LOCK_DATABASE_URL";

/// The database's address: TEELO_LOCK_DATABASE_URL, else DATABASE_URL, or without it what libpq's variables and files say.
///
/// # Errors
/// Usage: neither it nor PGHOST, PGHOSTADDR, PGSERVICE or PGDATABASE is set (the message says how to get a database), or something
/// in them is wrong.
pub fn database_url() -> Result<String> {
    const ENOUGH: [&str; 4] = ["PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE"];
    for name in [DIRECT, "DATABASE_URL"] {
        if let Some(address) = address(name)? {
            return Ok(address);
        }
    }
    let variables = connection_variables()?;
    if !ENOUGH.iter().any(|name| variables.contains_key(name)) {
        return Err(Error::usage(
            "DATABASE_URL is not set. Set it to your database (postgresql://user@host/name), or try `teelo demo`, \
             or start a private PostgreSQL: `teelo devdb start`, then export DATABASE_URL=\"$(teelo devdb url)\"",
        ));
    }
    db::complete("the database's address", "", &variables)
}

/// The address in the variable `name`; what it leaves open, libpq's variables and files fill in. None when it is not set.
///
/// # Errors
/// Usage: something in them is wrong.
pub fn address(name: &str) -> Result<Option<String>> {
    let Some(text) = variable(name)? else { return Ok(None) };
    db::complete(name, &text, &connection_variables()?).map(Some)
}

fn connection_variables() -> Result<db::Variables> {
    let mut variables = db::Variables::new();
    for name in db::variable_names() {
        if let Some(value) = variable(name)? {
            variables.insert(name, value);
        }
    }
    Ok(variables)
}

/// Where the programs of a private PostgreSQL are (TEELO_PG_BIN), and where temporary ones live.
///
/// # Errors
/// TEELO_PG_BIN is not UTF-8.
pub fn private_server() -> Result<private_server::Settings> {
    Ok(private_server::Settings {
        programs: variable("TEELO_PG_BIN")?.map(PathBuf::from),
        temporary_folder: std::env::temp_dir(),
    })
}

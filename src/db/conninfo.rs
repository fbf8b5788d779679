//! Connection strings, read and written as libpq does: URLs and `name=value`.
//!
//! No message quotes what it could not understand: that may be a part of a password.

use std::iter::Peekable;
use std::str::Chars;

use super::parameter::{self, Parameters};
use crate::error::{Error, Result};

/// What the addresses that begin like this are: libpq's two, and SQLAlchemy's with a driver (`postgresql+psycopg2://`).
const SCHEMES: [&str; 2] = ["postgresql", "postgres"];

/// Reads `text`; nothing in it gives no parameters.
///
/// # Errors
/// Usage: what is wrong with it, without the words of it that may be secret.
pub(super) fn parse(text: &str) -> Result<Parameters> {
    let text = text.trim();
    if let Some((scheme, rest)) = text.split_once("://")
        && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-._".contains(letter))
    {
        if !SCHEMES.contains(&scheme.split('+').next().unwrap_or("")) {
            return Err(Error::usage(format!(
                "{scheme}:// is not PostgreSQL's; expected postgresql://USER@HOST/DATABASE"
            )));
        }
        return parse_url(rest);
    }
    if !text.is_empty() && !text.contains('=') {
        return Err(Error::usage(
            "expected an address (postgresql://USER@HOST/DATABASE) or parameters (host=HOST dbname=DATABASE)",
        ));
    }
    parse_pairs(text)
}

/// Writes `parameters` so that [`parse`] gives them back.
pub(super) fn format(parameters: &Parameters) -> String {
    let quoted = parameters.iter().map(|(name, value)| {
        let value = value.replace('\\', "\\\\").replace('\'', "\\'");
        format!("{name}='{value}'")
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// Sets the parameter `name`, which the text gives after the parameter `previous`.
///
/// # Errors
/// Usage: there is none, or it cannot be had here.
pub(super) fn set(parameters: &mut Parameters, name: &str, value: String, previous: &str) -> Result<()> {
    let parameter = parameter::find(name).ok_or_else(|| unknown(name, previous))?;
    if let Some(reason) = parameter.refused {
        return Err(Error::usage(format!("the parameter {name} is not supported: {reason}")));
    }
    parameters.insert(parameter.name, value);
    Ok(())
}

/// An unknown parameter. After a password without quotes the name may be the password's second word.
fn unknown(name: &str, previous: &str) -> Error {
    let is_name = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_');
    if !is_name || previous == "password" {
        return Error::usage(
            "an unknown parameter stands in it, not shown because it may be a part of the password \
             (name=value: a value with spaces stands in quotes, password='two words'; \
             in an address: & is written %26)",
        );
    }
    Error::usage(format!("unknown parameter {name:?}; docs/CONFIGURATION.md lists them"))
}

/// Reads `name=value name='quoted value'`, with a backslash before a quote or another backslash.
fn parse_pairs(text: &str) -> Result<Parameters> {
    let mut parameters = Parameters::new();
    let mut rest = text.chars().peekable();
    let mut previous = String::new();
    loop {
        skip_spaces(&mut rest);
        if rest.peek().is_none() {
            return Ok(parameters);
        }
        let name = take_while(&mut rest, |letter| letter != '=' && !letter.is_ascii_whitespace());
        skip_spaces(&mut rest);
        if rest.next() != Some('=') {
            return Err(Error::usage(
                "a parameter without = stands in it (a value with spaces stands in quotes: password='two words')",
            ));
        }
        skip_spaces(&mut rest);
        let value = take_value(&mut rest)?;
        set(&mut parameters, &name, value, &previous)?;
        previous = name;
    }
}

fn skip_spaces(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(char::is_ascii_whitespace).is_some() {}
}

fn take_while(rest: &mut Peekable<Chars<'_>>, mut wanted: impl FnMut(char) -> bool) -> String {
    std::iter::from_fn(|| rest.next_if(|letter| wanted(*letter))).collect()
}

/// A value: to the closing quote when it begins with one, else to the next space.
fn take_value(rest: &mut Peekable<Chars<'_>>) -> Result<String> {
    let is_quoted = rest.next_if_eq(&'\'').is_some();
    let mut value = String::new();
    loop {
        match rest.next() {
            Some('\'') if is_quoted => return Ok(value),
            Some(letter) if !is_quoted && letter.is_ascii_whitespace() => return Ok(value),
            Some('\\') => value.extend(rest.next()),
            Some(letter) => value.push(letter),
            None if is_quoted => return Err(Error::usage("a quoted value in it does not end")),
            None => return Ok(value),
        }
    }
}

/// Reads what follows `postgresql://`: `[USER[:PASSWORD]@][HOST[:PORT],…][/DATABASE][?NAME=VALUE&…]`.
fn parse_url(text: &str) -> Result<Parameters> {
    let mut parameters = Parameters::new();
    let authority_end = text.find('/').unwrap_or(text.len());
    let mut rest = text;
    if let Some(at) = text[..authority_end].find('@') {
        let (user, password) = text[..at].split_once(':').unwrap_or((&text[..at], ""));
        insert_decoded(&mut parameters, "user", user, "the user's name")?;
        insert_decoded(&mut parameters, "password", password, "the password")?;
        rest = &text[at + 1..];
    }
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    if place.contains('@') {
        return Err(Error::usage(
            "it has an @ too many; in a user's name or a password, @ is written %40, / is %2F, and % is %25",
        ));
    }
    let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
    parse_hosts(&mut parameters, hosts)?;
    insert_decoded(&mut parameters, "dbname", database, "the database's name")?;
    let mut previous = String::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        previous = parse_query_pair(&mut parameters, pair, &previous)?;
    }
    Ok(parameters)
}

/// Reads `HOST[:PORT],[IPV6]:PORT`; the ports stay a list that is as long as the hosts'.
fn parse_hosts(parameters: &mut Parameters, text: &str) -> Result<()> {
    let mut hosts = Vec::new();
    let mut ports = Vec::new();
    for part in text.split(',') {
        let (host, port) = match part.strip_prefix('[') {
            Some(rest) => {
                let (host, after) = rest
                    .split_once(']')
                    .ok_or_else(|| Error::usage("an IPv6 address in it lacks its closing ]"))?;
                let port = if after.is_empty() { Some("") } else { after.strip_prefix(':') };
                (
                    host,
                    port.ok_or_else(|| Error::usage("after the ] of an IPv6 address, :PORT or / follows"))?,
                )
            }
            None => part.split_once(':').unwrap_or((part, "")),
        };
        hosts.push(host);
        ports.push(port);
    }
    insert_decoded(parameters, "host", &hosts.join(","), "the host")?;
    if ports.iter().any(|port| !port.is_empty()) {
        insert_decoded(parameters, "port", &ports.join(","), "the port")?;
    }
    Ok(())
}

/// Reads `NAME=VALUE` and returns the name.
fn parse_query_pair(parameters: &mut Parameters, pair: &str, previous: &str) -> Result<String> {
    let (name, value) = pair
        .split_once('=')
        .ok_or_else(|| Error::usage("after the ?, each parameter is NAME=VALUE, with & between them"))?;
    let name = decode(name, "a parameter's name")?;
    let value = decode(value, "a parameter's value")?;
    // JDBC's way to ask for TLS, which libpq also takes.
    if name == "ssl" && value == "true" {
        set(parameters, "sslmode", "require".to_owned(), previous)?;
    } else {
        set(parameters, &name, value, previous)?;
    }
    Ok(name)
}

/// Sets a part of the address, unless it is empty.
fn insert_decoded(parameters: &mut Parameters, name: &'static str, text: &str, what: &str) -> Result<()> {
    if !text.is_empty() {
        parameters.insert(name, decode(text, what)?);
    }
    Ok(())
}

/// Replaces `%XX` by the byte it stands for.
fn decode(text: &str, what: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next().unwrap_or(0), rest.next().unwrap_or(0)];
        let value = digits.map(|digit| char::from(digit).to_digit(16));
        match value {
            [Some(high), Some(low)] if high + low > 0 => bytes.push((high * 16 + low) as u8),
            _ => {
                return Err(Error::usage(format!(
                    "in {what}, a % is not followed by two hexadecimal digits (% itself is written %25)"
                )));
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| Error::usage(format!("{what} is not valid UTF-8")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn expect(text: &str, expected: &[(&str, &str)]) {
        let read = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let read: Vec<(&str, &str)> = read.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let mut expected = expected.to_vec();
        expected.sort_unstable();
        assert_eq!(read, expected, "{text}");
        assert_eq!(parse(&format(&parse(text).unwrap())).unwrap(), parse(text).unwrap(), "{text}");
    }

    #[test]
    fn addresses_are_read_as_libpq_does() {
        expect("postgresql://", &[]);
        expect("postgres://localhost", &[("host", "localhost")]);
        expect("postgresql://localhost:5433", &[("host", "localhost"), ("port", "5433")]);
        expect("postgresql://localhost/mydb", &[("host", "localhost"), ("dbname", "mydb")]);
        expect("postgresql://user@localhost", &[("host", "localhost"), ("user", "user")]);
        expect(
            "postgresql://user:secret@localhost/db",
            &[("host", "localhost"), ("user", "user"), ("password", "secret"), ("dbname", "db")],
        );
        expect(
            "postgresql://other@localhost/otherdb?connect_timeout=10&application_name=myapp",
            &[
                ("host", "localhost"),
                ("user", "other"),
                ("dbname", "otherdb"),
                ("connect_timeout", "10"),
                ("application_name", "myapp"),
            ],
        );
        expect(
            "postgresql://host1:123,host2:456/somedb?target_session_attrs=any",
            &[
                ("host", "host1,host2"),
                ("port", "123,456"),
                ("dbname", "somedb"),
                ("target_session_attrs", "any"),
            ],
        );
        expect("postgresql://a,b:2/", &[("host", "a,b"), ("port", ",2")]);
        expect(
            "postgresql://[2001:db8::1234]:7/database",
            &[("host", "2001:db8::1234"), ("port", "7"), ("dbname", "database")],
        );
        expect(
            "postgresql:///dbname?host=/var/lib/postgresql",
            &[("host", "/var/lib/postgresql"), ("dbname", "dbname")],
        );
        expect(
            "postgresql://%2Fvar%2Flib%2Fpostgresql/dbname",
            &[("host", "/var/lib/postgresql"), ("dbname", "dbname")],
        );
        expect("postgresql://h/a?dbname=b", &[("host", "h"), ("dbname", "b")]);
        expect("postgresql://h?ssl=true", &[("host", "h"), ("sslmode", "require")]);
    }

    #[test]
    fn passwords_in_addresses_may_hold_anything_encoded() {
        let cases = [("p%40s%2Fs", "p@s/s"), ("a:b?c#d", "a:b?c#d"), ("%25", "%"), ("%C3%A9", "\u{e9}")];
        for (written, meant) in cases {
            let text = format!("postgresql://u:{written}@h/d");
            expect(&text, &[("user", "u"), ("password", meant), ("host", "h"), ("dbname", "d")]);
        }
    }

    #[test]
    fn sqlalchemys_addresses_are_understood() {
        expect("postgresql+psycopg2://u@h/d", &[("user", "u"), ("host", "h"), ("dbname", "d")]);
    }

    #[test]
    fn pairs_are_read_as_libpq_does() {
        expect("", &[]);
        expect(
            "host=localhost port=5432 dbname=mydb",
            &[("host", "localhost"), ("port", "5432"), ("dbname", "mydb")],
        );
        expect(" host = a \n\tuser= b ", &[("host", "a"), ("user", "b")]);
        expect(r"password='it\'s \\ ok' user=a\ b", &[("password", r"it's \ ok"), ("user", "a b")]);
        expect("host='' dbname=d", &[("host", ""), ("dbname", "d")]);
        expect("password=a=b", &[("password", "a=b")]);
        expect("options='-c statement_timeout=5min'", &[("options", "-c statement_timeout=5min")]);
    }

    /// The word `secret` stands for a password, whole or in part.
    #[test]
    fn what_cannot_be_read_is_not_repeated() {
        let cases = [
            ("teelo", "expected an address"),
            ("mysql://u:secret@h/d", "mysql:// is not PostgreSQL's"),
            ("mysql://u:secret@h/d?a=b", "mysql:// is not PostgreSQL's"),
            ("postgresql:/u:secret@h/d?a=b", "unknown parameter"),
            ("postgresql://u:se@secret@h/d", "an @ too many"),
            ("postgresql://u:se/secret@h/d", "an @ too many"),
            ("postgresql://u:5/secret@h/d", "an @ too many"),
            ("postgresql://u:secret%zz@h/d", "the password, a % is not followed"),
            ("postgresql://u:secret%00@h/d", "the password, a % is not followed"),
            ("postgresql://u:secret%FF@h/d", "the password is not valid UTF-8"),
            ("postgresql://u:secret@[::1/d", "lacks its closing ]"),
            ("postgresql://u:secret@[::1]5/d", "after the ]"),
            ("postgresql://h/d?secret", "is NAME=VALUE"),
            ("postgresql://h/d?password=a&secret=b", "not shown"),
            ("password=a secret", "without ="),
            ("password=a secret=b", "not shown"),
            ("password='secret", "does not end"),
        ];
        for (text, expected) in cases {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
            assert!(!error.contains("secret"), "{text}: {error}");
        }
    }

    #[test]
    fn parameters_that_cannot_be_had_are_named() {
        for (text, expected) in [
            ("host=h frobnicate=1", "unknown parameter \"frobnicate\""),
            ("postgresql://u:pw@h/d?pool_size=5", "unknown parameter \"pool_size\""),
            ("password=pw host=h frobnicate=1", "unknown parameter \"frobnicate\""),
            ("host=h require_auth=md5", "require_auth is not supported: the driver"),
            ("host=h sslpassword=x", "sslpassword is not supported: an encrypted key"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}

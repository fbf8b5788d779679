//! What a complete connection string means: hosts, login, encryption, limits.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use postgres::Config;
use postgres::config::{ChannelBinding, SslNegotiation};

use super::parameter::{self, Parameters};
use super::tls;
use crate::error::{Error, Result};

/// How long connecting to one address may take, all in all, when nothing is asked for. A server that is further away than this
/// is down; libpq would wait for ever.
const CONNECT_TIMEOUT_S: u64 = 10;
/// Idle time before TCP keepalives; the system's two hours would hide a dead peer.
const KEEPALIVES_IDLE_S: u64 = 30;
/// Between two keepalives.
const KEEPALIVES_INTERVAL_S: u64 = 10;
/// Lost keepalives after which the peer is dead.
const KEEPALIVES_COUNT: u32 = 3;
/// PostgreSQL's port.
const PORT: u16 = 5432;
/// Where servers have their sockets when nobody says where: in the distributions, and as PostgreSQL itself.
const SOCKET_FOLDERS: [&str; 3] = ["/var/run/postgresql", "/run/postgresql", "/tmp"];

/// When a session is encrypted, and what is asked of the server's certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SslMode {
    Disable,
    Allow,
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// Which server will do, of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Any,
    ReadWrite,
    ReadOnly,
    Primary,
    Standby,
    PreferStandby,
}

/// Where a server may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The folder of its socket.
    Socket(PathBuf),
    /// Its name, and its address when that need not be looked up.
    Tcp { name: String, address: Option<IpAddr> },
}

/// A server to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) place: Place,
    pub(super) port: u16,
}

/// Everything that a session is opened by.
pub(super) struct Target {
    /// In the order in which they are tried; at least one.
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) user: String,
    pub(super) database: String,
    pub(super) password: Option<String>,
    pub(super) passfile: Option<PathBuf>,
    pub(super) role: Role,
    pub(super) ssl_mode: SslMode,
    pub(super) tls: tls::Settings,
    /// For one address, name, encryption and login together; None: no limit.
    pub(super) connect_timeout: Option<Duration>,
    /// The name that was asked for, instead of ours.
    pub(super) application_name: Option<String>,
    /// What every attempt has in common, for the driver.
    pub(super) config: Config,
}

impl Target {
    /// Reads the parameters. No file is read here.
    ///
    /// # Errors
    /// Usage, with the parameter's name and what was expected.
    pub(super) fn new(parameters: &Parameters) -> Result<Self> {
        let values = Values(parameters);
        check_harmless(&values)?;
        let user = match values.text("user") {
            Some(user) => user.to_owned(),
            None => whoami::username().map_err(|error| {
                Error::usage(format!("no user is given, and the system does not say who this is: {error}"))
            })?,
        };
        let ssl_mode = ssl_mode(&values)?;
        let tls = tls_settings(&values, ssl_mode)?;
        Ok(Self {
            endpoints: endpoints(&values)?,
            database: values.text("dbname").unwrap_or(&user).to_owned(),
            user,
            password: values.text("password").map(str::to_owned),
            passfile: values.path("passfile"),
            role: values.choice("target_session_attrs", ROLES, Role::Any)?,
            ssl_mode,
            tls,
            connect_timeout: connect_timeout(&values)?,
            application_name: ["application_name", "fallback_application_name"]
                .iter()
                .find_map(|name| values.text(name))
                .map(str::to_owned),
            config: common_config(&values, ssl_mode)?,
        })
    }
}

impl Endpoint {
    /// The host as passfiles name it.
    pub(super) fn passfile_host(&self) -> &str {
        match &self.place {
            Place::Tcp { name, .. } => name,
            Place::Socket(folder) => match folder.to_str() {
                Some(folder) if !SOCKET_FOLDERS.contains(&folder) => folder,
                _ => "localhost",
            },
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Socket(folder) => write!(formatter, "{}", folder.display())?,
            Place::Tcp { name, address: Some(address) } if *name != address.to_string() => {
                write!(formatter, "{name} ({address})")?;
            }
            Place::Tcp { name, .. } => formatter.write_str(name)?,
        }
        write!(formatter, " port {}", self.port)
    }
}

const SSL_MODES: &[(&str, SslMode)] = &[
    ("disable", SslMode::Disable),
    ("allow", SslMode::Allow),
    ("prefer", SslMode::Prefer),
    ("require", SslMode::Require),
    ("verify-ca", SslMode::VerifyCa),
    ("verify-full", SslMode::VerifyFull),
];
const ROLES: &[(&str, Role)] = &[
    ("any", Role::Any),
    ("read-write", Role::ReadWrite),
    ("read-only", Role::ReadOnly),
    ("primary", Role::Primary),
    ("standby", Role::Standby),
    ("prefer-standby", Role::PreferStandby),
];
const CHANNEL_BINDINGS: &[(&str, ChannelBinding)] = &[
    ("disable", ChannelBinding::Disable),
    ("prefer", ChannelBinding::Prefer),
    ("require", ChannelBinding::Require),
];
const NEGOTIATIONS: &[(&str, SslNegotiation)] =
    &[("postgres", SslNegotiation::Postgres), ("direct", SslNegotiation::Direct)];
/// TLS before 1.2 is never spoken: asking for at least less is asking for 1.2.
const PROTOCOLS: &[(&str, u8)] = &[("TLSv1", 1), ("TLSv1.1", 1), ("TLSv1.2", 2), ("TLSv1.3", 3)];

/// The values of parameters, by kind. An empty one counts as not given.
struct Values<'a>(&'a Parameters);

impl<'a> Values<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)], default: T) -> Result<T> {
        let Some(text) = self.text(name) else { return Ok(default) };
        let found = choices.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            wrong(name, &format!("{text:?} is not valid; expected {}", words.join(", ")))
        })
    }

    fn switch(&self, name: &str, default: bool) -> Result<bool> {
        self.choice(name, &[("0", false), ("1", true)], default)
    }

    fn number(&self, name: &str) -> Result<Option<i32>> {
        let text = self.text(name).map(str::trim);
        text.map(|text| text.parse().map_err(|_| wrong(name, "expected a whole number"))).transpose()
    }

    /// A number of seconds above zero; `default` when none is given; None for zero or less.
    fn seconds(&self, name: &str, default: u64) -> Result<Option<Duration>> {
        let seconds = self.number(name)?.map_or(default, |seconds| u64::try_from(seconds).unwrap_or(0));
        Ok((seconds > 0).then(|| Duration::from_secs(seconds)))
    }

    /// The elements of a list; one empty element when it is not given.
    fn list(&self, name: &str) -> Vec<&'a str> {
        self.text(name).unwrap_or("").split(',').map(str::trim).collect()
    }
}

/// A wrong value of the parameter `name`.
fn wrong(name: &str, problem: &str) -> Error {
    let variable = parameter::find(name).and_then(|parameter| parameter.variable);
    let place = variable.map_or_else(|| name.to_owned(), |variable| format!("{name} ({variable})"));
    Error::usage(format!("{place}: {problem}"))
}

/// Looks at the parameters of which only some values can be had.
fn check_harmless(values: &Values<'_>) -> Result<()> {
    if values.text("gssencmode") == Some("require") {
        return Err(wrong("gssencmode", "GSSAPI encryption is not supported; use TLS (sslmode)"));
    }
    if values.text("sslcertmode") == Some("require") {
        return Err(wrong("sslcertmode", "\"require\" is not supported; expected disable or allow"));
    }
    let encoding = values.text("client_encoding").unwrap_or("auto").to_ascii_lowercase();
    if !matches!(encoding.as_str(), "auto" | "utf8" | "utf-8" | "unicode") {
        return Err(wrong("client_encoding", "teelo speaks UTF8 only; leave it out"));
    }
    Ok(())
}

fn ssl_mode(values: &Values<'_>) -> Result<SslMode> {
    let is_system = values.text("sslrootcert") == Some("system");
    let default = if is_system { SslMode::VerifyFull } else { SslMode::Prefer };
    let mode = values.choice("sslmode", SSL_MODES, default)?;
    if is_system && mode != SslMode::VerifyFull {
        // Anybody can get a certificate from a public authority: only the name tells whose it is.
        return Err(wrong("sslmode", "sslrootcert=system needs sslmode=verify-full"));
    }
    Ok(mode)
}

fn tls_settings(values: &Values<'_>, mode: SslMode) -> Result<tls::Settings> {
    let oldest = values.choice("ssl_min_protocol_version", PROTOCOLS, 2)?.max(2);
    let newest = values.choice("ssl_max_protocol_version", PROTOCOLS, 3)?;
    if newest < oldest {
        return Err(wrong("ssl_max_protocol_version", "teelo speaks TLSv1.2 and TLSv1.3, and none is left"));
    }
    let check = match mode {
        SslMode::VerifyFull => tls::Check::Name,
        SslMode::VerifyCa => tls::Check::Authority,
        _ => tls::Check::AuthorityIfGiven,
    };
    let sends_certificate = values.text("sslcertmode") != Some("disable");
    Ok(tls::Settings {
        check,
        root_certificates: values.path("sslrootcert"),
        revocations: values.path("sslcrl"),
        revocation_folder: values.path("sslcrldir"),
        certificate: values.path("sslcert").filter(|_| sends_certificate),
        key: values.path("sslkey"),
        sends_name: values.switch("sslsni", true)?,
        has_tls_1_2: oldest == 2,
        has_tls_1_3: newest == 3,
        is_direct: values.text("sslnegotiation") == Some("direct"),
    })
}

fn connect_timeout(values: &Values<'_>) -> Result<Option<Duration>> {
    values.seconds("connect_timeout", CONNECT_TIMEOUT_S)
}

/// What does not depend on the server that is tried.
fn common_config(values: &Values<'_>, mode: SslMode) -> Result<Config> {
    let mut config = Config::new();
    let negotiation = values.choice("sslnegotiation", NEGOTIATIONS, SslNegotiation::Postgres)?;
    if negotiation == SslNegotiation::Direct
        && matches!(mode, SslMode::Disable | SslMode::Allow | SslMode::Prefer)
    {
        return Err(wrong("sslnegotiation", "direct needs sslmode=require, verify-ca or verify-full"));
    }
    config.ssl_negotiation(negotiation);
    config.channel_binding(values.choice("channel_binding", CHANNEL_BINDINGS, ChannelBinding::Prefer)?);
    if let Some(options) = values.text("options") {
        config.options(options);
    }
    config.keepalives(values.number("keepalives")?.unwrap_or(1) != 0);
    if let Some(idle) = values.seconds("keepalives_idle", KEEPALIVES_IDLE_S)? {
        config.keepalives_idle(idle);
    }
    if let Some(interval) = values.seconds("keepalives_interval", KEEPALIVES_INTERVAL_S)? {
        config.keepalives_interval(interval);
    }
    let count = values.number("keepalives_count")?.map(|count| u32::try_from(count).unwrap_or(0));
    if let Some(count) = Some(count.unwrap_or(KEEPALIVES_COUNT)).filter(|count| *count > 0) {
        config.keepalives_retries(count);
    }
    // Milliseconds. None of our own: it would also end a session whose server is only slow to take in what we send.
    if let Some(timeout) = values.number("tcp_user_timeout")?.and_then(|timeout| u64::try_from(timeout).ok())
    {
        config.tcp_user_timeout(Duration::from_millis(timeout));
    }
    Ok(config)
}

/// Pairs hosts, addresses and ports.
fn endpoints(values: &Values<'_>) -> Result<Vec<Endpoint>> {
    let hosts = values.list("host");
    let addresses = values.list("hostaddr");
    let ports = values.list("port");
    let count = hosts.len().max(addresses.len());
    for (name, list) in [("host", &hosts), ("hostaddr", &addresses), ("port", &ports)] {
        let may_be_one = name == "port" || values.text(name).is_none();
        if list.len() != count && !(may_be_one && list.len() == 1) {
            return Err(wrong(name, &format!("{} given for {count} hosts", list.len())));
        }
    }
    (0..count)
        .map(|index| {
            let port = port(if ports.len() == 1 { ports[0] } else { ports[index] })?;
            let host = hosts.get(index).copied().unwrap_or("");
            let address = addresses.get(index).copied().unwrap_or("");
            Ok(Endpoint { place: place(host, address, port)?, port })
        })
        .collect()
}

fn port(text: &str) -> Result<u16> {
    if text.is_empty() {
        return Ok(PORT);
    }
    // Not repeated: in an address, a password with a slash in it can look like a port.
    text.parse::<u16>()
        .ok()
        .filter(|port| *port > 0)
        .ok_or_else(|| wrong("port", "expected a number from 1 to 65535 (in a password, / is written %2F)"))
}

fn place(host: &str, address: &str, port: u16) -> Result<Place> {
    let is_socket = host.starts_with('/');
    if host.starts_with('@') {
        return Err(wrong("host", "abstract sockets are not supported; use a socket in a folder, or TCP"));
    }
    if !address.is_empty() {
        let address: IpAddr =
            address.parse().map_err(|_| wrong("hostaddr", "expected an IP address, such as 192.0.2.1"))?;
        let name = if host.is_empty() || is_socket { address.to_string() } else { host.to_owned() };
        return Ok(Place::Tcp { name, address: Some(address) });
    }
    Ok(match host {
        "" => Place::Socket(default_socket_folder(port)),
        _ if is_socket => Place::Socket(PathBuf::from(host)),
        _ => Place::Tcp { name: host.to_owned(), address: host.parse().ok() },
    })
}

/// The folder that has a socket for `port`, else the usual one.
fn default_socket_folder(port: u16) -> PathBuf {
    let mut folders = SOCKET_FOLDERS.iter().map(PathBuf::from);
    let found = folders.find(|folder| folder.join(format!(".s.PGSQL.{port}")).exists());
    found.unwrap_or_else(|| PathBuf::from(SOCKET_FOLDERS[0]))
}

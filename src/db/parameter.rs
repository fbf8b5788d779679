//! The parameters of a connection: those of libpq, with the variable that names each, and what becomes of it here.

use std::collections::BTreeMap;

/// Parameters with their values, by libpq's names. Holds secrets: never print it.
pub(super) type Parameters = BTreeMap<&'static str, String>;

/// A parameter that libpq knows.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    /// The environment variable that gives its value when nothing else does.
    pub(super) variable: Option<&'static str>,
    /// Why it cannot be had here. Whoever asks for it gets an error, never a connection that lacks it.
    pub(super) refused: Option<&'static str>,
}

const fn known(name: &'static str, variable: &'static str) -> Parameter {
    Parameter { name, variable: Some(variable), refused: None }
}

const fn bare(name: &'static str) -> Parameter {
    Parameter { name, variable: None, refused: None }
}

const fn refused(name: &'static str, variable: Option<&'static str>, reason: &'static str) -> Parameter {
    Parameter { name, variable, refused: Some(reason) }
}

/// Every parameter, in the order of libpq's documentation.
pub(super) const PARAMETERS: &[Parameter] = &[
    known("host", "PGHOST"),
    known("hostaddr", "PGHOSTADDR"),
    known("port", "PGPORT"),
    known("dbname", "PGDATABASE"),
    known("user", "PGUSER"),
    known("password", "PGPASSWORD"),
    known("passfile", "PGPASSFILE"),
    refused(
        "require_auth",
        Some("PGREQUIREAUTH"),
        "the driver does not tell how the server let it in; channel_binding=require insists on SCRAM",
    ),
    known("channel_binding", "PGCHANNELBINDING"),
    known("connect_timeout", "PGCONNECT_TIMEOUT"),
    bare("client_encoding"),
    known("options", "PGOPTIONS"),
    known("application_name", "PGAPPNAME"),
    bare("fallback_application_name"),
    bare("keepalives"),
    bare("keepalives_idle"),
    bare("keepalives_interval"),
    bare("keepalives_count"),
    bare("tcp_user_timeout"),
    refused("replication", None, "teelo needs an ordinary session"),
    known("gssencmode", "PGGSSENCMODE"),
    known("sslmode", "PGSSLMODE"),
    known("sslnegotiation", "PGSSLNEGOTIATION"),
    known("sslcompression", "PGSSLCOMPRESSION"),
    known("sslcert", "PGSSLCERT"),
    known("sslkey", "PGSSLKEY"),
    refused(
        "sslpassword",
        None,
        "an encrypted key cannot be read; decrypt it: openssl pkey -in KEY -out NEW",
    ),
    known("sslcertmode", "PGSSLCERTMODE"),
    known("sslrootcert", "PGSSLROOTCERT"),
    known("sslcrl", "PGSSLCRL"),
    known("sslcrldir", "PGSSLCRLDIR"),
    known("sslsni", "PGSSLSNI"),
    // A look at who answers on a socket of our own would say nothing about the driver's.
    refused(
        "requirepeer",
        Some("PGREQUIREPEER"),
        "let only the server's user write into the folder of the socket",
    ),
    known("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION"),
    known("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION"),
    known("krbsrvname", "PGKRBSRVNAME"),
    known("gsslib", "PGGSSLIB"),
    known("gssdelegation", "PGGSSDELEGATION"),
    known("service", "PGSERVICE"),
    known("servicefile", "PGSERVICEFILE"),
    known("target_session_attrs", "PGTARGETSESSIONATTRS"),
    known("load_balance_hosts", "PGLOADBALANCEHOSTS"),
];

/// The parameter called `name`.
pub(super) fn find(name: &str) -> Option<&'static Parameter> {
    PARAMETERS.iter().find(|parameter| parameter.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_every_parameter_and_variable() {
        let page = include_str!("../../docs/CONFIGURATION.md");
        for parameter in PARAMETERS {
            for name in [Some(parameter.name), parameter.variable].into_iter().flatten() {
                assert!(page.contains(&format!("`{name}`")), "{name}");
            }
        }
    }
}

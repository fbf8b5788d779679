//! Completing an address: what it leaves open comes from a service file, the variables of libpq, and the files in the home
//! folder. The result is a connection string that says everything, so that nothing below needs the environment.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::conninfo;
use super::parameter::{PARAMETERS, Parameters};
use super::service;
use super::target::Target;
use crate::error::{Context, Error, Result};

/// Variables that are no parameters.
const OTHER_VARIABLES: [&str; 2] = ["HOME", "PGSYSCONFDIR"];
/// Where the distributions' libpq looks for `pg_service.conf` when PGSYSCONFDIR is not set: Debian, Red Hat, from source.
const SYSTEM_FOLDERS: [&str; 3] = ["/etc/postgresql-common", "/etc/sysconfig/pgsql", "/usr/local/pgsql/etc"];
/// Parameters whose file in the home folder is used when it is there.
const HOME_FILES: [(&str, &str); 5] = [
    ("passfile", ".pgpass"),
    ("sslcert", ".postgresql/postgresql.crt"),
    ("sslkey", ".postgresql/postgresql.key"),
    ("sslrootcert", ".postgresql/root.crt"),
    ("sslcrl", ".postgresql/root.crl"),
];

/// The values of libpq's variables that are set. Holds secrets: never print it.
pub type Variables = BTreeMap<&'static str, String>;

/// The names of the variables that say something about connections.
pub fn variable_names() -> impl Iterator<Item = &'static str> {
    PARAMETERS.iter().filter_map(|parameter| parameter.variable).chain(OTHER_VARIABLES)
}

/// Completes `text`, which `origin` gives (a variable's name), for [`connect`](super::connect): what it says itself beats its service,
/// which beats the variables, which beat the files in the home folder.
///
/// # Errors
/// Usage: a parameter is unknown or its value is wrong, or the service is not defined.
pub fn complete(origin: &str, text: &str, variables: &Variables) -> Result<String> {
    let given = conninfo::parse(text).context(|| format!("{origin} cannot be read"))?;
    let mut parameters = given.clone();
    let service = parameters.get("service").or(variables.get("PGSERVICE")).filter(|name| !name.is_empty());
    if let Some(name) = service {
        for (name, value) in service::read(name, &service_files(&parameters, variables))? {
            parameters.entry(name).or_insert(value);
        }
    }
    // Another machine's address would lead away from the host that is named.
    let names_host = parameters.contains_key("host");
    for parameter in PARAMETERS.iter().filter(|parameter| !(names_host && parameter.name == "hostaddr")) {
        let Some((variable, value)) = parameter.variable.and_then(|name| variables.get_key_value(name))
        else {
            continue;
        };
        match parameter.refused {
            Some(reason) => {
                return Err(Error::usage(format!("{variable} is set, but is not supported: {reason}")));
            }
            None => parameters.entry(parameter.name).or_insert_with(|| value.clone()),
        };
    }
    add_home_files(&mut parameters, variables);
    parameters.retain(|name, _| !matches!(*name, "service" | "servicefile"));
    // Built only to find mistakes now, before anything is done; and to tell whose they are.
    if let Err(error) = Target::new(&parameters) {
        Target::new(&given).context(|| format!("{origin} cannot be read"))?;
        return Err(error.context("the service or the PG variables"));
    }
    Ok(conninfo::format(&parameters))
}

fn home(variables: &Variables) -> Option<&Path> {
    variables.get("HOME").map(Path::new)
}

/// The service files, the user's own first.
fn service_files(parameters: &Parameters, variables: &Variables) -> Vec<PathBuf> {
    let named = parameters.get("servicefile").or(variables.get("PGSERVICEFILE")).map(PathBuf::from);
    let own = named.or(home(variables).map(|home| home.join(".pg_service.conf")));
    let system: Vec<&str> = match variables.get("PGSYSCONFDIR") {
        Some(folder) => vec![folder],
        None => SYSTEM_FOLDERS.to_vec(),
    };
    own.into_iter()
        .chain(system.into_iter().map(|folder| Path::new(folder).join("pg_service.conf")))
        .collect()
}

fn add_home_files(parameters: &mut Parameters, variables: &Variables) {
    let Some(home) = home(variables) else { return };
    // As libpq: a folder of revocation lists stands for the file at home.
    let has_folder = parameters.get("sslcrldir").is_some_and(|folder| !folder.is_empty());
    for (name, file) in HOME_FILES.into_iter().filter(|(name, _)| !(has_folder && *name == "sslcrl")) {
        let path = home.join(file);
        if let (true, Some(path)) = (path.exists(), path.to_str()) {
            parameters.entry(name).or_insert_with(|| path.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn completed(text: &str, variables: &[(&'static str, &str)]) -> Parameters {
        let variables = variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        conninfo::parse(&complete("DATABASE_URL", text, &variables).unwrap()).unwrap()
    }

    #[test]
    fn the_address_beats_the_variables() {
        let hosts = [("PGHOST", "other"), ("PGHOSTADDR", "192.0.2.1")];
        let variables = [&hosts[..], &[("PGPORT", "5433"), ("PGUSER", "me"), ("HOME", "/nowhere")]].concat();
        let read = completed("postgresql://here/db", &variables);
        let expected = [("dbname", "db"), ("host", "here"), ("port", "5433"), ("user", "me")];
        assert_eq!(read, expected.map(|(name, value)| (name, value.to_owned())).into());
    }

    #[test]
    fn the_variables_may_name_host_and_address() {
        let read = completed("", &[("PGHOST", "here"), ("PGHOSTADDR", "192.0.2.1")]);
        let expected = [("host", "here"), ("hostaddr", "192.0.2.1")];
        assert_eq!(read, expected.map(|(name, value)| (name, value.to_owned())).into());
    }

    #[test]
    fn every_variable_is_the_parameter_of_its_name() {
        let variables: Vec<&str> = variable_names().collect();
        for name in
            ["PGHOST", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGSSLROOTCERT", "PGAPPNAME", "HOME"]
        {
            assert!(variables.contains(&name), "{name}");
        }
    }

    #[test]
    fn a_wish_that_cannot_be_granted_is_an_error() {
        for (variable, value, expected) in [
            ("PGREQUIREPEER", "postgres", "PGREQUIREPEER is set, but is not supported"),
            ("PGSSLMODE", "on", "sslmode (PGSSLMODE): \"on\" is not valid; expected disable, allow, prefer"),
            ("PGGSSENCMODE", "require", "gssencmode"),
        ] {
            let variables = [(variable, value.to_owned())].into();
            let error = complete("DATABASE_URL", "host=h", &variables).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}

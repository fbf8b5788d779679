//! A private server on a TCP port with TLS, whose certificate a test chooses.

// Each test binary uses its own part of it.
#![allow(dead_code)]

use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use postgres::{Client, NoTls};
use teelo::private_server::TemporaryServer;

use crate::certificates::Identity;
use crate::support::wait_until;

/// Who may log in, and how. The first line that fits decides.
const LOGINS: &str = "\
local all all trust
hostnossl all plain_only all trust
hostssl all tls_only all trust
host all either_way all trust
host all read_only all trust
host all secret all scram-sha-256
hostssl all certified all cert
";

/// The server of this test binary, with one user at a time.
pub struct TlsServer {
    server: TemporaryServer,
    port: u16,
}

/// Waits for the server and keeps it.
pub fn tls_server() -> MutexGuard<'static, TlsServer> {
    static SERVER: OnceLock<Mutex<TlsServer>> = OnceLock::new();
    let server = SERVER.get_or_init(|| Mutex::new(TlsServer::start()));
    server.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TlsServer {
    fn start() -> Self {
        let port = free_port();
        let settings = teelo::config::private_server().unwrap();
        let server = TemporaryServer::start_on_port(&settings, port).unwrap();
        let server = Self { server, port };
        server.write("data/pg_hba.conf", LOGINS);
        server.admin().batch_execute(include_str!("../sql/tls_users.sql")).unwrap();
        server.reload();
        server
    }

    /// The TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of the server's socket.
    pub fn folder(&self) -> &Path {
        self.server.folder()
    }

    /// Lets the server show this certificate from now on, and ask for those that `authority` signed.
    pub fn present(&self, identity: &Identity, authority: &str) {
        self.write("data/server.crt", &identity.certificate);
        self.write("data/server.key", &identity.key);
        self.write("data/root.crt", authority);
        let mut admin = self.admin();
        for statement in include_str!("../sql/tls_switch_on.sql").split_inclusive(";\n") {
            admin.batch_execute(statement).unwrap();
        }
        self.reload();
    }

    /// Lets the server read its files again, and waits until it has.
    fn reload(&self) {
        let mut admin = self.admin();
        let before = loaded_at(&mut admin);
        admin.batch_execute(include_str!("../sql/tls_reload.sql")).unwrap();
        wait_until("reading the files again", || loaded_at(&mut self.admin()) > before);
    }

    /// Writes a file into the server's folder, for the server alone.
    fn write(&self, name: &str, text: &str) {
        let folder = std::fs::metadata(self.folder()).unwrap();
        let path = self.folder().join(name);
        let new = self.folder().join("new");
        std::fs::write(&new, text).unwrap();
        std::fs::set_permissions(&new, std::fs::Permissions::from_mode(0o600)).unwrap();
        chown(&new, Some(folder.uid()), Some(folder.gid())).unwrap();
        std::fs::rename(new, path).unwrap();
    }

    /// A session of the superuser, by the socket.
    pub fn admin(&self) -> Client {
        let mut config = postgres::Config::new();
        config.host_path(self.folder()).port(self.port).user("teelo").dbname("teelo");
        config.connect(NoTls).unwrap()
    }
}

/// When the server read its files, as a new session has it.
fn loaded_at(admin: &mut Client) -> String {
    admin.query_one(include_str!("../sql/tls_loaded.sql"), &[]).unwrap().get(0)
}

/// A port on which nobody listens now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Writes a file that only its owner may read.
pub fn write_secret(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path
}

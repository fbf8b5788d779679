//! A PgBouncer between the program and the test server, from the distribution (scripts/setup.sh installs it).

use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use crate::support::{server, wait_until};

/// A pooler that runs until it is dropped.
pub struct Pooler {
    child: Child,
    port: u16,
    _folder: PoolerFolder,
}

/// Where it keeps its files; not in the build folder, into which its user may not look.
struct PoolerFolder(PathBuf);

impl Pooler {
    /// Starts one with `settings` beside those that every test needs.
    pub fn start(settings: &str) -> Self {
        let folder = PoolerFolder(std::env::temp_dir().join(format!(
            "teelo-pooler-{}-{}",
            std::process::id(),
            number()
        )));
        std::fs::create_dir(&folder.0).unwrap();
        let socket = server().log_path().parent().unwrap().to_owned();
        let owner = std::fs::metadata(&socket).unwrap();
        let port = free_port();
        let place = folder.0.display();
        let config = format!(
            "[databases]\n* = host={}\n\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = trust\nauth_file = {place}/users\nlogfile = {place}/log\npidfile = {place}/pid\n{settings}\n",
            socket.display()
        );
        std::fs::write(folder.0.join("config"), config).unwrap();
        std::fs::write(folder.0.join("users"), "\"teelo\" \"\"\n").unwrap();
        let mut command = Command::new(program());
        command.arg(folder.0.join("config")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        if rustix::process::geteuid().is_root() {
            // PgBouncer does not run as root, as little as the server.
            for name in ["", "config", "users"] {
                chown(folder.0.join(name), Some(owner.uid()), Some(owner.gid())).unwrap();
            }
            command.uid(owner.uid()).gid(owner.gid());
        }
        let child = command.spawn().unwrap();
        let pooler = Self { child, port, _folder: folder };
        wait_until("the pooler listens", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        pooler
    }

    /// The address of `database`, an address on the server itself, by way of the pooler.
    pub fn url(&self, database: &str) -> String {
        let name = database.split('?').next().unwrap().rsplit('/').next().unwrap();
        format!("postgresql://teelo@127.0.0.1:{}/{name}?sslmode=disable", self.port)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for PoolerFolder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn number() -> u32 {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Where the distributions put it; an ordinary user's PATH may not lead there.
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join("pgbouncer"))
        .find(|program| program.exists())
        .unwrap_or_else(|| {
            panic!("the tests need PgBouncer: run scripts/setup.sh, or install the package pgbouncer")
        })
}

//! What the tests share: one private PostgreSQL a test binary, databases cloned from a migrated template, and
//! the program run as a user would run it. A machine without a PostgreSQL server fails the tests; nothing is
//! skipped.

// Every test binary compiles this file and uses its own part of it.
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use sha2::{Digest, Sha256};
use teelo::migrations::{self, MIGRATIONS};
use teelo::private_server::TemporaryServer;
use time::macros::datetime;

/// Set to look into a failed test's database afterwards: its server then stays until the next test run.
const KEEP_VARIABLE: &str = "TEELO_TEST_KEEP";

/// Makes the names of databases and folders different within one test binary.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// The server of this test binary. It ends with the process.
pub fn server() -> &'static TemporaryServer {
    static SERVER: OnceLock<TemporaryServer> = OnceLock::new();
    SERVER.get_or_init(|| {
        let settings = teelo::config::private_server().unwrap();
        TemporaryServer::start(&settings)
            .unwrap_or_else(|error| panic!("the tests need a PostgreSQL server: {error}"))
    })
}

/// A database of one test, dropped at its end. A failed test prints its address.
pub struct TestDatabase {
    /// None when it is on a server of the test's own, which takes it along.
    name: Option<String>,
    url: String,
}

impl TestDatabase {
    /// A database without tables.
    pub fn empty(name: &str) -> Self {
        Self::create(name, "template1")
    }

    /// A database with all of teelo's tables, empty.
    pub fn new(name: &str) -> Self {
        Self::create(name, template())
    }

    /// A copy of another test's database, to which nobody may be connected.
    pub fn copy_of(other: &Self) -> Self {
        let name = other.name.as_ref().unwrap();
        Self::create(name, name)
    }

    /// A database on a server of the test's own.
    pub fn elsewhere(url: String) -> Self {
        Self { name: None, url }
    }

    fn create(name: &str, template: &str) -> Self {
        let name = format!("{name}_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        admin().batch_execute(&format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\"")).unwrap();
        let url = server().url(&name);
        Self { name: Some(name), url }
    }

    /// The database's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A new session with the database, as the program opens it.
    pub fn client(&self) -> Client {
        teelo::db::connect(&self.url, "test").unwrap()
    }

    /// Runs the program on this database.
    pub fn teelo(&self, arguments: &[&str]) -> Output {
        run(&mut self.command(arguments))
    }

    /// The program on this database, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = teelo_command(arguments);
        command.env("DATABASE_URL", &self.url);
        command
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!(
                "the failed test's database: {}\nits server's log: {}",
                self.url,
                server().log_path().display()
            );
            if std::env::var_os(KEEP_VARIABLE).is_some() {
                let _ = server().keep();
            } else {
                eprintln!("{KEEP_VARIABLE}=1 keeps both until the next test run");
            }
            return;
        }
        let Some(name) = &self.name else { return };
        let dropped = admin().batch_execute(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"));
        dropped.unwrap_or_else(|error| panic!("dropping the test's database {name}: {error:?}"));
    }
}

/// The database that the migrated ones are copies of, named by what the migrations contain.
fn template() -> &'static str {
    static TEMPLATE: OnceLock<String> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let mut hash = Sha256::new();
        MIGRATIONS.iter().for_each(|migration| hash.update(migration.sql));
        let name = format!(
            "template_{}",
            hash.finalize()[..8].iter().map(|b| format!("{b:02x}")).collect::<String>()
        );
        admin().batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        let mut client = teelo::db::connect(&server().url(&name), "test").unwrap();
        migrations::apply(&mut client, datetime!(2026-01-01 00:00 UTC))
            .unwrap_or_else(|error| panic!("{error}"));
        client.close().unwrap();
        name
    })
}

/// A session for making and dropping databases.
fn admin() -> Client {
    Client::connect(&server().url("postgres"), NoTls).unwrap()
}

/// What a finished program left.
#[derive(Debug)]
pub struct Output {
    /// The exit code; None when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Output {
    /// The same output, after checking the exit code.
    #[track_caller]
    pub fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// The program with `arguments`, without a database, in an environment that holds nothing of the caller's but
/// what it takes to find a PostgreSQL server.
pub fn teelo_command(arguments: &[&str]) -> Command {
    teelo_program(Path::new(env!("CARGO_BIN_EXE_teelo")), arguments)
}

/// The same with a copy of the program.
pub fn teelo_program(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().stdin(Stdio::null());
    for name in ["PATH", "HOME", "TMPDIR", "TEELO_PG_BIN"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Runs `command` to its end.
pub fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    Output {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs the program without a database.
pub fn teelo(arguments: &[&str]) -> Output {
    run(&mut teelo_command(arguments))
}

/// Far more than anything that is waited for needs; only a failing test waits this long.
const PATIENCE: Duration = Duration::from_secs(180);

/// Waits until `condition` holds.
///
/// # Panics
/// It does not hold in time.
#[track_caller]
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let started = Instant::now();
    while !condition() {
        assert!(started.elapsed() < PATIENCE, "{what} did not happen");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// An empty folder of one test, removed at its end unless the test failed.
pub struct TestFolder {
    path: PathBuf,
}

impl TestFolder {
    /// A new folder.
    pub fn new(name: &str) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self { path }
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the failed test's folder: {}", self.path.display());
        } else {
            std::fs::remove_dir_all(&self.path).unwrap();
        }
    }
}

/// Sends a signal to the process `pid`: the program `kill` is not on every machine.
pub fn signal(pid: &str, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(pid.parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

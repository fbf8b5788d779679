//! The throw-away server: it answers psql and us, and it goes when its process goes, however that is.

mod support;

use std::io::{BufRead, BufReader};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use postgres::{Client, NoTls};
use rustix::process::Signal;
use support::{run, signal, wait_until};
use teelo::private_server::{Settings, TemporaryServer};

/// Set in the process that only starts a server and waits.
const HELPER_VARIABLE: &str = "TEELO_TEST_SERVER_OWNER";
fn start() -> TemporaryServer {
    TemporaryServer::start(&teelo::config::private_server().unwrap()).unwrap()
}

/// A temporary folder of one test, so that no other test sweeps there.
struct OwnTemporaryFolder(PathBuf);

impl OwnTemporaryFolder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("teelo-{name}-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn start(&self) -> TemporaryServer {
        let settings = teelo::config::private_server().unwrap();
        TemporaryServer::start(&Settings { temporary_folder: self.0.clone(), ..settings }).unwrap()
    }
}

impl Drop for OwnTemporaryFolder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn answers(url: &str) -> bool {
    Client::connect(url, NoTls).is_ok()
}

/// The test binary again, as the owner of a server.
struct Owner {
    process: Child,
    /// Kept open: a process that cannot print fails for the wrong reason.
    _output: BufReader<ChildStdout>,
    url: String,
    folder: PathBuf,
}

impl Owner {
    fn start(temporary_folder: &Path) -> Self {
        // Shells start what they put in the background with interrupts ignored, and that is inherited: not here.
        let mut process = Command::new("env")
            .arg("--default-signal=INT")
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", "owner_of_a_server", "--nocapture", "--include-ignored"])
            .env(HELPER_VARIABLE, "1")
            .env("TMPDIR", temporary_folder)
            .stdout(Stdio::piped())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("server: ") {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "the owner ended without a server");
        }
        let (url, folder) = line.trim().split("server: ").nth(1).unwrap().split_once(' ').unwrap();
        Self { url: url.to_owned(), folder: PathBuf::from(folder), process, _output: output }
    }

    fn signal(&self, name: Signal) {
        signal(&self.process.id().to_string(), name);
    }

    fn watcher(&self) -> String {
        children(&self.process.id().to_string()).pop().unwrap()
    }
}

/// The pids of a process's children.
fn children(pid: &str) -> Vec<String> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).unwrap();
    let lists = tasks.map(|task| std::fs::read_to_string(task.unwrap().path().join("children")).unwrap());
    lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// True when the process has ended, even if nobody has asked for its exit code yet.
fn is_gone(pid: &str) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    status.map_or(true, |text| text.rsplit(')').next().unwrap().trim_start().starts_with('Z'))
}

#[test]
#[ignore = "not a test of its own: other tests start it as a process and kill it"]
fn owner_of_a_server() {
    if std::env::var_os(HELPER_VARIABLE).is_none() {
        return;
    }
    let server = start();
    println!("server: {} {}", server.first_url(), server.log_path().parent().unwrap().display());
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[test]
fn psql_and_the_driver_understand_the_address() {
    let server = start();
    let mut client = Client::connect(&server.first_url(), NoTls).unwrap();
    let row =
        client.query_one("SELECT current_user::text, current_database()::text, version()", &[]).unwrap();
    assert_eq!((row.get(0), row.get(1)), ("teelo", "teelo"));
    assert!(row.get::<_, &str>(2).contains(server.version()));
    let mut psql = Command::new("psql");
    psql.args([
        "--no-psqlrc",
        "-Atc",
        "SELECT current_user || ' in ' || current_database()",
        &server.first_url(),
    ]);
    assert_eq!(run(&mut psql).expect_code(0).stdout, "teelo in teelo\n");
}

#[test]
fn it_listens_on_no_tcp_port_and_its_folder_is_closed() {
    let server = start();
    let mut client = Client::connect(&server.first_url(), NoTls).unwrap();
    let row = client.query_one("SHOW listen_addresses", &[]).unwrap();
    assert_eq!(row.get::<_, &str>(0), "");
    let folder = std::fs::metadata(server.log_path().parent().unwrap()).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&folder.permissions()) & 0o777, 0o700);
}

#[test]
fn dropping_it_ends_the_server_and_removes_its_folder() {
    let server = start();
    let (url, log) = (server.first_url(), server.log_path());
    assert!(answers(&url));
    drop(server);
    assert!(!answers(&url));
    assert!(!log.parent().unwrap().exists());
}

#[test]
fn a_killed_owner_takes_its_server_along() {
    let mut owner = Owner::start(&std::env::temp_dir());
    assert!(answers(&owner.url));
    owner.signal(Signal::KILL);
    owner.process.wait().unwrap();
    wait_until("the end of the server", || !answers(&owner.url));
    wait_until("the end of its data", || !owner.folder.join("data").exists());
    // The next start removes what root's watcher may not.
    drop(start());
    assert!(!owner.folder.exists());
}

#[test]
fn a_server_whose_watcher_was_killed_too_is_swept_by_the_next_start() {
    let temporary = OwnTemporaryFolder::new("swept");
    let mut owner = Owner::start(&temporary.0);
    let watcher = owner.watcher();
    let reader = children(&watcher).into_iter().find(|pid| comm(pid) == "sh").unwrap();
    for pid in [&watcher, &reader] {
        signal(pid, Signal::KILL);
        wait_until("the end of the watcher", || is_gone(pid));
    }
    owner.signal(Signal::KILL);
    owner.process.wait().unwrap();
    assert!(answers(&owner.url), "without its watcher the server should have survived");
    drop(temporary.start());
    assert!(!answers(&owner.url));
    assert!(!owner.folder.exists());
}

fn comm(pid: &str) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap().trim().to_owned()
}

#[test]
fn a_living_owners_server_is_not_swept() {
    let mut owner = Owner::start(&std::env::temp_dir());
    drop(start());
    assert!(answers(&owner.url));
    drop(owner.process.stdin.take());
    assert!(owner.process.wait().unwrap().success());
    assert!(!answers(&owner.url));
    assert!(!owner.folder.exists());
}

#[test]
fn an_interrupt_from_the_terminal_ends_owner_and_server() {
    let mut owner = Owner::start(&std::env::temp_dir());
    // A terminal signals the foreground group: the watcher must be in another, its own.
    let watcher = owner.watcher();
    let status = std::fs::read_to_string(format!("/proc/{watcher}/stat")).unwrap();
    let group = status.rsplit(')').next().unwrap().split_whitespace().nth(2);
    assert_eq!(group, Some(watcher.as_str()));
    owner.signal(Signal::INT);
    assert!(!owner.process.wait().unwrap().success());
    wait_until("the end of the server", || !answers(&owner.url));
    wait_until("the end of its data", || !owner.folder.join("data").exists());
}

#[test]
fn a_temporary_folder_that_is_too_deep_or_closed_is_no_obstacle() {
    let temporary = OwnTemporaryFolder::new("deep");
    let deep = temporary.0.join("d".repeat(100));
    // Root's server runs as somebody who could not get here; an ordinary user's can.
    std::fs::DirBuilder::new().mode(0o700).create(&deep).unwrap();
    let closed = temporary.0.join("closed");
    std::fs::DirBuilder::new().mode(0o700).create(&closed).unwrap();
    for folder in [deep, closed] {
        let settings = teelo::config::private_server().unwrap();
        let server = TemporaryServer::start(&Settings { temporary_folder: folder, ..settings }).unwrap();
        assert!(answers(&server.first_url()));
    }
}

#[test]
fn a_damaged_cache_is_made_anew() {
    let temporary = OwnTemporaryFolder::new("cache");
    let server = temporary.start();
    let base = server.log_path().parent().unwrap().parent().unwrap().to_owned();
    let cached =
        std::fs::read_dir(&base).unwrap().map(|entry| entry.unwrap().path().join("data/global/pg_control"));
    let mut cached = cached.filter(|path| path.exists() && path.display().to_string().contains("/cluster-"));
    std::fs::remove_file(cached.next().unwrap()).unwrap();
    assert!(answers(&temporary.start().first_url()));
}

//! `teelo devdb`: a server that outlives its command, keeps its data, and survives what happens to it.

#[path = "support/devdb.rs"]
mod devdb;
mod support;

use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::Command;

use devdb::{Devdb, devdb};
use rustix::process::Signal;
use support::{Output, run, signal, teelo_command, teelo_program};

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn its_data_survives_a_stop_and_its_settings_are_safe() {
    let devdb = Devdb::new("devdb");
    assert_eq!(devdb.run("stop").expect_code(0).stdout, "not running\n");
    assert!(!devdb.dir.exists(), "stop must not make the folder");
    let started = devdb.run("start").expect_code(0);
    assert!(started.stdout.starts_with("started: "), "{}", started.stdout);
    assert!(started.stdout.contains(&format!("export DATABASE_URL='{}'", devdb.url())), "{}", started.stdout);

    let mut client = devdb.client();
    client.batch_execute("CREATE TABLE kept AS SELECT 7 AS number").unwrap();
    for (setting, expected) in [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("server_encoding", "UTF8"),
        ("timezone", "UTC"),
    ] {
        let found: String = client.query_one(&format!("SHOW {setting}"), &[]).unwrap().get(0);
        assert_eq!(found, expected, "{setting}");
    }
    drop(client);

    assert_eq!(devdb.run("stop").expect_code(0).stdout, "stopped; the data stays\n");
    assert_eq!(devdb.run("stop").expect_code(0).stdout, "not running\n");
    devdb.run("start").expect_code(0);
    let number: i32 = devdb.client().query_one("SELECT number FROM kept", &[]).unwrap().get(0);
    assert_eq!(number, 7);
}

#[test]
fn starting_twice_is_starting_once() {
    let devdb = Devdb::new("devdb");
    devdb.run("start").expect_code(0);
    let pid = devdb.pid();
    let again = devdb.run("start").expect_code(0);
    assert!(again.stdout.starts_with("already running: "), "{}", again.stdout);
    assert_eq!(devdb.pid(), pid);
}

#[test]
fn several_starts_at_once_start_one_server() {
    let devdb = Devdb::new("devdb");
    std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| devdb.run("start").expect_code(0))).collect();
        let outputs: Vec<Output> = starts.into_iter().map(|start| start.join().unwrap()).collect();
        let started = outputs.iter().filter(|output| output.stdout.starts_with("started: ")).count();
        assert_eq!(started, 1, "{outputs:?}");
    });
}

#[test]
fn two_in_two_folders_are_two() {
    let (first, second) = (Devdb::new("devdb"), Devdb::new("devdb"));
    first.run("start").expect_code(0);
    second.run("start").expect_code(0);
    assert_ne!(first.url(), second.url());
    first.client().batch_execute("CREATE TABLE only_here ()").unwrap();
    assert!(second.client().batch_execute("SELECT FROM only_here").is_err());
    first.run("stop").expect_code(0);
    second.client();
}

#[test]
fn it_says_when_it_does_not_run() {
    let devdb = Devdb::new("devdb");
    let url = devdb.run("url").expect_code(1);
    assert_eq!(url.stdout, "");
    assert!(url.stderr.contains("`teelo devdb start`"), "{}", url.stderr);
    let status = devdb.run("status").expect_code(1);
    assert!(status.stdout.starts_with("not running"), "{}", status.stdout);
    assert_eq!(devdb.status()["running"], false);
    devdb.run("start").expect_code(0);
    let status = devdb.run("status").expect_code(0);
    assert!(status.stdout.contains(&devdb.url()), "{}", status.stdout);
    assert_eq!(devdb.status()["running"], true);
}

#[test]
fn a_killed_server_starts_again() {
    let devdb = Devdb::new("devdb");
    devdb.run("start").expect_code(0);
    devdb.client().batch_execute("CREATE TABLE kept AS SELECT 7 AS number").unwrap();
    signal(&devdb.pid(), Signal::KILL);
    devdb.run("start").expect_code(0);
    let number: i32 = devdb.client().query_one("SELECT number FROM kept", &[]).unwrap().get(0);
    assert_eq!(number, 7);
}

#[test]
fn a_stale_pid_that_is_another_process_now_is_seen_through() {
    let devdb = Devdb::new("devdb");
    devdb.run("start").expect_code(0);
    let home = devdb.dir.join("postgresql").canonicalize().unwrap();
    let pid_file = home.join("data/postmaster.pid");
    let socket_lock = home.join(".s.PGSQL.5432.lock");
    let text = std::fs::read_to_string(&pid_file).unwrap();
    devdb.run("stop").expect_code(0);
    // A process of the same user as the server, alive all through the test.
    let mut sleeper = Command::new("sleep");
    sleeper.arg("600").uid(std::fs::metadata(&home).unwrap().uid());
    let mut sleeper = sleeper.spawn().unwrap();
    let stale = text.replacen(text.lines().next().unwrap(), &sleeper.id().to_string(), 1);
    std::fs::write(&pid_file, &stale).unwrap();
    std::fs::write(&socket_lock, &stale).unwrap();

    assert!(devdb.run("status").expect_code(1).stdout.starts_with("not running"));
    assert_eq!(devdb.run("stop").expect_code(0).stdout, "not running\n");
    assert!(sleeper.try_wait().unwrap().is_none(), "stop ended a process that is not the server");
    devdb.run("start").expect_code(0);
    devdb.client();
    assert!(sleeper.try_wait().unwrap().is_none());
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
}

#[test]
fn an_interrupted_first_start_leaves_nothing_half_made() {
    let devdb = Devdb::new("devdb");
    devdb.run("start").expect_code(0);
    devdb.run("stop").expect_code(0);
    let home = devdb.dir.join("postgresql").canonicalize().unwrap();
    // As if the copy had been interrupted: the finished data has its name only when it is complete.
    std::fs::rename(home.join("data"), home.join("data.new")).unwrap();
    std::fs::remove_file(home.join("data.new/global/pg_control")).unwrap();
    devdb.run("start").expect_code(0);
    devdb.client();
}

#[test]
fn deep_and_odd_folders_work() {
    let mut devdb = Devdb::new("devdb");
    devdb.dir =
        devdb.folder.path().join("a \"quoted\", long % name".repeat(6)).join("d\u{e9}ep").join(".teelo");
    devdb.run("start").expect_code(0);
    devdb.client();
    let psql = Command::new("psql").args(["-XAtc", "SELECT 1", &devdb.url()]).output().unwrap();
    assert_eq!(String::from_utf8(psql.stdout).unwrap(), "1\n");
    assert!(devdb.dir.join("postgresql/data").exists());
}

#[test]
fn a_folder_that_is_closed_to_others_works() {
    let mut devdb = Devdb::new("devdb");
    let closed = devdb.folder.path().join("closed");
    std::fs::DirBuilder::new().mode(0o700).create(&closed).unwrap();
    devdb.dir = closed.join(".teelo");
    devdb.run("start").expect_code(0);
    let pid = devdb.pid();
    devdb.client();
    assert!(devdb.dir.join("postgresql/data").exists());
    assert!(devdb.run("start").expect_code(0).stdout.starts_with("already running"));
    assert_eq!(devdb.pid(), pid);
    assert_eq!(devdb.run("stop").expect_code(0).stdout, "stopped; the data stays\n");
    // Only root's server runs as somebody who cannot enter.
    assert_eq!(devdb.dir.join("postgresql").is_symlink(), is_root());
}

#[test]
fn an_ordinary_user_has_one_too_and_others_cannot_touch_it() {
    // A folder and a program that every user can reach, wherever the project is.
    let folder = std::env::temp_dir().join(format!("teelo-nobody-{}", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let (program, home) = (folder.join("teelo"), folder.join(".teelo"));
    std::fs::copy(env!("CARGO_BIN_EXE_teelo"), &program).unwrap();
    let as_user = |uid: u32, action: &str| {
        let mut command = teelo_program(&program, &["devdb", action]);
        command.current_dir(&folder).env("TMPDIR", &folder);
        if is_root() {
            command.uid(uid).gid(uid);
        }
        run(&mut command)
    };
    let (owner, other) = (65534, 65533);
    as_user(owner, "start").expect_code(0);
    let url = as_user(owner, "url").expect_code(0).stdout;
    assert!(url.contains(folder.to_str().unwrap()), "{url}");
    let set_mode = |mode| std::fs::set_permissions(&home, std::fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(std::fs::metadata(&home).unwrap().mode() & 0o777, 0o700, "others can touch it");
    if !is_root() {
        // Who cannot become another user meets what another one meets: a folder that is closed.
        set_mode(0);
    }
    let refused = ["start", "stop", "status", "url"].map(|action| as_user(other, action));
    set_mode(0o700);
    for refused in refused {
        let refused = refused.expect_code(1);
        assert!(refused.stdout.is_empty() && refused.stderr.contains("Permission denied"), "{refused:?}");
    }
    // The owner may, and root.
    let status = devdb(&home, "status").expect_code(0);
    assert!(status.stdout.contains(url.trim()), "{}", status.stdout);
    devdb(&home, "stop").expect_code(0);
    devdb(&home, "start").expect_code(0);
    as_user(owner, "stop").expect_code(0);
    assert_eq!(as_user(owner, "stop").expect_code(0).stdout, "not running\n");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_wrong_server_folder_is_named() {
    let devdb = Devdb::new("devdb");
    let mut command = teelo_command(&["devdb", "start", "--dir", devdb.dir.to_str().unwrap()]);
    let output = run(command.env("TEELO_PG_BIN", "/nowhere")).expect_code(2);
    assert!(output.stderr.contains("TEELO_PG_BIN: \"/nowhere\" is not valid"), "{}", output.stderr);
}

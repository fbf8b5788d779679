//! The crash law (ELO.md, law 4): the program killed at every statement that it sends, and the server stopped at once in the
//! middle of runs. The next run goes on, and in the end everything is as if nobody had disturbed it.

#[path = "support/devdb.rs"]
mod devdb;
#[path = "support/oracle.rs"]
mod oracle;
#[path = "support/proxy.rs"]
mod proxy;
mod support;

use std::path::Path;
use std::process::Stdio;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use devdb::Devdb;
use proxy::{Interruption, Moment, Proxy};
use rustix::process::Signal;
use support::{Output, TestDatabase, run, teelo_command, wait_until};

const RUN: [&str; 3] = ["elo", "--batch-size", "1"];

fn content(database: &TestDatabase) -> Vec<String> {
    let rows = database.client().query(include_str!("sql/elo_content.sql"), &[]).unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// A rated history in which all kinds of changes are pending. `parameters`: those that it was rated with.
fn changed(parameters: &str) -> TestDatabase {
    let database = TestDatabase::new("interrupted");
    let mut client = database.client();
    client.execute(include_str!("sql/made_up_players.sql"), &[&8]).unwrap();
    client.execute(include_str!("sql/made_up_matches.sql"), &[&16, &6]).unwrap();
    client.batch_execute(include_str!("sql/interruption_matches.sql")).unwrap();
    client.execute(include_str!("sql/parameter_set_insert.sql"), &[&parameters]).unwrap();
    database.teelo(&RUN).expect_code(0);
    client.batch_execute(include_str!("sql/interruption_changes.sql")).unwrap();
    client.close().unwrap();
    database
}

fn undisturbed(changed: &TestDatabase) -> Vec<String> {
    let database = TestDatabase::copy_of(changed);
    database.teelo(&RUN).expect_code(0);
    let differences = oracle::differences(&mut database.client());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    let content = content(&database);
    assert!(!content.iter().any(|line| line.starts_with("pending")), "{content:#?}");
    content
}

/// The folder of the test server's socket.
fn socket_folder() -> &'static Path {
    static FOLDER: OnceLock<std::path::PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| support::server().log_path().parent().unwrap().to_owned())
}

/// A run that is killed at a statement; false: it ended before.
fn run_killed(database: &TestDatabase, statement: u64, moment: Moment) -> bool {
    let proxy = Proxy::start(socket_folder(), Interruption { statement, moment, signal: Signal::KILL });
    let mut command = database.command(&RUN);
    command.env("DATABASE_URL", proxy.url(database.url())).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    proxy.set_victim(child.id());
    let status = child.wait().unwrap();
    assert!(proxy.interrupted() || status.success(), "{statement} {moment:?}: {status}");
    assert!(!proxy.interrupted() || status.code().is_none(), "{statement} {moment:?}: {status}");
    assert!(proxy.statements() > 0, "the program went past the proxy");
    proxy.interrupted()
}

/// Kills a run at a statement and lets the next one finish; the number of the killed ones, 0 or 1.
fn check_killed_once(changed: &TestDatabase, expected: &[String], statement: u64, moment: Moment) -> u64 {
    let copy = TestDatabase::copy_of(changed);
    let killed = run_killed(&copy, statement, moment);
    copy.teelo(&RUN).expect_code(0);
    assert_eq!(content(&copy), expected, "killed {moment:?} statement {statement}");
    u64::from(killed)
}

#[test]
fn killed_at_any_statement_the_next_run_ends_as_if_undisturbed() {
    let changed = changed("{}");
    let expected = undisturbed(&changed);
    let (next, killed_before, killed_after) = (AtomicU64::new(1), AtomicU64::new(0), AtomicU64::new(0));
    let work = || {
        loop {
            let statement = next.fetch_add(1, Ordering::SeqCst);
            let killed = check_killed_once(&changed, &expected, statement, Moment::Before);
            killed_before.fetch_add(killed, Ordering::SeqCst);
            // To the server it is the same whether the program ends after one statement or before the next.
            if killed == 0 || statement.is_multiple_of(5) {
                let last_or_this = statement - (1 - killed);
                let killed = check_killed_once(&changed, &expected, last_or_this, Moment::After);
                killed_after.fetch_add(killed, Ordering::SeqCst);
            }
            if killed == 0 {
                break;
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let (before, after) = (killed_before.into_inner(), killed_after.into_inner());
    println!("killed before {before} statements and after {after}");
    assert!(before > 50, "the run is too small to mean anything");
    assert!(after > before / 5, "not killed after the last statement");
}

/// Kills two runs in a row, at statements that differ from seed to seed.
fn check_killed_twice(changed: &TestDatabase) {
    let expected = undisturbed(changed);
    let moments = [Moment::Before, Moment::After];
    for seed in 0..8_u64 {
        let copy = TestDatabase::copy_of(changed);
        let (first, second) = (5 + seed * 37 % 32, 5 + seed * 23 % 30);
        let killed = [
            run_killed(&copy, first, moments[(seed % 2) as usize]),
            run_killed(&copy, second, moments[(seed / 2 % 2) as usize]),
        ];
        assert!(killed[0], "seed {seed}: the run has fewer than {first} statements");
        copy.teelo(&RUN).expect_code(0);
        assert_eq!(content(&copy), expected, "seed {seed}: killed at {first}, then at {second}: {killed:?}");
    }
}

#[test]
fn killed_twice_while_everything_is_rated_again_it_ends_as_if_undisturbed() {
    let changed = changed("{}");
    changed.client().batch_execute(include_str!("sql/parameter_set_change.sql")).unwrap();
    check_killed_twice(&changed);
}

#[test]
fn killed_twice_where_players_are_trusted_again_it_ends_as_if_undisturbed() {
    // With so small a K most ratings come out as stored, while numbers of matches and peaks change.
    let codes = ["F", "C", "A", "M", "G"].map(|code| format!(r#""K_{code}": 0.012"#)).join(", ");
    check_killed_twice(&changed(&format!(r#"{{{codes}, "new_threshold": 1}}"#)));
}

/// Runs the program on a development database.
fn teelo_on(url: &str, arguments: &[&str]) -> Output {
    run(teelo_command(arguments).env("DATABASE_URL", url))
}

#[test]
fn the_server_stopped_at_once_in_the_middle_of_runs_loses_nothing() {
    let devdb = Devdb::new("interrupted");
    devdb.run("start").expect_code(0);
    let url = devdb.url();
    teelo_on(&url, &["migrate"]).expect_code(0);
    let mut client = devdb.client();
    client.execute(include_str!("sql/made_up_players.sql"), &[&30]).unwrap();
    client.execute(include_str!("sql/made_up_matches.sql"), &[&600, &30]).unwrap();
    client.close().unwrap();
    for (round, statement) in [60, 33, 47, 52].into_iter().enumerate() {
        if round == 2 {
            teelo_on(&url, &["elo"]).expect_code(0);
            devdb.client().execute(include_str!("sql/flip_winner.sql"), &[&40_i32]).unwrap();
        }
        let socket_folder = url.split("host=").nth(1).unwrap();
        let moment = if round % 2 == 0 { Moment::Before } else { Moment::After };
        let interruption = Interruption { statement, moment, signal: Signal::QUIT };
        let proxy = Proxy::start(Path::new(socket_folder), interruption);
        let pid = devdb.pid().parse().unwrap();
        proxy.set_victim(pid);
        let output = teelo_on(&proxy.url(&url), &["elo", "--batch-size", "10"]);
        assert!(proxy.interrupted(), "{}", output.stderr);
        assert!(!matches!(output.code, Some(0) | None), "{output:?}");
        wait_until("the end of the server", || !Path::new(&format!("/proc/{pid}")).exists());
        devdb.run("start").expect_code(0);
    }
    teelo_on(&url, &["elo"]).expect_code(0);
    let differences = oracle::differences(&mut devdb.client());
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    teelo_on(&url, &["verify"]).expect_code(0);
}

//! `teelo doctor`: a healthy installation is well, and each thing that is wrong is found, with what to do.

#[path = "support/doctor.rs"]
mod diagnosis;
#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use diagnosis::{doctor, expect, found};
use pipeline::{METRICS, Pipeline};
use serde_json::{Value, json};
use support::{TestDatabase, TestFolder, run, server, teelo_command};
use teelo::doctor::{self, Check, Level, Settings};
use teelo::pipeline::lock::key_of_name;
use time::OffsetDateTime;

fn ago(hours: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(hours * 3600)
}

fn insert_run(
    database: &TestDatabase,
    run_id: &str,
    status: &str,
    began: SystemTime,
    ended: Option<SystemTime>,
) {
    let statement = include_str!("sql/status_run.sql");
    database.client().execute(statement, &[&run_id, &status, &began, &ended]).unwrap();
}

/// What is looked at where there is one address and another ingest program. Each has a test that it is well (this one), and one in which
/// something is found: here, in doctor_rights.rs, pooler.rs and standby.rs, or, where no machine can be made so, beside the check itself.
const CHECKS: [&str; 32] = [
    "artifacts",
    "clock",
    "columns",
    "connection",
    "disk space",
    "encoding",
    "encryption",
    "failed files",
    "fillfactor",
    "freshness",
    "indexes",
    "last run",
    "lock",
    "migrations",
    "name search",
    "old transactions",
    "parameters",
    "pending work",
    "pooler",
    "programs",
    "retention",
    "reviews",
    "rights",
    "server",
    "settings",
    "statement timeout",
    "systemd",
    "tables",
    "textfile",
    "time zone",
    "triggers",
    "writable",
];

#[test]
fn a_healthy_installation_is_well() {
    let pipeline = Pipeline::new("doctor_well");
    let script = pipeline.script("ingest.sh", METRICS);
    let mut first = pipeline.command(&script, &[]);
    run(&mut first).expect_code(0);
    let mut command = doctor(&pipeline.database);
    command.env("TEELO_ARTIFACTS_DIR", pipeline.path("artifacts")).env("TEELO_HOOK_START", "true -x");
    command.env("TEELO_TEXTFILE", pipeline.path("teelo.prom")).env("TEELO_KEEP_DAYS", "30");
    let output = run(&mut command).expect_code(0);
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((&report["schema_version"], &report["is_healthy"]), (&json!(1), &json!(true)));
    let checks = report["checks"].as_array().unwrap();
    // Whether systemd runs here, and the server has pg_trgm, is the machine's.
    let mut own = checks.iter().filter(|check| check["name"] != "systemd" && check["name"] != "name search");
    assert!(own.all(|check| check["level"] == "ok" && check["fix"].is_null()), "{report:#}");
    let names: BTreeSet<&str> = checks.iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, BTreeSet::from(CHECKS));
    assert_eq!(pipeline.run_rows().len(), 1);
    let left: Vec<_> = std::fs::read_dir(pipeline.path("artifacts")).unwrap().collect();
    assert_eq!(left.len(), 1, "no file of the doctor's is left: {left:?}");
    assert!(!pipeline.path("teelo.prom").exists());

    let text = run(command.env_remove("TEELO_KEEP_DAYS").args(["--json"])).expect_code(0).stdout;
    assert!(text.starts_with('{'), "the flag may be given twice");
}

#[test]
fn people_get_a_line_a_check_and_what_to_do() {
    let database = TestDatabase::new("doctor_text");
    let mut command = database.command(&["doctor"]);
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    let output = run(command.env("UPDATE_CURRENT_EVENTS_COMMAND", "no-such-program")).expect_code(1);
    // Behind it are the folders of PATH, if any, into which the user of the tests may not look.
    let missing = "error        programs           UPDATE_CURRENT_EVENTS_COMMAND: no-such-program cannot be started: \
                   there is no such program in PATH";
    let mut lines = output.stdout.lines().skip_while(|line| !line.starts_with(missing)).skip(1);
    let fix = "                                -> mend UPDATE_";
    assert!(lines.next().is_some_and(|line| line.starts_with(fix)), "{}", output.stdout);
    assert!(output.stdout.contains("\nok           server             PostgreSQL "), "{}", output.stdout);
    let last = output.stdout.lines().last().unwrap();
    assert!(last.starts_with("1 of ") && last.contains(" checks found something wrong, "), "{last}");
    let output = run(command.env("UPDATE_CURRENT_EVENTS_COMMAND", "true")).expect_code(0);
    let last = output.stdout.lines().last().unwrap();
    assert!(last.starts_with("all is well: ") || last.starts_with("nothing is wrong; "), "{last}");
}

#[test]
fn settings_that_cannot_be_read_and_a_server_that_cannot_be_reached_are_findings() {
    let database = TestDatabase::new("doctor_settings");
    for (name, value) in
        [("TEELO_KEEP_DAYS", "0"), ("UPDATE_CURRENT_EVENTS_WORKERS", "many"), ("TEELO_HOOK_START", "'x")]
    {
        expect(doctor(&database).env(name, value), "settings", &format!("error: {name}: "), &[]);
    }
    let mut nowhere = doctor(&database);
    expect(nowhere.env_remove("DATABASE_URL"), "settings", "error: DATABASE_URL is not set", &[]);
    let source = "error: the stage current_events_ingest has no source of results";
    expect(
        doctor(&database).env_remove("UPDATE_CURRENT_EVENTS_COMMAND"),
        "settings",
        source,
        &["TEELO_FEED_DIRS"],
    );
    let mut unreachable = doctor(&database);
    unreachable.env("DATABASE_URL", "postgresql://teelo:secret@127.0.0.1:1/teelo");
    expect(
        &mut unreachable,
        "connection",
        "error: cannot connect to the database at ",
        &["start the server"],
    );
    assert!(!run(&mut unreachable).stdout.contains("secret"));
}

#[test]
fn what_the_server_and_its_sessions_lack_is_found() {
    let database = TestDatabase::new("doctor_server");
    database.client().batch_execute(include_str!("sql/doctor_settings.sql")).unwrap();
    let warning = "warning: other programs' sessions are in Europe/Berlin";
    expect(
        &mut doctor(&database),
        "time zone",
        warning,
        &["-> ALTER DATABASE doctor_server", " SET timezone TO 'UTC';"],
    );
    let warning = "warning: the server ends statements after 8 s";
    expect(
        &mut doctor(&database),
        "statement timeout",
        warning,
        &["-> ALTER ROLE teelo SET statement_timeout TO 0;"],
    );
    let read_only = format!("{}&options=-cdefault_transaction_read_only%3Don", database.url());
    expect(
        doctor(&database).env("DATABASE_URL", read_only),
        "writable",
        "error: sessions are read-only",
        &[],
    );

    let mut admin = database.client();
    admin.batch_execute(include_str!("sql/doctor_ascii.sql")).unwrap();
    let mut ascii = doctor(&database);
    ascii.env("DATABASE_URL", server().url("doctor_ascii"));
    expect(&mut ascii, "encoding", "error: the database doctor_ascii is in SQL_ASCII", &["--encoding=UTF8"]);
    expect(&mut ascii, "migrations", "error: the database has no teelo tables yet", &["run `teelo migrate`"]);
    admin.batch_execute(include_str!("sql/doctor_ascii_drop.sql")).unwrap();
}

/// What the library finds at `now`, of a database and a system that begins at `root`.
fn examined(database: &TestDatabase, now: OffsetDateTime, root: PathBuf) -> Vec<Check> {
    let settings = Settings {
        problems: Vec::new(),
        database_url: Some(database.url().to_owned()),
        database_variable: "DATABASE_URL",
        program_database_url: None,
        lock_key: Some(0),
        artifacts: None,
        feeds: Vec::new(),
        programs: Vec::new(),
        search_path: None,
        textfile: None,
        keep_days: None,
        system_root: root,
    };
    doctor::examine(&settings, now).checks
}

#[test]
fn clocks_that_differ_are_found() {
    let database = TestDatabase::new("doctor_clock");
    for (offset_s, level, words) in [
        (0, Level::Ok, "agree"),
        (-60, Level::Warning, "s ahead of this machine's"),
        (60, Level::Warning, "s behind this machine's"),
        (7200, Level::Error, "7200 s behind this machine's"),
    ] {
        let now = OffsetDateTime::now_utc() + time::Duration::seconds(offset_s);
        let checks = examined(&database, now, PathBuf::from("/"));
        let clock = checks.iter().find(|check| check.name == "clock").unwrap();
        assert_eq!(clock.level, level, "{clock:?}");
        let message = clock.message.replace("7199", "7200");
        assert!(message.contains(words), "{clock:?}");
    }
}

#[test]
fn a_forgotten_transaction_is_found() {
    let database = TestDatabase::new("doctor_transaction");
    let mut forgetful = database.client();
    forgetful.batch_execute(include_str!("sql/doctor_transaction.sql")).unwrap();
    let at = |hours| {
        let now = OffsetDateTime::now_utc() + time::Duration::hours(hours);
        let checks = examined(&database, now, PathBuf::from("/"));
        checks.into_iter().find(|check| check.name == "old transactions").unwrap()
    };
    assert_eq!(at(0).level, Level::Ok);
    let old = at(2);
    assert_eq!(old.level, Level::Warning);
    assert!(old.message.starts_with("teelo/test (server process "), "{old:?}");
    assert!(old.fix.unwrap().contains("pg_terminate_backend("));
}

#[test]
fn what_somebody_did_to_the_tables_is_found() {
    let database = TestDatabase::new("doctor_tables");
    database.client().batch_execute(include_str!("sql/doctor_tables.sql")).unwrap();
    let mut command = doctor(&database);
    let columns = "error: columns are not as teelo needs them: matches.source character varying(10) (expected character varying(20)), \
                   players.height_cm bigint (expected integer), tournaments.city is missing (expected character varying(100)) ->";
    expect(&mut command, "columns", columns, &[]);
    let triggers = found(&mut command, "triggers");
    assert_eq!(triggers.len(), 3, "{triggers:?}");
    for (index, begin, fix) in [
        (0, "warning: the trigger elo_delete of matches does not notice replicated changes", "elo_delete;"),
        (1, "error: the trigger elo_update of matches is disabled", "elo_update;"),
        (2, "error: the trigger elo_update of tournaments is gone", "sql/migrations/0005_elo_pending.sql"),
    ] {
        assert!(triggers[index].starts_with(begin) && triggers[index].contains(fix), "{triggers:?}");
    }
    let indexes = found(&mut command, "indexes");
    assert_eq!(indexes.len(), 2, "{indexes:?}");
    let pending = "warning: the index idx_matches_elo_pending names elo_needs_recompute, elo_post_player_a";
    assert!(indexes[0].starts_with(pending), "{indexes:?}");
    assert!(indexes[0].ends_with("-> DROP INDEX CONCURRENTLY idx_matches_elo_pending;"), "{indexes:?}");
    assert!(indexes[1].contains("own_index names elo_processed_at"), "{indexes:?}");
    let fillfactor = "warning: new pages of matches are filled to 100%";
    expect(&mut command, "fillfactor", fillfactor, &["-> ALTER TABLE matches SET (fillfactor = 50);"]);
    expect(&mut command, "name search", "information: ", &["pg_trgm"]);
    expect(&mut command, "tables", "error: these tables are not there: waiting_schedules", &[]);
}

#[test]
fn several_active_parameter_sets_are_found() {
    let database = TestDatabase::new("doctor_parameters");
    database.client().batch_execute(include_str!("sql/doctor_parameters.sql")).unwrap();
    let warning =
        "warning: several parameter sets are active: \"newer\" is used, as the newest one, and not \"older\"";
    expect(&mut doctor(&database), "parameters", warning, &[]);
    let found = found(&mut doctor(&database), "parameters").remove(0);
    database.client().batch_execute(found.split_once(" -> ").unwrap().1).unwrap();
    expect(&mut doctor(&database), "parameters", "ok: the parameter set \"newer\" is used", &[]);
}

#[test]
fn work_that_does_not_get_less_is_found() {
    let database = TestDatabase::new("doctor_pending");
    let rating_run = |name: &str, at: SystemTime, has_left: bool| {
        let statement = include_str!("sql/doctor_rating_run.sql");
        database.client().execute(statement, &[&name, &at, &has_left]).unwrap();
    };
    expect(&mut doctor(&database), "pending work", "ok: nothing waits", &[]);
    database.client().batch_execute(include_str!("sql/doctor_pending.sql")).unwrap();
    let never = "warning: 2 changes wait to be rated; the stage elo_incremental has not succeeded in any run";
    expect(&mut doctor(&database), "pending work", never, &["`teelo elo`"]);
    rating_run("old", ago(30), false);
    expect(
        &mut doctor(&database),
        "pending work",
        "warning: 2 changes wait to be rated; the stage",
        &["last succeeded at 20"],
    );
    rating_run("a", ago(3), false);
    rating_run("b", ago(2), true);
    rating_run("c", ago(1), true);
    expect(&mut doctor(&database), "pending work", "ok: 2 changes wait for the next run", &[]);
    rating_run("d", ago(0), true);
    let always = "warning: 2 changes wait to be rated, and the last runs all left some over";
    expect(&mut doctor(&database), "pending work", always, &["ELO_INCREMENTAL_MAX_MATCHES"]);
}

#[test]
fn what_waits_for_a_person_too_long_is_found() {
    let database = TestDatabase::new("doctor_reviews");
    let reviews = |at: SystemTime| {
        database.client().execute(include_str!("sql/doctor_reviews.sql"), &[&at]).unwrap();
    };
    reviews(ago(24));
    expect(&mut doctor(&database), "reviews", "ok: 2 names wait for a decision, none for longer", &[]);
    reviews(ago(24 * 8));
    let parts = ["in the last 7 days 3 came and 1 were decided", "teelo identities"];
    expect(
        &mut doctor(&database),
        "reviews",
        "warning: 4 names wait for a decision, the oldest since 20",
        &parts,
    );
    database.client().batch_execute(include_str!("sql/status_tasks.sql")).unwrap();
    expect(
        &mut doctor(&database),
        "failed files",
        "warning: 31 feed files failed for good: task 6, /many/1.csv, ",
        &["--check"],
    );
}

#[test]
fn runs_that_stopped_failed_or_died_are_found() {
    let database = TestDatabase::new("doctor_runs");
    expect(&mut doctor(&database), "freshness", "information: no run yet", &[]);
    insert_run(&database, "bad", "failed", ago(60), Some(ago(60)));
    expect(
        &mut doctor(&database),
        "freshness",
        "error: no run has succeeded yet",
        &["systemctl list-timers"],
    );
    expect(
        &mut doctor(&database),
        "last run",
        "warning: the last run, bad, stands as failed",
        &["`teelo runs bad`"],
    );
    for (hours, level) in [(50, "error"), (5, "warning"), (1, "ok")] {
        insert_run(&database, &format!("{hours}"), "success", ago(hours), Some(ago(hours)));
        expect(
            &mut doctor(&database),
            "freshness",
            &format!("{level}: the last successful run ended at 20"),
            &[],
        );
    }
    expect(&mut doctor(&database), "last run", "ok: the last run, 1, stands as success", &[]);
    insert_run(&database, "killed", "running", ago(0), None);
    let died = "warning: the last run, killed, stands as died: its process is gone";
    expect(&mut doctor(&database), "last run", died, &["marks it as abandoned"]);
    expect(&mut doctor(&database), "lock", "ok: the pipeline's lock is free", &[]);
    let mut holder = database.client();
    holder.query(include_str!("sql/lock_take.sql"), &[&key_of_name("teelo_hourly_pipeline")]).unwrap();
    expect(&mut doctor(&database), "lock", "ok: a run is on: teelo/test on this machine", &[]);
    insert_run(&database, "done", "success", ago(0), Some(ago(0)));
    let held = "warning: teelo/test on this machine (server process ";
    expect(
        &mut doctor(&database),
        "lock",
        held,
        &["holds the pipeline's lock, but no run is on", "pg_terminate_backend("],
    );
    database.client().batch_execute(include_str!("sql/doctor_many_runs.sql")).unwrap();
    let many = "information: 5007 runs are kept, the oldest of 2020-01-01";
    expect(&mut doctor(&database), "retention", many, &["TEELO_KEEP_DAYS=90"]);
    expect(doctor(&database).env("TEELO_KEEP_DAYS", "9"), "retention", "ok: runs are kept for 9 days", &[]);
}

#[test]
fn folders_and_programs_that_cannot_be_used_are_found() {
    let pipeline = Pipeline::new("doctor_machine");
    let mut command = doctor(&pipeline.database);
    command.current_dir(pipeline.path(""));
    // Nobody can make a file there, not even root.
    command.env("TEELO_ARTIFACTS_DIR", "/proc/teelo/runs").env("TEELO_TEXTFILE", "/proc/teelo.prom");
    expect(
        &mut command,
        "artifacts",
        "error: runs cannot leave their files in /proc/teelo/runs: ",
        &["TEELO_ARTIFACTS_DIR"],
    );
    expect(&mut command, "textfile", "warning: /proc/teelo.prom cannot be written: ", &["TEELO_TEXTFILE"]);

    std::fs::create_dir(pipeline.path("empty")).unwrap();
    std::fs::write(pipeline.path("file"), "").unwrap();
    command.env_remove("UPDATE_CURRENT_EVENTS_COMMAND").env("TEELO_FEED_DIRS", ".:empty:file:missing");
    let feeds = found(&mut command, "feed folders");
    for (feed, begin) in feeds.iter().zip([
        "ok: . can be read",
        "information: empty is empty",
        "error: file cannot be read: Not a directory",
        "error: missing cannot be read: No such file",
    ]) {
        assert!(feed.starts_with(begin), "{feeds:?}");
    }
    assert_eq!(feeds.len(), 4);

    let script = pipeline.script("good.sh", "exit 0");
    std::fs::write(pipeline.path("plain.sh"), "#!/bin/sh\n").unwrap();
    let orphan = pipeline.script("orphan.sh", "");
    std::fs::write(&orphan, "#!/no/such/interpreter\n").unwrap();
    command.env("UPDATE_CURRENT_EVENTS_COMMAND", format!("'{script}' --flag"));
    command.env("TEELO_PLAYER_PROFILE_COMMAND", "./plain.sh").env("TEELO_HOOK_START", format!("'{orphan}'"));
    command.env("TEELO_HOOK_SUCCESS", "missing.sh").env("TEELO_HOOK_FAILURE", "./missing.sh");
    let programs = found(&mut command, "programs");
    for (program, (begin, reason)) in programs.iter().zip([
        ("ok: UPDATE_CURRENT_EVENTS_COMMAND: ", "good.sh can be started"),
        ("error: TEELO_PLAYER_PROFILE_COMMAND: ", "it is not executable; `chmod +x`"),
        ("error: TEELO_HOOK_START: ", "the interpreter that its first line names is missing"),
        ("error: TEELO_HOOK_SUCCESS: ", "there is no such program in PATH"),
        ("error: TEELO_HOOK_FAILURE: ", "there is no such program -> mend"),
    ]) {
        assert!(program.starts_with(begin) && program.contains(reason), "{programs:?}");
    }
    assert_eq!(programs.len(), 5);
}

#[test]
fn units_that_are_missing_or_not_enabled_are_found() {
    let folder = TestFolder::new("doctor_systemd");
    let root = folder.path();
    let check = || {
        let mut findings = doctor::Findings::default();
        doctor::check_systemd(root, &mut findings);
        let check = findings.checks()[0].clone();
        (check.level, check.message, check.fix.unwrap_or_default())
    };
    assert_eq!((check().0, check().1.contains("systemd does not run here")), (Level::Ok, true));
    std::fs::create_dir_all(root.join("run/systemd/system")).unwrap();
    assert_eq!(check().0, Level::Warning);
    assert!(check().1.starts_with("teelo.service and teelo.timer is not installed"), "{:?}", check());
    let units = root.join("etc/systemd/system");
    std::fs::create_dir_all(units.join("timers.target.wants")).unwrap();
    std::fs::write(units.join("teelo.service"), "").unwrap();
    assert!(check().1.starts_with("teelo.timer is not installed"), "{:?}", check());
    std::fs::create_dir_all(root.join("usr/lib/systemd/system")).unwrap();
    std::fs::write(root.join("usr/lib/systemd/system/teelo.timer"), "").unwrap();
    assert_eq!((check().0, check().2.as_str()), (Level::Warning, "systemctl enable --now teelo.timer"));
    std::os::unix::fs::symlink(
        "/usr/lib/systemd/system/teelo.timer",
        units.join("timers.target.wants/teelo.timer"),
    )
    .unwrap();
    assert_eq!((check().0, check().1.as_str()), (Level::Ok, "teelo.timer is installed and enabled"));
}

#[test]
fn an_unknown_flag_is_refused() {
    let refused = run(&mut teelo_command(&["doctor", "patient"])).expect_code(2);
    assert!(refused.stderr.contains("unexpected argument \"patient\""), "{}", refused.stderr);
}

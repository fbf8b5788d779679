//! A standby, to which nothing can be written: what writes says so and what to do, what only reads works there, and `teelo doctor` finds
//! it.

#[path = "support/devdb.rs"]
mod devdb;
#[path = "support/doctor.rs"]
mod diagnosis;
#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use std::os::unix::fs::{MetadataExt, chown};

use devdb::Devdb;
use diagnosis::{doctor, expect, found};
use pipeline::{METRICS, Pipeline};
use support::{Output, TestDatabase, run, teelo_command};

/// A server with some ratings, on which teelo has run once, and which then became a standby: it recovers for ever, and is read meanwhile.
fn standby(name: &str) -> (Devdb, Pipeline) {
    let devdb = Devdb::new(name);
    devdb.run("start").expect_code(0);
    let url = devdb.url();
    run(teelo_command(&["migrate"]).env("DATABASE_URL", &url)).expect_code(0);
    let pipeline = Pipeline::on(TestDatabase::elsewhere(url), name);
    let mut client = pipeline.database.client();
    client.execute(include_str!("sql/made_up_players.sql"), &[&30]).unwrap();
    client.execute(include_str!("sql/made_up_matches.sql"), &[&40, &30]).unwrap();
    client.batch_execute(include_str!("sql/standby_empty.sql")).unwrap();
    drop(client);
    pipeline.run_script(METRICS, &[]).expect_code(0);
    devdb.run("stop").expect_code(0);
    let data = devdb.dir.join("postgresql/data");
    let owner = std::fs::metadata(&data).unwrap();
    let signal = data.join("standby.signal");
    std::fs::write(&signal, "").unwrap();
    chown(&signal, Some(owner.uid()), Some(owner.gid())).unwrap();
    devdb.run("start").expect_code(0);
    (devdb, pipeline)
}

#[track_caller]
fn expect_refused(output: Output) {
    let output = output.expect_code(2);
    assert!(output.stderr.contains("the server is a standby: nothing can be written to it"), "{output:?}");
    assert!(output.stderr.contains("add target_session_attrs=read-write"), "{output:?}");
}

#[test]
fn a_standby_takes_no_writes_and_every_command_says_what_to_do() {
    let (_devdb, pipeline) = standby("standby");
    let program = pipeline.script("ingest.sh", METRICS);
    let folders = || std::fs::read_dir(pipeline.path("artifacts")).unwrap().count();
    let before = folders();
    for _ in 0..2 {
        expect_refused(run(&mut pipeline.command(&program, &[])));
    }
    assert_eq!((pipeline.run_rows().len(), folders()), (1, before), "nothing was begun");
    std::fs::create_dir(pipeline.path("feed")).unwrap();
    for writing in [
        &["elo"][..],
        &["ingest", "--feed", "feed"],
        &["players", "--files", "feed"],
        &["prune", "--keep-days", "1"],
        &["identities", "resolve", "1", "--new"],
    ] {
        let mut command = pipeline.database.command(writing);
        expect_refused(run(command.current_dir(pipeline.path(""))));
    }
    // Without tables there is something to migrate.
    let empty = pipeline.database.url().replace("/teelo?", "/standby_empty?");
    expect_refused(run(teelo_command(&["migrate"]).env("DATABASE_URL", empty)));
    for reading in [
        &["status"][..],
        &["runs"],
        &["rankings"],
        &["verify"],
        &["identities"],
        &["migrate", "--status"],
        &["migrate"],
        &["elo", "--dry-run"],
    ] {
        pipeline.database.teelo(reading).expect_code(0);
    }
}

#[test]
fn the_doctor_finds_a_standby_and_looks_at_what_can_be_read() {
    let (_devdb, pipeline) = standby("standby_doctor");
    let mut command = doctor(&pipeline.database);
    expect(
        &mut command,
        "writable",
        "error: the server is a standby: nothing can be written to it -> Connect to the primary",
        &["target_session_attrs=read-write"],
    );
    expect(&mut command, "columns", "information: they can be compared only where", &[]);
    for name in ["pooler", "triggers", "indexes", "rights", "pending work", "freshness", "lock"] {
        let found = found(&mut command, name);
        assert!(found.iter().all(|found| found.starts_with("ok: ")), "{name}: {found:?}");
    }
}

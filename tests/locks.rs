//! The lock of a run: one works and the others go away; a run that lost it commits nothing more; after a restart of the server it
//! takes it again; and what is marked as abandoned was.

#[path = "support/devdb.rs"]
mod devdb;
#[path = "support/pipeline.rs"]
mod pipeline;
#[path = "support/stopping.rs"]
mod stopping;
mod support;

use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use devdb::Devdb;
use pipeline::{METRICS, Pipeline, finish, start, wait_until};
use postgres::Client;
use rustix::process::Signal;
use stopping::{block_matches, end_in_time, expect_no_query, made_up_feed, sessions, wait_until_blocked};
use support::{TestDatabase, teelo_command};

/// The key of the pipeline's lock (DATABASE.md).
const LOCK_KEY: i64 = 3_085_158_873_381_457_578;
/// A stage's program that works until the test lets it go on.
const WAITING: &str = "touch $here/started; until [ -e $here/go ]; do sleep 0.02; done";

fn take(client: &mut Client) -> bool {
    client.query_one(include_str!("sql/lock_take.sql"), &[&LOCK_KEY]).unwrap().get(0)
}

#[test]
fn of_fifty_starts_at_once_one_works_and_the_others_leave_nothing() {
    let pipeline = Pipeline::new("fifty");
    let program = pipeline.script("ingest.sh", &format!("{WAITING}\n{METRICS}"));
    let started: Vec<Child> = (0..50)
        .map(|number| {
            let mut command = pipeline.command(&program, &["--lock-timeout-seconds", "0.5"]);
            start(command.env("TEELO_ARTIFACTS_DIR", pipeline.path(&format!("artifacts-{number}"))))
        })
        .collect();
    let (send, ended) = std::sync::mpsc::channel();
    for child in started {
        let send = send.clone();
        std::thread::spawn(move || send.send(finish(child)).unwrap());
    }
    for _ in 0..49 {
        let output = ended.recv().unwrap().expect_code(75);
        assert!(
            output.stderr.contains("the pipeline is locked by teelo/run on this machine"),
            "{}",
            output.stderr
        );
    }
    assert_eq!(pipeline.run_rows().len(), 1);
    std::fs::write(pipeline.path("go"), "").unwrap();
    ended.recv().unwrap().expect_code(0);
    let (row, _) = pipeline.only_run();
    assert_eq!(row.status, "success");
    let folders = (0..50).filter(|number| pipeline.path(&format!("artifacts-{number}")).exists()).count();
    assert_eq!(folders, 1);
}

#[test]
fn the_legacy_orchestrator_cannot_begin_while_a_run_works() {
    let pipeline = Pipeline::new("legacy_waits");
    let program = pipeline.script("ingest.sh", &format!("{WAITING}\n{METRICS}"));
    let running = start(&mut pipeline.command(&program, &[]));
    pipeline.wait_for("started");
    let mut legacy = pipeline.database.client();
    assert!(!take(&mut legacy));
    std::fs::write(pipeline.path("go"), "").unwrap();
    finish(running).expect_code(0);
    // The server may notice the end of the run's session a moment later.
    legacy.execute(include_str!("sql/lock_wait.sql"), &[&LOCK_KEY]).unwrap();
    // And the other way round.
    finish(start(&mut pipeline.command(&program, &["--lock-timeout-seconds", "0"]))).expect_code(75);
}

#[test]
fn a_run_that_works_under_another_lock_is_not_abandoned_until_it_dies() {
    const KEY: &str = "HOURLY_PIPELINE_LOCK_KEY";
    let pipeline = Pipeline::new("other_lock");
    let waiting = pipeline.script("waiting.sh", &format!("{WAITING}\n{METRICS}"));
    for key in ["another", "-42"] {
        let other = start(pipeline.command(&waiting, &[]).env(KEY, key));
        pipeline.wait_for("started");
        pipeline.run_script(METRICS, &[]).expect_code(0);
        let statuses =
            |rows: &[pipeline::RunRow]| rows.iter().map(|row| row.status.clone()).collect::<Vec<_>>();
        let rows = pipeline.run_rows();
        assert_eq!(statuses(&rows[rows.len() - 2..]), ["running", "success"]);
        std::fs::write(pipeline.path("go"), "").unwrap();
        finish(other).expect_code(0);
        let rows = pipeline.run_rows();
        assert_eq!(statuses(&rows[rows.len() - 2..]), ["success", "success"]);
        ["go", "started"].iter().for_each(|name| std::fs::remove_file(pipeline.path(name)).unwrap());
    }
    let mut killed = start(pipeline.command(&waiting, &[]).env(KEY, "another"));
    pipeline.wait_for("started");
    killed.kill().unwrap();
    killed.wait().unwrap();
    wait_until("its session has ended", || sessions(&pipeline.database, "teelo/run").is_empty());
    pipeline.run_script(METRICS, &[]).expect_code(0);
    assert_eq!(pipeline.run_rows()[4].status, "abandoned");
    assert!(pipeline.stage_rows().iter().all(|stage| stage.status != "running"));
}

/// A database on a server of its own, with results of which none is rated.
fn on_own_server(name: &str, matches: i32) -> (Devdb, Pipeline) {
    let devdb = Devdb::new(name);
    devdb.run("start").expect_code(0);
    let url = devdb.url();
    support::run(teelo_command(&["migrate"]).env("DATABASE_URL", &url)).expect_code(0);
    let pipeline = Pipeline::on(TestDatabase::elsewhere(url), name);
    with_results(&pipeline, matches);
    (devdb, pipeline)
}

fn with_results(pipeline: &Pipeline, matches: i32) {
    let mut client = pipeline.database.client();
    client.execute(include_str!("sql/made_up_players.sql"), &[&30]).unwrap();
    client.execute(include_str!("sql/made_up_matches.sql"), &[&matches, &30]).unwrap();
}

fn rated(pipeline: &Pipeline) -> i64 {
    pipeline.database.client().query_one(include_str!("sql/ratings_count.sql"), &[]).unwrap().get(0)
}

#[test]
fn a_run_that_lost_its_lock_commits_nothing_more() {
    for is_taken in [false, true] {
        let pipeline = Pipeline::new("lock_lost");
        with_results(&pipeline, 40);
        let mut other = pipeline.database.client();
        let mut client = pipeline.database.client();
        let blocking = block_matches(&mut client);
        let running =
            start(&mut pipeline.command(&pipeline.script("ingest.sh", METRICS), &["--continue-on-error"]));
        wait_until_blocked(&pipeline.database, "teelo/elo", 1);
        let in_line = is_taken.then(|| {
            let mut client = pipeline.database.client();
            std::thread::spawn(move || {
                client.execute(include_str!("sql/lock_wait.sql"), &[&LOCK_KEY]).unwrap();
                client
            })
        });
        if is_taken {
            wait_until_blocked(&pipeline.database, "teelo/test", 1);
        }
        other.query(include_str!("sql/sessions_end.sql"), &[&"teelo/run"]).unwrap();
        let output = end_in_time(running).expect_code(1);
        assert!(
            output.stderr.contains("the session that holds the run's lock was lost"),
            "{}",
            output.stderr
        );
        expect_no_query(&pipeline.database, "teelo/elo");
        blocking.rollback().unwrap();
        assert_eq!(rated(&pipeline), 0);
        let (row, stages) = pipeline.only_run();
        if let Some(holder) = in_line {
            // Nothing is recorded without the lock.
            assert_eq!(row.status, "running");
            assert_eq!(stages, ["current_events_ingest success", "elo_incremental running"]);
            holder.join().unwrap().close().unwrap();
        } else {
            assert_eq!(row.status, "failed");
            assert_eq!(stages[1..], ["elo_incremental failed", "player_enrichment_incremental skipped"]);
        }
        pipeline.run_script(METRICS, &[]).expect_code(0);
        assert_eq!(rated(&pipeline), 40);
        assert_eq!(pipeline.run_rows()[0].status, if is_taken { "abandoned" } else { "failed" });
    }
}

#[test]
fn a_session_that_holds_the_lock_and_does_not_answer_has_lost_it() {
    let pipeline = Pipeline::new("lock_hung");
    with_results(&pipeline, 40);
    let mut client = pipeline.database.client();
    let blocking = block_matches(&mut client);
    let running = start(&mut pipeline.command(&pipeline.script("ingest.sh", METRICS), &[]));
    wait_until_blocked(&pipeline.database, "teelo/elo", 1);
    let hung = sessions(&pipeline.database, "teelo/run");
    assert_eq!(hung.len(), 1, "{hung:?}");
    support::signal(&hung[0], Signal::STOP);
    // It ends although the session cannot be ended.
    let output = finish(running);
    support::signal(&hung[0], Signal::CONT);
    let output = output.expect_code(1);
    assert!(output.stderr.contains("the session that holds the run's lock was lost"), "{}", output.stderr);
    blocking.rollback().unwrap();
    assert_eq!(rated(&pipeline), 0);
    assert_eq!(pipeline.only_run().0.status, "running", "nothing is recorded without the lock");
    wait_until("its session has ended", || sessions(&pipeline.database, "teelo/run").is_empty());
    pipeline.run_script(METRICS, &[]).expect_code(0);
    assert_eq!((rated(&pipeline), pipeline.run_rows()[0].status.as_str()), (40, "abandoned"));
}

/// How a server goes down.
#[derive(Debug, Clone, Copy)]
enum Downfall {
    /// Its sessions are ended.
    Fast,
    /// At once, with recovery at the next start.
    Immediate,
    /// One of its processes is killed, and it starts anew by itself.
    Crash,
}

fn restart(devdb: &Devdb, database: &TestDatabase, downfall: Downfall) {
    let pid = devdb.pid();
    match downfall {
        Downfall::Fast => drop(devdb.run("stop").expect_code(0)),
        Downfall::Immediate => {
            support::signal(&pid, Signal::QUIT);
            wait_until("the server has ended", || !Path::new("/proc").join(&pid).exists());
        }
        Downfall::Crash => return support::signal(&sessions(database, "teelo/elo")[0], Signal::KILL),
    }
    devdb.run("start").expect_code(0);
}

#[test]
fn after_a_restart_of_the_server_the_run_goes_on() {
    let (devdb, pipeline) = on_own_server("restarted", 3000);
    for downfall in [Downfall::Fast, Downfall::Immediate, Downfall::Crash] {
        let program = pipeline.script("ingest.sh", METRICS);
        let number = pipeline.run_rows().len();
        let mut command = pipeline.command(&program, &[]);
        let running = start(command.env("ELO_INCREMENTAL_BATCH_SIZE", "1"));
        wait_until("some batches are written", || rated(&pipeline) > 50);
        let before = sessions(&pipeline.database, "teelo/run");
        restart(&devdb, &pipeline.database, downfall);
        let output = finish(running).expect_code(0);
        assert!(
            output.stderr.contains("the run has its lock again and goes on"),
            "{downfall:?}: {}",
            output.stderr
        );
        assert_eq!(before.len(), 1);
        let rows = pipeline.run_rows();
        assert_eq!((rows.len(), rows[number].status.as_str()), (number + 1, "success"), "{downfall:?}");
        let stages = &pipeline.stage_rows()[number * 3..];
        assert_eq!(stages.len(), 3, "every stage has one row");
        assert_eq!(stages[1].status, "success");
        assert!(stages[1].metrics["before_restart"].is_object(), "{:?}", stages[1]);
        let log =
            std::fs::read_to_string(pipeline.run_folder(&rows[number].run_id).join("events.jsonl")).unwrap();
        assert_eq!(log.matches("stage_resumed").count(), 1, "{log}");
        support::run(&mut pipeline.database.command(&["verify"])).expect_code(0);
        // All is rated: the next round begins with nothing rated.
        pipeline.database.client().batch_execute(include_str!("sql/ratings_forget.sql")).unwrap();
    }
}

#[test]
fn after_a_restart_in_the_middle_of_the_ingest_the_run_goes_on() {
    let (devdb, pipeline) = on_own_server("restarted_ingest", 40);
    let feed = made_up_feed(&pipeline, 1);
    let mut client = pipeline.database.client();
    let blocking = block_matches(&mut client);
    let mut command = pipeline.command("", &[]);
    command.env_remove("UPDATE_CURRENT_EVENTS_COMMAND").env("TEELO_FEED_DIRS", &feed);
    let running = start(&mut command);
    wait_until_blocked(&pipeline.database, "teelo/ingest", 1);
    restart(&devdb, &pipeline.database, Downfall::Fast);
    drop(blocking);
    finish(running).expect_code(0);
    let (row, stages) = pipeline.only_run();
    assert_eq!(row.status, "success");
    assert_eq!(stages[..2], ["current_events_ingest success", "elo_incremental success"]);
    assert!(pipeline.ingest_row().metrics["matches_inserted"].as_u64().unwrap() > 100);
    support::run(&mut pipeline.database.command(&["verify"])).expect_code(0);
}

#[test]
fn a_run_that_was_abandoned_while_the_server_was_away_does_not_go_on() {
    let (devdb, pipeline) = on_own_server("restarted_abandoned", 40);
    let mut client = pipeline.database.client();
    let blocking = block_matches(&mut client);
    let running = start(&mut pipeline.command(&pipeline.script("ingest.sh", METRICS), &[]));
    wait_until_blocked(&pipeline.database, "teelo/elo", 1);
    pipeline.database.client().batch_execute(include_str!("sql/runs_mark_abandoned.sql")).unwrap();
    restart(&devdb, &pipeline.database, Downfall::Fast);
    drop(blocking);
    let output = finish(running).expect_code(1);
    assert!(output.stderr.contains("another run has had the lock since"), "{}", output.stderr);
    assert_eq!(rated(&pipeline), 0);
    let (row, stages) = pipeline.only_run();
    assert_eq!(row.status, "abandoned");
    assert_eq!(stages, ["current_events_ingest success", "elo_incremental running"]);
    pipeline.run_script(METRICS, &[]).expect_code(0);
    assert_eq!(pipeline.stage_rows()[1].status, "abandoned");
    assert_eq!(rated(&pipeline), 40);
}

#[test]
fn the_deadline_also_ends_the_wait_for_a_server_that_stays_away() {
    let (devdb, pipeline) = on_own_server("stays_away", 40);
    let mut client = pipeline.database.client();
    let blocking = block_matches(&mut client);
    let program = pipeline.script("ingest.sh", METRICS);
    let running = start(&mut pipeline.command(&program, &["--max-runtime-minutes", "0.1"]));
    wait_until_blocked(&pipeline.database, "teelo/elo", 1);
    devdb.run("stop").expect_code(0);
    drop(blocking);
    finish(running).expect_code(124);
    devdb.run("start").expect_code(0);
    assert_eq!(pipeline.only_run().0.status, "running");
    pipeline.run_script(METRICS, &[]).expect_code(0);
    assert_eq!(pipeline.run_rows()[0].status, "abandoned");
}

#[test]
fn a_server_that_restarts_again_and_again_ends_the_run_and_nothing_is_written_twice() {
    let (devdb, pipeline) = on_own_server("restarted_often", 3000);
    pipeline.database.client().batch_execute(include_str!("sql/rating_writes.sql")).unwrap();
    let writes = || {
        let query = include_str!("sql/rating_writes_count.sql");
        let row = pipeline.database.client().query_one(query, &[]).unwrap();
        (row.get::<_, i64>("writes"), row.get::<_, i64>("matches"))
    };
    let program = pipeline.script("ingest.sh", METRICS);
    let running = start(pipeline.command(&program, &[]).env("ELO_INCREMENTAL_BATCH_SIZE", "1"));
    for downfall in [Downfall::Fast, Downfall::Immediate, Downfall::Fast, Downfall::Crash] {
        let before = rated(&pipeline);
        wait_until("some batches are written", || rated(&pipeline) > before + 30);
        restart(&devdb, &pipeline.database, downfall);
    }
    let output = finish(running).expect_code(1);
    let goes_on = "the run has its lock again and goes on";
    assert_eq!(output.stderr.matches(goes_on).count(), 3, "{}", output.stderr);
    assert!(output.stderr.contains("the server was restarted more than 3 times"), "{}", output.stderr);
    let (row, stages) = pipeline.only_run();
    assert_eq!((row.status.as_str(), row.has_ended), ("failed", true));
    assert_eq!(
        stages,
        ["current_events_ingest success", "elo_incremental failed", "player_enrichment_incremental skipped"]
    );
    // What each part of the stage had done is kept.
    let mut parts = vec![pipeline.stage_rows()[1].metrics.clone()];
    while parts.last().unwrap()["before_restart"].is_object() {
        parts.push(parts.last().unwrap()["before_restart"].clone());
    }
    assert_eq!(parts.len(), 4, "{parts:?}");
    let done = rated(&pipeline);
    // Batches do not wait for the disk one by one: what came after the last stop in order may be lost, and is pending again.
    assert!((1..3000).contains(&done), "{done}");
    assert_eq!(writes(), (done, done));
    pipeline.run_script(METRICS, &[]).expect_code(0);
    assert_eq!((rated(&pipeline), writes()), (3000, (3000, 3000)));
    pipeline.database.teelo(&["verify"]).expect_code(0);
}

#[test]
fn a_server_that_stays_away_ends_the_run_after_a_minute() {
    let (devdb, pipeline) = on_own_server("stays_away_long", 40);
    let mut client = pipeline.database.client();
    let blocking = block_matches(&mut client);
    let program = pipeline.script("ingest.sh", METRICS);
    // The deadline has another exit code.
    let running = start(&mut pipeline.command(&program, &["--max-runtime-minutes", "5"]));
    wait_until_blocked(&pipeline.database, "teelo/elo", 1);
    let stopped = Instant::now();
    devdb.run("stop").expect_code(0);
    drop(blocking);
    let output = finish(running).expect_code(1);
    assert!(stopped.elapsed() >= Duration::from_secs(60), "it gave up after {:?}", stopped.elapsed());
    let lost = "the session that holds the run's lock was lost";
    assert!(output.stderr.contains(lost), "{}", output.stderr);
    assert!(output.stderr.contains("then cannot connect to the database"), "{}", output.stderr);
    devdb.run("start").expect_code(0);
    assert_eq!((pipeline.only_run().0.status.as_str(), rated(&pipeline)), ("running", 0));
    pipeline.run_script(METRICS, &[]).expect_code(0);
    assert_eq!((pipeline.run_rows()[0].status.as_str(), rated(&pipeline)), ("abandoned", 40));
}

#[test]
fn a_server_that_is_back_may_refuse_sessions_for_a_moment() {
    let devdb = Devdb::new("refusing");
    devdb.run("start").expect_code(0);
    // Not the database by which the server is seen to be ready.
    devdb.client().batch_execute(include_str!("sql/refusing_create.sql")).unwrap();
    let url = devdb.url().replace("/teelo?", "/refusing?");
    support::run(teelo_command(&["migrate"]).env("DATABASE_URL", &url)).expect_code(0);
    let pipeline = Pipeline::on(TestDatabase::elsewhere(url), "refusing");
    with_results(&pipeline, 40);
    let mut client = pipeline.database.client();
    let blocking = block_matches(&mut client);
    let program = pipeline.script("ingest.sh", METRICS);
    let running = start(&mut pipeline.command(&program, &[]));
    wait_until_blocked(&pipeline.database, "teelo/elo", 1);
    devdb.client().batch_execute(include_str!("sql/refusing_on.sql")).unwrap();
    devdb.run("stop").expect_code(0);
    drop(blocking);
    // Longer than a server that is there may refuse: that time begins when it is back.
    std::thread::sleep(Duration::from_secs(4));
    let log = devdb.dir.join("postgresql/server.log");
    let refusals = || std::fs::read_to_string(&log).unwrap().matches("not currently accepting").count();
    assert_eq!(refusals(), 0);
    devdb.run("start").expect_code(0);
    wait_until("it refuses the run", || refusals() > 0);
    devdb.client().batch_execute(include_str!("sql/refusing_off.sql")).unwrap();
    let output = finish(running).expect_code(0);
    assert!(output.stderr.contains("the run has its lock again and goes on"), "{}", output.stderr);
    assert_eq!(rated(&pipeline), 40);
}

#[test]
fn a_server_whose_sessions_end_seconds_apart_was_restarted_all_the_same() {
    let (devdb, pipeline) = on_own_server("restarted_slowly", 40);
    let mut client = pipeline.database.client();
    let blocking = block_matches(&mut client);
    let program = pipeline.script("ingest.sh", METRICS);
    let running = start(&mut pipeline.command(&program, &[]));
    wait_until_blocked(&pipeline.database, "teelo/elo", 1);
    let (server, elo) = (devdb.pid(), sessions(&pipeline.database, "teelo/elo").remove(0));
    // The server does not see yet that one of its processes is gone: the run's own session goes on.
    support::signal(&server, Signal::STOP);
    support::signal(&elo, Signal::KILL);
    std::thread::sleep(Duration::from_secs(2));
    support::signal(&server, Signal::CONT);
    let output = finish(running).expect_code(0);
    drop(blocking);
    assert!(output.stderr.contains("the run has its lock again and goes on"), "{}", output.stderr);
    assert_eq!(rated(&pipeline), 40);
}

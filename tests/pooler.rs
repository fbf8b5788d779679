//! PgBouncer before the server: where it gives one session to several clients in turn, nothing that holds a lock works there, and
//! the message says what to do.

#[path = "support/doctor.rs"]
mod diagnosis;
#[path = "support/pipeline.rs"]
mod pipeline;
#[path = "support/pooler.rs"]
mod pooler;
mod support;

use std::sync::atomic::{AtomicBool, Ordering};

use diagnosis::{doctor, expect, found};
use pipeline::{METRICS, Pipeline};
use pooler::Pooler;
use postgres::{Client, NoTls};
use support::{Output, TestDatabase, run};

/// The key of the pipeline's lock (DATABASE.md).
const LOCK_KEY: i64 = 3_085_158_873_381_457_578;
/// What gives a session to several clients in turn, and how: the one used last, or each in turn; or after every statement.
const SHARED: [&str; 3] =
    ["pool_mode = transaction", "pool_mode = transaction\nserver_round_robin = 1", "pool_mode = statement"];

#[track_caller]
fn expect_refused(output: Output) {
    let output = output.expect_code(2);
    assert!(
        output.stderr.contains("Set TEELO_LOCK_DATABASE_URL to the address of the server"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("pool_mode = session"), "{}", output.stderr);
    assert_eq!(output.stdout, "");
}

/// Nobody holds the pipeline's lock.
#[track_caller]
fn expect_lock_free(pipeline: &Pipeline) {
    let mut client = pipeline.database.client();
    let is_free = client.query_one(include_str!("sql/lock_take.sql"), &[&LOCK_KEY]).unwrap();
    assert!(is_free.get::<_, bool>(0), "the lock was left behind in the pooler");
}

#[test]
fn a_pooler_that_shares_sessions_is_refused_and_nothing_is_left_in_it() {
    for settings in SHARED {
        let pipeline = Pipeline::new("pooler_refused");
        let pooler = Pooler::start(settings);
        let url = pooler.url(pipeline.database.url());
        let program = pipeline.script("ingest.sh", METRICS);
        std::fs::create_dir(pipeline.path("feed")).unwrap();
        for _ in 0..3 {
            expect_refused(run(pipeline.command(&program, &[]).env("DATABASE_URL", &url)));
            expect_lock_free(&pipeline);
        }
        for stage in
            [["elo"].as_slice(), &["ingest", "--feed", "feed"], &["players", "--files", "players.csv"]]
        {
            let mut command = pipeline.database.command(stage);
            command
                .current_dir(pipeline.path(""))
                .env("DATABASE_URL", &url)
                .env("TEELO_PLAYER_FILES", "feed");
            let output = run(&mut command);
            assert!(!output.stderr.contains("unknown flag"), "{}", output.stderr);
            expect_refused(output);
        }
        expect_refused(run(pipeline.database.command(&["migrate"]).env("DATABASE_URL", &url)));
        pipeline.expect_nothing_written();
    }
}

#[test]
fn the_doctor_finds_a_pooler_that_shares_sessions() {
    let database = TestDatabase::new("pooler_doctor");
    for settings in SHARED {
        let pooler = Pooler::start(settings);
        let url = pooler.url(database.url());
        let mut command = doctor(&database);
        command.env("DATABASE_URL", &url);
        let fix = "-> Set TEELO_LOCK_DATABASE_URL to the address of the server itself";
        let parts = ["a pooler that gives a session to several clients in turn", fix, "pool_mode = session"];
        expect(&mut command, "pooler", "error: DATABASE_URL: the database's address leads to", &parts);
        // What would be asked next could be answered by anybody's session.
        assert_eq!(found(&mut command, "triggers"), [""; 0]);
        // The fix helps; but only when it leads to the server.
        command.env("TEELO_LOCK_DATABASE_URL", database.url());
        expect(&mut command, "pooler", "ok: TEELO_LOCK_DATABASE_URL leads to the server itself", &[]);
        expect(&mut command, "triggers", "ok: ", &[]);
        command.env("TEELO_LOCK_DATABASE_URL", &url);
        expect(&mut command, "pooler", "error: TEELO_LOCK_DATABASE_URL: the database's address", &parts);
    }
    let pooler = Pooler::start("pool_mode = session");
    let mut command = doctor(&database);
    command.env("DATABASE_URL", pooler.url(database.url()));
    expect(&mut command, "pooler", "ok: DATABASE_URL leads to", &["a pooler that keeps sessions apart"]);
}

#[test]
fn the_doctor_looks_at_both_addresses() {
    let database = TestDatabase::new("pooler_doctor_both");
    let other = TestDatabase::new("pooler_doctor_other");
    let pooler = Pooler::start("pool_mode = transaction");
    let mut command = doctor(&database);
    assert_eq!(found(&mut command, "addresses"), [""; 0], "there is only one");
    command.env("DATABASE_URL", pooler.url(database.url()));
    command.env("TEELO_LOCK_DATABASE_URL", database.url());
    let same = "ok: TEELO_LOCK_DATABASE_URL and DATABASE_URL lead to the same database";
    expect(&mut command, "addresses", same, &[]);
    command.env("DATABASE_URL", pooler.url(other.url()));
    let another = "error: TEELO_LOCK_DATABASE_URL leads to another database (pooler_doctor_both_";
    expect(&mut command, "addresses", another, &["-> set DATABASE_URL, which the programs of a run use"]);
    expect(&mut command, "settings", "ok: ", &[]);
    command.env("DATABASE_URL", "host=/nowhere dbname=d user=u");
    expect(&mut command, "addresses", "error: DATABASE_URL: cannot connect to the database", &[]);
    command.env("TEELO_LOCK_DATABASE_URL", "host=/nowhere dbname=d user=u");
    let connection = "error: cannot connect to the database at /nowhere";
    expect(&mut command, "connection", connection, &["or mend TEELO_LOCK_DATABASE_URL: whatever `psql"]);
}

#[test]
fn a_busy_pooler_is_recognised_as_well() {
    let pipeline = Pipeline::new("pooler_busy");
    let pooler = Pooler::start("pool_mode = transaction");
    let url = pooler.url(pipeline.database.url());
    let program = pipeline.script("ingest.sh", METRICS);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = Client::connect(&url, NoTls).unwrap();
                while !is_over.load(Ordering::Relaxed) {
                    client.simple_query("").unwrap();
                    client.simple_query(include_str!("sql/ratings_count.sql")).unwrap();
                }
            });
        }
        let outputs: Vec<Output> =
            (0..10).map(|_| run(pipeline.command(&program, &[]).env("DATABASE_URL", &url))).collect();
        is_over.store(true, Ordering::Relaxed);
        outputs.into_iter().for_each(expect_refused);
    });
    pipeline.expect_nothing_written();
}

#[test]
fn with_the_servers_own_address_for_locks_the_pooler_may_stay() {
    let pipeline = Pipeline::new("pooler_direct");
    let pooler = Pooler::start("pool_mode = transaction");
    let url = pooler.url(pipeline.database.url());
    // The program gets the pooler's address, as it always did.
    let program =
        pipeline.script("ingest.sh", &format!("printf %s \"$DATABASE_URL\" > $here/address\n{METRICS}"));
    for number in 1..=2 {
        let mut command = pipeline.command(&program, &[]);
        command.env("DATABASE_URL", &url).env("TEELO_LOCK_DATABASE_URL", pipeline.database.url());
        run(&mut command).expect_code(0);
        assert_eq!(pipeline.wait_for("address"), url);
        assert_eq!(pipeline.run_rows().len(), number);
    }
    for stage in [["elo"].as_slice(), &["ingest", "--feed", "."]] {
        let mut command = pipeline.database.command(stage);
        command.current_dir(pipeline.path("")).env("DATABASE_URL", &url);
        run(command.env("TEELO_LOCK_DATABASE_URL", pipeline.database.url())).expect_code(0);
    }
    expect_lock_free(&pipeline);
}

#[test]
fn the_address_for_locks_leads_to_the_same_database() {
    let pipeline = Pipeline::new("pooler_other");
    let other = TestDatabase::new("pooler_another");
    let program = pipeline.script("ingest.sh", METRICS);
    let output =
        run(pipeline.command(&program, &[]).env("TEELO_LOCK_DATABASE_URL", other.url())).expect_code(2);
    assert!(output.stderr.contains("TEELO_LOCK_DATABASE_URL leads to another database"), "{}", output.stderr);
    let nowhere = "host=/nowhere dbname=d user=u";
    let output = run(pipeline.command(&program, &[]).env("TEELO_LOCK_DATABASE_URL", nowhere)).expect_code(69);
    assert!(output.stderr.contains("TEELO_LOCK_DATABASE_URL: cannot connect"), "{}", output.stderr);
    pipeline.expect_nothing_written();
}

#[test]
fn a_pooler_that_leaves_a_session_to_its_client_is_as_good_as_the_server() {
    let pipeline = Pipeline::new("pooler_session");
    let pooler = Pooler::start("pool_mode = session");
    let url = pooler.url(pipeline.database.url());
    let program = pipeline.script("ingest.sh", METRICS);
    for _ in 0..2 {
        run(pipeline.command(&program, &[]).env("DATABASE_URL", &url)).expect_code(0);
    }
    for row in pipeline.run_rows() {
        assert_eq!(row.status, "success");
    }
}

//! `teelo migrate`: an empty database gets Teelo's tables, an existing one is adopted untouched.

mod support;

use std::process::{Child, Stdio};

use postgres::Client;
use serde_json::Value;
use support::{TestDatabase, run, wait_until};
use teelo::migrations::MIGRATIONS;

/// Teelo's tables.
const TABLES: [&str; 13] = [
    "players",
    "player_aliases",
    "player_review_queue",
    "tournaments",
    "tournament_editions",
    "matches",
    "player_elo_states",
    "elo_parameter_sets",
    "scrape_queue",
    "update_log",
    "pipeline_checkpoints",
    "pipeline_runs",
    "pipeline_stage_runs",
];

/// A database as a running Teelo system has it, with some rows in every table.
fn existing_teelo_database() -> TestDatabase {
    let database = TestDatabase::empty("existing");
    let mut client = database.client();
    client.batch_execute(include_str!("sql/teelo_tables.sql")).unwrap();
    client.batch_execute(include_str!("sql/teelo_rows.sql")).unwrap();
    database
}

/// Columns, constraints and indexes of Teelo's tables, a line each.
fn describe(database: &TestDatabase) -> Vec<String> {
    let rows =
        database.client().query(include_str!("sql/tables_describe.sql"), &[&TABLES.as_slice()]).unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// What the tables of a running Teelo system look like once teelo has adopted them.
fn expected_description() -> Vec<String> {
    let mut lines = describe(&existing_teelo_database());
    let before = lines.len();
    lines.retain(|line| !line.contains("INDEX idx_matches_elo_pending "));
    assert_eq!(lines.len(), before - 1);
    lines
}

/// Every row of Teelo's tables with the transaction that wrote it and its place: an untouched row keeps both.
fn rows(client: &mut Client) -> Vec<String> {
    let mut lines = Vec::new();
    for table in TABLES {
        let found =
            client.query(&format!("SELECT xmin::text, ctid::text, t::text FROM {table} AS t"), &[]).unwrap();
        assert!(!found.is_empty(), "{table} has no rows to watch");
        lines.extend(found.iter().map(|row| {
            let (xmin, ctid, content): (&str, &str, &str) = (row.get(0), row.get(1), row.get(2));
            format!("{table} {xmin} {ctid} {content}")
        }));
    }
    lines
}

fn ledger(client: &mut Client) -> Vec<(i32, String)> {
    let rows = client
        .query("SELECT version, xmin::text || ctid::text FROM teelo_migrations ORDER BY 1", &[])
        .unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

fn exists(client: &mut Client, relation: &str) -> bool {
    client.query_one("SELECT to_regclass($1::text) IS NOT NULL", &[&relation]).unwrap().get(0)
}

#[test]
fn an_empty_database_gets_teelos_tables() {
    let database = TestDatabase::empty("fresh");
    let applied = database.teelo(&["migrate"]).expect_code(0);
    assert_eq!(applied.stdout, format!("applied {} migrations\n", MIGRATIONS.len()));
    assert_eq!(describe(&database), expected_description());
}

#[test]
fn a_second_run_does_nothing() {
    let database = TestDatabase::empty("twice");
    database.teelo(&["migrate"]).expect_code(0);
    let mut client = database.client();
    let before = (describe(&database), ledger(&mut client));
    assert_eq!(before.1.len(), MIGRATIONS.len());
    assert_eq!(
        database.teelo(&["migrate"]).expect_code(0).stdout,
        "nothing to do: every migration is applied\n"
    );
    assert_eq!((describe(&database), ledger(&mut client)), before);
}

#[test]
fn an_existing_database_is_adopted_without_touching_a_row() {
    let database = existing_teelo_database();
    let mut client = database.client();
    let file = "SELECT pg_relation_filenode('matches'), pg_relation_filenode('players')";
    let files = |client: &mut Client| {
        let row = client.query_one(file, &[]).unwrap();
        (row.get::<_, u32>(0), row.get::<_, u32>(1))
    };
    let before = (rows(&mut client), files(&mut client));
    database.teelo(&["migrate"]).expect_code(0);
    assert_eq!((rows(&mut client), files(&mut client)), before);
    assert_eq!(describe(&database), expected_description());

    let notes = client
        .query("SELECT match_id, temporal_order, reason FROM elo_pending ORDER BY match_id", &[])
        .unwrap();
    let notes: Vec<(i32, Option<i64>, &str)> =
        notes.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect();
    assert_eq!(notes, [(2, Some(202_501_120_000_170), "adopt"), (3, None, "adopt")]);

    database.teelo(&["migrate"]).expect_code(0);
    assert_eq!((rows(&mut client), files(&mut client)), before);
}

#[test]
fn what_an_existing_database_lacks_is_added() {
    let database = existing_teelo_database();
    let mut client = database.client();
    client
        .batch_execute(
            "DROP TABLE update_log, pipeline_stage_runs;
             ALTER TABLE matches DROP COLUMN player_b_seed, DROP COLUMN elo_needs_recompute;
             ALTER TABLE matches DROP CONSTRAINT matches_external_id_key;
             ALTER TABLE player_aliases DROP CONSTRAINT player_aliases_player_id_fkey;
             ALTER TABLE scrape_queue DROP CONSTRAINT ck_priority_range;
             DROP INDEX IF EXISTS idx_matches_status, idx_player_aliases_alias_trgm",
        )
        .unwrap();
    database.teelo(&["migrate"]).expect_code(0);
    assert_eq!(describe(&database), expected_description());
    let kept: i64 =
        client.query_one("SELECT count(*) FROM matches WHERE NOT elo_needs_recompute", &[]).unwrap().get(0);
    assert_eq!(kept, 3);
}

#[test]
fn an_incompatible_column_stops_everything() {
    let database = existing_teelo_database();
    let mut client = database.client();
    client
        .batch_execute("ALTER TABLE matches ALTER COLUMN duration_minutes TYPE interval USING NULL")
        .unwrap();
    let before = (describe(&database), rows(&mut client));
    let refused = database.teelo(&["migrate"]).expect_code(1);
    let words = "table \"matches\", column \"duration_minutes\": found type interval, expected integer";
    assert!(refused.stderr.contains(words), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("sql/migrations/0001_check_existing_tables.sql, line "),
        "{}",
        refused.stderr
    );
    assert_eq!((describe(&database), rows(&mut client)), before);
    assert!(!exists(&mut client, "teelo_migrations"));
}

#[test]
fn a_wider_column_is_compatible() {
    let database = existing_teelo_database();
    let mut client = database.client();
    client
        .batch_execute(
            "ALTER TABLE matches ALTER COLUMN score TYPE text, ALTER COLUMN source TYPE varchar(40)",
        )
        .unwrap();
    let before = rows(&mut client);
    database.teelo(&["migrate"]).expect_code(0);
    assert_eq!(rows(&mut client), before);
}

#[test]
fn a_role_that_may_not_create_extensions_can_migrate() {
    let database = TestDatabase::empty("modest");
    let mut client = database.client();
    client
        .batch_execute("CREATE ROLE modest_role LOGIN; GRANT USAGE, CREATE ON SCHEMA public TO modest_role")
        .unwrap();
    let url = database.url().replace("teelo@", "modest_role@");
    let mut command = database.command(&["migrate"]);
    run(command.env("DATABASE_URL", &url)).expect_code(0);
    let mut expected = expected_description();
    expected.retain(|line| !line.contains("INDEX idx_player_aliases_alias_trgm "));
    assert_eq!(describe(&database), expected);
    client.batch_execute("DROP OWNED BY modest_role; DROP ROLE modest_role").unwrap();
}

#[test]
fn dry_run_and_status_change_nothing() {
    let database = TestDatabase::empty("looked_at");
    let listed = database.teelo(&["migrate", "--dry-run"]).expect_code(0).stdout;
    let expected: String =
        MIGRATIONS.iter().map(|migration| format!("would apply {}\n", migration.name)).collect();
    assert_eq!(listed, expected);
    let status = database.teelo(&["migrate", "--status"]).expect_code(0).stdout;
    assert_eq!(
        status.lines().filter(|line| line.ends_with(" pending")).count(),
        MIGRATIONS.len(),
        "{status}"
    );
    let count = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    assert_eq!(database.client().query_one(count, &[]).unwrap().get::<_, i64>(0), 0);

    database.teelo(&["migrate"]).expect_code(0);
    let status = database.teelo(&["migrate", "--status"]).expect_code(0).stdout;
    assert_eq!(
        status.lines().filter(|line| line.contains(" applied 20")).count(),
        MIGRATIONS.len(),
        "{status}"
    );
    let dry_run = database.teelo(&["migrate", "--dry-run"]).expect_code(0).stdout;
    assert_eq!(dry_run, "nothing to do: every migration is applied\n");
    let json = database.teelo(&["migrate", "--status", "--json"]).expect_code(0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["schema_version"], 1);
    assert_eq!(json["migrations"][0]["name"], MIGRATIONS[0].name);
    assert!(json["migrations"][0]["applied_at"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn a_ledger_that_contradicts_the_program_is_refused() {
    for (change, words) in [
        ("UPDATE teelo_migrations SET checksum = 'x' WHERE version = 2", "0002_teelo_tables.sql was edited"),
        ("DELETE FROM teelo_migrations WHERE version = 2", "has no migration 2, but a later one"),
        (
            "INSERT INTO teelo_migrations SELECT max(version) + 1, 'later', 'x', '2026-01-01' FROM teelo_migrations",
            "the migration later, which this program does not know",
        ),
    ] {
        let database = TestDatabase::new("contradicted");
        let mut client = database.client();
        client.batch_execute(change).unwrap();
        let before = ledger(&mut client);
        for arguments in [&["migrate"][..], &["migrate", "--dry-run"], &["migrate", "--status"], &["elo"]] {
            let refused = database.teelo(arguments).expect_code(1);
            assert!(refused.stderr.contains(words), "{arguments:?}: {}", refused.stderr);
        }
        assert_eq!(ledger(&mut client), before);
    }
}

#[test]
fn other_commands_ask_for_it() {
    let database = TestDatabase::empty("bare");
    let refused = database.teelo(&["elo"]).expect_code(2);
    assert!(refused.stderr.contains("no teelo tables yet; run `teelo migrate`"), "{}", refused.stderr);
    database.teelo(&["migrate"]).expect_code(0);
    let last = MIGRATIONS.last().unwrap().version;
    database.client().execute("DELETE FROM teelo_migrations WHERE version = $1", &[&last]).unwrap();
    let refused = database.teelo(&["elo"]).expect_code(2);
    assert!(refused.stderr.contains("1 migration is pending; run `teelo migrate`"), "{}", refused.stderr);
}

#[test]
fn eight_at_once_apply_each_migration_once() {
    let database = existing_teelo_database();
    let started: Vec<Child> = (0..8)
        .map(|_| {
            database.command(&["migrate"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let finished = started.into_iter().map(|child| child.wait_with_output().unwrap());
    let outputs: Vec<String> = finished
        .map(|output| {
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        })
        .collect();
    let busy = outputs.iter().filter(|output| output.starts_with("applied ")).count();
    let idle = outputs.iter().filter(|output| output.starts_with("nothing to do")).count();
    assert_eq!((busy, idle), (1, 7), "{outputs:?}");
    assert_eq!(ledger(&mut database.client()).len(), MIGRATIONS.len());
}

/// Starts a migration that has to wait in the middle of 0005, because `blocker` is writing to tournaments.
fn start_blocked(database: &TestDatabase, blocker: &mut Client) -> Child {
    blocker.batch_execute("BEGIN; UPDATE tournaments SET name = name").unwrap();
    let mut migrating =
        database.command(&["migrate"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                 AND wait_event_type = 'Lock' AND query LIKE '%CREATE TRIGGER elo_update%'";
    // Not the blocker's own session: within a transaction it keeps seeing the first answer.
    let mut observer = database.client();
    wait_until("the migration's wait for tournaments", || {
        assert!(migrating.try_wait().unwrap().is_none(), "the migration did not wait");
        observer.query_one(waits, &[]).unwrap().get::<_, i64>(0) == 1
    });
    migrating
}

#[test]
fn a_kill_in_the_middle_leaves_nothing_half_done() {
    let database = existing_teelo_database();
    let (mut blocker, mut client) = (database.client(), database.client());
    let mut migrating = start_blocked(&database, &mut blocker);
    migrating.kill().unwrap();
    migrating.wait().unwrap();
    blocker.batch_execute("ROLLBACK").unwrap();
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                  AND application_name = 'teelo/migrate'";
    wait_until("the end of the killed session", || {
        client.query_one(others, &[]).unwrap().get::<_, i64>(0) == 0
    });

    assert_eq!(ledger(&mut client).len(), 4);
    assert!(!exists(&mut client, "elo_pending"));
    let functions =
        "SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'elo%'";
    assert_eq!(client.query_one(functions, &[]).unwrap().get::<_, i64>(0), 0);

    database.teelo(&["migrate"]).expect_code(0);
    assert_eq!(describe(&database), expected_description());
    assert_eq!(ledger(&mut client).len(), MIGRATIONS.len());
}

#[test]
fn a_table_in_use_is_waited_for() {
    let database = existing_teelo_database();
    let mut blocker = database.client();
    let mut migrating = start_blocked(&database, &mut blocker);
    // Others are not held up for long behind the waiting migration: it gives up after seconds, then tries again.
    let mut other = database.client();
    other.batch_execute("UPDATE tournaments SET updated_at = updated_at WHERE false").unwrap();
    assert!(migrating.try_wait().unwrap().is_none());
    blocker.batch_execute("COMMIT").unwrap();
    assert!(migrating.wait().unwrap().success());
    assert_eq!(ledger(&mut other).len(), MIGRATIONS.len());
}

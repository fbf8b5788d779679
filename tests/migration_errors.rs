//! What a migration with a mistake says, and that nothing of it stays.

mod support;

use support::TestDatabase;
use teelo::migrations::{Migration, apply_list};
use time::macros::datetime;

/// Applies one file that must fail; returns the error's text.
fn failure(sql: &'static str) -> String {
    let database = TestDatabase::empty("mistake");
    let migrations = [
        Migration { version: 1, name: "0001_good", sql: "CREATE TABLE good (id integer)" },
        Migration { version: 2, name: "0002_bad", sql },
    ];
    let mut client = database.client();
    let error = apply_list(&mut client, &migrations, datetime!(2026-01-02 03:04:05 UTC)).unwrap_err();
    assert_eq!(error.exit_code(), 1);
    let query = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class \
                 WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";
    let tables: String = client.query_one(query, &[]).unwrap().get(0);
    assert_eq!(tables, "good teelo_migrations", "something of the bad file stayed");
    let applied: Vec<String> =
        teelo::migrations::ledger(&mut client).unwrap().into_iter().map(|a| a.name).collect();
    assert_eq!(applied, ["0001_good"]);
    error.to_string()
}

#[test]
fn a_wrong_name_is_shown_with_a_caret_below_it() {
    let text = failure(
        "-- A file of several statements; this is the first line.
CREATE TABLE bad (id integer, label text DEFAULT 'é;');

INSERT INTO bad (id, label)
    SELECT 1, 'é' || wrong_name -- here
    FROM bad;
",
    );
    assert_eq!(
        text,
        "sql/migrations/0002_bad.sql, line 5: column \"wrong_name\" does not exist (SQLSTATE 42703)
  5 |     SELECT 1, 'é' || wrong_name -- here
    |                      ^
  Nothing of this file was applied."
    );
}

#[test]
fn a_mistake_without_a_position_is_shown_with_its_statement() {
    let text = failure(
        "CREATE TABLE bad (id integer CONSTRAINT bad_id_key UNIQUE);
INSERT INTO bad VALUES (1);
-- The second of the same.
INSERT INTO bad
    VALUES (1);
",
    );
    assert_eq!(
        text,
        "sql/migrations/0002_bad.sql, line 4: duplicate key value violates unique constraint \"bad_id_key\" (SQLSTATE 23505)
  4 | INSERT INTO bad
  detail: Key (id)=(1) already exists.
  Nothing of this file was applied."
    );
}

#[test]
fn a_hint_and_the_place_in_a_block_are_shown() {
    let text = failure(
        "CREATE TABLE bad ();
DO $$
BEGIN
    RAISE EXCEPTION 'not like this' USING HINT = 'Like that.', ERRCODE = '22023';
END
$$;
",
    );
    assert_eq!(
        text,
        "sql/migrations/0002_bad.sql, line 4: not like this (SQLSTATE 22023)
  4 |     RAISE EXCEPTION 'not like this' USING HINT = 'Like that.', ERRCODE = '22023';
  hint: Like that.
  where: PL/pgSQL function inline_code_block line 3 at RAISE
  Nothing of this file was applied."
    );
}

#[test]
fn what_is_never_closed_is_the_servers_to_explain() {
    let text = failure("CREATE TABLE bad ();\nSELECT 'never closed;\n");
    assert!(text.starts_with("sql/migrations/0002_bad.sql, line 2: unterminated quoted string"), "{text}");
    let text = failure("CREATE TABLE bad ();\nCREATE TABLE worse (\n");
    assert!(text.starts_with("sql/migrations/0002_bad.sql, line 2: syntax error at end of input"), "{text}");
}

#[test]
fn applied_migrations_carry_the_clock_they_were_given() {
    let database = TestDatabase::empty("clock");
    let migrations = [Migration { version: 1, name: "0001_good", sql: "SELECT 1" }];
    let mut client = database.client();
    client.batch_execute("SET TIME ZONE 'Asia/Tokyo'").unwrap();
    let applied = apply_list(&mut client, &migrations, datetime!(2026-01-02 03:04:05 +1)).unwrap();
    assert_eq!(applied.len(), 1);
    let ledger = teelo::migrations::ledger(&mut client).unwrap();
    assert_eq!(ledger[0].applied_at, "2026-01-02T02:04:05Z");
    assert_eq!(ledger[0].checksum, "e004ebd5b5532a4b85984a62f8ad48a81aa3460c1ca07701f386135d72cdecf5");
    assert!(apply_list(&mut client, &migrations, datetime!(2027-01-01 00:00 UTC)).unwrap().is_empty());
    assert_eq!(teelo::migrations::ledger(&mut client).unwrap(), ledger);
}

//! `teelo players` with player lists: who is tried, what is filled in, what is remembered.

#[path = "support/players.rs"]
mod players;
mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use players::{LIST_HEADER, LastTry, Players};
use serde_json::{Value, json};
use teelo::countries;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const NOW: OffsetDateTime = datetime!(2026-03-04 05:06:07 UTC);

fn try_of(player_id: i32, tries: i32, outcome: &str, detail: &str, days: i32) -> LastTry {
    LastTry { player_id, tries, outcome: outcome.to_owned(), detail: detail.to_owned(), days }
}

#[test]
fn what_is_missing_is_filled_in_what_is_there_stays_and_a_second_run_writes_nothing() {
    let players = Players::new("fill");
    players.insert(1, "Ada Ames", None, Some("100"));
    players.insert(2, "Bo Berg", None, Some("200"));
    players.insert(3, "Cy Cole", None, Some("300"));
    players.insert(4, "Di Dorn", None, Some("400"));
    players.write(2, "", Some("ITA"), Some("1999-09-09"), None);
    let list = players.write_list(
        "atp_players.csv",
        &[
            "100,Ada,Ames,L,20010504,DEU,181",
            "200,Bo,Berg,R,20000101,ESP,190.0",
            "300,Cy,Cole,U,20010000,XXX,3",
        ],
    );
    let list = list.to_str().unwrap();
    let output = players.teelo(&["--files", list, "--metrics-json", "m.json", "--status-jsonl", "s.jsonl"]);
    assert_eq!(players.facts(1), "GER|2001-05-04|Left|181", "codes of others become the IOC's");
    assert_eq!(players.facts(2), "ITA|1999-09-09|Right|190", "what is known stays");
    assert_eq!(players.facts(3), "");
    let output = output.expect_code(0);
    assert!(
        output.stdout.starts_with("players: 4 tried, 2 filled in (1 birth_date, 2 hand, "),
        "{}",
        output.stdout
    );
    assert_eq!(
        players.tries("files"),
        [
            try_of(1, 1, "found", "atp_players.csv, player_id 100 (by id)", 1),
            try_of(2, 1, "found", "atp_players.csv, player_id 200 (by id)", 1),
            try_of(3, 1, "nothing_new", "atp_players.csv, player_id 300 (by id)", 1),
            try_of(4, 1, "not_found", "nobody of the id 400 (men)", 1),
        ]
    );
    let metrics: Value = serde_json::from_slice(&std::fs::read(players.path("m.json")).unwrap()).unwrap();
    assert_eq!(
        metrics["fields_filled"],
        json!({"birth_date": 1, "hand": 2, "height_cm": 2, "nationality_ioc": 1})
    );
    let rejected = json!({
        "files.birth_date.no_date": 1, "files.height_cm.implausible_height": 1, "files.nationality_ioc.unknown_country": 1
    });
    assert_eq!(metrics["values_rejected"], rejected);
    assert_eq!(
        (metrics["records_scanned"].clone(), metrics["records_processed"].clone()),
        (json!(4), json!(2))
    );
    assert_eq!((metrics["records_skipped"].clone(), metrics["records_failed"].clone()), (json!(2), json!(0)));
    let events = std::fs::read_to_string(players.path("s.jsonl")).unwrap();
    assert_eq!(events.matches("\"value_rejected\"").count(), 3, "{events}");

    let before = players.dump();
    let output = players.teelo(&["--files", list]).expect_code(0);
    assert_eq!(output.stdout, "players: nothing to do: nobody who misses something is due\n");
    assert_eq!(players.dump(), before);
}

#[test]
fn a_dry_run_tells_what_would_be_filled_in_and_writes_nothing() {
    let players = Players::new("dry");
    players.insert(1, "Ada Ames", None, Some("100"));
    let list = players.write_list("atp_players.csv", &["100,Ada,Ames,L,20010504,ESP,181"]);
    let before = players.dump();
    let output = players.teelo(&["--files", list.to_str().unwrap(), "--dry-run"]).expect_code(0);
    assert!(
        output.stdout.starts_with("players: 1 tried, 1 would be filled in (1 birth_date, "),
        "{}",
        output.stdout
    );
    assert_eq!(players.dump(), before);
}

#[test]
fn explain_tells_where_every_value_came_from_and_what_is_next() {
    let players = Players::new("explain");
    players.insert(7, "Ada Ames", None, Some("100"));
    players.write(7, "", None, None, Some("Right"));
    let list = players.write_list("atp_players.csv", &["100,Ada,Ames,L,20010504,ESP,18"]);
    players.run_at(NOW, &[list]);
    let output = players.teelo(&["--explain", "7"]).expect_code(0);
    let expected = "player 7: Ada Ames
  nationality_ioc   ESP           files at 2026-03-04T05:06:07Z: atp_players.csv, player_id 100 (by id)
  birth_date        2001-05-04    files at 2026-03-04T05:06:07Z: atp_players.csv, player_id 100 (by id)
  hand              Right         not from teelo players
  height_cm         -             missing
  backhand          -             missing
  turned_pro_year   -             missing
files: found at 2026-03-04T05:06:07Z: atp_players.csv, player_id 100 (by id)
  tries in a row: 1; not again before 2026-03-05T05:06:07Z
  turned down: height_cm \"18\": implausible_height
";
    assert_eq!(output.stdout, expected);
    // Somebody corrects a value: it is not the files' any more.
    players.write(7, "", Some("POR"), None, Some("Right"));
    let output = players.teelo(&["--explain", "7", "--json"]).expect_code(0);
    let explanation: Value = serde_json::from_str(&output.stdout).unwrap();
    let country = json!({"field": "nationality_ioc", "value": "POR", "given_by": null});
    assert_eq!(explanation["fields"][0], country);
    assert_eq!(explanation["tries"][0]["rejected"][0]["value"], "18");
    let output = players.teelo(&["--explain", "8"]).expect_code(2);
    assert!(output.stderr.contains("there is no player 8"), "{}", output.stderr);
}

#[test]
fn whom_no_source_could_complete_is_tried_again_later_and_later() {
    let players = Players::new("later");
    players.insert(1, "Ada Ames", None, Some("100"));
    let list = [players.write_list("atp_players.csv", &["999,X,Y,U,,,"])];
    let mut now = NOW;
    for (index, days) in [1, 2, 4, 8, 16, 32, 64, 90, 90].into_iter().enumerate() {
        assert_eq!(players.run_at(now, &list).metrics.records_scanned, 1);
        let tries = i32::try_from(index).unwrap() + 1;
        assert_eq!(
            players.tries("files"),
            [try_of(1, tries, "not_found", "nobody of the id 100 (men)", days)]
        );
        let before = players.dump();
        let early = now + Duration::days(days.into()) - Duration::seconds(1);
        assert_eq!(players.run_at(early, &list).metrics.records_scanned, 0, "not before its time");
        assert_eq!(players.dump(), before);
        now += Duration::days(days.into());
    }
    // What changes in the files is looked at at once, and the pauses begin anew.
    players.write_list("atp_players.csv", &["998,X,Y,U,,,"]);
    assert_eq!(players.run_at(now, &list).metrics.records_scanned, 1);
    assert_eq!(players.tries("files"), [try_of(1, 1, "not_found", "nobody of the id 100 (men)", 1)]);
    players.write_list("atp_players.csv", &["100,Ada,Ames,L,20010504,ESP,181"]);
    assert_eq!(players.run_at(now, &list).metrics.records_processed, 1);
    assert_eq!(players.facts(1), "ESP|2001-05-04|Left|181");
    assert_eq!(
        players.run_at(now + Duration::days(99), &list).metrics.records_scanned,
        0,
        "nothing left to fill"
    );
}

#[test]
fn no_resume_tries_everybody_at_once() {
    let players = Players::new("no_resume");
    players.insert(1, "Ada Ames", None, Some("100"));
    let list = players.write_list("atp_players.csv", &["999,X,Y,U,,,"]);
    let list = list.to_str().unwrap();
    players.teelo(&["--files", list]).expect_code(0);
    players.teelo(&["--files", list]).expect_code(0);
    assert_eq!(players.tries("files")[0].tries, 1);
    players.teelo(&["--files", list, "--no-resume"]).expect_code(0);
    assert_eq!(players.tries("files")[0].tries, 2);
}

/// The ids of the players who were tried, in the order of the tries.
fn tried(players: &Players) -> Vec<i32> {
    players.tries("files").iter().map(|one| one.player_id).collect()
}

#[test]
fn the_new_come_first_then_the_longest_untried_and_nobody_is_forgotten() {
    let players = Players::new("order");
    (1..=4).for_each(|id| players.insert(id, "X", None, Some(&id.to_string())));
    let list = players.write_list("atp_players.csv", &["999,X,Y,U,,,"]);
    let run = |count: &str| {
        let arguments = ["--files", list.to_str().unwrap(), "--max-players", count, "--batch-size", "1"];
        players.teelo(&arguments).expect_code(0).stdout
    };
    assert!(run("2").contains("others are due still"));
    assert_eq!(tried(&players), [1, 2]);
    // Two came later: they go before those who have waited longer.
    (5..=6).for_each(|id| players.insert(id, "X", None, Some(&id.to_string())));
    run("1");
    assert_eq!(tried(&players), [1, 2, 5], "the new ones in their order");
    run("2");
    assert_eq!(tried(&players), [1, 2, 3, 5, 6]);
    assert!(!run("2").contains("others are due still"));
    assert_eq!(tried(&players), [1, 2, 3, 4, 5, 6]);
    let checkpoint = players.content().into_iter().find(|line| line.starts_with("checkpoint")).unwrap();
    assert_eq!(checkpoint, "checkpoint|player_enrichment_incremental|6");
}

#[test]
fn the_longest_untried_comes_first() {
    let players = Players::new("untried");
    players.insert(1, "X", None, Some("1"));
    let list = [players.write_list("atp_players.csv", &["999,X,Y,U,,,"])];
    players.run_at(NOW, &list);
    players.insert(2, "X", None, Some("2"));
    players.run_at(NOW - Duration::days(9), &list);
    let path = list[0].to_str().unwrap();
    players.teelo(&["--files", path, "--no-resume", "--max-players", "1"]).expect_code(0);
    let counts: Vec<i32> = players.tries("files").iter().map(|one| one.tries).collect();
    assert_eq!(counts, [1, 2]);
}

#[test]
fn a_name_tells_who_it_is_when_nothing_contradicts_and_nobody_else_can_be_meant() {
    let players = Players::new("names");
    let named = [
        (1, "Ana Núñez", "women", None, None),
        (2, "Bo Berg", "men", None, Some("1999-01-01")),
        (3, "Cy Cole", "men", None, Some("1999-01-01")),
        (4, "Di Dorn", "men", None, None),
        (5, "Di Dorn", "men", None, None),
        (6, "Ed Esk", "", None, None),
        (7, "Flo Fox", "men", Some("ITA"), None),
        (8, "Gus Gray", "men", None, None),
        (9, "Hal Hunt", "men", None, Some("1999-01-01")),
        (10, "Hal Hunt", "men", None, None),
        (11, "Someone Else", "men", None, None),
    ];
    for (id, name, gender, ioc, born) in named {
        players.insert(id, name, None, None);
        players.write(id, gender, ioc, born, None);
    }
    players.insert(20, "Gus Gray", None, Some("800"));
    let alias = include_str!("sql/player_alias_insert.sql");
    players.database.client().execute(alias, &[&11, &"ina irk", &"atp"]).unwrap();
    let men = players.write_list(
        "atp_players.csv",
        &[
            "100,Ana,Nunez,R,19900101,FRA,", // a man of her name
            "201,Bo,Berg,R,19990101,ESP,",
            "202,Bo,Berg,L,,FRA,",
            "300,Cy,Cole,R,19990102,ESP,", // another birth date
            "400,Di,Dorn,R,19990101,ESP,", // could be either of two
            "600,Ed,Esk,R,19990101,ESP,",
            "700,Flo,Fox,R,19990101,ESP,",  // another country
            "800,Gus,Gray,R,19990101,ESP,", // somebody else has this id
            "900,Hal,Hunt,R,19990101,ESP,", // one of two, by the birth date
            "950,Ina,Irk,R,19990101,ESP,",
        ],
    );
    let women =
        players.write_list("wta_players.csv", &["100,Ana,Nunez,L,20010504,ESP,", "601,Ed,Esk,R,,ESP,"]);
    players.run_at(NOW, &[men, women]);
    let details: Vec<String> =
        players.tries("files").into_iter().map(|one| format!("{} {}", one.player_id, one.detail)).collect();
    let expected = [
        "1 wta_players.csv, player_id 100 (by name)",
        "2 atp_players.csv, player_id 201 (by name)",
        "3 of this name there are only others: what is known contradicts",
        "4 player 5 of the same name could be it as well",
        "5 player 4 of the same name could be it as well",
        "6 2 of this name could be it",
        "7 of this name there are only others: what is known contradicts",
        "8 of this name there are only others: what is known contradicts",
        "9 atp_players.csv, player_id 900 (by name)",
        "10 player 9 of the same name could be it as well",
        "11 atp_players.csv, player_id 950 (by name)",
        "20 atp_players.csv, player_id 800 (by id)",
    ];
    assert_eq!(details, expected);
    assert_eq!(players.facts(1), "ESP|2001-05-04|Left");
    assert_eq!(players.facts(7), "ITA");
}

#[test]
fn lists_are_found_in_folders_and_unpacked_and_the_first_counts() {
    let players = Players::new("gzip");
    players.insert(1, "Ada Ames", None, Some("100"));
    players.insert(2, "Bo Berg", None, Some("200"));
    players.write_list("atp_players.csv", &["100,Ada,Ames,L,20010504,ESP,181"]);
    let text = format!("{LIST_HEADER}\n100,Ada,Ames,R,20020504,ITA,182,\n200,Bo,Berg,R,20000101,ESP,190,\n");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text.as_bytes()).unwrap();
    std::fs::write(players.path("atp_players_more.csv.gz"), gzip.finish().unwrap()).unwrap();
    std::fs::write(players.path("notes.csv"), "no list").unwrap();
    let mut command = players.command(&[]);
    command.env("TEELO_PLAYER_FILES", players.path(""));
    support::run(&mut command).expect_code(0);
    assert_eq!(players.facts(1), "ESP|2001-05-04|Left|181");
    assert_eq!(players.facts(2), "ESP|2000-01-01|Right|190");
}

#[test]
fn files_that_are_no_lists_are_named() {
    let players = Players::new("no_lists");
    players.insert(1, "Ada Ames", None, Some("100"));
    std::fs::write(players.path("atp_players.csv"), "a,b\n1,2\n").unwrap();
    std::fs::write(players.path("players.csv"), "").unwrap();
    std::fs::create_dir(players.path("empty")).unwrap();
    std::fs::write(players.path("wta_players.csv.gz"), [0x1f, 0x8b, 8, 0]).unwrap();
    for (path, code, words) in [
        (
            "atp_players.csv",
            1,
            "atp_players.csv: line 1 is not the header of a player list; expected the columns player_id",
        ),
        ("wta_players.csv.gz", 1, "wta_players.csv.gz: "),
        ("players.csv", 2, "players.csv: its name is not that of a player list"),
        ("empty", 2, "empty: no player list is in it"),
        ("missing", 2, "missing: No such file"),
    ] {
        let output = players.teelo(&["--files", path]).expect_code(code);
        assert!(output.stderr.contains(words), "{}", output.stderr);
    }
    assert!(players.tries("files").is_empty());
    let output = players.teelo(&[]).expect_code(2);
    assert!(output.stderr.contains("TEELO_PLAYER_FILES"), "{}", output.stderr);
}

#[test]
fn rows_that_are_no_players_are_passed_over_and_told() {
    let players = Players::new("bad_rows");
    players.insert(1, "Ada Ames", None, Some("100"));
    let mut text = format!("{LIST_HEADER}\n,No,Id,R,,,,\n5\n").into_bytes();
    text.extend(b"7,\xff\xfe,X,R,,,,\n\"quoted, name\",A,B,R,,,,\n100,Ada,Ames,L\n");
    std::fs::write(players.path("atp_players.csv"), text).unwrap();
    let output = players.teelo(&["--files", "atp_players.csv"]).expect_code(0);
    assert!(output.stderr.contains("3 rows are no players"), "{}", output.stderr);
    assert_eq!(players.facts(1), "Left");
}

#[test]
fn wrong_settings_are_named() {
    let players = Players::new("settings");
    for (arguments, words) in [
        (&["--batch-size", "0"][..], "--batch-size: 0 is not valid"),
        (&["--rate-per-minute", "0"], "--rate-per-minute: 0 is not valid"),
        (&["--answer-timeout-seconds", "0"], "--answer-timeout-seconds: 0 is not valid"),
        (&["--max-seconds", "-1"], "--max-seconds: -1 is not valid"),
        (&["--command", "''"], "--command: the program's name is empty"),
        (&["--command", "a 'b"], "--command: a single quote is not closed"),
        (&["--providers", "web"], "--providers: \"web\" is no source"),
        (&["--providers", "command"], "--providers names command, but there is none"),
        (&["--checkpoint-key", ""], "--checkpoint-key: expected 1 to 120 characters"),
    ] {
        let output = players.teelo(arguments).expect_code(2);
        assert!(output.stderr.contains(words), "{arguments:?}: {}", output.stderr);
    }
    let mut command = players.command(&[]);
    let output = support::run(command.env("PLAYER_ENRICH_MAX_PLAYERS", "many")).expect_code(2);
    assert!(output.stderr.contains("PLAYER_ENRICH_MAX_PLAYERS: \"many\" is not valid"), "{}", output.stderr);
}

#[test]
fn of_two_runs_at_once_one_waits() {
    let players = Players::new("two_runs");
    players.insert(1, "Ada Ames", None, Some("100"));
    players.write_list("atp_players.csv", &["100,Ada,Ames,L,20010504,ESP,181"]);
    let mut other = players.database.client();
    let key = teelo::pipeline::lock::key_of_name("teelo_stage_player_enrichment_incremental");
    assert!(other.query_one(include_str!("sql/lock_take.sql"), &[&key]).unwrap().get::<_, bool>(0));
    let output =
        players.teelo(&["--files", "atp_players.csv", "--lock-timeout-seconds", "0"]).expect_code(75);
    assert!(output.stderr.contains("the players stage is locked by teelo/test"), "{}", output.stderr);
    players.teelo(&["--files", "atp_players.csv", "--dry-run"]).expect_code(0);
    drop(other);
    players.teelo(&["--files", "atp_players.csv"]).expect_code(0);
}

/// Where the real archive is on machines of this project's developers; it is no part of the project.
const REAL_ARCHIVE: &str = "../shared/data/sackmann.tar.xz";

#[test]
fn every_country_of_the_real_lists_is_known() {
    let archive = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(REAL_ARCHIVE);
    if !archive.exists() {
        assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "CI needs {REAL_ARCHIVE}");
        eprintln!("{REAL_ARCHIVE} is not there: the countries of the real player lists were not looked at");
        return;
    }
    let mut unknown = std::collections::BTreeMap::<String, u32>::new();
    let mut rows = 0;
    for list in ["sackmann/atp_players.csv", "sackmann/wta_players.csv"] {
        let mut tar = Command::new("tar");
        tar.arg("-xJOf").arg(&archive).arg(list).stdout(Stdio::piped());
        let mut tar = tar.spawn().unwrap();
        let mut reader = csv::Reader::from_reader(tar.stdout.take().unwrap());
        let column = reader.headers().unwrap().iter().position(|name| name == "ioc").unwrap();
        for record in reader.records() {
            let record = record.unwrap();
            let code = &record[column];
            rows += 1;
            if !countries::is_unknown(code) && countries::ioc_code(code).is_none() {
                *unknown.entry(code.to_owned()).or_default() += 1;
            }
        }
        assert!(tar.wait().unwrap().success());
    }
    assert!(rows > 100_000, "{rows}");
    assert!(unknown.is_empty(), "{unknown:?}");
}

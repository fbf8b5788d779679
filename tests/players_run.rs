//! The players stage in `teelo run`: all three stages together, and that its failure is nobody else's.

#[path = "support/feed.rs"]
mod feed;
#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use std::process::Command;

use feed::{result, write};
use pipeline::{Pipeline, finish, is_alive, start, wait_until};
use serde_json::json;
use support::run;

const STAGE: &str = "player_enrichment_incremental";

/// A run on the folder `feed`, in which the archives and the player lists are.
fn command(pipeline: &Pipeline, arguments: &[&str]) -> Command {
    let mut command = pipeline.command("", arguments);
    command.env_remove("UPDATE_CURRENT_EVENTS_COMMAND").env("TEELO_FEED_DIRS", pipeline.path("feed"));
    command.env("TEELO_PLAYERS_RATE_PER_MINUTE", "6000");
    command
}

/// A pipeline with a match of the players 1 and 2, and a player list.
fn with_feed(name: &str) -> Pipeline {
    let pipeline = Pipeline::new(name);
    std::fs::create_dir(pipeline.path("feed")).unwrap();
    write(&pipeline.path("feed"), "atp_matches_2024.csv", &[result(1, 2, "SF", "6-4 6-4")]);
    write_list(&pipeline, "1,Player,N1,L,20010504,ESP,181\n2,Player,N2,R,20000101,ITA,190\n");
    pipeline
}

fn write_list(pipeline: &Pipeline, rows: &str) {
    let header = "player_id,name_first,name_last,hand,dob,ioc,height";
    std::fs::write(pipeline.path("feed/atp_players.csv"), format!("{header}\n{rows}")).unwrap();
}

/// `name|country|birth date|hand|height` of every player.
fn facts(pipeline: &Pipeline) -> Vec<String> {
    let rows = pipeline.database.client().query(include_str!("sql/players_content.sql"), &[]).unwrap();
    let lines = rows.iter().map(|row| row.get::<_, String>(0));
    let players = lines.filter(|line| line.starts_with("player|"));
    players.map(|line| line.splitn(3, '|').nth(2).unwrap().to_owned()).collect()
}

/// The stages of the last run as `name status`.
fn last_stages(pipeline: &Pipeline) -> Vec<String> {
    let rows = pipeline.stage_rows();
    rows[rows.len() - 3..].iter().map(|stage| format!("{} {}", stage.name, stage.status)).collect()
}

#[test]
fn the_three_stages_work_together_and_new_players_are_completed_in_their_hour() {
    let pipeline = with_feed("players_run");
    let hourly = || run(command(&pipeline, &[]).env("TEELO_PLAYER_FILES", pipeline.path("feed")));
    hourly().expect_code(0);
    let expected = ["current_events_ingest success", "elo_incremental success", &format!("{STAGE} success")];
    assert_eq!(last_stages(&pipeline), expected);
    let complete = ["Player N1|ESP|2001-05-04|Left|181", "Player N2|ITA|2000-01-01|Right|190"];
    assert_eq!(facts(&pipeline), complete);
    let (row, _) = pipeline.only_run();
    let folder = pipeline.run_folder(&row.run_id).join(STAGE);
    let metrics = pipeline::read_json(&folder.join("metrics.json"));
    assert_eq!((&metrics["records_processed"], &metrics["status"]), (&json!(2), &json!("success")));
    assert!(folder.join("status.jsonl").is_file());

    let output = hourly().expect_code(0);
    assert!(output.stdout.contains("\nno match was written\n"), "{}", output.stdout);

    // An hour later: a player who is in the list already, and one who comes into the list another hour later.
    let later = [result(1, 2, "SF", "6-4 6-4"), result(3, 4, "SF", "6-1 6-1")];
    write(&pipeline.path("feed"), "atp_matches_2024.csv", &later);
    let rows = "1,Player,N1,L,20010504,ESP,181\n3,Player,N3,R,19990909,FRA,175\n";
    write_list(&pipeline, rows);
    hourly().expect_code(0);
    assert_eq!(facts(&pipeline)[2..], ["Player N3|FRA|1999-09-09|Right|175", "Player N4"]);
    write_list(&pipeline, &format!("{rows}4,Player,N4,L,19980808,GER,\n"));
    hourly().expect_code(0);
    assert_eq!(facts(&pipeline)[3], "Player N4|GER|1998-08-08|Left");
}

#[test]
fn a_source_that_fails_leaves_the_other_stages_committed_and_the_run_partial() {
    let pipeline = with_feed("players_fail");
    let program = pipeline.script("profiles.sh", "echo 'the site is down' >&2; exit 1");
    let broken_list = pipeline.path("missing").display().to_string();
    for (variable, value, words) in [
        ("TEELO_PLAYER_PROFILE_COMMAND", "/nowhere/profiles", "cannot start /nowhere/profiles"),
        ("TEELO_PLAYER_PROFILE_COMMAND", &format!("'{program}'"), "failed on 2 players"),
        ("TEELO_PLAYER_FILES", &broken_list, "missing: No such file"),
    ] {
        let output = run(command(&pipeline, &[]).env(variable, value)).expect_code(3);
        assert!(output.stderr.contains(words), "{}", output.stderr);
        let stages = last_stages(&pipeline);
        assert_eq!(stages[..2], ["current_events_ingest success", "elo_incremental success"]);
        let rows = pipeline.stage_rows();
        let stage = rows.last().unwrap();
        assert!(["failed", "partial"].contains(&stage.status.as_str()), "{stage:?}");
        assert!(stage.error_text.contains(words), "{stage:?}");
        assert_eq!(pipeline.run_rows().last().unwrap().status, "partial");
    }
    let rankings = pipeline.database.teelo(&["rankings"]).expect_code(0).stdout;
    assert!(rankings.contains("Player N1"), "{rankings}");
    let logs = pipeline.run_rows().into_iter().map(|row| pipeline.run_folder(&row.run_id).join(STAGE));
    let said: Vec<String> =
        logs.filter_map(|folder| std::fs::read_to_string(folder.join("stderr.log")).ok()).collect();
    assert!(
        said.concat().contains("the site is down"),
        "the command's standard error is an artifact: {said:?}"
    );
}

#[test]
fn players_are_completed_every_so_many_hours() {
    let pipeline = with_feed("players_cadence");
    let hourly = |hours: &str| {
        let mut command = command(&pipeline, &[]);
        command.env("TEELO_PLAYER_FILES", pipeline.path("feed")).env("TEELO_PLAYERS_EVERY_HOURS", hours);
        run(&mut command)
    };
    let age = |minutes: i32| {
        pipeline.database.client().execute(include_str!("sql/stage_runs_age.sql"), &[&minutes]).unwrap();
    };
    let expect = |hours: &str, status: &str| {
        hourly(hours).expect_code(0);
        assert_eq!(last_stages(&pipeline)[2], format!("{STAGE} {status}"));
    };
    expect("6", "success");
    expect("6", "skipped");
    let reason = pipeline.stage_rows().last().unwrap().error_text.clone();
    assert_eq!(reason, "it runs every 6 hours (TEELO_PLAYERS_EVERY_HOURS)");
    expect("1", "success");
    // Five runs later the last one is not quite six hours away, yet the seventh would be too late.
    age(5 * 60);
    expect("6", "skipped");
    age(59);
    expect("6", "success");
    let refused = hourly("0").expect_code(2);
    assert!(refused.stderr.contains("TEELO_PLAYERS_EVERY_HOURS: \"0\" is not valid"), "{}", refused.stderr);
}

#[test]
fn without_a_source_the_stage_is_skipped_with_the_reason() {
    let pipeline = with_feed("players_skipped");
    let output = run(&mut command(&pipeline, &[])).expect_code(0);
    let reason =
        "no source of facts about players is set: TEELO_PLAYER_FILES or TEELO_PLAYER_PROFILE_COMMAND";
    assert!(output.stdout.contains(reason), "{}", output.stdout);
    assert_eq!(pipeline.stage_rows()[2].error_text, reason);
    let mut chosen = command(&pipeline, &[]);
    chosen.env("HOURLY_PIPELINE_ENABLED_STAGES", STAGE).env("TEELO_PLAYER_FILES", pipeline.path("feed"));
    run(&mut chosen).expect_code(0);
    let expected = ["current_events_ingest skipped", "elo_incremental skipped", &format!("{STAGE} success")];
    assert_eq!(last_stages(&pipeline), expected);
    let mut refused = command(&pipeline, &[]);
    let refused = run(refused.env("TEELO_PLAYER_PROVIDERS", "web")).expect_code(2);
    assert!(refused.stderr.contains("TEELO_PLAYER_PROVIDERS: \"web\" is no source"), "{}", refused.stderr);
}

/// A program that answers about one player, then hangs with all it started.
const HANGING: &str = r#"
read -r line; id=${line#*\"player_id\":}
printf '{"player_id":%s,"hand":"Left"}\n' "${id%%,*}"
read -r line
sleep 3600 & echo $$ $! > $here/new; mv $here/new $here/pids; wait
"#;

#[test]
fn the_deadline_ends_the_program_and_keeps_what_is_there() {
    for minutes in ["0.05", "0.5", "2"] {
        let pipeline = with_feed("players_deadline");
        let program = pipeline.script("profiles.sh", HANGING);
        let mut command = command(&pipeline, &["--max-runtime-minutes", minutes]);
        command.env("TEELO_PLAYER_PROFILE_COMMAND", format!("'{program}'"));
        command.env("TEELO_PLAYERS_ANSWER_TIMEOUT_SECONDS", "3600");
        run(&mut command).expect_code(124);
        if !pipeline.path("pids").exists() {
            continue; // The deadline came before the program hung: once more, with a later one.
        }
        let pids = pipeline.wait_for("pids");
        assert!(!pids.split_whitespace().any(is_alive), "{pids}");
        let expected =
            ["current_events_ingest success", "elo_incremental success", &format!("{STAGE} timed_out")];
        assert_eq!(last_stages(&pipeline), expected);
        assert_eq!(facts(&pipeline), ["Player N1|Left", "Player N2"]);
        return;
    }
    panic!("the program did not hang within two minutes");
}

#[test]
fn a_killed_run_takes_the_program_along() {
    let pipeline = with_feed("players_killed");
    let program = pipeline.script("profiles.sh", HANGING);
    let mut command = command(&pipeline, &[]);
    command.env("TEELO_PLAYER_PROFILE_COMMAND", format!("'{program}'"));
    let mut killed = start(&mut command);
    let pids = pipeline.wait_for("pids");
    assert!(pids.split_whitespace().all(is_alive));
    killed.kill().unwrap();
    killed.wait().unwrap();
    wait_until("the program has ended", || !pids.split_whitespace().any(is_alive));
}

#[test]
fn a_run_that_loses_its_lock_writes_no_more_about_players() {
    let pipeline = with_feed("players_lock_lost");
    let program = pipeline.script("profiles.sh", HANGING);
    let mut command = command(&pipeline, &[]);
    command.env("TEELO_PLAYER_PROFILE_COMMAND", format!("'{program}'"));
    let losing = start(&mut command);
    let pids = pipeline.wait_for("pids");
    let mut client = pipeline.database.client();
    assert_eq!(client.query(include_str!("sql/sessions_end.sql"), &[&"teelo/run"]).unwrap().len(), 1);
    finish(losing).expect_code(1);
    assert!(!pids.split_whitespace().any(is_alive), "{pids}");
    assert_eq!(facts(&pipeline), ["Player N1", "Player N2"]);
}

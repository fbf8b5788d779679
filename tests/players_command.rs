//! A program as a source of facts about players: what is asked, what may be answered, and that nothing it does wrong costs more
//! than the player it was asked about.

#[path = "support/pipeline.rs"]
mod pipeline;
#[path = "support/players.rs"]
mod players;
mod support;

use pipeline::is_alive;
use players::Players;
use serde_json::{Value, json};
use support::{Output, wait_until};

/// What a good answer leaves of a player.
fn good(id: i32) -> String {
    format!("ESP|1999-02-03|Left|{}|Two-Handed|2017", 150 + id)
}

/// Checks who was completed, each with the values of their own, and that a second run finds nobody due.
#[track_caller]
fn expect_only_failed(players: &Players, count: i32, failed: &[i32]) {
    for id in 1..=count {
        let expected = if failed.contains(&id) { String::new() } else { good(id) };
        assert_eq!(players.facts(id), expected, "player {id}");
    }
    assert_eq!(players.with_outcome("failed"), failed);
    let before = players.dump();
    let output = players.teelo_with_program("exit 1", &[]).expect_code(0);
    assert!(output.stdout.contains("nothing to do"), "{}", output.stdout);
    assert_eq!(players.dump(), before);
}

/// Why the command failed on a player.
fn reason(players: &Players, id: i32) -> String {
    players.tries("command").into_iter().find(|one| one.player_id == id).unwrap().detail
}

/// The numbers of a run with `--json`.
fn metrics(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap()
}

#[test]
fn a_program_is_asked_by_lines_and_completes_the_players() {
    let players = Players::of_a_tour("cmd_good", 2);
    players.insert(3, "Quo \"Te\" Ñ", None, None);
    let body = "answer() { printf '%s\\n' \"$line\" >> $here/requests; good $1; }\necho $TEELO_STAGE >> $here/starts; serve";
    let output = players.teelo_with_program(body, &["--json"]).expect_code(0);
    assert_eq!(
        (&metrics(&output)["players_filled"], &metrics(&output)["command_starts"]),
        (&json!(3), &json!(1))
    );
    let requests = std::fs::read_to_string(players.path("requests")).unwrap();
    let requests: Vec<Value> = requests.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let request = |id: i32, name: &str, atp_id: Value| json!({"player_id": id, "name": name, "atp_id": atp_id, "wta_id": null, "itf_id": null});
    let expected = [
        request(1, "Player N1", json!("A1")),
        request(2, "Player N2", json!("A2")),
        request(3, "Quo \"Te\" Ñ", Value::Null),
    ];
    assert_eq!(requests, expected);
    assert_eq!(std::fs::read_to_string(players.path("starts")).unwrap(), "player_enrichment_incremental\n");
    expect_only_failed(&players, 3, &[]);
}

#[test]
fn what_is_not_known_or_not_true_is_turned_down_and_asked_for_again_later() {
    let players = Players::of_a_tour("cmd_values", 3);
    players.insert(4, "No Id", None, None);
    let body = r#"answer() { case $1 in
        1) echo '{"player_id": 1, "not_found": true}' ;;
        2) echo '{"player_id": 2, "country": "Atlantis", "birth_date": "1999-13-01", "hand": "Both", "height_cm": 99,
                  "backhand": "none", "turned_pro_year": 1066}' | tr -d '\n'; echo ;;
        3) echo '{"player_id": 3, "hand": null, "height_cm": "185"}' ;;
        4) echo '{"player_id": 4, "not_found": true}' ;;
    esac; }; serve"#;
    players.teelo_with_program(body, &[]).expect_code(0);
    assert_eq!((players.facts(2), players.facts(3)), (String::new(), "185".to_owned()));
    assert_eq!(players.with_outcome("not_found"), [1, 4]);
    let explained = players.teelo(&["--explain", "2"]).expect_code(0).stdout;
    for line in [
        "turned down: nationality_ioc \"Atlantis\": unknown_country",
        "turned down: birth_date \"1999-13-01\": no_date",
        "turned down: hand \"Both\": unknown_hand",
        "turned down: height_cm \"99\": implausible_height",
        "turned down: backhand \"none\": unknown_backhand",
        "turned down: turned_pro_year \"1066\": implausible_year",
    ] {
        assert!(explained.contains(line), "{line}\n{explained}");
    }
    // By the name alone the program is asked once.
    players.teelo_with_program(body, &["--no-resume"]).expect_code(0);
    let tries: Vec<i32> = players.tries("command").iter().map(|one| one.tries).collect();
    assert_eq!(tries, [2, 2, 2, 1]);
}

#[test]
fn sources_are_tried_in_the_configured_order_and_fill_what_is_still_missing() {
    for (order, hand, origin) in [("files,command", "Right", "files"), ("command,files", "Left", "command")] {
        let players = Players::new("cmd_order");
        players.insert(1, "Ada Ames", Some("A1"), Some("100"));
        players.write_list("atp_players.csv", &["100,Ada,Ames,R,,,"]);
        let body = "answer() { good $1; }; serve";
        players
            .teelo_with_program(body, &["--files", "atp_players.csv", "--providers", order])
            .expect_code(0);
        assert_eq!(players.facts(1), format!("ESP|1999-02-03|{hand}|151|Two-Handed|2017"));
        let line = format!("value|1|hand|{hand}|{origin}|");
        assert!(players.content().iter().any(|found| found.starts_with(&line)), "{line}");
        // The files had nothing to add to a complete player.
        assert_eq!(players.tries("files").len(), usize::from(origin == "files"));
    }
}

#[test]
fn a_program_that_hangs_is_ended_with_all_it_started() {
    let players = Players::of_a_tour("cmd_hangs", 4);
    let body = "answer() { if [ $1 = 2 ]; then
            trap '' TERM; sleep 3600 & setsid sleep 3600 & echo $$ $! > $here/pids; sleep 3600
        fi; good $1; }; serve";
    let output = players.teelo_with_program(body, &["--answer-timeout-seconds", "8"]).expect_code(3);
    assert!(
        output.stderr.contains("failed on player 2 (Player N2): no answer within 8 s"),
        "{}",
        output.stderr
    );
    let pids = std::fs::read_to_string(players.path("pids")).unwrap();
    assert!(!pids.split_whitespace().any(is_alive), "{pids}");
    expect_only_failed(&players, 4, &[2]);
}

#[test]
fn an_answer_that_is_late_is_nobodys() {
    let players = Players::of_a_tour("cmd_late", 4);
    // The late answer would come while another player is asked about.
    let body = "answer() { if [ $1 = 2 ]; then trap '' TERM; sleep 10; fi; good $1; }; serve";
    players.teelo_with_program(body, &["--answer-timeout-seconds", "8"]).expect_code(3);
    expect_only_failed(&players, 4, &[2]);
}

#[test]
fn a_program_that_dies_is_started_anew() {
    let players = Players::of_a_tour("cmd_dies", 6);
    let body = "echo x >> $here/starts
        answer() { case $1 in 2) exit 7 ;; 4) kill -9 $$ ;; 5) exit 0 ;; esac; good $1; }; serve";
    let output = players.teelo_with_program(body, &["--json"]).expect_code(3);
    assert_eq!(reason(&players, 2), "the program ended with exit code 7 before it answered");
    assert_eq!(reason(&players, 4), "the program ended by signal 9 (SIGKILL) before it answered");
    assert_eq!(reason(&players, 5), "the program ended with exit code 0 before it answered");
    let starts = std::fs::read_to_string(players.path("starts")).unwrap().lines().count();
    assert_eq!(metrics(&output)["command_starts"], starts);
    assert_eq!(metrics(&output)["records_failed"], 3);
    expect_only_failed(&players, 6, &[2, 4, 5]);
}

#[test]
fn a_program_that_ends_after_every_answer_is_welcome_to() {
    let players = Players::of_a_tour("cmd_one_shot", 5);
    let body = "answer() { good $1; exit 0; }; serve";
    players.teelo_with_program(body, &[]).expect_code(0);
    expect_only_failed(&players, 5, &[]);
}

#[test]
fn a_flood_on_standard_error_holds_nobody_up() {
    let players = Players::of_a_tour("cmd_flood", 4);
    let body = "answer() { head -c 3000000 /dev/zero | tr '\\0' x >&2; good $1; }; serve";
    players.teelo_with_program(body, &["--metrics-json", "m.json"]).expect_code(0);
    let log = std::fs::metadata(players.path("player-command.log")).unwrap();
    assert_eq!(log.len(), 12_000_000);
    expect_only_failed(&players, 4, &[]);
}

#[test]
fn answers_twice_or_about_others_are_passed_over() {
    let players = Players::of_a_tour("cmd_order_of_answers", 5);
    // Out of order: the next player's answer before this one's, with values that are not theirs; the one before once more.
    let body = r#"answer() {
        printf '{"player_id":%s,"height_cm":222}\n' $(($1 + 1)) $(($1 + 100)) $(($1 - 1)); echo; good $1; good $1; }; serve"#;
    let output = players.teelo_with_program(body, &["--json"]).expect_code(0);
    // Three about others for each player, and the second answer about each but the last, which nobody waited for.
    assert_eq!(metrics(&output)["answers_ignored"], 3 * 5 + 4);
    for id in 2..=5 {
        // What was said about a player before they were asked about is not their answer.
        assert_eq!(players.facts(id), good(id));
    }
    expect_only_failed(&players, 5, &[]);
}

#[test]
fn garbage_costs_the_player_a_try() {
    let players = Players::of_a_tour("cmd_garbage", 9);
    let body = r#"answer() { case $1 in
        1) printf '<html>\001\000\n' ;;
        2) head -c 200000 /dev/zero | tr '\0' '{'; echo ;;
        3) echo '{"height_cm": 180}' ;;
        5) echo '[1, 2]' ;;
        6) printf '{"player_id": 6, "height_cm": 18' ; exit 0 ;;
        7) printf '\377\376\n' ;;
        8) echo '{"player_id": 8, "height_cm": 1e999}' ;;
    esac; good $1; }; serve"#;
    players.teelo_with_program(body, &[]).expect_code(3);
    let expected = "no JSON object with a player_id: <html>\u{fffd}\u{fffd}";
    assert_eq!(reason(&players, 1), expected);
    assert_eq!(reason(&players, 2), "a line that is far too long");
    assert_eq!(reason(&players, 6), "no JSON object with a player_id: {\"player_id\": 6, \"height_cm\": 18");
    expect_only_failed(&players, 9, &[1, 2, 3, 5, 6, 7, 8]);
}

#[test]
fn a_program_that_fails_on_everybody_is_given_up_and_the_others_keep_their_tries() {
    let players = Players::of_a_tour("cmd_broken", 8);
    let body = "echo 'the site is down' >&2; exit 3";
    let output = players.teelo_with_program(body, &[]).expect_code(1);
    for words in ["the player command was given up: 5 players in a row came to nothing", "the site is down"] {
        assert!(output.stderr.contains(words), "{}", output.stderr);
    }
    assert_eq!(players.with_outcome("failed"), [1, 2, 3, 4, 5]);
    // The next run asks about those who were not asked about.
    players.teelo_with_program("answer() { good $1; }; serve", &[]).expect_code(0);
    expect_only_failed(&players, 8, &[1, 2, 3, 4, 5]);
}

#[test]
fn a_program_that_cannot_be_started_costs_nobody_a_try_and_the_files_are_read_all_the_same() {
    let players = Players::new("cmd_start");
    players.insert(1, "Ada Ames", Some("A1"), Some("100"));
    players.write_list("atp_players.csv", &["100,Ada,Ames,R,,,"]);
    let arguments = ["--files", "atp_players.csv", "--command", "/nowhere/profiles"];
    let output = players.teelo(&arguments).expect_code(1);
    assert!(
        output.stderr.contains("cannot start /nowhere/profiles: there is no such program"),
        "{}",
        output.stderr
    );
    assert_eq!(players.facts(1), "Right");
    assert_eq!((players.tries("files").len(), players.tries("command").len()), (1, 0));
}

#[test]
fn the_rate_is_kept_and_time_is_bounded() {
    let players = Players::of_a_tour("cmd_rate", 3);
    let command = format!("'{}'", players.program("answer() { good $1; }; serve"));
    let slow = ["--command", &command, "--rate-per-minute", "1", "--max-seconds", "10", "--json"];
    let output = players.teelo(&slow).expect_code(0);
    // The first is asked about at once, the second would be a minute later.
    assert_eq!(metrics(&output)["records_scanned"], 1);
    assert_eq!(metrics(&output)["left_pending"], true);
    let quick = ["--command", &command, "--rate-per-minute", "60", "--json"];
    let output = players.teelo(&quick).expect_code(0);
    assert_eq!(metrics(&output)["records_scanned"], 2);
    assert!(metrics(&output)["duration_s"].as_f64().unwrap() >= 1.0, "{}", output.stdout);
    expect_only_failed(&players, 3, &[]);
}

#[test]
fn what_somebody_else_writes_while_a_program_is_asked_stays() {
    let players = Players::of_a_tour("cmd_meanwhile", 2);
    let body = "answer() { [ $1 = 2 ] || { touch $here/asked; until [ -e $here/go ]; do sleep 0.02; done; }; good $1; }; serve";
    let program = format!("'{}'", players.program(body));
    let child = pipeline::start(&mut players.command(&["--command", &program, "--rate-per-minute", "6000"]));
    wait_until("the program is asked", || players.path("asked").exists());
    players.write(1, "men", Some("ITA"), None, Some("Right"));
    std::fs::write(players.path("go"), "").unwrap();
    pipeline::finish(child).expect_code(0);
    assert_eq!(players.facts(1), "ITA|1999-02-03|Right|151|Two-Handed|2017");
    assert!(!players.content().iter().any(|line| line.starts_with("value|1|hand")));
}

#[test]
fn killed_at_any_moment_and_run_again_it_comes_to_the_same_end() {
    let body =
        "answer() { case $1 in *5) echo '{\"player_id\":'$1',\"not_found\":true}' ;; *) good $1 ;; esac; }
        echo $$ >> $here/pids; serve";
    let make = |name: &str| {
        let players = Players::of_a_tour(name, 30);
        players.insert(31, "Ada Ames", None, Some("100"));
        players.write_list("atp_players.csv", &["100,Ada,Ames,R,,,"]);
        players
    };
    let arguments = ["--files", "atp_players.csv", "--batch-size", "1", "--rate-per-minute", "6000"];
    let undisturbed = make("cmd_undisturbed");
    undisturbed.teelo_with_program(body, &arguments).expect_code(0);
    let killed = make("cmd_killed");
    let program = format!("'{}'", killed.program(body));
    let mut is_done = false;
    for number in 0..40 {
        let mut child =
            pipeline::start(&mut killed.command(&[&["--command", &program], arguments.as_slice()].concat()));
        let before = killed.tries("command").len();
        wait_until("another player is done", || {
            is_done = child.try_wait().unwrap().is_some();
            is_done || killed.tries("command").len() > before
        });
        if is_done {
            pipeline::finish(child).expect_code(0);
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(number * 7 % 40));
        let _ = child.kill();
        child.wait().unwrap();
    }
    assert!(is_done, "it came to no end");
    assert_eq!(killed.content(), undisturbed.content());
    let pids = std::fs::read_to_string(killed.path("pids")).unwrap();
    wait_until("no program is left", || !pids.lines().any(is_alive));
}

#[test]
fn the_example_of_the_guide_works() {
    let guide = include_str!("../docs/PLAYERS.md");
    let example = guide.split("```sh\n").find(|block| block.starts_with("#!/bin/sh")).unwrap();
    let example = example.split("\n```").next().unwrap().strip_prefix("#!/bin/sh").unwrap();
    let players = Players::of_a_tour("cmd_guide", 2);
    std::fs::write(players.path("profiles.txt"), "A2;Spain;2003-05-05;Right;183\n").unwrap();
    players.teelo_with_program(example, &[]).expect_code(0);
    assert_eq!(players.with_outcome("not_found"), [1]);
    assert_eq!(players.facts(2), "ESP|2003-05-05|Right|183");
}

#[test]
fn a_player_who_is_gone_meanwhile_is_left_out() {
    let players = Players::of_a_tour("cmd_gone", 2);
    let body = "answer() { [ $1 = 2 ] || { touch $here/asked; until [ -e $here/go ]; do sleep 0.02; done; }; good $1; }; serve";
    let program = format!("'{}'", players.program(body));
    let child = pipeline::start(&mut players.command(&["--command", &program, "--rate-per-minute", "6000"]));
    wait_until("the program is asked", || players.path("asked").exists());
    players.database.client().execute(include_str!("../sql/identity/player_delete.sql"), &[&1]).unwrap();
    std::fs::write(players.path("go"), "").unwrap();
    pipeline::finish(child).expect_code(0);
    assert_eq!(players.tries("command").len(), 1);
    assert_eq!(players.facts(2), good(2));
}

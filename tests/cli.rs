//! What every command does with a wrong command line, a missing or unreachable database, and a reader that leaves.

mod support;

use support::{TestDatabase, run, teelo, teelo_command};

/// The names of all commands, as the help lists them.
fn commands() -> Vec<String> {
    let help = teelo(&["--help"]).expect_code(0).stdout;
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    listed.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

#[test]
fn every_command_has_help_on_standard_output() {
    let commands = commands();
    assert!(commands.contains(&"migrate".to_owned()), "{commands:?}");
    for command in &commands {
        let help = teelo(&[command, "--help"]).expect_code(0);
        assert_eq!(help.stderr, "", "{command}");
        for part in ["\nUsage: teelo ", "\nOptions:\n", "  --help", "\nExamples:\n"] {
            assert!(help.stdout.contains(part), "teelo {command} --help lacks {part:?}:\n{}", help.stdout);
        }
        assert_eq!(teelo(&[command, "-h"]).expect_code(0).stdout, help.stdout);
    }
    assert!(teelo(&["--version"]).expect_code(0).stdout.starts_with("teelo "));
}

#[test]
fn every_command_refuses_a_flag_that_it_does_not_know() {
    for command in commands() {
        let refused = teelo(&[&command, "--no-such-flag"]).expect_code(2);
        assert!(refused.stderr.contains("--no-such-flag"), "{command}: {}", refused.stderr);
        assert!(refused.stderr.contains("--help`"), "{command}: {}", refused.stderr);
        assert_eq!(refused.stdout, "", "{command}");
    }
}

#[test]
fn a_command_that_does_not_exist_is_named() {
    let refused = teelo(&["migrte"]).expect_code(2);
    assert!(refused.stderr.contains("unknown command \"migrte\"; `teelo --help`"), "{}", refused.stderr);
    let refused = teelo(&["--verbos"]).expect_code(2);
    assert!(refused.stderr.contains("unknown flag --verbos"), "{}", refused.stderr);
    teelo(&[]).expect_code(2);
}

#[test]
fn wrong_arguments_are_named() {
    for (arguments, words) in [
        (&["migrate", "now"][..], "unexpected argument \"now\""),
        (&["migrate", "--status=yes"], "--status"),
        (&["migrate", "--status", "--dry-run"], "exclude each other"),
        (&["migrate", "--json"], "--json goes with --status"),
        (&["devdb"], "an action is needed: start, stop, url or status"),
        (&["devdb", "restart"], "unknown action \"restart\"; expected start, stop, url or status"),
        (&["devdb", "start", "stop"], "unexpected argument \"stop\""),
        (&["devdb", "url", "--dir"], "--dir needs a value"),
        (&["devdb", "start", "--json"], "--json goes with status"),
    ] {
        let refused = teelo(arguments).expect_code(2);
        assert!(refused.stderr.contains(words), "{arguments:?}: {}", refused.stderr);
    }
}

#[test]
fn without_a_database_the_ways_to_one_are_named() {
    for value in [None, Some(""), Some(" ")] {
        let mut command = teelo_command(&["migrate"]);
        if let Some(value) = value {
            command.env("DATABASE_URL", value);
        }
        let refused = run(&mut command).expect_code(2);
        for words in ["DATABASE_URL is not set", "`teelo demo`", "`teelo devdb start`"] {
            assert!(refused.stderr.contains(words), "{}", refused.stderr);
        }
    }
}

#[test]
fn an_unreachable_database_is_69() {
    let folder = support::TestFolder::new("no_server");
    let no_socket = format!("postgresql://teelo@/teelo?host={}", folder.path().display());
    // Nobody listens on TCP port 1.
    for url in ["postgresql://teelo:secret@127.0.0.1:1/teelo", &no_socket] {
        let mut command = teelo_command(&["migrate"]);
        let refused = run(command.env("DATABASE_URL", url)).expect_code(69);
        assert!(refused.stderr.contains("cannot connect to the database at "), "{}", refused.stderr);
        assert!(!refused.stderr.contains("secret"), "{}", refused.stderr);
    }
}

#[test]
fn a_database_that_does_not_exist_is_69() {
    let database = TestDatabase::empty("reachable");
    let mut command = teelo_command(&["migrate"]);
    let refused =
        run(command.env("DATABASE_URL", database.url().replace("/reachable", "/not_there"))).expect_code(69);
    assert!(refused.stderr.contains("(SQLSTATE 3D000)"), "{}", refused.stderr);
}

#[test]
fn an_address_that_cannot_be_read_is_2() {
    for url in ["postgresql://teelo@localhost:port/teelo", "mysql://teelo@localhost/teelo", "teelo"] {
        let mut command = teelo_command(&["migrate"]);
        let refused = run(command.env("DATABASE_URL", url)).expect_code(2);
        assert!(refused.stderr.contains("DATABASE_URL cannot be read"), "{url}: {}", refused.stderr);
    }
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let database = TestDatabase::new("left");
    for arguments in [&["--help"][..], &["migrate", "--help"], &["migrate", "--status"], &["migrate"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = run(database.command(arguments).stdout(writer)).expect_code(0);
        assert_eq!(output.stderr, "", "{arguments:?}");
    }
}

#[test]
fn an_error_that_nobody_reads_keeps_its_exit_code() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = teelo_command(&["migrate", "--frobnicate"]);
    run(command.stderr(writer)).expect_code(2);
}

#[test]
fn an_error_is_printed_once_with_the_programs_name() {
    let refused = teelo(&["migrate", "--frobnicate"]).expect_code(2);
    assert_eq!(
        refused.stderr,
        "teelo: unknown flag --frobnicate; `teelo migrate --help` lists what it takes\n"
    );
}

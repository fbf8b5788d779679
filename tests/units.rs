//! The systemd units: systemd's own checks of them, what the failure unit does, and the example of their settings.

#[path = "support/rust_text.rs"]
mod rust_text;
mod support;
#[path = "support/variables.rs"]
mod variables;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use support::{Output, TestFolder, run};
use variables::read;

/// Where the units expect the program.
const INSTALLED: &str = "/usr/local/bin/teelo";
const UNITS: [&str; 3] = ["teelo.service", "teelo.timer", "teelo-failure@.service"];
/// What `systemd-analyze security` may say at most, in tenths.
const EXPOSURE_MAX: &str = "20";

/// What systemd's checker says; None, with a message, on a system that has none. `make setup` installs it where it can be had, and
/// where CI is set it has to be there.
fn systemd_analyze(arguments: &[&str]) -> Option<Output> {
    match Command::new("systemd-analyze").arg("--version").output() {
        Ok(_) => Some(run(Command::new("systemd-analyze").args(arguments))),
        Err(error) => {
            assert_ne!(
                std::env::var("CI").as_deref(),
                Ok("true"),
                "systemd-analyze (package systemd): {error}"
            );
            eprintln!("NOT CHECKED: systemd-analyze {} (package systemd): {error}", arguments.join(" "));
            None
        }
    }
}

/// The units in a folder, with the program of this build in the place of the installed one.
fn units() -> TestFolder {
    let folder = TestFolder::new("units");
    for unit in UNITS {
        let text = read(&format!("systemd/{unit}"));
        std::fs::write(folder.path().join(unit), text.replace(INSTALLED, env!("CARGO_BIN_EXE_teelo")))
            .unwrap();
    }
    folder
}

fn path_text(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    let folder = units();
    for unit in ["teelo.service", "teelo.timer", "teelo-failure@teelo.service"] {
        // The instance of a template is found by the template's file.
        let path = path_text(folder.path(), unit);
        if !Path::new(&path).exists() {
            std::os::unix::fs::symlink("teelo-failure@.service", &path).unwrap();
        }
        let Some(checked) = systemd_analyze(&["verify", "--recursive-errors=no", &path]) else { return };
        let checked = checked.expect_code(0);
        let ours: Vec<&str> = checked.stderr.lines().filter(|line| line.contains("teelo")).collect();
        assert!(ours.is_empty(), "{unit}: {ours:#?}");
    }
}

#[test]
fn the_check_of_units_finds_a_wrong_one() {
    let folder = units();
    let path = path_text(folder.path(), "teelo.service");
    std::fs::write(&path, std::fs::read_to_string(&path).unwrap().replace("Type=oneshot", "Type=oneshott"))
        .unwrap();
    let Some(checked) = systemd_analyze(&["verify", "--recursive-errors=no", &path]) else { return };
    assert!(checked.stderr.contains("oneshott"), "{checked:?}");
}

#[test]
fn the_services_are_exposed_to_little() {
    let threshold = format!("--threshold={EXPOSURE_MAX}");
    for unit in ["teelo.service", "teelo-failure@.service"] {
        let path = path_text(&variables::project().join("systemd"), unit);
        let Some(rated) = systemd_analyze(&["security", "--offline=true", &threshold, "--no-pager", &path])
        else {
            return;
        };
        rated.expect_code(0);
    }
    // Without what keeps it in, the same check fails.
    let folder = units();
    let path = path_text(folder.path(), "teelo.service");
    let open: String = read("systemd/teelo.service")
        .lines()
        .filter(|line| {
            !["Protect", "Private", "Restrict", "SystemCall"].iter().any(|part| line.starts_with(part))
        })
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(&path, open).unwrap();
    let Some(rated) = systemd_analyze(&["security", "--offline=true", &threshold, "--no-pager", &path])
    else {
        return;
    };
    rated.expect_code(1);
}

/// The value of the setting `name` in a unit.
fn setting(unit: &str, name: &str) -> String {
    let start = format!("{name}=");
    let text = read(&format!("systemd/{unit}"));
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(&start))
        .unwrap_or_else(|| panic!("{unit}: no {name}"));
    value.to_owned()
}

#[test]
fn the_service_outlasts_the_deadline_and_ends_within_the_hour() {
    let minutes: u32 = setting("teelo.service", "TimeoutStartSec").trim_end_matches("min").parse().unwrap();
    // The help names the default in its line of the flag.
    let help = support::teelo(&["run", "--help"]).expect_code(0).stdout;
    let line = help.lines().find(|line| line.contains("--max-runtime-minutes N")).unwrap();
    let deadline = line.split_once('(').unwrap().1.split(';').next().unwrap();
    let deadline: u32 = deadline.parse().unwrap();
    assert!(deadline < minutes, "{deadline} {minutes}");
    assert!(minutes < 60, "the next run is due then");
}

#[test]
fn what_is_nobodys_fault_is_no_failure() {
    // Partial, another run holds the lock, ended by SIGTERM; not a failed stage (1), configuration (2), no database (69), deadline (124).
    assert_eq!(setting("teelo.service", "SuccessExitStatus"), "3 75 143");
}

/// The shell command of each ExecStart of the failure unit, as systemd passes it on.
fn failure_commands() -> Vec<String> {
    let unit = read("systemd/teelo-failure@.service");
    let lines = unit.lines().filter_map(|line| line.strip_prefix("ExecStart=/bin/sh -c '"));
    lines.map(|line| line.strip_suffix('\'').unwrap().replace("$$", "$")).collect()
}

#[test]
fn the_failure_unit_tells_the_journal_and_calls_the_command() {
    let commands = failure_commands();
    assert_eq!(commands.len(), 2);
    let shell = |command: &str, settings: &[(&str, &str)]| {
        run(Command::new("/bin/sh")
            .args(["-c", command])
            .env("TEELO_FAILED_UNIT", "teelo.service")
            .envs(settings.to_vec()))
    };
    let told = shell(&commands[0], &[("MONITOR_SERVICE_RESULT", "exit-code"), ("MONITOR_EXIT_STATUS", "69")]);
    assert_eq!(
        told.expect_code(0).stdout,
        "<3>teelo.service failed (exit-code, 69): journalctl -u teelo.service, teelo status\n"
    );
    let told = shell(&commands[0], &[]).expect_code(0).stdout;
    assert!(told.contains("(no result told, no exit code told)"), "{told}");

    let called =
        shell(&commands[1], &[("TEELO_FAILURE_COMMAND", "echo \"$TEELO_FAILED_UNIT\" 'failed'; exit 7")]);
    assert_eq!(called.expect_code(7).stdout, "teelo.service failed\n");
    assert_eq!(shell(&commands[1], &[("TEELO_FAILURE_COMMAND", "")]).expect_code(0).stdout, "");
    assert_eq!(shell(&commands[1], &[]).expect_code(0).stdout, "");
}

/// The assignments of the example, also those that are commented out.
fn example() -> Vec<(String, String)> {
    let text = read("systemd/teelo.env.example");
    let lines = text.lines().filter_map(|line| line.strip_prefix('#').unwrap_or(line).split_once('='));
    let is_word = |name: &str| name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    lines.filter(|(name, _)| is_word(name)).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn the_example_of_settings_has_every_variable_once_and_no_other() {
    let example = example();
    let named: BTreeSet<String> = example.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(named.len(), example.len(), "a variable is there twice");
    assert_eq!(named, variables::read_somewhere());
}

#[test]
fn the_example_of_settings_is_understood() {
    let database = support::TestDatabase::new("example");
    let folder = TestFolder::new("example");
    let mut command = database.command(&["run", "--stages", "elo_incremental"]);
    for (name, value) in example() {
        // How to reach this test's database, and where to write, is this test's own.
        if !name.starts_with("PG")
            && !["DATABASE_URL", "TEELO_LOCK_DATABASE_URL", "TEELO_PG_BIN", "TEELO_ARTIFACTS_DIR"]
                .contains(&name.as_str())
        {
            command.env(name, value);
        }
    }
    command.env("TEELO_ARTIFACTS_DIR", folder.path().join("runs")).env("TEELO_PLAYER_FILES", folder.path());
    command.env("TEELO_PLAYER_PROFILE_COMMAND", "/bin/true").current_dir(folder.path());
    run(&mut command).expect_code(0);
}

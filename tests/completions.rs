//! Shell completions and the manual page: made from the help, so that all of it is in them; and tried with the shells.

#[path = "support/helps.rs"]
mod helps;
mod support;

use std::path::PathBuf;
use std::process::Command;

use support::{Output, TestFolder, run, teelo};

fn script(shell: &str) -> String {
    teelo(&["completions", shell]).expect_code(0).stdout
}

/// Runs a program of the system on the text, in a file called `name`. None when the system has no such program.
fn on_file(folder: &TestFolder, name: &str, text: &str, program: &str, arguments: &[&str]) -> Option<Output> {
    let path: PathBuf = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    if let Err(error) = Command::new(program).arg("--version").output() {
        eprintln!("NOT CHECKED with {program}: {error}");
        return None;
    }
    let mut command = Command::new(program);
    Some(run(command.args(arguments).arg(name).current_dir(folder.path()).env("LC_ALL", "C.UTF-8")))
}

#[test]
fn every_command_and_flag_is_in_every_script_and_in_the_manual() {
    let manual = teelo(&["man"]).expect_code(0).stdout;
    let scripts = ["bash", "zsh", "fish"].map(script);
    let commands = helps::commands();
    assert!(commands.len() > 10, "{commands:?}");
    for command in &commands {
        assert!(manual.contains(&format!("\n.SS teelo {command}\n")), "{command}");
        let flags = helps::flags(command);
        assert!(flags.contains_key("--help"), "{command}");
        for name in flags.keys() {
            let in_manual = format!("\n\\fB{}", name.replace('-', "\\-"));
            assert!(manual.contains(&in_manual), "the manual lacks {name}");
            let long = name.trim_start_matches('-');
            for (script, form) in
                scripts.iter().zip([name.clone(), format!("{name}["), format!("-l {long} ")])
            {
                let with_value = form.replace('[', "=[");
                assert!(script.contains(&form) || script.contains(&with_value), "{command} {form}");
            }
        }
    }
}

#[test]
fn the_shells_can_read_their_scripts() {
    let folder = TestFolder::new("shells");
    for (shell, is_needed) in [("bash", true), ("zsh", false), ("fish", false)] {
        match on_file(&folder, &format!("teelo.{shell}"), &script(shell), shell, &["-n"]) {
            Some(read) => assert_eq!(read.expect_code(0).stderr, "", "{shell}"),
            None => assert!(!is_needed, "bash is missing"),
        }
    }
}

/// What bash offers for the last of the words.
fn bash_offers(folder: &TestFolder, words: &[&str]) -> Vec<String> {
    let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
    let ask = format!(
        "source ./teelo.bash\ncomplete -p teelo >/dev/null || exit 9\nCOMP_WORDS=({}) COMP_CWORD={}\n_teelo\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
        quoted.join(" "),
        words.len() - 1
    );
    std::fs::write(folder.path().join("teelo.bash"), script("bash")).unwrap();
    let asked = on_file(folder, "ask.bash", &ask, "bash", &[]).expect("bash is missing").expect_code(0);
    assert_eq!(asked.stderr, "");
    asked.stdout.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn bash_offers_what_fits() {
    let folder = TestFolder::new("bash");
    std::fs::write(folder.path().join("draw one.jsonl"), "").unwrap();
    for (words, offered) in [
        (&["teelo", "mi"][..], &["migrate"][..]),
        (&["teelo", "--v"], &["--version"]),
        (&["teelo", "run", "--max"], &["--max-runtime-minutes"]),
        (&["teelo", "verify", "--"], &["--limit", "--json", "--help"]),
        (&["teelo", "devdb", "st"], &["start", "stop", "status"]),
        // The command is the first word, whatever comes later.
        (&["teelo", "devdb", "status", "--j"], &["--json"]),
        (&["teelo", "ingest", "--feed", "draw"], &["draw one.jsonl"]),
        (&["teelo", "ingest", "--feed", "=", "draw"], &["draw one.jsonl"]),
        (&["teelo", "elo", "--batch-size", ""], &[]),
        (&["teelo", "elo", "--batch-size", "="], &[]),
        (&["teelo", "completions", "f"], &["fish"]),
        (&["teelo", "nothing", "--"], &[]),
    ] {
        assert_eq!(bash_offers(&folder, words), offered, "{words:?}");
    }
    let mut all = helps::commands();
    all.extend(["--version".to_owned(), "--help".to_owned()]);
    assert_eq!(bash_offers(&folder, &["teelo", ""]), all);
}

#[test]
fn fish_offers_what_fits() {
    let folder = TestFolder::new("fish");
    std::fs::write(folder.path().join("teelo.fish"), script("fish")).unwrap();
    for (line, offered) in [
        ("teelo mi", &["migrate"][..]),
        ("teelo run --max", &["--max-runtime-minutes"]),
        ("teelo devdb st", &["start", "status", "stop"]),
        ("teelo devdb status --j", &["--json"]),
    ] {
        let ask = format!("source ./teelo.fish\ncomplete -C '{line}'\n");
        let Some(asked) = on_file(&folder, "ask.fish", &ask, "fish", &["--no-config"]) else { return };
        let asked = asked.expect_code(0);
        let mut found: Vec<&str> =
            asked.stdout.lines().map(|line| line.split('\t').next().unwrap()).collect();
        found.sort_unstable();
        assert_eq!(found, offered, "{line}: {}", asked.stderr);
    }
}

#[test]
fn zsh_takes_the_function_in() {
    let folder = TestFolder::new("zsh");
    std::fs::write(folder.path().join("teelo.zsh"), script("zsh")).unwrap();
    let ask = "autoload -U compinit\ncompinit -D -u\nsource ./teelo.zsh\nprint $_comps[teelo]\n";
    let Some(asked) = on_file(&folder, "ask.zsh", ask, "zsh", &["-f"]) else { return };
    assert_eq!(asked.expect_code(0).stdout, "_teelo\n");
}

#[test]
fn the_manual_can_be_read() {
    let folder = TestFolder::new("man");
    let manual = teelo(&["man"]).expect_code(0).stdout;
    if let Some(linted) = on_file(&folder, "teelo.1", &manual, "mandoc", &["-T", "lint", "-W", "warning"]) {
        // The page is the same for whoever builds it, so it has no date.
        let found: Vec<&str> = linted.stdout.lines().filter(|line| !line.contains("missing date")).collect();
        assert!(found.is_empty(), "{found:#?}");
    }
    if let Some(shown) = on_file(&folder, "teelo.1", &manual, "man", &["--warnings=w", "-P", "cat", "-l"]) {
        assert_eq!(shown.stderr, "");
        for part in
            ["NAME", "SYNOPSIS", "teelo run", "--max-runtime-minutes N", "teelo devdb stop && rm -r .teelo"]
        {
            assert!(shown.stdout.contains(part), "{part}:\n{}", shown.stdout);
        }
    }
}

#[test]
fn a_wrong_shell_is_named() {
    for (arguments, words) in [
        (&["completions"][..], "a shell is needed: bash, zsh or fish"),
        (&["completions", "tcsh"], "unknown shell \"tcsh\"; expected bash, zsh or fish"),
        (&["completions", "bash", "zsh"], "unexpected argument \"zsh\""),
        (&["man", "elo"], "unexpected argument \"elo\""),
    ] {
        let refused = teelo(arguments).expect_code(2);
        assert!(refused.stderr.contains(words), "{arguments:?}: {}", refused.stderr);
    }
}

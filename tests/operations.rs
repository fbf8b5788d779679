//! What the documents tell people to type: every command, action and flag exists, every setting too, and the way back out of an
//! adopted database leads there.

#[path = "support/helps.rs"]
mod helps;
#[path = "support/rust_text.rs"]
mod rust_text;
mod support;
#[path = "support/variables.rs"]
mod variables;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use support::{TestDatabase, TestFolder, run};
use variables::read;

const OPERATIONS: &str = "docs/OPERATIONS.md";

/// The documents that show commands.
fn documents() -> Vec<String> {
    let folder = std::fs::read_dir(variables::project().join("docs")).unwrap();
    let mut names: Vec<String> =
        folder.map(|entry| format!("docs/{}", entry.unwrap().file_name().to_str().unwrap())).collect();
    names.push("README.md".to_owned());
    assert!(names.contains(&OPERATIONS.to_owned()));
    names
}

/// The code blocks of a language in a document.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let text = read(document);
    let parts = text.split("\n```").skip(1).step_by(2);
    parts
        .filter_map(|part| part.split_once('\n'))
        .filter(|(of, _)| *of == language)
        .map(|(_, code)| code.to_owned())
        .collect()
}

/// The pieces of a document that are meant to be typed: lines of shell blocks, and what is between backticks.
fn typed(document: &str) -> Vec<String> {
    let mut typed: Vec<String> = blocks(document, "sh")
        .iter()
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let prose: String = read(document).split("\n```").step_by(2).collect();
    typed.extend(prose.split('`').skip(1).step_by(2).map(str::to_owned));
    typed
}

/// The words after `teelo` in every command of a line, up to where the shell ends it.
fn commands_in(line: &str) -> Vec<Vec<String>> {
    let line = line.split(" #").next().unwrap().replace("$(", " ; ").replace(")\"", " ").replace(')', " ");
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_end = |word: &str| ["|", "||", "&&", ";", ">"].contains(&word);
    let starts = words.iter().enumerate().filter(|(index, word)| {
        let is_program = **word == "teelo" || word.ends_with("/teelo");
        // `useradd … teelo` names the user: a command is at the beginning, after another one, or after a setting of it.
        let before = index.checked_sub(1).map(|before| words[before]);
        let is_setting = |word: &str| word.contains('=') || word.ends_with(['"', '\'']);
        is_program && before.is_none_or(|word| is_end(word) || word == "as-teelo" || is_setting(word))
    });
    starts
        .map(|(at, _)| {
            words[at + 1..]
                .iter()
                .take_while(|word| !is_end(word))
                .map(|word| word.trim_matches([';', '"', '\'']).to_owned())
                .collect()
        })
        .collect()
}

#[test]
fn commands_are_found_in_lines() {
    assert_eq!(
        commands_in("A='x' teelo run --stages a && as-teelo teelo elo | cat"),
        [vec!["run", "--stages", "a"], vec!["elo"]]
    );
    assert_eq!(commands_in("export URL=\"$(teelo devdb url)\"  # teelo no"), [["devdb", "url"]]);
    assert!(commands_in("useradd --system teelo").is_empty());
}

#[test]
fn every_command_and_flag_in_the_documents_exists() {
    let helps: BTreeMap<String, String> =
        helps::commands().into_iter().map(|command| (command.clone(), helps::help(&command))).collect();
    let (mut checked, mut unknown) = (0, Vec::new());
    for document in documents() {
        for line in typed(&document) {
            for words in commands_in(&line) {
                let Some(command) =
                    words.first().filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
                else {
                    continue;
                };
                let Some(help) = helps.get(command) else {
                    unknown.push(format!("{document}: {line}: there is no teelo {command}"));
                    continue;
                };
                let has_actions = help.contains("\nActions:\n") || help.contains("\nShells:\n");
                for (index, word) in words.iter().enumerate().skip(1) {
                    let name = word.split('=').next().unwrap();
                    let is_known = if name.starts_with("--") {
                        name == "--help" || helps::flags(command).contains_key(name)
                    } else {
                        index > 1 || !has_actions || help.contains(&format!("\n  {name} "))
                    };
                    if !is_known {
                        unknown.push(format!("{document}: {line}: teelo {command} knows no {name}"));
                    }
                }
                checked += 1;
            }
        }
    }
    assert!(unknown.is_empty(), "{unknown:#?}");
    assert!(checked > 60, "{checked}");
}

#[test]
fn every_command_has_its_runbook_or_help() {
    // What OPERATIONS.md leaves to the README: trying it out.
    let elsewhere = ["devdb", "demo"];
    let operations = typed(OPERATIONS);
    let named: Vec<String> = operations
        .iter()
        .flat_map(|line| commands_in(line))
        .filter_map(|words| words.first().cloned())
        .collect();
    for command in helps::commands().iter().filter(|command| !elsewhere.contains(&command.as_str())) {
        assert!(named.contains(command), "{OPERATIONS} does not say what teelo {command} is good for");
    }
}

#[test]
fn every_setting_in_the_runbooks_exists() {
    const OURS: [&str; 6] = ["TEELO_", "HOURLY_", "UPDATE_", "ELO_", "PLAYER_", "ENABLE_"];
    let known = variables::read_somewhere();
    for document in [OPERATIONS, "README.md"] {
        let text = read(document);
        let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        for word in
            words.filter(|word| variables::is_name(word) && OURS.iter().any(|start| word.starts_with(start)))
        {
            assert!(known.contains(word), "{document}: {word}");
        }
    }
}

#[test]
fn files_and_places_that_the_documents_name_are_there() {
    for document in documents() {
        let text = read(&document);
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let path = if file.is_empty() {
                document.clone()
            } else {
                Path::new(&document).parent().unwrap().join(file).to_str().unwrap().to_owned()
            };
            let target = read(&path);
            let anchors = target.lines().filter(|line| line.starts_with('#')).map(|line| {
                let title = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
                title.chars().filter(|c| c.is_alphanumeric() || *c == '-' || *c == '_').collect::<String>()
            });
            assert!(
                place.is_empty() || anchors.into_iter().any(|anchor| anchor == place),
                "{document}: {link}"
            );
        }
    }
    for unit in ["teelo.service", "teelo.timer", "teelo-failure@.service", "teelo.env.example"] {
        assert!(read(OPERATIONS).contains(&format!("systemd/{unit}")), "{unit} is not installed");
    }
}

#[test]
fn the_shell_can_read_the_blocks() {
    let folder = TestFolder::new("blocks");
    for (index, block) in blocks(OPERATIONS, "sh").iter().enumerate() {
        let path = folder.path().join(format!("{index}.sh"));
        std::fs::write(&path, block).unwrap();
        run(Command::new("bash").arg("-n").arg(&path)).expect_code(0);
    }
}

#[test]
fn systemd_can_read_the_drop_in() {
    let folder = TestFolder::new("drop_in");
    let drop_ins = blocks(OPERATIONS, "ini");
    assert_eq!(drop_ins.len(), 1);
    let unit = folder.path().join("teelo.service");
    let text = read("systemd/teelo.service").replace("/usr/local/bin/teelo", env!("CARGO_BIN_EXE_teelo"));
    // The failure unit is not part of this.
    std::fs::write(&unit, text.replace("OnFailure=", "#")).unwrap();
    std::fs::create_dir(folder.path().join("teelo.service.d")).unwrap();
    std::fs::write(folder.path().join("teelo.service.d/override.conf"), &drop_ins[0]).unwrap();
    match Command::new("systemd-analyze").args(["verify", "--recursive-errors=no"]).arg(&unit).output() {
        Ok(checked) => {
            let said = String::from_utf8(checked.stderr).unwrap();
            let ours: Vec<&str> = said.lines().filter(|line| line.contains("teelo")).collect();
            assert!(checked.status.success() && ours.is_empty(), "{ours:#?}");
        }
        Err(error) => {
            assert!(std::env::var_os("CI").is_none(), "systemd-analyze (package systemd): {error}");
            eprintln!("NOT CHECKED: systemd-analyze (package systemd): {error}");
        }
    }
}

#[test]
fn the_way_back_out_of_adoption_leaves_nothing_of_ours() {
    let database = TestDatabase::new("way_back");
    let way_back = blocks(OPERATIONS, "sql");
    assert_eq!(way_back.len(), 1);
    database.client().batch_execute(&way_back[0]).unwrap();
    // The index is the one that an existing database has, and everything of ours can be made anew: a table, function or trigger
    // that was left would be in the way.
    let indexes = include_str!("sql/operations_index.sql");
    let definition: String = database.client().query_one(indexes, &[]).unwrap().get(0);
    for part in
        ["(temporal_order, id)", "'walkover'", "elo_post_player_a IS NULL", "elo_needs_recompute = true"]
    {
        assert!(definition.contains(part), "{part}: {definition}");
    }
    assert!(database.teelo(&["migrate", "--dry-run"]).expect_code(0).stdout.contains("0001"));
    database.teelo(&["migrate"]).expect_code(0);
    database.teelo(&["elo"]).expect_code(0);
}

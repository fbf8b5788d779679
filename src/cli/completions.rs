//! `teelo completions`.

use std::fmt::Write as _;

use lexopt::prelude::*;

use super::help::{Entry, flags, words};
use super::{COMMANDS, print, unexpected, usage_error};
use crate::error::{Error, Result};

pub(super) const USAGE: &str = "\
Prints what makes a shell complete the commands, flags and file names of teelo when the Tab key is pressed.

Usage: teelo completions SHELL

Shells:
  bash   needs bash 4 or newer
  zsh    a function for a folder of $fpath, or to be sourced after compinit
  fish   for a folder of $fish_complete_path, or to be sourced

Options:
  --help   print this

Examples:
  teelo completions bash > /etc/bash_completion.d/teelo
  teelo completions zsh > /usr/local/share/zsh/site-functions/_teelo
  teelo completions fish > ~/.config/fish/completions/teelo.fish
  source <(teelo completions bash)
";

/// Runs the command; returns the exit code.
pub(super) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    let mut shell = None;
    while let Some(argument) = parser.next().map_err(usage_error)? {
        match argument {
            Value(name) if shell.is_none() => shell = Some(name.to_string_lossy().into_owned()),
            Long("help") | Short('h') => return print(USAGE),
            _ => return Err(unexpected(argument, "teelo completions")),
        }
    }
    match shell.as_deref() {
        Some("bash") => print(&bash()),
        Some("zsh") => print(&zsh()),
        Some("fish") => print(&fish()),
        Some(other) => Err(Error::usage(format!("unknown shell {other:?}; expected bash, zsh or fish"))),
        None => Err(Error::usage("a shell is needed: bash, zsh or fish; see `teelo completions --help`")),
    }
}

/// What can follow a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Follows {
    /// The next flag or word.
    Nothing,
    /// A file or a folder.
    Path,
    /// Something that only the user knows.
    Text,
}

fn follows(flag: &Entry<'_>) -> Follows {
    match flag.value() {
        None => Follows::Nothing,
        Some("PATH" | "DIR" | "FILE" | "FILE...") => Follows::Path,
        Some(_) => Follows::Text,
    }
}

/// What can follow a command besides flags.
fn operands(usage: &'static str) -> Vec<Entry<'static>> {
    ["Actions:", "Shells:"].iter().flat_map(|title| words(usage, title)).collect()
}

fn names(entries: &[Entry<'_>]) -> String {
    entries.iter().map(Entry::name).collect::<Vec<_>>().join(" ")
}

fn bash() -> String {
    let (mut of_command, mut of_value) = (String::new(), String::new());
    for (name, usage, _) in COMMANDS {
        let flags = flags(usage);
        let all = format!("{} {}", names(&operands(usage)), names(&flags));
        _ = writeln!(of_command, "        {name}) words='{}' ;;", all.trim_start());
        for flag in &flags {
            match follows(flag) {
                Follows::Nothing => {}
                Follows::Path => _ = writeln!(of_value, "        {name}:{}) kind=path ;;", flag.name()),
                Follows::Text => _ = writeln!(of_value, "        {name}:{}) kind=text ;;", flag.name()),
            }
        }
    }
    include_str!("completions.bash")
        .replace("@COMMANDS@", &format!("{} {}", names(&commands()), names(&flags(super::USAGE))))
        .replace("@WORDS@\n", &of_command)
        .replace("@VALUES@\n", &of_value)
}

fn zsh() -> String {
    let mut text = String::from("#compdef teelo\n\n_teelo() {\n    local -a commands=(\n");
    for command in commands() {
        _ = writeln!(text, "        '{}:{}'", command.name(), quoted(command.summary(), ":"));
    }
    text.push_str(
        "    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n        _arguments",
    );
    flags(super::USAGE).iter().for_each(|flag| _ = write!(text, " '{}'", zsh_flag(flag)));
    text.push_str("\n        return\n    fi\n    local command=$words[2]\n    shift words\n    (( CURRENT-- ))\n    case $command in\n");
    for (name, usage, _) in COMMANDS {
        _ = write!(text, "        {name})\n            _arguments");
        flags(usage).iter().for_each(|flag| _ = write!(text, " \\\n                '{}'", zsh_flag(flag)));
        let operands = operands(usage);
        if !operands.is_empty() {
            _ = write!(text, " \\\n                '1:what:({})'", names(&operands));
        }
        text.push_str("\n            ;;\n");
    }
    text.push_str(
        "    esac\n}\n\nif [[ ${funcstack[1]} == _teelo ]]; then\n    _teelo \"$@\"\nelse\n    compdef _teelo teelo\nfi\n",
    );
    text
}

/// A flag as `_arguments` wants it.
fn zsh_flag(flag: &Entry<'_>) -> String {
    let said = quoted(flag.summary(), "[]:");
    // What may be given several times is told so by its text.
    let star = if flag.text.contains("several times") { "*" } else { "" };
    match follows(flag) {
        Follows::Nothing => format!("{star}{}[{said}]", flag.name()),
        Follows::Path => format!("{star}{}=[{said}]:path:_files", flag.name()),
        Follows::Text => {
            format!("{star}{}=[{said}]:{}: ", flag.name(), flag.value().unwrap_or_default().to_lowercase())
        }
    }
}

fn fish() -> String {
    let mut text = String::from(
        "# The command is the first word; a later word of the same name is an action.\n\
         function __teelo_is\n    set -l words (commandline -opc)\n    test (count $words) -ge 2; and test $words[2] = $argv[1]\nend\n\
         complete -c teelo -f\n",
    );
    for entry in commands() {
        let said = quoted(entry.summary(), "");
        _ = writeln!(text, "complete -c teelo -n __fish_use_subcommand -a {} -d '{said}'", entry.name());
    }
    let fish_flag = |text: &mut String, condition: &str, flag: &Entry<'_>| {
        let value = match follows(flag) {
            Follows::Nothing => "",
            Follows::Path => " -r -F",
            Follows::Text => " -x",
        };
        let (long, said) = (flag.name().trim_start_matches('-'), quoted(flag.summary(), ""));
        _ = writeln!(text, "complete -c teelo -n {condition} -l {long}{value} -d '{said}'");
    };
    flags(super::USAGE).iter().for_each(|flag| fish_flag(&mut text, "__fish_use_subcommand", flag));
    for (name, usage, _) in COMMANDS {
        let condition = format!("'__teelo_is {name}'");
        for word in operands(usage) {
            let said = quoted(word.summary(), "");
            _ = writeln!(text, "complete -c teelo -n {condition} -a {} -d '{said}'", word.name());
        }
        flags(usage).iter().for_each(|flag| fish_flag(&mut text, &condition, flag));
    }
    text
}

/// The commands, as the program's help lists them.
fn commands() -> Vec<Entry<'static>> {
    words(super::USAGE, "Commands:")
}

/// `text` for the inside of single quotes, with a backslash before each of `special`.
fn quoted(text: &str, special: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        match letter {
            '\'' => out.push('’'),
            '\\' => out.push('/'),
            _ => {
                if special.contains(letter) {
                    out.push('\\');
                }
                out.push(letter);
            }
        }
    }
    out
}

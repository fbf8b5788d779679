//! `teelo man`.

use std::fmt::Write as _;

use lexopt::prelude::*;

use super::help::{blocks, entries, words};
use super::{COMMANDS, print, unexpected, usage_error};
use crate::error::Result;

pub(super) const USAGE: &str = "\
Prints the manual page teelo(1): the help of every command on one page, in the language of man.

Usage: teelo man

Options:
  --help   print this

Examples:
  teelo man | man -l -
  teelo man > /usr/local/share/man/man1/teelo.1
";

/// Runs the command; returns the exit code.
pub(super) fn run(parser: &mut lexopt::Parser) -> Result<u8> {
    match parser.next().map_err(usage_error)? {
        None => print(&page()),
        Some(Long("help") | Short('h')) => print(USAGE),
        Some(argument) => Err(unexpected(argument, "teelo man")),
    }
}

/// The page.
fn page() -> String {
    let version = concat!("teelo ", env!("CARGO_PKG_VERSION"));
    let mut page = format!(".TH TEELO 1 \"\" \"{version}\" \"User Commands\"\n");
    page.push_str(".SH NAME\nteelo \\- keeps a tennis database current every hour\n");
    page.push_str(".SH SYNOPSIS\n.B teelo\n.I COMMAND\n[\\fIOPTIONS\\fR]\n.SH DESCRIPTION\n");
    blocks(super::USAGE)
        .filter(|block| !block.starts_with("Usage:"))
        .for_each(|block| write_block(&mut page, block));
    page.push_str(".SH COMMANDS\n");
    for command in words(super::USAGE, "Commands:") {
        let Some((name, usage, _)) = COMMANDS.iter().find(|(name, ..)| *name == command.name()) else {
            continue;
        };
        _ = writeln!(page, ".SS teelo {name}");
        blocks(usage).for_each(|block| write_block(&mut page, block));
    }
    page
}

/// A block of a help text: prose, a list of entries, or lines that stay as they are.
fn write_block(page: &mut String, block: &str) {
    let first = block.lines().next().unwrap_or_default();
    let lines = || block.lines().skip_while(|line| !line.starts_with(' '));
    if first.starts_with("Usage:") {
        write_verbatim(page, block.lines().map(|line| line.trim_start_matches("Usage:").trim()));
        return;
    }
    let prose: Vec<&str> = block.lines().take_while(|line| !line.starts_with(' ')).collect();
    if !prose.is_empty() {
        // A heading begins a paragraph by itself.
        let after_heading = page.lines().last().is_some_and(|line| line.starts_with(".S"));
        page.push_str(if after_heading { "" } else { ".PP\n" });
        _ = writeln!(page, "{}", escaped(&prose.join("\n")));
    }
    if first == "Examples:" {
        write_verbatim(page, lines().map(|line| line.strip_prefix("  ").unwrap_or(line)));
        return;
    }
    for entry in entries(block) {
        _ = writeln!(page, ".TP\n\\fB{}\\fR\n{}", escaped(entry.words), escaped(&entry.text));
    }
}

fn write_verbatim<'a>(page: &mut String, lines: impl Iterator<Item = &'a str>) {
    page.push_str(".PP\n.RS 4\n.nf\n");
    lines.for_each(|line| _ = writeln!(page, "{}", escaped(line)));
    page.push_str(".fi\n.RE\n");
}

/// `text` without what means something to man.
fn escaped(text: &str) -> String {
    let mut lines = text.lines().map(|line| {
        let line = line.replace('\\', "\\e").replace('-', "\\-").replace('`', "\\(ga");
        if line.starts_with(['.', '\'']) { format!("\\&{line}") } else { line }
    });
    let first = lines.next().unwrap_or_default();
    lines.fold(first, |text, line| text + "\n" + &line)
}

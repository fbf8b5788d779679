//! What the help texts list, read independently of how the program reads them itself.

use std::collections::BTreeMap;

use super::support::teelo;

/// The names of all commands, in the order of the help.
pub fn commands() -> Vec<String> {
    let help = teelo(&["--help"]).expect_code(0).stdout;
    let listed =
        help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    listed.map(|line| line.split_whitespace().next().unwrap().to_owned()).collect()
}

/// The help of a command.
pub fn help(command: &str) -> String {
    teelo(&[command, "--help"]).expect_code(0).stdout
}

/// The flags of a command, each with all that its help says of it.
pub fn flags(command: &str) -> BTreeMap<String, String> {
    let mut flags: BTreeMap<String, String> = BTreeMap::new();
    let mut current = None;
    for line in help(command).lines() {
        if let Some(rest) = line.strip_prefix("  ").filter(|rest| rest.starts_with("--")) {
            let (name, text) = rest.split_once(' ').unwrap();
            assert!(
                flags.insert(name.to_owned(), text.to_owned()).is_none(),
                "teelo {command}: {name} is there twice"
            );
            current = Some(name.to_owned());
        } else if let Some(name) = current.as_ref().filter(|_| line.starts_with("   ")) {
            *flags.get_mut(name).unwrap() += &format!(" {}", line.trim());
        } else {
            current = None;
        }
    }
    flags
}

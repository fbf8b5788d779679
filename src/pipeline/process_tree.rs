//! Finding every living process that a stage's program started, also those that left its process group or were
//! adopted by init. Reads /proc, so Linux only.

use std::collections::HashSet;
use std::path::Path;

use rustix::process::Pid;

/// A process that belongs to a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: Pid,
    /// Whether a signal to the stage's process group reaches it.
    pub in_group: bool,
}

/// What /proc/PID/stat says that is of use here.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    pid: i32,
    state: char,
    parent: i32,
    group: i32,
}

/// The living processes of the group `group`, those whose environment holds `marker` (`NAME=value`), and the
/// descendants of both. A daemon leaves its group and its parent, but keeps its environment.
///
/// # Errors
/// /proc cannot be listed.
pub fn living(group: Pid, marker: &str) -> std::io::Result<Vec<Process>> {
    let own = std::process::id();
    let stats: Vec<Stat> = std::fs::read_dir("/proc")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| *pid != own)
        .filter_map(|pid| parse_stat(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?))
        .collect();
    let group = group.as_raw_nonzero().get();
    let mut members: HashSet<i32> = stats
        .iter()
        .filter(|stat| stat.group == group || is_marked(stat.pid, marker))
        .map(|stat| stat.pid)
        .collect();
    members.insert(group);
    // A level of the tree a round, until no round finds a further child.
    loop {
        let known = members.len();
        members.extend(
            stats
                .iter()
                .filter(|stat| members.contains(&stat.parent))
                .map(|stat| stat.pid)
                .collect::<Vec<_>>(),
        );
        if members.len() == known {
            break;
        }
    }
    Ok(stats
        .iter()
        .filter(|stat| members.contains(&stat.pid) && !matches!(stat.state, 'Z' | 'X'))
        .filter_map(|stat| Some(Process { pid: Pid::from_raw(stat.pid)?, in_group: stat.group == group }))
        .collect())
}

/// `PID (name) state parent group …`; the name may hold blanks and parentheses.
fn parse_stat(text: &str) -> Option<Stat> {
    let (before, after) = text.rsplit_once(')')?;
    let mut fields = after.split_ascii_whitespace();
    Some(Stat {
        pid: before.split_ascii_whitespace().next()?.parse().ok()?,
        state: fields.next()?.chars().next()?,
        parent: fields.next()?.parse().ok()?,
        group: fields.next()?.parse().ok()?,
    })
}

/// Whether the process was started with `marker` in its environment. Another user's process is not ours.
fn is_marked(pid: i32, marker: &str) -> bool {
    std::fs::read(Path::new("/proc").join(pid.to_string()).join("environ"))
        .is_ok_and(|environment| environment.split(|byte| *byte == 0).any(|entry| entry == marker.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_and_parentheses_does_not_shift_the_fields() {
        let stat = parse_stat("4321 (a) S (b c) R 17 99 99 0 -1 4194304 1 2").expect("it parses");
        assert_eq!(stat, Stat { pid: 4321, state: 'R', parent: 17, group: 99 });
        assert_eq!(parse_stat("4321 (cut"), None);
    }
}

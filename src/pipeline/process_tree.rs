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

/// What tells the processes that a stage's program started from all others.
#[derive(Debug)]
pub struct Tree {
    /// The process group that the program leads.
    pub group: Pid,
    /// `NAME=value` in the environment that the program got.
    pub marker: String,
    /// Whether this process is the parent of orphans, as [`adopt_orphans`] said: then its children are of the tree.
    pub adopts_orphans: bool,
    /// The one child of this process that is not.
    pub guardian: Option<Pid>,
}

impl Tree {
    /// The living processes of the group, those with the marker, those without a parent, and the descendants of all. A daemon
    /// leaves its group and its parent, but keeps its environment; one that clears it too is an orphan.
    ///
    /// # Errors
    /// /proc cannot be listed.
    pub fn living(&self) -> std::io::Result<Vec<Process>> {
        let stats = read_stats()?;
        let group = self.group.as_raw_nonzero().get();
        let mut members: HashSet<i32> =
            stats.iter().filter(|stat| self.is_root(stat)).map(|stat| stat.pid).collect();
        members.insert(group);
        // A level of the tree a round, until no round finds a further child.
        loop {
            let known = members.len();
            let children = stats.iter().filter(|stat| members.contains(&stat.parent)).map(|stat| stat.pid);
            members.extend(children.collect::<Vec<_>>());
            if members.len() == known {
                break;
            }
        }
        Ok(stats
            .iter()
            .filter(|stat| members.contains(&stat.pid) && stat.is_alive())
            .filter_map(|stat| Some(Process { pid: Pid::from_raw(stat.pid)?, in_group: stat.group == group }))
            .collect())
    }

    /// Whether the process is of the tree whatever its parent is.
    fn is_root(&self, stat: &Stat) -> bool {
        let is_guardian = self.guardian.is_some_and(|pid| pid.as_raw_nonzero().get() == stat.pid);
        stat.group == self.group.as_raw_nonzero().get()
            || (self.adopts_orphans && stat.parent == own_pid() && !is_guardian)
            || is_marked(stat.pid, &self.marker)
    }
}

/// Makes this process the parent of every orphan among its descendants, for as long as it lives, so that none escapes. Returns
/// false where the system cannot, and when this process came with children: their orphans are not ours to end.
#[cfg(target_os = "linux")]
pub fn adopt_orphans() -> bool {
    let has_children = read_stats()
        .map_or(true, |stats| stats.iter().any(|stat| stat.parent == own_pid() && stat.is_alive()));
    !has_children && rustix::process::set_child_subreaper(Some(rustix::process::getpid())).is_ok()
}

/// Only Linux has it.
#[cfg(not(target_os = "linux"))]
pub fn adopt_orphans() -> bool {
    false
}

fn own_pid() -> i32 {
    rustix::process::getpid().as_raw_nonzero().get()
}

/// Every process but this one.
fn read_stats() -> std::io::Result<Vec<Stat>> {
    let own = own_pid();
    Ok(std::fs::read_dir("/proc")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok())
        .filter(|pid| *pid != own)
        .filter_map(|pid| parse_stat(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?))
        .collect())
}

impl Stat {
    fn is_alive(&self) -> bool {
        !matches!(self.state, 'Z' | 'X')
    }
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

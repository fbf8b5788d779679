//! Finding and ending the process of a server, by its data folder.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::POLL_INTERVAL;
use super::account::Account;
use crate::error::{Error, Result};

/// How long a fast stop may take: it writes what is in memory to disk.
const FAST_STOP_TIMEOUT: Duration = Duration::from_secs(60);
/// How long an immediate stop may take: the server itself kills what is left after five seconds.
const IMMEDIATE_STOP_TIMEOUT: Duration = Duration::from_secs(15);

/// What a running server says about itself in `postmaster.pid`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServerProcess {
    pub(super) pid: Pid,
    /// None while the server is only just starting.
    pub(super) socket_folder: Option<PathBuf>,
}

/// The server that runs on `data`, if one does. A pid file that a killed server left behind is seen through,
/// even when its pid belongs to another process by now: a server's current folder is its data folder.
pub(super) fn find(data: &Path, account: &Account) -> Option<ServerProcess> {
    let text = std::fs::read_to_string(pid_file(data)).ok()?;
    let mut lines = text.lines();
    let pid = Pid::from_raw(lines.next()?.trim().parse().ok()?)?;
    let socket_folder = lines.nth(3).map(PathBuf::from);
    works_in(pid, data, account).then_some(ServerProcess { pid, socket_folder })
}

/// The pid file of a server.
pub(super) fn pid_file(data: &Path) -> PathBuf {
    data.join("postmaster.pid")
}

/// True when `pid` is a server process of `account` whose current folder is `data`.
fn works_in(pid: Pid, data: &Path, account: &Account) -> bool {
    let process = PathBuf::from(format!("/proc/{}", pid.as_raw_nonzero()));
    let is_owned = process.metadata().is_ok_and(|metadata| metadata.uid() == account.uid());
    let is_server = std::fs::read_to_string(process.join("comm")).is_ok_and(|name| name.trim() == "postgres");
    let folder = process.join("cwd").read_link();
    is_owned && is_server && folder.is_ok_and(|folder| data.canonicalize().is_ok_and(|data| folder == data))
}

/// True when any process of `account`, such as a backend whose server was killed, still works in `data`.
pub(super) fn any_left(data: &Path, account: &Account) -> bool {
    let Ok(processes) = std::fs::read_dir("/proc") else { return false };
    let pids =
        processes.flatten().filter_map(|entry| Pid::from_raw(entry.file_name().to_str()?.parse().ok()?));
    pids.into_iter().any(|pid| works_in(pid, data, account))
}

/// Stops the server on `data`: politely (sessions are ended, everything is written), and if that takes too
/// long at once (the next start recovers). True when there was one to stop.
///
/// # Errors
/// The server is still there after both.
pub(super) fn stop(data: &Path, account: &Account) -> Result<bool> {
    let Some(server) = find(data, account) else { return Ok(false) };
    for (signal, timeout) in [(Signal::INT, FAST_STOP_TIMEOUT), (Signal::QUIT, IMMEDIATE_STOP_TIMEOUT)] {
        // A server that has ended meanwhile is what we want.
        let _ = kill_process(server.pid, signal);
        if wait_until_gone(&server, data, account, timeout) {
            return Ok(true);
        }
    }
    Err(Error::failed(format!(
        "the server process {} on {} does not stop; see its log",
        server.pid.as_raw_nonzero(),
        data.display()
    )))
}

/// Ends the server on `data` at once, for data that nobody will read again.
pub(super) fn end(data: &Path, account: &Account) {
    let Some(server) = find(data, account) else { return };
    for signal in [Signal::QUIT, Signal::KILL] {
        let _ = kill_process(server.pid, signal);
        if wait_until_gone(&server, data, account, IMMEDIATE_STOP_TIMEOUT) {
            return;
        }
    }
}

fn wait_until_gone(server: &ServerProcess, data: &Path, account: &Account, timeout: Duration) -> bool {
    let started = Instant::now();
    while works_in(server.pid, data, account) {
        if started.elapsed() >= timeout {
            return false;
        }
        std::thread::sleep(POLL_INTERVAL);
    }
    true
}

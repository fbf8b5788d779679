//! A stage's program as a child process: a process group of its own, output to files or to who talks with it, and nothing
//! of it left when it is over, however it ends and however this process ends.

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};

use super::process_tree::{Process, Tree, adopt_orphans};
use super::{program, tail};
use crate::error::{Context, Error, Result};
use crate::stop;

/// Between two looks at the child: a stage takes seconds to an hour, so this adds nothing that anyone notices.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// From SIGTERM to SIGKILL: enough to roll back and to write the metrics; and short enough to record the end within the 5 s in
/// which a process that is told to end has ended.
const TERM_GRACE: Duration = Duration::from_secs(3);
/// How long helpers of a program that has ended may take to end by themselves, such as the `tee` of a pipeline.
const HELPERS_GRACE: Duration = Duration::from_secs(2);
/// How long after SIGKILL a process may stay: only one in an uninterruptible system call does.
const KILL_WAIT: Duration = Duration::from_secs(5);

/// How much of the end of standard error goes into the audit row.
const STDERR_TAIL_BYTES: usize = 8 << 10;
/// How many lines of it at most.
const STDERR_TAIL_LINES: usize = 15;

/// What to start.
#[derive(Debug)]
pub struct Launch<'a> {
    /// The program and its arguments; not empty.
    pub command: &'a [OsString],
    /// PATH, to say why a program is not found.
    pub search_path: Option<&'a OsStr>,
    /// Variables added to the inherited environment. The first one marks the program's processes, so its value is
    /// unique to the run.
    pub environment: [(&'a str, &'a str); 2],
    /// Where its standard output goes; None: it is talked with, by pipes to its standard input and from its output.
    pub stdout: Option<&'a Path>,
    /// Where its standard error goes; what is there already stays.
    pub stderr: &'a Path,
}

/// How it went.
#[derive(Debug)]
pub struct Ended {
    /// The program's own end.
    pub status: ExitStatus,
    /// Whether it was told to end; otherwise it ended by itself.
    pub stopped: bool,
    /// How many of its processes were still there when it had ended by itself, and had to be ended.
    pub left_behind: usize,
    /// The processes that even SIGKILL did not end in time.
    pub survivors: Vec<i32>,
}

/// Runs the program to its end, as long as `goes_on`, which is asked all the while, says so.
///
/// # Errors
/// The program cannot be started, or its output files cannot be created; the message says what to do.
pub fn run(launch: &Launch<'_>, goes_on: &mut dyn FnMut() -> bool) -> Result<Ended> {
    let program = Program::start(launch)?;
    let by_itself = wait_for_end(program.tree.group, goes_on);
    program.end(by_itself)
}

/// A program that was started.
#[derive(Debug)]
pub struct Program {
    child: Child,
    tree: Tree,
    _guardian: Guardian,
    is_over: bool,
}

impl Program {
    /// Starts it at the head of its own process group.
    ///
    /// # Errors
    /// As [`run`].
    pub fn start(launch: &Launch<'_>) -> Result<Self> {
        let adopts_orphans = adopt_orphans();
        let marker = format!("{}={}", launch.environment[0].0, launch.environment[0].1);
        // First, so that at no moment the program is there and nobody would end it.
        let mut guardian = Guardian::start(&marker);
        let child = spawn(launch)?;
        let group = Pid::from_child(&child);
        guardian.tell(group);
        let tree = Tree { group, marker, adopts_orphans, guardian: guardian.pid() };
        Ok(Self { child, tree, _guardian: guardian, is_over: false })
    }

    /// The pipes of a program that is talked with; None when they were taken before.
    pub fn pipes(&mut self) -> Option<(ChildStdin, ChildStdout)> {
        self.child.stdin.take().zip(self.child.stdout.take())
    }

    /// Waits until it has ended by itself, at most `patience`, and no longer than until this process has to end; false when it
    /// has not.
    pub fn has_ended_within(&self, patience: Duration) -> bool {
        let began = Instant::now();
        wait_for_end(self.tree.group, &mut || began.elapsed() < patience && stop::reason().is_none())
    }

    /// Ends what is left of it. `by_itself`: the program has ended, and its helpers may take a moment to do so, too.
    ///
    /// # Errors
    /// The system's.
    pub fn end(mut self, by_itself: bool) -> Result<Ended> {
        let tree = &self.tree;
        // The child is not reaped yet: its id stays taken, so that no signal can reach a stranger's group.
        let mut left_behind = 0;
        if by_itself {
            wait_until_gone(tree, HELPERS_GRACE, || stop::reason().is_none());
            left_behind = members(tree).len();
        }
        if !by_itself || left_behind > 0 {
            signal_all(tree, Signal::TERM);
            wait_until_gone(tree, TERM_GRACE, || true);
        }
        let survivors = kill_all(tree);
        self.is_over = true;
        let status = self.child.wait().context(|| "waiting for the stage's program")?;
        Ok(Ended { status, stopped: !by_itself, left_behind, survivors })
    }
}

impl Drop for Program {
    /// On the way out of an error nobody waits for it.
    fn drop(&mut self) {
        if !self.is_over {
            kill_all(&self.tree);
            let _ = self.child.wait();
        }
    }
}

fn spawn(launch: &Launch<'_>) -> Result<Child> {
    let open = |path: &Path| -> Result<File> {
        let place = || format!("opening {}", path.display());
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).context(place)?;
        }
        OpenOptions::new().create(true).append(true).open(path).context(place)
    };
    let (program, arguments) =
        launch.command.split_first().ok_or_else(|| Error::usage("the stage's command is empty"))?;
    let (stdin, stdout) = match launch.stdout {
        Some(path) => (Stdio::null(), open(path)?.into()),
        None => (Stdio::piped(), Stdio::piped()),
    };
    Command::new(program)
        .args(arguments)
        .envs(launch.environment)
        // It writes to files, not to systemd's journal.
        .env_remove("JOURNAL_STREAM")
        .stdin(stdin)
        .stdout(stdout)
        .stderr(open(launch.stderr)?)
        .process_group(0)
        .spawn()
        .map_err(|error| {
            let reason = program::reason(program, launch.search_path, &error);
            Error::failed(format!("cannot start {}: {reason}", program.to_string_lossy()))
        })
}

/// `signal 9 (SIGKILL)`: the standard library knows the names of this system's signals.
pub fn signal_name(status: ExitStatus) -> String {
    status.to_string().replacen(": ", " ", 1)
}

/// `reason`, and below it the last lines that the program wrote to standard error.
pub fn with_stderr(reason: &str, stderr_log: &Path) -> String {
    match tail::lines(stderr_log, STDERR_TAIL_BYTES, STDERR_TAIL_LINES) {
        Ok(lines) if lines.is_empty() => reason.to_owned(),
        Ok(lines) => format!("{reason}; the last lines of its standard error:\n{}", lines.join("\n")),
        Err(error) => format!("{reason}; {} cannot be read: {error}", stderr_log.display()),
    }
}

/// Waits until the child has ended (without reaping it), as long as `goes_on` says so. Returns whether it has ended.
fn wait_for_end(child: Pid, goes_on: &mut dyn FnMut() -> bool) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    loop {
        match waitid(WaitId::Pid(child), options) {
            Ok(None) | Err(rustix::io::Errno::INTR) => {}
            Ok(Some(_)) | Err(_) => return true,
        }
        if !goes_on() {
            return false;
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}

/// The program's living processes. Without /proc there is only the group to signal.
fn members(tree: &Tree) -> Vec<Process> {
    tree.living().unwrap_or_else(|error| {
        log::warn!("the stage's processes cannot be listed: /proc: {error}");
        Vec::new()
    })
}

/// Signals the group, and each process that has left it.
fn signal_all(tree: &Tree, signal: Signal) {
    // A group or a process that is gone by now needs no signal.
    let _ = kill_process_group(tree.group, signal);
    for process in members(tree).iter().filter(|process| !process.in_group) {
        let _ = kill_process(process.pid, signal);
    }
}

/// Waits until none of the program's processes lives, at most `patience`, as long as `goes_on` says so.
fn wait_until_gone(tree: &Tree, patience: Duration, goes_on: fn() -> bool) {
    let began = Instant::now();
    while !members(tree).is_empty() && began.elapsed() < patience && goes_on() {
        std::thread::sleep(POLL_INTERVAL);
    }
}

/// Kills what is left, again and again: a process may have forked meanwhile. Returns what will not die.
fn kill_all(tree: &Tree) -> Vec<i32> {
    let began = Instant::now();
    loop {
        signal_all(tree, Signal::KILL);
        let left = members(tree);
        if left.is_empty() || began.elapsed() >= KILL_WAIT {
            return left.iter().map(|process| process.pid.as_raw_nonzero().get()).collect();
        }
        std::thread::sleep(POLL_INTERVAL);
    }
}

/// A shell that ends the stage's processes when this process dies without having done so itself (SIGKILL, out of
/// memory): it reads a pipe whose other end only this process holds.
#[derive(Debug)]
struct Guardian(Option<Child>);

/// $1: what marks the environment of the program's processes; $2: seconds from SIGTERM to SIGKILL. The process group comes as a
/// line, once there is one. A process between its fork and its exec has no mark yet: the second look finds it. Who is in the group has
/// the group's signal: to many programs, and to this one, a second is the order to end at once. The third word behind the name in
/// /proc/PID/stat is the group.
const GUARDIAN_SCRIPT: &str = r#"
read -r group
read -r _
signal_all() {
    test -z "$group" || kill -"$1" -"$group"
    for process in /proc/[0-9]*; do
        if tr '\0' '\n' < "$process/environ" | grep -Fqxe "$2"; then
            stat=
            read -r stat < "$process/stat"
            set -- "$1" "$2" ${stat##*) }
            test "$5" = "$group" || kill -"$1" "${process#/proc/}"
        fi
    done
}
signal_all TERM "$1"
sleep "$2"
signal_all KILL "$1"
"#;

impl Guardian {
    /// Starts watching over the processes with `marker`. Without a shell the stage runs unguarded.
    fn start(marker: &str) -> Self {
        let spawned = Command::new("/bin/sh")
            .args(["-c", GUARDIAN_SCRIPT, "teelo-guardian", marker, &TERM_GRACE.as_secs().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn();
        if let Err(error) = &spawned {
            log::warn!("the stage's program would outlive a killed run: /bin/sh: {error}");
        }
        Self(spawned.ok())
    }

    /// Tells which process group the program leads.
    fn tell(&mut self, group: Pid) {
        let pipe = self.0.as_mut().and_then(|child| child.stdin.as_mut());
        if let Some(Err(error)) = pipe.map(|pipe| writeln!(pipe, "{}", group.as_raw_nonzero())) {
            log::warn!("the stage's program would outlive a killed run: its guardian has ended: {error}");
        }
    }

    fn pid(&self) -> Option<Pid> {
        self.0.as_ref().map(Pid::from_child)
    }
}

impl Drop for Guardian {
    /// The stage is over: there is nothing left to guard.
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

//! The program as a process: how long it takes, and how much memory it holds.

use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::Result;
use crate::server::Bench;
use crate::table::{Bar, Row, Times};

/// The program, built as it is shipped.
const PROGRAM: &str = env!("CARGO_BIN_EXE_teelo");
/// Between two looks at the memory of a process. The server's high-water mark is read, so that only the end is missed.
const MEMORY_LOOK: Duration = Duration::from_millis(2);
/// Turns of rows that take milliseconds.
const SHORT_TURNS: usize = 15;

/// A process that ended well.
pub struct Ran {
    /// From start to exit.
    pub took: Duration,
    /// The most memory that it held.
    pub peak_kb: u64,
    /// What it printed.
    pub stdout: String,
}

/// Runs the program on a database. `codes`: the exit codes that are expected.
pub fn run(url: &str, arguments: &[&str], codes: &[i32]) -> Result<Ran> {
    run_with(url, arguments, &[], codes)
}

/// The same in an environment with more variables.
pub fn run_with(url: &str, arguments: &[&str], environment: &[(&str, String)], codes: &[i32]) -> Result<Ran> {
    let began = Instant::now();
    let child = Command::new(PROGRAM)
        .args(arguments)
        .env("DATABASE_URL", url)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let status_path = format!("/proc/{}/status", child.id());
    let (ended, watcher_ended) = mpsc::channel::<()>();
    let watcher = std::thread::spawn(move || {
        let mut peak_kb = 0;
        while watcher_ended.recv_timeout(MEMORY_LOOK) == Err(RecvTimeoutError::Timeout) {
            peak_kb = peak_kb.max(high_water_mark_kb(&status_path).unwrap_or(0));
        }
        peak_kb
    });
    // Reads what it prints while it runs: a full pipe would stop it.
    let output = child.wait_with_output()?;
    let took = began.elapsed();
    drop(ended);
    let peak_kb = watcher.join().map_err(|_| "the thread that watches the memory panicked")?;
    if !output.status.code().is_some_and(|code| codes.contains(&code)) {
        let errors = String::from_utf8_lossy(&output.stderr);
        return Err(format!("teelo {arguments:?}: {}\n{errors}", output.status).into());
    }
    Ok(Ran { took, peak_kb, stdout: String::from_utf8(output.stdout)? })
}

fn high_water_mark_kb(status_path: &str) -> Option<u64> {
    let status = std::fs::read_to_string(status_path).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// How fast the program starts, and how large it is.
pub fn rows(_: &mut Bench) -> Result<Vec<Row>> {
    let times: Result<Vec<Duration>> =
        (0..SHORT_TURNS).map(|_| Ok(run("", &["--version"], &[0])?.took)).collect();
    let size = std::fs::metadata(PROGRAM)?.len();
    Ok(vec![Row {
        name: "`teelo --version`".to_owned(),
        ours: Times::new(times?),
        floor: None,
        bar: Bar::Seconds(0.010),
        peak_kb: None,
        note: format!("the program has {:.1} MB", size as f64 / 1e6),
    }])
}

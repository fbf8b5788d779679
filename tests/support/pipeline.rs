//! What the tests of `teelo run` share: a database, a folder, and stand-ins for the ingest program.

// Every test binary compiles this file and uses its own part of it.
#![allow(dead_code)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::{Output, TestDatabase, TestFolder, run};

/// Long enough for any machine; only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// Writes what a good ingest program writes to its metrics file.
pub const METRICS: &str = r#"
while [ $# -gt 0 ]; do
    case $1 in --metrics-json) metrics=$2 ;; esac
    shift
done
cat > "$metrics" <<'END'
{"records_scanned": 7, "records_processed": 5, "records_skipped": 1, "records_failed": 1,
 "matches_inserted": 0, "matches_updated": 0, "duration_s": 0.5}
END
"#;

/// A migrated database and a folder to run in.
pub struct Pipeline {
    pub database: TestDatabase,
    folder: TestFolder,
}

/// A row of `pipeline_runs`.
#[derive(Debug)]
pub struct RunRow {
    pub run_id: String,
    pub status: String,
    pub has_ended: bool,
    pub summary: Value,
}

/// A row of `pipeline_stage_runs`.
#[derive(Debug)]
pub struct StageRow {
    pub name: String,
    pub status: String,
    pub has_ended: bool,
    pub metrics: Value,
    pub error_text: String,
}

impl Pipeline {
    pub fn new(name: &str) -> Self {
        Self::on(TestDatabase::new(name), name)
    }

    /// The same on a database that is there.
    pub fn on(database: TestDatabase, name: &str) -> Self {
        Self { database, folder: TestFolder::new(name) }
    }

    /// A path in the test's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An executable shell script in the test's folder. It knows the folder as `$here`.
    pub fn script(&self, name: &str, body: &str) -> String {
        let path = self.path(name);
        let text = format!("#!/bin/sh\nhere='{}'\n{body}\n", self.folder.path().display());
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    }

    /// `teelo run` in the test's folder, artifacts in `artifacts/`, with the ingest program `command`.
    pub fn command(&self, command: &str, arguments: &[&str]) -> Command {
        let mut teelo = self.database.command(&[&["run"], arguments].concat());
        teelo.current_dir(self.folder.path());
        teelo.env("TEELO_ARTIFACTS_DIR", self.path("artifacts"));
        teelo.env("UPDATE_CURRENT_EVENTS_COMMAND", format!("'{command}'"));
        teelo
    }

    /// Runs `teelo run` with an ingest program that does `body`.
    pub fn run_script(&self, body: &str, arguments: &[&str]) -> Output {
        let script = self.script("ingest.sh", body);
        run(&mut self.command(&script, arguments))
    }

    pub fn run_rows(&self) -> Vec<RunRow> {
        let rows = self.database.client().query(include_str!("../sql/pipeline_runs.sql"), &[]).unwrap();
        rows.iter()
            .map(|row| RunRow {
                run_id: row.get("run_id"),
                status: row.get("status"),
                has_ended: row.get("has_ended"),
                summary: json(row.get("summary")),
            })
            .collect()
    }

    pub fn stage_rows(&self) -> Vec<StageRow> {
        let rows = self.database.client().query(include_str!("../sql/pipeline_stage_runs.sql"), &[]).unwrap();
        rows.iter()
            .map(|row| StageRow {
                name: row.get("stage_name"),
                status: row.get("status"),
                has_ended: row.get("has_ended"),
                metrics: json(row.get("metrics")),
                error_text: row.get::<_, Option<String>>("error_text").unwrap_or_default(),
            })
            .collect()
    }

    /// The folder of the run `run_id` below `artifacts/`.
    pub fn run_folder(&self, run_id: &str) -> PathBuf {
        let (year, month, day) = (&run_id[..4], &run_id[4..6], &run_id[6..8]);
        self.path("artifacts").join(year).join(month).join(day).join(run_id)
    }

    /// The only run's row, and its stages as `name status`.
    #[track_caller]
    pub fn only_run(&self) -> (RunRow, Vec<String>) {
        let mut rows = self.run_rows();
        assert_eq!(rows.len(), 1, "{rows:?}");
        let stages =
            self.stage_rows().iter().map(|stage| format!("{} {}", stage.name, stage.status)).collect();
        (rows.remove(0), stages)
    }

    /// The only run's ingest stage.
    #[track_caller]
    pub fn ingest_row(&self) -> StageRow {
        let mut rows = self.stage_rows();
        assert_eq!((rows.len(), rows[0].name.as_str()), (3, "current_events_ingest"), "{rows:?}");
        rows.remove(0)
    }

    /// Waits for a file that a script writes, and returns what is in it.
    #[track_caller]
    pub fn wait_for(&self, name: &str) -> String {
        let path = self.path(name);
        wait_until(&format!("{} is there", path.display()), || path.exists());
        std::fs::read_to_string(path).unwrap()
    }

    /// Nothing was written: no row, no artifact.
    #[track_caller]
    pub fn expect_nothing_written(&self) {
        assert_eq!(self.run_rows().len(), 0);
        assert_eq!(self.stage_rows().len(), 0);
        assert!(!self.path("artifacts").exists());
        assert!(!self.path("logs").exists());
    }
}

fn json(text: Option<String>) -> Value {
    text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
}

/// Starts `command` with its output kept.
pub fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// The output of a started program. One that hangs is killed in the end, so that the test fails instead of hanging, too.
pub fn finish(child: Child) -> Output {
    let pid = Pid::from_child(&child);
    let (ended, waits) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        if waits.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            let _ = kill_process(pid, Signal::KILL);
        }
    });
    let output = child.wait_with_output().unwrap();
    drop(ended);
    Output {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Waits until `happened`; fails the test when it never does.
#[track_caller]
pub fn wait_until(what: &str, happened: impl Fn() -> bool) {
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether the process is there and not only a zombie.
pub fn is_alive(pid: &str) -> bool {
    let stat = std::fs::read_to_string(Path::new("/proc").join(pid.trim()).join("stat"));
    stat.is_ok_and(|stat| !stat.rsplit(')').next().unwrap().trim_start().starts_with(['Z', 'X']))
}

/// The JSON in a file.
pub fn read_json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

//! Hooks: commands of the operator's that a run calls when it begins and when it has ended. They get the path of the run's summary,
//! a time limit, and no say in what becomes of the run.

use std::ffi::OsString;
use std::path::Path;
use std::time::{Duration, Instant};

use super::metrics::Status;
use super::subprocess::{self, Ended, Launch};
use super::summary::Summary;
use crate::error::{Context, Error, Result};
use crate::stop::{self, Reason};

/// Long enough to send a message, short enough not to matter to an hourly run.
pub const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The commands; None where there is nothing to call.
#[derive(Debug, Clone, Default)]
pub struct Hooks {
    /// When a run begins.
    pub start: Option<Hook>,
    /// When it has ended as `success` or `partial`.
    pub success: Option<Hook>,
    /// When it has ended otherwise.
    pub failure: Option<Hook>,
}

impl Hooks {
    /// Calls the hook for a run that has begun, as long as the process need not end.
    pub fn started(&self, summary: &Summary) {
        call(self.start.as_ref(), summary, &|| stop::reason().is_none());
    }

    /// Calls the hook for a run that has ended. When a signal has told the process to end, it has the seconds that are left.
    pub fn ended(&self, summary: &Summary) {
        let hook = match summary.status {
            Status::Success | Status::Partial => &self.success,
            _ => &self.failure,
        };
        let is_told = || matches!(stop::reason(), Some(Reason::Signal(_)));
        call(hook.as_ref(), summary, &|| !is_told() || stop::time_left().is_none_or(|left| !left.is_zero()));
    }
}

/// Calls the hook; what goes wrong is a warning.
fn call(hook: Option<&Hook>, summary: &Summary, may_go_on: &dyn Fn() -> bool) {
    let Some(hook) = hook else { return };
    if let Err(error) = hook.call(summary, may_go_on) {
        log::warn!("{}: {error}; the run goes its way", hook.name);
    }
}

/// One command.
#[derive(Debug, Clone)]
pub struct Hook {
    /// The variable that names it.
    pub name: &'static str,
    /// The folder of its logs in the run's.
    pub folder: &'static str,
    /// The program and its arguments; not empty. The summary's path is appended.
    pub command: Vec<OsString>,
    /// PATH, to say why a program is not found.
    pub search_path: Option<OsString>,
    /// How long it may last; then it is ended, with all that it started.
    pub time_limit: Duration,
}

impl Hook {
    /// Runs the command to its end, or to that of its time, or until `may_go_on` says no.
    ///
    /// # Errors
    /// It cannot be started, did not exit with 0, or had to be ended. The message says where its output is.
    pub fn call(&self, summary: &Summary, may_go_on: &dyn Fn() -> bool) -> Result<()> {
        let folder = summary.artifacts.join(self.folder);
        std::fs::create_dir_all(&folder).context(|| format!("creating {}", folder.display()))?;
        let mut command = self.command.clone();
        command.push(summary.artifacts.join("summary.json").into());
        let launch = Launch {
            command: &command,
            search_path: self.search_path.as_deref(),
            environment: [("TEELO_RUN_ID", &summary.run_id), ("TEELO_STATUS", summary.status.as_str())],
            stdout: Some(&folder.join("stdout.log")),
            stderr: &folder.join("stderr.log"),
        };
        let began = Instant::now();
        let mut has_time = true;
        let ended = subprocess::run(&launch, &mut || {
            has_time = began.elapsed() < self.time_limit;
            has_time && may_go_on()
        })?;
        self.judge(&ended, has_time, &folder)
    }

    fn judge(&self, ended: &Ended, had_time: bool, folder: &Path) -> Result<()> {
        let program = self.command.first().map(|program| program.to_string_lossy()).unwrap_or_default();
        let problem = match ended.stopped {
            true if had_time => "was ended: the run has to stop".to_owned(),
            true => format!("was ended: it may last {} s", self.time_limit.as_secs_f64()),
            false if ended.status.success() => return Ok(()),
            false => format!("failed ({})", ended.status),
        };
        Err(Error::failed(format!("{program} {problem}; its output is in {}", folder.display())))
    }
}

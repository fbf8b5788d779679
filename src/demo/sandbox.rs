//! The demonstration's own folder with its PostgreSQL in it, and this program's other commands run inside.

use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::error::{Context, Error, Kind, Result};
use crate::private_server::{self, Devdb, Started};

/// Tells a folder that may be emptied from one that may not; also the lock of a demonstration at work.
const MARKER: &str = "made-by-teelo-demo";
/// How much of a failed command's output an error repeats.
const LINES_SHOWN: usize = 15;

/// What a demonstration needs to know about its surroundings.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The folder for everything; need not exist.
    pub folder: PathBuf,
    /// This executable.
    pub program: PathBuf,
    /// The variables that the commands inside get, besides those of the sandbox.
    pub environment: Vec<(OsString, OsString)>,
    /// How private servers are made.
    pub server: private_server::Settings,
}

/// A folder with a running server. However the process ends, the server ends too, unless it was told to stay.
#[derive(Debug)]
pub(crate) struct Sandbox {
    folder: PathBuf,
    program: PathBuf,
    environment: Vec<(OsString, OsString)>,
    devdb: Devdb,
    url: String,
    /// Stops the server when this process cannot; None once that is no longer its task.
    guard: Option<Child>,
    _lock: File,
}

impl Sandbox {
    /// Empties the folder of an earlier demonstration, or makes it, and starts an empty server in it.
    ///
    /// # Errors
    /// LockHeld when a demonstration is at work in it; Usage when it holds something else; the server's.
    pub(crate) fn open(surroundings: Surroundings) -> Result<Self> {
        let Surroundings { folder, program, environment, server } = surroundings;
        let folder = std::path::absolute(&folder).context(|| format!("looking for {}", folder.display()))?;
        let lock = claim(&folder)?;
        let devdb = Devdb::new(&folder, server)?;
        devdb.remove()?;
        for inside in ["season", "runs", "logs"] {
            remove_folder(&folder.join(inside))?;
        }
        std::fs::create_dir(folder.join("logs"))
            .context(|| format!("making a folder in {}", folder.display()))?;
        let guard = Some(start_guard(&program, &folder)?);
        let mut sandbox =
            Self { folder, program, environment, devdb, url: String::new(), guard, _lock: lock };
        let (Started::Now(running) | Started::Before(running)) = sandbox.devdb.start()?;
        sandbox.url = running.url;
        Ok(sandbox)
    }

    /// The address of the database.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where the archives are.
    pub(crate) fn season_folder(&self) -> PathBuf {
        self.folder.join("season")
    }

    /// Runs this program with `arguments` and returns what it printed. What it logged is in `logs/NAME.log`.
    ///
    /// # Errors
    /// It cannot be started, or does not exit with 0; the message holds the end of its log.
    pub(crate) fn teelo(&self, name: &str, arguments: &[&str]) -> Result<String> {
        let log = self.folder.join("logs").join(format!("{name}.log"));
        let stderr = File::create(&log).context(|| format!("writing {}", log.display()))?;
        let mut command = Command::new(&self.program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr);
        // Settings of the caller's shell are for the caller's database.
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("DATABASE_URL", &self.url);
        command.env("TEELO_FEED_DIRS", self.season_folder());
        command.env("TEELO_ARTIFACTS_DIR", self.folder.join("runs"));
        let shown = format!("teelo {}", arguments.join(" "));
        let worker = command.spawn().context(|| format!("starting {shown}"))?;
        self.tell_guard(&worker.id().to_string())?;
        let output = worker.wait_with_output().context(|| format!("waiting for {shown}"))?;
        self.tell_guard("")?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        Err(Error::failed(format!("{shown} failed ({}):\n{}", output.status, complaint(&output, &log))))
    }

    /// Lets the server run on when this process has ended.
    ///
    /// # Errors
    /// The guard is gone.
    pub(crate) fn keep_running(mut self) -> Result<()> {
        self.dismiss_guard()
    }

    /// Stops the server; the folder stays.
    ///
    /// # Errors
    /// The server does not stop.
    pub(crate) fn close(mut self) -> Result<()> {
        self.devdb.stop()?;
        self.dismiss_guard()
    }

    /// Tells the guard that it is not needed any more, and waits for its end.
    fn dismiss_guard(&mut self) -> Result<()> {
        self.tell_guard("done")?;
        let Some(mut guard) = self.guard.take() else { return Ok(()) };
        guard.wait().context(|| "dismissing the guard of the private PostgreSQL")?;
        Ok(())
    }

    /// Says a line to the guard: guard.sh knows what it means.
    fn tell_guard(&self, line: &str) -> Result<()> {
        let Some(mut lifeline) = self.guard.as_ref().and_then(|guard| guard.stdin.as_ref()) else {
            return Ok(());
        };
        let told = lifeline.write_all(format!("{line}\n").as_bytes());
        told.context(|| "speaking to the guard of the private PostgreSQL")
    }
}

impl Drop for Sandbox {
    /// After an error: stops the server at once instead of leaving it to the guard.
    fn drop(&mut self) {
        if self.guard.is_none() {
            return;
        }
        let stopped = self.devdb.stop().map(|_| ());
        if let Err(error) = stopped.and_then(|()| self.dismiss_guard()) {
            log::error!("the demonstration's PostgreSQL may still run: {error}");
        }
    }
}

/// Makes the folder unless it is there, and locks it.
fn claim(folder: &Path) -> Result<File> {
    let place = || format!("using the folder {}", folder.display());
    let marker = folder.join(MARKER);
    let is_foreign = match std::fs::read_dir(folder) {
        Ok(mut entries) => !marker.exists() && entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(Error::from(error).with_kind(Kind::Usage).context(place())),
    };
    if is_foreign {
        return Err(Error::usage(format!(
            "{} holds something that is not of a demonstration, and would be emptied; choose another folder with --dir",
            folder.display()
        )));
    }
    std::fs::create_dir_all(folder).context(place)?;
    std::fs::write(folder.join(".gitignore"), "*\n").context(place)?;
    let lock = File::options().create(true).truncate(false).write(true).open(&marker).context(place)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::new(
            Kind::LockHeld,
            format!(
                "another demonstration is at work in {}; wait for it, or choose another --dir",
                folder.display()
            ),
        )),
        Err(std::fs::TryLockError::Error(error)) => Err(Error::from(error).context(place())),
    }
}

/// Starts the process that outlives this one for a moment, to stop the server and what works on it.
fn start_guard(program: &Path, folder: &Path) -> Result<Child> {
    let mut command = Command::new("sh");
    command.args(["-c", include_str!("guard.sh"), "guard.sh"]).arg(program).arg(folder);
    // A process group of its own: Ctrl-C in the terminal is not for it.
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    command.spawn().context(|| "starting the guard of the private PostgreSQL")
}

/// Removes a folder of an earlier demonstration, if it is there.
fn remove_folder(folder: &Path) -> Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::from(error).context(format!("removing {}", folder.display())))
        }
        _ => Ok(()),
    }
}

/// The end of what a failed command logged, or printed if it logged nothing, and where the log is.
fn complaint(output: &Output, log: &Path) -> String {
    let mut text = std::fs::read(log).unwrap_or_default();
    if text.is_empty() {
        text.clone_from(&output.stdout);
    }
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let shown = &lines[lines.len().saturating_sub(LINES_SHOWN)..];
    format!("  {}\n(its log: {})", shown.join("\n  "), log.display())
}

//! A server that lives as long as the process that started it, for tests and the demonstration.

use std::fs::File;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::account::Account;
use super::{
    Installation, NAME, POLL_INTERVAL, PORT, Settings, base, cluster, server_process, url, wait_until_ready,
};
use crate::error::{Context, Result};

/// Its data is thrown away, so nothing needs to survive a crash of the machine.
const CARELESS_SETTINGS: [&str; 3] = ["fsync=off", "full_page_writes=off", "synchronous_commit=off"];
/// How long the watcher may take to end the server; the server kills its own processes after five seconds.
const END_TIMEOUT: Duration = Duration::from_secs(15);
/// Tells the servers of one process apart.
static STARTED: AtomicU32 = AtomicU32::new(0);

/// A running server. Dropping it ends the server and removes its data; so does the end of this process, even
/// by SIGKILL. What a dead process nevertheless leaves behind is swept by the next start.
#[derive(Debug)]
pub struct TemporaryServer {
    folder: PathBuf,
    account: Account,
    version: String,
    watcher: Child,
    /// Its end is the signal to end the server. None: the server was told to stay.
    lifeline: Mutex<Option<ChildStdin>>,
    /// Held for as long as this process lives: the next start may sweep the folder when it is free.
    _lock: File,
}

impl TemporaryServer {
    /// Starts a server and waits until it answers. It is careless: fsync and its like are off.
    ///
    /// # Errors
    /// There is no server program, or the server does not start.
    pub fn start(settings: &Settings) -> Result<Self> {
        Self::start_with(settings, PORT, &CARELESS_SETTINGS)
    }

    /// Starts a server with PostgreSQL's own settings, as careful with the disk as a real one: for measurements.
    ///
    /// # Errors
    /// There is no server program, or the server does not start.
    pub fn start_durable(settings: &Settings) -> Result<Self> {
        Self::start_with(settings, PORT, &[])
    }

    /// Starts a careless server that also listens on a TCP port of this machine's loopback addresses, for tests of connections.
    ///
    /// # Errors
    /// There is no server program, or the server does not start: another program may have the port.
    pub fn start_on_port(settings: &Settings, port: u16) -> Result<Self> {
        let tcp = [format!("port={port}"), "listen_addresses=localhost".to_owned()];
        let settings_all: Vec<&str> =
            CARELESS_SETTINGS.into_iter().chain(tcp.iter().map(String::as_str)).collect();
        Self::start_with(settings, port, &settings_all)
    }

    fn start_with(settings: &Settings, port: u16, server_settings: &[&str]) -> Result<Self> {
        let installation = Installation::find(settings.programs.as_deref())?;
        let account = Account::for_new_server()?;
        let base = base::folder(&settings.temporary_folder, &account)?;
        let (folder, lock) = claim_folder(&base, &account)?;
        let data = folder.join("data");
        cluster::create(&installation, &account, &base, &data)?;

        let mut command = account.command("sh");
        command.args(["-c", include_str!("watch.sh"), "watch.sh"]).arg(&folder);
        command.arg(installation.program("postgres")).args(cluster::server_arguments(&data, &folder));
        for setting in server_settings {
            command.args(["-c", setting]);
        }
        // A process group of its own: a terminal's Ctrl-C is for us, and our end is the server's.
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
        let mut watcher = command.spawn().context(|| "starting the private PostgreSQL")?;
        let lifeline = Mutex::new(watcher.stdin.take());
        let version = installation.version().to_owned();
        let mut server = Self { folder, account, version, watcher, lifeline, _lock: lock };
        let log = server.log_path();
        wait_until_ready(&server.folder, port, &log, || !matches!(server.watcher.try_wait(), Ok(None)))?;
        Ok(server)
    }

    /// The address of `database` on this server; the first one is called [`NAME`].
    pub fn url(&self, database: &str) -> String {
        url(&self.folder, database)
    }

    /// The address of the database that every server has from the start.
    pub fn first_url(&self) -> String {
        self.url(NAME)
    }

    /// The server's log.
    pub fn log_path(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    /// The server's folder: its socket, `data` and the log.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The server's version, such as `15.18`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Lets the server live on after this process, to look into it; the next start of any server sweeps it.
    ///
    /// # Errors
    /// The watcher is gone.
    pub fn keep(&self) -> Result<()> {
        let lifeline = self.lifeline.lock().unwrap_or_else(PoisonError::into_inner).take();
        lifeline
            .map_or(Ok(()), |mut pipe| pipe.write_all(b"keep\n"))
            .context(|| "keeping the private PostgreSQL")
    }
}

impl Drop for TemporaryServer {
    fn drop(&mut self) {
        let lifeline = self.lifeline.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if lifeline.is_none() {
            return;
        }
        drop(lifeline);
        let started = Instant::now();
        while matches!(self.watcher.try_wait(), Ok(None)) && started.elapsed() < END_TIMEOUT {
            std::thread::sleep(POLL_INTERVAL);
        }
        sweep_folder(&self.folder, &self.account);
    }
}

/// Makes a folder for a new server and takes its lock. Leftovers of dead processes are removed first.
fn claim_folder(base: &Path, account: &Account) -> Result<(PathBuf, File)> {
    // Under a lock of its own, so that nobody sweeps a folder between its making and its locking.
    let _lock = base::lock(&base.join("base.lock"))?;
    sweep(base, account)?;
    let number = STARTED.fetch_add(1, Ordering::Relaxed);
    let folder = base.join(format!("run-{}-{number}", std::process::id()));
    let lock = base::lock(&lock_path(&folder))?;
    account.create_folder(&folder)?;
    Ok((folder, lock))
}

/// The lock file of a server's folder, beside it.
fn lock_path(folder: &Path) -> PathBuf {
    base::beside(folder, ".lock")
}

/// Removes every folder whose lock nobody holds.
fn sweep(base: &Path, account: &Account) -> Result<()> {
    for entry in std::fs::read_dir(base).context(|| format!("reading {}", base.display()))? {
        let path = entry?.path();
        let is_lock = path.extension().is_some_and(|extension| extension == "lock");
        let is_run = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"run-"));
        if is_lock && is_run && base::open_lock(&path)?.try_lock().is_ok() {
            sweep_folder(&path.with_extension(""), account);
        }
    }
    Ok(())
}

/// Ends the server in `folder`, if one is left, and removes the folder and its lock file.
fn sweep_folder(folder: &Path, account: &Account) {
    server_process::end(&folder.join("data"), account);
    for path in [folder.to_owned(), lock_path(folder)] {
        if let Err(error) = base::remove_if_there(&path) {
            log::warn!("{error}");
        }
    }
}

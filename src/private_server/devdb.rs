//! The development database: a server that keeps its data, outlives the command that started it, and is
//! durable like any other.

use std::fs::{DirBuilder, File, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::account::{Account, run};
use super::{
    Installation, NAME, POLL_INTERVAL, PORT, SOCKET_PATH_LIMIT, Settings, base, cluster, server_process,
    socket_path, url, wait_until_ready,
};
use crate::error::{Context, Error, Result};

/// The server's home below the development database's folder.
const HOME: &str = "postgresql";
/// Where root's homes are when the user `postgres` cannot enter the development database's folder (below /root);
/// it then holds a link.
const SHARED_HOMES: &str = "/var/lib/teelo";
/// How long the sessions of a killed server may take to notice that it is gone.
const ORPHANS_TIMEOUT: Duration = Duration::from_secs(10);

/// A development database, running or not, that belongs to one folder.
#[derive(Debug)]
pub struct Devdb {
    folder: PathBuf,
    settings: Settings,
}

/// A development database that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// The server process.
    pub pid: i32,
    /// The address of its database.
    pub url: String,
    /// The server's data.
    pub data: PathBuf,
    /// The server's log.
    pub log: PathBuf,
}

/// What [`Devdb::start`] found to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// It was not running.
    Now(Running),
    /// It was running already.
    Before(Running),
}

/// What [`Devdb::stop`] found to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// It was running.
    Now,
    /// It was not running.
    Before,
}

/// The server's home: its data, its log, and mostly its socket.
struct Home {
    folder: PathBuf,
    account: Account,
}

impl Home {
    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("server.log")
    }

    fn running(&self) -> Option<Running> {
        let server = server_process::find(&self.data(), &self.account)?;
        let socket_folder = server.socket_folder.as_deref()?;
        Some(Running {
            pid: server.pid.as_raw_nonzero().get(),
            url: url(socket_folder, NAME),
            data: self.data(),
            log: self.log(),
        })
    }

    /// The server if it runs and answers: one that was killed a moment ago may not be gone yet.
    fn answering(&self) -> Result<Option<Running>> {
        let Some(server) = server_process::find(&self.data(), &self.account) else { return Ok(None) };
        let Some(socket_folder) = server.socket_folder else { return Ok(None) };
        let ready = wait_until_ready(&socket_folder, PORT, &self.log(), || self.running().is_none());
        match self.running() {
            Some(running) => ready.map(|()| Some(running)),
            None => Ok(None),
        }
    }
}

impl Devdb {
    /// The development database of `folder`, which need not exist.
    ///
    /// # Errors
    /// The current folder is gone.
    pub fn new(folder: &Path, settings: Settings) -> Result<Self> {
        let folder = std::path::absolute(folder).context(|| format!("looking for {}", folder.display()))?;
        Ok(Self { folder, settings })
    }

    /// The folder that was asked for.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts the server unless it runs, and waits until it answers. The first start makes an empty database.
    ///
    /// # Errors
    /// There is no server program, the folder cannot be used, or the server does not start.
    pub fn start(&self) -> Result<Started> {
        let account = Account::for_new_server()?;
        self.create_folder(&account)?;
        let _lock = self.lock()?;
        let home = match self.home()? {
            Some(home) => home,
            None => self.create_home(account)?,
        };
        if let Some(running) = home.answering()? {
            return Ok(Started::Before(running));
        }
        let base = base::folder(&self.settings.temporary_folder, &home.account)?;
        let installation = self.prepare_data(&home, &base)?;
        clear_leftovers(&home)?;
        let socket_folder = socket_folder(&home, &base)?;
        spawn(&home, &installation, &socket_folder)?;
        home.running().map(Started::Now).ok_or_else(|| {
            Error::failed(format!(
                "the private PostgreSQL has ended right after its start; see {}",
                home.log().display()
            ))
        })
    }

    /// Stops the server if it runs. Its data stays.
    ///
    /// # Errors
    /// It belongs to another user, or does not stop.
    pub fn stop(&self) -> Result<Stopped> {
        if !self.folder.try_exists().context(|| format!("looking for {}", self.folder.display()))? {
            return Ok(Stopped::Before);
        }
        let _lock = self.lock()?;
        let Some(home) = self.home()? else { return Ok(Stopped::Before) };
        let was_running = server_process::stop(&home.data(), &home.account)?;
        let base = base::folder(&self.settings.temporary_folder, &home.account)?;
        // There is one only when the home's path is too long; the server has emptied it.
        let _ = std::fs::remove_dir(short_socket_folder(&home, &base));
        Ok(if was_running { Stopped::Now } else { Stopped::Before })
    }

    /// Stops the server if it runs, and throws its data away.
    ///
    /// # Errors
    /// It belongs to another user, does not stop, or its data cannot be removed.
    pub fn remove(&self) -> Result<()> {
        self.stop()?;
        let link = self.folder.join(HOME);
        if let Some(home) = self.home()? {
            // What a link of somebody else's leads to is not ours to remove.
            let is_own = !link.is_symlink() || home.folder.parent() == Some(Path::new(SHARED_HOMES));
            if is_own {
                base::remove_if_there(&home.folder)?;
            }
        }
        base::remove_if_there(&link)
    }

    /// The server, if it runs.
    ///
    /// # Errors
    /// It belongs to another user.
    pub fn running(&self) -> Result<Option<Running>> {
        Ok(self.home()?.and_then(|home| home.running()))
    }

    /// Makes the folder, which the server's account must be able to pass through, and hides it from git.
    fn create_folder(&self, account: &Account) -> Result<()> {
        if self.folder.is_dir() {
            return Ok(());
        }
        let place = || format!("making the folder {}", self.folder.display());
        let mode = if account.is_this_process() { 0o700 } else { 0o711 };
        DirBuilder::new().recursive(true).create(&self.folder).context(place)?;
        std::fs::set_permissions(&self.folder, Permissions::from_mode(mode)).context(place)?;
        std::fs::write(self.folder.join(".gitignore"), "*\n").context(place)
    }

    fn lock(&self) -> Result<File> {
        base::lock(&self.folder.join("lock"))
    }

    /// The home, if it has been made.
    fn home(&self) -> Result<Option<Home>> {
        let link = self.folder.join(HOME);
        let folder = match link.canonicalize() {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            found => found.context(|| format!("looking for {}", link.display()))?,
        };
        let account = Account::owner_of(&folder)?;
        Ok(Some(Home { folder, account }))
    }

    /// Makes the home in the folder; or where the account can reach it, with a link in the folder.
    fn create_home(&self, account: Account) -> Result<Home> {
        let link = self.folder.join(HOME);
        if let Ok(target) = link.read_link() {
            log::warn!("{}, where the data was, is gone: starting with an empty database", target.display());
            base::remove_if_there(&link)?;
        }
        let folder = if account.can_enter(&self.folder) { link.clone() } else { self.free_shared_home()? };
        account.create_folder(&folder)?;
        let folder = folder.canonicalize().context(|| format!("looking for {}", folder.display()))?;
        if !link.exists() {
            symlink(&folder, &link).context(|| format!("linking {}", link.display()))?;
        }
        Ok(Home { folder, account })
    }

    /// A path below [`SHARED_HOMES`] that is not taken.
    fn free_shared_home(&self) -> Result<PathBuf> {
        let shared = Path::new(SHARED_HOMES);
        let mut folder = DirBuilder::new();
        folder
            .recursive(true)
            .mode(0o711)
            .create(shared)
            .context(|| format!("making the folder {SHARED_HOMES}"))?;
        let name = format!("devdb-{}", short_hash(&self.folder));
        (1..)
            .map(|number: u32| shared.join(format!("{name}-{number}")))
            .find(|candidate| !candidate.exists())
            .ok_or_else(|| Error::failed(format!("no free name in {SHARED_HOMES}")))
    }

    /// Makes an empty cluster unless there is one, and finds the programs that can run it.
    fn prepare_data(&self, home: &Home, base: &Path) -> Result<Installation> {
        let installation = Installation::find(self.settings.programs.as_deref())?;
        let data = home.data();
        if !data.exists() {
            let unfinished = home.folder.join("data.new");
            base::remove_if_there(&unfinished)?;
            cluster::create(&installation, &home.account, base, &unfinished)?;
            let mut sync = home.account.command(installation.program("initdb"));
            sync.args(["--sync-only", "--pgdata"]).arg(&unfinished);
            run(sync, "writing the empty cluster to disk")?;
            std::fs::rename(&unfinished, &data).context(|| format!("making {}", data.display()))?;
        }
        let path = data.join("PG_VERSION");
        let text = std::fs::read_to_string(&path).context(|| format!("reading {}", path.display()))?;
        let major = text.trim().parse().map_err(|_| {
            Error::failed(format!(
                "{}: {:?} is not a PostgreSQL version; expected a number",
                path.display(),
                text.trim()
            ))
        })?;
        installation.for_major(major, &data)
    }
}

/// Waits for what a killed server left running, and removes its lock files: the server would believe them if
/// their pid belonged to another process by now.
fn clear_leftovers(home: &Home) -> Result<()> {
    let data = home.data();
    let started = Instant::now();
    while server_process::any_left(&data, &home.account) {
        if started.elapsed() >= ORPHANS_TIMEOUT {
            return Err(Error::failed(format!(
                "processes of a server that was killed are still at work in {}; end them, then start again",
                data.display()
            )));
        }
        std::thread::sleep(POLL_INTERVAL);
    }
    base::remove_if_there(&server_process::pid_file(&data))
}

/// The folder for the socket: the home, or a short one when the home's path is too long for a socket.
fn socket_folder(home: &Home, base: &Path) -> Result<PathBuf> {
    let fits = socket_path(&home.folder).as_os_str().len() <= SOCKET_PATH_LIMIT;
    let folder =
        if fits { home.folder.clone() } else { base.join(format!("socket-{}", short_hash(&home.folder))) };
    if !folder.is_dir() {
        home.account.create_folder(&folder)?;
    }
    base::remove_if_there(&base::beside(&socket_path(&folder), ".lock"))?;
    Ok(folder)
}

/// A folder with a short path for the socket of this home.
fn short_socket_folder(home: &Home, base: &Path) -> PathBuf {
    base.join(format!("socket-{}", short_hash(&home.folder)))
}

/// Starts the server process, detached from this one, and waits until it answers.
fn spawn(home: &Home, installation: &Installation, socket_folder: &Path) -> Result<()> {
    let log = home.log();
    // The log is opened by the account, not by root, who could be led elsewhere by a link.
    let mut command = home.account.command("sh");
    command.args(["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1", "sh"]).arg(&log);
    command
        .arg(installation.program("postgres"))
        .args(cluster::server_arguments(&home.data(), socket_folder));
    // A process group of its own: Ctrl-C in the terminal that started it is not for the server.
    command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut server = command.spawn().context(|| "starting the private PostgreSQL")?;
    wait_until_ready(socket_folder, PORT, &log, || !matches!(server.try_wait(), Ok(None)))
}

/// Eight bytes of the path's hash, in hexadecimal: short, and different for different folders.
fn short_hash(path: &Path) -> String {
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

//! Whose processes the server's are: PostgreSQL refuses to run as root.

use std::ffi::OsStr;
use std::fs::DirBuilder;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::base::{beside, remove_if_there};
use crate::error::{Context, Error, Result};

/// Variables that would change what the server programs do.
const SERVER_VARIABLES: [&str; 5] = ["PGDATA", "PGPORT", "PGDATESTYLE", "PGCLIENTENCODING", "PGTZ"];

/// The user that a server runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    uid: u32,
    gid: u32,
    /// True when this process is root and has to become that user.
    switches: bool,
}

impl Account {
    /// The account for a new server: this process's own, or `postgres` when that is root.
    ///
    /// # Errors
    /// This is root, and there is no user `postgres`.
    pub(super) fn for_new_server() -> Result<Self> {
        let own = Self::own();
        if own.uid != 0 {
            return Ok(own);
        }
        let (Some(uid), Some(gid)) = (id_of_postgres("-u"), id_of_postgres("-g")) else {
            return Err(Error::failed(
                "PostgreSQL does not run as root, and there is no user `postgres` to run it as. \
                 Create one (useradd --system postgres), or run this as an ordinary user",
            ));
        };
        Ok(Self { uid, gid, switches: true })
    }

    /// The account that owns `folder`.
    ///
    /// # Errors
    /// It is neither this process's, nor is this process root.
    pub(super) fn owner_of(folder: &Path) -> Result<Self> {
        let metadata = std::fs::metadata(folder).context(|| format!("looking at {}", folder.display()))?;
        let own = Self::own();
        if metadata.uid() != own.uid && own.uid != 0 {
            return Err(Error::usage(format!(
                "{} belongs to another user (uid {}); run this as that user, or choose another folder",
                folder.display(),
                metadata.uid()
            )));
        }
        if metadata.uid() == 0 {
            return Err(Error::usage(format!(
                "{} belongs to root, and PostgreSQL does not run as root; give it to the user `postgres`",
                folder.display()
            )));
        }
        Ok(Self { uid: metadata.uid(), gid: metadata.gid(), switches: own.uid == 0 })
    }

    fn own() -> Self {
        let uid = rustix::process::geteuid().as_raw();
        Self { uid, gid: rustix::process::getegid().as_raw(), switches: false }
    }

    /// True when the server's processes belong to the same user as this one.
    pub(super) fn is_this_process(&self) -> bool {
        !self.switches
    }

    /// The user's number.
    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    /// A command that runs as this account, in UTC and UTF-8, whatever the caller's environment says. As
    /// root the standard library also drops root's supplementary groups.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.stdin(Stdio::null()).env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        for name in SERVER_VARIABLES {
            command.env_remove(name);
        }
        if self.switches {
            command.uid(self.uid).gid(self.gid);
        }
        // The caller's current folder may be closed to the account; the programs would complain.
        command.current_dir("/");
        command
    }

    /// Makes `folder`, for this account only, under another name first: it is never there without its owner.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub(super) fn create_folder(&self, folder: &Path) -> Result<()> {
        let place = || format!("making the folder {}", folder.display());
        let unfinished = beside(folder, ".new");
        remove_if_there(&unfinished)?;
        DirBuilder::new().mode(0o700).create(&unfinished).context(place)?;
        if self.switches {
            chown(&unfinished, Some(self.uid), Some(self.gid)).context(place)?;
        }
        std::fs::rename(&unfinished, folder).context(place)
    }

    /// True when the account may enter `folder`: every folder above it counts.
    pub(super) fn can_enter(&self, folder: &Path) -> bool {
        if !self.switches {
            return true;
        }
        let mut command = self.command("sh");
        command.args(["-c", "cd -- \"$1\"", "sh"]).arg(folder).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

/// Asks `id`, because users need not be in /etc/passwd.
fn id_of_postgres(which: &str) -> Option<u32> {
    let output = Command::new("id").args([which, "postgres"]).stderr(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

/// Runs `command` to its end.
///
/// # Errors
/// It cannot be started, or it fails; the message holds what it wrote to standard error.
pub(super) fn run(mut command: Command, what: &str) -> Result<()> {
    let output = command.stdout(Stdio::null()).stderr(Stdio::piped()).output().context(|| what.to_owned())?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(Error::failed(format!(
        "{what}: {} ({}): {}",
        command.get_program().display(),
        output.status,
        complaint.trim()
    )))
}

//! The folder below the system's temporary one that holds the cache of empty clusters, and the folders of
//! temporary servers with the locks that say who is alive.

use std::fs::{DirBuilder, File, Permissions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use super::account::Account;
use super::{SOCKET_PATH_LIMIT, socket_path};
use crate::error::{Context, Error, Result};

/// The longest name of a server's folder in the base folder, to see beforehand whether its socket will fit.
const LONGEST_NAME: &str = "run-4194304-0000";

/// The base folder of this user, made if need be. It is this process's own and nobody else can write to it;
/// root's can be passed through, because its servers run as another user.
///
/// # Errors
/// It cannot be made, or is not safe to use.
pub(super) fn folder(temporary_folder: &Path, account: &Account) -> Result<PathBuf> {
    let parent = if suits(temporary_folder, account) { temporary_folder } else { Path::new("/tmp") };
    let own_uid = rustix::process::geteuid().as_raw();
    let folder = parent.join(format!("teelo-postgresql-{own_uid}"));
    let mode = if account.is_this_process() { 0o700 } else { 0o711 };
    let place = || format!("making the folder {}", folder.display());
    match DirBuilder::new().mode(mode).create(&folder) {
        Ok(()) => std::fs::set_permissions(&folder, Permissions::from_mode(mode)).context(place)?,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(Error::from(error).context(place())),
    }
    let found = folder.symlink_metadata().context(place)?;
    if !found.is_dir() || found.uid() != own_uid || found.mode() & 0o022 != 0 {
        return Err(Error::failed(format!(
            "{} is not a folder that belongs to you alone; remove it, or set TMPDIR to a folder of your own",
            folder.display()
        )));
    }
    Ok(folder)
}

/// True when a server's socket below `parent` would have a path short enough, and the account could reach it.
fn suits(parent: &Path, account: &Account) -> bool {
    let longest = socket_path(&parent.join("teelo-postgresql-4294967295").join(LONGEST_NAME));
    parent.is_absolute() && longest.as_os_str().len() <= SOCKET_PATH_LIMIT && account.can_enter(parent)
}

/// Opens the lock file `path` and waits until it is ours. The system lets go of it when the process ends,
/// however it ends; the file stays.
///
/// # Errors
/// The file cannot be opened or locked.
pub(super) fn lock(path: &Path) -> Result<File> {
    let file = open_lock(path)?;
    file.lock().context(|| format!("locking {}", path.display()))?;
    Ok(file)
}

/// Opens the lock file `path`, without locking it. An existing one need only be readable: root may have made it.
///
/// # Errors
/// The file cannot be opened.
pub(super) fn open_lock(path: &Path) -> Result<File> {
    let opened = match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            File::options().create(true).truncate(false).write(true).open(path)
        }
        other => other,
    };
    opened.context(|| format!("opening the lock file {}", path.display()))
}

/// Removes a file or a folder with all that is in it.
///
/// # Errors
/// It is there and cannot be removed.
pub(super) fn remove_if_there(path: &Path) -> Result<()> {
    let removed = match path.symlink_metadata() {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::from(error).context(format!("removing {}", path.display())))
        }
        _ => Ok(()),
    }
}

/// `path` with `suffix` after its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

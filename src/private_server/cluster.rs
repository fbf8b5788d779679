//! Making a cluster: `initdb` once a server version into a cache, then a copy a server.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use super::account::{Account, run};
use super::base::{beside, remove_if_there};
use super::{Installation, NAME, PORT, base};
use crate::error::{Context, Error, Result};

/// Raised when what is in the cache changes, so that an older program's cache is not used.
const CACHE_VERSION: u32 = 1;
/// The file beside a complete cached cluster that holds the number of its files, out of the account's reach.
const COUNT_SUFFIX: &str = ".files";

/// Fills `data`, which must not exist, with a new cluster that has the superuser and the database [`NAME`].
///
/// # Errors
/// A server program or the copy fails.
pub(super) fn create(installation: &Installation, account: &Account, base: &Path, data: &Path) -> Result<()> {
    let _lock = base::lock(&base.join("cache.lock"))?;
    let cached = base.join(format!("cluster-{}-{CACHE_VERSION}-{}", installation.version(), account.uid()));
    if !is_complete(&cached) {
        fill_cache(installation, account, &cached)?;
    }
    let mut copy = account.command("cp");
    copy.arg("-a").arg(cached.join("data")).arg(data);
    run(copy, "copying the empty cluster")
}

/// Makes the cluster that all others are copies of.
fn fill_cache(installation: &Installation, account: &Account, cached: &Path) -> Result<()> {
    let count_path = beside(cached, COUNT_SUFFIX);
    remove_if_there(&count_path)?;
    remove_if_there(cached)?;
    account.create_folder(cached)?;
    let data = cached.join("data");
    let mut initdb = account.command(installation.program("initdb"));
    initdb.args(["--username", NAME, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"]);
    initdb.args(["--no-sync", "--no-instructions", "--pgdata"]).arg(&data);
    run(initdb, "making an empty cluster")?;
    create_database(installation, account, &data)?;
    let count = count_files(&data)?.to_string();
    std::fs::write(&count_path, count).context(|| format!("writing {}", count_path.display()))
}

/// Makes the first database, by a server in single-user mode: no socket, no other process.
fn create_database(installation: &Installation, account: &Account, data: &Path) -> Result<()> {
    let what = || "making the first database".to_owned();
    let mut command = account.command(installation.program("postgres"));
    // -j: a command ends at a semicolon and an empty line; -F: no fsync.
    command.args(["--single", "-j", "-F", "-D"]).arg(data).arg("postgres");
    let mut server =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().context(what)?;
    if let Some(mut input) = server.stdin.take() {
        input.write_all(include_bytes!("../../sql/private_server/database_create.sql")).context(what)?;
    }
    let output = server.wait_with_output().context(what)?;
    let log = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || log.contains("ERROR:") {
        return Err(Error::failed(format!("{}: {}", what(), log.trim())));
    }
    Ok(())
}

/// True when the cached cluster was finished, and nothing (a cleaner of temporary folders) has taken a file
/// from it since.
fn is_complete(cached: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(beside(cached, COUNT_SUFFIX)) else { return false };
    count_files(&cached.join("data")).is_ok_and(|count| text == count.to_string())
}

/// The number of files and folders in `folder` and below.
fn count_files(folder: &Path) -> Result<u64> {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).context(|| format!("reading {}", folder.display()))? {
        let entry = entry?;
        count += 1;
        if entry.file_type()?.is_dir() {
            count += count_files(&entry.path())?;
        }
    }
    Ok(count)
}

/// The server's arguments: its data, a socket in `socket_folder` for its owner alone, no TCP.
pub(super) fn server_arguments(data: &Path, socket_folder: &Path) -> Vec<std::ffi::OsString> {
    // The setting is a list: a quoted element may hold commas and spaces.
    let mut sockets = std::ffi::OsString::from("unix_socket_directories=\"");
    sockets.push(quote_list_element(socket_folder));
    sockets.push("\"");
    let mut arguments: Vec<std::ffi::OsString> = vec!["-D".into(), data.into(), "-c".into(), sockets];
    let port = format!("port={PORT}");
    for setting in
        ["listen_addresses=", &port, "unix_socket_permissions=0700", "timezone=UTC", "log_timezone=UTC"]
    {
        arguments.extend(["-c".into(), setting.into()]);
    }
    arguments
}

/// Doubles the quotes in a path that will stand between quotes.
fn quote_list_element(path: &Path) -> std::ffi::OsString {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    let mut bytes = Vec::with_capacity(path.as_os_str().len());
    for byte in path.as_os_str().as_bytes() {
        bytes.push(*byte);
        if *byte == b'"' {
            bytes.push(b'"');
        }
    }
    std::ffi::OsString::from_vec(bytes)
}

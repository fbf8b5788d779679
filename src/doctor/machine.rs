//! This machine: folders, programs, and who starts runs.

use std::path::{Path, PathBuf};

use super::{Findings, Settings};
use crate::pipeline::program;

/// A run needs some megabytes; with less than this the disk is full soon.
const FREE_BYTES_WARNING: u64 = 1 << 30;
/// The next run may fail.
const FREE_BYTES_ERROR: u64 = 100 << 20;
/// Where systemd keeps units, the administrator's first.
const UNIT_FOLDERS: [&str; 5] = [
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
];

pub(super) fn examine(settings: &Settings, findings: &mut Findings) {
    if let Some(artifacts) = &settings.artifacts {
        check_artifacts(artifacts.path(), findings);
    }
    check_feeds(&settings.feeds, findings);
    for (name, command) in &settings.programs {
        let Some(first) = command.first() else { continue };
        match program::problem(first, settings.search_path.as_deref()) {
            None => findings.ok("programs", format!("{name}: {} can be started", first.to_string_lossy())),
            Some(reason) => findings.error(
                "programs",
                format!("{name}: {} cannot be started: {reason}", first.to_string_lossy()),
                format!(
                    "mend {name}; a service has another PATH than a shell, so give the program's whole path"
                ),
            ),
        }
    }
    if let Some(path) = &settings.textfile {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match try_writing(folder) {
            Ok(()) => findings.ok("textfile", format!("{} can be written", path.display())),
            Err(error) => findings.warning(
                "textfile",
                format!("{} cannot be written: {error}", path.display()),
                "let teelo's user write into the folder, or set TEELO_TEXTFILE to another one",
            ),
        }
    }
    check_systemd(&settings.system_root, findings);
}

fn check_artifacts(folder: &Path, findings: &mut Findings) {
    match try_writing(folder) {
        Ok(()) => findings.ok("artifacts", format!("runs can leave their files in {}", folder.display())),
        Err(error) => findings.error(
            "artifacts",
            format!("runs cannot leave their files in {}: {error}", folder.display()),
            "let teelo's user write there, or set TEELO_ARTIFACTS_DIR to another folder",
        ),
    }
    let Some(existing) = existing(folder) else { return };
    match rustix::fs::statvfs(&existing) {
        Ok(status) => disk_space(&existing, status.f_bavail.saturating_mul(status.f_frsize), findings),
        Err(error) => findings.warning(
            "disk space",
            format!("the free space of {} cannot be told: {error}", existing.display()),
            "look at it with df",
        ),
    }
}

fn disk_space(folder: &Path, free_bytes: u64, findings: &mut Findings) {
    let message = format!("{} MB are free for run folders in {}", free_bytes / 1_000_000, folder.display());
    let fix =
        "make room: `teelo prune --keep-days 30` removes old runs; TEELO_KEEP_DAYS lets every run do so";
    if free_bytes < FREE_BYTES_ERROR {
        findings.error("disk space", message, fix);
    } else if free_bytes < FREE_BYTES_WARNING {
        findings.warning("disk space", message, fix);
    } else {
        findings.ok("disk space", message);
    }
}

/// The folder, or the first above it that is there.
fn existing(folder: &Path) -> Option<PathBuf> {
    let folder = std::path::absolute(folder).ok()?;
    folder.ancestors().find(|ancestor| ancestor.exists()).map(Path::to_owned)
}

/// Writes a file into the folder, or into the first above it that is there, and removes it again.
fn try_writing(folder: &Path) -> std::io::Result<()> {
    let Some(existing) = existing(folder) else { return Err(std::io::ErrorKind::NotFound.into()) };
    let path = existing.join(format!(".teelo-doctor-{}.tmp", std::process::id()));
    std::fs::write(&path, "teelo doctor\n")?;
    std::fs::remove_file(&path)
}

fn check_feeds(feeds: &[PathBuf], findings: &mut Findings) {
    for feed in feeds {
        match std::fs::read_dir(feed).map(|mut entries| entries.next().is_none()) {
            Ok(false) => findings.ok("feed folders", format!("{} can be read", feed.display())),
            Ok(true) => findings.information(
                "feed folders",
                format!("{} is empty", feed.display()),
                "put feed files there: `teelo ingest --help` says which, docs/FEEDS.md how they are written",
            ),
            Err(error) => findings.error(
                "feed folders",
                format!("{} cannot be read: {error}", feed.display()),
                "make the folder, let teelo's user read it, or mend TEELO_FEED_DIRS",
            ),
        }
    }
}

/// Looks for the service and its timer below `root`, where a system has its files: whether they are installed, and the timer enabled.
pub fn check_systemd(root: &Path, findings: &mut Findings) {
    if !root.join("run/systemd/system").is_dir() {
        findings
            .ok("systemd", "systemd does not run here; something else has to start `teelo run` every hour");
        return;
    }
    let is_installed = |unit: &str| {
        UNIT_FOLDERS.iter().any(|folder| root.join(folder).join(unit).symlink_metadata().is_ok())
    };
    let missing: Vec<&str> =
        ["teelo.service", "teelo.timer"].into_iter().filter(|unit| !is_installed(unit)).collect();
    if !missing.is_empty() {
        findings.warning(
            "systemd",
            format!("{} is not installed", missing.join(" and ")),
            "copy both from systemd/ of the project to /etc/systemd/system, then: systemctl daemon-reload && systemctl enable --now \
             teelo.timer. Nothing to do when something else starts `teelo run` every hour",
        );
    } else if !is_enabled(root, "teelo.timer") {
        findings.warning(
            "systemd",
            "teelo.timer is installed, but not enabled: no run begins by itself",
            "systemctl enable --now teelo.timer",
        );
    } else {
        findings.ok("systemd", "teelo.timer is installed and enabled");
    }
}

/// Whether some target wants the unit: enabling makes a link to it in the target's folder.
fn is_enabled(root: &Path, unit: &str) -> bool {
    ["etc/systemd/system", "run/systemd/system"].iter().any(|folder| {
        let entries = std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
        entries
            .filter(|entry| {
                let name = entry.file_name();
                let name = name.to_string_lossy();
                name.ends_with(".wants") || name.ends_with(".requires")
            })
            .any(|entry| entry.path().join(unit).symlink_metadata().is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn little_room_on_the_disk_is_told_in_time() {
        let level = |free_bytes| {
            let mut findings = Findings::default();
            disk_space(Path::new("/x"), free_bytes, &mut findings);
            findings.checks()[0].level
        };
        let levels = [0, FREE_BYTES_ERROR - 1, FREE_BYTES_ERROR, FREE_BYTES_WARNING - 1, FREE_BYTES_WARNING]
            .map(level);
        assert_eq!(levels, [Level::Error, Level::Error, Level::Warning, Level::Warning, Level::Ok]);
    }
}

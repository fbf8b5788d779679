//! The files that a run leaves: `summary.json`, `events.jsonl`, and a folder a stage.

use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::metrics::{StageFiles, TEMPORARY_ENDING};
use super::run_id;
use crate::error::{Context, Error, Result};

/// Where runs leave their files.
#[derive(Debug, Clone)]
pub enum Root {
    /// `$TEELO_ARTIFACTS_DIR`: a folder a day, for retention by date.
    Dated(PathBuf),
    /// `logs/pipeline`: every run side by side.
    Flat(PathBuf),
}

impl Root {
    /// The folder itself.
    pub fn path(&self) -> &Path {
        let (Self::Dated(root) | Self::Flat(root)) = self;
        root
    }

    /// The folder of the run `run_id`, which began at `now`.
    pub fn run_folder(&self, run_id: &str, now: OffsetDateTime) -> PathBuf {
        match self {
            Self::Flat(root) => root.join(run_id),
            Self::Dated(root) => root
                .join(format!("{:04}", now.year()))
                .join(format!("{:02}", u8::from(now.month())))
                .join(format!("{:02}", now.day()))
                .join(run_id),
        }
    }

    /// Removes what somebody who was ended was in the middle of writing: the run itself, or a stage's program. The folder may be
    /// elsewhere, or gone.
    pub fn sweep(&self, run_id: &str) {
        let Some(began) = run_id::began(run_id) else { return };
        let run_folder = self.run_folder(run_id, began);
        let entries = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten();
        let stage_folders = entries(&run_folder).map(|entry| entry.path()).filter(|path| path.is_dir());
        for folder in stage_folders.chain([run_folder.clone()]) {
            for path in entries(&folder).map(|entry| entry.path()) {
                if path.extension().is_some_and(|ending| ending == TEMPORARY_ENDING)
                    && let Err(error) = std::fs::remove_file(&path)
                {
                    log::warn!("{}: {error}", path.display());
                }
            }
        }
    }

    /// Checks, without creating anything, that the root is or can become a folder.
    ///
    /// # Errors
    /// Usage: something on the way is no folder.
    pub fn check(&self) -> Result<()> {
        let root = self.path();
        match root.ancestors().find(|ancestor| ancestor.exists()) {
            Some(ancestor) if !ancestor.is_dir() => Err(Error::usage(format!(
                "the artifact folder {} cannot be used: {} is no folder; set TEELO_ARTIFACTS_DIR to one",
                root.display(),
                ancestor.display()
            ))),
            _ => Ok(()),
        }
    }
}

/// The folder of one run.
#[derive(Debug, Clone)]
pub struct RunFolder {
    /// The folder itself, as an absolute path: a stage's program may work elsewhere.
    pub path: PathBuf,
    /// What the run did, rewritten after every stage.
    pub summary_json: PathBuf,
    /// What happened, a line an event.
    pub events_jsonl: PathBuf,
}

impl RunFolder {
    /// Creates the folder.
    ///
    /// # Errors
    /// It cannot be created, or is there already.
    pub fn create(path: &Path) -> Result<Self> {
        let place = || {
            format!("creating the artifact folder {} (TEELO_ARTIFACTS_DIR chooses another)", path.display())
        };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).context(place)?;
        }
        std::fs::create_dir(path).context(place)?;
        let path = std::path::absolute(path).context(place)?;
        Ok(Self { summary_json: path.join("summary.json"), events_jsonl: path.join("events.jsonl"), path })
    }

    /// Creates the folder of the stage `name`.
    ///
    /// # Errors
    /// It cannot be created.
    pub fn create_stage(&self, name: &str) -> Result<StageFolder> {
        let path = self.path.join(name);
        std::fs::create_dir_all(&path).context(|| format!("creating {}", path.display()))?;
        Ok(StageFolder {
            metrics_json: path.join("metrics.json"),
            status_jsonl: path.join("status.jsonl"),
            stdout_log: path.join("stdout.log"),
            stderr_log: path.join("stderr.log"),
        })
    }
}

/// The files of one stage. Its rejects, if any, lie beside its metrics.
#[derive(Debug, Clone)]
pub struct StageFolder {
    /// Its numbers.
    pub metrics_json: PathBuf,
    /// Its events.
    pub status_jsonl: PathBuf,
    /// What its program printed.
    pub stdout_log: PathBuf,
    /// What its program complained about.
    pub stderr_log: PathBuf,
}

impl StageFolder {
    /// The files that a stage in this process writes.
    pub fn stage_files(&self) -> StageFiles {
        StageFiles {
            metrics_json: Some(self.metrics_json.clone()),
            status_jsonl: Some(self.status_jsonl.clone()),
        }
    }
}

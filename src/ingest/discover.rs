//! Looks through the feed folders for files that are new or changed since they were ingested, and queues them.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use postgres::{Client, GenericClient};
use sha2::{Digest, Sha256};
use time::{Date, OffsetDateTime, PrimitiveDateTime};

use super::archive::{Bounds, hexadecimal};
use super::content::FileKind;
use super::queue::{self, TaskParams};
use crate::db::{OneTrip, utc};
use crate::error::{Context, Result};

/// Files are hashed in pieces of this size.
const HASH_CHUNK_BYTES: usize = 1 << 20;

/// What a run looks at.
#[derive(Debug)]
pub struct Selection {
    /// Feed folders, as absolute paths, in order.
    pub folders: Vec<String>,
    /// Tours.
    pub tours: Vec<&'static str>,
    /// Bounds on an event's start.
    pub bounds: Bounds,
}

/// What was found in the feed folders.
#[derive(Debug, Default)]
pub struct Found {
    /// Feed files of the chosen tours.
    pub files: u64,
    /// Files that are none.
    pub ignored: u64,
    /// Those that have not changed since they were ingested.
    pub unchanged: u64,
    /// Tasks that are due: queued now or before.
    pub due: usize,
    /// Bytes in their files.
    pub bytes_due: u64,
    /// Files whose task failed and is not due yet: until when, UTC.
    pub waiting: Vec<(PathBuf, PrimitiveDateTime)>,
    /// Files whose task failed for good and that have not changed since, with the error.
    pub failed_before: Vec<(PathBuf, String)>,
    listed: Vec<TaskParams>,
    create: Vec<(TaskParams, i32)>,
    renew: Vec<(i32, TaskParams)>,
}

impl Found {
    /// Tasks that are new, or begin anew because their file changed.
    pub fn queued(&self) -> u64 {
        (self.create.len() + self.renew.len()) as u64
    }

    fn add_due(&mut self, file: &TaskParams) {
        self.due += 1;
        self.bytes_due += file.size_bytes;
    }
}

/// Looks through the feed folders.
///
/// # Errors
/// A folder cannot be read, or the server's.
pub fn look(client: &mut Client, selection: &Selection, now: OffsetDateTime) -> Result<Found> {
    let (mut files, ignored) = list_files(selection)?;
    let found = compare(client, selection, &mut files, now)?;
    Ok(Found { ignored, listed: files, ..found })
}

/// What is due of what is queued, without a look at the folders.
///
/// # Errors
/// The server's.
pub fn queued(client: &mut Client, selection: &Selection, now: OffsetDateTime) -> Result<Found> {
    let mut found = Found::default();
    for task in queue::read_open(client, &selection.folders)?.into_values() {
        let file = task.params.unwrap_or_default();
        match (task.status.as_str(), task.next_retry_at) {
            ("failed", _) => {}
            ("retry", Some(at)) if at > utc(now) => found.waiting.push((file.path(), at)),
            _ if file.tour.is_empty() || selection.has_tour(&file) => found.add_due(&file),
            _ => {}
        }
    }
    Ok(found)
}

impl Selection {
    fn has_tour(&self, file: &TaskParams) -> bool {
        file.tour.split(',').any(|tour| self.tours.contains(&tour))
    }
}

/// Queues, in the order of folders and names, what is new or changed. Called under the stage's order lock: what another host
/// has queued since we looked is not queued twice.
///
/// # Errors
/// The server's.
pub fn queue(
    client: &mut Client,
    selection: &Selection,
    mut found: Found,
    now: OffsetDateTime,
) -> Result<Found> {
    let mut transaction = client.transaction()?;
    let now_found = compare(&mut transaction, selection, &mut found.listed, now)?;
    if !now_found.renew.is_empty() {
        queue::renew(&mut transaction, &now_found.renew)?;
    }
    if !now_found.create.is_empty() {
        queue::create(&mut transaction, &now_found.create, now)?;
    }
    transaction.commit().context(|| "queueing files")?;
    Ok(Found { ignored: found.ignored, ..now_found })
}

/// The feed files, but archives of other tours, and how many other files there are.
fn list_files(selection: &Selection) -> Result<(Vec<TaskParams>, u64)> {
    let (mut files, mut ignored) = (Vec::new(), 0);
    for folder in &selection.folders {
        for name in file_names(Path::new(folder)).context(|| format!("reading the feed folder {folder}"))? {
            let path = Path::new(folder).join(&name);
            let Some(kind) = FileKind::of_file(&name) else {
                log::debug!("{}: not a feed file, ignored", path.display());
                ignored += 1;
                continue;
            };
            // That of a document stands inside of it, and is looked up when it is new or changed.
            let tour = match kind {
                FileKind::Archive(family) if selection.tours.contains(&family.tour()) => family.tour(),
                FileKind::Archive(_) => continue,
                FileKind::Document(_) => "",
            };
            // A file that cannot be read is queued all the same: its task says why, and is tried again.
            let hashed = hash(&path).inspect_err(|error| log::debug!("{}: {error}", path.display())).ok();
            files.push(TaskParams {
                folder: folder.clone(),
                file_name: name,
                tour: tour.to_owned(),
                size_bytes: hashed.as_ref().map_or(0, |(size_bytes, _)| *size_bytes),
                sha256: hashed.map(|(_, sha256)| sha256),
                from: selection.bounds.from.map(|date| date.to_string()),
                until: selection.bounds.until.map(|date| date.to_string()),
            });
        }
    }
    Ok((files, ignored))
}

/// The names of the files in `folder`, in order.
fn file_names(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.path().is_dir() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// A file's size and content hash.
fn hash(path: &Path) -> std::io::Result<(u64, String)> {
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut chunk = vec![0; HASH_CHUNK_BYTES];
    let mut size_bytes = 0;
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok((size_bytes, hexadecimal(&digest.finalize()))),
            count => {
                digest.update(&chunk[..count]);
                size_bytes += count as u64;
            }
        }
    }
}

/// Sorts the files by what has to be done.
fn compare(
    client: &mut impl GenericClient,
    selection: &Selection,
    files: &mut Vec<TaskParams>,
    now: OffsetDateTime,
) -> Result<Found> {
    let names: Vec<&str> = files.iter().map(|file| file.file_name.as_str()).collect();
    let ingested = read_ingested(client, &names)?;
    let mut tasks = queue::read_open(client, &selection.folders)?;
    files.retain_mut(|file| {
        let is_open = tasks.contains_key(&(file.folder.clone(), file.file_name.clone()));
        is_chosen(file, is_open, selection, &ingested)
    });
    let mut found = Found { files: files.len() as u64, ..Found::default() };
    for file in &*files {
        let task = tasks.remove(&(file.folder.clone(), file.file_name.clone()));
        let same_content = task.as_ref().is_some_and(|task| task.params.as_ref() == Some(file));
        match task {
            Some(task) if task.status != "failed" => {
                let later = task.next_retry_at.filter(|at| task.status == "retry" && *at > utc(now));
                match later {
                    _ if !same_content => found.renew.push((task.id, file.clone())),
                    Some(at) => {
                        found.waiting.push((file.path(), at));
                        continue;
                    }
                    None => {}
                }
                found.add_due(file);
            }
            _ if is_unchanged(file, &ingested) => found.unchanged += 1,
            Some(task) if same_content => {
                found.failed_before.push((file.path(), task.last_error.unwrap_or_default()));
            }
            _ => {
                let priority = FileKind::of_file(&file.file_name).map_or(5, FileKind::priority);
                found.create.push((file.clone(), priority));
                found.add_due(file);
            }
        }
    }
    // Their files are gone; the tasks will say so.
    found.due += tasks.values().filter(|task| task.status != "failed").count();
    Ok(found)
}

/// Whether a file is of the chosen tours. What has not changed is not read to find out: there is nothing to do for it.
fn is_chosen(file: &mut TaskParams, is_open: bool, selection: &Selection, ingested: &Ingested) -> bool {
    if !is_open && is_unchanged(file, ingested) {
        return true;
    }
    if file.tour.is_empty() {
        let kind = FileKind::of_file(&file.file_name);
        file.tour = kind.map_or(String::new(), |kind| kind.tours(&file.path()));
    }
    selection.has_tour(file)
}

/// What was last ingested, by file name; the latest first.
type Ingested = HashMap<String, Vec<Version>>;

/// A content that was ingested.
struct Version {
    params: TaskParams,
    /// It has records that could not be used until a person decided, and that has happened.
    is_decided: bool,
}

fn read_ingested(client: &mut impl GenericClient, names: &[&str]) -> Result<Ingested> {
    let text = |date: Option<Date>| date.map(|date| date.to_string());
    let rows = client
        .rows(include_str!("../../sql/ingest/feed_files_read.sql"), &[&names])
        .context(|| "reading what was ingested")?;
    let mut ingested = Ingested::new();
    for row in rows {
        let file_name: String = row.get("file_name");
        let params = TaskParams {
            folder: row.get("folder"),
            file_name: file_name.clone(),
            tour: String::new(),
            size_bytes: row.get::<_, i64>("size_bytes").unsigned_abs(),
            sha256: row.get("sha256"),
            from: text(row.get("from_date")),
            until: text(row.get("until_date")),
        };
        let is_decided = row.get("is_decided");
        ingested.entry(file_name).or_default().push(Version { params, is_decided });
    }
    Ok(ingested)
}

/// Whether this content was ingested last: of the file in this place, or, in a new place, of the latest of this name.
fn is_unchanged(file: &TaskParams, ingested: &Ingested) -> bool {
    let versions = ingested.get(&file.file_name).map_or(&[][..], Vec::as_slice);
    let last = versions.iter().find(|version| version.params.folder == file.folder).or(versions.first());
    last.filter(|version| !version.is_decided).map(|version| &version.params).is_some_and(|last| {
        (last.size_bytes, &last.sha256, &last.from, &last.until)
            == (file.size_bytes, &file.sha256, &file.from, &file.until)
    })
}

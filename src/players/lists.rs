//! Player lists in the layout of Jeff Sackmann's archives: `atp_players.csv` and `wta_players.csv`, also gzipped.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use csv::{ReaderBuilder, StringRecord};
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};
use time::Date;

use super::fields::{self, Facts, Field, Rejected};
use crate::error::{Context, Error, Result};
use crate::ingest::{archive, name};

/// How the names of lists begin, and whose lists they are.
const GENDERS: [(&str, &str); 2] = [("atp_players", "men"), ("wta_players", "women")];
/// How they end.
const ENDINGS: [&str; 2] = [".csv", ".csv.gz"];
/// The fields that a list has, by its columns.
const COLUMNS: [(&str, Field); 4] = [
    ("hand", Field::Hand),
    ("dob", Field::BirthDate),
    ("ioc", Field::NationalityIoc),
    ("height", Field::HeightCm),
];
/// The columns without which a file is no list.
const REQUIRED: [&str; 3] = ["player_id", "name_first", "name_last"];
/// What is read at a time.
const BUFFER_BYTES: usize = 256 * 1024;

/// The lists that `paths` (files, and folders of files) name, in their order.
///
/// # Errors
/// Usage: a path is not there, is no list by its name, or is a folder without one.
pub fn find(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        let problem = |text: &str| {
            Error::usage(format!(
                "player files: {}: {text}. Give files named atp_players*.csv or wta_players*.csv (also .csv.gz), or \
                 folders of them, with --files or TEELO_PLAYER_FILES",
                path.display()
            ))
        };
        let metadata = std::fs::metadata(path).map_err(|error| problem(&error.to_string()))?;
        if !metadata.is_dir() {
            gender_of(path).ok_or_else(|| problem("its name is not that of a player list"))?;
            found.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        let entries = entries.map_err(|error| problem(&error.to_string()))?;
        let mut lists: Vec<PathBuf> =
            entries.iter().map(|entry| entry.path()).filter(|path| gender_of(path).is_some()).collect();
        if lists.is_empty() {
            return Err(problem("no player list is in it"));
        }
        lists.sort();
        found.append(&mut lists);
    }
    Ok(found)
}

/// Whose list the file is by its name; None when it is no list.
fn gender_of(path: &Path) -> Option<&'static str> {
    let name = path.file_name()?.to_str()?;
    if !ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        return None;
    }
    GENDERS.iter().find(|(start, _)| name.starts_with(start)).map(|(_, gender)| *gender)
}

/// SHA-256 over the content of the files in their order, in hexadecimal.
///
/// # Errors
/// A file cannot be read.
pub fn version(files: &[PathBuf]) -> Result<String> {
    let mut whole = Sha256::new();
    let mut buffer = vec![0; BUFFER_BYTES];
    for path in files {
        let place = || format!("reading {}", path.display());
        let mut file = File::open(path).context(place)?;
        let mut one = Sha256::new();
        loop {
            let count = file.read(&mut buffer).context(place)?;
            if count == 0 {
                break;
            }
            one.update(&buffer[..count]);
        }
        whole.update(gender_of(path).unwrap_or_default());
        whole.update(one.finalize());
    }
    Ok(archive::hexadecimal(&whole.finalize()))
}

/// A player of a list.
#[derive(Debug)]
pub struct Listed {
    /// Place in the list of files.
    file: usize,
    /// `men` or `women`.
    pub gender: &'static str,
    /// The archive's id.
    pub external_id: String,
    /// What is written in the columns of [`COLUMNS`].
    written: [Box<str>; COLUMNS.len()],
}

impl Listed {
    /// What the list knows, and what is wrong with the rest.
    pub fn facts(&self, today: Date) -> (Facts, Vec<Rejected>) {
        fields::check_all(
            COLUMNS.iter().zip(&self.written).map(|((_, field), text)| (*field, &**text)),
            today,
        )
    }
}

/// What the lists say, by id and by name.
#[derive(Debug, Default)]
pub struct Lists {
    file_names: Vec<String>,
    players: Vec<Listed>,
    by_id: HashMap<(&'static str, String), usize>,
    by_name: HashMap<String, Vec<usize>>,
    /// Rows without an id, or that are no text.
    pub unusable_rows: u64,
}

impl Lists {
    /// Reads the files, record by record. A player who is in several counts where they come first. `with_names`: also keep
    /// how they are called.
    ///
    /// # Errors
    /// A file cannot be read, or is no list; the message names it.
    pub fn read(files: &[PathBuf], with_names: bool) -> Result<Self> {
        let mut lists = Self::default();
        for path in files {
            let gender = gender_of(path).unwrap_or_default();
            lists.file_names.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
            let before = lists.unusable_rows;
            lists.read_file(path, gender, with_names).context(|| path.display())?;
            let unusable = lists.unusable_rows - before;
            if unusable > 0 {
                log::warn!("{}: {unusable} rows are no players and were passed over", path.display());
            }
        }
        Ok(lists)
    }

    fn read_file(&mut self, path: &Path, gender: &'static str, with_names: bool) -> Result<()> {
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(open(path)?);
        let header = reader.byte_headers().map_err(csv_error)?;
        let header: Vec<String> =
            header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        let column = |name: &str| header.iter().position(|found| found == name);
        let required = REQUIRED.map(column);
        let [Some(id), Some(first), Some(last)] = required else {
            return Err(Error::failed(format!(
                "line 1 is not the header of a player list; expected the columns {}, and any of {}",
                REQUIRED.join(", "),
                COLUMNS.map(|(name, _)| name).join(", ")
            )));
        };
        let facts = COLUMNS.map(|(name, _)| column(name));
        let mut record = csv::ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(csv_error)? {
            let Ok(text) = StringRecord::from_byte_record(record.clone()) else {
                self.unusable_rows += 1;
                continue;
            };
            let value = |column: usize| text.get(column).unwrap_or_default().trim();
            if value(id).is_empty() || text.len() < REQUIRED.len() {
                self.unusable_rows += 1;
                continue;
            }
            let written = facts.map(|column| column.map_or("", value).into());
            let full_name = with_names.then(|| name::normalise(&format!("{} {}", value(first), value(last))));
            self.add(value(id), gender, written, full_name);
        }
        Ok(())
    }

    fn add(
        &mut self,
        id: &str,
        gender: &'static str,
        written: [Box<str>; COLUMNS.len()],
        full_name: Option<String>,
    ) {
        let place = self.players.len();
        if *self.by_id.entry((gender, id.to_owned())).or_insert(place) != place {
            return;
        }
        self.players.push(Listed {
            file: self.file_names.len() - 1,
            gender,
            external_id: id.to_owned(),
            written,
        });
        if let Some(name) = full_name.filter(|name| !name.is_empty()) {
            self.by_name.entry(name).or_default().push(place);
        }
    }

    /// The player of this id.
    pub fn of_id(&self, gender: &str, external_id: &str) -> Option<&Listed> {
        // The key of a map is looked up as it is stored.
        let (_, gender) = GENDERS.iter().find(|(_, known)| *known == gender)?;
        self.by_id.get(&(*gender, external_id.to_owned())).map(|place| &self.players[*place])
    }

    /// The players of this normalised name.
    pub fn of_name(&self, name: &str) -> impl Iterator<Item = &Listed> {
        self.by_name.get(name).into_iter().flatten().map(|place| &self.players[*place])
    }

    /// Where a player stands, for a person.
    pub fn origin(&self, listed: &Listed) -> String {
        format!("{}, player_id {}", self.file_names[listed.file], fields::shown(&listed.external_id))
    }
}

/// Opens the file; what is gzipped, by its first bytes, is unpacked on the way.
fn open(path: &Path) -> Result<Box<dyn Read>> {
    let mut file = BufReader::with_capacity(BUFFER_BYTES, File::open(path).context(|| "opening it")?);
    let is_gzip = file.fill_buf().context(|| "reading it")?.starts_with(&[0x1f, 0x8b]);
    Ok(if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}

fn csv_error(error: csv::Error) -> Error {
    Error::failed(crate::error::chain(&error))
}

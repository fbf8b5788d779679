//! The data: real match archives where they are at hand, otherwise a made-up history of the same size.

use std::path::{Path, PathBuf};
use std::process::Command;

use teelo::demo::season::{Options, Season};
use time::macros::date;

use crate::Result;

/// The real archives, beside the project.
const ARCHIVES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/data/sackmann.tar.xz");
/// About as many matches as the real archives have: 17 seasons of 64,000.
const MADE_UP: Options =
    Options { first_year: 2008, years: 17, players: 1_800, tour_events: 3, challengers: 4, futures: 12 };

/// A feed folder, removed at the end.
pub struct Data {
    folder: PathBuf,
    about: String,
    is_a_tenth: bool,
}

impl Data {
    /// The feed folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it holds, in words.
    pub fn about(&self) -> &str {
        &self.about
    }

    /// Where rejected records are listed; not a feed file by its name.
    pub fn rejects(&self) -> String {
        self.folder.join("rejects.jsonl").display().to_string()
    }
}

impl Drop for Data {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("bench: {}: {error}", self.folder.display());
        }
    }
}

/// Unpacks or makes up the data; `quick`: a tenth of them.
pub fn get(quick: bool) -> Result<Data> {
    let folder = std::env::temp_dir().join(format!("teelo-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut data = Data { folder, about: String::new(), is_a_tenth: quick };
    let part = if quick { "a tenth of " } else { "" };
    if Path::new(ARCHIVES).is_file() {
        let unpacked = Command::new("tar")
            .args(["-xJf", ARCHIVES, "--strip-components=1", "-C"])
            .arg(&data.folder)
            .status()?;
        if !unpacked.success() {
            return Err(format!("unpacking {ARCHIVES}: {unpacked}").into());
        }
        data.about = format!("{part}the real match archives");
        if quick {
            keep_a_tenth(&data.folder)?;
        }
    } else {
        let years = if quick { 2 } else { MADE_UP.years };
        let last_day = date!(2008 - 12 - 31).replace_year(2007 + i32::try_from(years)?)?;
        Season::new(1, Options { years, ..MADE_UP }).write_archives(&data.folder, last_day)?;
        data.about = format!("{part}a made-up history of the size of the real one");
    }
    Ok(data)
}

impl Data {
    /// A feed folder with a tenth of the data, below the other one: the newest files.
    pub fn small_folder(&self) -> Result<PathBuf> {
        let small = self.folder.join("small");
        if !small.is_dir() {
            std::fs::create_dir(&small)?;
            for entry in std::fs::read_dir(&self.folder)? {
                let entry = entry?;
                if entry.path().extension().is_some_and(|ending| ending == "csv") {
                    std::fs::hard_link(entry.path(), small.join(entry.file_name()))?;
                }
            }
            if !self.is_a_tenth {
                keep_a_tenth(&small)?;
            }
        }
        Ok(small)
    }
}

/// Removes the oldest files until a tenth of the bytes is left.
fn keep_a_tenth(folder: &Path) -> Result<()> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let year: i32 =
            name.trim_end_matches(".csv").rsplit('_').next().and_then(|year| year.parse().ok()).unwrap_or(0);
        files.push((year, entry.path(), entry.metadata()?.len()));
    }
    files.sort();
    let all: u64 = files.iter().map(|(.., size)| size).sum();
    let mut left = all;
    for (_, path, size) in files {
        if left <= all / 10 {
            break;
        }
        std::fs::remove_file(path)?;
        left -= size;
    }
    Ok(())
}

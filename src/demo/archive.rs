//! Writes a made-up history as match archives: CSV files in Jeff Sackmann's layout, one a year and family.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use time::Date;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::draw::{Match, Side};
use super::season::{Archive, Event, Report, Season};
use crate::error::{Context, Result};

/// The archives' columns.
const HEADER: &str = "tourney_id,tourney_name,surface,draw_size,tourney_level,tourney_date,match_num,winner_id,\
    winner_seed,winner_entry,winner_name,winner_hand,winner_ht,winner_ioc,winner_age,loser_id,loser_seed,loser_entry,\
    loser_name,loser_hand,loser_ht,loser_ioc,loser_age,score,best_of,round,minutes,w_ace,w_df,w_svpt,w_1stIn,w_1stWon,\
    w_2ndWon,w_SvGms,w_bpSaved,w_bpFaced,l_ace,l_df,l_svpt,l_1stIn,l_1stWon,l_2ndWon,l_SvGms,l_bpSaved,l_bpFaced,\
    winner_rank,winner_rank_points,loser_rank,loser_rank_points";
/// Serve statistics between `minutes` and `winner_rank`: the made-up history has none, as most real rows.
const EMPTY_COLUMNS: usize = 18;
/// The archives' dates.
const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year][month][day]");

impl Archive {
    /// The file of this family for the season of `year`.
    pub fn file_name(self, year: i32) -> String {
        let family = match self {
            Self::AtpMain => "atp_matches",
            Self::AtpQualifyingChallengers => "atp_matches_qual_chall",
            Self::AtpFutures => "atp_matches_futures",
            Self::WtaMain => "wta_matches",
            Self::WtaQualifyingItf => "wta_matches_qual_itf",
        };
        format!("{family}_{year}.csv")
    }
}

impl Season {
    /// Writes the archives as they stand on the evening of `up_to` into `folder` (made when missing) and returns
    /// how many matches they hold. A file is replaced at once, so that a reader sees the old or the new one; a file
    /// whose content has not changed is the same to the byte.
    ///
    /// # Errors
    /// A file cannot be written; the message names it.
    pub fn write_archives(&self, folder: &Path, up_to: Date) -> Result<u64> {
        std::fs::create_dir_all(folder).context(|| format!("making the folder {}", folder.display()))?;
        let mut rows = 0;
        let mut files = Files::new(folder);
        let mut season = None;
        for event in self.events().take_while(|event| event.start <= up_to) {
            if season.replace(event.season) != Some(event.season) {
                files.finish()?;
            }
            for played in &event.matches {
                let shown = match self.report(&event, played, up_to) {
                    Report::Unknown => continue,
                    Report::Right => played.clone(),
                    Report::Exchanged => exchanged(played),
                };
                files.write(&event, &shown)?;
                rows += 1;
            }
        }
        files.finish()?;
        Ok(rows)
    }
}

/// The result with the players exchanged: the one who lost is reported as the winner.
fn exchanged(played: &Match) -> Match {
    Match { winner: played.loser.clone(), loser: played.winner.clone(), ..played.clone() }
}

/// The files of one season, each under a temporary name until it is whole.
struct Files<'a> {
    folder: &'a Path,
    open: HashMap<Archive, (PathBuf, BufWriter<File>)>,
}

impl<'a> Files<'a> {
    fn new(folder: &'a Path) -> Self {
        Self { folder, open: HashMap::new() }
    }

    /// Appends a match to the file it belongs to.
    fn write(&mut self, event: &Event, played: &Match) -> Result<()> {
        let archive = event.archive_of(played);
        if !self.open.contains_key(&archive) {
            let path = self.folder.join(archive.file_name(event.season));
            let place = || format!("writing {}", path.display());
            let mut file = BufWriter::new(File::create(temporary(&path)).context(place)?);
            writeln!(file, "{HEADER}").context(place)?;
            self.open.insert(archive, (path, file));
        }
        let Some((path, file)) = self.open.get_mut(&archive) else { return Ok(()) };
        writeln!(file, "{}", row(event, played)).context(|| format!("writing {}", path.display()))
    }

    /// Gives the files their names.
    fn finish(&mut self) -> Result<()> {
        for (_, (path, mut file)) in self.open.drain() {
            let place = || format!("writing {}", path.display());
            file.flush().context(place)?;
            std::fs::rename(temporary(&path), &path).context(place)?;
        }
        Ok(())
    }
}

/// Where a file is written before it is whole: a hidden name that no archive has.
fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    path.with_file_name(format!(".{name}.tmp"))
}

/// A match as a line. No field of a made-up history holds a comma or a quote, so none needs quoting.
fn row(event: &Event, played: &Match) -> String {
    let Match { number, round, winner, loser, score, best_of, minutes, .. } = played;
    let Event { tourney_id, name, surface, draw_size, level, start, .. } = event;
    let date = start.format(DATE).unwrap_or_default();
    let (winner_text, loser_text) = (side(winner, *start), side(loser, *start));
    let minutes = optional(*minutes);
    let empty = ",".repeat(EMPTY_COLUMNS);
    let standing = format!("{},{},{},{}", winner.rank, winner.points, loser.rank, loser.points);
    format!(
        "{tourney_id},{name},{surface},{draw_size},{level},{date},{number},{winner_text},{loser_text},{score},{best_of},\
         {round},{minutes}{empty},{standing}"
    )
}

/// A player's eight columns.
fn side(side: &Side, start: Date) -> String {
    let person = &side.person;
    let (seed, height) = (optional(side.seed), optional(person.height));
    let age = person.age(start);
    let (id, name, hand, country) = (person.id, &person.name, person.hand, person.country);
    format!("{id},{seed},{},{name},{hand},{height},{country},{age:.1}", side.entry)
}

/// A number, or nothing.
fn optional(number: Option<u32>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

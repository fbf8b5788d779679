//! A match archive (CSV in Jeff Sackmann's layout) as events, players and matches. A record that cannot be used
//! becomes a reject and never stops the file; only a file that is no archive at all is an error.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder, StringRecord};
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use time::{Date, Duration};

use super::levels::{Family, Level, split_tournament_id, tournament_code};
use super::name;
use super::rejects::{Reason, Reject};
use super::row::{self, Columns, Row, Side};
use super::score::{self, Score};
use super::temporal::Round;
use crate::error::{Context, Error, Result};

/// Distinct unknown codes counted by name; the rest is summed up, so that a nonsense file cannot fill the metrics.
const UNKNOWN_CODES_MAX: usize = 50;

/// Bounds on an event's start, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounds {
    /// Nothing that starts before.
    pub from: Option<Date>,
    /// Nothing that starts after.
    pub until: Option<Date>,
}

impl Bounds {
    fn contain(self, date: Date) -> bool {
        self.from.is_none_or(|from| date >= from) && self.until.is_none_or(|until| date <= until)
    }
}

/// One edition of a tournament, as `tournaments` and `tournament_editions` hold it.
#[derive(Debug, Serialize)]
pub struct Edition {
    /// Its place in the file's list.
    pub number: usize,
    tournament_code: String,
    name: String,
    tour: &'static str,
    level: String,
    gender: &'static str,
    surface: Option<String>,
    year: i32,
    #[serde(serialize_with = "as_text")]
    start_date: Date,
    #[serde(serialize_with = "as_text")]
    end_date: Date,
    draw_size: Option<i32>,
}

/// A player, as `players` holds them.
#[derive(Debug, Serialize)]
pub struct Player {
    /// Their place in the file's list.
    pub number: usize,
    /// The archive's id, unique among players of one gender.
    pub external_id: String,
    /// `men` or `women`.
    pub gender: &'static str,
    /// As first written in the file.
    pub name: String,
    hand: Option<&'static str>,
    height_cm: Option<i32>,
    nationality_ioc: Option<String>,
    /// Estimated from the age, to about two months.
    #[serde(skip)]
    pub birth_date_estimate: Option<Date>,
}

/// Another spelling of a player's name.
#[derive(Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alias {
    /// The player's place in the file's list.
    pub player: usize,
    /// The normalised name.
    pub alias: String,
}

/// A match, players and edition by their places in the file's lists. Side A has the smaller archive id.
#[derive(Debug)]
pub struct Match {
    /// Where its record begins: line from 1, byte from 0.
    pub line: u64,
    /// See `line`.
    pub byte: u64,
    /// `{year}_{tournament}_{round}_{id1}_{id2}`, for a real repeat with `_2`, `_3` … behind it.
    pub external_id: String,
    /// Its edition.
    pub edition: usize,
    /// The round's code.
    pub round: String,
    /// Estimated from the edition's dates and the round.
    pub date: Date,
    /// The player with the smaller archive id.
    pub player_a: usize,
    /// The other one.
    pub player_b: usize,
    /// Who won.
    pub a_won: bool,
    /// Seeds of A and B.
    pub seeds: (Option<i32>, Option<i32>),
    /// The number in its event; not unique.
    pub match_number: Option<i32>,
    /// How long it took.
    pub minutes: Option<i32>,
    /// The score as written; empty when there is none.
    pub score_text: String,
    /// The same, understood.
    pub score: Score,
    /// Serve statistics of A and B as a JSON object.
    pub statistics: Option<String>,
}

/// What was counted while reading.
#[derive(Debug, Default)]
pub struct Counts {
    /// Records in the file.
    pub rows_read: u64,
    /// Records that repeat one before them.
    pub duplicates: u64,
    /// Records outside the bounds.
    pub out_of_range: u64,
    /// Accepted records with a level code that the mapping does not know, by code.
    pub unknown_levels: BTreeMap<String, u64>,
    /// Accepted records with a round code that is not in the table, by code.
    pub unknown_rounds: BTreeMap<String, u64>,
    /// Accepted records whose sets cannot be told, by problem.
    pub scores_not_understood: BTreeMap<String, u64>,
    /// Accepted records whose score stops before the end without a mark.
    pub scores_unfinished: u64,
}

/// What a file holds.
#[derive(Debug, Default)]
pub struct Archive {
    /// In order of appearance.
    pub editions: Vec<Edition>,
    /// In order of appearance.
    pub players: Vec<Player>,
    /// Every spelling of every player, once.
    pub aliases: Vec<Alias>,
    /// In file order.
    pub matches: Vec<Match>,
    /// In file order.
    pub rejects: Vec<Reject>,
    /// What was counted.
    pub counts: Counts,
    /// Of what was read.
    pub size_bytes: u64,
    /// Of what was read, in hexadecimal.
    pub sha256: String,
}

/// Reads the archive at `path`.
///
/// # Errors
/// The file cannot be read, is empty, or lacks a required column.
pub fn read(path: &Path, family: Family, bounds: Bounds) -> Result<Archive> {
    let file = File::open(path).context(|| "opening it")?;
    let mut hashing =
        Hashing { inner: BufReader::with_capacity(256 * 1024, file), digest: Sha256::new(), bytes: 0 };
    let mut builder = Builder::new(family, bounds);
    read_records(&mut hashing, &mut builder)?;
    let mut archive = builder.finish();
    archive.size_bytes = hashing.bytes;
    archive.sha256 = hexadecimal(&hashing.digest.finalize());
    Ok(archive)
}

/// The record of `found` as the rejects show it, read again from the file.
///
/// # Errors
/// The file cannot be read any more.
pub fn reread(path: &Path, found: &Match) -> Result<serde_json::Value> {
    let mut reader = csv_reader(File::open(path)?);
    let columns = Columns::find(&header(&mut reader)?)?;
    let mut position = csv::Position::new();
    position.set_byte(found.byte).set_line(found.line);
    reader.seek(position).map_err(csv_error)?;
    let mut record = ByteRecord::new();
    reader.read_byte_record(&mut record).map_err(csv_error)?;
    Ok(columns.record_json(record.iter()))
}

/// Bytes as hexadecimal digits.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn csv_reader<R: Read>(source: R) -> csv::Reader<R> {
    ReaderBuilder::new().flexible(true).from_reader(source)
}

fn csv_error(error: csv::Error) -> Error {
    Error::failed(crate::error::chain(&error))
}

/// The names in the first line.
fn header<R: Read>(reader: &mut csv::Reader<R>) -> Result<Vec<String>> {
    let header = reader.byte_headers().map_err(csv_error)?;
    let names = header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect::<Vec<_>>();
    if names.iter().all(String::is_empty) {
        return Err(Error::failed("it is empty; expected a header line that names the columns"));
    }
    Ok(names)
}

fn read_records<R: Read>(source: R, builder: &mut Builder) -> Result<()> {
    let mut reader = csv_reader(source);
    let columns = Columns::find(&header(&mut reader)?)?;
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(csv_error)? {
        let place = record.position().map_or((0, 0), |position| (position.line(), position.byte()));
        builder.archive.counts.rows_read += 1;
        if record.len() != columns.count() {
            let expected = format!("{} fields, as in the header; found {}", columns.count(), record.len());
            builder.reject(&columns, &record, place.0, (Reason::FieldCount, None, expected));
            continue;
        }
        if record.as_slice().contains(&0) {
            builder.reject(&columns, &record, place.0, (Reason::InvalidText, None, "no NUL byte".to_owned()));
            continue;
        }
        match StringRecord::from_byte_record(std::mem::take(&mut record)) {
            Ok(text) => {
                builder.take(&columns, &text, place);
                record = text.into_byte_record();
            }
            Err(error) => {
                let field = error.utf8_error().field();
                let expected = format!("UTF-8; field {} is not", field + 1);
                record = error.into_byte_record();
                builder.reject(&columns, &record, place.0, (Reason::InvalidText, None, expected));
            }
        }
    }
    Ok(())
}

/// Passes a file on and hashes it.
struct Hashing<R> {
    inner: R,
    digest: Sha256,
    bytes: u64,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.digest.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}

/// Collects an archive, record by record.
struct Builder {
    family: Family,
    bounds: Bounds,
    archive: Archive,
    /// By tournament code and year.
    editions: HashMap<(String, i32), usize>,
    /// By archive id.
    players: HashMap<u32, usize>,
    /// The spellings already seen, by player.
    spellings: HashSet<(usize, String)>,
    /// Matches by external id, without the number of a repeat.
    matches: HashMap<String, Vec<usize>>,
}

/// What a record turned out to be next to those before it.
enum Meeting {
    New { repeat: usize },
    Duplicate { of: usize },
    Conflict { with_line: u64 },
}

impl Builder {
    fn new(family: Family, bounds: Bounds) -> Self {
        Self {
            family,
            bounds,
            archive: Archive::default(),
            editions: HashMap::new(),
            players: HashMap::new(),
            spellings: HashSet::new(),
            matches: HashMap::new(),
        }
    }

    fn reject(&mut self, columns: &Columns, record: &ByteRecord, line: u64, fault: row::Fault) {
        self.archive.rejects.push(row::reject(fault, line, columns.record_json(record.iter())));
    }

    /// Takes one record in.
    fn take(&mut self, columns: &Columns, record: &StringRecord, place: (u64, u64)) {
        let read = row::start_date(columns, record).and_then(|date| match self.bounds.contain(date) {
            true => row::read(columns, record, date).map(Some),
            false => Ok(None),
        });
        let fault = match read {
            Ok(Some(row)) => match self.add(row, place) {
                Ok(()) => return,
                Err(fault) => fault,
            },
            Ok(None) => {
                self.archive.counts.out_of_range += 1;
                return;
            }
            Err(fault) => fault,
        };
        self.reject(columns, record.as_byte_record(), place.0, fault);
    }

    fn add(&mut self, row: Row, (line, byte): (u64, u64)) -> std::result::Result<(), row::Fault> {
        let a_won = row.winner.id < row.loser.id;
        let (side_a, side_b) = if a_won { (&row.winner, &row.loser) } else { (&row.loser, &row.winner) };
        let (year, event_code) = split_tournament_id(&row.tourney_id);
        let year = year.unwrap_or(row.date.year());
        let code = tournament_code(event_code, &row.level, self.family);
        let mut ids = [side_a.id.to_string(), side_b.id.to_string()];
        ids.sort_unstable();
        let mut external_id = format!("{year}_{code}_{}_{}_{}", row.round, ids[0], ids[1]);

        let round = Round::of(&row.round);
        let score = score::parse(&row.score);
        match self.meeting(&external_id, round, a_won, &row.score, &score) {
            Meeting::Duplicate { of } => {
                self.archive.counts.duplicates += 1;
                let first = &mut self.archive.matches[of];
                if score.tells_more_than(&first.score) {
                    first.score_text = row.score;
                    first.score = score;
                }
                return Ok(());
            }
            Meeting::Conflict { with_line } => {
                let expected =
                    format!("one result of two players in a knock-out round; line {with_line} has another");
                return Err((Reason::ConflictingRepeat, None, expected));
            }
            Meeting::New { repeat } => {
                self.matches.entry(external_id.clone()).or_default().push(self.archive.matches.len());
                if repeat > 1 {
                    external_id.push_str(&format!("_{repeat}"));
                }
            }
        }
        self.count(&row, round);
        let edition = self.edition(&row, year, code);
        let (player_a, player_b) = (self.player(side_a, row.date), self.player(side_b, row.date));
        let Edition { start_date, end_date, .. } = self.archive.editions[edition];
        self.archive.matches.push(Match {
            line,
            byte,
            external_id,
            edition,
            date: round.estimated_date(start_date, end_date),
            player_a,
            player_b,
            a_won,
            seeds: (side_a.seed, side_b.seed),
            match_number: row.match_number,
            minutes: row.minutes,
            statistics: statistics(side_a, side_b),
            round: row.round,
            score_text: row.score,
            score,
        });
        Ok(())
    }

    /// Compares with earlier meetings of the two in the same round. Where players can meet again, only the same
    /// result is taken for the same match; in a knock-out they cannot.
    fn meeting(&self, external_id: &str, round: Round, a_won: bool, text: &str, score: &Score) -> Meeting {
        let earlier = self.matches.get(external_id).map_or(&[][..], Vec::as_slice);
        for &index in earlier {
            let before = &self.archive.matches[index];
            let same_winner = before.a_won == a_won;
            if round.repeatable {
                if same_winner && before.score_text == text {
                    return Meeting::Duplicate { of: index };
                }
            } else if same_winner && before.score.agrees_with(score) {
                return Meeting::Duplicate { of: index };
            } else {
                return Meeting::Conflict { with_line: before.line };
            }
        }
        Meeting::New { repeat: earlier.len() + 1 }
    }

    fn count(&mut self, row: &Row, round: Round) {
        let counts = &mut self.archive.counts;
        if !Level::of(&row.level, self.family).known {
            count(&mut counts.unknown_levels, &row.level);
        }
        if !round.is_known() {
            count(&mut counts.unknown_rounds, &row.round);
        }
    }

    fn edition(&mut self, row: &Row, year: i32, tournament_code: String) -> usize {
        let number = self.archive.editions.len();
        let place = *self.editions.entry((tournament_code.clone(), year)).or_insert(number);
        if place == number {
            let level = Level::of(&row.level, self.family);
            let days = match row.draw_size {
                _ if row.level == "G" => 13,
                Some(96..) => 11,
                _ => 6,
            };
            self.archive.editions.push(Edition {
                number,
                tournament_code,
                name: row.tourney_name.clone(),
                tour: level.tour,
                level: level.name,
                gender: self.family.gender(),
                surface: row.surface.clone(),
                year,
                start_date: row.date,
                end_date: row.date.saturating_add(Duration::days(days)),
                draw_size: row.draw_size,
            });
        }
        place
    }

    fn player(&mut self, side: &Side, date: Date) -> usize {
        let number = self.archive.players.len();
        let place = *self.players.entry(side.id).or_insert(number);
        if place == number {
            self.archive.players.push(Player {
                number,
                external_id: side.id.to_string(),
                gender: self.family.gender(),
                name: side.name.clone(),
                hand: None,
                height_cm: None,
                nationality_ioc: None,
                birth_date_estimate: None,
            });
        }
        let player = &mut self.archive.players[place];
        player.hand = player.hand.or(side.hand);
        player.height_cm = player.height_cm.or(side.height_cm);
        if player.nationality_ioc.is_none() {
            player.nationality_ioc.clone_from(&side.country);
        }
        if player.birth_date_estimate.is_none() {
            let days = side.age.map(|age| Duration::days((age * 365.25) as i64));
            player.birth_date_estimate = days.and_then(|days| date.checked_sub(days));
        }
        if self.spellings.insert((place, side.name.clone())) {
            let alias = name::normalise(&side.name);
            if !alias.is_empty() {
                self.archive.aliases.push(Alias { player: place, alias });
            }
        }
        place
    }

    fn finish(mut self) -> Archive {
        self.archive.aliases.sort();
        self.archive.aliases.dedup();
        for one in &self.archive.matches {
            if let Some(problem) = &one.score.problem {
                count(&mut self.archive.counts.scores_not_understood, problem.code());
            }
            self.archive.counts.scores_unfinished += u64::from(one.score.unfinished);
        }
        self.archive
    }
}

/// Counts one more of `code`.
pub fn count(counts: &mut BTreeMap<String, u64>, code: &str) {
    add(counts, code, 1);
}

/// Adds `number` to the count of `code`.
pub fn add(counts: &mut BTreeMap<String, u64>, code: &str, number: u64) {
    let known = counts.contains_key(code) || counts.len() < UNKNOWN_CODES_MAX;
    let name = if known { code.chars().take(40).collect() } else { "(others)".to_owned() };
    *counts.entry(name).or_default() += number;
}

/// `{"a":{"ace":5,…},"b":{…}}`.
fn statistics(side_a: &Side, side_b: &Side) -> Option<String> {
    let (a, b) = (&side_a.statistics, &side_b.statistics);
    (!a.is_empty() || !b.is_empty()).then(|| format!("{{\"a\":{{{a}}},\"b\":{{{b}}}}}"))
}

fn as_text<S: Serializer>(date: &Date, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_str(date)
}

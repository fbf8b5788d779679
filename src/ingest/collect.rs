//! Collects the records of a file into editions, players and matches, and decides what a record is next to those before it:
//! new, a duplicate, a real repeat, or in conflict.

use std::collections::{HashMap, HashSet};

use csv::{ByteRecord, StringRecord};
use time::{Date, Duration};

use super::archive::{Alias, Archive, Bounds, Edition, Match, Player};
use super::counts::count;
use super::levels::{Family, Level, split_tournament_id, tournament_code};
use super::name;
use super::rejects::Reason;
use super::row::{self, Columns, Row, Side};
use super::score::{self, Score};
use super::temporal::Round;

/// Collects an archive, record by record.
pub struct Builder {
    family: Family,
    bounds: Bounds,
    /// What was collected so far.
    pub archive: Archive,
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

/// What tells a match from every other one.
struct Identity {
    year: i32,
    tournament_code: String,
    /// Without the number of a repeat.
    external_id: String,
    a_won: bool,
}

impl Identity {
    fn of(row: &Row, family: Family) -> Self {
        let (year, event_code) = split_tournament_id(&row.tourney_id);
        let year = year.unwrap_or(row.date.year());
        let tournament_code = tournament_code(event_code, &row.level, family);
        let mut ids = [row.winner.id.to_string(), row.loser.id.to_string()];
        ids.sort_unstable();
        let external_id = format!("{year}_{tournament_code}_{}_{}_{}", row.round, ids[0], ids[1]);
        Self { year, tournament_code, external_id, a_won: row.winner.id < row.loser.id }
    }

    /// A, who has the smaller archive id, and B.
    fn sides<'a>(&self, row: &'a Row) -> (&'a Side, &'a Side) {
        if self.a_won { (&row.winner, &row.loser) } else { (&row.loser, &row.winner) }
    }
}

impl Builder {
    /// An empty archive of `family`, of events within `bounds`.
    pub fn new(family: Family, bounds: Bounds) -> Self {
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

    /// Notes a record that cannot be used.
    pub fn reject(&mut self, columns: &Columns, record: &ByteRecord, line: u64, fault: row::Fault) {
        self.archive.rejects.push(row::reject(fault, line, columns.record_json(record.iter())));
    }

    /// Takes in the record that begins at `place`: line and byte.
    pub fn take(&mut self, columns: &Columns, record: &StringRecord, place: (u64, u64)) {
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

    fn add(&mut self, row: Row, place: (u64, u64)) -> std::result::Result<(), row::Fault> {
        let mut identity = Identity::of(&row, self.family);
        let round = Round::of(&row.round);
        let score = score::parse(&row.score);
        match self.meeting(&identity, round, &row.score, &score) {
            Meeting::Duplicate { of } => {
                self.archive.counts.duplicates += 1;
                let first = &mut self.archive.matches[of];
                if score.tells_more_than(&first.score) {
                    first.score_text = row.score;
                    first.score = score;
                }
            }
            Meeting::Conflict { with_line } => {
                let expected =
                    format!("one result of two players in a knock-out round; line {with_line} has another");
                return Err((Reason::ConflictingRepeat, None, expected));
            }
            Meeting::New { repeat } => {
                let number = self.archive.matches.len();
                self.matches.entry(identity.external_id.clone()).or_default().push(number);
                if repeat > 1 {
                    identity.external_id.push_str(&format!("_{repeat}"));
                }
                self.push(row, identity, round, score, place);
            }
        }
        Ok(())
    }

    fn push(&mut self, row: Row, identity: Identity, round: Round, score: Score, (line, byte): (u64, u64)) {
        self.count(&row, round);
        let (side_a, side_b) = identity.sides(&row);
        let edition = self.edition(&row, identity.year, identity.tournament_code);
        let (player_a, player_b) = (self.player(side_a, row.date), self.player(side_b, row.date));
        let Edition { start_date, end_date, .. } = self.archive.editions[edition];
        self.archive.matches.push(Match {
            line,
            byte,
            external_id: identity.external_id,
            edition,
            date: round.estimated_date(start_date, end_date),
            player_a,
            player_b,
            a_won: identity.a_won,
            seeds: (side_a.seed, side_b.seed),
            match_number: row.match_number,
            minutes: row.minutes,
            statistics: statistics(side_a, side_b),
            round: row.round,
            score_text: row.score,
            score,
        });
    }

    /// Compares with earlier meetings of the two in the same round. Where players can meet again, only the same
    /// result is taken for the same match; in a knock-out they cannot.
    fn meeting(&self, identity: &Identity, round: Round, text: &str, score: &Score) -> Meeting {
        let earlier = self.matches.get(&identity.external_id).map_or(&[][..], Vec::as_slice);
        for &index in earlier {
            let before = &self.archive.matches[index];
            let same_winner = before.a_won == identity.a_won;
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
            count(&mut counts.not_understood.levels, &row.level);
        }
        if !round.is_known() {
            count(&mut counts.not_understood.rounds, &row.round);
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
            let alias = name::alias(&side.name);
            if !alias.is_empty() {
                self.archive.aliases.push(Alias { player: place, alias });
            }
        }
        place
    }

    /// What was collected.
    pub fn finish(mut self) -> Archive {
        self.archive.aliases.sort();
        self.archive.aliases.dedup();
        for one in &self.archive.matches {
            if let Some(problem) = &one.score.problem {
                count(&mut self.archive.counts.not_understood.scores, problem.code());
            }
            self.archive.counts.scores_unfinished += u64::from(one.score.unfinished);
        }
        self.archive
    }
}

/// `{"a":{"ace":5,…},"b":{…}}`.
fn statistics(side_a: &Side, side_b: &Side) -> Option<String> {
    let (a, b) = (&side_a.statistics, &side_b.statistics);
    (!a.is_empty() || !b.is_empty()).then(|| format!("{{\"a\":{{{a}}},\"b\":{{{b}}}}}"))
}

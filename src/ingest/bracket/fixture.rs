//! A match as `matches` holds it, without its ratings and odds.

use postgres::Row;
use serde::Serialize;
use serde_json::Value;
use time::{Date, PrimitiveDateTime};

use crate::ingest::temporal::{Round, temporal_order};

/// The status of a match whose time is not known yet.
pub const UPCOMING: &str = "upcoming";
/// The status of a match whose time is known.
pub const SCHEDULED: &str = "scheduled";
/// The status of a match that will not be played.
pub const CANCELLED: &str = "cancelled";

/// The statuses of a match that is over.
const TERMINAL: [&str; 4] = ["completed", "retired", "walkover", "default"];

/// A match.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fixture {
    /// Its row; None: there is none yet.
    pub id: Option<i32>,
    /// `{year}_{tournament}_{round}_{id1}_{id2}`, or the source's own.
    pub external_id: Option<String>,
    /// Who publishes it.
    pub source: String,
    /// Its edition.
    pub tournament_edition_id: i32,
    /// The round's code.
    pub round: String,
    /// The number in its event.
    pub match_number: Option<i32>,
    /// A player.
    pub player_a_id: i32,
    /// The other player.
    pub player_b_id: i32,
    /// The seed of A.
    pub player_a_seed: Option<i32>,
    /// The seed of B.
    pub player_b_seed: Option<i32>,
    /// The day of the order of play.
    pub scheduled_date: Option<Date>,
    /// The same with the time, UTC.
    pub scheduled_datetime: Option<PrimitiveDateTime>,
    /// Where.
    pub court: Option<String>,
    /// A or B.
    pub winner_id: Option<i32>,
    /// The score as written.
    pub score: Option<String>,
    /// The sets from side A.
    pub score_structured: Option<Value>,
    /// The day on which it was played.
    pub match_date: Option<Date>,
    /// The same with the time, UTC.
    pub match_datetime: Option<PrimitiveDateTime>,
    /// `match_date` is not told by anybody.
    pub match_date_estimated: bool,
    /// How long it took.
    pub duration_minutes: Option<i32>,
    /// The set in which the loser stopped.
    pub retirement_set: Option<i32>,
    /// Statistics, as the feed gives them.
    pub stats: Option<Value>,
    /// `matches.status`
    pub status: String,
    /// The place in the round, from 1.
    pub draw_position: Option<i32>,
    /// See [`temporal_order`].
    pub temporal_order: Option<i64>,
}

impl Fixture {
    /// A match of two players that is yet to come.
    pub fn upcoming(edition_id: i32, round: &str, source: &str, players: [i32; 2]) -> Self {
        Self {
            id: None,
            external_id: None,
            source: source.to_owned(),
            tournament_edition_id: edition_id,
            round: round.to_owned(),
            match_number: None,
            player_a_id: players[0],
            player_b_id: players[1],
            player_a_seed: None,
            player_b_seed: None,
            scheduled_date: None,
            scheduled_datetime: None,
            court: None,
            winner_id: None,
            score: None,
            score_structured: None,
            match_date: None,
            match_datetime: None,
            match_date_estimated: false,
            duration_minutes: None,
            retirement_set: None,
            stats: None,
            status: UPCOMING.to_owned(),
            draw_position: None,
            temporal_order: None,
        }
    }

    /// The match of a row.
    pub fn of_row(row: &Row) -> Self {
        Self {
            id: row.get("id"),
            external_id: row.get("external_id"),
            source: row.get("source"),
            tournament_edition_id: row.get("tournament_edition_id"),
            round: row.get::<_, Option<String>>("round").unwrap_or_default(),
            match_number: row.get("match_number"),
            player_a_id: row.get("player_a_id"),
            player_b_id: row.get("player_b_id"),
            player_a_seed: row.get("player_a_seed"),
            player_b_seed: row.get("player_b_seed"),
            scheduled_date: row.get("scheduled_date"),
            scheduled_datetime: row.get("scheduled_datetime"),
            court: row.get("court"),
            winner_id: row.get("winner_id"),
            score: row.get("score"),
            score_structured: row.get("score_structured"),
            match_date: row.get("match_date"),
            match_datetime: row.get("match_datetime"),
            match_date_estimated: row.get("match_date_estimated"),
            duration_minutes: row.get("duration_minutes"),
            retirement_set: row.get("retirement_set"),
            stats: row.get("stats"),
            status: row.get("status"),
            draw_position: row.get("draw_position"),
            temporal_order: row.get("temporal_order"),
        }
    }

    /// The two players, the smaller id first.
    pub fn pair(&self) -> (i32, i32) {
        pair_of([self.player_a_id, self.player_b_id])
    }

    /// Not over yet.
    pub fn is_pending(&self) -> bool {
        !self.is_terminal() && !self.is_cancelled()
    }

    /// It will not be played.
    pub fn is_cancelled(&self) -> bool {
        self.status == CANCELLED
    }

    /// It is over, and somebody won.
    pub fn is_terminal(&self) -> bool {
        TERMINAL.contains(&self.status.as_str())
    }

    /// Who lost, when it is over.
    pub fn loser(&self) -> Option<i32> {
        let winner = self.winner_id.filter(|_| self.is_terminal())?;
        Some(if winner == self.player_a_id { self.player_b_id } else { self.player_a_id })
    }

    /// Whether it is a match of this player.
    pub fn has(&self, player: i32) -> bool {
        self.player_a_id == player || self.player_b_id == player
    }

    /// The seed of a player.
    pub fn seed_of(&self, player: i32) -> Option<i32> {
        if player == self.player_a_id { self.player_a_seed } else { self.player_b_seed }
    }

    /// Seeds of `players`, who are this match's in either order; what is not told stays.
    pub fn set_seeds(&mut self, players: [i32; 2], seeds: [Option<i32>; 2]) {
        let [a, b] = if players[0] == self.player_a_id { seeds } else { [seeds[1], seeds[0]] };
        self.player_a_seed = a.or(self.player_a_seed);
        self.player_b_seed = b.or(self.player_b_seed);
    }

    /// Seeds that are not known yet.
    pub fn fill_seeds(&mut self, players: [i32; 2], seeds: [Option<i32>; 2]) {
        let missing = |side: usize| seeds[side].filter(|_| self.seed_of(players[side]).is_none());
        self.set_seeds(players, [missing(0), missing(1)]);
    }

    /// It will not be played.
    pub fn cancel(&mut self) {
        self.status = CANCELLED.to_owned();
    }

    /// It is to be played after all.
    pub fn revive(&mut self) {
        self.status = if self.scheduled_date.is_some() { SCHEDULED } else { UPCOMING }.to_owned();
    }

    /// Sets what follows from the rest: the day of a match of which nobody tells it, and its place in time. A function of the match
    /// and its edition alone. `estimate`: the day that follows from the edition's dates and the round.
    pub fn place_in_time(&mut self, estimate: impl Fn(Round) -> Option<Date>) {
        let round = Round::of(&self.round);
        if self.match_date_estimated {
            self.match_date = None;
            self.match_date_estimated = false;
        }
        let day = self.match_date.or(self.scheduled_date).or_else(|| estimate(round));
        if self.match_date.is_none() && self.is_terminal() {
            self.match_date = day;
            self.match_date_estimated = day.is_some();
        }
        self.temporal_order = Some(temporal_order(day, self.tournament_edition_id, round));
    }
}

/// Two players, the smaller id first.
pub fn pair_of(players: [i32; 2]) -> (i32, i32) {
    (players[0].min(players[1]), players[0].max(players[1]))
}

//! Everything that is stored of the ratings, streamed in one pass: what `teelo verify` compares.

use postgres::{CopyOutReader, Transaction};

use super::copy_rows::{CopyRow, CopyRows};
use super::games::Games;
use super::values::{Cents, Day, day_of_order};
use crate::elo::id_map::IdMap;
use crate::elo::params::LevelCode;
use crate::elo::rating::{MatchInput, Ratings};
use crate::error::{Context, Error, Result};

/// Level codes by tournament edition: to read them once is cheaper than to join them to every match.
pub type LevelCodes = IdMap<LevelCode>;

/// A stream of rows from the server.
pub type Rows<'a> = CopyRows<CopyOutReader<'a>>;

/// The columns of verify_levels.sql.
const LEVEL_COLUMNS: &[&str] = &["id", "level", "tour"];
/// The columns of verify_matches.sql.
const MATCH_COLUMNS: &[&str] = &[
    "id",
    "rated_order",
    "match_date",
    "player_a_id",
    "player_b_id",
    "a_won",
    "unplayed",
    "score_structured",
    "tournament_edition_id",
    "elo_pre_player_a",
    "elo_pre_player_b",
    "elo_post_player_a",
    "elo_post_player_b",
    "elo_params_version",
    "elo_needs_recompute",
];
/// The columns of verify_states.sql.
const STATE_COLUMNS: &[&str] =
    &["player_id", "rating", "match_count", "last_match_date", "last_temporal_order", "career_peak"];

/// The ELO columns of a match. Ratings are in cents; None: null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EloColumns<'a> {
    /// `elo_pre_player_a`.
    pub pre_a: Option<i32>,
    /// `elo_pre_player_b`.
    pub pre_b: Option<i32>,
    /// `elo_post_player_a`.
    pub post_a: Option<i32>,
    /// `elo_post_player_b`.
    pub post_b: Option<i32>,
    /// `elo_params_version`.
    pub version: Option<&'a str>,
    /// `elo_needs_recompute`.
    pub needs_recompute: bool,
}

impl<'a> EloColumns<'a> {
    /// The columns of a match that was rated under `version`.
    pub fn rated(ratings: Ratings, version: &'a str) -> Self {
        let Ratings { pre_a, pre_b, post_a, post_b } = ratings;
        Self {
            pre_a: Some(pre_a),
            pre_b: Some(pre_b),
            post_a: Some(post_a),
            post_b: Some(post_b),
            version: Some(version),
            needs_recompute: false,
        }
    }

    fn take(row: &mut CopyRow<'a>) -> Result<Self> {
        let mut cents = || Ok::<_, Error>(row.take_or_null()?.map(|Cents(cents)| cents));
        Ok(Self {
            pre_a: cents()?,
            pre_b: cents()?,
            post_a: cents()?,
            post_b: cents()?,
            version: row.take_or_null()?,
            needs_recompute: row.take()?,
        })
    }

    /// The four ratings, when they are all there.
    pub fn ratings(&self) -> Option<Ratings> {
        Some(Ratings { pre_a: self.pre_a?, pre_b: self.pre_b?, post_a: self.post_a?, post_b: self.post_b? })
    }
}

/// A match with everything that is stored of its rating.
#[derive(Debug)]
pub struct MatchRow<'a> {
    /// Its id.
    pub id: i32,
    /// Side A.
    pub player_a_id: i32,
    /// Side B.
    pub player_b_id: i32,
    /// What its rating depends on; None: it is not ratable.
    pub input: Option<MatchInput>,
    /// It has no result yet.
    pub unplayed: bool,
    /// The tournament's level code, if there is a tournament.
    pub code: Option<LevelCode>,
    /// What is stored.
    pub columns: EloColumns<'a>,
}

/// A stored player state. Ratings are in cents; days count from 2000-01-01.
#[derive(Debug)]
pub struct StoredState {
    /// Whose.
    pub player_id: i32,
    /// `rating`.
    pub rating: i32,
    /// `match_count`.
    pub match_count: i32,
    /// `last_match_date`.
    pub last_match_day: Option<i32>,
    /// `last_temporal_order`.
    pub last_temporal_order: Option<i64>,
    /// `career_peak`.
    pub career_peak: i32,
}

/// The level codes of all editions.
///
/// # Errors
/// The server's.
pub fn read_level_codes(snapshot: &mut Transaction<'_>) -> Result<LevelCodes> {
    let mut rows = stream(snapshot, include_str!("../../../sql/elo/verify_levels.sql"), LEVEL_COLUMNS)?;
    let mut codes = LevelCodes::default();
    while let Some(mut row) = rows.next_row()? {
        codes.insert(row.take()?, LevelCode::of(row.take()?, row.take()?));
    }
    Ok(codes)
}

/// Every match, for [`take_match`]: first the ratable ones in position order, then the others.
///
/// # Errors
/// The server's.
pub fn stream_matches<'a>(snapshot: &'a mut Transaction<'_>) -> Result<Rows<'a>> {
    stream(snapshot, include_str!("../../../sql/elo/verify_matches.sql"), MATCH_COLUMNS)
}

/// Every player state in order of the players, for [`take_state`].
///
/// # Errors
/// The server's.
pub fn stream_states<'a>(snapshot: &'a mut Transaction<'_>) -> Result<Rows<'a>> {
    stream(snapshot, include_str!("../../../sql/elo/verify_states.sql"), STATE_COLUMNS)
}

fn stream<'a>(
    snapshot: &'a mut Transaction<'_>,
    statement: &str,
    columns: &'static [&'static str],
) -> Result<Rows<'a>> {
    let reader = snapshot.copy_out(statement).context(|| "reading what is stored")?;
    Ok(CopyRows::new(reader, columns))
}

/// The match of a row.
///
/// # Errors
/// The row is not one of [`stream_matches`].
pub fn take_match<'a>(mut row: CopyRow<'a>, codes: &LevelCodes) -> Result<MatchRow<'a>> {
    let (id, rated_order) = (row.take()?, row.take_or_null()?);
    let day = row.take_or_null()?.and_then(|Day(day)| day);
    let (player_a_id, player_b_id) = (row.take()?, row.take()?);
    let (a_won, unplayed) = (row.take_or_null()?.unwrap_or(false), row.take()?);
    let games = match row.take_or_null()? {
        Some(Games::Won(a, b)) => Some((a, b)),
        Some(Games::None | Games::Unreadable) | None => None,
    };
    let code = row.take_or_null()?.and_then(|edition_id: i32| codes.get(&edition_id).copied());
    let input = rated_order.zip(code).map(|(temporal_order, code)| MatchInput {
        code,
        day: day.or_else(|| day_of_order(temporal_order)),
        temporal_order,
        a_won,
        games,
    });
    let columns = EloColumns::take(&mut row)?;
    Ok(MatchRow { id, player_a_id, player_b_id, input, unplayed, code, columns })
}

/// The state of a row.
///
/// # Errors
/// The row is not one of [`stream_states`].
pub fn take_state(mut row: CopyRow<'_>) -> Result<StoredState> {
    Ok(StoredState {
        player_id: row.take()?,
        rating: row.take::<Cents>()?.0,
        match_count: row.take()?,
        last_match_day: row.take_or_null()?.and_then(|Day(day)| day),
        last_temporal_order: row.take_or_null()?,
        career_peak: row.take::<Cents>()?.0,
    })
}

//! Two rows of `players` that are one person become one, in one transaction: matches, spellings, ids and rows of the review
//! queue move. The ratings follow by themselves: the triggers note every match that moved.

use postgres::{Client, Row, Transaction};
use serde::Serialize;
use serde_json::json;
use time::{Date, OffsetDateTime};

use crate::db::{OneTrip, utc};
use crate::error::{Context, Error, Result};
use crate::ingest::{catalogue, name};

/// The source of spellings that come from a merged player's name.
const ALIAS_SOURCE: &str = "merge";
/// The columns of `players` that hold an id, one a player.
const ID_COLUMNS: [&str; 3] = ["atp_id", "wta_id", "itf_id"];

/// What moved.
#[derive(Debug, Serialize)]
pub struct Merged {
    /// Who stays.
    pub kept_player_id: i32,
    /// The name of who stays.
    pub kept_name: String,
    /// Who went.
    pub merged_player_id: i32,
    /// The name of who went.
    pub merged_name: String,
    /// Matches that are the other's now.
    pub matches_moved: u64,
    /// Spellings.
    pub aliases_moved: u64,
    /// Ids of outside sources.
    pub external_ids_moved: u64,
    /// Rows of the review queue that named who went.
    pub review_rows_moved: u64,
    /// Matches that are there more than once now, a list each: for a person to look at.
    pub doubles: Vec<Vec<i32>>,
}

/// Merges `other` into `keep`. `dry_run`: takes everything back and only tells what would move.
///
/// # Errors
/// Usage, naming what speaks against it: one of them does not exist, they played each other, both have an id of the same
/// source, one played with men and the other with women. Else the server's. Then nothing was changed.
pub fn run(client: &mut Client, keep: i32, other: i32, dry_run: bool, now: OffsetDateTime) -> Result<Merged> {
    if keep == other {
        return Err(Error::usage(format!(
            "player {keep} cannot be merged with themselves: name two players"
        )));
    }
    let mut transaction = client.transaction()?;
    // In the order of the ids, so that two people who merge the same players wait for each other.
    let (first, second) = (keep.min(other), keep.max(other));
    let locked = [lock(&mut transaction, first)?, lock(&mut transaction, second)?];
    let (kept, gone) = if keep < other { (&locked[0], &locked[1]) } else { (&locked[1], &locked[0]) };
    refuse_contradictions(&mut transaction, (keep, kept), (other, gone))?;
    let merged = move_all(&mut transaction, (keep, kept.get(0)), (other, gone.get(0)), now)?;
    if dry_run {
        transaction.rollback()?;
    } else {
        let details = json!(merged);
        transaction.change(
            include_str!("../../sql/identity/log_append.sql"),
            &[&"player_merge", &details, &utc(now)],
        )?;
        transaction.commit().context(|| "merging players")?;
    }
    Ok(merged)
}

fn lock(transaction: &mut Transaction<'_>, player: i32) -> Result<Row> {
    transaction
        .row_if_any(include_str!("../../sql/identity/player_lock.sql"), &[&player])
        .context(|| "reading a player")?
        .ok_or_else(|| Error::usage(format!("there is no player {player}")))
}

/// What shows that two rows are two people.
fn refuse_contradictions(
    transaction: &mut Transaction<'_>,
    (keep, kept): (i32, &Row),
    (other, gone): (i32, &Row),
) -> Result<()> {
    for column in ID_COLUMNS {
        let ids = kept.get::<_, Option<&str>>(column).zip(gone.get::<_, Option<&str>>(column));
        if let Some((one, two)) = ids
            && one != two
        {
            return Err(Error::usage(format!(
                "players {keep} and {other} are two people to the source: {column} {one} and {two}. Correct the wrong one in \
                 players first"
            )));
        }
    }
    let between =
        transaction.rows(include_str!("../../sql/identity/matches_between.sql"), &[&keep, &other])?;
    if !between.is_empty() {
        let ids: Vec<String> = between.iter().map(|row| row.get::<_, i32>(0).to_string()).collect();
        return Err(Error::usage(format!(
            "players {keep} and {other} played each other: match {}. They are two people, or these matches are wrong",
            ids.join(", ")
        )));
    }
    let differ: bool =
        transaction.row(include_str!("../../sql/identity/genders_differ.sql"), &[&keep, &other])?.get(0);
    if differ {
        return Err(Error::usage(format!(
            "of the players {keep} and {other} one played with men, the other with women"
        )));
    }
    Ok(())
}

fn move_all(
    transaction: &mut Transaction<'_>,
    (keep, kept_name): (i32, String),
    (other, merged_name): (i32, String),
    now: OffsetDateTime,
) -> Result<Merged> {
    let matches_moved = transaction
        .change(include_str!("../../sql/identity/matches_move.sql"), &[&keep, &other, &utc(now)])
        .context(|| "moving matches")?;
    let aliases_moved =
        transaction.change(include_str!("../../sql/identity/aliases_move.sql"), &[&keep, &other])?;
    let external_ids_moved =
        transaction.change(include_str!("../../sql/identity/external_ids_move.sql"), &[&keep, &other])?;
    let review_rows_moved =
        transaction.change(include_str!("../../sql/identity/reviews_move.sql"), &[&keep, &other])?;
    for statement in [
        include_str!("../../sql/identity/places_move.sql"),
        include_str!("../../sql/identity/waiting_schedules_move.sql"),
        include_str!("../../sql/identity/gender_move.sql"),
        include_str!("../../sql/identity/enrichment_move.sql"),
    ] {
        transaction.change(statement, &[&keep, &other]).context(|| "moving what is known of a player")?;
    }
    catalogue::add_aliases(transaction, &[keep], &[&name::alias(&merged_name)], ALIAS_SOURCE, now)?;
    transaction.change(include_str!("../../sql/identity/state_delete.sql"), &[&other])?;
    complete(transaction, keep, other, now)?;
    let doubles = transaction.rows(include_str!("../../sql/identity/doubles_read.sql"), &[&keep])?;
    Ok(Merged {
        kept_player_id: keep,
        kept_name,
        merged_player_id: other,
        merged_name,
        matches_moved,
        aliases_moved,
        external_ids_moved,
        review_rows_moved,
        doubles: doubles.iter().map(|row| row.get(0)).collect(),
    })
}

/// Deletes the row of who goes, and keeps what it knew that the other does not.
fn complete(transaction: &mut Transaction<'_>, keep: i32, other: i32, now: OffsetDateTime) -> Result<()> {
    let gone = transaction
        .row(include_str!("../../sql/identity/player_delete.sql"), &[&other])
        .context(|| format!("deleting player {other}, whom another table still names"))?;
    let text = |column: &str| gone.get::<_, Option<&str>>(column);
    let number = |column: &str| gone.get::<_, Option<i32>>(column);
    transaction
        .change(
            include_str!("../../sql/identity/player_complete.sql"),
            &[
                &keep,
                &text("atp_id"),
                &text("wta_id"),
                &text("itf_id"),
                &text("nationality_ioc"),
                &gone.get::<_, Option<Date>>("birth_date"),
                &number("turned_pro_year"),
                &text("hand"),
                &text("backhand"),
                &number("height_cm"),
                &utc(now),
            ],
        )
        .context(|| "completing the player who stays")?;
    Ok(())
}

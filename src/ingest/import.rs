//! The matches of a file go into the database: COPY into a staging table, then set-based statements, in one
//! transaction with the note that the file is ingested and its task done.

use std::fmt::Write as _;
use std::path::Path;

use postgres::{Client, Transaction};
use time::OffsetDateTime;

use super::archive::{self, Archive, Match};
use super::catalogue::{Catalogue, SOURCE};
use super::copy_text::CopyText;
use super::queue::Task;
use super::rejects::{Reason, Reject};
use super::score::Status;
use super::temporal::{Round, temporal_order};
use crate::db::utc;
use crate::error::{Context, Result};

/// What became of a file's records.
#[derive(Debug, Default)]
pub struct Outcome {
    /// New matches.
    pub inserted: u64,
    /// Matches that were there with other content.
    pub updated: u64,
    /// Matches that were there as they are.
    pub unchanged: u64,
    /// Records that repeat a match of this file or another.
    pub duplicates: u64,
    /// Records that cannot be used, found by reading or only here.
    pub rejects: Vec<Reject>,
}

impl Outcome {
    /// Records that are matches now.
    pub fn accepted(&self) -> u64 {
        self.inserted + self.updated + self.unchanged
    }
}

/// Configures the session, and makes its staging table.
///
/// # Errors
/// The server's.
pub fn prepare_session(client: &mut Client) -> Result<()> {
    client.batch_execute(include_str!("../../sql/ingest/session_configure.sql"))?;
    client
        .batch_execute(include_str!("../../sql/ingest/staged_matches_create.sql"))
        .context(|| "making the staging table")
}

/// Brings the matches of `archive` in and completes `task`. `before_commit` gets the rejects while everything can
/// still be taken back.
///
/// # Errors
/// The server's, or that of `before_commit`; then nothing was changed.
pub fn run(
    client: &mut Client,
    task: &Task,
    archive: &Archive,
    catalogue: &Catalogue,
    now: OffsetDateTime,
    before_commit: impl FnOnce(&[Reject]) -> Result<()>,
) -> Result<Outcome> {
    let mut transaction = client.transaction()?;
    let mut outcome = Outcome {
        duplicates: archive.counts.duplicates,
        rejects: archive.rejects.clone(),
        ..Outcome::default()
    };
    if !archive.matches.is_empty() {
        stage_matches(&mut transaction, archive, catalogue).context(|| "staging matches")?;
        let known: bool = transaction
            .query_one(include_str!("../../sql/ingest/feed_file_known.sql"), &[&task.params.file_name])?
            .get(0);
        if known {
            merge(&mut transaction, archive.matches.len() as u64, &mut outcome, now)?;
        } else {
            add(&mut transaction, &task.params.path(), archive, &mut outcome, now)?;
        }
    }
    write_note(&mut transaction, task, archive, &outcome, now)?;
    task.complete(&mut transaction, now)?;
    before_commit(&outcome.rejects)?;
    transaction.commit().context(|| "committing")?;
    Ok(outcome)
}

/// A file that was ingested before: what it says now replaces what it said. What is gone from it stays: a truncated
/// file must not destroy history.
fn merge(
    transaction: &mut Transaction<'_>,
    staged: u64,
    outcome: &mut Outcome,
    now: OffsetDateTime,
) -> Result<()> {
    outcome.unchanged = transaction
        .execute(include_str!("../../sql/ingest/matches_drop_unchanged.sql"), &[])
        .context(|| "comparing matches")?;
    let left = staged - outcome.unchanged;
    if left == 0 {
        return Ok(());
    }
    transaction.batch_execute(include_str!("../../sql/ingest/staged_matches_analyze.sql"))?;
    outcome.updated = transaction
        .execute(include_str!("../../sql/ingest/matches_update.sql"), &[&SOURCE, &utc(now)])
        .context(|| "updating matches")?;
    let known = insert(transaction, now)?.len() as u64;
    outcome.inserted = left - known;
    outcome.duplicates += known - outcome.updated.min(known);
    Ok(())
}

/// A new file: a match that is there already came with another file (the main draw's and the qualifying's, say), and
/// what is there stays.
fn add(
    transaction: &mut Transaction<'_>,
    path: &Path,
    archive: &Archive,
    outcome: &mut Outcome,
    now: OffsetDateTime,
) -> Result<()> {
    let known = insert(transaction, now)?;
    outcome.inserted = (archive.matches.len() - known.len()) as u64;
    if known.is_empty() {
        return Ok(());
    }
    let compared = transaction
        .query(include_str!("../../sql/ingest/matches_compare.sql"), &[&known])
        .context(|| "comparing matches with those of other files")?;
    for row in compared {
        if row.get::<_, Option<bool>>("same_result") == Some(true) {
            outcome.duplicates += 1;
            continue;
        }
        let number = usize::try_from(row.get::<_, i32>("number")).unwrap_or_default();
        let found = &archive.matches[number];
        outcome.rejects.push(Reject {
            line: found.line,
            reason: Reason::ConflictingRepeat,
            field: None,
            expected: "the result that another file has for this match".to_owned(),
            record: archive::reread(path, found).context(|| "reading a record again")?,
        });
    }
    Ok(())
}

/// Inserts the staged matches that are not there, and returns the numbers of the others.
fn insert(transaction: &mut Transaction<'_>, now: OffsetDateTime) -> Result<Vec<i32>> {
    let known = transaction
        .query(include_str!("../../sql/ingest/matches_insert.sql"), &[&SOURCE, &utc(now)])
        .context(|| "inserting matches")?;
    Ok(known.iter().map(|row| row.get(0)).collect())
}

fn stage_matches(transaction: &mut Transaction<'_>, archive: &Archive, catalogue: &Catalogue) -> Result<()> {
    let writer = transaction.copy_in(include_str!("../../sql/ingest/matches_stage.sql"))?;
    let mut rows = CopyText::new(writer);
    for (number, found) in archive.matches.iter().enumerate() {
        stage_match(&mut rows, number, found, catalogue)?;
    }
    rows.finish()?.finish()?;
    Ok(())
}

fn stage_match<W: std::io::Write>(
    rows: &mut CopyText<W>,
    number: usize,
    found: &Match,
    catalogue: &Catalogue,
) -> Result<()> {
    let edition_id = catalogue.edition_ids[found.edition];
    let (player_a, player_b) = (catalogue.player_ids[found.player_a], catalogue.player_ids[found.player_b]);
    let order = temporal_order(Some(found.date), edition_id, Round::of(&found.round));
    let retirement_set = (found.score.status == Status::Retired && found.score.sets_begun > 0)
        .then_some(found.score.sets_begun);
    rows.plain(Some(number))
        .text(Some(&found.external_id))
        .plain(Some(edition_id))
        .text(Some(&found.round))
        .plain(found.match_number)
        .plain(Some(player_a))
        .plain(Some(player_b))
        .plain(found.seeds.0)
        .plain(found.seeds.1)
        .plain(Some(if found.a_won { player_a } else { player_b }))
        .plain(Some(found.score.status.as_str()))
        .text(Some(found.score_text.as_str()).filter(|text| !text.is_empty()))
        .plain(structured(found))
        .plain(retirement_set)
        .plain(Some(found.date))
        .plain(Some(order))
        .plain(found.minutes)
        .plain(found.statistics.as_deref())
        .end_row()
}

/// The sets from side A, as `matches.score_structured` holds them.
fn structured(found: &Match) -> Option<String> {
    let sets = found.score.sets.as_ref()?;
    let mut text = String::from("[");
    for (index, set) in sets.iter().enumerate() {
        let turn = |winner, loser| if found.a_won { (winner, loser) } else { (loser, winner) };
        let comma = if index > 0 { "," } else { "" };
        let (a, b) = turn(set.winner, set.loser);
        // Writing to a String cannot fail.
        _ = write!(text, "{comma}{{\"a\":{a},\"b\":{b}");
        if let Some((winner, loser)) = set.tie_break {
            let (a, b) = turn(winner, loser);
            _ = write!(text, ",\"tb_a\":{a},\"tb_b\":{b}");
        }
        text.push('}');
    }
    text.push(']');
    Some(text)
}

/// Notes what was ingested of the file.
fn write_note(
    transaction: &mut Transaction<'_>,
    task: &Task,
    archive: &Archive,
    outcome: &Outcome,
    now: OffsetDateTime,
) -> Result<()> {
    let number = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
    transaction
        .execute(
            include_str!("../../sql/ingest/feed_file_write.sql"),
            &[
                &task.params.folder,
                &task.params.file_name,
                &i64::try_from(archive.size_bytes).unwrap_or(i64::MAX),
                &archive.sha256,
                &task.params.bounds().from,
                &task.params.bounds().until,
                &number(archive.counts.rows_read),
                &number(outcome.accepted()),
                &number(outcome.rejects.len() as u64),
                &number(outcome.duplicates),
                &number(archive.counts.out_of_range),
                &utc(now),
            ],
        )
        .context(|| "noting what was ingested")?;
    Ok(())
}

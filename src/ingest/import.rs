//! The matches of a file go into the database: COPY into a staging table, then set-based statements, in one
//! transaction with the note that the file is ingested and its task done.

use std::path::Path;

use postgres::{Client, Transaction};
use time::OffsetDateTime;

use super::archive::{self, Archive, Match};
use super::catalogue::{Catalogue, SOURCE};
use super::copy_text::CopyText;
use super::note;
use super::outcome::Outcome;
use super::queue::Task;
use super::rejects::{Reason, Reject};
use super::score::{Status, structured};
use super::temporal::{Round, temporal_order};
use crate::db::{OneTrip, utc};
use crate::error::{Context, Result};

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
    before_commit: impl FnOnce(&mut Transaction<'_>, &Outcome) -> Result<()>,
) -> Result<Outcome> {
    let mut transaction = client.transaction()?;
    let mut outcome = Outcome {
        rows_read: archive.counts.rows_read,
        duplicates: archive.counts.duplicates,
        out_of_range: archive.counts.out_of_range,
        rejects: archive.rejects.clone(),
        not_understood: archive.counts.not_understood.clone(),
        scores_unfinished: archive.counts.scores_unfinished,
        players_created: catalogue.players_created,
        players_linked: catalogue.players_linked,
        tournaments_created: catalogue.tournaments_created,
        editions_created: catalogue.editions_created,
        ..Outcome::default()
    };
    if !archive.matches.is_empty() {
        stage_matches(&mut transaction, archive, catalogue).context(|| "staging matches")?;
        let known: bool = transaction
            .row(include_str!("../../sql/ingest/feed_file_known.sql"), &[&task.params.file_name])?
            .get(0);
        if known {
            merge(&mut transaction, archive.matches.len() as u64, &mut outcome, now)?;
        } else {
            add(&mut transaction, &task.params.path(), archive, &mut outcome, now)?;
        }
    }
    note::finish(&mut transaction, task, (archive.size_bytes, &archive.sha256), &outcome, now)?;
    before_commit(&mut transaction, &outcome)?;
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
        .change(include_str!("../../sql/ingest/matches_drop_unchanged.sql"), &[])
        .context(|| "comparing matches")?;
    let left = staged - outcome.unchanged;
    if left == 0 {
        return Ok(());
    }
    transaction.batch_execute(include_str!("../../sql/ingest/staged_matches_analyze.sql"))?;
    outcome.updated = transaction
        .change(include_str!("../../sql/ingest/matches_update.sql"), &[&SOURCE, &utc(now)])
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
        .rows(include_str!("../../sql/ingest/matches_compare.sql"), &[&known])
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
        .rows(include_str!("../../sql/ingest/matches_insert.sql"), &[&SOURCE, &utc(now)])
        .context(|| "inserting matches")?;
    Ok(known.iter().map(|row| row.get(0)).collect())
}

/// The matches in the staging table that are in the database now.
///
/// # Errors
/// The server's.
pub fn staged_match_ids(transaction: &mut Transaction<'_>) -> Result<Vec<i32>> {
    let rows = transaction
        .rows(include_str!("../../sql/ingest/staged_match_ids.sql"), &[])
        .context(|| "looking for the matches of the file")?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
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
        .plain(found.score.sets.as_ref().map(|sets| structured(sets, found.a_won)))
        .plain(retirement_set)
        .plain(Some(found.date))
        .plain(Some(order))
        .plain(found.minutes)
        .plain(found.statistics.as_deref())
        .end_row()
}

//! The catalogue: tournaments, editions and players of a file get their ids. It is made in the order of the tasks,
//! under the stage's order lock, because ids enter the order of matches and with it the ratings, and so that two hosts
//! that meet the same new player make one.

use std::collections::HashSet;

use postgres::{Client, Row, Transaction};
use serde_json::json;
use time::{Date, OffsetDateTime};

use super::archive::{Archive, Player};
use super::name;
use crate::db::{OneTrip, utc};
use crate::error::{Context, Error, Result};
use crate::identity::people::People;

/// Who numbers the players of match archives, and writes their matches.
pub const SOURCE: &str = "sackmann";
/// An age is written with one decimal, so a birth date told from it is off by some weeks.
const BIRTH_DATE_TOLERANCE_DAYS: i64 = 60;

/// The database's ids of a file's editions and players, in the file's order.
#[derive(Debug, Default)]
pub struct Catalogue {
    /// Of the editions.
    pub edition_ids: Vec<i32>,
    /// Of the players.
    pub player_ids: Vec<i32>,
    /// Tournaments that were not there.
    pub tournaments_created: u64,
    /// Editions that were not there.
    pub editions_created: u64,
    /// Players that were not there.
    pub players_created: u64,
    /// Players that were there, known by another source.
    pub players_linked: u64,
}

/// Finds or makes the tournaments, editions and players of `archive`, in one transaction.
///
/// # Errors
/// The server's.
pub fn make(
    client: &mut Client,
    archive: &Archive,
    candidates: &mut Candidates,
    now: OffsetDateTime,
) -> Result<Catalogue> {
    let mut catalogue = Catalogue::default();
    if archive.matches.is_empty() {
        return Ok(catalogue);
    }
    let mut transaction = client.transaction()?;
    make_editions(&mut transaction, archive, &mut catalogue, now).context(|| "making tournaments")?;
    make_players(&mut transaction, archive, candidates, &mut catalogue, now).context(|| "making players")?;
    transaction.commit().context(|| "making tournaments and players")?;
    Ok(catalogue)
}

fn make_editions(
    transaction: &mut Transaction<'_>,
    archive: &Archive,
    catalogue: &mut Catalogue,
    now: OffsetDateTime,
) -> Result<()> {
    let editions = serde_json::to_value(&archive.editions)?;
    let now = utc(now);
    catalogue.tournaments_created =
        transaction.change(include_str!("../../sql/ingest/tournaments_create.sql"), &[&editions, &now])?;
    transaction.change(include_str!("../../sql/ingest/tournaments_update.sql"), &[&editions, &now])?;
    catalogue.editions_created =
        transaction.change(include_str!("../../sql/ingest/editions_create.sql"), &[&editions, &now])?;
    transaction.change(include_str!("../../sql/ingest/editions_update.sql"), &[&editions])?;
    let rows = transaction.rows(include_str!("../../sql/ingest/editions_read.sql"), &[&editions])?;
    if rows.len() != archive.editions.len() {
        let found = rows.len();
        return Err(Error::failed(format!("{} editions to make, {found} found", archive.editions.len())));
    }
    catalogue.edition_ids = rows.iter().map(|row| row.get(0)).collect();
    Ok(())
}

fn make_players(
    transaction: &mut Transaction<'_>,
    archive: &Archive,
    candidates: &mut Candidates,
    catalogue: &mut Catalogue,
    now: OffsetDateTime,
) -> Result<()> {
    let mut ids: Vec<Option<i32>> = vec![None; archive.players.len()];
    let all = serde_json::to_value(&archive.players)?;
    let known = transaction.rows(include_str!("../../sql/ingest/players_read.sql"), &[&all, &SOURCE])?;
    place(&mut ids, &known);
    let unknown: Vec<&Player> =
        archive.players.iter().filter(|player| ids[player.number].is_none()).collect();
    if !unknown.is_empty() {
        candidates.load(transaction)?;
        let linked = link(transaction, &unknown, candidates, now)?;
        catalogue.players_linked = linked.len() as u64;
        place(&mut ids, &linked);
        let fresh: Vec<&&Player> = unknown.iter().filter(|player| ids[player.number].is_none()).collect();
        if !fresh.is_empty() {
            let created = transaction.rows(
                include_str!("../../sql/ingest/players_create.sql"),
                &[&json!(fresh), &SOURCE, &utc(now)],
            )?;
            catalogue.players_created = created.len() as u64;
            place(&mut ids, &created);
        }
    }
    catalogue.player_ids = ids
        .into_iter()
        .collect::<Option<_>>()
        .ok_or_else(|| Error::failed("a player has no id after all were made"))?;

    let owners: Vec<i32> = archive.aliases.iter().map(|alias| catalogue.player_ids[alias.player]).collect();
    let spellings: Vec<&str> = archive.aliases.iter().map(|alias| alias.alias.as_str()).collect();
    add_aliases(transaction, &owners, &spellings, SOURCE, now)
}

/// Adds spellings (see [`name::alias`]) of players. One that is somebody's already in the source stays theirs.
///
/// # Errors
/// The server's.
pub fn add_aliases(
    transaction: &mut Transaction<'_>,
    owners: &[i32],
    spellings: &[&str],
    source: &str,
    now: OffsetDateTime,
) -> Result<()> {
    transaction
        .change(
            include_str!("../../sql/ingest/aliases_create.sql"),
            &[&owners, &spellings, &source, &utc(now)],
        )
        .context(|| "adding spellings")?;
    Ok(())
}

/// Puts (number, id) rows in their places.
fn place(ids: &mut [Option<i32>], rows: &[Row]) {
    for row in rows {
        let number = usize::try_from(row.get::<_, i32>(0)).unwrap_or(usize::MAX);
        if let Some(id) = ids.get_mut(number) {
            *id = Some(row.get(1));
        }
    }
}

/// Links players of the archive to those who are there from another source. Returns their numbers and the others' ids.
fn link(
    transaction: &mut Transaction<'_>,
    unknown: &[&Player],
    candidates: &mut Candidates,
    now: OffsetDateTime,
) -> Result<Vec<Row>> {
    let found: Vec<(&Player, i32)> =
        unknown.iter().filter_map(|player| Some((*player, candidates.take(player)?))).collect();
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let players: Vec<&Player> = found.iter().map(|(player, _)| *player).collect();
    let ids: Vec<i32> = found.iter().map(|(_, id)| *id).collect();
    let linked = transaction.rows(
        include_str!("../../sql/ingest/players_link.sql"),
        &[&json!(players), &ids, &SOURCE, &utc(now)],
    )?;
    Ok(linked)
}

/// Players of other sources, by every name they go by. Read once a run: an archive's own players are known by id.
#[derive(Debug, Default)]
pub struct Candidates {
    /// None until they are needed.
    people: Option<People>,
    taken: HashSet<i32>,
}

impl Candidates {
    fn load(&mut self, transaction: &mut Transaction<'_>) -> Result<()> {
        if self.people.is_none() {
            let mut people = People::default();
            people.refresh(transaction, Some(SOURCE))?;
            self.people = Some(people);
        }
        Ok(())
    }

    /// The player who is meant; nobody else is from now on.
    fn take(&mut self, player: &Player) -> Option<i32> {
        let id = self.find(player)?;
        self.taken.insert(id);
        Some(id)
    }

    /// The one player of this name, of no other gender, whose birth date does not contradict; of several, the one whose
    /// birth date agrees. None when there is none, or no telling which.
    fn find(&self, player: &Player) -> Option<i32> {
        let name = name::normalise(&player.name);
        let possible: Vec<(i32, Option<bool>)> = self
            .people
            .as_ref()?
            .named(&name)
            .filter(|(id, _)| !self.taken.contains(id))
            .filter(|(_, person)| person.gender.is_none_or(|gender| gender.as_str() == player.gender))
            .map(|(id, person)| (id, agrees(person.birth_date, player.birth_date_estimate)))
            .filter(|(_, agrees)| *agrees != Some(false))
            .collect();
        let sure: Vec<_> = possible.iter().filter(|(_, agrees)| *agrees == Some(true)).collect();
        match (sure.as_slice(), possible.as_slice()) {
            ([(id, _)], _) | ([], [(id, _)]) => Some(*id),
            _ => None,
        }
    }
}

/// Whether two birth dates can be the same; None when one is unknown.
fn agrees(birth_date: Option<Date>, estimate: Option<Date>) -> Option<bool> {
    let days = (birth_date? - estimate?).whole_days().abs();
    Some(days <= BIRTH_DATE_TOLERANCE_DAYS)
}

//! The review queue: names of feeds of which nobody can tell whose they are, until a person decides.

use postgres::{Client, Row, Transaction};
use serde::Serialize;
use time::OffsetDateTime;

use super::resolve::{Answer, Asked};
use crate::db::{OneTrip, utc};
use crate::error::{Context, Error, Result};
use crate::ingest::{catalogue, name};

/// The status of an entry that waits.
pub const PENDING: &str = "pending";
/// The status of an entry of which the player is known.
const RESOLVED: &str = "resolved";
/// The status of an entry that is nobody.
const IGNORED: &str = "ignored";

/// An entry of the queue.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// Its number.
    pub id: i32,
    /// The name as the feed has it.
    pub name: String,
    /// The feed's source.
    pub source: String,
    /// The source's id of the player.
    pub external_id: Option<String>,
    /// Where the name was met.
    pub tournament: Option<String>,
    /// `pending`, `resolved` or `ignored`.
    pub status: String,
    /// Who it is.
    pub resolved_player_id: Option<i32>,
    /// Who it may be, best first.
    pub candidates: Vec<Candidate>,
}

/// A player who may be meant.
#[derive(Debug, Serialize)]
pub struct Candidate {
    /// The player.
    pub player_id: i32,
    /// Their name.
    pub name: String,
    /// How alike the names are, from 0 to 1.
    pub confidence: String,
}

/// What a person decides about an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is this player.
    Player(i32),
    /// It is a new player.
    New,
    /// It is nobody.
    Ignore,
}

/// The entries that wait, oldest first; `all`: the decided ones too.
///
/// # Errors
/// The server's.
pub fn list(client: &mut Client, all: bool) -> Result<Vec<Entry>> {
    let rows = client
        .rows(include_str!("../../sql/identity/reviews_list.sql"), &[&all])
        .context(|| "reading player_review_queue")?;
    Ok(rows.iter().map(entry).collect())
}

fn entry(row: &Row) -> Entry {
    let candidate = |number: usize| {
        let column = |name: &str| format!("{name}_{number}");
        Some(Candidate {
            player_id: row.get::<_, Option<i32>>(column("player").as_str())?,
            name: row.get(column("name").as_str()),
            confidence: row.get::<_, Option<String>>(column("confidence").as_str()).unwrap_or_default(),
        })
    };
    Entry {
        id: row.get("id"),
        name: row.get("scraped_name"),
        source: row.get("scraped_source"),
        external_id: row.get("scraped_external_id"),
        tournament: row.get("tournament_name"),
        status: row.get("status"),
        resolved_player_id: row.get("resolved_player_id"),
        candidates: (1..=3).filter_map(candidate).collect(),
    }
}

/// Decides an entry. The name's spelling and the source's id are the player's from then on. Returns the player.
///
/// # Errors
/// Usage when there is no such entry or player, it is decided already, or the spelling or id is another player's; else the
/// server's. Then nothing was changed.
pub fn resolve(
    client: &mut Client,
    entry_id: i32,
    decision: Decision,
    by: &str,
    now: OffsetDateTime,
) -> Result<Option<i32>> {
    let mut transaction = client.transaction()?;
    let row = transaction
        .row_if_any(include_str!("../../sql/identity/review_lock.sql"), &[&entry_id])
        .context(|| "reading player_review_queue")?
        .ok_or_else(|| {
            Error::usage(format!("there is no entry {entry_id}; `teelo identities` lists them"))
        })?;
    let status: &str = row.get("status");
    if status != PENDING {
        return Err(Error::usage(format!("entry {entry_id} is decided already: {status}")));
    }
    let name: &str = row.get("scraped_name");
    let player = match decision {
        Decision::Ignore => None,
        Decision::New => Some(
            transaction
                .row(include_str!("../../sql/identity/player_create.sql"), &[&name::tidy(name), &utc(now)])?
                .get(0),
        ),
        Decision::Player(player) => {
            transaction
                .row_if_any(include_str!("../../sql/identity/player_lock.sql"), &[&player])?
                .ok_or_else(|| Error::usage(format!("there is no player {player}")))?;
            Some(player)
        }
    };
    if let Some(player) = player {
        let source: &str = row.get("scraped_source");
        let is_linked = match row.get("scraped_external_id") {
            Some(external_id) => add_id(&mut transaction, player, source, external_id, now)?,
            None => false,
        };
        add_spelling(&mut transaction, player, name, source, is_linked, now)?;
    }
    let status = if player.is_some() { RESOLVED } else { IGNORED };
    transaction
        .change(
            include_str!("../../sql/identity/review_resolve.sql"),
            &[&entry_id, &status, &player, &by, &utc(now)],
        )
        .context(|| "deciding an entry")?;
    transaction.commit().context(|| "deciding an entry")?;
    Ok(player)
}

/// Adds the spelling. That it is another player's already matters only when nothing else tells the player, no id of the source.
fn add_spelling(
    transaction: &mut Transaction<'_>,
    player: i32,
    name: &str,
    source: &str,
    is_linked: bool,
    now: OffsetDateTime,
) -> Result<()> {
    let alias = name::alias(name);
    catalogue::add_aliases(transaction, &[player], &[&alias], source, now)?;
    let owner: i32 =
        transaction.row(include_str!("../../sql/identity/alias_owner.sql"), &[&alias, &source])?.get(0);
    if owner != player && !is_linked {
        return Err(Error::usage(format!(
            "the spelling {alias:?} of {source} is player {owner}'s already. If both are one person: teelo identities merge \
             {owner} {player}"
        )));
    }
    Ok(())
}

/// Links the source's id, and tells whether it did. Only the tours' own ids have a column.
fn add_id(
    transaction: &mut Transaction<'_>,
    player: i32,
    source: &str,
    external_id: &str,
    now: OffsetDateTime,
) -> Result<bool> {
    let linked = match source {
        "atp" | "wta" | "itf" => transaction
            .row_if_any(
                include_str!("../../sql/identity/id_link.sql"),
                &[&player, &source, &external_id, &utc(now)],
            )
            .context(|| format!("linking the {source} id {external_id}, which may be another player's"))?,
        _ => return Ok(false),
    };
    if linked.is_none() {
        return Err(Error::usage(format!(
            "player {player} has another {source} id already, not {external_id}"
        )));
    }
    Ok(true)
}

/// What the entries of the queue say of names.
#[derive(Debug)]
pub struct KnownEntries(Vec<KnownEntry>);

#[derive(Debug)]
struct KnownEntry {
    source: String,
    normalised: String,
    external_id: Option<String>,
    answer: Answer,
}

impl KnownEntries {
    /// Reads those of these sources, also those that somebody decided without this program.
    ///
    /// # Errors
    /// The server's.
    pub fn read(transaction: &mut Transaction<'_>, sources: &[&str]) -> Result<Self> {
        let rows = transaction
            .rows(include_str!("../../sql/identity/reviews_known.sql"), &[&sources])
            .context(|| "reading player_review_queue")?;
        let known = |row: &Row| {
            let id = row.get("id");
            let answer = match (row.get("resolved_player_id"), row.get("status")) {
                (Some(player), _) => Answer::Player(player),
                (None, IGNORED) => Answer::Ignored(id),
                (None, _) => Answer::Queued(id),
            };
            KnownEntry {
                source: row.get("scraped_source"),
                normalised: name::normalise(row.get("scraped_name")),
                external_id: row.get("scraped_external_id"),
                answer,
            }
        };
        Ok(Self(rows.iter().map(known).collect()))
    }

    /// What the latest entry of this name and id says.
    pub fn answer(&self, asked: &Asked) -> Option<Answer> {
        let is_it = |entry: &&KnownEntry| {
            (entry.source.as_str(), &entry.normalised, &entry.external_id)
                == (asked.source.as_str(), &asked.normalised, &asked.external_id)
        };
        self.0.iter().find(is_it).map(|entry| entry.answer)
    }

    /// Makes an entry that waits; `candidates` with how alike the names are. Returns its id.
    ///
    /// # Errors
    /// The server's.
    pub fn create(
        &mut self,
        transaction: &mut Transaction<'_>,
        asked: &Asked,
        candidates: &[(i32, f64)],
        now: OffsetDateTime,
    ) -> Result<i32> {
        let player = |place: usize| candidates.get(place).map(|(player, _)| *player);
        let confidence = |place: usize| candidates.get(place).map(|(_, likeness)| *likeness);
        let id = transaction
            .row(
                include_str!("../../sql/identity/review_create.sql"),
                &[
                    &asked.name,
                    &asked.source.as_str(),
                    &asked.external_id,
                    &asked.match_external_id,
                    &asked.tournament,
                    &player(0),
                    &confidence(0),
                    &player(1),
                    &confidence(1),
                    &player(2),
                    &confidence(2),
                    &utc(now),
                ],
            )
            .context(|| "adding to player_review_queue")?
            .get(0);
        let new = KnownEntry {
            source: asked.source.as_str().to_owned(),
            normalised: asked.normalised.clone(),
            external_id: asked.external_id.clone(),
            answer: Answer::Queued(id),
        };
        self.0.insert(0, new);
        Ok(id)
    }
}

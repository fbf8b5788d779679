//! What enrichment reads from the database and writes to it.

use std::collections::{BTreeMap, HashMap, HashSet};

use postgres::{Client, GenericClient, Row, Transaction};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::fields::{Facts, Field, Rejected};
use super::namesakes::{Namesakes, Unlisted, compared};
use crate::db::utc;
use crate::error::{Context, Result};
use crate::pipeline::checkpoint;
use crate::pipeline::status_log::timestamp;

/// A source of facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Provider {
    /// Player lists.
    Files,
    /// A program.
    Command,
}

impl Provider {
    /// Every source, in the order in which they are tried unless the owner says otherwise.
    pub const ALL: [Self; 2] = [Self::Files, Self::Command];

    /// Its name in flags and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Files => "files",
            Self::Command => "command",
        }
    }
}

/// Whom to look for.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The time, UTC.
    pub now: OffsetDateTime,
    /// The version of the files; None without files.
    pub version: Option<&'a str>,
    /// Whether a command is there.
    pub has_command: bool,
    /// The newest player at the last checkpoint.
    pub newest_before: i32,
    /// Also those whose next try is later.
    pub everybody: bool,
    /// At most so many; None: all.
    pub limit: Option<i64>,
}

/// A player who misses something and is due.
#[derive(Debug, Clone, Copy)]
pub struct Pending {
    /// `players.id`
    pub id: i32,
    /// They came after the last checkpoint.
    pub is_new: bool,
    /// Look through the files.
    pub files: bool,
    /// Ask the command.
    pub command: bool,
    /// Only their name can be looked for in the files.
    pub by_name: bool,
}

/// A player.
#[derive(Debug, Clone)]
pub struct Player {
    /// `players.id`
    pub id: i32,
    /// The canonical name.
    pub name: String,
    /// The tours' ids.
    pub atp_id: Option<String>,
    /// See `atp_id`.
    pub wta_id: Option<String>,
    /// See `atp_id`.
    pub itf_id: Option<String>,
    /// What is known of them.
    pub facts: Facts,
    /// Gender and id in the archive.
    pub listed: Option<(String, String)>,
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something that was missing is there now.
    Found,
    /// The source knows the player, and nothing that was missing.
    NothingNew,
    /// The source does not know the player.
    NotFound,
    /// The source failed on them.
    Failed,
}

impl Outcome {
    /// The word that the tables and metrics use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::NothingNew => "nothing_new",
            Self::NotFound => "not_found",
            Self::Failed => "failed",
        }
    }
}

/// One source was asked about one player.
#[derive(Debug, Clone)]
pub struct Try {
    /// The source.
    pub provider: Provider,
    /// How it ended.
    pub outcome: Outcome,
    /// The same in words: where the facts stand, or why there are none.
    pub detail: String,
    /// What it says of fields that were missing.
    pub facts: Facts,
    /// What it says of them that cannot be.
    pub rejected: Vec<Rejected>,
}

/// What came of a player.
#[derive(Debug, Clone)]
pub struct Tried {
    /// The player.
    pub player_id: i32,
    /// Every source that was asked.
    pub tries: Vec<Try>,
}

/// The cursor of the checkpoint `key`: the newest player whom a run has seen. None without a checkpoint.
///
/// # Errors
/// The server's.
pub fn read_cursor(client: &mut impl GenericClient, key: &str) -> Result<Option<i32>> {
    let value = checkpoint::read(client, key)?;
    let id = value.as_ref().and_then(|value| value.pointer("/cursor/last_player_id")).and_then(Value::as_i64);
    Ok(id.and_then(|id| i32::try_from(id).ok()))
}

/// The newest player; 0 when there is nobody.
///
/// # Errors
/// The server's.
pub fn read_newest(client: &mut impl GenericClient) -> Result<i32> {
    let row = client.query_one(include_str!("../../sql/players/newest_read.sql"), &[]);
    Ok(row.context(|| "reading players")?.get(0))
}

/// Who is due, in the order in which they are tried.
///
/// # Errors
/// The server's.
pub fn read_pending(client: &mut impl GenericClient, question: &Question<'_>) -> Result<Vec<Pending>> {
    let Question { now, version, has_command, newest_before, everybody, limit } = question;
    let rows = client
        .query(
            include_str!("../../sql/players/pending_read.sql"),
            &[&utc(*now), version, has_command, newest_before, everybody, limit],
        )
        .context(|| "looking for players who miss something")?;
    let pending = rows.iter().map(|row| Pending {
        id: row.get("id"),
        is_new: row.get("is_new"),
        files: row.get("files"),
        command: row.get("command"),
        by_name: row.get("by_name"),
    });
    Ok(pending.collect())
}

/// These players, by id. One who is gone meanwhile is left out.
///
/// # Errors
/// The server's.
pub fn read_players(client: &mut impl GenericClient, ids: &[i32]) -> Result<HashMap<i32, Player>> {
    let rows = client
        .query(include_str!("../../sql/players/players_read.sql"), &[&ids])
        .context(|| "reading players")?;
    let players = rows.iter().map(|row| {
        let player = Player {
            id: row.get("id"),
            name: row.get("canonical_name"),
            atp_id: row.get("atp_id"),
            wta_id: row.get("wta_id"),
            itf_id: row.get("itf_id"),
            facts: known(row, &Field::ALL),
            listed: row.get::<_, Option<String>>("gender").zip(row.get::<_, Option<String>>("external_id")),
        };
        (player.id, player)
    });
    Ok(players.collect())
}

/// The fields of a row that are not null.
fn known(row: &Row, fields: &[Field]) -> Facts {
    let value = |field: &Field| Some((*field, row.get::<_, Option<String>>(field.name())?));
    fields.iter().filter_map(value).collect()
}

/// Everybody who has no id of the archive.
///
/// # Errors
/// The server's.
pub fn read_namesakes(client: &mut impl GenericClient) -> Result<Namesakes> {
    const FACTS: [Field; 4] = [Field::NationalityIoc, Field::BirthDate, Field::Hand, Field::HeightCm];
    let place = || "reading players without an id of the archive";
    let mut players: BTreeMap<i32, Unlisted> = BTreeMap::new();
    for row in client.query(include_str!("../../sql/players/unlisted_read.sql"), &[]).context(place)? {
        let player = players.entry(row.get("id")).or_insert_with(|| Unlisted {
            gender: row.get("gender"),
            facts: known(&row, &FACTS),
            names: Vec::new(),
        });
        if let Some(name) = compared(row.get("name"))
            && !player.names.contains(&name)
        {
            player.names.push(name);
        }
    }
    let taken = client.query(include_str!("../../sql/players/listed_ids_read.sql"), &[]).context(place)?;
    let taken: HashSet<_> = taken.iter().map(|row| (row.get(0), row.get(1))).collect();
    Ok(Namesakes::new(players, taken))
}

/// Writes what came of a batch of players, and the checkpoint with it. Of what sources said only that counts which is missing
/// still: what others wrote meanwhile stays. Returns the batch as it was written: without who is gone, and with what was filled.
///
/// # Errors
/// The server's; retryable when another writer was in the way. Nothing was written then.
pub fn write_batch(client: &mut Client, batch: &[Tried], writing: &Writing<'_>) -> Result<Vec<Tried>> {
    let mut transaction = client.transaction()?;
    let missing = lock(&mut transaction, batch)?;
    let written: Vec<Tried> =
        batch.iter().filter_map(|tried| Some(still_missing(tried, missing.get(&tried.player_id)?))).collect();
    let now = utc(writing.now);
    let fills: Vec<Value> = written.iter().filter_map(filled).collect();
    if !fills.is_empty() {
        transaction
            .execute(include_str!("../../sql/players/players_fill.sql"), &[&json!(fills), &now])
            .context(|| "filling in players")?;
        let values: Vec<Value> = written.iter().flat_map(values).collect();
        transaction
            .execute(include_str!("../../sql/players/values_write.sql"), &[&json!(values), &now])
            .context(|| "noting where values came from")?;
    }
    let tries: Vec<Value> = written.iter().flat_map(|tried| tries(tried, writing.version)).collect();
    transaction
        .execute(include_str!("../../sql/players/tries_write.sql"), &[&json!(tries), &now])
        .context(|| "noting whom the sources were asked about")?;
    let value = json!({
        "cursor": {"last_player_id": writing.cursor},
        "updated_at": timestamp(writing.now),
    });
    checkpoint::write(&mut transaction, writing.checkpoint_key, &value, writing.now)?;
    transaction.commit().context(|| "committing a batch")?;
    Ok(written)
}

/// What a batch is written with.
#[derive(Debug)]
pub struct Writing<'a> {
    /// The time, UTC.
    pub now: OffsetDateTime,
    /// The version of the files.
    pub version: Option<&'a str>,
    /// The checkpoint's key.
    pub checkpoint_key: &'a str,
    /// The newest player whom a run has seen.
    pub cursor: i32,
}

/// Holds the players, and tells what each misses.
fn lock(transaction: &mut Transaction<'_>, batch: &[Tried]) -> Result<HashMap<i32, Vec<Field>>> {
    let ids: Vec<i32> = batch.iter().map(|tried| tried.player_id).collect();
    let rows = transaction
        .query(include_str!("../../sql/players/players_lock.sql"), &[&ids])
        .context(|| "locking players")?;
    let missing = |row: &Row| Field::ALL.into_iter().filter(|field| row.get(field.name())).collect();
    Ok(rows.iter().map(|row| (row.get("id"), missing(row))).collect())
}

/// The same without facts that somebody else has written meanwhile, or an earlier source has given.
fn still_missing(tried: &Tried, missing: &[Field]) -> Tried {
    let mut tried = tried.clone();
    for one in &mut tried.tries {
        one.facts.retain(|field, _| missing.contains(field));
        if one.outcome == Outcome::Found && one.facts.is_empty() {
            one.outcome = Outcome::NothingNew;
        }
    }
    tried
}

/// A player's id and what they get, as the statement takes it; None when they get nothing.
fn filled(tried: &Tried) -> Option<Value> {
    let mut fill = json!({"player_id": tried.player_id});
    for (field, value) in tried.tries.iter().flat_map(|one| &one.facts) {
        fill[field.name()] = json!(value);
    }
    (fill.as_object()?.len() > 1).then_some(fill)
}

fn values(tried: &Tried) -> impl Iterator<Item = Value> {
    tried.tries.iter().flat_map(|one| {
        one.facts.iter().map(|(field, value)| {
            json!({
                "player_id": tried.player_id,
                "field": field.name(),
                "value": value,
                "provider": one.provider.name(),
                "origin": one.detail,
            })
        })
    })
}

fn tries<'a>(tried: &'a Tried, version: Option<&'a str>) -> impl Iterator<Item = Value> + 'a {
    tried.tries.iter().map(move |one| {
        json!({
            "player_id": tried.player_id,
            "provider": one.provider.name(),
            "outcome": one.outcome.name(),
            "detail": one.detail,
            "rejected": one.rejected,
            "version": version.filter(|_| one.provider == Provider::Files),
        })
    })
}

//! What the rating of a pass reads: statements prepared once a session, each one round trip.

use std::collections::HashMap;

use postgres::{Client, Statement};

use super::matches::{Window, window_of_rows};
use super::pending::{Pending, pending_of_row};
use super::states::{STATES_DERIVE, StateBefore, derive_states, state_before, stored_states};
use crate::db;
use crate::elo::params::Parameters;
use crate::elo::rating::PlayerState;
use crate::elo::replay::Position;
use crate::error::{Context, Result};

/// A year in the date that begins a temporal order.
const TEMPORAL_ORDER_YEAR: i64 = 10_000 * 10_000_000;

/// Opens a session of the ELO stage.
///
/// # Errors
/// Unreachable, or the server's.
pub fn connect(database_url: &str) -> Result<Client> {
    let mut client = db::connect(database_url, "elo")?;
    client
        .batch_execute(include_str!("../../../sql/elo/session_configure.sql"))
        .context(|| "configuring the session")?;
    Ok(client)
}

/// A session that reads.
pub struct Reader<'a> {
    client: &'a mut Client,
    pending: Statement,
    window: Statement,
    states: Statement,
    derive_states: Option<Statement>,
}

impl<'a> Reader<'a> {
    /// Prepares the statements.
    ///
    /// # Errors
    /// The server's.
    pub fn new(client: &'a mut Client) -> Result<Self> {
        let pending = client.prepare(include_str!("../../../sql/elo/pending_read.sql"))?;
        let window = client.prepare(include_str!("../../../sql/elo/matches_read.sql"))?;
        let states = client.prepare(include_str!("../../../sql/elo/states_read.sql"))?;
        Ok(Self { client, pending, window, states, derive_states: None })
    }

    /// What is pending from `first` on, in order, at most `limit` rows.
    ///
    /// # Errors
    /// The server's.
    pub fn pending(&mut self, first: Position, limit: i64) -> Result<Vec<Pending>> {
        let rows = self
            .client
            .query(&self.pending, &[&first.temporal_order, &first.match_id, &limit])
            .context(|| "reading what is pending")?;
        Ok(rows.iter().map(pending_of_row).collect())
    }

    /// At most `limit` matches from `first` on.
    ///
    /// # Errors
    /// The server's.
    pub fn window(&mut self, first: Position, limit: i64, version: &str) -> Result<Window> {
        let rows = self
            .client
            .query(&self.window, &[&first.temporal_order, &first.match_id, &limit, &version])
            .context(|| "reading matches")?;
        Ok(window_of_rows(&rows))
    }

    /// The stored states of `players`; who has none is left out.
    ///
    /// # Errors
    /// The server's.
    pub fn states(&mut self, players: &[i32]) -> Result<HashMap<i32, PlayerState>> {
        let rows = self.client.query(&self.states, &[&players]).context(|| "reading player states")?;
        Ok(stored_states(&rows))
    }

    /// The states of `players` just before `position`, as the stored ratings imply them; who had no match is left out.
    ///
    /// # Errors
    /// The server's.
    pub fn derive_states(
        &mut self,
        parameters: &Parameters,
        players: &[i32],
        position: Position,
    ) -> Result<HashMap<i32, PlayerState>> {
        if players.is_empty() {
            return Ok(HashMap::new());
        }
        let statement = match &self.derive_states {
            Some(statement) => statement,
            None => self.derive_states.insert(self.client.prepare(STATES_DERIVE)?),
        };
        derive_states(self.client, statement, parameters, players, position)
    }

    /// The states just before `position` of the players with a rated match from there on, as far as they can be told by the
    /// stored states, the matches from there on and those of a year before. `mark`: the pending row that does not count.
    ///
    /// # Errors
    /// The server's.
    pub fn states_before(&mut self, position: Position, mark: Option<i64>) -> Result<Vec<StateBefore>> {
        let from = position.temporal_order.saturating_sub(TEMPORAL_ORDER_YEAR);
        let mut transaction = self.client.transaction()?;
        transaction.batch_execute(include_str!("../../../sql/elo/states_before_configure.sql"))?;
        let rows = transaction
            .query(
                include_str!("../../../sql/elo/states_before.sql"),
                &[&position.temporal_order, &position.match_id, &from, &mark],
            )
            .context(|| "reading the states of all players")?;
        transaction.rollback()?;
        Ok(rows.iter().map(state_before).collect())
    }

    /// Whether any ratable match lies before `position`.
    ///
    /// # Errors
    /// The server's.
    pub fn any_match_before(&mut self, position: Position) -> Result<bool> {
        let row = self
            .client
            .query_one(
                include_str!("../../../sql/elo/rated_before.sql"),
                &[&position.temporal_order, &position.match_id],
            )
            .context(|| "looking for earlier matches")?;
        Ok(row.get(0))
    }
}

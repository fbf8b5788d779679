//! Ratings match by match, in the transaction that brings the matches in, as the Python scripts do it: for comparison during the
//! change-over only (ENABLE_LIVE_ELO_INGEST). It knows nothing of what came late or was corrected: the matches stay pending, and the
//! stage [`super::stage`] makes the ratings exact afterwards.

use postgres::{Client, Transaction};
use time::OffsetDateTime;

use super::rating::Rater;
use super::store::{LiveStatements, pending_of, read_parameters};
use crate::db::utc;
use crate::error::Result;

/// Rates matches as they come in.
#[derive(Debug)]
pub struct LiveRater(Rater);

impl LiveRater {
    /// Under the parameters in force.
    ///
    /// # Errors
    /// A wrong parameter set, or the server's.
    pub fn new(client: &mut Client) -> Result<Self> {
        Ok(Self(Rater::new(read_parameters(client)?)))
    }

    /// Rates those of these matches that are pending, from the states that their players have now.
    ///
    /// # Errors
    /// The server's.
    pub fn rate(
        &self,
        transaction: &mut Transaction<'_>,
        match_ids: &[i32],
        now: OffsetDateTime,
    ) -> Result<()> {
        let pending = pending_of(transaction, match_ids)?;
        if pending.is_empty() {
            return Ok(());
        }
        let statements = LiveStatements::new(transaction)?;
        let version = &self.0.parameters().version;
        for match_id in pending {
            let window = statements.read_match(transaction, match_id)?;
            let Some(found) = window.matches.first() else { continue };
            let players = [found.player_a_id, found.player_b_id];
            let before = statements.read_states(transaction, players)?;
            let [before_a, before_b] = players.map(|player| before.get(&player));
            // What cannot be stored is left to the stage, which says so.
            let Ok(ratings) = self.0.rate(&found.input, before_a, before_b) else { continue };
            let after = [
                (players[0], self.0.advance(before_a, &found.input, ratings.post_a)),
                (players[1], self.0.advance(before_b, &found.input, ratings.post_b)),
            ];
            statements.write(transaction, (found.id, &ratings), after, (version, utc(now)))?;
        }
        Ok(())
    }
}

//! Places of a draw: who meets whom, and who has a bye.

use super::fixture::pair_of;
use super::{Applied, Book, Pair, Standing};
use crate::ingest::documents::draw::{DrawRecord, Place};

impl Book {
    /// Applies a place of a draw; `players` are its players, in order. A match that is over is never changed by it, but for the
    /// place and the seeds that it lacks.
    pub fn apply_draw(&mut self, edition_id: i32, record: &DrawRecord, players: &[i32]) -> Applied {
        let key = (edition_id, record.round.clone(), record.position);
        match (&record.place, players) {
            (Place::Pair { players: entrants, .. }, &[a, b]) => {
                self.places.remove(&key);
                let pair = Pair { players: [a, b], seeds: [entrants[0].seed, entrants[1].seed] };
                self.apply_pair(edition_id, record, pair);
            }
            (Place::Bye(entrant), &[player]) => {
                self.stand(key, Standing { players: [Some(player), None], seed: entrant.seed, is_bye: true });
            }
            (Place::Open { players: [Some(entrant), _] }, &[player]) => {
                self.stand(
                    key,
                    Standing { players: [Some(player), None], seed: entrant.seed, is_bye: false },
                );
            }
            (Place::Open { players: [_, Some(entrant)] }, &[player]) => {
                self.stand(
                    key,
                    Standing { players: [None, Some(player)], seed: entrant.seed, is_bye: false },
                );
            }
            _ => _ = self.places.remove(&key),
        }
        Applied::Taken
    }

    /// One player stands in a place. A match there that is yet to come is off when it is without them, or when they have a bye.
    fn stand(&mut self, key: super::PlaceKey, standing: Standing) {
        let [a, b] = standing.players;
        for place in self.occupants(key.0, &key.1, key.2) {
            let fixture = &mut self.fixtures[place];
            let is_in_it = [a, b].into_iter().flatten().any(|player| fixture.has(player));
            if fixture.is_pending() && (standing.is_bye || !is_in_it) {
                fixture.cancel();
            }
        }
        self.places.insert(key, standing);
    }

    fn apply_pair(&mut self, edition_id: i32, record: &DrawRecord, pair: Pair) {
        let (round, position) = (record.round.as_str(), record.position);
        let occupants = self.occupants(edition_id, round, position);
        let is_others = |place: &usize| self.fixtures[*place].pair() != pair_of(pair.players);
        let (others, own): (Vec<usize>, Vec<usize>) = occupants.into_iter().partition(is_others);
        if own.is_empty() && others.iter().any(|place| self.fixtures[*place].is_terminal()) {
            // Two others have played here: this pairing is an older one.
            self.superseded += 1;
            return;
        }
        let replaces = self.cancel_pending(&others);
        let seated = self.seat((edition_id, round, position), record.event.source, pair, replaces);
        let Some(place) = seated else { return };
        let fixture = &mut self.fixtures[place];
        if let Place::Pair { decision: Some(decision), .. } = &record.place
            && fixture.is_pending()
        {
            fixture.set_decision(decision, decision.retirement_set(), pair.players);
        }
    }
}

//! Results: how a match ended.

use time::PrimitiveDateTime;

use super::fixture::Fixture;
use super::{Applied, Book, Pair};
use crate::ingest::documents::decision::Decision;
use crate::ingest::documents::entrant::Side;
use crate::ingest::documents::results::ResultRecord;
use crate::ingest::rejects::Reason;
use crate::ingest::score::{Status, structured};
use crate::ingest::temporal::Round;

impl Book {
    /// Applies a result: to the match of this id, else to the match of the two players in this round, else to a new one. An id that
    /// the source gives and that is another pair's is refused, whatever else is known of the two.
    pub fn apply_result(&mut self, edition_id: i32, record: &ResultRecord, players: [i32; 2]) -> Applied {
        let source = record.event.source;
        let derived = self.external_id(edition_id, &record.round, source, players);
        let of_id = |id: &Option<String>| id.as_ref().and_then(|id| self.by_external_id.get(id)).copied();
        let is_theirs = |place: &usize| self.fixtures[*place].pair() == super::pair_of(players);
        let own = of_id(&record.external_id);
        if let Some(other) = own.filter(|place| !is_theirs(place)) {
            let fixture = &self.fixtures[other];
            let expected = format!(
                "another id, or the players {} and {}: those of match {} with this id",
                fixture.player_a_id,
                fixture.player_b_id,
                fixture.id.map_or("earlier in this file".to_owned(), |id| id.to_string())
            );
            return Applied::Refused(Reason::ConflictingId, expected);
        }
        let found = own
            .or_else(|| of_id(&derived).filter(is_theirs))
            .or_else(|| self.meeting(edition_id, &record.round, players))
            .filter(|place| !self.is_another_meeting(*place, record, &derived));
        let pair = Pair { players, seeds: [record.players[0].seed, record.players[1].seed] };
        let place = match found {
            Some(place) => place,
            None => self.create(edition_id, &record.round, source, pair),
        };
        self.touched.insert(place);
        self.set_external_id(place, record.external_id.as_deref(), derived);
        self.move_to(place, edition_id, &record.round);
        let fixture = &mut self.fixtures[place];
        fixture.set_seeds(players, pair.seeds);
        fixture.set_result(record, players);
        Applied::Taken
    }

    /// Two players can meet again in a round robin: then the source gives each match an id of its own.
    fn is_another_meeting(&self, place: usize, record: &ResultRecord, derived: &Option<String>) -> bool {
        let known = &self.fixtures[place].external_id;
        Round::of(&record.round).repeatable
            && record.external_id.is_some()
            && known.is_some()
            && known != derived
            && *known != record.external_id
    }

    /// The source may correct the round, or the edition, of its own match. Where it goes, it takes the place of a match of the same
    /// players that is yet to come.
    fn move_to(&mut self, place: usize, edition_id: i32, round: &str) {
        let fixture = &self.fixtures[place];
        if (fixture.tournament_edition_id, fixture.round.as_str()) == (edition_id, round) {
            return;
        }
        let players = [fixture.player_a_id, fixture.player_b_id];
        let expected = self.meeting(edition_id, round, players).filter(|at| self.fixtures[*at].is_pending());
        let replaced = expected.map(|at| {
            let replaced = self.fixtures[at].clone();
            self.fixtures[at].cancel();
            replaced
        });
        let fixture = &mut self.fixtures[place];
        fixture.tournament_edition_id = edition_id;
        fixture.round = round.to_owned();
        fixture.draw_position = None;
        if let Some(replaced) = replaced {
            fixture.draw_position = replaced.draw_position;
            fixture.fill_seeds(players, players.map(|player| replaced.seed_of(player)));
            if fixture.scheduled_date.is_none() {
                fixture.scheduled_date = replaced.scheduled_date;
                fixture.scheduled_datetime = replaced.scheduled_datetime;
                fixture.court = fixture.court.take().or(replaced.court);
            }
        }
        self.index(place);
    }

    /// The source's own id of a match wins over the one that follows from the players, whichever came first.
    fn set_external_id(&mut self, place: usize, own: Option<&str>, derived: Option<String>) {
        let current = &self.fixtures[place].external_id;
        let wanted = match own {
            Some(own) if current.is_none() || *current == derived => Some(own.to_owned()),
            None if current.is_none() => derived,
            _ => None,
        };
        let Some(id) = wanted.filter(|id| !self.by_external_id.contains_key(id)) else { return };
        self.by_external_id.insert(id.clone(), place);
        self.fixtures[place].external_id = Some(id);
    }
}

impl Fixture {
    /// Sets the result and what came with it. What the record does not tell stays as it is.
    fn set_result(&mut self, record: &ResultRecord, players: [i32; 2]) {
        self.match_number = record.match_number.or(self.match_number);
        match &record.decision {
            Some(decision) => self.set_decision(decision, record.retirement_set, players),
            None => {
                self.cancel();
                self.winner_id = None;
                self.score = None;
                self.score_structured = None;
                self.retirement_set = None;
            }
        }
        if let Some(date) = record.date {
            if self.match_date != Some(date) {
                self.match_datetime = None;
            }
            self.match_date = Some(date);
            self.match_date_estimated = false;
            self.match_datetime =
                record.time.map(|time| PrimitiveDateTime::new(date, time)).or(self.match_datetime);
        }
        self.duration_minutes = record.duration_minutes.or(self.duration_minutes);
        if let Some(stats) = &record.stats {
            self.stats = Some(stats.clone().into());
        }
    }

    /// Sets who won and how. A record that tells no more than the winner takes nothing away from a result of the same winner.
    pub(super) fn set_decision(
        &mut self,
        decision: &Decision,
        retirement_set: Option<i32>,
        players: [i32; 2],
    ) {
        let winner = players[usize::from(decision.winner == Side::B)];
        let tells_only_winner = decision.score_text.is_none() && decision.status == Status::Completed;
        if tells_only_winner && self.is_terminal() && self.winner_id == Some(winner) {
            return;
        }
        self.winner_id = Some(winner);
        self.status = decision.status.as_str().to_owned();
        self.score.clone_from(&decision.score_text);
        self.score_structured = decision
            .score
            .sets
            .as_ref()
            .and_then(|sets| serde_json::from_str(&structured(sets, winner == self.player_a_id)).ok());
        self.retirement_set = retirement_set;
    }
}

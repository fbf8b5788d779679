//! Who the names of a feed are, in the order of the contract: by the source's id, by the exact spelling, by an abbreviation, by a
//! spelling that is all but the same; else, when several may be meant, a person decides; else it is a new player.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use postgres::Transaction;
use time::OffsetDateTime;

use super::people::{Found, People, Person, Wanted};
use super::review::KnownEntries;
use super::similarity::Abbreviated;
use crate::db::{OneTrip, utc};
use crate::error::{Context, Error, Result};
use crate::ingest::documents::event::{Gender, Source};
use crate::ingest::name;

/// A name in a feed, and what the feed says of the player.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Who publishes it.
    pub source: Source,
    /// Whose event it is.
    pub gender: Gender,
    /// As written.
    pub name: String,
    /// See [`name::normalise`].
    pub normalised: String,
    /// The source's id of the player.
    pub external_id: Option<String>,
    /// Three letters.
    pub nationality: Option<String>,
    /// Where the name was met first, for a person who has to decide.
    pub tournament: String,
    /// The id of the match in which it was met first.
    pub match_external_id: Option<String>,
}

/// Who a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// This player.
    Player(i32),
    /// Nobody can tell: this entry of the review queue waits.
    Queued(i32),
    /// A person said that it is nobody: in this entry of the review queue.
    Ignored(i32),
}

/// Who all the names are.
#[derive(Debug, Default)]
pub struct Resolved {
    /// In the order of the names.
    pub answers: Vec<Answer>,
    /// Players who were not there.
    pub created: u64,
    /// Players who were there and had no id of the source.
    pub linked: u64,
    /// New entries of the review queue.
    pub queued: u64,
}

/// Finds or makes the players of `asked`, each of which is there once. Called under a lock that keeps others from making the same
/// player. After an error `people` must not be used again.
///
/// # Errors
/// The server's; retryable also when another program gave a player an id meanwhile: the same call on fresh `people` fares better.
pub fn resolve(
    transaction: &mut Transaction<'_>,
    people: &mut People,
    asked: &[Asked],
    now: OffsetDateTime,
) -> Result<Resolved> {
    let known = known_by_id(transaction, asked)?;
    let mut work = Work { people, fresh: Vec::new(), links: BTreeMap::new(), by_id: known, queued: 0 };
    if asked.iter().any(|one| work.by_its_id(one).is_none()) {
        work.people.refresh(transaction, None)?;
        let sources: BTreeSet<&str> = asked.iter().map(|one| one.source.as_str()).collect();
        let mut entries = KnownEntries::read(transaction, &sources.into_iter().collect::<Vec<_>>())?;
        // Whom an abbreviation is short for may be named in full further down.
        let (short, full): (Vec<usize>, Vec<usize>) =
            (0..asked.len()).partition(|place| Abbreviated::of(&asked[*place].normalised).is_some());
        let mut answers = vec![Answer::Player(0); asked.len()];
        for place in full.into_iter().chain(short) {
            answers[place] = work.answer(transaction, &asked[place], &mut entries, now)?;
        }
        return work.finish(transaction, asked, answers, now);
    }
    let answers = asked.iter().filter_map(|one| work.by_its_id(one)).map(Answer::Player).collect();
    work.finish(transaction, asked, answers, now)
}

/// The players whom the sources' ids tell.
fn known_by_id(transaction: &mut Transaction<'_>, asked: &[Asked]) -> Result<HashMap<(Source, String), i32>> {
    let mut wanted: BTreeMap<Source, Vec<&str>> = BTreeMap::new();
    for one in asked {
        if let Some(id) = &one.external_id {
            wanted.entry(one.source).or_default().push(id);
        }
    }
    let mut known = HashMap::new();
    for (source, ids) in wanted {
        let rows = transaction
            .rows(include_str!("../../sql/identity/players_of_ids.sql"), &[&source.as_str(), &ids])
            .context(|| "looking players up by their ids")?;
        known.extend(rows.iter().map(|row| ((source, row.get("external_id")), row.get("id"))));
    }
    Ok(known)
}

/// What is decided and not written yet.
struct Work<'a> {
    people: &'a mut People,
    /// Players to be made; the place n here is the person -1 - n until then.
    fresh: Vec<Asked>,
    /// Ids to be linked, by source.
    links: BTreeMap<Source, Vec<(i32, String)>>,
    by_id: HashMap<(Source, String), i32>,
    queued: u64,
}

impl Work<'_> {
    fn by_its_id(&self, one: &Asked) -> Option<i32> {
        self.by_id.get(&(one.source, one.external_id.clone()?)).copied()
    }

    fn answer(
        &mut self,
        transaction: &mut Transaction<'_>,
        one: &Asked,
        entries: &mut KnownEntries,
        now: OffsetDateTime,
    ) -> Result<Answer> {
        if let Some(player) = self.by_its_id(one) {
            return Ok(Answer::Player(player));
        }
        let told = entries.answer(one);
        match told {
            Some(Answer::Player(player)) => {
                self.link(player, one);
                return Ok(Answer::Player(player));
            }
            Some(Answer::Ignored(entry)) => return Ok(Answer::Ignored(entry)),
            Some(Answer::Queued(_)) | None => {}
        }
        let external_id = one.external_id.as_deref();
        let wanted =
            Wanted { normalised: &one.normalised, source: one.source, gender: one.gender, external_id };
        Ok(match self.people.find(&wanted) {
            Found::One(player) => {
                self.link(player, one);
                Answer::Player(player)
            }
            Found::Nobody => Answer::Player(self.plan_new(one)),
            Found::Several(candidates) => match told {
                Some(queued) => queued,
                None => {
                    // Who is not made yet cannot be shown.
                    let shown: Vec<_> = candidates.into_iter().filter(|(player, _)| *player > 0).collect();
                    self.queued += 1;
                    Answer::Queued(entries.create(transaction, one, &shown, now)?)
                }
            },
        })
    }

    /// Notes that a player has the source's id, when the feed gives one.
    fn link(&mut self, player: i32, one: &Asked) {
        let Some(external_id) = &one.external_id else { return };
        // One who has an id already keeps it: a person may have decided that somebody has two.
        let Some(person) = self.people.person_mut(player).filter(|person| !person.has_id(one.source)) else {
            return;
        };
        person.set_id(one.source, external_id);
        self.by_id.insert((one.source, external_id.clone()), player);
        self.links.entry(one.source).or_default().push((player, external_id.clone()));
    }

    /// A new player, under an id of its own until it is made.
    fn plan_new(&mut self, one: &Asked) -> i32 {
        let person = -1 - i32::try_from(self.fresh.len()).unwrap_or(i32::MAX - 1);
        self.fresh.push(one.clone());
        self.people.add(person, Person::new(one.gender));
        // As it will be read the next time: a spelling of a source is that of who came first.
        let is_free = !self.people.has_spelling(one.source, &one.normalised);
        self.people.add_spelling(person, is_free.then_some(one.source), one.normalised.clone());
        self.link(person, one);
        person
    }

    /// Writes what was decided.
    fn finish(
        self,
        transaction: &mut Transaction<'_>,
        asked: &[Asked],
        mut answers: Vec<Answer>,
        now: OffsetDateTime,
    ) -> Result<Resolved> {
        let (made, mut linked) = (self.make(transaction, now)?, 0);
        for answer in &mut answers {
            if let Answer::Player(player) = answer {
                *player = made_id(&made, *player);
            }
        }
        for (person, id) in made.iter().enumerate() {
            self.people.rename(-1 - person as i32, *id);
        }
        for (source, links) in self.links {
            // Those of new players were written with them.
            let old: Vec<(i32, String)> = links.into_iter().filter(|(player, _)| *player > 0).collect();
            linked += write_links(transaction, source, old, now)?;
        }
        keep_names(transaction, asked, &answers, now)?;
        Ok(Resolved { answers, created: made.len() as u64, linked, queued: self.queued })
    }

    /// Makes the new players; returns their ids in order.
    fn make(&self, transaction: &mut Transaction<'_>, now: OffsetDateTime) -> Result<Vec<i32>> {
        if self.fresh.is_empty() {
            return Ok(Vec::new());
        }
        let column = |of: fn(&Asked) -> Option<String>| self.fresh.iter().map(of).collect::<Vec<_>>();
        // An id that came with another spelling of the same new player, later in the file, is theirs too.
        let ids = |source: Source| -> Vec<Option<String>> {
            let mut ids = vec![None; self.fresh.len()];
            for (player, id) in self.links.get(&source).into_iter().flatten().filter(|link| link.0 < 0) {
                ids[usize::try_from(-1 - player).unwrap_or_default()] = Some(id.clone());
            }
            ids
        };
        let names = column(|one| Some(name::display(&one.name)));
        let nationalities = column(|one| one.nationality.clone());
        let genders = column(|one| Some(one.gender.as_str().to_owned()));
        let (atp, wta, itf) = (ids(Source::Atp), ids(Source::Wta), ids(Source::Itf));
        let rows = transaction
            .rows(
                include_str!("../../sql/identity/players_add.sql"),
                &[&names, &nationalities, &genders, &atp, &wta, &itf, &utc(now)],
            )
            .context(|| "making players")?;
        Ok(rows.iter().map(|row| row.get("id")).collect())
    }
}

/// The id of a player; of one who was about to be made, the id that they have now.
fn made_id(made: &[i32], player: i32) -> i32 {
    usize::try_from(-1 - player).ok().and_then(|place| made.get(place)).copied().unwrap_or(player)
}

/// Links ids to players who were there; returns how many.
fn write_links(
    transaction: &mut Transaction<'_>,
    source: Source,
    links: Vec<(i32, String)>,
    now: OffsetDateTime,
) -> Result<u64> {
    if links.is_empty() {
        return Ok(0);
    }
    let (players, ids): (Vec<i32>, Vec<String>) = links.into_iter().unzip();
    let linked = transaction
        .change(
            include_str!("../../sql/identity/ids_link.sql"),
            &[&source.as_str(), &players, &ids, &utc(now)],
        )
        .context(|| "linking ids to players")?;
    if linked < players.len() as u64 {
        return Err(Error::conflict(format!(
            "another program gave one of the players {players:?} an id of {} at the same time",
            source.as_str()
        )));
    }
    Ok(linked)
}

/// Keeps the spellings by which players were named, and nationalities that were not known.
fn keep_names(
    transaction: &mut Transaction<'_>,
    asked: &[Asked],
    answers: &[Answer],
    now: OffsetDateTime,
) -> Result<()> {
    let player = |answer: &Answer| match answer {
        Answer::Player(player) => Some(*player),
        _ => None,
    };
    let named: Vec<(i32, &Asked)> =
        answers.iter().zip(asked).filter_map(|(answer, one)| Some((player(answer)?, one))).collect();
    if named.is_empty() {
        return Ok(());
    }
    let players: Vec<i32> = named.iter().map(|(player, _)| *player).collect();
    let aliases: Vec<String> = named.iter().map(|(_, one)| name::alias(&one.name)).collect();
    let sources: Vec<&str> = named.iter().map(|(_, one)| one.source.as_str()).collect();
    let nationalities: Vec<Option<&str>> = named.iter().map(|(_, one)| one.nationality.as_deref()).collect();
    transaction
        .change(
            include_str!("../../sql/identity/names_keep.sql"),
            &[&players, &aliases, &sources, &nationalities, &utc(now)],
        )
        .context(|| "keeping spellings and nationalities")?;
    Ok(())
}

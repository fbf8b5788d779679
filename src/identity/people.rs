//! Everybody who may be meant by a name: the players of the database by every spelling of their names. Read once a run, and what
//! was added since before each use.

use std::collections::{BTreeMap, HashMap};

use postgres::{Row, Transaction};
use time::Date;

use super::similarity::{Abbreviated, Trigrams};
use crate::db::OneTrip;
use crate::error::{Context, Result};
use crate::ingest::documents::event::{Gender, Source};
use crate::ingest::name;

/// Names at least so alike are one player's, when there is only one such player.
const SAME: f64 = 0.98;
/// Players whose names are at least so alike may be meant: with two of them a person has to decide. An abbreviation that fits is
/// as good.
const ALIKE: f64 = 0.95;
/// As many candidates a person is shown.
const SHOWN_MAX: usize = 3;

/// A player of the database, or one who is about to be made.
#[derive(Debug)]
pub struct Person {
    /// Whose events they play; None when nothing tells.
    pub gender: Option<Gender>,
    /// When they were born.
    pub birth_date: Option<Date>,
    /// Ids of the sources, in the order atp, wta, itf.
    ids: [Option<String>; 3],
}

impl Person {
    /// A person known only by what a feed says.
    pub fn new(gender: Gender) -> Self {
        Self { gender: Some(gender), birth_date: None, ids: [None, None, None] }
    }

    /// Notes the source's id.
    pub fn set_id(&mut self, source: Source, external_id: &str) {
        self.ids[source as usize] = Some(external_id.to_owned());
    }

    /// Whether the source's id is known.
    pub fn has_id(&self, source: Source) -> bool {
        self.ids[source as usize].is_some()
    }

    fn of_row(row: &Row) -> Self {
        let gender: Option<&str> = row.get("gender");
        Self {
            gender: gender.map(|word| if word == "men" { Gender::Men } else { Gender::Women }),
            birth_date: row.get("birth_date"),
            ids: [row.get("atp_id"), row.get("wta_id"), row.get("itf_id")],
        }
    }

    /// Whether this can be the one: not of the other gender, and without another id of the same source.
    fn can_be(&self, wanted: &Wanted<'_>) -> bool {
        let own = self.ids[wanted.source as usize].as_deref();
        self.gender.is_none_or(|gender| gender == wanted.gender)
            && own.zip(wanted.external_id).is_none_or(|(own, wanted)| own == wanted)
    }
}

/// One spelling of a person's name.
#[derive(Debug)]
struct Spelling {
    person: i32,
    /// Who spells it so; None: the name itself, or a source of others.
    source: Option<Source>,
    name: String,
    trigrams: Trigrams,
}

/// Who is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The name, normalised.
    pub normalised: &'a str,
    /// Who spells it so.
    pub source: Source,
    /// Whose event it is.
    pub gender: Gender,
    /// The source's id, which is nobody's yet.
    pub external_id: Option<&'a str>,
}

/// Who may be meant.
#[derive(Debug, PartialEq)]
pub enum Found {
    /// This player.
    One(i32),
    /// One of several: nobody can tell which. The best first, with how alike the names are.
    Several(Vec<(i32, f64)>),
    /// Nobody who is known.
    Nobody,
}

/// The players of the database.
#[derive(Debug, Default)]
pub struct People {
    persons: HashMap<i32, Person>,
    spellings: Vec<Spelling>,
    /// Places in `spellings`.
    by_name: HashMap<String, Vec<usize>>,
    /// The same by the last word of the name, which an abbreviation has too.
    by_last_word: HashMap<String, Vec<usize>>,
    last_player_id: i32,
    last_alias_id: i32,
}

impl People {
    /// Reads who was added since the last time. Players who have an id of the source `left_out` are left out.
    ///
    /// # Errors
    /// The server's.
    pub fn refresh(&mut self, transaction: &mut Transaction<'_>, left_out: Option<&str>) -> Result<()> {
        let players = transaction
            .rows(include_str!("../../sql/identity/people_read.sql"), &[&self.last_player_id, &left_out])
            .context(|| "reading players")?;
        for row in players {
            let id = row.get("id");
            self.add(id, Person::of_row(&row));
            self.add_spelling(id, None, name::normalise(row.get("canonical_name")));
            self.last_player_id = id;
        }
        let aliases = transaction
            .rows(include_str!("../../sql/identity/spellings_read.sql"), &[&self.last_alias_id])
            .context(|| "reading spellings")?;
        for row in aliases {
            let person = row.get("player_id");
            self.last_alias_id = row.get("id");
            if self.persons.contains_key(&person) {
                let source = source_of_alias(row.get("source"));
                self.add_spelling(person, source, name::normalise(row.get("alias")));
            }
        }
        Ok(())
    }

    /// Adds a person; `id` is below zero for one who is about to be made.
    pub fn add(&mut self, id: i32, person: Person) {
        self.persons.insert(id, person);
    }

    /// Adds a spelling of a person.
    pub fn add_spelling(&mut self, person: i32, source: Option<Source>, name: String) {
        let namesakes = self.by_name.entry(name.clone()).or_default();
        let is_known = |place: &usize| {
            let spelling = &self.spellings[*place];
            (spelling.person, spelling.source) == (person, source)
        };
        if !namesakes.iter().any(is_known) {
            namesakes.push(self.spellings.len());
            let last_word = last_word(&name).to_owned();
            self.by_last_word.entry(last_word).or_default().push(self.spellings.len());
            self.spellings.push(Spelling { person, source, trigrams: Trigrams::of(&name), name });
        }
    }

    /// Whether somebody is spelled so by this source.
    pub fn has_spelling(&self, source: Source, name: &str) -> bool {
        let places = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        places.iter().any(|place| self.spellings[*place].source == Some(source))
    }

    /// Gives a person who was about to be made the id that they have now.
    pub fn rename(&mut self, id: i32, made: i32) {
        if let Some(person) = self.persons.remove(&id) {
            self.persons.insert(made, person);
            self.spellings
                .iter_mut()
                .filter(|spelling| spelling.person == id)
                .for_each(|spelling| spelling.person = made);
        }
    }

    /// A person.
    pub fn person_mut(&mut self, id: i32) -> Option<&mut Person> {
        self.persons.get_mut(&id)
    }

    /// The persons of this normalised name, in the order of their ids.
    pub fn named(&self, name: &str) -> impl Iterator<Item = (i32, &Person)> {
        let places = self.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let ids = places.iter().map(|place| (self.spellings[*place].person, ()));
        ids.collect::<BTreeMap<_, _>>().into_keys().filter_map(|id| Some((id, self.persons.get(&id)?)))
    }

    /// Who is meant, when the source's id does not tell: by the exact spelling of this source, of anybody; by an abbreviation that
    /// fits one player only; by a spelling that is all but the same.
    pub fn find(&self, wanted: &Wanted<'_>) -> Found {
        let places = self.by_name.get(wanted.normalised).map_or(&[][..], Vec::as_slice);
        let exact = || places.iter().map(|place| &self.spellings[*place]);
        let of_source = exact().filter(|spelling| spelling.source == Some(wanted.source));
        if let Some(one) = self.only(of_source, wanted).or_else(|| self.only(exact(), wanted)) {
            return Found::One(one);
        }
        let candidates = self.candidates(wanted);
        let same: Vec<i32> =
            candidates.iter().filter(|(_, likeness)| *likeness >= SAME).map(|(id, _)| *id).collect();
        match (same.as_slice(), candidates.as_slice()) {
            ([one], _) => Found::One(*one),
            ([], [(one, _)]) if Abbreviated::of(wanted.normalised).is_some() => Found::One(*one),
            ([], [] | [_]) => Found::Nobody,
            (_, several) => Found::Several(several.iter().copied().take(SHOWN_MAX).collect()),
        }
    }

    /// The only person among these spellings who can be meant.
    fn only<'a>(&self, spellings: impl Iterator<Item = &'a Spelling>, wanted: &Wanted<'_>) -> Option<i32> {
        let mut possible = spellings.map(|spelling| spelling.person).filter(|id| self.can_be(*id, wanted));
        let first = possible.next()?;
        possible.all(|other| other == first).then_some(first)
    }

    fn can_be(&self, id: i32, wanted: &Wanted<'_>) -> bool {
        self.persons.get(&id).is_some_and(|person| person.can_be(wanted))
    }

    /// Who may be meant, the best first.
    fn candidates(&self, wanted: &Wanted<'_>) -> Vec<(i32, f64)> {
        let trigrams = Trigrams::of(wanted.normalised);
        let mut best: BTreeMap<i32, f64> = BTreeMap::new();
        let mut note = |spelling: &Spelling, likeness: f64| {
            if self.can_be(spelling.person, wanted) {
                let known = best.entry(spelling.person).or_insert(likeness);
                *known = known.max(likeness);
            }
        };
        for spelling in &self.spellings {
            if let Some(likeness) = spelling.trigrams.similarity(&trigrams, ALIKE) {
                note(spelling, likeness);
            }
        }
        if let Some(short) = Abbreviated::of(wanted.normalised) {
            let places = self.by_last_word.get(short.last_word()).map_or(&[][..], Vec::as_slice);
            let long = places.iter().map(|place| &self.spellings[*place]);
            long.filter(|long| short.fits(&long.name)).for_each(|long| note(long, ALIKE));
        }
        let mut candidates: Vec<(i32, f64)> = best.into_iter().collect();
        // The sort is stable: of equals the one with the smaller id is first.
        candidates.sort_by(|(_, one), (_, two)| two.total_cmp(one));
        candidates
    }
}

fn last_word(name: &str) -> &str {
    name.split_whitespace().next_back().unwrap_or_default()
}

/// Whose spelling an alias is, by the words that Teelo uses.
fn source_of_alias(word: &str) -> Option<Source> {
    match word {
        "atp" => Some(Source::Atp),
        "wta" => Some(Source::Wta),
        "itf" | "itf_men" | "itf_women" => Some(Source::Itf),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEN: Gender = Gender::Men;

    fn people(persons: &[(i32, Gender, &[&str])]) -> People {
        let mut people = People::default();
        for (id, gender, names) in persons {
            people.add(*id, Person::new(*gender));
            names.iter().for_each(|name| people.add_spelling(*id, None, (*name).to_owned()));
        }
        people
    }

    fn wanted(normalised: &str) -> Wanted<'_> {
        Wanted { normalised, source: Source::Atp, gender: MEN, external_id: None }
    }

    #[test]
    fn the_ways_in_which_a_player_is_found() {
        let mut people = people(&[
            (1, MEN, &["john smith"]),
            (2, MEN, &["james smith", "jim smith"]),
            (3, MEN, &["ana maria garcia-lopez"]),
            (4, Gender::Women, &["john smith", "kim stone"]),
            (5, MEN, &["pat jones"]),
            (6, MEN, &["pat jones"]),
        ]);
        people.add_spelling(6, Some(Source::Itf), "pat jones".into());
        assert_eq!(people.find(&wanted("john smith")), Found::One(1), "the woman is no candidate");
        assert_eq!(people.find(&wanted("kim stone")), Found::Nobody);
        assert_eq!(people.find(&wanted("garcia lopez ana maria")), Found::One(3));
        assert_eq!(people.find(&wanted("j. smith")), Found::Several(vec![(1, ALIKE), (2, ALIKE)]));
        assert_eq!(people.find(&wanted("smith jo.")), Found::Nobody);
        assert_eq!(people.find(&wanted("p. jones")), Found::Several(vec![(5, ALIKE), (6, ALIKE)]));
        assert_eq!(people.find(&wanted("pat jones")), Found::Several(vec![(5, 1.0), (6, 1.0)]));
        let itf = Wanted { source: Source::Itf, ..wanted("pat jones") };
        assert_eq!(people.find(&itf), Found::One(6), "the source's own spelling decides");
        assert_eq!(people.find(&wanted("jon smith")), Found::Nobody, "a name that is only near");
    }

    #[test]
    fn who_has_another_id_of_the_source_is_not_meant() {
        let mut people = people(&[(1, MEN, &["john smith"]), (2, MEN, &["jo smith", "john smith"])]);
        people.person_mut(1).unwrap().set_id(Source::Atp, "S001");
        let with_id = |external_id| Wanted { external_id: Some(external_id), ..wanted("john smith") };
        assert_eq!(people.find(&with_id("S002")), Found::One(2));
        people.person_mut(2).unwrap().set_id(Source::Itf, "800");
        assert_eq!(people.find(&with_id("S002")), Found::One(2), "an id of another source says nothing");
        people.person_mut(2).unwrap().set_id(Source::Atp, "S003");
        assert_eq!(people.find(&with_id("S002")), Found::Nobody);
        assert_eq!(people.find(&wanted("jo smith")), Found::One(2), "a record without an id");
    }
}

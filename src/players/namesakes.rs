//! Who of a list a player is when only their name tells: the one of whom nothing that is known says otherwise, and of whom
//! nobody else could be it as well.

use std::collections::{BTreeMap, HashMap, HashSet};

use time::Date;

use super::fields::{Facts, Field};
use super::lists::{Listed, Lists};
use crate::ingest::name;

/// Two sources that measured the same player differ by a few centimetres.
const HEIGHT_TOLERANCE_CM: i32 = 5;

/// A player who has no id of the archive.
#[derive(Debug, Default)]
pub struct Unlisted {
    /// `men` or `women`; None when nothing tells.
    pub gender: Option<String>,
    /// What is known of them.
    pub facts: Facts,
    /// Every normalised name that they go by.
    pub names: Vec<String>,
}

/// All players who have no id of the archive, and the ids that others have.
#[derive(Debug, Default)]
pub struct Namesakes {
    players: BTreeMap<i32, Unlisted>,
    by_name: HashMap<String, Vec<i32>>,
    taken: HashSet<(String, String)>,
}

impl Namesakes {
    /// Of these players; `taken`: gender and id of the players who are known by one.
    pub fn new(players: BTreeMap<i32, Unlisted>, taken: HashSet<(String, String)>) -> Self {
        let mut by_name: HashMap<String, Vec<i32>> = HashMap::new();
        for (id, player) in &players {
            for name in &player.names {
                by_name.entry(name.clone()).or_default().push(*id);
            }
        }
        Self { players, by_name, taken }
    }

    /// The player `id` in the lists.
    ///
    /// # Errors
    /// Why nobody of the lists is them, in words.
    pub fn find<'a>(&self, id: i32, lists: &'a Lists, today: Date) -> Result<&'a Listed, String> {
        const NOT_THERE: &str = "nobody of this name";
        let player = self.players.get(&id).ok_or(NOT_THERE)?;
        let mut fitting: Vec<Fit<'_, 'a>> = Vec::new();
        let mut seen_name = false;
        for name in &player.names {
            for listed in lists.of_name(name) {
                seen_name = true;
                if let Some(sure) = self.fits(player, listed, today) {
                    fitting.push(Fit { name, listed, sure });
                }
            }
        }
        let sure: Vec<&Fit<'_, '_>> = fitting.iter().filter(|fit| fit.sure).collect();
        let fit = match (sure.as_slice(), fitting.as_slice()) {
            ([fit], _) => *fit,
            ([], [fit]) => fit,
            ([], []) if seen_name => {
                return Err("of this name there are only others: what is known contradicts".to_owned());
            }
            ([], []) => return Err(NOT_THERE.to_owned()),
            _ => return Err(format!("{} of this name could be it", fitting.len())),
        };
        match self.rival(id, fit, today) {
            Some(other) => Err(format!("player {other} of the same name could be it as well")),
            None => Ok(fit.listed),
        }
    }

    /// Whether the player can be the one in the list: None when something contradicts, Some(true) when the birth date agrees.
    fn fits(&self, player: &Unlisted, listed: &Listed, today: Date) -> Option<bool> {
        if player.gender.as_deref().is_some_and(|gender| gender != listed.gender)
            || self.taken.contains(&(listed.gender.to_owned(), listed.external_id.clone()))
        {
            return None;
        }
        let (facts, _) = listed.facts(today);
        let agrees = facts.iter().all(|(field, value)| {
            player.facts.get(field).is_none_or(|known| is_compatible(*field, known, value))
        });
        let birth_dates = (player.facts.get(&Field::BirthDate), facts.get(&Field::BirthDate));
        agrees.then_some(matches!(birth_dates, (Some(one), Some(other)) if one == other))
    }

    /// Another player of the name who could be the one in the list with as much right.
    fn rival(&self, id: i32, fit: &Fit<'_, '_>, today: Date) -> Option<i32> {
        let namesakes = self.by_name.get(fit.name).into_iter().flatten().copied();
        namesakes.filter(|other| *other != id).find(|other| {
            let other_sure = self.fits(&self.players[other], fit.listed, today);
            other_sure.is_some_and(|sure| sure || !fit.sure)
        })
    }
}

/// Somebody in the lists who can be the player.
struct Fit<'n, 'l> {
    /// The name that both have.
    name: &'n str,
    listed: &'l Listed,
    /// The birth dates agree.
    sure: bool,
}

/// Whether two values can be of one person.
fn is_compatible(field: Field, one: &str, other: &str) -> bool {
    match field {
        Field::HeightCm => {
            let heights = one.parse::<i32>().ok().zip(other.parse::<i32>().ok());
            heights.is_none_or(|(one, other)| (one - other).abs() <= HEIGHT_TOLERANCE_CM)
        }
        // Some lists say Right of who serves with the one hand and plays with both.
        Field::Hand if [one, other].contains(&"Ambidextrous") => true,
        _ => one == other,
    }
}

/// The names of a player as they are compared.
pub fn compared(name: &str) -> Option<String> {
    Some(name::normalise(name)).filter(|name| !name.is_empty())
}

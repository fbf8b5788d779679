//! Player lists as a source: who is looked up how, and what the lists say of them.

use postgres::Client;
use time::Date;

use super::fields::{Facts, Rejected};
use super::lists::{Listed, Lists};
use super::namesakes::Namesakes;
use super::store::{self, Player};
use crate::error::Result;

/// The lists, and who is only known by name.
#[derive(Debug)]
pub struct Files {
    lists: Lists,
    namesakes: Namesakes,
}

/// A player of the lists.
#[derive(Debug)]
pub struct Entry {
    /// Where it stands, for a person.
    pub origin: String,
    /// What it says.
    pub facts: Facts,
    /// What it says that cannot be.
    pub rejected: Vec<Rejected>,
}

impl Files {
    /// Reads the lists. `by_name`: somebody is to be looked up by name.
    ///
    /// # Errors
    /// A list cannot be read, or the server's.
    pub fn read(client: &mut Client, files: &[std::path::PathBuf], by_name: bool) -> Result<Self> {
        let lists = Lists::read(files, by_name)?;
        let namesakes = if by_name { store::read_namesakes(client)? } else { Namesakes::default() };
        Ok(Self { lists, namesakes })
    }

    /// What the lists say of a player: by their id, else by their name.
    ///
    /// # Errors
    /// Why there is nothing, in words.
    pub fn look_up(&self, player: &Player, today: Date) -> std::result::Result<Entry, String> {
        let (listed, how) = match &player.listed {
            Some((gender, id)) => (self.of_id(gender, id)?, "by id"),
            None => (self.namesakes.find(player.id, &self.lists, today)?, "by name"),
        };
        let (facts, rejected) = listed.facts(today);
        Ok(Entry { origin: format!("{} ({how})", self.lists.origin(listed)), facts, rejected })
    }

    /// Rows of the lists that are no players.
    pub fn unusable_rows(&self) -> u64 {
        self.lists.unusable_rows
    }

    fn of_id(&self, gender: &str, id: &str) -> std::result::Result<&Listed, String> {
        self.lists.of_id(gender, id).ok_or_else(|| format!("nobody of the id {id} ({gender})"))
    }
}

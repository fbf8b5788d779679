//! Players in memory: one entry each, side by side, found by id with one look. Pure.

use super::id_map::IdMap;

/// Entries by player. A player's place in the table never changes.
#[derive(Debug)]
pub struct Players<T> {
    places: IdMap<u32>,
    ids: Vec<i32>,
    entries: Vec<T>,
}

impl<T: Default> Players<T> {
    /// A table of nobody.
    pub fn new() -> Self {
        Self { places: IdMap::default(), ids: Vec::new(), entries: Vec::new() }
    }

    /// The player's place, if the table knows the player.
    pub fn find(&self, id: i32) -> Option<usize> {
        self.places.get(&id).map(|place| *place as usize)
    }

    /// The player's place, a new one if need be.
    pub fn place(&mut self, id: i32) -> usize {
        match self.find(id) {
            Some(place) => place,
            None => self.add(id),
        }
    }

    #[cold]
    fn add(&mut self, id: i32) -> usize {
        let place = self.entries.len();
        // There are no more players than ids, and these are numbers of 32 bits.
        self.places.insert(id, place as u32);
        self.ids.push(id);
        self.entries.push(T::default());
        place
    }

    /// The player's entry, if the table knows the player.
    pub fn get(&self, id: i32) -> Option<&T> {
        self.find(id).map(|place| &self.entries[place])
    }

    /// The entry at a place that the table gave.
    pub fn at(&self, place: usize) -> &T {
        &self.entries[place]
    }

    /// The entry at a place that the table gave.
    pub fn at_mut(&mut self, place: usize) -> &mut T {
        &mut self.entries[place]
    }

    /// The player at a place that the table gave.
    pub fn id(&self, place: usize) -> i32 {
        self.ids[place]
    }

    /// All players with their entries.
    pub fn iter(&self) -> impl Iterator<Item = (i32, &T)> {
        self.ids.iter().copied().zip(&self.entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_player_has_an_entry_of_its_own() {
        let mut players: Players<i64> = Players::new();
        let ids: Vec<i32> = (-50..50).map(|step| step * 42_000_001).chain([i32::MIN, i32::MAX]).collect();
        for id in &ids {
            assert_eq!(players.find(*id), None);
            let place = players.place(*id);
            *players.at_mut(place) = i64::from(*id) * 2;
            assert_eq!(players.place(*id), place);
        }
        for (place, id) in ids.iter().enumerate() {
            assert_eq!((players.find(*id), players.get(*id)), (Some(place), Some(&(i64::from(*id) * 2))));
            assert_eq!(*players.at(place), i64::from(*id) * 2);
        }
        assert_eq!(players.get(1), None);
        assert!(players.iter().map(|(id, _)| id).eq(ids));
    }
}

//! Maps keyed by the database's ids.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map from ids. Ids are given out by the database one after the other: nobody chooses them to collide, so they need
/// not the slow hash that guards against it.
pub type IdMap<T> = HashMap<i32, T, BuildHasherDefault<IdHasher>>;

/// 2^64 divided by the golden ratio: multiples of it lie far apart.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Hashes an id by one multiplication.
#[derive(Debug, Default)]
pub struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write_i32(&mut self, id: i32) {
        let product = u64::from(id.cast_unsigned()).wrapping_mul(SPREAD);
        // The map picks the place by the lower bits, and those of a product depend on the lower ones of the id only.
        self.0 = product ^ (product >> 32);
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(SPREAD);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_with_equal_lower_bits_are_spread() {
        let hash = |id: i32| {
            let mut hasher = IdHasher::default();
            hasher.write_i32(id);
            hasher.finish()
        };
        for shift in [0, 8, 16, 19] {
            let ids = || (0..4096).map(|number: i32| number << shift);
            let lower: HashSet<u64> = ids().map(|id| hash(id) & 0xffff).collect();
            assert!(lower.len() > 3_500, "{} places for multiples of 2^{shift}", lower.len());
            let upper: HashSet<u64> = ids().map(|id| hash(id) >> 57).collect();
            assert_eq!(upper.len(), 128, "multiples of 2^{shift}");
        }
    }
}

//! Counts by code, for the metrics: of rejects, and of what is accepted although not all of it is understood.

use std::collections::BTreeMap;

/// Distinct codes counted by name; the rest is summed up, so that a nonsense file cannot fill the metrics.
const CODES_MAX: usize = 50;
/// Characters of a code's name.
const CODE_LENGTH_MAX: usize = 40;

/// How many there are of each code.
pub type Counts = BTreeMap<String, u64>;

/// Accepted records of which something is not understood.
#[derive(Debug, Clone, Default)]
pub struct NotUnderstood {
    /// Records with a level that is not in the table, by level.
    pub levels: Counts,
    /// Records with a round code that is not in the table, by code.
    pub rounds: Counts,
    /// Records whose sets cannot be told, by problem.
    pub scores: Counts,
}

impl NotUnderstood {
    /// Adds those of another file.
    pub fn add(&mut self, other: &Self) {
        add_all(&mut self.levels, &other.levels);
        add_all(&mut self.rounds, &other.rounds);
        add_all(&mut self.scores, &other.scores);
    }
}

/// Counts one more of `code`.
pub fn count(counts: &mut Counts, code: &str) {
    add(counts, code, 1);
}

/// Adds all counts of `part`.
pub fn add_all(sum: &mut Counts, part: &Counts) {
    part.iter().for_each(|(code, number)| add(sum, code, *number));
}

fn add(counts: &mut Counts, code: &str, number: u64) {
    let known = counts.contains_key(code) || counts.len() < CODES_MAX;
    let name = if known { code.chars().take(CODE_LENGTH_MAX).collect() } else { "(others)".to_owned() };
    *counts.entry(name).or_default() += number;
}

//! Brings results in: match archives (and, later, feed documents) become players, tournaments and matches.
//! It computes no ratings: the database itself notices what has to be rated again.

pub mod score;

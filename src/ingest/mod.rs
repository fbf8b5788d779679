//! Brings results in: match archives and feed documents become players, tournaments and matches.
//! It computes no ratings: the database itself notices what has to be rated again.
//!
//! A file travels through these rooms: [`discover`] finds that it is new or changed, [`queue`] hands it to a worker of
//! [`stage`], [`archive`] reads it ([`row`] a record, [`score`] a score, [`collect`] all of them), [`catalogue`] gives tournaments and players
//! their ids, [`import`] writes the matches, [`rejects`] lists what could not be used. [`documents`] reads feed documents; [`check`]
//! looks at a file of either kind without a database.

pub mod archive;
pub mod book_store;
pub mod bracket;
pub mod catalogue;
pub mod check;
pub mod collect;
pub mod content;
pub mod copy_text;
pub mod counts;
pub mod delivery;
pub mod discover;
pub mod documents;
pub mod editions;
pub mod import;
pub mod levels;
pub mod name;
pub mod note;
pub mod order;
pub mod outcome;
pub mod queue;
pub mod rejects;
pub mod row;
pub mod score;
pub mod stage;
pub mod temporal;
pub mod totals;

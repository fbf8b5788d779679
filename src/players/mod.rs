//! Fills in what is missing about players, a bounded bit every hour, from the sources that the owner has.
//!
//! [`stage`] asks [`store`] who is due, and for each player the sources in the configured order: [`files`] looks through player
//! [`lists`] (by an id of the archive, or by a name that [`namesakes`] says is nobody else's), [`command`] asks a program. What
//! they say is checked by [`fields`], countries by [`crate::countries`]. [`explain`] tells what came from where.

pub mod command;
pub mod conversation;
pub mod explain;
pub mod fields;
pub mod files;
pub mod lists;
pub mod namesakes;
pub mod stage;
pub mod store;
pub mod totals;

//! Who a player is. [`resolve`] finds out for the names of feeds, among the [`people`] of the database and by how alike names are
//! ([`similarity`]); where nobody can tell, a person decides in the [`review`] queue. [`merge`] makes one player of two.

pub mod merge;
pub mod people;
pub mod resolve;
pub mod review;
pub mod similarity;

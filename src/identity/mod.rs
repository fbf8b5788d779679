//! Who a player is: what a person decides about it.

pub mod merge;
pub mod review;

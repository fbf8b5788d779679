//! ELO ratings that are exact under any history. `params` and `rating` are the maths, `replay` decides which
//! matches have to be rated again, `store` is the SQL, `pass` goes over the history and makes batches,
//! `ahead` does so on a thread of its own, `stage` runs it all, `verify` checks it.

mod ahead;
mod batch;
pub mod params;
mod pass;
pub mod rating;
pub mod replay;
pub mod stage;
pub mod store;
pub mod verify;

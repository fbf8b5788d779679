//! ELO ratings that are exact under any history. `params` and `rating` are the maths, `replay` decides which
//! matches have to be rated again, `store` is the SQL, `batch` is one transaction, `stage` runs it all, `verify` checks it.

mod batch;
pub mod params;
pub mod rating;
pub mod replay;
pub mod stage;
pub mod store;
pub mod verify;

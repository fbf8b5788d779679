//! ELO ratings that are exact under any history. `params`, `margin` and `rating` are the maths, `replay` decides which
//! matches have to be rated again and knows the `players`, `store` is the SQL, `pass` goes over the history and makes
//! batches, `ahead` does so on a thread of its own, `stage` runs it all, `verify` checks it.

mod ahead;
mod batch;
mod id_map;
pub mod live;
mod margin;
pub mod params;
mod pass;
mod players;
pub mod rating;
pub mod replay;
pub mod stage;
pub mod store;
pub mod verify;

//! The demonstration: a made-up season, and several hourly runs on a private PostgreSQL.

pub mod archive;
mod calendar;
mod draw;
mod names;
mod players;
mod random;
mod sandbox;
mod score;
pub mod season;
mod show;
mod story;

pub use calendar::Tour;
pub use draw::{Match, Side};
pub use players::Person;
pub use sandbox::Surroundings;
pub use show::{Settings, perform};

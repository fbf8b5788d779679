//! The SQL of the ELO stage: reading windows of matches and states, writing batches. No decisions.

mod checkpoint;
mod matches;
mod pending;
mod states;
mod values;

pub use checkpoint::{Cursor, latest_version, read_checkpoint, read_parameters, write_checkpoint};
pub use matches::{Window, any_match_before, match_of_row, read_window, write_ratings, write_unplayed};
pub use pending::{
    Pending, Unplaced, append_pending, clear_unplaced, count_pending, delete_pending, derive_pending,
    earliest_pending, read_pending, read_unplaced,
};
pub use states::{delete_matchless_states, derive_states, read_states, write_states};
pub use values::{Day, date_of_day};

//! The SQL of the ELO stage: reading windows of matches and states, writing batches. No decisions.

mod checkpoint;
mod matches;
mod pending;
mod reader;
mod states;
mod values;
mod writer;

pub use checkpoint::{Cursor, latest_version, read_checkpoint, read_parameters, write_checkpoint};
pub use matches::{Window, match_of_row, write_unplayed};
pub use pending::{
    Pending, Unplaced, append_pending, clear_unplaced, count_pending, derive_pending, earliest_pending,
    read_unplaced,
};
pub use reader::Reader;
pub use states::StateBefore;
pub use values::{Day, date_of_day};
pub use writer::{Writer, begin_durable};

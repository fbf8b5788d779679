//! The SQL of the ELO stage: reading windows of matches and states, writing batches. No decisions.

mod checkpoint;
mod copy_rows;
mod games;
mod live;
mod matches;
mod pending;
mod reader;
mod states;
mod stored;
mod values;
mod writer;

pub use checkpoint::{Cursor, latest_version, read_checkpoint, read_parameters, write_checkpoint};
pub use copy_rows::{CopyRow, CopyRows, Field};
pub use live::{LiveStatements, pending_of};
pub use matches::{Window, write_unplayed};
pub use pending::{
    Pending, Unplaced, append_pending, clear_unplaced, count_pending, derive_pending, earliest_pending,
    read_unplaced,
};
pub use reader::{Reader, connect};
pub use states::StateBefore;
pub use stored::{
    EloColumns, LevelCodes, MatchRow, Rows, StoredState, read_level_codes, stream_matches, stream_states,
    take_match, take_state,
};
pub use values::{Cents, Day, date_of_day};
pub use writer::{Writer, begin_durable};

//! What runs the stages: the ordered list, locks, checkpoints, audit rows, artifacts. It knows no ELO.

pub mod artifacts;
pub mod audit;
pub mod checkpoint;
pub mod current_events;
pub mod follow;
pub mod hooks;
pub mod last_words;
pub mod lease;
pub mod lock;
pub mod metrics;
pub mod process_tree;
pub mod program;
pub mod prune;
pub mod run;
pub mod run_id;
pub mod selection;
pub mod stages;
pub mod status_log;
pub mod subprocess;
pub mod summary;
pub mod tail;
pub mod watch;
pub mod words;

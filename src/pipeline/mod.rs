//! What runs the stages: the ordered list, locks, checkpoints, audit rows, artifacts. It knows no ELO.

pub mod lock;
pub mod metrics;
pub mod status_log;

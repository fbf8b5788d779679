//! What a person looks at.

pub mod doctor;
pub mod progress;
pub mod rankings;
pub mod run;
pub mod runs;
pub mod runs_text;
pub mod status;
pub mod status_text;
mod text;
pub mod textfile;

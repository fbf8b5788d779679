//! The stages of a run, in order. A new stage is one file, one line in [`STAGES`], and its settings. This is the
//! only file of the pipeline that names what the stages do.

use postgres::Client;

use super::artifacts::StageFolder;
use super::current_events;
use super::metrics::StageReport;
use super::watch::{Stop, Watch};
use crate::elo;
use crate::error::Result;

/// Every stage, in the order in which they run.
pub const STAGES: [Stage; 2] = [
    Stage { name: "current_events_ingest", required: true, run: current_events::run },
    Stage { name: elo::stage::STAGE, required: true, run: elo_incremental },
];

/// One stage.
#[derive(Debug, Clone, Copy)]
pub struct Stage {
    /// Its name in flags, tables and artifacts.
    pub name: &'static str,
    /// Whether its failure is the run's failure; otherwise the run is partial.
    pub required: bool,
    /// Does the work. An error counts as a failed stage.
    pub run: fn(&mut Context<'_>) -> Result<StageReport>,
}

/// What the stages were told to do.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Of `current_events_ingest`.
    pub current_events: current_events::Settings,
    /// Of `elo_incremental`.
    pub elo: elo::stage::Settings,
}

/// What a stage gets.
pub struct Context<'a> {
    /// The run's id.
    pub run_id: &'a str,
    /// The stage's name.
    pub stage: &'static str,
    /// For sessions of the stage's own.
    pub database_url: &'a str,
    /// What the stages were told to do.
    pub settings: &'a Settings,
    /// Where the stage's files go.
    pub folder: StageFolder,
    pub(super) watch: &'a mut Watch,
    pub(super) lock_session: &'a mut Client,
}

impl Context<'_> {
    /// Why the stage has to end now, if it has to. Cheap enough to ask many times a second.
    pub fn stop(&mut self) -> Option<Stop> {
        self.watch.stop(self.lock_session)
    }
}

/// Rates what is pending, in this process.
fn elo_incremental(context: &mut Context<'_>) -> Result<StageReport> {
    let now = context.watch.now();
    elo::stage::run(context.database_url, &context.settings.elo, &context.folder.stage_files(), now)
}

//! The stages of a run, in order. A new stage is one file, one line in [`STAGES`], and its settings. This is the
//! only file of the pipeline that names what the stages do.

use std::time::Duration;

use postgres::Client;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::artifacts::StageFolder;
use super::current_events;
use super::metrics::StageReport;
use super::watch::Watch;
use crate::db::{OneTrip, utc};
use crate::error::{Context as _, Error, Result};
use crate::{elo, players};

/// The stage that rates.
pub const RATING_STAGE: &str = elo::stage::STAGE;

/// Every stage, in the order in which they run.
pub const STAGES: [Stage; 3] = [
    Stage {
        name: "current_events_ingest",
        required: true,
        reason_to_skip: no_reason,
        run: current_events::run,
    },
    Stage { name: RATING_STAGE, required: true, reason_to_skip: no_reason, run: elo_incremental },
    Stage {
        name: players::stage::STAGE,
        required: false,
        reason_to_skip: no_players_due,
        run: player_enrichment_incremental,
    },
];

/// Between two runs of a stage that is due every so many hours there may be so much less: runs do not begin to the second, and
/// a stage that just missed its time would wait for a whole hour.
const CADENCE_TOLERANCE: Duration = Duration::from_secs(30 * 60);

/// One stage.
#[derive(Debug, Clone, Copy)]
pub struct Stage {
    /// Its name in flags, tables and artifacts.
    pub name: &'static str,
    /// Whether its failure is the run's failure; otherwise the run is partial.
    pub required: bool,
    /// Why it need not run at the given time, asked in the session that holds the lock; None when it is to run.
    pub reason_to_skip: fn(&Settings, &mut Client, OffsetDateTime) -> Result<Option<String>>,
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
    /// Of `player_enrichment_incremental`; None when there is no source of facts about players.
    pub players: Option<players::stage::Settings>,
    /// `player_enrichment_incremental` runs once in so many hours.
    pub players_every_hours: u32,
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
    pub(super) watch: &'a Watch,
}

/// Rates what is pending, in this process.
fn elo_incremental(context: &mut Context<'_>) -> Result<StageReport> {
    let now = context.watch.now();
    elo::stage::run(context.database_url, &context.settings.elo, &context.folder.stage_files(), now)
}

/// Completes the players, in this process.
fn player_enrichment_incremental(context: &mut Context<'_>) -> Result<StageReport> {
    let Some(mut settings) = context.settings.players.clone() else {
        return Err(Error::usage(NO_PLAYER_SOURCE));
    };
    if let Some(command) = &mut settings.command {
        command.stderr_log.clone_from(&context.folder.stderr_log);
    }
    let (database_url, run_id) = (context.database_url, context.run_id);
    let files = context.folder.stage_files();
    let now = context.watch.now();
    players::stage::run(database_url, &settings, &files, run_id, now)
}

const NO_PLAYER_SOURCE: &str =
    "no source of facts about players is set: TEELO_PLAYER_FILES or TEELO_PLAYER_PROFILE_COMMAND";

/// Most stages run whenever they are selected.
fn no_reason(_: &Settings, _: &mut Client, _: OffsetDateTime) -> Result<Option<String>> {
    Ok(None)
}

/// Without a source, or before its time, nobody is completed.
fn no_players_due(settings: &Settings, session: &mut Client, now: OffsetDateTime) -> Result<Option<String>> {
    if settings.players.is_none() {
        return Ok(Some(NO_PLAYER_SOURCE.to_owned()));
    }
    let hours = settings.players_every_hours;
    let last: Option<PrimitiveDateTime> = session
        .row(include_str!("../../sql/pipeline/stage_last_start.sql"), &[&players::stage::STAGE])
        .context(|| "asking when the players stage ran last")?
        .get(0);
    let pause = Duration::from_secs(3600) * hours - CADENCE_TOLERANCE;
    let is_due = last.is_none_or(|last| utc(now) - last >= pause || hours == 1);
    Ok((!is_due).then(|| format!("it runs every {hours} hours (TEELO_PLAYERS_EVERY_HOURS)")))
}

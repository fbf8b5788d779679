//! The stage `player_enrichment_incremental`: asks the sources about the players who miss something, batch by batch, as far as
//! its time goes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use postgres::Client;
use serde_json::json;
use time::{Date, OffsetDateTime};

use super::command::{self, Command, Said};
use super::fields::{Facts, Field, Rejected};
use super::files::Files;
use super::lists;
use super::store::{self, Outcome, Pending, Player, Provider, Question, Tried, Try, Writing};
use super::totals::Totals;
use crate::error::{Kind, Result};
use crate::pipeline::lock;
use crate::pipeline::metrics::{Metrics, StageFiles, StageReport, Status};
use crate::pipeline::status_log::StatusLog;
use crate::report::progress::Progress;
use crate::stop::{self, Reason};
use crate::{db, migrations};

/// The stage's name in the pipeline.
pub const STAGE: &str = "player_enrichment_incremental";
/// The session that writes holds this lock.
const LOCK_NAME: &str = "teelo_stage_player_enrichment_incremental";
/// The fields that the files have.
const FILE_FIELDS: [Field; 4] = [Field::NationalityIoc, Field::BirthDate, Field::Hand, Field::HeightCm];
/// A batch is written when it is full, or this old: what a slow program has answered must not be lost with the process.
const BATCH_AGE_MAX: Duration = Duration::from_secs(30);
/// A batch that loses against other writers is tried so many times; each loss means that somebody wrote to the same players
/// within milliseconds.
const ATTEMPTS_MAX: u32 = 5;
/// The pause before another attempt, times the number of attempts so far.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// What the user may choose.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The sources, in the order in which they are tried.
    pub providers: Vec<Provider>,
    /// Player lists, and folders of them.
    pub files: Vec<PathBuf>,
    /// The program; there when the providers name it.
    pub command: Option<command::Settings>,
    /// Players in a transaction.
    pub batch_size: usize,
    /// Stop after so many players; 0: all.
    pub max_players: u32,
    /// Stop after so long; None: not before all are done.
    pub max_duration: Option<Duration>,
    /// Only who is due; false: everybody who misses something.
    pub resume: bool,
    /// Write nothing.
    pub dry_run: bool,
    /// The checkpoint's key in `pipeline_checkpoints`.
    pub checkpoint_key: String,
    /// How long to wait for the stage's lock.
    pub lock_timeout: Duration,
}

/// Runs the stage to its end, or until its time is over, the process has to end, or the session is lost. `run_id`: unique to this run.
///
/// # Errors
/// LockHeld, Unreachable, Usage when a player file is missing; a player file that is none, or the server's. What was committed
/// before stays. A command that fails is in the report, not an error.
pub fn run(
    database_url: &str,
    settings: &Settings,
    files: &StageFiles,
    run_id: &str,
    now: OffsetDateTime,
) -> Result<StageReport> {
    let started = Instant::now();
    let mut status_log = StatusLog::open(files.status_jsonl.as_deref(), STAGE)?;
    // What a slow program has answered is still written when the process has to end.
    let mut client = db::connect_to_record(database_url, "players")?;
    migrations::require_current(&mut client)?;
    if !settings.dry_run {
        let key = lock::key_of_name(LOCK_NAME);
        lock::acquire(&mut client, key, "the players stage", settings.lock_timeout)?;
    }
    status_log.event("start", json!({"dry_run": settings.dry_run, "batch_size": settings.batch_size}));
    let mut run = Run {
        settings,
        now,
        today: now.date(),
        clock: Clock { started, limit: settings.max_duration, halted: None },
        command: settings.command.as_ref().map(|settings| Command::new(settings, run_id, STAGE)),
        files: None,
        version: None,
        totals: Totals::default(),
        status_log,
        progress: Progress::new("players", "players", None),
    };
    let result = run.enrich(&mut client);
    let report = run.report(&result);
    run.status_log
        .event("end", json!({"status": report.status.as_str(), "metrics": report.metrics.to_json()}));
    report.write(files.metrics_json.as_deref())?;
    match result {
        Err(error) if stop::reason().is_none() && error.kind() != Kind::SessionLost => Err(error),
        _ => Ok(report),
    }
}

/// Why a run ends before everybody was tried.
#[derive(Debug, Clone)]
enum Halt {
    /// It has lasted as long as the user allows.
    TimeIsOver,
    /// The process has to end.
    Stopped(&'static Reason),
}

/// Tells when to halt, and remembers it.
struct Clock {
    started: Instant,
    limit: Option<Duration>,
    halted: Option<Halt>,
}

impl Clock {
    fn has_halted(&mut self) -> bool {
        if self.halted.is_none() {
            let is_over = self.limit.is_some_and(|limit| self.started.elapsed() >= limit);
            self.halted = stop::reason().map(Halt::Stopped).or(is_over.then_some(Halt::TimeIsOver));
        }
        self.halted.is_some()
    }

    /// Without the pipeline's lock another run may have begun.
    fn may_write(&self) -> bool {
        !matches!(stop::reason(), Some(Reason::LockLost(_)))
    }
}

/// A run of the stage under way.
struct Run<'a> {
    settings: &'a Settings,
    now: OffsetDateTime,
    today: Date,
    clock: Clock,
    command: Option<Command<'a>>,
    files: Option<Files>,
    /// Of the files.
    version: Option<String>,
    totals: Totals,
    status_log: StatusLog,
    progress: Progress,
}

impl Run<'_> {
    fn enrich(&mut self, client: &mut Client) -> Result<()> {
        let files = match self.settings.providers.contains(&Provider::Files) {
            true => lists::find(&self.settings.files)?,
            false => Vec::new(),
        };
        self.version = (!files.is_empty()).then(|| lists::version(&files)).transpose()?;
        let due = self.read_due(client)?;
        if due.players.iter().any(|pending| pending.files) {
            let by_name = due.players.iter().any(|pending| pending.by_name);
            let files = Files::read(client, &files, by_name)?;
            self.totals.unusable_rows = files.unusable_rows();
            self.files = Some(files);
        }
        self.progress.set_total(due.players.len() as u64);
        let result = self.try_all(client, &due);
        if let Some(command) = &mut self.command {
            command.close()?;
            self.totals.answers_ignored = command.answers_ignored;
            self.totals.command_starts = command.starts;
        }
        result
    }

    /// Who is due, as many as the user allows.
    fn read_due(&mut self, client: &mut Client) -> Result<Due> {
        let Settings { resume, max_players, checkpoint_key, .. } = self.settings;
        let cursor = if *resume { store::read_cursor(client, checkpoint_key)? } else { None };
        let newest = store::read_newest(client)?;
        let limit = (*max_players > 0).then_some(i64::from(*max_players) + 1);
        let question = Question {
            now: self.now,
            version: self.version.as_deref(),
            has_command: self.command.is_some(),
            // Without a checkpoint nobody is newer than the others.
            newest_before: cursor.unwrap_or(newest),
            everybody: !resume,
            limit,
        };
        let mut players = store::read_pending(client, &question)?;
        if limit.is_some_and(|limit| players.len() as i64 == limit) {
            players.pop();
            self.totals.left_pending = true;
        }
        Ok(Due { players, newest, is_cut: self.totals.left_pending })
    }

    fn try_all(&mut self, client: &mut Client, due: &Due) -> Result<()> {
        let mut done = 0;
        for chunk in due.players.chunks(self.settings.batch_size) {
            let ids: Vec<i32> = chunk.iter().map(|pending| pending.id).collect();
            let players = store::read_players(client, &ids)?;
            done = self.try_chunk(client, due, done, chunk, &players)?;
            if self.clock.halted.is_some() {
                self.totals.left_pending |= done < due.players.len();
                return Ok(());
            }
        }
        Ok(())
    }

    /// Tries the players of a chunk, of whom so many were `done` before it. Returns how many are now.
    fn try_chunk(
        &mut self,
        client: &mut Client,
        due: &Due,
        mut done: usize,
        chunk: &[Pending],
        players: &HashMap<i32, Player>,
    ) -> Result<usize> {
        let mut batch = Vec::new();
        let mut begun = Instant::now();
        for pending in chunk {
            if self.clock.has_halted() {
                break;
            }
            if let Some(player) = players.get(&pending.id) {
                let tries = self.try_player(*pending, player)?;
                if !tries.is_empty() {
                    batch.push(Tried { player_id: player.id, tries });
                }
            }
            // A player whom there was no time to ask about has their turn again.
            if self.clock.halted.is_some() {
                break;
            }
            done += 1;
            self.progress.advance(1);
            if begun.elapsed() >= BATCH_AGE_MAX {
                self.write(client, &std::mem::take(&mut batch), due.cursor(done))?;
                begun = Instant::now();
            }
        }
        self.write(client, &batch, due.cursor(done))?;
        Ok(done)
    }

    /// Asks the sources in their order, as long as the player misses something that the next one may know.
    fn try_player(&mut self, pending: Pending, player: &Player) -> Result<Vec<Try>> {
        let mut known = player.facts.clone();
        let mut tries = Vec::new();
        for provider in &self.settings.providers {
            let (is_due, fields) = match provider {
                Provider::Files => (pending.files, FILE_FIELDS.as_slice()),
                Provider::Command => (pending.command, Field::ALL.as_slice()),
            };
            let missing: Vec<Field> =
                fields.iter().filter(|field| !known.contains_key(field)).copied().collect();
            if !is_due || missing.is_empty() {
                continue;
            }
            let asked = match provider {
                Provider::Files => self.look_up(player),
                Provider::Command => self.ask(player)?,
            };
            let Some(mut one) = asked else { continue };
            one.facts.retain(|field, _| missing.contains(field));
            one.rejected.retain(|rejected| missing.contains(&rejected.field));
            if one.outcome == Outcome::Found && one.facts.is_empty() {
                one.outcome = Outcome::NothingNew;
            }
            known.extend(one.facts.clone());
            tries.push(one);
        }
        Ok(tries)
    }

    fn look_up(&self, player: &Player) -> Option<Try> {
        let looked_up = self.files.as_ref()?.look_up(player, self.today);
        let provider = Provider::Files;
        Some(match looked_up {
            Ok(entry) => found(provider, entry.origin, entry.facts, entry.rejected),
            Err(reason) => nothing(provider, Outcome::NotFound, reason),
        })
    }

    /// None when the command was not asked, or there was no time for its answer.
    fn ask(&mut self, player: &Player) -> Result<Option<Try>> {
        let Some(command) = &mut self.command else { return Ok(None) };
        let provider = Provider::Command;
        Ok(match command.ask(player, &mut || self.clock.has_halted())? {
            Said::Answer(answer) if command::is_not_found(&answer) => {
                Some(nothing(provider, Outcome::NotFound, "it does not know the player".to_owned()))
            }
            Said::Answer(answer) => {
                let (facts, rejected) = command::facts(&answer, self.today);
                Some(found(provider, "its answer".to_owned(), facts, rejected))
            }
            Said::Failed(reason) => {
                log::warn!("the player command failed on player {} ({}): {reason}", player.id, player.name);
                Some(nothing(provider, Outcome::Failed, reason))
            }
            Said::NotAsked | Said::Halted => None,
        })
    }

    /// Writes a batch, again when other writers came in between, and counts it.
    fn write(&mut self, client: &mut Client, batch: &[Tried], cursor: i32) -> Result<()> {
        if batch.is_empty() || !self.clock.may_write() {
            return Ok(());
        }
        if self.settings.dry_run {
            self.note(batch, 0, cursor);
            return Ok(());
        }
        let writing = Writing {
            now: self.now,
            version: self.version.as_deref(),
            checkpoint_key: &self.settings.checkpoint_key,
            cursor,
        };
        let mut retries = 0;
        let written = loop {
            match store::write_batch(client, batch, &writing) {
                Err(error) if error.is_retryable() && retries + 1 < ATTEMPTS_MAX => {
                    retries += 1;
                    log::debug!("batch lost against another writer, attempt {retries}: {error}");
                    std::thread::sleep(RETRY_PAUSE * retries);
                }
                written => break written?,
            }
        };
        self.note(&written, retries, cursor);
        Ok(())
    }

    fn note(&mut self, batch: &[Tried], retries: u32, cursor: i32) {
        self.totals.batches += 1;
        self.totals.retries += u64::from(retries);
        let mut filled = 0;
        for tried in batch {
            self.totals.add(tried);
            filled += u64::from(tried.tries.iter().any(|one| !one.facts.is_empty()));
            for one in &tried.tries {
                for rejected in &one.rejected {
                    let mut event = json!(rejected);
                    event["player_id"] = json!(tried.player_id);
                    event["provider"] = json!(one.provider.name());
                    event["origin"] = json!(one.detail);
                    self.status_log.event("value_rejected", event);
                }
            }
        }
        let data = json!({"players_tried": batch.len(), "players_filled": filled, "last_player_id": cursor});
        self.status_log.event("batch", data);
    }

    fn report(&self, result: &Result<()>) -> StageReport {
        let metrics = self.totals.metrics(self.clock.started.elapsed(), self.settings.dry_run);
        let (status, error_text) = match result {
            Err(error) => return StageReport::cut_short(metrics, error),
            Ok(()) => self.outcome(&metrics),
        };
        StageReport::ended(status, metrics, error_text)
    }

    fn outcome(&self, metrics: &Metrics) -> (Status, Option<String>) {
        match &self.clock.halted {
            Some(Halt::Stopped(reason)) => return (Status::stopped(reason), Some(reason.to_string())),
            Some(Halt::TimeIsOver) | None => {}
        }
        let broken = self.command.as_ref().and_then(|command| command.broken.as_ref());
        if let Some(reason) = broken {
            return (Status::Failed, Some(format!("the player command was given up: {reason}")));
        }
        if metrics.records_failed == 0 {
            return (Status::Success, None);
        }
        let text = format!(
            "the player command failed on {} players; they are asked about again later, the log lists them",
            metrics.records_failed
        );
        (Status::Partial, Some(text))
    }
}

/// Who is due, and what the checkpoint may say when so many of them are done.
struct Due {
    players: Vec<Pending>,
    /// The newest player when they were looked for.
    newest: i32,
    /// Others are due as well.
    is_cut: bool,
}

impl Due {
    /// The newest player of whom a later run need not think as new: with all new ones done, the newest of all.
    fn cursor(&self, done: usize) -> i32 {
        let new = self.players.iter().take_while(|pending| pending.is_new).count();
        let is_new_done = done >= new && (new < self.players.len() || !self.is_cut);
        let last = done.checked_sub(1).and_then(|last| self.players.get(last));
        match last {
            Some(last) if !is_new_done => last.id,
            // The first of the new ones is not done.
            None if new > 0 => self.players[0].id - 1,
            _ => self.newest,
        }
    }
}

fn found(provider: Provider, detail: String, facts: Facts, rejected: Vec<Rejected>) -> Try {
    Try { provider, outcome: Outcome::Found, detail, facts, rejected }
}

fn nothing(provider: Provider, outcome: Outcome, detail: String) -> Try {
    Try { provider, outcome, detail, facts: Facts::new(), rejected: Vec::new() }
}

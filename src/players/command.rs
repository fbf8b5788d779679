//! A program of the owner's as a source: one JSON request a line, one JSON answer a line, one player at a time.
//!
//! What goes wrong costs the player who was asked about one try, and the program its life: it is started anew for the next
//! player, so that nothing of the old conversation can be taken for an answer about somebody else.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use time::Date;

use super::conversation::{Conversation, Heard};
use super::fields::{self, Facts, Field, Rejected};
use super::store::Player;
use crate::error::Result;
use crate::pipeline::subprocess::{Ended, Launch, signal_name, with_stderr};

/// The keys of an answer. A country may come by any of three; where several good ones come, the first counts.
const KEYS: [(&str, Field); 8] = [
    ("nationality_ioc", Field::NationalityIoc),
    ("nationality", Field::NationalityIoc),
    ("country", Field::NationalityIoc),
    ("birth_date", Field::BirthDate),
    ("hand", Field::Hand),
    ("height_cm", Field::HeightCm),
    ("backhand", Field::Backhand),
    ("turned_pro_year", Field::TurnedProYear),
];
/// So many players in a row that came to nothing mean that the program is broken, not that it stumbles over some: the others
/// keep their tries.
const FAILURES_MAX: u32 = 5;
/// Between two looks whether to stop.
const LOOK_INTERVAL: Duration = Duration::from_millis(100);
/// How long the program may take to end when it has closed its output, or was told that no request follows.
const END_PATIENCE: Duration = Duration::from_secs(5);

/// The program, and how it is treated.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The program and its arguments; not empty.
    pub command: Vec<OsString>,
    /// PATH, to say why a program is not found.
    pub search_path: Option<OsString>,
    /// Requests a minute, at most; more than 0.
    pub rate_per_minute: u32,
    /// How long an answer may take.
    pub answer_timeout: Duration,
    /// Where its standard error goes.
    pub stderr_log: PathBuf,
}

/// What came of asking.
#[derive(Debug)]
pub enum Said {
    /// The answer: an object.
    Answer(Map<String, Value>),
    /// Nothing that can be used, and why.
    Failed(String),
    /// The player was not asked about: the program is broken.
    NotAsked,
    /// There was no time to wait for an answer.
    Halted,
}

/// The program as a source.
#[derive(Debug)]
pub struct Command<'a> {
    settings: &'a Settings,
    run_id: &'a str,
    stage: &'a str,
    conversation: Option<Conversation>,
    /// Answers that the program gave since it was started.
    answers_since_start: u64,
    next_request: Instant,
    failures_in_a_row: u32,
    /// Why nobody else is asked about; None while it works.
    pub broken: Option<String>,
    /// Answers about nobody who was asked about.
    pub answers_ignored: u64,
    /// How often the program was started.
    pub starts: u64,
}

/// Why there is no answer.
enum Silence {
    Halted,
    Ended,
    Failed(String),
}

impl<'a> Command<'a> {
    /// The program, not started yet. `run_id`: unique to this run; marks the program's processes.
    pub fn new(settings: &'a Settings, run_id: &'a str, stage: &'a str) -> Self {
        Self {
            settings,
            run_id,
            stage,
            conversation: None,
            answers_since_start: 0,
            next_request: Instant::now(),
            failures_in_a_row: 0,
            broken: None,
            answers_ignored: 0,
            starts: 0,
        }
    }

    /// Asks about a player. `halt` is asked all the while whether to give up.
    ///
    /// # Errors
    /// The program cannot be ended.
    pub fn ask(&mut self, player: &Player, halt: &mut dyn FnMut() -> bool) -> Result<Said> {
        let mut may_start_anew = true;
        loop {
            if self.broken.is_some() {
                return Ok(Said::NotAsked);
            }
            if !self.wait_for_turn(halt) {
                return Ok(Said::Halted);
            }
            self.clear_up()?;
            let Some(conversation) = self.started() else { return Ok(Said::NotAsked) };
            conversation.send(request(player));
            let reason = match self.listen(player.id, halt) {
                Ok(answer) => {
                    self.answers_since_start += 1;
                    self.failures_in_a_row = 0;
                    return Ok(Said::Answer(answer));
                }
                Err(Silence::Halted) => return self.end(Duration::ZERO).map(|_| Said::Halted),
                Err(Silence::Failed(reason)) => self.end(Duration::ZERO).map(|_| reason)?,
                Err(Silence::Ended) => {
                    let has_answered = self.answers_since_start > 0;
                    let ended = self.end(END_PATIENCE)?;
                    let is_well = ended.as_ref().is_some_and(|ended| ended.status.success());
                    // A program that ends after some answers is welcome to: the question goes to a new one.
                    if std::mem::take(&mut may_start_anew) && is_well && has_answered {
                        continue;
                    }
                    format!("the program ended {}before it answered", how(ended.as_ref()))
                }
            };
            self.failures_in_a_row += 1;
            if self.failures_in_a_row >= FAILURES_MAX {
                self.give_up(&format!("{FAILURES_MAX} players in a row came to nothing, at last: {reason}"));
            }
            return Ok(Said::Failed(reason));
        }
    }

    /// Waits until the next request is due; false when there is no time for it.
    fn wait_for_turn(&mut self, halt: &mut dyn FnMut() -> bool) -> bool {
        loop {
            if halt() {
                return false;
            }
            let left = self.next_request.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            std::thread::sleep(left.min(LOOK_INTERVAL));
        }
        self.next_request = Instant::now() + Duration::from_secs(60) / self.settings.rate_per_minute;
        true
    }

    /// The conversation, begun when there is none.
    fn started(&mut self) -> Option<&Conversation> {
        if self.conversation.is_none() {
            let launch = Launch {
                command: &self.settings.command,
                search_path: self.settings.search_path.as_deref(),
                environment: [("TEELO_RUN_ID", self.run_id), ("TEELO_STAGE", self.stage)],
                stdout: None,
                stderr: &self.settings.stderr_log,
            };
            self.answers_since_start = 0;
            self.starts += 1;
            match Conversation::start(&launch) {
                Ok(conversation) => self.conversation = Some(conversation),
                Err(error) => self.give_up(&error.to_string()),
            }
        }
        self.conversation.as_ref()
    }

    /// Passes over what was said since the last answer: it is no answer to the next request. A program that has ended meanwhile
    /// is done with.
    fn clear_up(&mut self) -> Result<()> {
        while let Some(conversation) = &self.conversation {
            match conversation.hear(Duration::ZERO) {
                Heard::Line(_) => self.answers_ignored += 1,
                Heard::Nothing => break,
                Heard::TooLong | Heard::End => _ = self.end(END_PATIENCE)?,
            }
        }
        Ok(())
    }

    /// Waits for the answer about the player `id`. Answers about others are passed over: they were given before.
    fn listen(
        &mut self,
        id: i32,
        halt: &mut dyn FnMut() -> bool,
    ) -> std::result::Result<Map<String, Value>, Silence> {
        let asked = Instant::now();
        loop {
            let left = self.settings.answer_timeout.saturating_sub(asked.elapsed());
            if left.is_zero() {
                let seconds = self.settings.answer_timeout.as_secs_f64();
                return Err(Silence::Failed(format!("no answer within {seconds} s")));
            }
            if halt() {
                return Err(Silence::Halted);
            }
            let Some(conversation) = &self.conversation else { return Err(Silence::Ended) };
            let line = match conversation.hear(left.min(LOOK_INTERVAL)) {
                Heard::Nothing => continue,
                Heard::End => return Err(Silence::Ended),
                Heard::TooLong => return Err(Silence::Failed("a line that is far too long".to_owned())),
                Heard::Line(line) if line.trim_ascii().is_empty() => continue,
                Heard::Line(line) => line,
            };
            match understood(&line) {
                Some((about, answer)) if about == i64::from(id) => return Ok(answer),
                Some((about, _)) => {
                    self.answers_ignored += 1;
                    log::debug!("an answer about player {about}, who was not asked about, is passed over");
                }
                None => {
                    let line = fields::shown(&String::from_utf8_lossy(&line));
                    return Err(Silence::Failed(format!("no JSON object with a player_id: {line}")));
                }
            }
        }
    }

    /// Asks about nobody else in this run.
    fn give_up(&mut self, reason: &str) {
        self.broken = Some(with_stderr(reason, &self.settings.stderr_log));
    }

    /// Ends the program, if it runs.
    fn end(&mut self, patience: Duration) -> Result<Option<Ended>> {
        let ended = self.conversation.take().map(|conversation| conversation.end(patience)).transpose()?;
        if let Some(ended) = &ended
            && !ended.survivors.is_empty()
        {
            log::warn!(
                "{}: these processes of the program cannot be ended: {:?}",
                self.stage,
                ended.survivors
            );
        }
        Ok(ended)
    }

    /// Says goodbye: no request follows.
    ///
    /// # Errors
    /// The system's.
    pub fn close(&mut self) -> Result<()> {
        self.end(END_PATIENCE).map(|_| ())
    }
}

/// `by signal 9 (SIGKILL) `, `with exit code 1 `.
fn how(ended: Option<&Ended>) -> String {
    match ended.map(|ended| (ended.status, ended.status.code())) {
        Some((_, Some(code))) => format!("with exit code {code} "),
        Some((status, None)) => format!("by {} ", signal_name(status)),
        None => String::new(),
    }
}

fn request(player: &Player) -> Vec<u8> {
    let request = json!({
        "player_id": player.id,
        "name": player.name,
        "atp_id": player.atp_id,
        "wta_id": player.wta_id,
        "itf_id": player.itf_id,
    });
    request.to_string().into_bytes()
}

/// The answer, and whom it is about.
fn understood(line: &[u8]) -> Option<(i64, Map<String, Value>)> {
    let Ok(Value::Object(answer)) = serde_json::from_slice(line) else { return None };
    Some((answer.get("player_id")?.as_i64()?, answer))
}

/// Whether the answer says that the program does not know the player.
pub fn is_not_found(answer: &Map<String, Value>) -> bool {
    answer.get("not_found") == Some(&Value::Bool(true))
}

/// The good values of an answer, and those that are turned down.
pub fn facts(answer: &Map<String, Value>, today: Date) -> (Facts, Vec<Rejected>) {
    let mut texts = Vec::new();
    let mut wrong = Vec::new();
    for (key, field) in KEYS {
        match answer.get(key) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => texts.push((field, text.clone())),
            Some(Value::Number(number)) => texts.push((field, number.to_string())),
            Some(other) => {
                let value = fields::shown(&other.to_string());
                wrong.push(Rejected { field, value, reason: "no_text_or_number" });
            }
        }
    }
    let (facts, mut rejected) =
        fields::check_all(texts.iter().map(|(field, text)| (*field, text.as_str())), today);
    rejected.append(&mut wrong);
    (facts, rejected)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn an_answer_is_an_object_about_a_player() {
        for line in
            ["", "x", "[]", "{}", r#"{"player_id": "7"}"#, r#"{"player_id": 7.5}"#, "{\"player_id\": 7"]
        {
            assert!(understood(line.as_bytes()).is_none(), "{line}");
        }
        let (about, answer) = understood(br#" {"player_id": 7, "not_found": true} "#).expect("it is one");
        assert_eq!(about, 7);
        assert!(is_not_found(&answer));
    }

    #[test]
    fn values_come_as_texts_or_numbers_and_countries_by_code_or_name() {
        let answer = json!({
            "nationality_ioc": null, "nationality": "Spain", "birth_date": "2001-05-04", "hand": ["R"],
            "height_cm": 185, "backhand": "Two-Handed", "turned_pro_year": "2018", "shoe_size": 44
        });
        let (facts, rejected) = facts(answer.as_object().expect("an object"), date!(2026 - 03 - 04));
        let values: Vec<_> = facts.values().map(String::as_str).collect();
        assert_eq!(values, ["ESP", "2001-05-04", "185", "Two-Handed", "2018"]);
        assert_eq!(rejected.len(), 1, "{rejected:?}");
        assert_eq!((rejected[0].field, rejected[0].value.as_str()), (Field::Hand, "[\"R\"]"));
    }
}

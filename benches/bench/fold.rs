//! The fold alone: every match rated in memory, on one core.

use std::time::{Duration, Instant};

use teelo::elo::params::Parameters;
use teelo::elo::replay::{Position, Replay, StoredMatch};
use teelo::elo::store::Reader;

use crate::Result;
use crate::server::{Bench, INGESTED};
use crate::table::{Bar, Row, Times};

/// Turns: each takes a tenth of a second.
const TURNS: usize = 7;
/// Matches read at once.
const WINDOW: i64 = 100_000;
/// The promise.
const MATCHES_PER_S: f64 = 10e6;

/// The group's row.
pub fn rows(bench: &mut Bench) -> Result<Vec<Row>> {
    bench.prepare_ingested()?;
    let matches = load(bench)?;
    let times: Result<Vec<Duration>> = (0..TURNS).map(|_| fold(&matches)).collect();
    let times = Times::new(times?);
    let speed = matches.len() as f64 / times.median_s() / 1e6;
    Ok(vec![Row {
        name: format!("the fold alone, {} matches in memory", matches.len()),
        ours: times,
        floor: None,
        bar: Bar::Seconds(matches.len() as f64 / MATCHES_PER_S),
        peak_kb: None,
        note: format!("{speed:.1} million matches/s"),
    }])
}

fn load(bench: &Bench) -> Result<Vec<StoredMatch>> {
    let mut client = bench.connect(INGESTED)?;
    let mut reader = Reader::new(&mut client)?;
    let (mut matches, mut first) = (Vec::new(), Position::START);
    loop {
        let window = reader.window(first, WINDOW, "")?;
        let Some(last) = window.matches.last() else { return Ok(matches) };
        first = last.position().next();
        matches.extend(window.matches);
    }
}

fn fold(matches: &[StoredMatch]) -> Result<Duration> {
    let began = Instant::now();
    let mut replay = Replay::new(Parameters::default());
    replay.suspect_everything();
    for one in matches {
        for player in [one.player_a_id, one.player_b_id] {
            if !replay.knows(player) {
                replay.learn(player, None);
            }
        }
        replay.visit(one, false).map_err(|overflow| format!("{overflow:?}"))?;
    }
    Ok(began.elapsed())
}

//! `teelo verify` and `teelo rankings --as-of`. The floor: the same columns sent out, and dropped.

use std::time::{Duration, Instant};

use teelo::db;

use crate::Result;
use crate::elo::{drain, matches_from};
use crate::process;
use crate::server::{Bench, RATED};
use crate::table::{Bar, Row, Times};

/// What reads everything, and its bar as a multiple of the floor.
const READERS: [(&str, &[&str], f64); 2] = [
    ("`teelo verify` over everything", &["verify"], 1.5),
    // After every match, so that each counts.
    ("`teelo rankings --as-of` a day after everything", &["rankings", "--as-of", "2100-01-01"], 2.0),
];

/// The group's rows.
pub fn rows(bench: &mut Bench) -> Result<Vec<Row>> {
    bench.prepare_rated()?;
    READERS.iter().map(|(name, arguments, bar)| row(bench, name, arguments, *bar)).collect()
}

fn row(bench: &Bench, name: &str, arguments: &[&str], bar: f64) -> Result<Row> {
    let (ours, floor, peak_kb) = bench.on_copy(RATED, |url| {
        let (mut ours, mut floor, mut peak_kb) = (Vec::new(), Vec::new(), 0);
        for _ in 0..bench.turns {
            let ran = process::run(url, arguments, &[0])?;
            peak_kb = peak_kb.max(ran.peak_kb);
            ours.push(ran.took);
            floor.push(send_out(url)?);
        }
        Ok((ours, floor, peak_kb))
    })?;
    Ok(Row {
        name: name.to_owned(),
        ours: Times::new(ours),
        floor: Some(Times::new(floor)),
        bar: Bar::Ratio(bar),
        peak_kb: Some(peak_kb),
        note: String::new(),
    })
}

fn send_out(url: &str) -> Result<Duration> {
    let mut client = db::connect(url, "bench")?;
    let began = Instant::now();
    drain(&mut client, &matches_from(0))?;
    Ok(began.elapsed())
}

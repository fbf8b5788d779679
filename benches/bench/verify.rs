//! `teelo verify`. The floor: the same columns sent out, and dropped.

use std::time::{Duration, Instant};

use teelo::db;

use crate::Result;
use crate::elo::{drain, matches_from};
use crate::process;
use crate::server::{Bench, RATED};
use crate::table::{Bar, Row, Times};

/// The group's row.
pub fn rows(bench: &mut Bench) -> Result<Vec<Row>> {
    bench.prepare_rated()?;
    let turns = bench.turns;
    let (ours, floor, peak_kb) = bench.on_copy(RATED, |url| {
        let (mut ours, mut floor, mut peak_kb) = (Vec::new(), Vec::new(), 0);
        for _ in 0..turns {
            let ran = process::run(url, &["verify"], &[0])?;
            peak_kb = peak_kb.max(ran.peak_kb);
            ours.push(ran.took);
            floor.push(send_out(url)?);
        }
        Ok((ours, floor, peak_kb))
    })?;
    Ok(vec![Row {
        name: "`teelo verify` over everything".to_owned(),
        ours: Times::new(ours),
        floor: Some(Times::new(floor)),
        bar: Bar::Ratio(1.5),
        peak_kb: Some(peak_kb),
        note: String::new(),
    }])
}

fn send_out(url: &str) -> Result<Duration> {
    let mut client = db::connect(url, "bench")?;
    let began = Instant::now();
    drain(&mut client, &matches_from(0))?;
    Ok(began.elapsed())
}

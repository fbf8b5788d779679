//! `teelo elo`: the whole history, new results, and corrections.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::time::{Duration, Instant};

use postgres::Client;
use teelo::db;
use time::OffsetDateTime;

use crate::Result;
use crate::process::{self, Ran};
use crate::server::{Bench, INGESTED, RATED};
use crate::table::{Bar, Row, Times};

/// What Teelo's Python script rates in a second, on the machine of docs/PERFORMANCE.md's first table.
const PYTHON_MATCHES_PER_S: f64 = 2_467.0;
/// Turns of rows that take a fraction of a second.
const SHORT_TURNS: usize = 9;
/// The rated database with so few matches.
const SMALL: &str = "small";
const SMALL_MATCHES: i64 = 10_000;
const NEW_RESULTS: i64 = 500;
/// A year in the date that begins a temporal order.
const YEAR: i64 = 10_000 * 10_000_000;

/// What a rated database holds, as COPY reads it.
struct Numbers {
    ratings: Vec<u8>,
    states: Vec<u8>,
    version: String,
}

/// Rating everything, for the first time and again.
pub fn rows(bench: &mut Bench) -> Result<Vec<Row>> {
    bench.prepare_rated()?;
    let numbers = bench.on_copy(RATED, |url| unload(url, "defaults-v1"))?;
    let mut rows = Vec::new();
    for (batch_size, bar) in [("1000", 1.3), ("10000", 1.15)] {
        let arguments = ["elo", "--batch-size", batch_size];
        rows.push(everything(bench, INGESTED, &arguments, &numbers, bar, None)?);
    }
    let changed = bench.on_copy(RATED, |url| {
        change_parameters(&mut db::connect(url, "bench")?)?;
        process::run(url, &["elo"], &[0])?;
        unload(url, "bench")
    })?;
    rows.push(everything(bench, RATED, &["elo"], &changed, 1.3, Some(change_parameters))?);
    Ok(rows)
}

fn everything(
    bench: &Bench,
    template: &str,
    arguments: &[&str],
    numbers: &Numbers,
    ratio: f64,
    before: Option<fn(&mut Client) -> Result<()>>,
) -> Result<Row> {
    let note = RefCell::new(String::new());
    let compared = bench.compare(
        template,
        |client| before.map_or(Ok(()), |before| before(client)),
        |url| {
            let ran = process::run(url, arguments, &[0])?;
            let matches = numbers.ratings.iter().filter(|byte| **byte == b'\n').count() as f64;
            let speed = matches / ran.took.as_secs_f64();
            let times = speed / PYTHON_MATCHES_PER_S;
            let about = format!("{speed:.0} matches/s, {times:.0} x the Python script; {}", updates(url)?);
            note.replace(about);
            Ok(ran)
        },
        |url| write_floor(url, numbers),
        content,
    )?;
    let name = if before.is_some() {
        "rate everything again (new parameters)".to_owned()
    } else {
        format!("rate the whole history, batches of {}", arguments[2])
    };
    Ok(Row {
        name,
        ours: compared.ours,
        floor: Some(compared.floor),
        bar: Bar::Ratio(ratio),
        peak_kb: Some(compared.peak_kb),
        note: note.into_inner(),
    })
}

/// New results, nothing to do, and corrections.
pub fn rows_of_changes(bench: &mut Bench) -> Result<Vec<Row>> {
    bench.prepare_rated()?;
    bench.prepare(SMALL, Some(RATED), |url| {
        let mut client = db::connect(url, "bench")?;
        client.execute(include_str!("../sql/matches_keep_newest.sql"), &[&SMALL_MATCHES])?;
        client.batch_execute("TRUNCATE elo_pending")?;
        process::run(url, &["elo", "--rebuild"], &[0])?;
        Ok(client.batch_execute("VACUUM FULL")?)
    })?;
    let mut rows = vec![new_results(bench)?, nothing_to_do(bench)?];
    rows.push(correction(bench, 1, Bar::RatioAndSeconds(1.4, 1.5))?);
    rows.push(correction(bench, 10, Bar::RatioAndSeconds(1.4, 10.0))?);
    Ok(rows)
}

fn new_results(bench: &Bench) -> Result<Row> {
    let (mut ours, mut floor, mut peak_kb) = (Vec::new(), Vec::new(), 0);
    for _ in 0..bench.turns.max(SHORT_TURNS) {
        for (template, times) in [(RATED, &mut ours), (SMALL, &mut floor)] {
            let ran = bench.on_copy(template, |url| {
                let mut client = db::connect(url, "bench")?;
                client.execute(include_str!("../sql/new_results.sql"), &[&NEW_RESULTS])?;
                client.batch_execute("CHECKPOINT")?;
                let ran = process::run(url, &["elo", "--json"], &[0])?;
                expect(&ran, "matches_rated", NEW_RESULTS)?;
                Ok(ran)
            })?;
            times.push(ran.took);
            peak_kb = peak_kb.max(ran.peak_kb);
        }
    }
    Ok(Row {
        name: format!("{NEW_RESULTS} new results"),
        ours: Times::new(ours),
        floor: Some(Times::new(floor)),
        bar: Bar::RatioAndSeconds(1.3, 0.3),
        peak_kb: Some(peak_kb),
        note: format!("the floor: the same on a history of {SMALL_MATCHES} matches"),
    })
}

fn nothing_to_do(bench: &Bench) -> Result<Row> {
    let runs = bench.on_copy(RATED, |url| {
        (0..SHORT_TURNS).map(|_| process::run(url, &["elo"], &[0])).collect::<Result<Vec<Ran>>>()
    })?;
    Ok(Row {
        name: "nothing to do".to_owned(),
        peak_kb: runs.iter().map(|ran| ran.peak_kb).max(),
        ours: Times::new(runs.iter().map(|ran| ran.took).collect()),
        floor: None,
        bar: Bar::Seconds(0.050),
        note: String::new(),
    })
}

/// One result corrected so many years before the end. The floor reads what lies after once, and writes exactly the rows
/// that change.
fn correction(bench: &Bench, years: i64, bar: Bar) -> Result<Row> {
    let (order, numbers) = bench.on_copy(RATED, |url| {
        let mut client = db::connect(url, "bench")?;
        let order: i64 =
            client.query_one(include_str!("../sql/match_correct.sql"), &[&(years * YEAR)])?.get(0);
        client.batch_execute(include_str!("../sql/snapshot_make.sql"))?;
        process::run(url, &["elo"], &[0])?;
        Ok((
            order,
            Numbers {
                ratings: copy_out(&mut client, include_str!("../sql/ratings_unload_changed.sql"))?,
                states: copy_out(&mut client, include_str!("../sql/states_unload_changed.sql"))?,
                version: "defaults-v1".to_owned(),
            },
        ))
    })?;
    let changed = numbers.ratings.iter().filter(|byte| **byte == b'\n').count();
    let compared = bench.compare(
        RATED,
        |client| {
            client.query_one(include_str!("../sql/match_correct.sql"), &[&(years * YEAR)])?;
            Ok(())
        },
        |url| {
            let ran = process::run(url, &["elo", "--json"], &[0])?;
            expect(&ran, "matches_rerated", changed as i64)?;
            Ok(ran)
        },
        |url| {
            let began = Instant::now();
            let mut client = db::connect(url, "bench")?;
            drain(&mut client, &matches_from(order))?;
            let read = began.elapsed();
            Ok(read + write_floor(url, &numbers)?)
        },
        content,
    )?;
    Ok(Row {
        name: format!("one result corrected {years} years back"),
        ours: compared.ours,
        floor: Some(compared.floor),
        bar,
        peak_kb: Some(compared.peak_kb),
        note: format!("{changed} rows change"),
    })
}

/// The best bare statements that leave the same values: COPY into temporary tables, one UPDATE, one upsert, one DELETE.
fn write_floor(url: &str, numbers: &Numbers) -> Result<Duration> {
    let mut client = db::connect(url, "bench")?;
    client.batch_execute(include_str!("../sql/floor_configure.sql"))?;
    let began = Instant::now();
    let mut transaction = client.transaction()?;
    transaction.batch_execute(include_str!("../sql/floor_tables_create.sql"))?;
    for (load, data) in [
        (include_str!("../sql/floor_ratings_load.sql"), &numbers.ratings),
        (include_str!("../sql/floor_states_load.sql"), &numbers.states),
    ] {
        let mut writer = transaction.copy_in(load)?;
        writer.write_all(data)?;
        writer.finish()?;
    }
    transaction.batch_execute("ANALYZE floor_ratings; ANALYZE floor_states")?;
    let now = db::utc(OffsetDateTime::now_utc());
    transaction.execute(include_str!("../sql/floor_ratings_write.sql"), &[&numbers.version, &now])?;
    transaction.execute(include_str!("../sql/floor_states_write.sql"), &[&now])?;
    transaction.batch_execute("DELETE FROM elo_pending")?;
    transaction.commit()?;
    Ok(began.elapsed())
}

fn change_parameters(client: &mut Client) -> Result<()> {
    Ok(client.batch_execute(include_str!("../sql/parameters_change.sql"))?)
}

fn unload(url: &str, version: &str) -> Result<Numbers> {
    let mut client = db::connect(url, "bench")?;
    Ok(Numbers {
        ratings: copy_out(&mut client, include_str!("../sql/ratings_unload.sql"))?,
        states: copy_out(&mut client, include_str!("../sql/states_unload.sql"))?,
        version: version.to_owned(),
    })
}

fn copy_out(client: &mut Client, query: &str) -> Result<Vec<u8>> {
    let mut data = Vec::new();
    client.copy_out(query)?.read_to_end(&mut data)?;
    Ok(data)
}

/// What reads everything that the fold needs from a temporal order on. COPY takes no parameter.
pub fn matches_from(temporal_order: i64) -> String {
    include_str!("../sql/matches_read_floor.sql").replace("$1", &temporal_order.to_string())
}

/// Reads what COPY sends and drops it.
pub fn drain(client: &mut Client, query: &str) -> Result<u64> {
    Ok(std::io::copy(&mut client.copy_out(query)?, &mut std::io::sink())?)
}

/// A number that stands for every rating, state and pending row.
fn content(client: &mut Client) -> Result<String> {
    Ok(client.query_one(include_str!("../sql/content_hash.sql"), &[])?.get(0))
}

/// How many of the updates stayed on their page, and what room the table takes after a VACUUM.
fn updates(url: &str) -> Result<String> {
    let mut client = db::connect(url, "bench")?;
    let size = |client: &mut Client| -> Result<i64> {
        Ok(client.query_one("SELECT pg_relation_size('matches')", &[])?.get(0))
    };
    let before = size(&mut client)?;
    let row = client.query_one(include_str!("../sql/updates.sql"), &[])?;
    let share: f64 = row.get(0);
    client.batch_execute("VACUUM matches")?;
    let free: i64 = client.query_one(include_str!("../sql/live_bytes.sql"), &[])?.get(0);
    Ok(format!(
        "{:.0}% of the updates heap-only; table {} MB, {} MB of rows after a VACUUM",
        share * 100.0,
        before / 1_000_000,
        free / 1_000_000
    ))
}

/// Checks a number of a run's metrics.
fn expect(ran: &Ran, name: &str, expected: i64) -> Result<()> {
    let metrics: serde_json::Value = serde_json::from_str(&ran.stdout)?;
    if metrics[name] == expected {
        return Ok(());
    }
    Err(format!("{name}: {}, expected {expected}: nothing was measured", metrics[name]).into())
}

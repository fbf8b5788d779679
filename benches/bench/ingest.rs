//! `teelo ingest` of everything, and again. The floor: the same rows of the four large tables, ready to be copied in.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use teelo::db;

use crate::Result;
use crate::process::{self, Ran};
use crate::server::{Bench, INGESTED};
use crate::table::{Bar, Row, Times};

/// The database without rows.
const EMPTY: &str = "empty";
/// Turns of the second ingest.
const SHORT_TURNS: usize = 5;
/// In an order in which nothing is referred to before it is there.
const TABLES: [&str; 4] = ["players", "tournaments", "tournament_editions", "matches"];

/// The group's rows.
pub fn rows(bench: &mut Bench) -> Result<Vec<Row>> {
    bench.prepare_ingested()?;
    bench.prepare(EMPTY, None, |_| Ok(()))?;
    let data = bench.on_copy(INGESTED, unload)?;
    let (feed, rejects) = (bench.feed().display().to_string(), bench.rejects());
    let arguments = ["ingest", "--feed", &feed, "--workers", "2", "--rejects-jsonl", &rejects];
    let compared = bench.compare(
        EMPTY,
        |_| Ok(()),
        |url| process::run(url, &arguments, &[0, 3]),
        |url| load(url, &data),
        |client| {
            let counts = client.query_one(include_str!("../sql/rows_count.sql"), &[])?;
            Ok((0..TABLES.len()).map(|column| counts.get(column)).collect::<Vec<i64>>())
        },
    )?;
    let again = bench.on_copy(INGESTED, |url| {
        (0..SHORT_TURNS).map(|_| process::run(url, &arguments, &[0, 3])).collect::<Result<Vec<Ran>>>()
    })?;
    Ok(vec![
        Row {
            name: "`teelo ingest` of everything, 2 workers".to_owned(),
            ours: compared.ours,
            floor: Some(compared.floor),
            bar: Bar::Ratio(1.8),
            peak_kb: Some(compared.peak_kb),
            note: "the floor: COPY of ready rows into the four tables, one session".to_owned(),
        },
        Row {
            name: "`teelo ingest` again, unchanged".to_owned(),
            peak_kb: again.iter().map(|ran| ran.peak_kb).max(),
            ours: Times::new(again.iter().map(|ran| ran.took).collect()),
            floor: None,
            bar: Bar::Seconds(2.0),
            note: String::new(),
        },
    ])
}

/// The rows of the tables, as COPY writes them.
fn unload(url: &str) -> Result<Vec<Vec<u8>>> {
    let mut client = db::connect(url, "bench")?;
    let mut all = Vec::new();
    for table in TABLES {
        let mut data = Vec::new();
        client.copy_out(&format!("COPY {table} TO STDOUT"))?.read_to_end(&mut data)?;
        all.push(data);
    }
    Ok(all)
}

fn load(url: &str, data: &[Vec<u8>]) -> Result<Duration> {
    let mut client = db::connect(url, "bench")?;
    let began = Instant::now();
    let mut transaction = client.transaction()?;
    for (table, rows) in TABLES.iter().zip(data) {
        let mut writer = transaction.copy_in(&format!("COPY {table} FROM STDIN"))?;
        writer.write_all(rows)?;
        writer.finish()?;
    }
    transaction.commit()?;
    Ok(began.elapsed())
}

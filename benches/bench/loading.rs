//! Loading results in bulk, with the triggers that note what is to be rated. The floor: the same without the trigger.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use teelo::db;
use teelo::elo::store;

use crate::Result;
use crate::process::Ran;
use crate::server::Bench;
use crate::table::{Bar, Row};

/// A season and a half of all tours.
const MATCHES: i32 = 100_000;
/// As many as play in that time.
const PLAYERS: i32 = 12_000;
/// The database without matches.
const PREPARED: &str = "prepared";

/// The group's row.
pub fn rows(bench: &mut Bench) -> Result<Vec<Row>> {
    bench.prepare(PREPARED, None, |url| {
        let mut client = db::connect(url, "bench")?;
        client.execute(include_str!("../../tests/sql/made_up_players.sql"), &[&PLAYERS])?;
        Ok(client.close()?)
    })?;
    let data = bench.on_copy(PREPARED, |url| {
        let mut client = db::connect(url, "bench")?;
        client.execute(include_str!("../../tests/sql/made_up_matches.sql"), &[&MATCHES, &PLAYERS])?;
        let mut data = Vec::new();
        client.copy_out(include_str!("../sql/matches_unload.sql"))?.read_to_end(&mut data)?;
        Ok(data)
    })?;
    let compared = bench.compare(
        PREPARED,
        |_| Ok(()),
        |url| Ok(Ran { took: load(url, &data, true)?, peak_kb: 0, stdout: String::new() }),
        |url| load(url, &data, false),
        |_| Ok(()),
    )?;
    Ok(vec![Row {
        name: "COPY of 100,000 matches, noted for rating".to_owned(),
        ours: compared.ours,
        floor: Some(compared.floor),
        bar: Bar::Ratio(1.15),
        peak_kb: None,
        note: "the floor: without our trigger".to_owned(),
    }])
}

/// Loads `data`; returns the time until it is committed.
fn load(url: &str, data: &[u8], with_trigger: bool) -> Result<Duration> {
    let mut client = db::connect(url, "bench")?;
    if !with_trigger {
        client.batch_execute(include_str!("../sql/insert_trigger_disable.sql"))?;
    }
    let began = Instant::now();
    let mut writer = client.copy_in(include_str!("../sql/matches_load.sql"))?;
    writer.write_all(data)?;
    writer.finish()?;
    let took = began.elapsed();
    let noted = store::count_pending(&mut client)?;
    let expected = if with_trigger { MATCHES.unsigned_abs().into() } else { 0 };
    if noted != expected {
        return Err(format!("{noted} matches were noted, expected {expected}: nothing was measured").into());
    }
    Ok(took)
}

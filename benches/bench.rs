//! What the program's promises cost, each beside the least that it could cost on the same machine (the floor).
//! `make bench` prints a table; `cargo bench --bench bench -- --json PATH` also writes it as JSON.
//!
//! The server is a private one with PostgreSQL's own settings (fsync is on). Ours and the floor take turns, each time in a
//! new database, so that neither gets the warmer machine. The medians are compared, and the fastest turns: where the two
//! ratios disagree, the machine was busy with something else.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use lexopt::prelude::*;
use postgres::Client;
use serde_json::json;
use teelo::elo::store;
use teelo::private_server::{NAME, TemporaryServer};
use teelo::{config, db, migrations};
use time::OffsetDateTime;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Grows when a field of the JSON changes its meaning or goes.
const SCHEMA_VERSION: u32 = 1;
/// Turns of each side. Odd, so that the median is one of them.
const TURNS: usize = 7;
/// A season and a half of all tours.
const LOADED_MATCHES: i32 = 100_000;
/// As many as play in that time.
const LOADED_PLAYERS: i32 = 12_000;
/// The database that each turn's is a copy of.
const TEMPLATE: &str = "prepared";

/// A row of the table.
struct Measured {
    name: &'static str,
    ours: Times,
    floor: Times,
}

/// What the turns of one side took, fastest first.
struct Times(Vec<Duration>);

impl Times {
    fn new(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        Self(times)
    }

    fn median_s(&self) -> f64 {
        self.0[self.0.len() / 2].as_secs_f64()
    }

    fn fastest_s(&self) -> f64 {
        self.0[0].as_secs_f64()
    }
}

fn main() -> Result<()> {
    let json_path = json_path()?;
    let server = TemporaryServer::start_durable(&config::private_server()?)?;
    let measured = [load_matches(&server)?];
    println!("{:<34} {:>9} {:>9} {:>6} {:>8}", "", "ours", "floor", "ratio", "fastest");
    for row in &measured {
        println!(
            "{:<34} {:>7.3} s {:>7.3} s {:>6.3} {:>8.3}",
            row.name,
            row.ours.median_s(),
            row.floor.median_s(),
            row.ratio(),
            row.ratio_of_fastest()
        );
    }
    if let Some(path) = json_path {
        let rows: Vec<_> = measured.iter().map(Measured::to_json).collect();
        let report = json!({"schema_version": SCHEMA_VERSION, "postgresql": server.version(), "rows": rows});
        std::fs::write(path, format!("{report:#}\n"))?;
    }
    Ok(())
}

/// Where the JSON goes. Cargo itself adds `--bench`.
fn json_path() -> Result<Option<PathBuf>> {
    let mut parser = lexopt::Parser::from_env();
    let mut path = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("json") => path = Some(parser.value()?.into()),
            Long("bench") => {}
            _ => return Err(argument.unexpected().into()),
        }
    }
    Ok(path)
}

impl Measured {
    fn ratio(&self) -> f64 {
        self.ours.median_s() / self.floor.median_s()
    }

    fn ratio_of_fastest(&self) -> f64 {
        self.ours.fastest_s() / self.floor.fastest_s()
    }

    fn to_json(&self) -> serde_json::Value {
        json!({
            "name": self.name,
            "ours_s": self.ours.median_s(),
            "floor_s": self.floor.median_s(),
            "ratio": self.ratio(),
            "ours_fastest_s": self.ours.fastest_s(),
            "floor_fastest_s": self.floor.fastest_s(),
            "ratio_of_fastest": self.ratio_of_fastest(),
            "turns": TURNS,
        })
    }
}

/// Loading results in bulk, with the triggers that note what is to be rated. The floor: the same without the trigger.
fn load_matches(server: &TemporaryServer) -> Result<Measured> {
    let mut admin = connect(server, NAME)?;
    let data = prepare(server, &mut admin)?;
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for turn in 0..TURNS {
        // Who begins changes too.
        for with_trigger in [turn % 2 == 0, turn % 2 != 0] {
            let times = if with_trigger { &mut ours } else { &mut floor };
            times.push(load_once(server, &mut admin, &data, with_trigger)?);
        }
    }
    Ok(Measured { name: "COPY of 100,000 matches, noted", ours: Times::new(ours), floor: Times::new(floor) })
}

/// Makes the database [`TEMPLATE`] with tables, players and tournaments; returns made-up matches as COPY reads them.
fn prepare(server: &TemporaryServer, admin: &mut Client) -> Result<Vec<u8>> {
    admin.batch_execute(&format!("CREATE DATABASE {TEMPLATE}"))?;
    let mut client = connect(server, TEMPLATE)?;
    migrations::apply(&mut client, OffsetDateTime::now_utc())?;
    client.execute(include_str!("../tests/sql/made_up_players.sql"), &[&LOADED_PLAYERS])?;
    let mut transaction = client.transaction()?;
    transaction
        .execute(include_str!("../tests/sql/made_up_matches.sql"), &[&LOADED_MATCHES, &LOADED_PLAYERS])?;
    let mut data = Vec::new();
    transaction.copy_out(include_str!("sql/matches_unload.sql"))?.read_to_end(&mut data)?;
    transaction.rollback()?;
    client.batch_execute("VACUUM (FULL, ANALYZE)")?;
    client.close()?;
    Ok(data)
}

/// Loads `data` into a new database; returns the time until it is committed.
fn load_once(
    server: &TemporaryServer,
    admin: &mut Client,
    data: &[u8],
    with_trigger: bool,
) -> Result<Duration> {
    admin.batch_execute(&format!("CREATE DATABASE turn TEMPLATE {TEMPLATE}"))?;
    let mut client = connect(server, "turn")?;
    if !with_trigger {
        client.batch_execute(include_str!("sql/insert_trigger_disable.sql"))?;
    }
    // What earlier turns left to be written must not be written during this one.
    admin.batch_execute("CHECKPOINT")?;
    let began = Instant::now();
    let mut writer = client.copy_in(include_str!("sql/matches_load.sql"))?;
    writer.write_all(data)?;
    writer.finish()?;
    let took = began.elapsed();
    let noted = store::count_pending(&mut client)?;
    let expected = if with_trigger { LOADED_MATCHES.unsigned_abs().into() } else { 0 };
    if noted != expected {
        return Err(format!("{noted} matches were noted, expected {expected}: nothing was measured").into());
    }
    client.close()?;
    admin.batch_execute("DROP DATABASE turn WITH (FORCE)")?;
    Ok(took)
}

fn connect(server: &TemporaryServer, database: &str) -> Result<Client> {
    Ok(db::connect(&server.url(database), "bench")?)
}

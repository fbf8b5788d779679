//! The private server of the benchmark, and the databases that its rows begin with.

use std::path::{Path, PathBuf};
use std::time::Duration;

use postgres::Client;
use teelo::private_server::{NAME, TemporaryServer};
use teelo::{config, db, migrations};
use time::OffsetDateTime;

use crate::data::Data;
use crate::process::{self, Ran};
use crate::table::Times;
use crate::{Result, data};

/// The database with all matches, none of them rated.
pub const INGESTED: &str = "ingested";
/// The same, rated.
pub const RATED: &str = "rated";
/// The database of one turn.
const TURN: &str = "turn";

/// What the rows share.
pub struct Bench {
    server: TemporaryServer,
    data: Data,
    /// Turns of each side.
    pub turns: usize,
    prepared: Vec<&'static str>,
}

/// Ours and the floor, measured in turns.
pub struct Compared {
    /// Ours.
    pub ours: Times,
    /// The floor.
    pub floor: Times,
    /// The most memory that our process held.
    pub peak_kb: u64,
}

impl Bench {
    /// Starts the server and gets the data.
    pub fn start(quick: bool, turns: usize) -> Result<Self> {
        let server = TemporaryServer::start_durable(&config::private_server()?)?;
        Ok(Self { server, data: data::get(quick)?, turns, prepared: Vec::new() })
    }

    /// The server's version.
    pub fn version(&self) -> &str {
        self.server.version()
    }

    /// What the data are.
    pub fn about_data(&self) -> &str {
        self.data.about()
    }

    /// The feed folder.
    pub fn feed(&self) -> &Path {
        self.data.folder()
    }

    /// A session with a database of the server.
    pub fn connect(&self, database: &str) -> Result<Client> {
        Ok(db::connect(&self.server.url(database), "bench")?)
    }

    /// A session for making and dropping databases.
    pub fn admin(&self) -> Result<Client> {
        self.connect(NAME)
    }

    /// Makes `name` with all tables; `fill` gets its address. Does nothing when it is there.
    pub fn prepare(
        &mut self,
        name: &'static str,
        template: Option<&str>,
        fill: impl FnOnce(&str) -> Result<()>,
    ) -> Result<()> {
        if self.prepared.contains(&name) {
            return Ok(());
        }
        eprintln!("bench: preparing the database {name}");
        copy(&mut self.admin()?, name, template.unwrap_or("template1"))?;
        let mut client = self.connect(name)?;
        if template.is_none() {
            migrations::apply(&mut client, OffsetDateTime::now_utc())?;
        }
        fill(&self.server.url(name))?;
        client.batch_execute("VACUUM (ANALYZE)")?;
        client.close()?;
        self.prepared.push(name);
        Ok(())
    }

    /// The database with all matches, none of them rated.
    pub fn prepare_ingested(&mut self) -> Result<()> {
        let feed = self.feed().display().to_string();
        let rejects = self.data.rejects();
        self.prepare(INGESTED, None, |url| {
            let arguments = ["ingest", "--feed", &feed, "--workers", "2", "--rejects-jsonl", &rejects];
            process::run(url, &arguments, &[0, 3]).map(drop)
        })
    }

    /// A feed folder with a tenth of the data.
    pub fn small_feed(&self) -> Result<PathBuf> {
        self.data.small_folder()
    }

    /// Where rejected records are listed.
    pub fn rejects(&self) -> String {
        self.data.rejects()
    }

    /// The database with all matches, rated.
    pub fn prepare_rated(&mut self) -> Result<()> {
        self.prepare_ingested()?;
        self.prepare(RATED, Some(INGESTED), |url| process::run(url, &["elo"], &[0]).map(drop))
    }

    /// Does `work` on a fresh copy of `template`, of which nothing waits to be written to the disk. It gets the address.
    pub fn on_copy<T>(&self, template: &str, work: impl FnOnce(&str) -> Result<T>) -> Result<T> {
        let mut admin = self.admin()?;
        copy(&mut admin, TURN, template)?;
        admin.batch_execute("CHECKPOINT")?;
        let result = work(&self.server.url(TURN))?;
        admin.batch_execute(&format!("DROP DATABASE {TURN} WITH (FORCE)"))?;
        Ok(result)
    }

    /// Lets ours and the floor take turns on copies of `template`. `before` readies each copy; `check` gets each copy
    /// after the work, and has to come to the same for both sides.
    pub fn compare<C: PartialEq>(
        &self,
        template: &str,
        before: impl Fn(&mut Client) -> Result<()>,
        ours: impl Fn(&str) -> Result<Ran>,
        floor: impl Fn(&str) -> Result<Duration>,
        check: impl Fn(&mut Client) -> Result<C>,
    ) -> Result<Compared> {
        let (mut our_times, mut floor_times) = (Vec::new(), Vec::new());
        let (mut peak_kb, mut checked) = (0, None);
        for turn in 0..self.turns {
            // Who begins changes too.
            for is_ours in [turn % 2 == 0, turn % 2 != 0] {
                let found = self.on_copy(template, |url| {
                    let mut client = db::connect(url, "bench")?;
                    before(&mut client)?;
                    client.batch_execute("CHECKPOINT")?;
                    if is_ours {
                        let ran = ours(url)?;
                        our_times.push(ran.took);
                        peak_kb = peak_kb.max(ran.peak_kb);
                    } else {
                        floor_times.push(floor(url)?);
                    }
                    check(&mut client)
                })?;
                if checked.as_ref().is_some_and(|other| *other != found) {
                    return Err("ours and the floor left different values: nothing was measured".into());
                }
                checked = Some(found);
            }
        }
        Ok(Compared { ours: Times::new(our_times), floor: Times::new(floor_times), peak_kb })
    }
}

/// Makes the database `name` as a copy of another one. Since version 15 a copy may go through the log, which is slow.
fn copy(admin: &mut Client, name: &str, template: &str) -> Result<()> {
    let version: i32 = admin.query_one("SELECT current_setting('server_version_num')::integer", &[])?.get(0);
    let strategy = if version >= 150_000 { "STRATEGY file_copy" } else { "" };
    admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template} {strategy}"))?;
    Ok(())
}

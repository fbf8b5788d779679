//! What the tests of the players stage share: players, lists, programs that answer, and what the stage left.

// Every test binary compiles this file and uses its own part of it.
#![allow(dead_code)]

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use teelo::pipeline::metrics::{StageFiles, StageReport};
use teelo::players::stage::{self, Settings};
use teelo::players::store::Provider;
use time::OffsetDateTime;

use crate::support::{Output, TestDatabase, TestFolder, run};

/// The columns of a list.
pub const LIST_HEADER: &str = "player_id,name_first,name_last,hand,dob,ioc,height,wikidata_id";

/// Answers every request, as long as `answer` does, which gets the player's id. `good` prints a good answer; heights tell
/// players apart.
pub const PROGRAM: &str = r#"
good() {
    printf '{"player_id":%s,"nationality":"Spain","birth_date":"1999-02-03","hand":"Left","height_cm":%s,' "$1" $((150 + $1))
    printf '"backhand":"Two-Handed","turned_pro_year":2017}\n'
}
serve() {
    while read -r line; do
        id=${line#*\"player_id\":}
        answer "${id%%,*}"
    done
}
"#;

/// A try, as `player_tries.sql` tells it.
#[derive(Debug, PartialEq, Eq)]
pub struct LastTry {
    pub player_id: i32,
    pub tries: i32,
    pub outcome: String,
    pub detail: String,
    pub days: i32,
}

/// A database with players, and a folder.
pub struct Players {
    pub database: TestDatabase,
    folder: TestFolder,
}

impl Players {
    pub fn new(name: &str) -> Self {
        Self { database: TestDatabase::new(name), folder: TestFolder::new(name) }
    }

    /// Players 1 to `count`, each with an id of a tour.
    pub fn of_a_tour(name: &str, count: i32) -> Self {
        let players = Self::new(name);
        (1..=count)
            .for_each(|id| players.insert(id, &format!("Player N{id}"), Some(&format!("A{id}")), None));
        players
    }

    pub fn insert(&self, id: i32, name: &str, atp_id: Option<&str>, archive_id: Option<&str>) {
        self.database
            .client()
            .execute(include_str!("../sql/player_insert.sql"), &[&id, &name, &atp_id, &archive_id])
            .unwrap();
    }

    /// Somebody else writes what they know.
    pub fn write(&self, id: i32, gender: &str, ioc: Option<&str>, born: Option<&str>, hand: Option<&str>) {
        self.database
            .client()
            .execute(include_str!("../sql/player_write.sql"), &[&id, &gender, &ioc, &born, &hand])
            .unwrap();
    }

    /// A path in the test's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a player list of these rows, without their last column.
    pub fn write_list(&self, name: &str, rows: &[&str]) -> PathBuf {
        let path = self.path(name);
        let rows: String = rows.iter().map(|row| format!("{row},\n")).collect();
        std::fs::write(&path, format!("{LIST_HEADER}\n{rows}")).unwrap();
        path
    }

    /// A program whose function `answer` does `body`; it knows the test's folder as `$here`.
    pub fn program(&self, body: &str) -> String {
        let path = self.path("program.sh");
        let here = self.folder.path().display();
        std::fs::write(&path, format!("#!/bin/sh\nhere='{here}'\n{PROGRAM}\n{body}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path.display().to_string()
    }

    /// `teelo players` in the test's folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.database.command(&[&["players"], arguments].concat());
        command.current_dir(self.folder.path());
        command
    }

    /// Runs `teelo players`.
    pub fn teelo(&self, arguments: &[&str]) -> Output {
        run(&mut self.command(arguments))
    }

    /// Runs `teelo players` with a program whose script does `body`, as fast as it goes.
    pub fn teelo_with_program(&self, body: &str, arguments: &[&str]) -> Output {
        let program = format!("'{}'", self.program(body));
        self.teelo(&[&["--command", &program, "--rate-per-minute", "6000"], arguments].concat())
    }

    /// Runs the stage with files at a given time.
    pub fn run_at(&self, now: OffsetDateTime, files: &[PathBuf]) -> StageReport {
        let settings = Settings {
            providers: vec![Provider::Files],
            files: files.to_vec(),
            command: None,
            batch_size: 100,
            max_players: 0,
            max_duration: None,
            resume: true,
            dry_run: false,
            checkpoint_key: stage::STAGE.to_owned(),
            lock_timeout: Duration::from_secs(60),
        };
        stage::run(self.database.url(), &settings, &StageFiles::default(), "test", now).unwrap()
    }

    /// Every row that the stage may write, with its physical version.
    pub fn dump(&self) -> Vec<String> {
        self.lines(include_str!("../sql/players_dump.sql"))
    }

    /// What the stage has made of the database.
    pub fn content(&self) -> Vec<String> {
        self.lines(include_str!("../sql/players_content.sql"))
    }

    fn lines(&self, sql: &str) -> Vec<String> {
        self.database.client().query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// The fields of a player as `|` separates them.
    pub fn facts(&self, id: i32) -> String {
        let start = format!("player|{id}|");
        let line = self.content().into_iter().find(|line| line.starts_with(&start)).unwrap();
        line[start.len()..].split_once('|').map_or(String::new(), |(_, facts)| facts.to_owned())
    }

    pub fn tries(&self, provider: &str) -> Vec<LastTry> {
        let rows =
            self.database.client().query(include_str!("../sql/player_tries.sql"), &[&provider]).unwrap();
        rows.iter()
            .map(|row| LastTry {
                player_id: row.get(0),
                tries: row.get(1),
                outcome: row.get(2),
                detail: row.get(3),
                days: row.get(4),
            })
            .collect()
    }

    /// The ids of players whose try of the command had this outcome.
    pub fn with_outcome(&self, outcome: &str) -> Vec<i32> {
        let tries = self.tries("command");
        tries.iter().filter(|one| one.outcome == outcome).map(|one| one.player_id).collect()
    }
}

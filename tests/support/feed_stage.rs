//! `teelo ingest` on a folder of feed documents, and what it leaves.

#![allow(dead_code)]

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Output, TestDatabase, TestFolder, run};

/// A database, a feed folder, and a place for what the stage writes beside them.
pub struct Stage {
    /// Migrated.
    pub database: TestDatabase,
    folder: TestFolder,
}

impl Stage {
    /// An empty database and an empty feed.
    pub fn new(name: &str) -> Self {
        let folder = TestFolder::new(name);
        std::fs::create_dir(folder.path().join("feed")).unwrap();
        Self { database: TestDatabase::new(name), folder }
    }

    /// Where a file of the feed lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("feed").join(name)
    }

    /// Writes a file of the feed.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).unwrap();
    }

    /// Runs the stage; standard output is its metrics.
    #[track_caller]
    pub fn ingest(&self, arguments: &[&str], code: i32) -> (Value, Output) {
        let _ = std::fs::remove_file(self.rejects_path());
        let (feed, rejects) = (self.path(""), self.rejects_path());
        let mut all = vec!["ingest", "--json", "--feed", feed.to_str().unwrap()];
        all.extend(["--rejects-jsonl", rejects.to_str().unwrap()]);
        all.extend(arguments);
        let output = run(&mut self.database.command(&all)).expect_code(code);
        (serde_json::from_str(&output.stdout).unwrap(), output)
    }

    fn rejects_path(&self) -> PathBuf {
        self.folder.path().join("rejects.jsonl")
    }

    /// What the last run rejected.
    pub fn rejects(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.rejects_path()).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What is in the database, by names and content; of one kind, such as `match`, or of all.
    pub fn content(&self, kind: &str) -> Vec<String> {
        let all = self.lines(include_str!("../sql/feed_content.sql"));
        all.into_iter().filter(|line| line.starts_with(kind)).collect()
    }

    /// Every row that the stage may write, with its physical version.
    pub fn dump(&self) -> Vec<String> {
        self.lines(include_str!("../sql/ingest_dump.sql"))
    }

    fn lines(&self, sql: &str) -> Vec<String> {
        self.database.client().query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect()
    }

    /// Runs the stage again: it finds nothing to do, and writes nothing.
    #[track_caller]
    pub fn expect_nothing_to_do(&self) {
        let before = self.dump();
        let (metrics, output) = self.ingest(&["--quiet-worker-logs"], 0);
        assert_eq!((&metrics["tasks_due"], output.stderr.as_str()), (&0.into(), ""));
        assert_eq!(self.dump(), before, "a second run wrote something");
    }
}

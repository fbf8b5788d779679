//! A development database of one test, and its commands.

// Every test binary that uses this file uses its own part of it.
#![allow(dead_code)]

use std::path::{Path, PathBuf};

use postgres::{Client, NoTls};
use serde_json::Value;

use crate::support::{Output, TestFolder, run, teelo_command};

/// A development database that is stopped and removed at the end of its test.
pub struct Devdb {
    /// The folder it is in.
    pub folder: TestFolder,
    /// Where `--dir` points.
    pub dir: PathBuf,
}

impl Devdb {
    /// A folder for one, in which nothing runs yet.
    pub fn new(name: &str) -> Self {
        let folder = TestFolder::new(name);
        let dir = folder.path().join(".teelo");
        Self { folder, dir }
    }

    /// Runs `teelo devdb <action>` on it.
    pub fn run(&self, action: &str) -> Output {
        devdb(&self.dir, action)
    }

    /// Its address.
    pub fn url(&self) -> String {
        let output = self.run("url").expect_code(0);
        output.stdout.strip_suffix('\n').unwrap().to_owned()
    }

    /// A session with it.
    pub fn client(&self) -> Client {
        Client::connect(&self.url(), NoTls).unwrap()
    }

    /// What `teelo devdb status` tells.
    pub fn status(&self) -> Value {
        let output =
            run(&mut teelo_command(&["devdb", "status", "--json", "--dir", self.dir.to_str().unwrap()]));
        serde_json::from_str(&output.stdout).unwrap()
    }

    /// Its server's process.
    pub fn pid(&self) -> String {
        self.status()["pid"].to_string()
    }
}

impl Drop for Devdb {
    fn drop(&mut self) {
        self.run("stop");
        if let Ok(shared) = self.dir.join("postgresql").read_link() {
            std::fs::remove_dir_all(&shared).unwrap();
            // Gone only when it is empty: the machine may have other development databases.
            let _ = std::fs::remove_dir(shared.parent().unwrap());
        }
    }
}

/// Runs `teelo devdb <action>` on the development database of a folder.
pub fn devdb(dir: &Path, action: &str) -> Output {
    run(&mut teelo_command(&["devdb", action, "--dir", dir.to_str().unwrap()]))
}

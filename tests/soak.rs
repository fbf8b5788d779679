//! Many hourly runs in a row, with faults mixed in at random: the program and the server are killed, somebody holds the lock, a feed is
//! broken, the disk of the artifacts is full, the clock is set back. At the end everything is as if nothing had happened.
//!
//! TEELO_SOAK_RUNS says how many runs (20), TEELO_SOAK_SEED with which chance (1).

#[path = "support/devdb.rs"]
mod devdb;
#[path = "support/season_feed.rs"]
mod season_feed;
mod support;

use std::collections::BTreeMap;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use devdb::Devdb;
use rustix::process::Signal;
use support::{TestFolder, run, signal, teelo_command, wait_until};
use teelo::pipeline::lock::{acquire, key_of_name};

/// Runs in CI.
const RUNS: usize = 20;
/// A run that is disturbed is so within this time; an undisturbed one takes about as long.
const DISTURBED_WITHIN_MS: usize = 400;
/// Feed files of the season that a soak brings in, again and again in new versions.
const FILES: usize = 40;
/// So many of them come in each hour.
const FILES_AN_HOUR: usize = 3;
/// Marks everything that a soak starts, in its environment.
const MARK: &str = "TEELO_TEST_SOAK";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    None,
    Killed,
    Terminated,
    ServerStopped,
    LockHeld,
    BrokenFeed,
    DiskFull,
    ClockBack,
}

const FAULTS: [Fault; 10] = [
    Fault::None,
    Fault::None,
    Fault::Killed,
    Fault::Killed,
    Fault::Terminated,
    Fault::ServerStopped,
    Fault::LockHeld,
    Fault::BrokenFeed,
    Fault::DiskFull,
    Fault::ClockBack,
];

struct Soak {
    devdb: Devdb,
    folder: TestFolder,
    url: String,
    files: Vec<(String, String)>,
    seed: u64,
}

impl Soak {
    fn new(seed: u64) -> Self {
        let (devdb, folder) = (Devdb::new("soak_server"), TestFolder::new("soak"));
        devdb.run("start").expect_code(0);
        let url = devdb.url();
        run(teelo_command(&["migrate"]).env("DATABASE_URL", &url)).expect_code(0);
        std::fs::create_dir(folder.path().join("feed")).unwrap();
        let files = season_feed::files().into_iter().take(FILES).collect();
        Self { devdb, folder, url, files, seed }
    }

    fn random(&mut self, below: usize) -> usize {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.seed >> 33) as usize % below
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A scraper's hour: files of the season, whole or as far as it has got.
    fn deliver(&mut self) {
        for _ in 0..FILES_AN_HOUR {
            let (file, part) = (self.random(self.files.len()), self.random(3));
            let (name, content) = &self.files[file];
            let lines: Vec<&str> = content.lines().collect();
            let count = if part == 0 { lines.len() / 2 } else { lines.len() };
            std::fs::write(self.path("feed").join(name), lines[..count].join("\n")).unwrap();
        }
    }

    fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = teelo_command(&[]);
        let environment: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
        command = Command::new(program);
        command.args(arguments).env_clear().envs(environment).current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
            .env("DATABASE_URL", &self.url)
            .env("TEELO_FEED_DIRS", self.path("feed"))
            .env(MARK, self.folder.path());
        command.env("TEELO_ARTIFACTS_DIR", self.path("artifacts"));
        command
    }

    fn teelo(&self, arguments: &[&str]) -> Command {
        self.command(Path::new(env!("CARGO_BIN_EXE_teelo")), arguments)
    }

    /// One hourly run with a fault; how it ended.
    fn hour(&mut self, fault: Fault) -> ExitStatus {
        self.deliver();
        let arguments = ["run", "--lock-timeout-seconds", "0"];
        match fault {
            Fault::None => self.teelo(&arguments).status().unwrap(),
            Fault::Killed => {
                self.disturbed(&arguments, |child| signal(&child.id().to_string(), Signal::KILL))
            }
            Fault::Terminated => {
                self.disturbed(&arguments, |child| signal(&child.id().to_string(), Signal::TERM))
            }
            Fault::ServerStopped => self.without_server(&arguments),
            Fault::LockHeld => {
                let mut other = self.devdb.client();
                acquire(
                    &mut other,
                    key_of_name("teelo_hourly_pipeline"),
                    "the test",
                    Duration::from_secs(60),
                )
                .unwrap();
                self.teelo(&arguments).status().unwrap()
            }
            Fault::BrokenFeed => {
                let broken = self.path("feed").join("broken.results.jsonl");
                std::fs::write(&broken, format!("no JSON {}", self.seed)).unwrap();
                let status = self.teelo(&arguments).status().unwrap();
                std::fs::write(&broken, "").unwrap();
                status
            }
            Fault::DiskFull => {
                // No file may grow, as on a full disk; the signal that comes with it is not wanted.
                let script =
                    format!("trap '' XFSZ; ulimit -f 0; exec {} \"$@\"", env!("CARGO_BIN_EXE_teelo"));
                self.command(Path::new("/bin/sh"), &[&["-c", &script, "sh"], &arguments[..]].concat())
                    .status()
                    .unwrap()
            }
            Fault::ClockBack => {
                // To a run the clock is set back when all that runs before it have written lies in the future.
                self.devdb.client().batch_execute(include_str!("sql/soak_clock.sql")).unwrap();
                self.teelo(&arguments).status().unwrap()
            }
        }
    }

    /// A run that something happens to.
    fn disturbed(&mut self, arguments: &[&str], disturb: impl FnOnce(&Child)) -> ExitStatus {
        let mut child = self.teelo(arguments).process_group(0).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(self.random(DISTURBED_WITHIN_MS) as u64));
        disturb(&child);
        child.wait().unwrap()
    }

    /// A run whose server is stopped at once; it starts again before the run is over, or after. The run waits for it, not for long
    /// when its deadline comes.
    fn without_server(&mut self, arguments: &[&str]) -> ExitStatus {
        let server = self.devdb.pid();
        let at_once = self.random(2) == 0;
        let deadline: &[&str] = if at_once { &[] } else { &["--max-runtime-minutes", "0.1"] };
        let mut child = self.teelo(&[arguments, deadline].concat()).process_group(0).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(self.random(DISTURBED_WITHIN_MS) as u64));
        signal(&server, Signal::QUIT);
        if at_once {
            self.restart();
        }
        let status = child.wait().unwrap();
        if !at_once {
            self.restart();
        }
        status
    }

    fn restart(&self) {
        wait_until("the server's end", || self.devdb.run("start").code == Some(0));
    }

    /// How many processes of the soak are left; a process may still be on its way out.
    fn processes(&self) -> Vec<String> {
        let mark = format!("{MARK}={}", self.folder.path().display());
        let mut found = Vec::new();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
            if environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes()) {
                let command = std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
                found.push(command.replace('\0', " "));
            }
        }
        found
    }

    /// Files that are there only while something is written.
    fn temporary_files(&self) -> Vec<PathBuf> {
        let (mut found, mut folders) = (Vec::new(), vec![self.folder.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                match entry.path() {
                    path if path.is_dir() => folders.push(path),
                    path if path.extension().is_some_and(|ending| ending == "tmp") => found.push(path),
                    _ => {}
                }
            }
        }
        found
    }
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn many_runs_with_faults_end_as_if_undisturbed() {
    let (runs, seed) = (setting("TEELO_SOAK_RUNS", RUNS), setting("TEELO_SOAK_SEED", 1));
    let mut soak = Soak::new(seed as u64);
    let mut outcomes: BTreeMap<(Fault, String), usize> = BTreeMap::new();
    for number in 0..runs {
        // Each fault in turn at first, so that a short soak has all of them.
        let fault = FAULTS.get(number).copied().unwrap_or_else(|| FAULTS[soak.random(FAULTS.len())]);
        let status = soak.hour(fault);
        let code = status
            .code()
            .map_or_else(|| format!("signal {}", status.signal().unwrap()), |code| format!("exit {code}"));
        let expected: &[&str] = match fault {
            Fault::None | Fault::ClockBack => &["exit 0", "exit 3"],
            Fault::Killed => &["signal 9", "exit 0", "exit 3"],
            // By the signal itself only so early that the program has not begun.
            Fault::Terminated => &["signal 15", "exit 143", "exit 0", "exit 3"],
            Fault::ServerStopped => &["exit 0", "exit 1", "exit 3", "exit 69", "exit 124"],
            Fault::LockHeld => &["exit 75"],
            Fault::BrokenFeed => &["exit 1"],
            Fault::DiskFull => &["exit 0", "exit 1", "exit 3"],
        };
        assert!(expected.contains(&code.as_str()), "run {number}: {fault:?} ended with {code}");
        *outcomes.entry((fault, code)).or_default() += 1;
    }
    println!("seed {seed}, {runs} runs: {outcomes:#?}");

    // An hour without faults brings everything in order; files that failed wait for their next attempt no longer, because they changed.
    for (name, content) in soak.files.clone() {
        std::fs::write(soak.path("feed").join(name), content + "\n").unwrap();
    }
    let last = run(soak.teelo(&["run"]).stdout(Stdio::piped()).stderr(Stdio::piped()));
    assert!([Some(0), Some(3)].contains(&last.code), "{last:?}");
    let verified = run(soak.teelo(&["verify"]).stdout(Stdio::piped()).stderr(Stdio::piped())).expect_code(0);
    assert!(verified.stdout.contains(": 0 differences"), "{}", verified.stdout);
    let mut client = soak.devdb.client();
    let left = client.query_one(include_str!("sql/soak_left.sql"), &[]).unwrap();
    for column in ["runs_running", "stages_running", "tasks_in_progress", "locks", "pending"] {
        assert_eq!(left.get::<_, i64>(column), 0, "{column}");
    }
    assert!(left.get::<_, i64>("matches") > 0);
    wait_until("the end of all processes", || soak.processes().is_empty());
    assert_eq!(soak.temporary_files(), Vec::<PathBuf>::new());
}

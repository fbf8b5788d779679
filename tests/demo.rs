//! `teelo demo`, as a user runs it: what it prints, and that it leaves nothing running however it ends.

mod support;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use support::{Output, TestFolder, teelo, teelo_command};

/// Longer than the guard takes by far, on a machine busy with other tests.
const GONE_TIMEOUT: Duration = Duration::from_secs(60);

/// The folder of a demonstration, which takes its data along wherever the server had to put it.
struct Sandbox {
    folder: TestFolder,
}

impl Sandbox {
    fn new(name: &str) -> Self {
        Self { folder: TestFolder::new(name) }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("demo")
    }

    fn flag(&self) -> String {
        self.path().to_str().unwrap().to_owned()
    }

    fn demo(&self, arguments: &[&str]) -> Output {
        teelo(&[&["demo", "--dir", &self.flag()], arguments].concat())
    }

    /// Where the server is when its user cannot enter the folder.
    fn elsewhere(&self) -> Option<PathBuf> {
        self.path().join("postgresql").read_link().ok()
    }

    /// The command lines of processes that belong to the demonstration: by themselves, or by their settings.
    fn processes(&self) -> Vec<String> {
        let places: Vec<String> = [Some(self.path()), self.elsewhere()]
            .into_iter()
            .flatten()
            .map(|path| path.display().to_string())
            .collect();
        let own = std::process::id().to_string();
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        processes
            .filter(|entry| {
                entry.file_name().to_str().is_some_and(|pid| pid.parse::<u32>().is_ok() && pid != own)
            })
            .filter_map(|entry| {
                let read = |name| std::fs::read(entry.path().join(name)).ok();
                let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\0', " ");
                let line = told(&read("cmdline")?);
                let settings = read("environ").map(|bytes| told(&bytes)).unwrap_or_default();
                let belongs = |place: &String| line.contains(place) || settings.contains(place);
                places.iter().any(belongs).then_some(line)
            })
            .collect()
    }

    #[track_caller]
    fn assert_nothing_runs(&self) {
        let started = Instant::now();
        while !self.processes().is_empty() {
            assert!(started.elapsed() < GONE_TIMEOUT, "still running: {:#?}", self.processes());
            std::thread::sleep(Duration::from_millis(50));
        }
        teelo(&["devdb", "url", "--dir", &self.flag()]).expect_code(1);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(elsewhere) = self.elsewhere() {
            std::fs::remove_dir_all(elsewhere).unwrap();
        }
    }
}

/// Starts the demonstration and waits until its first run is over.
fn start_and_wait_for_a_run(sandbox: &Sandbox) -> Child {
    let mut command = teelo_command(&["demo", "--dir", &sandbox.flag()]);
    let mut demo = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let first_run = lines.find(|line| line.as_ref().unwrap().starts_with("  1  "));
    assert!(first_run.is_some(), "the demonstration ended before its first run did");
    // The pipe stays open for as long as it runs: it does not end because nobody listens.
    std::thread::spawn(move || lines.count());
    demo
}

/// The lines about the runs, without the seconds.
fn runs(stdout: &str) -> Vec<Vec<&str>> {
    let is_run =
        |line: &&str| line.split_whitespace().next().is_some_and(|number| number.parse::<u32>().is_ok());
    stdout
        .lines()
        .skip_while(|line| !line.starts_with("run"))
        .skip(1)
        .take_while(is_run)
        .map(|line| {
            line.split_whitespace()
                .enumerate()
                .filter(|(column, _)| *column != 8)
                .map(|(_, word)| word)
                .collect()
        })
        .collect()
}

/// From the rankings on, which do not depend on the clock.
fn rankings(stdout: &str) -> &str {
    let start = stdout.find("\nELO ratings on ").unwrap_or_else(|| panic!("no ranking in:\n{stdout}"));
    &stdout[start..stdout.find("\nTo look further\n").unwrap()]
}

fn number(text: &str) -> u64 {
    text.replace(',', "").parse().unwrap_or_else(|_| panic!("{text:?} is no number"))
}

#[test]
fn it_tells_its_story_leaves_nothing_running_and_starts_afresh() {
    let sandbox = Sandbox::new("demo-story");
    let first = sandbox.demo(&[]).expect_code(0);
    sandbox.assert_nothing_runs();
    assert_eq!(first.stderr, "");
    assert!(!first.stdout.contains('\x1b'), "no colours where there is no terminal");
    assert!(first.stdout.contains("Exact: a replay of all"), "{}", first.stdout);
    assert!(rankings(&first.stdout).contains(": men; ") && rankings(&first.stdout).contains(": women; "));

    // Columns: run, weekday, day, month, new, changed, rated, re-rated, story.
    let lines = runs(&first.stdout);
    assert_eq!(lines.len(), 8, "{}", first.stdout);
    let column = |run: usize, column: usize| number(lines[run - 1][column]);
    let (new, changed, rated, rerated) = (4, 5, 6, 7);
    assert!(column(1, new) > 5_000 && column(1, rated) == column(1, new), "the season so far");
    assert!(
        (2..=7).all(|run| column(run, new) > 0 && column(run, rated) == column(run, new)),
        "every day brings results"
    );
    assert_eq!(column(4, changed), 1, "a correction");
    assert!(column(4, rerated) > 0, "and what follows from it");
    assert_eq!(column(7, changed), 1, "a correction from January");
    assert!(column(7, rerated) > 1_000, "and what follows from it");
    assert!((new..=rerated).all(|what| column(8, what) == 0), "nothing new, nothing done");

    let season = std::fs::read_dir(sandbox.path().join("season")).unwrap().count();
    assert_eq!(season, 5, "the archives are there to look at");
    assert!(find_summary(&sandbox.path().join("runs")), "and the runs' files");

    let second = sandbox.demo(&[]).expect_code(0);
    sandbox.assert_nothing_runs();
    assert_eq!(runs(&second.stdout), lines, "a second one starts afresh");
    assert_eq!(rankings(&second.stdout), rankings(&first.stdout));
}

/// True when there is a `summary.json` somewhere below `folder`.
fn find_summary(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|entry| {
        let path = entry.path();
        if path.is_dir() { find_summary(&path) } else { path.ends_with("summary.json") }
    })
}

#[test]
fn killed_in_the_middle_it_takes_its_server_along() {
    let sandbox = Sandbox::new("demo-killed");
    let mut demo = start_and_wait_for_a_run(&sandbox);
    let second = sandbox.demo(&[]).expect_code(75);
    assert!(second.stderr.contains("another demonstration is at work"), "{}", second.stderr);
    demo.kill().unwrap();
    demo.wait().unwrap();
    sandbox.assert_nothing_runs();
}

#[test]
fn the_server_stays_when_asked_and_can_be_stopped() {
    let sandbox = Sandbox::new("demo-stays");
    let shown = sandbox.demo(&["--keep-running", "--seed", "2"]).expect_code(0).stdout;
    let url = teelo(&["devdb", "url", "--dir", &sandbox.flag()]).expect_code(0).stdout;
    assert!(shown.contains(&format!("psql '{}'", url.trim_end())), "{shown}");
    let stop = format!("devdb stop --dir {}", sandbox.flag());
    assert!(shown.contains(&stop), "{shown}");
    teelo(&["devdb", "stop", "--dir", &sandbox.flag()]).expect_code(0);
    sandbox.assert_nothing_runs();
}

#[test]
fn a_folder_with_something_else_is_refused() {
    let sandbox = Sandbox::new("demo-foreign");
    std::fs::create_dir(sandbox.path()).unwrap();
    let mine = sandbox.path().join("mine.txt");
    std::fs::write(&mine, "mine").unwrap();
    let refused = sandbox.demo(&[]).expect_code(2);
    assert!(
        refused.stderr.contains("--dir") && refused.stderr.contains(&sandbox.flag()),
        "{}",
        refused.stderr
    );
    assert_eq!(std::fs::read_to_string(mine).unwrap(), "mine");
    assert_eq!(std::fs::read_dir(sandbox.path()).unwrap().count(), 1, "nothing was added either");
}

#[test]
fn wrong_usage_is_told() {
    for (arguments, expected) in [
        (&["demo", "--seed", "x"][..], "--seed: \"x\" is not valid"),
        (&["demo", "--seed"], "--seed needs a value"),
        (&["demo", "--fast"], "unknown flag --fast"),
        (&["demo", "now"], "unexpected argument \"now\""),
    ] {
        let output = teelo(arguments).expect_code(2);
        assert!(output.stderr.contains(expected), "{}", output.stderr);
    }
    assert!(teelo(&["demo", "--help"]).expect_code(0).stdout.contains("teelo demo --keep-running"));
}

//! The Dockerfile and docker-compose.yml, as far as they can be checked without an engine: what they say fits together and
//! is there, nothing runs as root or writes where it need not, and the hourly loop runs, goes on after a failure, and stops.

mod support;
#[path = "support/yaml.rs"]
mod yaml;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use support::{TestFolder, run, signal, wait_until};
use yaml::{Yaml, parse};

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The instructions of the Dockerfile with their arguments, lines that go on joined.
fn instructions() -> Vec<(String, String)> {
    let text: String =
        read("Dockerfile").lines().filter(|line| !line.starts_with('#')).map(|l| format!("{l}\n")).collect();
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            let (name, rest) = line.split_once(' ').unwrap_or_else(|| panic!("no argument: {line}"));
            (name.to_owned(), rest.split_whitespace().collect::<Vec<_>>().join(" "))
        })
        .collect()
}

/// The arguments of the last instruction called `name`.
fn last(name: &str) -> String {
    let found = instructions().into_iter().rev().find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("no {name}")).1
}

fn compose() -> Yaml {
    parse(&read("docker-compose.yml"))
}

fn texts(yaml: &Yaml, path: &str) -> Vec<String> {
    let value = yaml.get(path).unwrap_or_else(|| panic!("no {path}"));
    value.texts().into_iter().map(str::to_owned).collect()
}

#[test]
fn the_dockerfile_has_only_known_instructions_and_two_stages() {
    const KNOWN: [&str; 11] =
        ["ARG", "FROM", "WORKDIR", "COPY", "RUN", "USER", "ENV", "STOPSIGNAL", "ENTRYPOINT", "CMD", "LABEL"];
    let found = instructions();
    for (name, _) in &found {
        assert!(KNOWN.contains(&name.as_str()), "{name}");
    }
    let first = found.iter().find(|(name, _)| name != "ARG").unwrap();
    assert_eq!(first.0, "FROM", "only ARG may come before FROM");
    let stages: Vec<&str> =
        found.iter().filter(|(name, _)| name == "FROM").map(|(_, rest)| rest.as_str()).collect();
    assert_eq!(stages.len(), 2);
    assert!(stages[0].ends_with(" AS build"), "{stages:?}");
    // The image that is shipped begins with no compiler in it.
    assert!(stages[1].starts_with("debian:"), "{stages:?}");
    for list in [last("ENTRYPOINT"), last("CMD")] {
        let words: Vec<String> =
            serde_json::from_str(&list).expect("exec form: a shell would not pass signals on");
        assert!(!words.is_empty());
    }
}

#[test]
fn the_compiler_of_the_image_is_new_enough() {
    let version = |text: &str| -> (u32, u32) {
        let (major, minor) = text.split_once('.').unwrap();
        (major.parse().unwrap(), minor.parse().unwrap())
    };
    let manifest = read("Cargo.toml");
    let needed = manifest.lines().find_map(|line| line.strip_prefix("rust-version = \"")).unwrap();
    let arguments = instructions();
    let given = arguments.iter().find_map(|(_, rest)| rest.strip_prefix("RUST_VERSION=")).unwrap();
    assert!(version(given) >= version(needed.split('"').next().unwrap()));
}

#[test]
fn what_the_dockerfile_copies_is_there_and_not_ignored() {
    let ignored = read(".dockerignore");
    let mut copied = Vec::new();
    for (_, rest) in instructions().iter().filter(|(name, _)| name == "COPY") {
        if rest.starts_with("--from=build ") {
            continue;
        }
        let words: Vec<&str> = rest.split(' ').collect();
        copied.extend(words[..words.len() - 1].iter().map(|word| word.trim_end_matches('/').to_owned()));
    }
    for source in &copied {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(source).exists(), "{source}");
        assert!(ignored.lines().any(|line| line == format!("!{source}")), "{source} is ignored");
    }
    assert_eq!(ignored.lines().filter(|line| line.starts_with('!')).count(), copied.len());
    // What is built needs no more: the manifest, the lock, the program, and the SQL that it includes.
    assert_eq!(copied, ["Cargo.toml", "Cargo.lock", "src", "sql"]);
}

#[test]
fn the_image_runs_the_program_as_an_ordinary_user() {
    let user = last("USER");
    assert!(user.split(':').all(|id| id.parse::<u32>().is_ok_and(|id| id > 0)), "{user}");
    let created = instructions().iter().any(|(name, rest)| {
        name == "RUN" && rest.contains(&format!("useradd --system --uid {}", user.split(':').next().unwrap()))
    });
    assert!(created);
    assert_eq!(last("ENTRYPOINT"), "[\"/usr/local/bin/teelo\"]");
    assert_eq!(last("STOPSIGNAL"), "SIGTERM");
    let copied = last("COPY");
    assert!(copied.ends_with(" /usr/local/bin/teelo"), "{copied}");
}

#[test]
fn the_services_fit_together() {
    let compose = compose();
    let services = compose.get("services").unwrap();
    assert_eq!(services.keys(), ["database", "migrate", "pipeline"]);
    for service in services.keys() {
        for network in texts(&compose, &format!("services.{service}.networks")) {
            assert!(
                compose.get("networks").unwrap().keys().contains(&network.as_str()),
                "{service}: {network}"
            );
        }
        if let Some(after) = services.get(&format!("{service}.depends_on")) {
            assert!(after.keys().iter().all(|name| services.keys().contains(name)), "{service}");
        }
        for volume in texts(&compose, &format!("services.{service}.volumes")) {
            let source = volume.split(':').next().unwrap();
            let is_known =
                source.starts_with("./") || compose.get("volumes").unwrap().keys().contains(&source);
            assert!(is_known, "{service}: {volume}");
        }
    }
    // A service that is waited for until it is healthy says how that is told.
    assert_eq!(texts(&compose, "services.migrate.depends_on.database.condition"), ["service_healthy"]);
    assert!(compose.get("services.database.healthcheck.test").is_some());
    assert_eq!(
        texts(&compose, "services.pipeline.depends_on.migrate.condition"),
        ["service_completed_successfully"]
    );
    // The address names the database service, with the name and password that it is given.
    let address = &texts(&compose, "services.pipeline.environment.DATABASE_URL")[0];
    let of_database =
        |name: &str| texts(&compose, &format!("services.database.environment.{name}"))[0].clone();
    let (user, password, name) =
        (of_database("POSTGRES_USER"), of_database("POSTGRES_PASSWORD"), of_database("POSTGRES_DB"));
    assert_eq!(*address, format!("${{DATABASE_URL:-postgresql://{user}:{password}@database/{name}}}"));
}

#[test]
fn no_service_is_root_writes_its_image_or_is_reached_from_outside() {
    let compose = compose();
    for service in compose.get("services").unwrap().keys() {
        let of = |name: &str| texts(&compose, &format!("services.{service}.{name}"));
        assert!(!of("user")[0].starts_with('0'), "{service}");
        assert_eq!(of("read_only"), ["true"], "{service}");
        assert_eq!(of("cap_drop"), ["ALL"], "{service}");
        assert_eq!(of("security_opt"), ["no-new-privileges:true"], "{service}");
        assert!(compose.get(&format!("services.{service}.ports")).is_none(), "{service}");
        assert!(compose.get(&format!("services.{service}.privileged")).is_none(), "{service}");
    }
    assert_eq!(texts(&compose, "networks.database.internal"), ["true"]);
    assert_eq!(texts(&compose, "services.pipeline.user"), [last("USER")]);
    // Runs are kept where the image says, on a volume.
    let runs = last("ENV").split_once('=').unwrap().1.to_owned();
    assert!(texts(&compose, "services.pipeline.volumes").contains(&format!("runs:{runs}")));
}

#[test]
fn the_commands_are_the_programs() {
    let compose = compose();
    let check = texts(&compose, "services.pipeline.healthcheck.test");
    assert_eq!(check[..2], ["CMD", "teelo"]);
    // Neither is refused as wrong usage before it misses a database.
    for words in [&texts(&compose, "services.migrate.command")[..], &check[2..]] {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let refused = support::teelo(&words).expect_code(2);
        assert!(refused.stderr.contains("DATABASE_URL is not set"), "{}", refused.stderr);
    }
}

/// A program that is called like ours in the loop: `text` is what the shell does in its place.
fn stand_in(folder: &TestFolder, text: &str) -> Command {
    let program = folder.path().join("teelo");
    std::fs::write(&program, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let script = texts(&compose(), "services.pipeline.command").remove(0).replace("$$", "$");
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
    let mut command = Command::new("/bin/sh");
    command.args(["-c", &script]).env("PATH", path).current_dir(folder.path()).stdin(Stdio::null());
    command
}

#[test]
fn the_hourly_loop_goes_on_after_a_failed_run() {
    let folder = TestFolder::new("loop");
    // The second sleep ends the test's loop.
    let sleep = folder.path().join("sleep");
    std::fs::write(
        &sleep,
        "#!/bin/sh\necho \"$1\" >> slept\ntest \"$(wc -l < slept)\" -lt 2 || kill -TERM $PPID\n",
    )
    .unwrap();
    std::fs::set_permissions(&sleep, std::fs::Permissions::from_mode(0o755)).unwrap();
    run(&mut stand_in(&folder, "echo \"$1\" >> ran; exit 69")).expect_code(143);
    assert_eq!(std::fs::read_to_string(folder.path().join("ran")).unwrap(), "run\nrun\n");
    let slept = std::fs::read_to_string(folder.path().join("slept")).unwrap();
    assert!(slept.lines().all(|seconds| (1..=3600).contains(&seconds.parse::<u32>().unwrap())), "{slept}");
}

#[test]
fn the_hourly_loop_passes_the_signal_on_and_waits_for_the_run() {
    let folder = TestFolder::new("stop");
    let run_until_told =
        "trap 'echo told > told; exit 143' TERM; echo > started; while :; do /bin/sleep 0.1; done";
    let mut child = stand_in(&folder, run_until_told).spawn().unwrap();
    wait_until("the run's start", || folder.path().join("started").exists());
    signal(&child.id().to_string(), rustix::process::Signal::TERM);
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert!(folder.path().join("told").exists(), "the loop ended before the run");
}

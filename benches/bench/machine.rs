//! What was measured, and where.

use serde_json::{Value, json};

use crate::server::Bench;

/// Machine, server and data of this run.
pub fn about(bench: &Bench) -> Value {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let value_of = |text: &str, key: &str| {
        let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default().to_owned();
        line.split_once(':').map_or(String::new(), |(_, value)| value.trim().to_owned())
    };
    let commit = std::process::Command::new("git").args(["rev-parse", "--short", "HEAD"]).output();
    json!({
        "processor": value_of(&read("/proc/cpuinfo"), "model name"),
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "memory": value_of(&read("/proc/meminfo"), "MemTotal"),
        "kernel": read("/proc/sys/kernel/osrelease").trim(),
        "postgresql": bench.version(),
        "data": bench.about_data(),
        "commit": commit.map_or(String::new(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned()),
    })
}

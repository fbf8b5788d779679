//! A hook's time. A file of its own: who starts a hook ends all children that it did not have before, and other tests have servers.

#[path = "support/pipeline.rs"]
mod pipeline;
mod support;

use std::time::Duration;

use pipeline::is_alive;
use support::TestFolder;
use teelo::pipeline::hooks::Hook;
use teelo::pipeline::summary::Summary;
use time::OffsetDateTime;

#[test]
fn a_hook_that_does_not_end_is_ended_with_all_that_it_started() {
    let folder = TestFolder::new("hooks_slow");
    let here = folder.path().display();
    let body = format!(
        "trap '' TERM; (trap '' TERM; sleep 3600) & echo $! > {here}/child; echo $$ > {here}/self; wait"
    );
    let hook = Hook {
        name: "TEELO_HOOK_START",
        folder: "hook_start",
        command: vec!["sh".into(), "-c".into(), body.into(), "hook".into()],
        search_path: None,
        time_limit: Duration::from_millis(1500),
    };
    let summary =
        Summary::new("20260102T030405Z-000000a1", OffsetDateTime::UNIX_EPOCH, folder.path().to_owned());
    let error = hook.call(&summary, &|| true).unwrap_err().to_string();
    assert!(error.contains("sh was ended: it may last 1.5 s; its output is in "), "{error}");
    for name in ["self", "child"] {
        let pid = std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(!is_alive(&pid), "{name} {pid}");
    }
    let error = hook.call(&summary, &|| false);
    assert!(error.unwrap_err().to_string().contains("the run has to stop"));
}

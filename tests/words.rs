//! The words of a configured command are those that a shell makes of it.

mod support;

use std::process::Command;

use support::{TestFolder, run};
use teelo::pipeline::words;

/// All texts of at most `length` of these characters.
fn texts(length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut last = all.clone();
    for _ in 0..length {
        last =
            last.iter().flat_map(|text| ['a', ' ', '\'', '"', '\\'].map(|c| format!("{text}{c}"))).collect();
        all.extend(last.iter().cloned());
    }
    all
}

#[test]
fn words_are_those_that_a_shell_makes() {
    let folder = TestFolder::new("words");
    let (mut script, mut expected, mut count) = (String::new(), String::new(), 0);
    for text in texts(7) {
        let Ok(words) = words::split("TEXT", &text) else { continue };
        count += 1;
        script.push_str(&format!("set -- {text}\nprintf '%s:' $# \"$@\"\necho\n"));
        expected.push_str(&format!(
            "{}:{}\n",
            words.len(),
            words.iter().map(|word| format!("{word}:")).collect::<String>()
        ));
    }
    assert!(count > 10_000, "{count}");
    let file = folder.path().join("words.sh");
    std::fs::write(&file, &script).unwrap();
    let shown = run(Command::new("sh").arg(&file)).expect_code(0);
    assert_eq!(shown.stderr, "");
    for (index, (ours, theirs)) in expected.lines().zip(shown.stdout.lines()).enumerate() {
        assert_eq!(ours, theirs, "{}", script.lines().nth(3 * index).unwrap());
    }
    assert_eq!(shown.stdout.lines().count(), count);
}

#[test]
fn what_a_shell_would_not_finish_is_refused() {
    for text in texts(4).iter().filter(|text| words::split("TEXT", text).is_err()) {
        // A backslash at the very end is a character to a shell; in a setting it is a mistake.
        let is_refused = !run(Command::new("sh").args(["-c", &format!("set -- {text}")])).stderr.is_empty();
        assert!(is_refused || text.ends_with('\\'), "{text}");
    }
}

//! The score parser on every spelling that the archives hold, and on a great deal of nonsense.

use teelo::ingest::score::{Problem, Score, Set, Status, parse};

/// `6-4 7-6(7:5)`: games, and tie-break points of both sides when known; `-` when there are no sets.
fn sets(score: &Score) -> String {
    let Some(sets) = &score.sets else { return "-".to_owned() };
    let words: Vec<String> = sets
        .iter()
        .map(|set| match set.tie_break {
            Some((winner, loser)) => format!("{}-{}({winner}:{loser})", set.winner, set.loser),
            None => format!("{}-{}", set.winner, set.loser),
        })
        .collect();
    words.join(" ")
}

#[track_caller]
fn check(text: &str, status: Status, expected: &str) -> Score {
    let score = parse(text);
    assert_eq!((score.status, sets(&score).as_str()), (status, expected), "{text:?}: {score:?}");
    assert_eq!(score.problem, None, "{text:?}");
    score
}

#[track_caller]
fn check_problem(text: &str, status: Status, code: &str) {
    let score = parse(text);
    assert_eq!((score.status, sets(&score).as_str()), (status, "-"), "{text:?}: {score:?}");
    assert_eq!(score.problem.as_ref().map(Problem::code), Some(code), "{text:?}");
    assert_eq!(score.sets_begun, 0, "{text:?}");
}

#[test]
fn a_finished_match() {
    let score = check("6-4 3-6 7-6(5)", Status::Completed, "6-4 3-6 7-6(7:5)");
    assert!(!score.unfinished);
    assert_eq!(score.sets_begun, 3);
    check("6-3", Status::Completed, "6-3");
    check("6-7(10) 7-6(0) 6-0", Status::Completed, "6-7(10:12) 7-6(7:0) 6-0");
    check("7-6 6-7 70-68", Status::Completed, "7-6 6-7 70-68");
    check("7-6(5) 1-6 7-6(4) 4-6 13-12(3)", Status::Completed, "7-6(7:5) 1-6 7-6(7:4) 4-6 13-12(7:3)");
    check("8-9(1) 9-8 10-8", Status::Completed, "8-9(1:7) 9-8 10-8");
    check("6-5 4-6 6-5", Status::Completed, "6-5 4-6 6-5");
    check("  6-4 \u{a0} 6-2\t", Status::Completed, "6-4 6-2");
    check("6\u{2013}4 6\u{2212}2", Status::Completed, "6-4 6-2");
}

#[test]
fn short_and_professional_sets() {
    check("4-1 3-4(5) 4-2 4-3(2)", Status::Completed, "4-1 3-4(5:7) 4-2 4-3(7:2)");
    check("5-3 4-5(4) 5-4(3)", Status::Completed, "5-3 4-5(4:7) 5-4(7:3)");
    assert!(!check("8-3", Status::Completed, "8-3").unfinished);
    assert!(!check("10-7", Status::Completed, "10-7").unfinished);
}

#[test]
fn unfinished_with_a_mark() {
    for mark in ["RET", "ret", "RE", "Ret'd", "RET+H64", "Ret.", "retired", "ABD", "ABN", "ab"] {
        let score = check(&format!("6-4 3-1 {mark}"), Status::Retired, "6-4 3-1");
        assert_eq!((score.sets_begun, score.unfinished), (2, false), "{mark}");
    }
    for mark in ["Played and unfinished", "Played and abandoned"] {
        check(&format!("5-7 3-2 {mark}"), Status::Retired, "5-7 3-2");
    }
    for mark in ["DEF", "Def.", "Default", "defaulted"] {
        check(&format!("6-7(4) 6-4 0-0 {mark}"), Status::Default, "6-7(4:7) 6-4 0-0");
    }
    check("6-3 3-1RET", Status::Retired, "6-3 3-1");
    check("7-6(11) RET", Status::Retired, "7-6(13:11)");
    check("4-6 6-3 3-6 11-9 6-6 ABD", Status::Retired, "4-6 6-3 3-6 11-9 6-6");
    check("6-6(2-0) DEF", Status::Default, "6-6(2:0)");
    check("6-7(8) 6-6(0) RET", Status::Retired, "6-7(8:10) 6-6");
    check("3-6 4-6 1-2 RET", Status::Retired, "3-6 4-6 1-2");
    for mark in ["RET", " RET", "DEF", " DEF", "Def."] {
        let status =
            if mark.to_ascii_uppercase().contains("RET") { Status::Retired } else { Status::Default };
        assert_eq!(check(mark, status, "-").sets_begun, 0);
    }
}

#[test]
fn unfinished_without_a_mark() {
    for text in ["6-2 2-0", "6-3 1-0", "3-6 7-6 3-0", "6-4 6-7", "7-6(5) 6-6", "6-4 1-6 7-7", "6-1 0-0"] {
        let score = parse(text);
        assert_eq!(
            (score.status, score.unfinished, score.problem.clone()),
            (Status::Completed, true, None),
            "{text}"
        );
        assert!(score.sets.is_some(), "{text}");
    }
}

#[test]
fn no_result() {
    for text in ["W/O", " W/O", "w/o", "Walkover", "W.0", "W.O.", "WO", "UNP", "0-0 W/O"] {
        check(text, Status::Walkover, "-");
    }
    for text in ["", "  ", "UNK", "NA", "N/A", "&nbsp;", "\u{a0}", ">", "-", "?"] {
        check(text, Status::Completed, "-");
    }
    check_problem("6-2 1-0 W/O", Status::Walkover, "games_in_walkover");
    check_problem("0-0 0-0", Status::Completed, "no_games");
}

#[test]
fn a_match_tie_break_has_no_games() {
    check("6-3 3-6 [11-9]", Status::Completed, "6-3 3-6");
    check("6-7(15) 7-6(2) [10-7]", Status::Completed, "6-7(15:17) 7-6(7:2)");
    check("6-7(3) 7-5 [4-10]", Status::Completed, "6-7(3:7) 7-5");
    check("4-6 6-4 [7-6](3)", Status::Completed, "4-6 6-4");
    check("4-6 6-5 1-0(1)", Status::Completed, "4-6 6-5");
    check("4-6 6-5 1-0", Status::Completed, "4-6 6-5");
    check("6-4 6-7(2) 10-2", Status::Completed, "6-4 6-7(2:7)");
    check("6-4 1-6 10-9", Status::Completed, "6-4 1-6");
    check("[31-21]", Status::Completed, "-");
    check("[7-6]", Status::Completed, "-");
    assert_eq!(check("4-6 6-3 [6-7] RET", Status::Retired, "4-6 6-3").sets_begun, 3);
    // One game of the deciding set, not a match tie-break.
    check("3-6 6-3 1-0 RET", Status::Retired, "3-6 6-3 1-0");
    // Ten games by two: a set.
    check("6-4 3-6 10-8", Status::Completed, "6-4 3-6 10-8");
}

#[test]
fn slips_of_the_space_bar() {
    check("6- 0 6-0", Status::Completed, "6-0 6-0");
    check("6 -0 6-0", Status::Completed, "6-0 6-0");
    check("7-6 (4) 6-0", Status::Completed, "7-6(7:4) 6-0");
    check("7- 6(4) 6-4", Status::Completed, "7-6(7:4) 6-4");
    check("6-0  6-3", Status::Completed, "6-0 6-3");
    check("7-5 4-6 7-6(8-6)", Status::Completed, "7-5 4-6 7-6(8:6)");
    check("6-7(8-6) 6-1 6-1", Status::Completed, "6-7(6:8) 6-1 6-1");
}

#[test]
fn what_is_no_set_is_not_guessed() {
    let unreadable = [
        "6-36-3",
        "6-1-6-1",
        "2-6-7-5-6-3",
        "64",
        "61 36 64",
        "6.2 6-1",
        "6-?",
        "6-2 ?-?",
        "6-2 6-",
        "6-7 6- 6-0",
        "1-6 0-3 6-6?",
        "3-6 6-4 6-0.",
        "Mar-00",
        "Aug-00",
        "7-Oct",
        "May-00",
        "6-4(",
        "6-4)",
        "7-6()",
        "7-6(5",
        "(5)",
        "6--4",
        "-6-4",
        "6-4,6-4",
        "666-4",
        "6-4 bye",
        "[10-8",
        "10-8]",
        "7-6(5)(5)",
        "7-6(8-6-4)",
    ];
    for text in unreadable {
        check_problem(text, Status::Completed, "unreadable");
    }
    // What the mark says still holds.
    check_problem("6-? RET", Status::Retired, "unreadable");
    check_problem("RET 6-3", Status::Retired, "unreadable");
    check_problem("6-4 Played and won", Status::Retired, "unreadable");
}

#[test]
fn impossible_sets() {
    let impossible = [
        "6-2(1)",
        "6-2(2) 7-6",
        "3-6 7-6 6-4(2)",
        "5-7(5) 6-3 6-2",
        "31-25 31-20",
        "31-12",
        "21-20 21-14",
        "99-38",
        "7-4 6-4",
        "3-1 3-6 6-0",
        "6-6 6-1 6-1",
        "4-1 6-3",
        "8-1 6-0",
        "1-6 4-7",
        "7-6(99) 6-1",
        "7-6(5-5) 6-1",
        "[7-6] 6-3",
        "6-3 5-3(2)",
        "2-16 6-1 6-4",
    ];
    for text in impossible {
        check_problem(text, Status::Completed, "impossible_set");
    }
    check_problem("6-1 8-6 0-15 ABD", Status::Retired, "impossible_set");
    check_problem("3-6 6-3 30-0 RET", Status::Retired, "impossible_set");
    check_problem("6-7 4-6", Status::Completed, "winner_behind");
    check_problem("6-1 6-1 6-1 6-1 6-1 6-1 6-1", Status::Completed, "too_many_sets");
}

/// A small generator of our own: the same inputs on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }
}

/// What holds for every score, whatever the text.
#[track_caller]
fn check_laws(text: &str) {
    let score = parse(text);
    assert_eq!(score, parse(text), "{text:?}: not the same twice");
    if score.problem.is_some() || score.status == Status::Walkover {
        assert_eq!(score.sets, None, "{text:?}");
    }
    for &Set { winner, loser, tie_break } in score.sets.iter().flatten() {
        assert!(winner <= 99 && loser <= 99, "{text:?}");
        if let Some((winner_points, loser_points)) = tie_break {
            assert!(winner == loser || (winner > loser) == (winner_points > loser_points), "{text:?}");
        }
    }
    assert!(
        score.sets.is_none_or(|sets| !sets.is_empty() && sets.len() <= usize::from(score.sets_begun)),
        "{text:?}"
    );
}

#[test]
fn never_panics_on_random_bytes() {
    let mut random = Random(1);
    for _ in 0..100_000 {
        let length = random.below(40);
        let bytes: Vec<u8> = (0..length).map(|_| random.below(256) as u8).collect();
        check_laws(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn never_panics_on_mutated_scores() {
    const PIECES: [&str; 30] = [
        "6-4",
        "7-6",
        "(5)",
        "(8-6)",
        "[10-8]",
        " ",
        "-",
        "(",
        ")",
        "[",
        "]",
        "0",
        "1",
        "7",
        "99",
        "255",
        "256",
        "RET",
        "W/O",
        "DEF",
        "played and",
        "unfinished",
        "&nbsp;",
        "?",
        ".",
        "+",
        "\u{a0}",
        "\u{2013}",
        "\u{661}",
        "6-6(2-0)",
    ];
    let mut random = Random(2);
    for _ in 0..200_000 {
        let mut text = String::new();
        for _ in 0..random.below(12) {
            text.push_str(PIECES[random.below(PIECES.len())]);
            if random.below(2) == 0 {
                text.push(' ');
            }
        }
        check_laws(&text);
    }
}

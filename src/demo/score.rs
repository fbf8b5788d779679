//! One match, game by game: who wins, the score as the archives write it, and how long it took.

use super::random::Random;

/// Matches that are not played because a player withdraws.
const WALKOVER_SHARE: f64 = 0.008;
/// Matches in which a player gives up.
const RETIREMENT_SHARE: f64 = 0.028;
/// Matches in which a player is sent off.
const DEFAULT_SHARE: f64 = 0.001;
/// How far the better player's share of service games can rise above the usual one.
const WIDEST_SHIFT: f64 = 0.17;
/// A point says less about strength than a game does.
const POINT_SHARE: f64 = 0.35;

/// What kind of match it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// 3 or 5.
    pub(crate) best_of: u8,
    /// The share of service games that equal players win.
    pub(crate) hold: f64,
}

/// How a match ended.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// The first of the two players won.
    pub(crate) is_first_winner: bool,
    /// From the winner's side, like `6-4 3-6 7-6(5)`, `6-2 1-0 RET`, `W/O`.
    pub(crate) score: String,
    /// None when nothing was played.
    pub(crate) minutes: Option<u32>,
}

/// Games of both players, and the tie-break's points of its loser.
#[derive(Debug, Clone, Copy, Default)]
struct Set {
    games: [u8; 2],
    tie_break_low: Option<u32>,
}

/// Plays a match; `edge` says how much stronger the first player is (0 equal, 1 clearly, 3 out of reach).
pub(crate) fn play(random: &mut Random, rules: Rules, edge: f64) -> Outcome {
    let accident = random.unit();
    if accident < WALKOVER_SHARE {
        return Outcome { is_first_winner: random.chance(0.5), score: "W/O".to_owned(), minutes: None };
    }
    let is_cut_short = accident < WALKOVER_SHARE + RETIREMENT_SHARE + DEFAULT_SHARE;
    let mut games_left = if is_cut_short { 1 + random.below(26) } else { usize::MAX };
    let shift = WIDEST_SHIFT * edge / (1.0 + edge.abs());
    let sets_to_win = usize::from(rules.best_of / 2 + 1);
    let mut server = random.below(2);
    let mut sets = Vec::new();
    let mut sets_won = [0, 0];
    while sets_won[0] < sets_to_win && sets_won[1] < sets_to_win && games_left > 0 {
        // A best-of-five match that comes to 6-6 in the last set is decided by a longer tie-break.
        let is_long = rules.best_of == 5 && sets_won == [2, 2];
        let (set, winner) = play_set(random, rules.hold, shift, &mut server, &mut games_left, is_long);
        sets.push(set);
        if let Some(winner) = winner {
            sets_won[winner] += 1;
        }
    }
    let is_finished = sets_won[0] == sets_to_win || sets_won[1] == sets_to_win;
    let is_first_winner = if is_finished { sets_won[0] == sets_to_win } else { random.chance(0.5) };
    let ending = match is_finished {
        true => "",
        false if accident < WALKOVER_SHARE + RETIREMENT_SHARE => " RET",
        false => " DEF",
    };
    let score = format!("{}{ending}", sets_text(&sets, is_first_winner));
    let games: u32 = sets.iter().map(|set| u32::from(set.games[0]) + u32::from(set.games[1])).sum();
    Outcome { is_first_winner, score, minutes: Some(games * 4 + random.below(15) as u32) }
}

/// Plays a set until it is won, or `games_left` is used up; returns it with its winner, if any.
fn play_set(
    random: &mut Random,
    hold: f64,
    shift: f64,
    server: &mut usize,
    games_left: &mut usize,
    is_long: bool,
) -> (Set, Option<usize>) {
    let mut set = Set::default();
    while *games_left > 0 {
        *games_left -= 1;
        let own_shift = if *server == 0 { shift } else { -shift };
        let winner = if random.chance(hold + own_shift) { *server } else { 1 - *server };
        *server = 1 - *server;
        set.games[winner] += 1;
        let (own, other) = (set.games[winner], set.games[1 - winner]);
        if own >= 6 && own >= other + 2 {
            return (set, Some(winner));
        }
        if own == 6 && other == 6 {
            // It belongs to the twelve games before it: nobody in a made-up season retires at 6-6.
            let (winner, low) = play_tie_break(random, shift, if is_long { 10 } else { 7 });
            set.games[winner] += 1;
            set.tie_break_low = Some(low);
            return (set, Some(winner));
        }
    }
    (set, None)
}

/// First to `target` points, two ahead; returns the winner and the loser's points.
fn play_tie_break(random: &mut Random, shift: f64, target: u32) -> (usize, u32) {
    let mut points = [0_u32, 0];
    loop {
        let winner = usize::from(!random.chance(0.5 + shift * POINT_SHARE));
        points[winner] += 1;
        if points[winner] >= target && points[winner] >= points[1 - winner] + 2 {
            return (winner, points[1 - winner]);
        }
    }
}

/// The sets from the winner's side.
fn sets_text(sets: &[Set], is_first_winner: bool) -> String {
    let (own, other) = if is_first_winner { (0, 1) } else { (1, 0) };
    let texts: Vec<String> = sets
        .iter()
        .map(|set| {
            let games = format!("{}-{}", set.games[own], set.games[other]);
            set.tie_break_low.map_or(games.clone(), |low| format!("{games}({low})"))
        })
        .collect();
    texts.join(" ")
}

/// True when `text` is a score that tennis allows for a match of `best_of` sets, from the winner's side.
#[cfg(test)]
pub(crate) fn is_possible(text: &str, best_of: u8) -> bool {
    if text == "W/O" {
        return true;
    }
    let is_unfinished = text.ends_with(" RET") || text.ends_with(" DEF");
    let sets: Vec<&str> = text.trim_end_matches(" RET").trim_end_matches(" DEF").split(' ').collect();
    let mut won = [0, 0];
    for (index, set) in sets.iter().enumerate() {
        let (games, low) = set.split_once('(').map_or((*set, None), |(games, low)| (games, Some(low)));
        let Some((own, other)) = games.split_once('-') else { return false };
        let (Ok(own), Ok(other)) = (own.parse::<u8>(), other.parse::<u8>()) else { return false };
        let (high, less) = (own.max(other), own.min(other));
        let is_whole = match low {
            Some(low) => {
                high == 7 && less == 6 && low.strip_suffix(')').is_some_and(|low| low.parse::<u32>().is_ok())
            }
            None => (high == 6 && less <= 4) || (high == 7 && less == 5),
        };
        let is_last = index + 1 == sets.len();
        if is_whole {
            won[usize::from(own < other)] += 1;
        } else if !(is_unfinished && is_last && low.is_none() && high <= 6 && high - less <= high.min(6)) {
            return false;
        }
    }
    let needed = best_of / 2 + 1;
    if is_unfinished { won[0] < needed && won[1] < needed } else { won[0] == needed && won[1] < needed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_score_is_possible_and_every_kind_occurs() {
        let mut random = Random::new(3, 0);
        let mut seen = [false; 5];
        for index in 0..20_000 {
            let best_of = if index % 3 == 0 { 5 } else { 3 };
            let outcome = play(&mut random, Rules { best_of, hold: 0.78 }, 0.5);
            assert!(is_possible(&outcome.score, best_of), "{}", outcome.score);
            assert_eq!(outcome.minutes.is_none(), outcome.score == "W/O");
            for (slot, mark) in ["W/O", "RET", "DEF", "7-6(", "7-5"].iter().enumerate() {
                seen[slot] |= outcome.score.contains(mark);
            }
        }
        assert_eq!(seen, [true; 5]);
    }

    #[test]
    fn impossible_scores_are_recognised() {
        for text in ["6-5", "6-4 3-6", "4-6 4-6", "7-6 6-0", "6-4 6-4 RET", "8-6 6-4", "6-4 6-4 6-4", ""] {
            assert!(!is_possible(text, 3), "{text}");
        }
    }

    #[test]
    fn the_stronger_player_wins_more_often() {
        let share = |edge: f64| {
            let mut random = Random::new(4, 0);
            let rules = Rules { best_of: 3, hold: 0.78 };
            (0..4_000).filter(|_| play(&mut random, rules, edge).is_first_winner).count() as f64 / 4_000.0
        };
        assert!((share(0.0) - 0.5).abs() < 0.04);
        assert!(share(1.0) > 0.75 && share(1.0) < 0.97, "{}", share(1.0));
        assert!(share(-1.0) < 0.25);
    }
}

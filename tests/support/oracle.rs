//! The plainest possible replay, written apart from the program: every ratable match in order, one after the other,
//! with the numbers of ELO.md. What it says is what the database has to hold after a run.

use std::collections::BTreeMap;

use postgres::Client;
use serde_json::Value;

/// What a match's ELO columns have to hold, as text.
pub type MatchColumns =
    (Option<String>, Option<String>, Option<String>, Option<String>, Option<String>, bool);
/// What a player's state has to hold: rating, matches, last date, last order, peak.
pub type StateColumns = (String, i32, Option<String>, i64, String);

/// The expected ELO columns of every match, and the expected states.
pub struct Expected {
    pub matches: BTreeMap<i32, MatchColumns>,
    pub states: BTreeMap<i32, StateColumns>,
}

struct State {
    rating: f64,
    count: i32,
    day: Option<i32>,
    date: Option<String>,
    order: i64,
    peak: f64,
}

fn cents(rating: f64) -> f64 {
    format!("{rating:.2}").parse().unwrap()
}

fn text(rating: f64) -> String {
    format!("{:.2}", cents(rating))
}

/// Replays what the database holds now.
pub fn replay(client: &mut Client) -> Expected {
    let (version, p) = parameters(client);
    let mut states: BTreeMap<i32, State> = BTreeMap::new();
    let mut matches = BTreeMap::new();
    let rows = client.query(include_str!("../sql/oracle_matches.sql"), &[]).unwrap();
    for row in &rows {
        let (id, a, b): (i32, i32, i32) = (row.get("id"), row.get("a"), row.get("b"));
        if !row.get::<_, bool>("ratable") {
            continue;
        }
        let code: String = row.get("code");
        let (k, s) = (p[&format!("K_{code}")], p[&format!("S_{code}")]);
        let start = p[if code.starts_with('W') { "start_elo_women" } else { "start_elo_men" }];
        let (day, date): (Option<i32>, Option<String>) = (row.get("day"), row.get("date"));
        let a_won: bool = row.get("a_won");
        let margin = margin(row.get("score"), a_won, &p);
        let mut before = Vec::new();
        for player in [a, b] {
            let state = states.get(&player);
            let days = state.and_then(|state| Some(f64::from(day? - state.day?)));
            let mut rating = state.map_or(start, |state| state.rating);
            if let Some(days) = days.filter(|days| *days > p["decay_start_days"]) {
                rating = start
                    + (rating - start) * (-p["decay_rate"] * (days - p["decay_start_days"]) / 365.0).exp();
            }
            let count = f64::from(state.map_or(0, |state| state.count));
            let mut boost = 1.0;
            if count < p["new_threshold"] {
                boost *= p["new_boost"] + (1.0 - p["new_boost"]) * count / p["new_threshold"];
            }
            if days.is_some_and(|days| days > p["returning_days"]) {
                boost *= p["returning_boost"];
            }
            before.push((rating, k * margin * f64::clamp(boost, 1.0, 3.0)));
        }
        let (r_a, r_b) = (before[0].0, before[1].0);
        let expected_a = 1.0 / (1.0 + f64::powf(std::hint::black_box(10.0), (r_b - r_a) / s));
        let won_a = f64::from(u8::from(a_won));
        let post_a = cents(r_a + before[0].1 * (won_a - expected_a));
        let post_b = cents(r_b + before[1].1 * ((1.0 - won_a) - (1.0 - expected_a)));
        for (player, post) in [(a, post_a), (b, post_b)] {
            let order = row.get("temporal_order");
            let state = states.entry(player).or_insert(State {
                rating: start,
                count: 0,
                day: None,
                date: None,
                order,
                peak: start,
            });
            state.rating = post;
            state.count += 1;
            if day.is_some() {
                (state.day, state.date) = (day, date.clone());
            }
            state.order = order;
            state.peak = state.peak.max(post);
        }
        let columns = [r_a, r_b, post_a, post_b].map(|rating| Some(text(rating)));
        let [pre_a, pre_b, post_a, post_b] = columns;
        matches.insert(id, (pre_a, pre_b, post_a, post_b, Some(version.clone()), false));
    }
    // Unplayed matches show the players' ratings of now; all others show nothing.
    for row in rows.iter().filter(|row| !row.get::<_, bool>("ratable")) {
        let women: bool = row.get::<_, String>("code").starts_with('W');
        let start = p[if women { "start_elo_women" } else { "start_elo_men" }];
        let pre = |player: i32| {
            row.get::<_, bool>("unplayed")
                .then(|| text(states.get(&player).map_or(start, |state| state.rating)))
        };
        matches.insert(row.get("id"), (pre(row.get("a")), pre(row.get("b")), None, None, None, false));
    }
    let states = states
        .into_iter()
        .map(|(player, state)| {
            (player, (text(state.rating), state.count, state.date, state.order, text(state.peak)))
        })
        .collect();
    Expected { matches, states }
}

/// The margin by integer arithmetic; the tests use parameters of at most four decimals.
fn margin(score: Option<Value>, a_won: bool, p: &BTreeMap<String, f64>) -> f64 {
    let Some(sets) = score.as_ref().and_then(Value::as_array).filter(|sets| !sets.is_empty()) else {
        return 1.0;
    };
    let games = |side: &str| sets.iter().map(|set| set[side].as_i64().unwrap()).sum::<i64>();
    let (won, lost) = if a_won { (games("a"), games("b")) } else { (games("b"), games("a")) };
    let (numerator, denominator) = if won + lost == 0 { (1, 2) } else { (won - lost, won + lost) };
    let [base, scale] = ["margin_base", "margin_scale"].map(|name| (p[name] * 10_000.0).round() as i64);
    let total = (base * denominator + scale * numerator).clamp(5_000 * denominator, 20_000 * denominator);
    let (quotient, rest) = (total.div_euclid(denominator), total.rem_euclid(denominator));
    let up = rest * 2 > denominator || (rest * 2 == denominator && quotient % 2 == 1);
    (quotient + i64::from(up)) as f64 / 10_000.0
}

fn parameters(client: &mut Client) -> (String, BTreeMap<String, f64>) {
    let mut p: BTreeMap<String, f64> = [
        ("margin_base", 0.85),
        ("margin_scale", 0.3),
        ("decay_rate", 0.05),
        ("decay_start_days", 60.0),
        ("new_threshold", 30.0),
        ("new_boost", 1.5),
        ("returning_days", 180.0),
        ("returning_boost", 1.3),
        ("start_elo_men", 1500.0),
        ("start_elo_women", 1500.0),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    for (code, k, s) in
        [("F", 183, 1241), ("C", 137, 1441), ("A", 108, 1670), ("M", 107, 1809), ("G", 116, 1428)]
    {
        for prefix in ["", "W"] {
            p.insert(format!("K_{prefix}{code}"), f64::from(k));
            p.insert(format!("S_{prefix}{code}"), f64::from(s));
        }
    }
    let mut version = "defaults-v1".to_owned();
    if let Some(row) = client.query_opt(include_str!("../sql/oracle_parameters.sql"), &[]).unwrap() {
        version = row.get("name");
        for (key, value) in row.get::<_, Value>("params").as_object().unwrap() {
            p.insert(key.clone(), value.as_f64().unwrap());
        }
    }
    (version, p)
}

/// What the database holds now.
pub fn stored(client: &mut Client) -> Expected {
    let matches = client
        .query(include_str!("../sql/stored_matches.sql"), &[])
        .unwrap()
        .iter()
        .map(|row| (row.get(0), (row.get(1), row.get(2), row.get(3), row.get(4), row.get(5), row.get(6))))
        .collect();
    let states = client
        .query(include_str!("../sql/stored_states.sql"), &[])
        .unwrap()
        .iter()
        .map(|row| (row.get(0), (row.get(1), row.get(2), row.get(3), row.get(4), row.get(5))))
        .collect();
    Expected { matches, states }
}

/// The differences between what the database holds and what a full replay gives; empty when there are none.
pub fn differences(client: &mut Client) -> Vec<String> {
    let (expected, stored) = (replay(client), stored(client));
    let mut differences = Vec::new();
    let ids: std::collections::BTreeSet<i32> =
        expected.matches.keys().chain(stored.matches.keys()).copied().collect();
    for id in ids {
        let (expected, stored) = (expected.matches.get(&id), stored.matches.get(&id));
        if expected != stored {
            differences.push(format!("match {id}: stored {stored:?}, expected {expected:?}"));
        }
    }
    let ids: std::collections::BTreeSet<i32> =
        expected.states.keys().chain(stored.states.keys()).copied().collect();
    for id in ids {
        let (expected, stored) = (expected.states.get(&id), stored.states.get(&id));
        if expected != stored {
            differences.push(format!("player {id}: stored {stored:?}, expected {expected:?}"));
        }
    }
    differences
}

//! What somebody may do to the matches, at random: the operations of the random histories.

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    /// A number from 0 to `bound` - 1.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// True once in `bound` times.
    pub fn one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    /// One of them.
    pub fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len() as u64) as usize]
    }
}

/// A match's values as SQL, at random: dates within two years, every status, all that can be missing.
struct Values {
    edition: String,
    a: u64,
    b: u64,
    winner: String,
    status: &'static str,
    score: String,
    date: String,
    order: String,
}

impl Values {
    fn new(random: &mut Random) -> Self {
        let (a, b) = (1 + random.below(9), 1 + random.below(9));
        let winner = match random.below(20) {
            0 => "NULL".to_owned(),
            1 => (1 + random.below(9)).to_string(),
            _ => if random.one_in(2) { a } else { b }.to_string(),
        };
        Self {
            edition: edition(random),
            a,
            b,
            winner,
            status: status(random),
            score: score(random),
            date: date(random),
            order: order(random),
        }
    }
}

fn edition(random: &mut Random) -> String {
    if random.one_in(15) { "NULL".to_owned() } else { (1 + random.below(8)).to_string() }
}

fn status(random: &mut Random) -> &'static str {
    match random.below(12) {
        0 => "upcoming",
        1 => "scheduled",
        2 => "in_progress",
        3 => "cancelled",
        4 => "retired",
        5 => "walkover",
        6 => "default",
        _ => "completed",
    }
}

fn score(random: &mut Random) -> String {
    if random.one_in(6) {
        return random.pick(&["NULL", "'[]'", "'null'", "'[{\"a\": 0, \"b\": 0}]'"]).to_owned();
    }
    let sets: Vec<String> = (0..=random.below(3))
        .map(|_| format!(r#"{{"a": {}, "b": {}, "tb_a": 7}}"#, random.below(8), random.below(8)))
        .collect();
    format!("'[{}]'", sets.join(", "))
}

fn date(random: &mut Random) -> String {
    if random.one_in(8) {
        return "NULL".to_owned();
    }
    format!("'{}-{:02}-{:02}'", 2023 + random.below(3), 1 + random.below(12), 1 + random.below(28))
}

fn order(random: &mut Random) -> String {
    match random.below(25) {
        0 => return "NULL".to_owned(),
        1 => return "999912310000000".to_owned(),
        2 => return "202302310000100".to_owned(), // the 31st of February
        _ => {}
    }
    // Few different ones, so that ties are common.
    format!(
        "{}{:02}{:02}{:05}{:02}",
        2023 + random.below(3),
        1 + random.below(12),
        [1, 15][random.below(2) as usize],
        random.below(2),
        [10, 40][random.below(2) as usize]
    )
}

/// One thing that somebody does to the database.
pub fn operation(random: &mut Random) -> String {
    let some = "(SELECT id FROM matches ORDER BY md5(id::text || ";
    let target = format!("{some}'{}') LIMIT 1)", random.below(1_000_000));
    let several = format!("{some}'{}') LIMIT 3)", random.below(1_000_000));
    let values = Values::new(random);
    match random.below(26) {
        0..=7 => {
            let Values { edition, a, b, winner, status, score, date, order } = values;
            format!(
                "INSERT INTO matches (source, tournament_edition_id, player_a_id, player_b_id, winner_id, status, \
                 score_structured, match_date, temporal_order, created_at, updated_at) VALUES \
                 ('t', {edition}, {a}, {b}, {winner}, '{status}', {score}, {date}, {order}, '2020-01-01', '2020-01-01')"
            )
        }
        8 => format!("UPDATE matches SET winner_id = player_a_id WHERE id = {target}"),
        9 => {
            format!("UPDATE matches SET winner_id = player_b_id, status = 'completed' WHERE id IN {several}")
        }
        10 => format!("UPDATE matches SET status = '{}' WHERE id = {target}", values.status),
        11 => format!("UPDATE matches SET score_structured = {} WHERE id = {target}", values.score),
        12 => format!("UPDATE matches SET match_date = {} WHERE id = {target}", values.date),
        13 => format!("UPDATE matches SET temporal_order = {} WHERE id = {target}", values.order),
        14 => format!("UPDATE matches SET tournament_edition_id = {} WHERE id = {target}", values.edition),
        15 => format!(
            "UPDATE matches SET player_a_id = player_b_id, player_b_id = player_a_id WHERE id = {target}"
        ),
        16 => format!("UPDATE matches SET player_a_id = {} WHERE id = {target}", values.a),
        17 => format!("DELETE FROM matches WHERE id = {target}"),
        18 => format!("DELETE FROM matches WHERE id IN {several}"),
        19 => format!(
            "UPDATE tournaments SET level = '{}' WHERE id = {}",
            random.pick(&["Grand Slam", "WTA 250", "ITF W15", "ATP 250", "Exhibition"]),
            1 + random.below(4)
        ),
        20 => format!(
            "UPDATE tournament_editions SET tournament_id = {} WHERE id = {}",
            1 + random.below(4),
            1 + random.below(8)
        ),
        21 => format!(
            "UPDATE matches SET player_a_id = {0} WHERE player_a_id = {1}; \
             UPDATE matches SET player_b_id = {0}, winner_id = CASE winner_id WHEN {1} THEN {0} ELSE winner_id END \
             WHERE player_b_id = {1} OR winner_id = {1}",
            values.a, values.b
        ),
        22 => format!("UPDATE matches SET winner_id = winner_id, court = 'x' WHERE id = {target}"),
        23 => format!("UPDATE matches SET elo_needs_recompute = true WHERE id = {target}"),
        24 => format!("UPDATE matches SET id = id + 1000000 WHERE id = {target} AND id < 1000000"),
        _ if random.one_in(10) => "TRUNCATE matches".to_owned(),
        _ => parameters(random),
    }
}

/// Another parameter set: with a K so small that corrections leave no trace, or a large one, or none.
pub fn parameters(random: &mut Random) -> String {
    let k = random.pick(&["0.004", "0.03", "3", "250"]);
    let ks: Vec<String> = ["F", "C", "A", "M", "G", "WF", "WC", "WA", "WM", "WG"]
        .iter()
        .map(|code| format!("\"K_{code}\": {k}"))
        .collect();
    let activate = format!(
        "INSERT INTO elo_parameter_sets (name, params, source, is_active) VALUES ('set {}', \
         '{{{}, \"new_threshold\": 3, \"start_elo_women\": 1400.5}}', 't', true) ON CONFLICT DO NOTHING",
        random.below(1_000_000),
        ks.join(", ")
    );
    if random.one_in(4) { "UPDATE elo_parameter_sets SET is_active = false".to_owned() } else { activate }
}

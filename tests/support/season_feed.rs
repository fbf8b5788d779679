//! A made-up season as feed documents: many tournaments and players who meet again and again, under several spellings, with and
//! without ids. Everything follows from the numbers of the tournament and the player.

#![allow(dead_code)]

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// Tournaments of the season: in turn of the men's tour, the women's tour, the ITF's men and the ITF's women.
pub const TOURNAMENTS: usize = 2000;
/// Players of the season but namesakes.
pub const PLAYERS: usize = 5000;
/// So many names of the men's tour are those of two people.
pub const NAMESAKES: usize = 100;
/// Of these tournaments on, one of four has a namesake: the first of a name without an id, then with one, then the second, and at
/// last one of them without an id.
const NAMESAKES_FROM: [usize; 4] = [0, 500, 1000, 1500];
/// Players of a tournament.
const ENTRANTS: usize = 8;

/// Somebody who plays.
#[derive(Clone, Copy)]
struct Player {
    number: usize,
    /// Of two namesakes this one; None: nobody else has this name.
    namesake: Option<usize>,
}

/// A letter group for each digit, so that no two names are alike.
fn syllables(mut number: usize, groups: &[&str], count: usize) -> String {
    let mut text = String::new();
    for _ in 0..count {
        text.push_str(groups[number % groups.len()]);
        number /= groups.len();
    }
    let first = text.chars().next().unwrap().to_uppercase().to_string();
    format!("{first}{}", text.chars().skip(1).collect::<String>())
}

impl Player {
    fn first_name(self) -> String {
        let groups = ["ana", "ber", "cílo", "don", "eli", "fra", "gus", "hél"];
        syllables(self.number * 7 + 3, &groups, 2)
    }

    fn last_name(self) -> String {
        let groups = [
            "bav", "cod", "duf", "feg", "gih", "haj", "jok", "kul", "lem", "min", "nap", "por", "qus", "ret",
            "siv", "täw", "vox", "zöb",
        ];
        let kind = if self.namesake.is_some() { "son" } else { "" };
        syllables(self.number, &groups, 3) + kind
    }

    fn id(self, source: &str) -> String {
        match (source, self.namesake) {
            ("itf", _) => format!("800{:06}", self.number),
            (_, None) => format!("P{:04}", self.number),
            (_, Some(which)) => format!("N{:03}{which}", self.number),
        }
    }

    /// One of the spellings of the name; `number` chooses. An abbreviation only where the player is known already.
    fn spelling(self, number: usize, is_known: bool) -> String {
        let (first, last) = (self.first_name(), self.last_name());
        match number % 5 {
            0 => format!("{}, {first}", last.to_uppercase()),
            1 => format!("{first} {last}")
                .replace('í', "i")
                .replace('é', "e")
                .replace('ä', "a")
                .replace('ö', "o"),
            2 if is_known && self.namesake.is_none() => format!("{}. {last}", first.chars().next().unwrap()),
            3 => format!("{first}  {last} Jr."),
            _ => format!("{first} {last}"),
        }
    }
}

/// The players of a tournament, in the order of the draw.
fn entrants(tournament: usize) -> Vec<Player> {
    // Half of the players are men, half are women; a step that shares no factor with them meets everybody.
    let half = PLAYERS / 2;
    let round = tournament / 2 * ENTRANTS;
    let number = |entrant: usize| (round + entrant) * 1237 % half * 2 + tournament % 2;
    let mut players: Vec<Player> =
        (0..ENTRANTS).map(|entrant| Player { number: number(entrant), namesake: None }).collect();
    for (phase, from) in NAMESAKES_FROM.into_iter().enumerate() {
        if tournament.is_multiple_of(4) && (from..from + 4 * NAMESAKES).contains(&tournament) {
            let which = usize::from(phase == 2);
            players[3] = Player { number: (tournament - from) / 4, namesake: Some(which) };
        }
    }
    players
}

/// What a record says of one side. `mention` makes spellings and ids different from document to document.
fn side(fields: &mut Value, letter: &str, tournament: usize, entrant: usize, mention: usize) -> String {
    let player = entrants(tournament)[entrant];
    let source = fields["source"].as_str().unwrap().to_owned();
    let name = player.spelling(tournament + entrant + mention, mention > 0);
    let has_id = match player.namesake {
        // Told apart by their ids, where it matters; or by nothing.
        Some(_) => (NAMESAKES_FROM[1]..NAMESAKES_FROM[3]).contains(&tournament),
        None => !(tournament * 3 + entrant + mention).is_multiple_of(4),
    };
    fields[format!("player_{letter}_name")] = json!(name);
    fields[format!("player_{letter}_external_id")] = json!(has_id.then(|| player.id(&source)));
    fields[format!("player_{letter}_seed")] = json!(entrant.is_multiple_of(4).then_some(1 + entrant / 4));
    name
}

fn record(tournament: usize, round: &str) -> Value {
    let (source, level, gender) = [
        ("atp", "ATP 250", "men"),
        ("wta", "WTA 250", "women"),
        ("itf", "ITF M25", "men"),
        ("itf", "ITF W25", "women"),
    ][tournament % 4];
    let (month, day) = (1 + tournament / 180, 1 + tournament % 20);
    json!({
        "source": source, "tournament_id": format!("event-{tournament}"), "tournament_year": 2026,
        "tournament_name": format!("Open {tournament}"), "tournament_level": level, "tournament_surface": "Clay",
        "tournament_start_date": format!("2026-{month:02}-{day:02}"),
        "tournament_end_date": format!("2026-{month:02}-{:02}", day + 6), "gender": gender, "round": round,
    })
}

/// The matches of a tournament: round, and who of the draw meets whom; the first wins.
fn matches(tournament: usize) -> Vec<(&'static str, usize, usize)> {
    let winner = |round: usize, a: usize, b: usize| {
        if !(tournament + round + a).is_multiple_of(3) { (a, b) } else { (b, a) }
    };
    let mut all = Vec::new();
    let mut standing: Vec<usize> = (0..ENTRANTS).collect();
    for (number, round) in ["QF", "SF", "F"].into_iter().enumerate() {
        let pairs: Vec<(usize, usize)> =
            standing.chunks(2).map(|two| winner(number, two[0], two[1])).collect();
        all.extend(pairs.iter().map(|(winner, loser)| (round, *winner, *loser)));
        standing = pairs.into_iter().map(|(winner, _)| winner).collect();
    }
    all
}

fn draw(tournament: usize) -> Vec<Value> {
    let place = |position: usize| {
        let mut fields = record(tournament, "QF");
        fields["draw_position"] = json!(position + 1);
        side(&mut fields, "a", tournament, 2 * position, 0);
        side(&mut fields, "b", tournament, 2 * position + 1, 0);
        fields
    };
    (0..ENTRANTS / 2).map(place).collect()
}

fn schedule(tournament: usize) -> Vec<Value> {
    let slot = |(round, winner, loser): (&str, usize, usize)| {
        let mut fields = record(tournament, round);
        let (a, b) = (winner.min(loser), winner.max(loser));
        side(&mut fields, "a", tournament, a, 1);
        side(&mut fields, "b", tournament, b, 1);
        let day = 1 + tournament % 20 + 2 * ["QF", "SF", "F"].iter().position(|code| *code == round).unwrap();
        fields["scheduled_date"] = json!(format!("2026-{:02}-{day:02}", 1 + tournament / 180));
        fields["scheduled_time"] = json!(format!("1{}:30", winner % 8));
        fields["court"] = json!(format!("Court {}", 1 + loser));
        fields
    };
    matches(tournament).into_iter().map(slot).collect()
}

fn results(tournament: usize) -> Vec<Value> {
    let result = |(round, winner, loser): (&str, usize, usize)| {
        let mut fields = record(tournament, round);
        let (first, second) = if tournament.is_multiple_of(2) { ("a", "b") } else { ("b", "a") };
        let name = side(&mut fields, first, tournament, winner, 2);
        side(&mut fields, second, tournament, loser, 2);
        fields["winner_name"] = json!(name);
        fields["score_raw"] =
            json!(["6-4 6-4", "7-6(5) 3-6 6-1", "6-2 1-0 RET", "W/O"][(tournament + winner) % 4]);
        fields
    };
    matches(tournament).into_iter().map(result).collect()
}

/// The whole feed: files by name. The three kinds group the tournaments differently, so that files share tournaments.
pub fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::<String, String>::new();
    let mut add = |name: String, records: Vec<Value>| {
        let file = files.entry(name).or_default();
        records.into_iter().for_each(|record| *file += &format!("{record}\n"));
    };
    for tournament in 0..TOURNAMENTS {
        add(format!("{:03}.draw.jsonl", tournament / 10), draw(tournament));
        add(format!("{:03}.schedule.jsonl", tournament % 80), schedule(tournament));
        add(format!("{:03}.results.jsonl", tournament * 7 % TOURNAMENTS / 16), results(tournament));
    }
    files
}

//! The two players of a record.

use super::fields::Fields;
use crate::ingest::name;
use crate::ingest::rejects::Reason;

/// `players.atp_id` and its sisters hold this many characters.
const PLAYER_ID_LENGTH_MAX: usize = 20;
/// No draw has more seeds than players.
const SEEDS: std::ops::RangeInclusive<i32> = 1..=256;

/// One of the two sides of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The fields `player_a_…`.
    A,
    /// The fields `player_b_…`.
    B,
}

/// A player as a record names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrant {
    /// As written, spaces folded.
    pub name: String,
    /// By which two spellings are the same; never empty.
    pub normalised: String,
    /// The source's id, as written.
    pub external_id: Option<String>,
    /// From 1.
    pub seed: Option<i32>,
    /// Three letters.
    pub nationality: Option<String>,
}

/// What a side of a match names.
#[derive(Debug)]
pub(super) enum Named {
    /// A person.
    Player(Entrant),
    /// The empty side of a bye.
    Bye,
    /// Nobody, or a qualifier or the like: not known yet.
    Open,
}

/// The fields of one side.
struct SideFields {
    name: &'static str,
    external_id: &'static str,
    seed: &'static str,
    nationality: &'static str,
}

const SIDE_FIELDS: [SideFields; 2] = [
    SideFields {
        name: "player_a_name",
        external_id: "player_a_external_id",
        seed: "player_a_seed",
        nationality: "player_a_nationality",
    },
    SideFields {
        name: "player_b_name",
        external_id: "player_b_external_id",
        seed: "player_b_seed",
        nationality: "player_b_nationality",
    },
];

impl Side {
    fn fields(self) -> &'static SideFields {
        &SIDE_FIELDS[self as usize]
    }

    /// The name of the field that names this side's player.
    pub(super) fn name_field(self) -> &'static str {
        self.fields().name
    }
}

impl Named {
    /// Reads one side. None when a field is at fault.
    pub(super) fn read(fields: &mut Fields<'_>, side: Side) -> Option<Self> {
        let names = side.fields();
        let is_open = fields.is_absent(names.name);
        let name = fields.text(names.name, name::LENGTH_MAX);
        let external_id = read_player_id(fields, names.external_id);
        let seed = fields.integer(names.seed, SEEDS);
        let nationality = fields.country_code(names.nationality);
        if is_open {
            if external_id.is_some() {
                return fields.fault(Reason::MissingField, names.name, "the name of the player with this id");
            }
            return Some(Self::Open);
        }
        let name = name?;
        let normalised = name::normalise(&name);
        match normalised.as_str() {
            "bye" => return Some(Self::Bye),
            "tbd"
            | "tba"
            | "to be determined"
            | "unknown"
            | "unknown player"
            | "u unknown"
            | "qualifier"
            | "lucky loser"
            | "qualifier / lucky loser"
            | "qualifier/lucky loser" => return Some(Self::Open),
            _ => {}
        }
        if normalised.contains('/') {
            return fields.fault(Reason::BadField, names.name, "one player's name: doubles are not taken");
        }
        if !normalised.chars().any(char::is_alphabetic) || normalised.contains(['(', '[']) {
            let expected = "a name, without seed or entry marks such as (1) or [WC]";
            return fields.fault(Reason::BadField, names.name, expected);
        }
        if normalised.chars().count() > name::LENGTH_MAX {
            let expected = format!(
                "a name of at most {} characters, also without accents and ligatures",
                name::LENGTH_MAX
            );
            return fields.fault(Reason::TooLong, names.name, expected);
        }
        Some(Self::Player(Entrant { name, normalised, external_id, seed, nationality }))
    }
}

fn read_player_id(fields: &mut Fields<'_>, name: &'static str) -> Option<String> {
    let id = fields.text(name, PLAYER_ID_LENGTH_MAX)?;
    if id.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        return fields.fault(Reason::BadField, name, "an id without spaces");
    }
    Some(id)
}

/// Both players of a match, who must be known.
pub(super) fn read_players(fields: &mut Fields<'_>) -> Option<[Entrant; 2]> {
    let mut read_player = |side: Side| {
        if fields.is_absent(side.name_field()) {
            return fields.fault(Reason::MissingField, side.name_field(), "a value; it is required");
        }
        match Named::read(fields, side)? {
            Named::Player(player) => Some(player),
            Named::Bye | Named::Open => fields.fault(
                Reason::UnknownPlayer,
                side.name_field(),
                "a player: a bye or an open place is no match",
            ),
        }
    };
    let (a, b) = (read_player(Side::A), read_player(Side::B));
    let players = [a?, b?];
    check_different(fields, &players);
    Some(players)
}

/// Notes a fault when both are the same player: by their ids, or by their names when one has no id (two people can share a name).
pub(super) fn check_different(fields: &mut Fields<'_>, [a, b]: &[Entrant; 2]) {
    let field = match (&a.external_id, &b.external_id) {
        (Some(a), Some(b)) => (a == b).then_some("player_b_external_id"),
        _ => (a.normalised == b.normalised).then_some("player_b_name"),
    };
    if let Some(field) = field {
        fields.fault::<()>(Reason::SamePlayer, field, "two different players");
    }
}

/// `{year}_{tournament}_{round}_{id1}_{id2}`, the ids sorted as text. At most 98 characters.
pub fn match_external_id(year: i32, code: &str, round: &str, [one, two]: [&str; 2]) -> String {
    let (first, second) = (one.min(two), one.max(two));
    format!("{year}_{code}_{round}_{first}_{second}")
}

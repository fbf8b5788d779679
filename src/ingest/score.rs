//! The written score of a finished match, as match archives spell it: pure, and total on any text.
//!
//! A score is a list of sets from the winner's side (`6-4 3-6 7-6(5)`), then perhaps a mark that says how the
//! match ended. The result never depends on it: when the sets cannot be told, the winner still won.
//!
//! | written | status | sets |
//! |---|---|---|
//! | sets only | completed | as played |
//! | sets, the last one unfinished, no mark | completed | as played, `unfinished` |
//! | `RET` `ret` `RE` `Ret'd` `RET+H64` `retired` | retired | as played |
//! | `ABD` `ABN` `ab` `abandoned` `Played and unfinished` `Played and abandoned` | retired | as played |
//! | `DEF` `Def.` `Default` | default | as played |
//! | `W/O` `WO` `W.0` `Walkover`; `UNP` (unplayed: the other one went on) | walkover | none |
//! | empty, `UNK` `NA` `&nbsp;` `>` `-` `?` | completed | none: not recorded |
//! | a match tie-break: `[10-8]`, `[7-6](5)`, `1-0(3)`, or a last `10-5` after level sets | | no games, left out |
//! | anything else | as marked | none, with a [`Problem`] |
//!
//! An abandoned match counts as retired, because the archive names a winner and the result counts. Slips of the
//! space bar are forgiven (`6- 0`, `7-6 (4)`), and both points of a tie-break are read (`7-6(8-6)`); nothing else
//! is guessed. Points scored under other rules (`31-25`, `21-19`) are not games, so they are not taken for sets.

use std::fmt::Write as _;

/// How a match ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Played to the end, or not marked otherwise.
    Completed,
    /// The loser stopped, or play was abandoned.
    Retired,
    /// Not played: the loser did not appear.
    Walkover,
    /// The loser was disqualified.
    Default,
}

impl Status {
    /// The word that `matches.status` uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Retired => "retired",
            Self::Walkover => "walkover",
            Self::Default => "default",
        }
    }
}

/// One set, from the side of the match's winner. Tie-break points only when known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Set {
    /// Games of the match's winner.
    pub winner: u8,
    /// Games of the match's loser.
    pub loser: u8,
    /// Tie-break points of the match's winner and loser.
    pub tie_break: Option<(u8, u8)>,
}

/// Why the sets of a score cannot be told; the piece of text in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Neither a set nor a known mark: `6-36-3`, `6-?`, `7-Oct`.
    Unreadable(String),
    /// No set ends, or stands, like this: `6-2(1)`, `31-25`, `3-7`, or a set left unfinished before the last.
    Impossible(String),
    /// More sets than any match has.
    TooManySets,
    /// All sets are finished, and the winner has fewer of them.
    WinnerBehind,
    /// A walkover with games.
    GamesInWalkover,
    /// No game in it, and no mark that would explain it: `0-0 0-0`.
    NoGames,
}

impl Problem {
    /// A short name, for counting.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::Impossible(_) => "impossible_set",
            Self::TooManySets => "too_many_sets",
            Self::WinnerBehind => "winner_behind",
            Self::GamesInWalkover => "games_in_walkover",
            Self::NoGames => "no_games",
        }
    }
}

/// The sets from side A, as the JSON text that `matches.score_structured` holds.
pub fn structured(sets: &[Set], a_won: bool) -> String {
    let mut text = String::from("[");
    for (index, set) in sets.iter().enumerate() {
        let turn = |winner, loser| if a_won { (winner, loser) } else { (loser, winner) };
        let comma = if index > 0 { "," } else { "" };
        let (a, b) = turn(set.winner, set.loser);
        // Writing to a String cannot fail.
        _ = write!(text, "{comma}{{\"a\":{a},\"b\":{b}");
        if let Some((winner, loser)) = set.tie_break {
            let (a, b) = turn(winner, loser);
            _ = write!(text, ",\"tb_a\":{a},\"tb_b\":{b}");
        }
        text.push('}');
    }
    text.push(']');
    text
}

/// What a written score says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Score {
    /// How the match ended.
    pub status: Status,
    /// The sets in order, match tie-breaks left out; None when there are none or they cannot be told.
    pub sets: Option<Vec<Set>>,
    /// Sets begun, a match tie-break included; 0 when not told.
    pub sets_begun: u8,
    /// The last set is unfinished, or nobody leads, and no mark says why.
    pub unfinished: bool,
    /// What was not understood.
    pub problem: Option<Problem>,
}

impl Score {
    /// True when the score only says that the match is over.
    fn says_nothing(&self) -> bool {
        self.status == Status::Completed && self.sets.is_none()
    }

    /// True when both can be the score of one match: one says nothing, or they tell the same games.
    pub fn agrees_with(&self, other: &Self) -> bool {
        let games = |score: &Self| -> Vec<(u8, u8)> {
            score.sets.iter().flatten().map(|set| (set.winner, set.loser)).collect()
        };
        self.says_nothing()
            || other.says_nothing()
            || (self.status == other.status && games(self) == games(other))
    }

    /// True when this one knows what `other` lacks: the sets, or tie-breaks.
    pub fn tells_more_than(&self, other: &Self) -> bool {
        let tie_breaks =
            |score: &Self| score.sets.iter().flatten().filter(|set| set.tie_break.is_some()).count();
        !self.says_nothing() && (other.says_nothing() || tie_breaks(self) > tie_breaks(other))
    }
}

/// Reads `text`, the score from the winner's side.
pub fn parse(text: &str) -> Score {
    read(text, Status::Completed, false)
}

/// Reads `text`, the score of a match whose winner is known by name, and how it ended perhaps too: `ended` counts when the
/// score has no mark of its own. The score is taken from the winner's side. Only when the winner is player B, and the score as
/// it is written would make the other one the winner, it is read from A's side: a finished match has one possible winner.
pub fn parse_known(text: &str, ended: Status, winner_is_b: bool) -> Score {
    let score = read(text, ended, false);
    if winner_is_b && (score.problem == Some(Problem::WinnerBehind) || loses_match_tie_break(text)) {
        let turned = read(text, ended, true);
        if turned.problem.is_none() {
            return turned;
        }
    }
    score
}

/// True when the first number of a match tie-break at the end is the lower one.
fn loses_match_tie_break(text: &str) -> bool {
    let cleaned = clean(text);
    let (body, _, _) = split_mark(&cleaned);
    let last = body.rsplit(' ').next().and_then(read_piece);
    last.is_some_and(|last| last.bracketed && last.winner < last.loser)
}

/// Reads `text`. `unmarked`: how a match ended whose score has no mark; `turned`: the loser's numbers come first.
fn read(text: &str, unmarked: Status, turned: bool) -> Score {
    let cleaned = clean(text);
    if matches!(cleaned.as_str(), "" | ">" | "-" | "?") {
        return without_sets(unmarked, None);
    }
    let (body, mark, rest) = split_mark(&cleaned);
    let status = match mark {
        None => unmarked,
        Some(word) => match mark_status(word) {
            Some(status) => status,
            None if body.is_empty()
                && rest.is_empty()
                && matches!(word, "unk" | "na" | "n/a" | "unknown") =>
            {
                return without_sets(unmarked, None);
            }
            None => return without_sets(unmarked, Some(Problem::Unreadable(cleaned))),
        },
    };
    let known_phrase = mark == Some("played") && matches!(rest, "and unfinished" | "and abandoned");
    if !rest.is_empty() && !known_phrase {
        return without_sets(status, Some(Problem::Unreadable(rest.to_owned())));
    }
    match read_sets(body, status, turned) {
        Ok(score) => score,
        Err(problem) => without_sets(status, Some(problem)),
    }
}

fn without_sets(status: Status, problem: Option<Problem>) -> Score {
    Score { status, sets: None, sets_begun: 0, unfinished: false, problem }
}

/// Lower case, one hyphen, single spaces, no space at the ends.
fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for word in text.replace("&nbsp;", " ").split_whitespace() {
        if !cleaned.is_empty() {
            cleaned.push(' ');
        }
        cleaned.extend(word.chars().map(|letter| match letter {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            other => other.to_ascii_lowercase(),
        }));
    }
    cleaned
}

/// Splits at the first letter: the sets, the mark's first word, and what follows it.
fn split_mark(cleaned: &str) -> (&str, Option<&str>, &str) {
    let Some(start) = cleaned.find(|letter: char| letter.is_alphabetic()) else {
        return (cleaned, None, "");
    };
    let (body, mark) = cleaned.split_at(start);
    let (word, rest) = mark.split_once(' ').unwrap_or((mark, ""));
    (body.trim_end(), Some(word), rest)
}

/// What a mark's first word means; None for a word that is none.
fn mark_status(word: &str) -> Option<Status> {
    let word = word.trim_end_matches('.');
    let word = word.split_once('+').map_or(word, |(before, _)| before);
    match word {
        "ret" | "re" | "ret'd" | "retd" | "retired" => Some(Status::Retired),
        "abd" | "abn" | "ab" | "aban" | "abandoned" | "unfinished" | "played" => Some(Status::Retired),
        "def" | "default" | "defaulted" => Some(Status::Default),
        "w/o" | "wo" | "w.o" | "w.0" | "w/0" | "walkover" | "unp" => Some(Status::Walkover),
        _ => None,
    }
}

/// One written piece of a score.
struct Piece<'a> {
    text: &'a str,
    winner: u8,
    loser: u8,
    bracketed: bool,
    /// The points in parentheses: one number (the set's loser's) or both.
    points: Option<(u8, Option<u8>)>,
}

impl Piece<'_> {
    fn high(&self) -> u8 {
        self.winner.max(self.loser)
    }

    fn low(&self) -> u8 {
        self.winner.min(self.loser)
    }

    /// The same piece, written from the other side. Points of which only one side's are written are the set's loser's, from
    /// both sides.
    fn turned(self) -> Self {
        let points = self.points.map(|(first, second)| match second {
            Some(second) => (second, Some(first)),
            None => (first, None),
        });
        Self { winner: self.loser, loser: self.winner, points, ..self }
    }
}

/// No match has more sets than five; a match tie-break may follow them.
const MAX_PIECES: usize = 6;

fn read_sets(body: &str, status: Status, turned: bool) -> Result<Score, Problem> {
    let body = forgive_spaces(body);
    let mut pieces = Vec::with_capacity(MAX_PIECES);
    for text in body.split_whitespace() {
        if pieces.len() == MAX_PIECES {
            return Err(Problem::TooManySets);
        }
        let piece = read_piece(text).ok_or_else(|| Problem::Unreadable(text.to_owned()))?;
        pieces.push(if turned { piece.turned() } else { piece });
    }
    let no_games = pieces.iter().all(|piece| piece.high() == 0);
    if status == Status::Walkover {
        return if no_games { Ok(without_sets(status, None)) } else { Err(Problem::GamesInWalkover) };
    }
    if status == Status::Completed && no_games {
        return Err(Problem::NoGames);
    }
    let sets_begun = u8::try_from(pieces.len()).unwrap_or(u8::MAX);
    let match_tie_break = pieces.last().is_some_and(|last| is_match_tie_break(last, &pieces, status));
    if match_tie_break {
        pieces.pop();
    }
    let short = pieces.len() > 1 && pieces.iter().all(|piece| piece.high() <= 5);
    let mut sets = Vec::with_capacity(pieces.len());
    let mut finished = true;
    for (index, piece) in pieces.iter().enumerate() {
        let last = index + 1 == pieces.len() && !match_tie_break;
        finished = !piece.bracketed && is_finished(piece, short, pieces.len() == 1);
        let may_stop_here = last && may_stand(piece);
        if !finished && !may_stop_here {
            return Err(Problem::Impossible(piece.text.to_owned()));
        }
        let tie_break =
            tie_break_points(piece, finished).map_err(|()| Problem::Impossible(piece.text.to_owned()))?;
        sets.push(Set { winner: piece.winner, loser: piece.loser, tie_break });
    }
    let lead = lead(&sets, finished) + i32::from(match_tie_break);
    let unmarked = status == Status::Completed;
    if unmarked && finished && lead < 0 {
        return Err(Problem::WinnerBehind);
    }
    let unfinished = unmarked && (!finished || lead == 0);
    Ok(Score {
        status,
        sets: Some(sets).filter(|sets| !sets.is_empty()),
        sets_begun,
        unfinished,
        problem: None,
    })
}

/// Sets won minus sets lost by the match's winner; the last one counts only when it is finished.
fn lead(sets: &[Set], finished: bool) -> i32 {
    let counted = if finished { sets } else { &sets[..sets.len().saturating_sub(1)] };
    counted.iter().map(|set| if set.winner > set.loser { 1 } else { -1 }).sum()
}

/// Joins what a slip of the space bar has split: `6- 0`, `6 -0`, `7-6 (4)`.
fn forgive_spaces(body: &str) -> String {
    let mut joined = String::with_capacity(body.len());
    for word in body.split_whitespace() {
        let belongs_to_previous = word.starts_with(['(', '-'])
            || (joined.ends_with('-') && word.starts_with(|letter: char| letter.is_ascii_digit()));
        if !joined.is_empty() && !belongs_to_previous {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    joined
}

/// `6-4`, `7-6(5)`, `7-6(8-6)`, `[10-8]`, `[7-6](5)`.
fn read_piece(text: &str) -> Option<Piece<'_>> {
    let (bracketed, rest) = match text.strip_prefix('[') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (winner, rest) = number(rest)?;
    let (loser, rest) = number(rest.strip_prefix('-')?)?;
    let rest = if bracketed { rest.strip_prefix(']')? } else { rest };
    let mut piece = Piece { text, winner, loser, bracketed, points: None };
    if rest.is_empty() {
        return Some(piece);
    }
    let (first, rest) = number(rest.strip_prefix('(')?)?;
    let (second, rest) = match rest.strip_prefix('-') {
        Some(rest) => number(rest).map(|(second, rest)| (Some(second), rest))?,
        None => (None, rest),
    };
    piece.points = Some((first, second));
    (rest == ")").then_some(piece)
}

/// One or two digits; a third one makes it something else.
fn number(text: &str) -> Option<(u8, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    if digits.len() > 2 {
        return None;
    }
    Some((digits.parse().ok()?, rest))
}

/// True for the tie-break that replaces the deciding set: it holds points, no games. In brackets, or the last
/// piece after level sets: `1-0(3)`, `1-0` of a completed match, or ten points and more that are no set.
fn is_match_tie_break(last: &Piece<'_>, pieces: &[Piece<'_>], status: Status) -> bool {
    if last.bracketed {
        return true;
    }
    let before = &pieces[..pieces.len() - 1];
    let level = !before.is_empty()
        && before.len().is_multiple_of(2)
        && 2 * before.iter().filter(|piece| piece.winner > piece.loser).count() == before.len();
    let one_nil = last.high() == 1 && last.low() == 0;
    let ten_points = last.high() >= 10 && last.high() - last.low() != 2 && last.points.is_none();
    let ten_points = ten_points && (last.high() == 10 || last.high() - last.low() > 2) && last.high() < 20;
    level && ((one_nil && (last.points.is_some() || status == Status::Completed)) || ten_points)
}

/// True when a set can end like this. `short`: all sets of the match are to four or five; `only`: it is the one
/// set, so it may be a professional set to eight or ten.
fn is_finished(piece: &Piece<'_>, short: bool, only: bool) -> bool {
    let (high, low) = (piece.high(), piece.low());
    match high {
        0..=3 => false,
        4 => short && low <= 3,
        5 => short && matches!(low, 3 | 4),
        6 => low <= 5, // 6-5: a tie-break at five all, in the first years
        7 => matches!(low, 5 | 6),
        8 | 10 if only => low < high,
        8..=10 | 13 => matches!(high - low, 1 | 2), // tie-breaks at seven, eight, nine and twelve all
        _ => high - low == 2,
    }
}

/// True when play can stop at this score inside a set.
fn may_stand(piece: &Piece<'_>) -> bool {
    !piece.bracketed && (piece.high() <= 6 || piece.high() - piece.low() <= 1) && piece.high() < 30
}

/// No tie-break has had more points for one side (the longest known was 36-34).
const MAX_TIE_BREAK_POINTS: u8 = 70;

/// The tie-break's points of the match's winner and loser. The one number written is the set's loser's; the
/// other is two more, and at least seven.
fn tie_break_points(piece: &Piece<'_>, finished: bool) -> Result<Option<(u8, u8)>, ()> {
    let Some((first, second)) = piece.points else { return Ok(None) };
    if first > MAX_TIE_BREAK_POINTS || second.is_some_and(|second| second > MAX_TIE_BREAK_POINTS) {
        return Err(());
    }
    if !finished {
        // Play stopped in the tie-break. One number alone could be either side's; the games are clear all the same.
        return if piece.winner == piece.loser { Ok(second.map(|second| (first, second))) } else { Err(()) };
    }
    if piece.high() - piece.low() != 1 {
        return Err(());
    }
    let (lost, won) = match second {
        Some(second) if first == second => return Err(()),
        Some(second) => (first.min(second), first.max(second)),
        None => (first, 7.max(first + 2)),
    };
    Ok(Some(if piece.winner > piece.loser { (won, lost) } else { (lost, won) }))
}

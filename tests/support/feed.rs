//! Match archives written by hand, for the tests of the ingest.

#![allow(dead_code)]

use std::path::Path;

/// The layout's columns.
pub const HEADER: &str = "tourney_id,tourney_name,surface,draw_size,tourney_level,tourney_date,match_num,winner_id,winner_seed,winner_entry,winner_name,winner_hand,winner_ht,winner_ioc,winner_age,loser_id,loser_seed,loser_entry,loser_name,loser_hand,loser_ht,loser_ioc,loser_age,score,best_of,round,minutes,w_ace,w_df,w_svpt,w_1stIn,w_1stWon,w_2ndWon,w_SvGms,w_bpSaved,w_bpFaced,l_ace,l_df,l_svpt,l_1stIn,l_1stWon,l_2ndWon,l_SvGms,l_bpSaved,l_bpFaced,winner_rank,winner_rank_points,loser_rank,loser_rank_points";

/// A record: what every match of these tests has, and what is special about this one.
pub fn record(special: &[(&str, &str)]) -> String {
    let common = [
        ("tourney_id", "2024-0301"),
        ("tourney_name", "Northport"),
        ("surface", "Hard"),
        ("draw_size", "32"),
        ("tourney_level", "A"),
        ("tourney_date", "20240108"),
        ("match_num", "1"),
        ("winner_id", "100"),
        ("winner_name", "Ada Ames"),
        ("loser_id", "200"),
        ("loser_name", "Bo Berg"),
        ("score", "6-4 6-4"),
        ("best_of", "3"),
        ("round", "R32"),
    ];
    let value = |name: &str| {
        let in_list = |list: &[(&str, &str)]| {
            list.iter().find(|(column, _)| *column == name).map(|(_, value)| (*value).to_owned())
        };
        let value = in_list(special).or_else(|| in_list(&common)).unwrap_or_default();
        if value.contains(',') && !value.starts_with('"') { format!("\"{value}\"") } else { value }
    };
    for (name, _) in special {
        assert!(HEADER.split(',').any(|column| column == *name), "no column {name}");
    }
    HEADER.split(',').map(value).collect::<Vec<_>>().join(",")
}

/// A match of players numbered `winner` and `loser`, whose names follow from their numbers.
pub fn result(winner: u32, loser: u32, round: &str, score: &str) -> String {
    let (winner_id, loser_id) = (winner.to_string(), loser.to_string());
    let (winner_name, loser_name) = (format!("Player N{winner}"), format!("Player N{loser}"));
    record(&[
        ("winner_id", &winner_id),
        ("winner_name", &winner_name),
        ("loser_id", &loser_id),
        ("loser_name", &loser_name),
        ("round", round),
        ("score", score),
    ])
}

/// A whole file of these records.
pub fn file(records: &[String]) -> String {
    let mut text = format!("{HEADER}\n");
    for record in records {
        text.push_str(record);
        text.push('\n');
    }
    text
}

/// Writes a file of these records.
pub fn write(folder: &Path, name: &str, records: &[String]) {
    std::fs::write(folder.join(name), file(records)).unwrap();
}

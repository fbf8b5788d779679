//! The made-up season as files: the layout, growth day by day, late and corrected results.

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use support::TestFolder;
use teelo::demo::season::{Event, Options, Season};
use time::macros::date;
use time::{Date, Duration};

fn season() -> Season {
    Season::new(
        11,
        Options { players: 320, tour_events: 1, challengers: 1, futures: 1, ..Options::default() },
    )
}

/// Every file of the folder by name.
fn contents(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).unwrap();
            (entry.file_name().into_string().unwrap(), text)
        })
        .collect()
}

/// Writes the archives of an evening and returns their rows of `event` as (match_num, winner_id, loser_id).
fn rows_of(season: &Season, event: &Event, folder: &Path, up_to: Date) -> Vec<(String, String, String)> {
    season.write_archives(folder, up_to).unwrap();
    let mut rows = Vec::new();
    for text in contents(folder).values() {
        for record in csv::Reader::from_reader(text.as_bytes()).records() {
            let record = record.unwrap();
            if record[0] == event.tourney_id && record[1] == event.name {
                rows.push((record[6].to_owned(), record[7].to_owned(), record[15].to_owned()));
            }
        }
    }
    rows
}

#[test]
fn the_files_are_those_of_the_layout_and_the_same_every_time() {
    let folder = TestFolder::new("archives-layout");
    let rows = season().write_archives(folder.path(), date!(2025 - 12 - 31)).unwrap();
    let first = contents(folder.path());
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "atp_matches_2025.csv",
            "atp_matches_futures_2025.csv",
            "atp_matches_qual_chall_2025.csv",
            "wta_matches_2025.csv",
            "wta_matches_qual_itf_2025.csv"
        ]
    );
    let lines: usize = first.values().map(|text| text.lines().count() - 1).sum();
    assert_eq!(lines as u64, rows);
    for (name, text) in &first {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap().len(), 49);
        assert_eq!(&reader.headers().unwrap()[48], "loser_rank_points");
        for record in reader.records() {
            let record = record.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(record[5].len() == 8 && record[7].parse::<u32>().is_ok(), "{record:?}");
            assert!(!record[10].is_empty() && !record[23].is_empty() && !record[48].is_empty(), "{record:?}");
        }
    }
    assert_eq!(season().write_archives(folder.path(), date!(2025 - 12 - 31)).unwrap(), rows);
    assert_eq!(contents(folder.path()), first);
}

#[test]
fn a_later_day_only_adds_rows() {
    let folder = TestFolder::new("archives-growth");
    season().write_archives(folder.path(), date!(2025 - 03 - 01)).unwrap();
    let before = contents(folder.path());
    let rows = season().write_archives(folder.path(), date!(2025 - 03 - 02)).unwrap();
    let after = contents(folder.path());
    assert_eq!(after.values().map(|text| text.lines().count() as u64 - 1).sum::<u64>(), rows);
    assert_ne!(before, after);
    for (name, text) in before {
        let later: Vec<&str> = after[&name].lines().collect();
        assert!(text.lines().all(|line| later.contains(&line)), "{name}");
    }
}

#[test]
fn a_wrong_result_is_corrected_and_a_late_one_comes_on_its_day() {
    let folder = TestFolder::new("archives-mishaps");
    let mut season = season();
    let event = season.events().next().unwrap();
    let last = event.matches.last().unwrap();
    let key = event.key_of(last);
    let day = |days| last.date + Duration::days(days);
    let (winner, loser) = (last.winner.person.id.to_string(), last.loser.person.id.to_string());
    let right = (last.number.to_string(), winner.clone(), loser.clone());
    let wrong = (last.number.to_string(), loser, winner);

    season.report_wrong(key.clone(), day(1));
    assert!(rows_of(&season, &event, folder.path(), day(0)).contains(&wrong));
    assert!(rows_of(&season, &event, folder.path(), day(1)).contains(&right));

    season.report_late(key, day(3));
    assert_eq!(rows_of(&season, &event, folder.path(), day(2)).len(), event.matches.len() - 1);
    assert!(rows_of(&season, &event, folder.path(), day(3)).contains(&right));
}

#[test]
fn several_seasons_have_files_of_their_own() {
    let folder = TestFolder::new("archives-years");
    let season =
        Season::new(5, Options { players: 320, years: 2, challengers: 0, futures: 0, ..Options::default() });
    season.write_archives(folder.path(), date!(2026 - 12 - 31)).unwrap();
    let files = contents(folder.path());
    for year in [2025, 2026] {
        for name in [format!("atp_matches_{year}.csv"), format!("wta_matches_{year}.csv")] {
            let grand_slam_finals =
                files[&name].lines().filter(|line| line.contains(",G,") && line.contains(",F,"));
            assert_eq!(grand_slam_finals.count(), 4, "{name}");
        }
    }
}

//! Which stages a run is to do.

use super::stages::STAGES;
use crate::error::{Error, Result};

/// Which stages were named, by what.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Only these, and the flag or variable that said so; None: all.
    only: Option<(String, Vec<&'static str>)>,
    /// Not these.
    skipped: Vec<&'static str>,
}

impl Selection {
    /// Reads the lists, names with commas between them: `only` with its source's name, and `skip`.
    ///
    /// # Errors
    /// Usage: an unknown name, or nothing left to do.
    pub fn new(only: Option<(&str, &str)>, skip: Option<&str>) -> Result<Self> {
        let only = match only {
            Some((source, list)) => Some((source.to_owned(), names(source, list)?)),
            None => None,
        };
        let skipped = skip.map_or(Ok(Vec::new()), |list| names("--skip-stages", list))?;
        let selection = Self { only, skipped };
        if STAGES.iter().all(|stage| selection.reason_to_skip(stage.name).is_some()) {
            return Err(Error::usage(format!("no stage is left to run; there are {}", known_names())));
        }
        Ok(selection)
    }

    /// Whether the stage `name` is to run.
    pub fn includes(&self, name: &str) -> bool {
        self.reason_to_skip(name).is_none()
    }

    /// Why the stage `name` is not to run; None when it is.
    pub fn reason_to_skip(&self, name: &str) -> Option<String> {
        if self.skipped.contains(&name) {
            return Some("named by --skip-stages".to_owned());
        }
        match &self.only {
            Some((source, names)) if !names.contains(&name) => Some(format!("not named by {source}")),
            _ => None,
        }
    }
}

/// The stages that `list`, the value of `source`, names.
fn names(source: &str, list: &str) -> Result<Vec<&'static str>> {
    let named: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if named.is_empty() {
        return Err(Error::usage(format!("{source}: {list:?} names no stage; there are {}", known_names())));
    }
    named
        .into_iter()
        .map(|name| {
            STAGES.iter().map(|stage| stage.name).find(|known| *known == name).ok_or_else(|| {
                Error::usage(format!("{source}: there is no stage {name:?}; there are {}", known_names()))
            })
        })
        .collect()
}

/// Every stage's name.
fn known_names() -> String {
    STAGES.map(|stage| stage.name).join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_stages_run_unless_told_otherwise() {
        let all = Selection::new(None, None).expect("a selection");
        assert!(STAGES.iter().all(|stage| all.includes(stage.name)));
        let one = Selection::new(Some(("--stages", " elo_incremental ,elo_incremental,")), None)
            .expect("a selection");
        assert!(one.includes("elo_incremental"));
        assert_eq!(one.reason_to_skip("current_events_ingest").as_deref(), Some("not named by --stages"));
        let rest = Selection::new(None, Some("elo_incremental")).expect("a selection");
        assert!(rest.includes("current_events_ingest"));
        assert_eq!(rest.reason_to_skip("elo_incremental").as_deref(), Some("named by --skip-stages"));
    }

    #[test]
    fn unknown_names_and_empty_selections_are_refused() {
        let cases = [
            (
                Some(("--stages", "elo")),
                None,
                "--stages: there is no stage \"elo\"; there are current_events_ingest",
            ),
            (
                Some(("HOURLY_PIPELINE_ENABLED_STAGES", " , ")),
                None,
                "HOURLY_PIPELINE_ENABLED_STAGES: \" , \" names no",
            ),
            (None, Some("x"), "--skip-stages: there is no stage \"x\""),
            (Some(("--stages", "elo_incremental")), Some("elo_incremental"), "no stage is left to run"),
            (
                None,
                Some("elo_incremental,current_events_ingest,player_enrichment_incremental"),
                "no stage is left to run",
            ),
        ];
        for (only, skip, expected) in cases {
            let error = Selection::new(only, skip).expect_err("it is refused");
            assert_eq!(error.exit_code(), crate::error::EXIT_USAGE);
            assert!(error.to_string().starts_with(expected), "{error}");
        }
    }
}

//! The hooks that the environment names.

use super::run::command_variable;
use crate::error::Result;
use crate::pipeline::hooks::{Hook, Hooks, TIME_LIMIT};

/// The variables.
pub(super) const NAMES: [&str; 3] = ["TEELO_HOOK_START", "TEELO_HOOK_SUCCESS", "TEELO_HOOK_FAILURE"];

/// The hooks of TEELO_HOOK_START, TEELO_HOOK_SUCCESS and TEELO_HOOK_FAILURE.
///
/// # Errors
/// Usage: one cannot be split into words, or names no program.
pub(super) fn resolve() -> Result<Hooks> {
    let [start, success, failure] = NAMES;
    Ok(Hooks {
        start: hook(start, "hook_start")?,
        success: hook(success, "hook_success")?,
        failure: hook(failure, "hook_failure")?,
    })
}

fn hook(name: &'static str, folder: &'static str) -> Result<Option<Hook>> {
    let Some(command) = command_variable(name)? else { return Ok(None) };
    Ok(Some(Hook { name, folder, command, search_path: std::env::var_os("PATH"), time_limit: TIME_LIMIT }))
}

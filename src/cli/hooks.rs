//! The hooks that the environment names.

use super::run::command_variable;
use crate::error::Result;
use crate::pipeline::hooks::{Hook, Hooks, TIME_LIMIT};

/// The hooks of TEELO_HOOK_START, TEELO_HOOK_SUCCESS and TEELO_HOOK_FAILURE.
///
/// # Errors
/// Usage: one cannot be split into words, or names no program.
pub(super) fn resolve() -> Result<Hooks> {
    Ok(Hooks {
        start: hook("TEELO_HOOK_START", "hook_start")?,
        success: hook("TEELO_HOOK_SUCCESS", "hook_success")?,
        failure: hook("TEELO_HOOK_FAILURE", "hook_failure")?,
    })
}

fn hook(name: &'static str, folder: &'static str) -> Result<Option<Hook>> {
    let Some(command) = command_variable(name)? else { return Ok(None) };
    Ok(Some(Hook { name, folder, command, search_path: std::env::var_os("PATH"), time_limit: TIME_LIMIT }))
}

//! Parses the command line, runs one command, prints an error once, and sets the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    match teelo::cli::main(std::env::args_os().skip(1)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            teelo::cli::print_error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

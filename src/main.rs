//! Parses the command line, runs one command, prints an error once, and sets the exit code.

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match teelo::cli::main(std::env::args_os().skip(1)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // Not eprintln, which panics when the reader of standard error has gone.
            let _ = writeln!(std::io::stderr(), "teelo: {error}");
            ExitCode::from(error.exit_code())
        }
    }
}

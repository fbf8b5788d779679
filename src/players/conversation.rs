//! Talking with a program by lines: requests to its standard input, answers from its standard output. A thread for each
//! direction, so that neither side can hold up the other for longer than this side is willing to wait.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

use crate::error::{Error, Result};
use crate::pipeline::subprocess::{Ended, Launch, Program};

/// An answer is some hundred bytes; one beyond this is none.
const LINE_BYTES_MAX: u64 = 64 * 1024;
/// Lines that are read ahead of who waits for them: what is more waits in the program.
const LINES_AHEAD: usize = 16;

/// What came from the program.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// A line, without its end.
    Line(Vec<u8>),
    /// A line that is too long; the rest of the conversation cannot be understood any more.
    TooLong,
    /// It says no more: it has ended, or closed its output.
    End,
    /// Nothing yet.
    Nothing,
}

/// A program that is talked with.
#[derive(Debug)]
pub struct Conversation {
    program: Program,
    requests: Sender<Vec<u8>>,
    answers: Receiver<Heard>,
}

impl Conversation {
    /// Starts the program.
    ///
    /// # Errors
    /// It cannot be started.
    pub fn start(launch: &Launch<'_>) -> Result<Self> {
        let mut program = Program::start(launch)?;
        let (stdin, stdout) =
            program.pipes().ok_or_else(|| Error::failed("the program was started without pipes"))?;
        let (requests, outgoing) = channel();
        let (incoming, answers) = sync_channel(LINES_AHEAD);
        // Both threads end with their pipe, which ends with the program, or with the other end of their channel.
        std::thread::spawn(move || write_all(stdin, &outgoing));
        std::thread::spawn(move || read_lines(stdout, &incoming));
        Ok(Self { program, requests, answers })
    }

    /// Sends a request, a line. That a program does not read it shows by its not answering.
    pub fn send(&self, mut line: Vec<u8>) {
        line.push(b'\n');
        let _ = self.requests.send(line);
    }

    /// What the program says, waiting at most `patience`.
    pub fn hear(&self, patience: Duration) -> Heard {
        match self.answers.recv_timeout(patience) {
            Ok(heard) => heard,
            Err(RecvTimeoutError::Timeout) => Heard::Nothing,
            Err(RecvTimeoutError::Disconnected) => Heard::End,
        }
    }

    /// Tells the program that no request follows, gives it `patience` to end by itself, and ends what is left of it.
    ///
    /// # Errors
    /// The system's.
    pub fn end(self, patience: Duration) -> Result<Ended> {
        let Self { program, requests, answers } = self;
        drop((requests, answers));
        let by_itself = program.has_ended_within(patience);
        program.end(by_itself)
    }
}

fn write_all(mut stdin: ChildStdin, outgoing: &Receiver<Vec<u8>>) {
    for line in outgoing {
        if stdin.write_all(&line).is_err() {
            return;
        }
    }
}

fn read_lines(stdout: ChildStdout, incoming: &SyncSender<Heard>) {
    let mut reader = BufReader::new(stdout);
    loop {
        let mut line = Vec::new();
        let heard = match reader.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => Heard::End,
            Ok(_) if line.last() == Some(&b'\n') => {
                line.pop();
                Heard::Line(line)
            }
            Ok(count) if count as u64 == LINE_BYTES_MAX => Heard::TooLong,
            // The last line may lack its end.
            Ok(_) => Heard::Line(line),
        };
        let goes_on = matches!(heard, Heard::Line(_));
        if incoming.send(heard).is_err() || !goes_on {
            return;
        }
    }
}

//! A proxy between the program and its server: it counts the program's statements, and at a chosen one it sends a signal to a
//! process (the program, or the server), which so ends at exactly that statement. Or it makes the server a far one.

// Each test binary uses its own part of it.
#![allow(dead_code)]

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// Tells the proxies of one process apart.
static STARTED: AtomicU32 = AtomicU32::new(0);
/// The protocol's version 3, which the first message of a plain session names.
const PROTOCOL_3: &[u8] = &[0, 3, 0, 0];

/// When the signal is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// The server never sees the statement.
    Before,
    /// The server has done the statement; the program never sees the answer.
    After,
}

/// What happens at which statement.
#[derive(Debug, Clone, Copy)]
pub struct Interruption {
    /// The statement's number, from 1 on.
    pub statement: u64,
    /// Before or after it.
    pub moment: Moment,
    /// What is sent.
    pub signal: Signal,
}

/// A listening proxy; it ends when it is dropped.
pub struct Proxy {
    folder: PathBuf,
    shared: Arc<Shared>,
}

struct Shared {
    server: PathBuf,
    interruption: Option<Interruption>,
    /// How long each way takes.
    delay: Duration,
    round_trips: AtomicU64,
    /// The process that gets the signal; 0 until it is told.
    victim: AtomicI32,
    statements: AtomicU64,
    interrupted: AtomicBool,
    ended: AtomicBool,
}

impl Proxy {
    /// A proxy for the server whose socket is in `server`, which interrupts.
    pub fn start(server: &Path, interruption: Interruption) -> Self {
        Self::listen(server, Some(interruption), Duration::ZERO)
    }

    /// A proxy for the server whose socket is in `server`, which delays what it forwards, each way.
    pub fn slow(server: &Path, delay: Duration) -> Self {
        Self::listen(server, None, delay)
    }

    fn listen(server: &Path, interruption: Option<Interruption>, delay: Duration) -> Self {
        let is_socket = |name: &str| name.starts_with(".s.PGSQL.") && !name.ends_with(".lock");
        let name = std::fs::read_dir(server)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .find(|name| is_socket(name))
            .unwrap();
        // The address of a socket is short: not in the build folder.
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("teelo-proxy-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let listener = UnixListener::bind(folder.join(&name)).unwrap();
        let shared = Arc::new(Shared {
            server: server.join(&name),
            interruption,
            delay,
            round_trips: AtomicU64::new(0),
            victim: AtomicI32::new(0),
            statements: AtomicU64::new(0),
            interrupted: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        });
        std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                for program in listener.incoming().map(Result::unwrap) {
                    if shared.ended.load(Ordering::SeqCst) {
                        break;
                    }
                    shared.connect(program);
                }
            }
        });
        Self { folder, shared }
    }

    /// The address of `database`, an address on the server itself, by way of the proxy.
    pub fn url(&self, database: &str) -> String {
        format!("{}?host={}", database.split('?').next().unwrap(), self.folder.display())
    }

    /// Tells who gets the signal.
    pub fn set_victim(&self, pid: u32) {
        self.shared.victim.store(pid.try_into().unwrap(), Ordering::SeqCst);
    }

    /// How many statements the program sent.
    pub fn statements(&self) -> u64 {
        self.shared.statements.load(Ordering::SeqCst)
    }

    /// How often the program waited for an answer, in all sessions.
    pub fn round_trips(&self) -> u64 {
        self.shared.round_trips.load(Ordering::SeqCst)
    }

    /// Whether the signal was sent.
    pub fn interrupted(&self) -> bool {
        self.shared.interrupted.load(Ordering::SeqCst)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        for entry in std::fs::read_dir(&self.folder).unwrap() {
            let _ = UnixStream::connect(entry.unwrap().path());
        }
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

impl Shared {
    /// Serves one session, each direction by a thread.
    fn connect(self: &Arc<Self>, program: UnixStream) {
        let Ok(server) = UnixStream::connect(&self.server) else { return };
        let pair = (program.try_clone().unwrap(), server.try_clone().unwrap());
        // For each answer that the program waits for: the number of its statement.
        let (sent, numbers) = mpsc::channel();
        let shared = Arc::clone(self);
        std::thread::spawn(move || {
            let _ = shared.forward_requests(&pair.0, &pair.1, &sent);
            let _ = (pair.0.shutdown(Shutdown::Both), pair.1.shutdown(Shutdown::Both));
        });
        let shared = Arc::clone(self);
        std::thread::spawn(move || {
            let _ = shared.forward_answers(&server, &program, &numbers);
            let _ = (program.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
        });
    }

    fn forward_requests(
        &self,
        mut program: &UnixStream,
        mut server: &UnixStream,
        sent: &Sender<Option<u64>>,
    ) -> std::io::Result<()> {
        let start = read_body(program)?;
        assert_eq!(&start[4..8], PROTOCOL_3, "the first message opens a plain session");
        server.write_all(&start)?;
        let (mut executes, mut closes) = (false, false);
        loop {
            let mut kind = [0];
            program.read_exact(&mut kind)?;
            let body = read_body(program)?;
            // Query is a whole statement; Sync ends the messages of a prepared one, or those that only prepare it.
            executes |= kind[0] == b'E';
            // The driver does not wait until a statement that it gives up is closed.
            closes |= kind[0] == b'C';
            if matches!(kind[0], b'S' | b'Q') {
                let is_awaited = !std::mem::take(&mut closes);
                self.round_trips.fetch_add(u64::from(is_awaited), Ordering::SeqCst);
                std::thread::sleep(self.delay);
                let is_statement = kind[0] == b'Q' || std::mem::take(&mut executes);
                let number = is_statement.then(|| self.statements.fetch_add(1, Ordering::SeqCst) + 1);
                if self.is_time(number, Moment::Before) {
                    self.interrupt();
                    return Ok(());
                }
                let _ = sent.send(number);
            }
            server.write_all(&[&kind[..], &body].concat())?;
        }
    }

    fn forward_answers(
        &self,
        mut server: &UnixStream,
        mut program: &UnixStream,
        sent: &Receiver<Option<u64>>,
    ) -> std::io::Result<()> {
        let mut is_started = false;
        loop {
            let mut kind = [0];
            server.read_exact(&mut kind)?;
            let body = read_body(server)?;
            // ReadyForQuery: at the start of the session, and after each statement.
            if kind[0] == b'Z' {
                std::thread::sleep(self.delay);
                if std::mem::replace(&mut is_started, true)
                    && self.is_time(sent.recv().unwrap_or(None), Moment::After)
                {
                    self.interrupt();
                    return Ok(());
                }
            }
            program.write_all(&[&kind[..], &body].concat())?;
        }
    }

    fn is_time(&self, number: Option<u64>, moment: Moment) -> bool {
        self.interruption.is_some_and(|interruption| {
            number == Some(interruption.statement) && interruption.moment == moment
        })
    }

    fn interrupt(&self) {
        let Some(interruption) = self.interruption else { return };
        let pid = loop {
            if let Some(pid) = Pid::from_raw(self.victim.load(Ordering::SeqCst)) {
                break pid;
            }
            std::thread::sleep(Duration::from_millis(1));
        };
        // First: who waits for the victim's end looks at it afterwards.
        self.interrupted.store(true, Ordering::SeqCst);
        kill_process(pid, interruption.signal).unwrap();
    }
}

/// The rest of a message after its type: the length, which counts itself, and what follows.
fn read_body(mut from: &UnixStream) -> std::io::Result<Vec<u8>> {
    let mut message = vec![0; 4];
    from.read_exact(&mut message)?;
    let length = u32::from_be_bytes([message[0], message[1], message[2], message[3]]) as usize;
    message.resize(length, 0);
    from.read_exact(&mut message[4..])?;
    Ok(message)
}

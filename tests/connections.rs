//! Connecting as libpq does: variables, service files, passfiles, several hosts, limits of time; and secrets stay secret.

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/doctor.rs"]
mod diagnosis;
mod support;
#[path = "support/tls_server.rs"]
mod tls_server;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use certificates::{Authority, Wish};
use diagnosis::{doctor, expect};
use postgres::{Client, Row};
use rcgen::PKCS_ECDSA_P256_SHA256;
use support::{Output, TestDatabase, TestFolder, run, teelo_command};
use teelo::error::Kind;
use tls_server::{TlsServer, free_port, tls_server, write_secret};

/// The password of the user `secret`, as an address has it, and as it is.
const ENCODED: &str = "right%3Apass%5Cword";
const PASSWORD: &str = r"right:pass\word";

/// Opens a session in this process, where no variable counts.
fn connect(address: &str) -> Result<Client, teelo::error::Error> {
    teelo::db::connect(address, "test")
}

/// What a new session is.
#[track_caller]
fn session(address: &str) -> Row {
    let mut client = connect(address).unwrap_or_else(|error| panic!("{address}: {error}"));
    client.query_one(include_str!("sql/tls_session.sql"), &[]).unwrap()
}

/// Why no session can be opened.
#[track_caller]
fn refusal(address: &str, kind: Kind) -> String {
    let error = connect(address).map(|_| ()).expect_err(address);
    assert_eq!(error.kind(), kind, "{address}: {error}");
    error.to_string()
}

/// The program with these variables, and no others of a connection's.
fn program(home: &Path, variables: &[(&str, &str)]) -> Output {
    let mut command = teelo_command(&["migrate", "--status"]);
    run(command.env("HOME", home).envs(variables.iter().copied()))
}

#[test]
fn a_session_has_our_settings() {
    let server = tls_server();
    let address = format!("host=localhost port={} user=either_way dbname=teelo", server.port());
    let row = session(&address);
    let text = |row: &Row, name: &str| row.get::<_, String>(name);
    assert_eq!(text(&row, "application_name"), "teelo/test");
    assert_eq!(text(&row, "time_zone"), "UTC");
    assert_eq!(text(&row, "keepalives_idle"), "30");
    assert_eq!(text(&row, "check_interval"), "2s");
    // The server's own, unless asked for.
    assert_eq!((text(&row, "statement_timeout"), text(&row, "lock_timeout")), ("0".into(), "0".into()));
    let options = "options='-c statement_timeout=5min -c lock_timeout=7s' application_name=mine";
    let row = session(&format!("{address} {options}"));
    assert_eq!((text(&row, "statement_timeout"), text(&row, "lock_timeout")), ("5min".into(), "7s".into()));
    assert_eq!(text(&row, "application_name"), "mine");
}

#[test]
fn the_variables_of_psql_are_enough() {
    let server = tls_server();
    let home = TestFolder::new("variables");
    let port = server.port().to_string();
    let by_socket =
        [("PGHOST", server.folder().to_str().unwrap()), ("PGPORT", &port), ("PGDATABASE", "teelo")];
    program(home.path(), &[&by_socket[..], &[("PGUSER", "either_way")]].concat()).expect_code(0);
    let by_tcp = [("PGHOST", "localhost"), ("PGPORT", port.as_str()), ("PGDATABASE", "teelo")];
    let login = [("PGUSER", "secret"), ("PGPASSWORD", PASSWORD)];
    program(home.path(), &[&by_tcp[..], &login].concat()).expect_code(0);
    // Each of them counts.
    for (name, value, words) in [
        ("PGPORT", "0", "port (PGPORT): expected a number from 1 to 65535"),
        ("PGSSLMODE", "on", "sslmode (PGSSLMODE): \"on\" is not valid"),
        ("PGCONNECT_TIMEOUT", "soon", "connect_timeout (PGCONNECT_TIMEOUT): expected a whole number"),
        ("PGREQUIREAUTH", "md5", "PGREQUIREAUTH is set, but is not supported"),
        (
            "PGTARGETSESSIONATTRS",
            "fast",
            "target_session_attrs (PGTARGETSESSIONATTRS): \"fast\" is not valid",
        ),
        ("PGSERVICE", "absent", "the service \"absent\" is not defined"),
    ] {
        let refused = program(home.path(), &[&by_tcp[..], &[(name, value)]].concat()).expect_code(2);
        assert!(refused.stderr.contains(words), "{}", refused.stderr);
    }
    let options = [("PGUSER", "either_way"), ("PGOPTIONS", "-c default_transaction_read_only=on")];
    let read_only = [("PGTARGETSESSIONATTRS", "read-write")];
    let refused = program(home.path(), &[&by_tcp[..], &options, &read_only].concat()).expect_code(69);
    assert!(refused.stderr.contains("it is read-only (target_session_attrs)"), "{}", refused.stderr);
}

#[test]
fn database_url_wins_over_the_variables() {
    let server = tls_server();
    let home = TestFolder::new("url_wins");
    let url = format!("postgresql://secret:{ENCODED}@localhost:{}/teelo", server.port());
    let wrong = [("PGHOST", "/nowhere"), ("PGPORT", "1"), ("PGUSER", "nobody"), ("PGPASSWORD", "wrong")];
    program(home.path(), &[&[("DATABASE_URL", url.as_str())], &wrong[..]].concat()).expect_code(0);
    // What it leaves open, they fill.
    let url = format!("postgresql://secret@localhost:{}/teelo", server.port());
    let filled = [("DATABASE_URL", url.as_str()), ("PGPASSWORD", PASSWORD)];
    program(home.path(), &filled).expect_code(0);
    let refused = program(home.path(), &[("DATABASE_URL", "host=h prot=5")]).expect_code(2);
    assert!(refused.stderr.contains("DATABASE_URL cannot be read: unknown parameter \"prot\""));
}

#[test]
fn a_service_file_says_the_rest() {
    let server = tls_server();
    let home = TestFolder::new("service");
    let text = format!(
        "# ours\n[teelo]\nhost=localhost\nport={}\nuser=secret\npassword={PASSWORD}\ndbname=teelo\n\n[bad]\nhots=h\n",
        server.port()
    );
    let file = write_secret(home.path(), "services.conf", &text);
    let file = file.to_str().unwrap();
    program(home.path(), &[("PGSERVICE", "teelo"), ("PGSERVICEFILE", file)]).expect_code(0);
    let named = format!("service=teelo servicefile={file}");
    program(home.path(), &[("DATABASE_URL", &named)]).expect_code(0);
    program(home.path(), &[("DATABASE_URL", "postgresql://?service=teelo"), ("PGSERVICEFILE", file)])
        .expect_code(0);
    // It beats the variables, and the address beats it.
    let with_host = [("PGSERVICE", "teelo"), ("PGSERVICEFILE", file), ("PGHOST", "/nowhere")];
    program(home.path(), &with_host).expect_code(0);
    let other = format!("{named} password=wrong");
    program(home.path(), &[("DATABASE_URL", &other)]).expect_code(69);
    let bad = program(home.path(), &[("PGSERVICE", "bad"), ("PGSERVICEFILE", file)]).expect_code(2);
    assert!(bad.stderr.contains("services.conf:10: unknown parameter \"hots\""), "{}", bad.stderr);

    // The two places where libpq looks by itself.
    let absent = program(home.path(), &[("PGSERVICE", "teelo")]).expect_code(2);
    assert!(absent.stderr.contains(".pg_service.conf"), "{}", absent.stderr);
    std::fs::copy(file, home.path().join("pg_service.conf")).unwrap();
    let folder = home.path().to_str().unwrap();
    program(home.path(), &[("PGSERVICE", "teelo"), ("PGSYSCONFDIR", folder)]).expect_code(0);
    std::fs::rename(file, home.path().join(".pg_service.conf")).unwrap();
    program(home.path(), &[("PGSERVICE", "teelo")]).expect_code(0);
}

#[test]
fn a_passfile_has_the_password_unless_others_may_read_it() {
    let server = tls_server();
    let home = TestFolder::new("passfile");
    let line = format!("localhost:{}:teelo:secret:right\\:pass\\\\word\n", server.port());
    let file = write_secret(home.path(), "passwords", &format!("# ours\nother:*:*:*:wrong\n{line}"));
    let url = format!("postgresql://secret@localhost:{}/teelo", server.port());
    let by_file = [("DATABASE_URL", url.as_str()), ("PGPASSFILE", file.to_str().unwrap())];
    program(home.path(), &by_file).expect_code(0);
    for mode in [0o640, 0o604, 0o660] {
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let refused = program(home.path(), &by_file).expect_code(69);
        let words = format!("was ignored, because others may read it (mode {mode:04o}); chmod 0600 it");
        assert!(refused.stderr.contains(&words), "{}", refused.stderr);
        assert!(refused.stderr.contains("the server wants a password and none is given"));
    }
    let missing = [("DATABASE_URL", url.as_str())];
    let refused = program(home.path(), &missing).expect_code(69);
    assert!(refused.stderr.contains("write it into the passfile (~/.pgpass"), "{}", refused.stderr);
    // Its place when nobody says where.
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::rename(&file, home.path().join(".pgpass")).unwrap();
    program(home.path(), &missing).expect_code(0);
    // A password that is given beats it.
    let given =
        program(home.path(), &[("DATABASE_URL", url.as_str()), ("PGPASSWORD", "wrong")]).expect_code(69);
    assert!(given.stderr.contains("password authentication failed"), "{}", given.stderr);
}

#[test]
fn without_a_host_the_usual_socket_folders_are_meant() {
    let home = TestFolder::new("default_socket");
    // A port whose socket nobody has: what is asked for is seen in the message.
    let refused = program(home.path(), &[("PGDATABASE", "teelo"), ("PGPORT", "9")]).expect_code(69);
    assert!(refused.stderr.contains("at /var/run/postgresql port 9: "), "{}", refused.stderr);
    let refused = program(home.path(), &[("DATABASE_URL", "postgresql:///teelo?port=9")]).expect_code(69);
    assert!(refused.stderr.contains("at /var/run/postgresql port 9: "), "{}", refused.stderr);
}

/// An address with these hosts and their ports.
fn hosts(server: &TlsServer, first: &str, port: u16, user: &str, more: &str) -> String {
    format!("host={first},localhost port={port},{} user={user} dbname=teelo {more}", server.port())
}

#[test]
fn the_first_host_that_answers_is_taken() {
    let server = tls_server();
    session(&hosts(&server, "localhost", free_port(), "either_way", ""));
    session(&hosts(&server, "/nowhere", 5432, "either_way", ""));
    session(&hosts(&server, "no-such-host.invalid", 5432, "either_way", ""));
    let url = format!("postgresql://either_way@localhost:{},localhost:{}/teelo", free_port(), server.port());
    session(&url);
    // None answers: what each said.
    let closed = free_port();
    let both = refusal(&format!("host=localhost,/nowhere port={closed} user=u dbname=d"), Kind::ServerDown);
    assert!(both.contains(&format!("localhost port {closed}: ")), "{both}");
    assert!(both.contains(&format!("/nowhere port {closed}: ")), "{both}");
    // A login that fails here would fail at the next as well: it is not asked.
    let stopped = refusal(
        &format!("host=localhost,/nowhere port={} user=secret password=wrong dbname=teelo", server.port()),
        Kind::Unreachable,
    );
    assert!(stopped.contains("password authentication failed") && !stopped.contains("/nowhere"), "{stopped}");
    let uneven = refusal("host=a,b,c port=1,2", Kind::Usage);
    assert!(uneven.contains("port (PGPORT): 2 given for 3 hosts"), "{uneven}");
}

#[test]
fn a_server_of_the_wanted_kind_is_taken() {
    let server = tls_server();
    let address = |user: &str, role: &str| {
        let port = server.port();
        format!("host=localhost port={port} user={user} dbname=teelo target_session_attrs={role}")
    };
    for (user, role) in [
        ("either_way", "any"),
        ("either_way", "read-write"),
        ("either_way", "primary"),
        ("either_way", "prefer-standby"),
        ("read_only", "read-only"),
        ("read_only", "primary"),
    ] {
        session(&address(user, role));
    }
    for (user, role, words) in [
        ("read_only", "read-write", "it is read-only"),
        ("either_way", "read-only", "it is not read-only"),
        ("either_way", "standby", "it is not a standby"),
    ] {
        let refused = refusal(&address(user, role), Kind::Unreachable);
        assert!(refused.contains(words), "{refused}");
    }
}

/// A server that says `answer` to whoever connects, and then nothing, ever. Returns its port.
fn silent_server(answer: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut request = [0; 8];
            let _ = stream.read(&mut request).and_then(|_| stream.write_all(answer));
            // Kept open, and nothing said, for as long as the test lives.
            std::mem::forget(stream);
        }
    });
    port
}

#[test]
fn the_time_limit_covers_every_step() {
    let server = tls_server();
    // Silent when asked for TLS; in the TLS handshake; in the login without TLS.
    for (answer, mode) in [(&b""[..], "prefer"), (b"S", "require"), (b"N", "prefer"), (b"", "disable")] {
        let port = silent_server(answer);
        let more = format!("sslmode={mode} connect_timeout=1");
        let refused =
            refusal(&format!("host=127.0.0.1 port={port} user=u dbname=d {more}"), Kind::Unreachable);
        assert!(refused.contains("no session within 1 s (connect_timeout)"), "{mode}: {refused}");
        session(&hosts(&server, "127.0.0.1", port, "either_way", "connect_timeout=1"));
    }
}

/// Nothing that the program leaves may hold the password, or the half of one that a wrong address splits off.
#[track_caller]
fn expect_secret(output: &Output, what: &str) {
    for part in [PASSWORD, ENCODED, "hunter2", "hunter", "%40hunter"] {
        assert!(!output.stdout.contains(part) && !output.stderr.contains(part), "{what}: {output:?}");
    }
}

#[test]
fn passwords_never_appear() {
    let server = tls_server();
    let port = server.port();
    let home = TestFolder::new("secrets");
    let metrics = home.path().join("metrics.json");
    let feed = home.path().to_str().unwrap().to_owned();
    let arguments = ["ingest", "--feed", &feed, "--metrics-json", metrics.to_str().unwrap()];
    let addresses = [
        (format!("postgresql://secret:{ENCODED}@localhost:{port}/absent"), 69),
        (format!("postgresql://secret:hunter2@localhost:{port}/teelo"), 69),
        (format!("host=localhost port={port} user=secret password=hunter2 dbname=teelo"), 69),
        (format!("postgresql://secret:hunter2@localhost:{}/teelo", free_port()), 69),
        ("postgresql://secret:hunter2@no-such-host.invalid/teelo".to_owned(), 69),
        (format!("postgresql://secret:hun@hunter2@localhost:{port}/teelo"), 2),
        (format!("postgresql://secret:12/hunter2@localhost:{port}/teelo"), 2),
        (format!("postgresql://secret:pw/hunter2/localhost:{port}/teelo"), 2),
        (format!("postgresql://secret:hunter2%zz@localhost:{port}/teelo"), 2),
        (format!("postgresql://secret:hunter2@localhost:port{port}/teelo"), 2),
        (format!("postgresql://secret:hunter2@localhost:{port}/teelo?sslmode=on"), 2),
        (format!("postgres:/secret:hunter2@localhost:{port}/teelo"), 2),
        ("mysql://secret:hunter2@localhost/teelo".to_owned(), 2),
        (format!("host=localhost port={port} user=secret password=my hunter2"), 2),
        (format!("host=localhost port={port} user=secret password=my hunter2=x"), 2),
        ("hunter2".to_owned(), 2),
    ];
    for (address, code) in &addresses {
        let mut command = teelo_command(&arguments);
        command.env("DATABASE_URL", address).env("RUST_LOG", "trace").env("HOME", home.path());
        let output = run(&mut command).expect_code(*code);
        expect_secret(&output, address);
        if let Ok(text) = std::fs::read_to_string(&metrics) {
            assert!(!text.contains("hunter") && !text.contains(PASSWORD), "{address}: {text}");
        }
    }
    // Nor when all goes well, from each place that a password can come from.
    let url = format!("postgresql://secret:{ENCODED}@localhost:{port}/teelo");
    for variables in [
        &[("DATABASE_URL", url.as_str())][..],
        &[("DATABASE_URL", &url.replace(&format!(":{ENCODED}"), "")), ("PGPASSWORD", PASSWORD)],
    ] {
        let mut command = teelo_command(&["migrate", "--status"]);
        command.envs(variables.iter().copied()).env("RUST_LOG", "trace").env("HOME", home.path());
        expect_secret(&run(&mut command).expect_code(0), "a session");
    }
}

#[test]
fn a_process_title_shows_no_password() {
    let home = TestFolder::new("title");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let mut command = teelo_command(&["migrate", "--status"]);
    command.env("DATABASE_URL", format!("postgresql://u:hunter2@127.0.0.1:{port}/d?connect_timeout=60"));
    let mut child = command.env("HOME", home.path()).stderr(std::process::Stdio::null()).spawn().unwrap();
    // It has read everything, and now waits for an answer.
    let session = silent.accept().unwrap();
    let title = run(std::process::Command::new("ps").args(["-o", "args=", "-p", &child.id().to_string()]));
    child.kill().unwrap();
    child.wait().unwrap();
    drop(session);
    assert!(title.stdout.contains("migrate --status"), "{title:?}");
    expect_secret(&title, "the title");
}

#[test]
fn the_doctor_sees_how_the_session_is_encrypted() {
    let server = tls_server();
    let authority = Authority::new("Doctor", &PKCS_ECDSA_P256_SHA256);
    server.present(&authority.issue(&Wish::default()), &authority.pem());
    let address =
        |more: &str| format!("host=localhost port={} user=either_way dbname=teelo {more}", server.port());
    for (mode, words) in [
        ("require", "ok: the session is encrypted: TLSv1.3, TLS_"),
        ("disable", "ok: the session does not leave this machine"),
    ] {
        let database = TestDatabase::elsewhere(address(&format!("sslmode={mode}")));
        expect(&mut doctor(&database), "encryption", words, &[]);
    }
}

//! TLS: every sslmode against every kind of certificate, with a real server and authorities made here.

#[path = "support/certificates.rs"]
mod certificates;
mod support;
#[path = "support/tls_server.rs"]
mod tls_server;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use certificates::{Authority, Identity, Wish, self_signed};
use rcgen::{PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use support::{TestFolder, run, teelo_command};
use teelo::error::{EXIT_UNREACHABLE, EXIT_USAGE};
use tls_server::{TlsServer, tls_server, write_secret};

/// What a session is, or why there is none.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Plain,
    Encrypted,
    /// The error has these words.
    Refused(&'static str),
}
use Outcome::{Encrypted, Plain, Refused};

/// Opens a session and checks the outcome.
#[track_caller]
fn expect(address: &str, expected: &Outcome) {
    match (teelo::db::connect(address, "test"), expected) {
        (Ok(mut client), expected) => {
            let row = client.query_one(include_str!("sql/tls_session.sql"), &[]).unwrap();
            let outcome = if row.get("is_encrypted") { Encrypted } else { Plain };
            assert_eq!(outcome, *expected, "{address}");
        }
        (Err(error), Refused(words)) => {
            assert!(error.to_string().contains(words), "{address}: {error}");
        }
        (Err(error), expected) => panic!("{address}: expected {expected:?}, not: {error}"),
    }
}

fn address(server: &TlsServer, user: &str, more: &str) -> String {
    format!("host=localhost port={} user={user} dbname=teelo {more}", server.port())
}

/// The file of the authorities that a test trusts.
struct Trusted {
    folder: TestFolder,
}

impl Trusted {
    fn new(pem: &str) -> Self {
        let folder = TestFolder::new("trusted");
        write_secret(folder.path(), "root.crt", pem);
        Self { folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("root.crt")
    }

    fn parameter(&self) -> String {
        format!("sslrootcert={}", self.path().display())
    }
}

/// Checks one certificate by all modes: without authorities for the first four, with them for all.
#[track_caller]
fn expect_modes(server: &TlsServer, authority: &Authority, identity: &Identity, expected: [Outcome; 6]) {
    server.present(identity, &authority.pem());
    let trusted = Trusted::new(&authority.pem());
    for (mode, outcome) in
        [("disable", Plain), ("allow", Plain), ("prefer", Encrypted), ("require", Encrypted)]
    {
        expect(&address(server, "either_way", &format!("sslmode={mode}")), &outcome);
    }
    let modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
    for (mode, outcome) in modes.iter().zip(expected) {
        expect(&address(server, "either_way", &format!("sslmode={mode} {}", trusted.parameter())), &outcome);
    }
}

#[test]
fn a_good_certificate_is_accepted_by_all_modes() {
    let server = tls_server();
    let authority = Authority::new("Good", &PKCS_ECDSA_P256_SHA256);
    let expected = || [Plain, Plain, Encrypted, Encrypted, Encrypted, Encrypted];
    expect_modes(&server, &authority, &authority.issue(&Wish::default()), expected());
    // As PostgreSQL's documentation makes it with openssl.
    expect_modes(&server, &authority, &authority.issue_version_1("localhost"), expected());
    // No extension with names: the common name counts, as libpq has it.
    let wish = Wish { alternative_names: &[], ..Wish::default() };
    expect_modes(&server, &authority, &authority.issue(&wish), expected());
}

#[test]
fn an_expired_certificate_is_refused_where_it_is_checked() {
    let server = tls_server();
    let authority = Authority::new("Expired", &PKCS_ECDSA_P256_SHA256);
    let expired = authority.issue(&Wish { is_expired: true, ..Wish::default() });
    let refused = || Refused("it has expired");
    // As with libpq, "prefer" goes on without encryption: it promises none.
    let expected = [Plain, Plain, Plain, refused(), refused(), refused()];
    expect_modes(&server, &authority, &expired, expected);
}

#[test]
fn a_certificate_for_another_host_is_refused_by_verify_full() {
    let server = tls_server();
    let authority = Authority::new("Wrong host", &PKCS_ECDSA_P256_SHA256);
    let wish = Wish { alternative_names: &["db.example.com"], ..Wish::default() };
    let wrong_host = || [Plain, Plain, Encrypted, Encrypted, Encrypted, Refused("it is for another host")];
    // Its common name would be right; the other names count.
    expect_modes(&server, &authority, &authority.issue(&wish), wrong_host());
    expect_modes(&server, &authority, &authority.issue_version_1("db.example.com"), wrong_host());
}

#[test]
fn an_unknown_authority_is_refused_where_it_is_checked() {
    let server = tls_server();
    let authority = Authority::new("Known", &PKCS_ECDSA_P256_SHA256);
    // Of the same name, with another key.
    let impostor = Authority::new("Known", &PKCS_ECDSA_P256_SHA256);
    let stranger = Authority::new("Stranger", &PKCS_ECDSA_P256_SHA256);
    let cases = [
        (stranger.issue(&Wish::default()), "not signed by an authority in the file"),
        (stranger.issue_version_1("localhost"), "not signed by an authority in the file"),
        (impostor.issue(&Wish::default()), "the server's certificate is refused"),
        (impostor.issue_version_1("localhost"), "its signature is wrong"),
        (self_signed(&Wish::default()), "the server's certificate is refused"),
    ];
    for (identity, words) in cases {
        let refused = || Refused(words);
        expect_modes(&server, &authority, &identity, [Plain, Plain, Plain, refused(), refused(), refused()]);
    }
}

#[test]
fn a_self_signed_certificate_may_be_trusted_itself() {
    let server = tls_server();
    let authority = Authority::new("Unused", &PKCS_ECDSA_P256_SHA256);
    let named_otherwise = Wish { alternative_names: &["db.example.com"], ..Wish::default() };
    let expired = Wish { is_expired: true, ..Wish::default() };
    for (wish, verify_ca, verify_full) in [
        (Wish::default(), Encrypted, Encrypted),
        (named_otherwise, Encrypted, Refused("it is for another host")),
        (expired, Refused("it has expired"), Refused("it has expired")),
    ] {
        let identity = self_signed(&wish);
        server.present(&identity, &authority.pem());
        let trusted = Trusted::new(&identity.certificate);
        for (mode, outcome) in [("verify-ca", verify_ca), ("verify-full", verify_full)] {
            let checked = format!("sslmode={mode} {}", trusted.parameter());
            expect(&address(&server, "either_way", &checked), &outcome);
        }
    }
}

#[test]
fn verify_full_compares_addresses_too() {
    let server = tls_server();
    let authority = Authority::new("Addresses", &PKCS_ECDSA_P256_SHA256);
    let trusted = Trusted::new(&authority.pem());
    let by_address = |more: &str| {
        let (port, trusted) = (server.port(), trusted.parameter());
        format!("port={port} user=either_way dbname=teelo sslmode=verify-full {trusted} {more}")
    };
    let wish = Wish { alternative_names: &["127.0.0.1"], ..Wish::default() };
    server.present(&authority.issue(&wish), &authority.pem());
    expect(&by_address("host=127.0.0.1"), &Encrypted);
    expect(&by_address("hostaddr=127.0.0.1"), &Encrypted);
    expect(&by_address("host=localhost"), &Refused("it is for another host"));
    // The name is compared, wherever the address says that it is.
    let wish = Wish { alternative_names: &["db.example.com"], ..Wish::default() };
    server.present(&authority.issue(&wish), &authority.pem());
    expect(&by_address("host=db.example.com hostaddr=127.0.0.1"), &Encrypted);
    expect(&by_address("host=other.example.com hostaddr=127.0.0.1"), &Refused("it is for another host"));
}

#[test]
fn the_servers_rules_decide_what_allow_and_prefer_become() {
    let server = tls_server();
    let authority = Authority::new("Rules", &PKCS_ECDSA_P256_SHA256);
    server.present(&authority.issue(&Wish::default()), &authority.pem());
    let no_entry = || Refused("no pg_hba.conf entry");
    for (mode, tls_only, plain_only) in [
        ("disable", no_entry(), Plain),
        ("allow", Encrypted, Plain),
        ("prefer", Encrypted, Plain),
        ("require", Encrypted, no_entry()),
    ] {
        expect(&address(&server, "tls_only", &format!("sslmode={mode}")), &tls_only);
        expect(&address(&server, "plain_only", &format!("sslmode={mode}")), &plain_only);
    }
    // Sockets have no TLS, and libpq ignores the mode there.
    let socket = format!(
        "host={} port={} user=either_way dbname=teelo sslmode=verify-full",
        server.folder().display(),
        server.port()
    );
    expect(&socket, &Plain);
}

#[test]
fn a_login_is_tied_to_the_servers_certificate() {
    let server = tls_server();
    let login = |more: &str| address(&server, "secret", &format!(r"password='right:pass\\word' {more}"));
    for algorithm in [&PKCS_ECDSA_P256_SHA256, &PKCS_ECDSA_P384_SHA384] {
        let authority = Authority::new("Binding", algorithm);
        let wish = Wish { algorithm, ..Wish::default() };
        for identity in [authority.issue(&wish), self_signed(&wish)] {
            server.present(&identity, &authority.pem());
            for binding in ["disable", "prefer", "require"] {
                expect(&login(&format!("sslmode=require channel_binding={binding}")), &Encrypted);
            }
        }
    }
    expect(&login("sslmode=disable channel_binding=prefer"), &Plain);
    expect(&login("sslmode=disable channel_binding=require"), &Refused("channel binding"));
    // Its signature names no hash: the login cannot be tied to it.
    let authority = Authority::new("Binding", &PKCS_ED25519);
    server.present(&authority.issue(&Wish::default()), &authority.pem());
    expect(&login("sslmode=require channel_binding=require"), &Refused("channel binding"));
}

#[test]
fn the_versions_of_tls_can_be_chosen() {
    let server = tls_server();
    let authority = Authority::new("Versions", &PKCS_ECDSA_P256_SHA256);
    let trusted = Trusted::new(&authority.pem());
    for identity in [authority.issue(&Wish::default()), authority.issue_version_1("localhost")] {
        server.present(&identity, &authority.pem());
        for version in ["ssl_max_protocol_version=TLSv1.2", "ssl_min_protocol_version=TLSv1.3"] {
            expect(
                &address(
                    &server,
                    "either_way",
                    &format!("sslmode=verify-full {} {version}", trusted.parameter()),
                ),
                &Encrypted,
            );
        }
    }
    let old = address(&server, "either_way", "ssl_max_protocol_version=TLSv1.1");
    expect(&old, &Refused("teelo speaks TLSv1.2 and TLSv1.3"));
}

/// The first message of TLS that a client with these parameters sends.
fn first_message(more: &str) -> Vec<u8> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = std::thread::spawn({
        let address = format!(
            "host=db.example.com hostaddr=127.0.0.1 port={port} user=u dbname=d sslmode=require {more}"
        );
        move || teelo::db::connect(&address, "test").map(|_| ()).unwrap_err()
    });
    let (mut stream, _) = listener.accept().unwrap();
    let mut message = vec![0; 4096];
    if !more.contains("direct") {
        stream.read_exact(&mut message[..8]).unwrap();
        stream.write_all(b"S").unwrap();
    }
    let length = stream.read(&mut message).unwrap();
    drop(stream);
    client.join().unwrap();
    message.truncate(length);
    message
}

#[test]
fn the_server_is_told_what_it_needs_to_know() {
    let says = |message: &[u8], word: &str| message.windows(word.len()).any(|part| part == word.as_bytes());
    let message = first_message("");
    assert!(says(&message, "db.example.com") && !says(&message, "postgresql"));
    assert!(!says(&first_message("sslsni=0"), "db.example.com"));
    // TLS at once: the protocol is named.
    assert!(says(&first_message("sslnegotiation=direct"), "postgresql"));
}

#[test]
fn a_revoked_certificate_is_refused() {
    let server = tls_server();
    let authority = Authority::new("Revoking", &PKCS_ECDSA_P256_SHA256);
    let trusted = Trusted::new(&authority.pem());
    let list = write_secret(trusted.folder.path(), "list.pem", &authority.revoke(&[66]));
    let checked = format!("sslmode=verify-ca {} sslcrl={}", trusted.parameter(), list.display());
    server.present(&authority.issue(&Wish { serial: 65, ..Wish::default() }), &authority.pem());
    expect(&address(&server, "either_way", &checked), &Encrypted);
    server.present(&authority.issue(&Wish { serial: 66, ..Wish::default() }), &authority.pem());
    expect(&address(&server, "either_way", &checked), &Refused("took it back"));
    // Nobody can tell whether one of version 1 was taken back.
    server.present(&authority.issue_version_1("localhost"), &authority.pem());
    expect(&address(&server, "either_way", &checked), &Refused("the server's certificate is refused"));
}

#[test]
fn a_folder_of_revocation_lists_is_read() {
    let server = tls_server();
    let authority = Authority::new("Folder", &PKCS_ECDSA_P256_SHA256);
    let stranger = Authority::new("Other folder", &PKCS_ECDSA_P256_SHA256);
    let trusted = Trusted::new(&authority.pem());
    let folder = trusted.folder.path().join("lists");
    let listed = |more: &str| {
        let checked = format!("sslmode=verify-ca {} sslcrldir={}", trusted.parameter(), folder.display());
        address(&server, "either_way", &format!("{checked} {more}"))
    };
    let write = |name: &str, text: &str| write_secret(&folder, name, text);
    server.present(&authority.issue(&Wish { serial: 66, ..Wish::default() }), &authority.pem());
    expect(&listed(""), &Refused("lists: No such file"));
    std::fs::create_dir_all(folder.join("below")).unwrap();
    write("README", "Lists that nobody has fetched yet.\n");
    expect(&listed(""), &Refused("lists: no file in it holds a revocation list in PEM"));
    write("0a1b2c3d.r0", &stranger.revoke(&[66]));
    expect(&listed(""), &Refused("no list in sslcrl or sslcrldir is its authority's"));
    let old = write("old.pem", &authority.revoke_between(2020, 2099, &[]));
    expect(&listed(""), &Encrypted);
    // The newest list counts, whatever its name, and wherever the old one is.
    write("1a2b3c4d.r7", &authority.revoke_between(2021, 2099, &[66]));
    expect(&listed(""), &Refused("took it back"));
    expect(&listed(&format!("sslcrl={}", old.display())), &Refused("took it back"));
    server.present(&authority.issue(&Wish { serial: 65, ..Wish::default() }), &authority.pem());
    expect(&listed(""), &Encrypted);
    write("late.pem", &authority.revoke_between(2022, 2023, &[]));
    expect(&listed(""), &Refused("is older than it may be"));
    std::fs::remove_file(folder.join("late.pem")).unwrap();
    write("broken.r0", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n");
    expect(&listed(""), &Refused("broken.r0: a revocation list in it is of version 1, or damaged"));
    std::fs::remove_file(folder.join("broken.r0")).unwrap();
    std::os::unix::fs::symlink("nowhere.pem", folder.join("2a3b4c5d.r0")).unwrap();
    expect(&listed(""), &Refused("2a3b4c5d.r0: No such file"));
}

#[test]
fn the_variable_of_the_folder_stands_for_the_list_at_home() {
    let server = tls_server();
    let authority = Authority::new("Lists at home", &PKCS_ECDSA_P256_SHA256);
    server.present(&authority.issue(&Wish { serial: 65, ..Wish::default() }), &authority.pem());
    let home = TestFolder::new("lists_at_home");
    let folder = home.path().join(".postgresql");
    let lists = home.path().join("lists");
    [&folder, &lists].iter().for_each(|path| std::fs::create_dir(path).unwrap());
    write_secret(&folder, "root.crt", &authority.pem());
    write_secret(&folder, "root.crl", &authority.revoke_between(2022, 2099, &[65]));
    let list = write_secret(&lists, "list.pem", &authority.revoke_between(2021, 2099, &[66]));
    let url = format!("postgresql://either_way@localhost:{}/teelo?sslmode=verify-full", server.port());
    let variables = [("DATABASE_URL", url.as_str()), ("PGSSLCRLDIR", lists.to_str().unwrap())];
    let refused = program(home.path(), &variables[..1]).expect_code(i32::from(EXIT_UNREACHABLE));
    assert!(refused.stderr.contains("took it back"), "{}", refused.stderr);
    program(home.path(), &variables).expect_code(0);
    std::fs::write(list, authority.revoke_between(2021, 2099, &[65])).unwrap();
    let refused = program(home.path(), &variables).expect_code(i32::from(EXIT_UNREACHABLE));
    assert!(refused.stderr.contains("took it back"), "{}", refused.stderr);
}

#[test]
fn a_client_certificate_opens_the_door() {
    let server = tls_server();
    let authority = Authority::new("Clients", &PKCS_ECDSA_P256_SHA256);
    let stranger = Authority::new("Strangers", &PKCS_ECDSA_P256_SHA256);
    server.present(&authority.issue(&Wish::default()), &authority.pem());
    let folder = TestFolder::new("clients");
    let wish = || Wish { common_name: "certified", alternative_names: &[], ..Wish::default() };
    let with = |name: &str, identity: &Identity| {
        let certificate = write_secret(folder.path(), &format!("{name}.crt"), &identity.certificate);
        let key = write_secret(folder.path(), &format!("{name}.key"), &identity.key);
        let files = format!("sslcert={} sslkey={}", certificate.display(), key.display());
        address(&server, "certified", &format!("sslmode=require {files}"))
    };
    expect(&with("good", &authority.issue(&wish())), &Encrypted);
    expect(&with("version_1", &authority.issue_version_1("certified")), &Encrypted);
    expect(&address(&server, "certified", "sslmode=require"), &Refused("valid client certificate"));
    let held_back = with("good", &authority.issue(&wish())) + " sslcertmode=disable";
    expect(&held_back, &Refused("valid client certificate"));
    let other_name = authority.issue(&Wish { common_name: "somebody", ..wish() });
    expect(&with("other_name", &other_name), &Refused("certificate authentication failed"));
    expect(&with("stranger", &stranger.issue(&wish())), &Refused("cannot connect to the database"));

    let mut mixed = authority.issue(&wish());
    mixed.key = authority.issue(&wish()).key;
    expect(&with("mixed", &mixed), &Refused("it is not the key of the certificate"));
    let encrypted = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let locked = Identity { key: encrypted.to_owned(), ..authority.issue(&wish()) };
    expect(&with("locked", &locked), &Refused("decrypt one: openssl pkey"));
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let server = tls_server();
    let authority = Authority::new("Modes", &PKCS_ECDSA_P256_SHA256);
    server.present(&authority.issue(&Wish::default()), &authority.pem());
    let identity = authority.issue(&Wish { common_name: "certified", ..Wish::default() });
    let folder = TestFolder::new("key_modes");
    let certificate = write_secret(folder.path(), "client.crt", &identity.certificate);
    let key = write_secret(folder.path(), "client.key", &identity.key);
    let files = format!("sslcert={} sslkey={}", certificate.display(), key.display());
    let login = address(&server, "certified", &format!("sslmode=require {files}"));
    let without = address(&server, "plain_only", &format!("sslmode=prefer {files}"));
    for (mode, outcome) in
        [(0o644, Refused("mode 0644); chmod 0600 it")), (0o660, Refused("mode 0660")), (0o400, Encrypted)]
    {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        expect(&login, &outcome);
        // Where TLS is not required, the key is not missed.
        expect(&without, &Plain);
    }
}

/// The program with a home folder and these variables.
fn program(home: &Path, variables: &[(&str, &str)]) -> support::Output {
    let mut command = teelo_command(&["migrate", "--status"]);
    run(command.env("HOME", home).envs(variables.iter().copied()))
}

#[test]
fn the_files_in_the_home_folder_are_found() {
    let server = tls_server();
    let authority = Authority::new("Home", &PKCS_ECDSA_P256_SHA256);
    server.present(&authority.issue(&Wish::default()), &authority.pem());
    let home = TestFolder::new("home");
    let url = format!("postgresql://certified@localhost:{}/teelo?sslmode=verify-full", server.port());
    let variables = [("DATABASE_URL", url.as_str())];
    let refused = program(home.path(), &variables).expect_code(i32::from(EXIT_USAGE));
    assert!(refused.stderr.contains("put it at ~/.postgresql/root.crt"), "{}", refused.stderr);

    let folder = home.path().join(".postgresql");
    std::fs::create_dir(&folder).unwrap();
    write_secret(&folder, "root.crt", &authority.pem());
    let refused = program(home.path(), &variables).expect_code(i32::from(EXIT_UNREACHABLE));
    assert!(refused.stderr.contains("valid client certificate"), "{}", refused.stderr);
    let own = authority.issue(&Wish { common_name: "certified", ..Wish::default() });
    write_secret(&folder, "postgresql.crt", &own.certificate);
    write_secret(&folder, "postgresql.key", &own.key);
    program(home.path(), &variables).expect_code(0);
    // The list of what is taken back is found as well.
    write_secret(&folder, "root.crl", &authority.revoke(&[1]));
    let refused = program(home.path(), &variables).expect_code(i32::from(EXIT_UNREACHABLE));
    assert!(refused.stderr.contains("took it back"), "{}", refused.stderr);
}

#[test]
fn the_systems_authorities_are_trusted_for_a_name_only() {
    let server = tls_server();
    let authority = Authority::new("System", &PKCS_ECDSA_P256_SHA256);
    server.present(&authority.issue(&Wish::default()), &authority.pem());
    let trusted = Trusted::new(&authority.pem());
    let file = trusted.path();
    let url = |more: &str| {
        format!("postgresql://either_way@localhost:{}/teelo?sslrootcert=system{more}", server.port())
    };
    let run = |url: &str, file: &str| {
        program(trusted.folder.path(), &[("DATABASE_URL", url), ("SSL_CERT_FILE", file)])
    };
    run(&url(""), file.to_str().unwrap()).expect_code(0);
    let weak = run(&url("&sslmode=require"), file.to_str().unwrap()).expect_code(i32::from(EXIT_USAGE));
    assert!(weak.stderr.contains("sslrootcert=system needs sslmode=verify-full"), "{}", weak.stderr);
    let none = run(&url(""), "/nowhere").expect_code(i32::from(EXIT_USAGE));
    assert!(none.stderr.contains("ca-certificates"), "{}", none.stderr);
    let other = Trusted::new(&Authority::new("Other", &PKCS_ECDSA_P256_SHA256).pem());
    let unknown = run(&url(""), other.path().to_str().unwrap()).expect_code(i32::from(EXIT_UNREACHABLE));
    assert!(unknown.stderr.contains("not signed by an authority"), "{}", unknown.stderr);
}

#[test]
fn a_file_that_is_missing_or_no_certificate_is_named() {
    let server = tls_server();
    let folder = TestFolder::new("bad_files");
    let text = write_secret(folder.path(), "text.pem", "hello\n");
    for (path, words) in [
        ("/nowhere/root.crt", "sslrootcert: /nowhere/root.crt: No such file"),
        (text.to_str().unwrap(), "text.pem: nothing of the kind is in it"),
    ] {
        let refused = address(&server, "either_way", &format!("sslmode=verify-ca sslrootcert={path}"));
        expect(&refused, &Refused(words));
    }
}

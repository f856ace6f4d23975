//! Starting and stopping the built binary: what keeps it from starting is said in one line, and what it took is kept.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[path = "support/binary.rs"]
mod binary;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use binary::{Server, names, run, run_with};
use testkit::Folder;

const SOON: Duration = Duration::from_secs(5);

#[test]
fn a_bad_variable_is_refused_by_its_name() {
    let folder = Folder::new("start");
    for (variable, value) in [
        ("LISTEN", "everywhere"),
        ("LOG", "loud"),
        ("LOG_FORMAT", "xml"),
        ("PUBLIC_URL", "hailong.example.vn"),
        ("BUDGET_DESK", "many"),
        ("DATABASE_URL", "mysql://db"),
    ] {
        run_with(&folder, &[(variable, value)], &["serve"]).fails_with(2, &format!("{variable}: "));
    }
    run_with(&folder, &[("TLS_CERT", "cert.pem")], &["serve"]).fails_with(2, "TLS_KEY: missing");
    // Nothing was made on the way.
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn an_empty_variable_counts_as_absent() {
    let folder = Folder::new("start");
    let empty = [("LISTEN", ""), ("PUBLIC_URL", ""), ("SECRET_KEY_FILE", ""), ("TLS_CERT", ""), ("LOG", "")];
    run_with(&folder, &empty, &["migrate"]).is_done();
}

#[test]
fn a_wrong_command_line_is_refused_in_one_line() {
    let folder = Folder::new("start");
    run(&folder, &["fly"]).fails_with(2, "'fly'");
    run(&folder, &[]).fails_with(2, "subcommand");
    run(&folder, &["backup"]).fails_with(2, "<FILE>");
}

#[test]
fn the_manual_and_the_version_are_results() {
    let folder = Folder::new("start");
    let manual = run(&folder, &["--help"]);
    manual.is_done();
    assert!(manual.out.contains("DATABASE_URL") && manual.err.is_empty(), "{manual:?}");
    let version = run(&folder, &["--version"]);
    assert_eq!(version.out, format!("hailong {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn a_port_that_is_taken_is_said_before_anything_is_touched() {
    let folder = Folder::new("start");
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = other.local_addr().expect("an address").to_string();
    run(&folder, &["serve", "--listen", &taken]).fails_with(3, &format!("{taken} is taken"));
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn an_address_of_another_machine_is_refused() {
    let folder = Folder::new("start");
    run(&folder, &["serve", "--listen", "192.0.2.7:3000"]).fails_with(3, "not an address of this machine");
}

#[test]
fn a_database_that_cannot_be_written_is_said() {
    let folder = Folder::new("start");
    let file = folder.path().join("a-file");
    std::fs::write(&file, "not a folder").expect("written");
    let inside = format!("sqlite://{}/hailong.db", file.display());
    let start = ["serve", "--listen", "127.0.0.1:0"];
    run_with(&folder, &[("DATABASE_URL", &inside)], &start).fails_with(3, "a-file");
    // No user may make files there, whoever runs the tests.
    run_with(&folder, &[("DATABASE_URL", "sqlite:///proc/hailong.db")], &start).fails_with(3, "/proc/hailong.db");
    let foreign = format!("sqlite://{}", file.display());
    run_with(&folder, &[("DATABASE_URL", &foreign)], &start).fails_with(3, "a-file");
}

#[test]
fn another_key_an_open_key_and_a_lost_key_are_refused() {
    let folder = Folder::new("start");
    let start = ["serve", "--listen", "127.0.0.1:0"];
    drop(Server::start(&folder));
    let key = folder.path().join("hailong.key");
    let first = std::fs::read_to_string(&key).expect("a key");

    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).expect("opened");
    run(&folder, &start).fails_with(2, "chmod 600");
    std::fs::remove_file(&key).expect("lost");
    run(&folder, &start).fails_with(2, "hailong.key: no such file");
    assert!(!key.exists(), "a database that knows its key is never given a new one");

    let other = Folder::new("start");
    drop(Server::start(&other));
    let another = other.path().join("hailong.key").display().to_string();
    run_with(&folder, &[("SECRET_KEY_FILE", &another)], &start).fails_with(2, "another key");

    std::fs::write(&key, "short\n").expect("written");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).expect("closed");
    run(&folder, &start).fails_with(2, "64 hexadecimal digits");
    std::fs::write(&key, first).expect("brought back");
    drop(Server::start(&folder));
}

#[test]
fn a_key_must_be_given_on_postgresql() {
    let folder = Folder::new("start");
    let variables = [("DATABASE_URL", "postgres://nobody@127.0.0.1:1/none")];
    run_with(&folder, &variables, &["serve", "--listen", "127.0.0.1:0"])
        .fails_with(2, "SECRET_KEY_FILE: must be given");
}

#[test]
fn certificates_that_cannot_be_used_are_refused() {
    let folder = Folder::new("start");
    let file = folder.path().join("cert.pem");
    let path = file.display().to_string();
    let start = ["serve", "--listen", "127.0.0.1:0"];
    let files = [("TLS_CERT", path.as_str()), ("TLS_KEY", path.as_str())];
    run_with(&folder, &files, &start).fails_with(2, "TLS_CERT: ");
    std::fs::write(&file, "no certificate").expect("written");
    run_with(&folder, &files, &start).fails_with(2, "holds no certificate");
}

/// The certificate that a server shows, once it has answered over TLS.
fn certificate_of(address: &str) -> Vec<u8> {
    let mut roots = rustls::RootCertStore::empty();
    for name in ["first", "second"] {
        roots.add(fixture_certificate(name).into()).expect("a root");
    }
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = rustls::pki_types::ServerName::try_from("localhost").expect("a name");
    let client = rustls::ClientConnection::new(std::sync::Arc::new(config), name).expect("a client");
    let mut stream = rustls::StreamOwned::new(client, TcpStream::connect(address).expect("connected"));
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(answer.contains("hailong lives") && answer.contains("strict-transport-security"), "{answer}");
    stream.conn.peer_certificates().expect("shown")[0].to_vec()
}

fn fixture(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

fn fixture_certificate(name: &str) -> Vec<u8> {
    hailong_server::tls::certificates(&fixture(&format!("{name}.cert.pem"))).expect("a certificate")[0].to_vec()
}

#[test]
fn tls_is_built_in_and_a_renewed_certificate_is_taken_without_a_restart() {
    let folder = Folder::new("start");
    let put = |name: &str| {
        for file in ["cert.pem", "key.pem"] {
            std::fs::copy(fixture(&format!("{name}.{file}")), folder.path().join(file)).expect("copied");
        }
    };
    put("first");
    let server = Server::start_with(&folder, &["--tls-cert", "cert.pem", "--tls-key", "key.pem"]);
    assert_eq!(certificate_of(&server.address), fixture_certificate("first"));
    put("second");
    server.signal("HUP");
    let renewed = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        certificate_of(&server.address) == fixture_certificate("second")
    });
    assert!(renewed, "the old certificate is still shown");
}

/// Asks over a connection of its own.
fn ask(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(SOON)).expect("set");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn a_signal_stops_it_and_the_end_is_a_success() {
    for name in ["TERM", "INT"] {
        let folder = Folder::new("start");
        let server = Server::start(&folder);
        assert!(ask(&server.address, "/readyz").contains("\"ready\":true"));
        assert!(ask(&server.address, "/metrics").contains("hailong_writer_queue_length 0"));
        // An idle connection does not hold it up.
        let _idle = TcpStream::connect(&server.address).expect("connected");
        let address = server.address.clone();
        server.signal(name);
        let end = server.ends_within(SOON);
        end.is_done();
        assert!(end.err.contains("everything that was acknowledged is on the disk"), "{end:?}");
        assert!(TcpStream::connect(&address).is_err());
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = Folder::new("start");
    run(&folder, &["demo", "--responses", "0"]).is_done();
    let desks = run(&folder, &["desks", "--format", "json"]).out;
    let desks: serde_json::Value = serde_json::from_str(&desks).expect("JSON");
    let code = desks[0]["code"].as_str().expect("a desk");
    let server = Server::start(&folder);
    // A request under way holds up the end: its body never comes.
    let mut slow = TcpStream::connect(&server.address).expect("connected");
    write!(slow, "POST /k/{code} HTTP/1.1\r\nHost: here\r\nContent-Length: 10\r\n\r\n").expect("sent");
    std::thread::sleep(Duration::from_millis(200));
    server.signal("TERM");
    std::thread::sleep(Duration::from_millis(300));
    server.signal("TERM");
    assert_eq!(server.ends_within(SOON).code, Some(3));
}

#[test]
fn a_client_that_never_finishes_its_head_is_cut_off() {
    let folder = Folder::new("start");
    let server = Server::start(&folder);
    let mut slow = TcpStream::connect(&server.address).expect("connected");
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: here\r\nX-Slow: ").expect("sent");
    let limit = hailong_server::http::limits::HEADERS + SOON;
    slow.set_read_timeout(Some(limit)).expect("set");
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).expect("closed by the server, not by our patience");
    assert!(!String::from_utf8_lossy(&answer).contains("200 OK"));
}

#[test]
fn the_doctor_says_what_is_wrong_and_ends_with_one() {
    let folder = Folder::new("start");
    let well = run(&folder, &["doctor"]);
    assert_eq!(well.code, Some(0), "{well:?}");
    assert!(well.out.contains("ok       clock") && well.out.contains("note     database"), "{well:?}");
    assert_eq!(names(folder.path()), Vec::<String>::new(), "looking changes nothing");

    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = other.local_addr().expect("an address").to_string();
    // Whoever holds the port does not speak HTTP: it hangs up.
    let holder = std::thread::spawn(move || drop(other.accept()));
    let ill = run_with(&folder, &[("LISTEN", &taken), ("TLS_CERT", "cert.pem")], &["doctor"]);
    holder.join().expect("joined");
    assert_eq!(ill.code, Some(1), "{ill:?}");
    assert!(ill.out.contains("problem  tls             TLS_KEY: missing beside TLS_CERT"), "{ill:?}");

    let server = Server::start(&folder);
    let beside = run_with(&folder, &[("LISTEN", &server.address)], &["doctor"]);
    assert_eq!(beside.code, Some(0), "{beside:?}");
    assert!(beside.out.contains("hailong answers there") && beside.out.contains("the schema is current"), "{beside:?}");
}

#[test]
fn the_doctor_misses_the_key_of_the_names_of_a_list() {
    let folder = Folder::new("start-contacts");
    assert_eq!(run(&folder, &["demo", "--responses", "10"]).code, Some(0));
    assert!(!run(&folder, &["doctor"]).out.contains("contact keys"), "no list, no key");
    let lines: Vec<_> = (1..=60).map(|n| format!("HS{n},Nguyễn Văn {n},09{n:08},ấp 1")).collect();
    let file = folder.path().join("list.csv");
    let text = format!("Mã hồ sơ,Họ tên,Điện thoại,Địa chỉ\n{}\n", lines.join("\n"));
    std::fs::write(&file, text).expect("written");
    let list = file.to_string_lossy().into_owned();
    let taken = run(&folder, &["import", "sample", &list, "--round", "2018", "--agency", "so-y-te"]);
    assert_eq!(taken.code, Some(0), "{taken:?}");
    let well = run(&folder, &["doctor"]);
    assert!(well.code == Some(0) && well.out.contains("1 round(s) with lists, each key is there"), "{well:?}");
    let key = names(folder.path()).into_iter().find(|name| name.starts_with("contact-")).expect("a key of the round");
    std::fs::remove_file(folder.path().join(key)).expect("lost");
    let ill = run(&folder, &["doctor"]);
    assert!(ill.code == Some(1) && ill.out.contains("problem  contact keys    round 2018: "), "{ill:?}");
}

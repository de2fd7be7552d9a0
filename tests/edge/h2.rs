//! HTTP/2, by hand: a page, and what floods cost (H4).

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::time::{Duration, Instant};

use crate::certificate::{Certificate, Connection, PATIENCE, connect, serve};
use crate::support::place::{Place, Server};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const MIB: u64 = 1024 * 1024;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A header that is not indexed (RFC 7541 §6.2.2), its name from the static table.
fn literal(name: u8, value: &str) -> Vec<u8> {
    let mut bytes = vec![name, u8::try_from(value.len()).unwrap()];
    bytes.extend(value.as_bytes());
    bytes
}

/// `:method` 2 is GET, 3 is POST; `:scheme` 7 is https; `:path` is 4, `:authority` 1.
fn head(method: u8, path: &str) -> Vec<u8> {
    let mut block = vec![0x80 | method, 0x87];
    block.extend(literal(4, path));
    block.extend(literal(1, "localhost"));
    block
}

/// A client and what it has heard.
struct Client {
    connection: Connection,
    /// By stream: the first byte of its headers, and its data.
    answers: BTreeMap<u32, (u8, Vec<u8>)>,
    gone: bool,
}

impl Client {
    fn greet(server: &Server, certificate: &Certificate) -> Self {
        let mut connection = connect(server, certificate, "h2").unwrap();
        connection.write_all(PREFACE).unwrap();
        connection.write_all(&frame(SETTINGS, 0, 0, &[])).unwrap();
        Self {
            connection,
            answers: BTreeMap::new(),
            gone: false,
        }
    }

    fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.connection.write_all(bytes)
    }

    /// Reads one frame; answers the server's settings.
    fn hear(&mut self) -> io::Result<u8> {
        let mut head = [0; 9];
        self.connection.read_exact(&mut head)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        self.connection.read_exact(&mut payload)?;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        match (head[3], head[4]) {
            (SETTINGS, 0) => self.send(&frame(SETTINGS, 1, 0, &[]))?,
            (HEADERS, _) => {
                self.answers.insert(stream, (payload[0], Vec::new()));
            }
            (DATA, _) => {
                if let Some((_, data)) = self.answers.get_mut(&stream) {
                    data.extend(payload);
                }
            }
            (GOAWAY, _) => self.gone = true,
            _ => {}
        }
        Ok(head[3])
    }

    /// Hears until the connection ends or `done`.
    fn hear_until(&mut self, done: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !done(self) && self.hear().is_ok() {
            assert!(Instant::now() < deadline, "nothing decisive is heard");
        }
    }
}

/// The memory that the server holds, in bytes.
fn memory(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kilobytes = line.unwrap().split_whitespace().nth(1).unwrap();
    kilobytes.parse::<u64>().unwrap() * 1024
}

fn house() -> (Place, Certificate, Server) {
    let (place, certificate) = (Place::new(), Certificate::new());
    certificate.lie_in(&place);
    let server = serve(&place);
    (place, certificate, server)
}

fn assert_serves(server: &Server, certificate: &Certificate) {
    let mut client = Client::greet(server, certificate);
    let asked = frame(HEADERS, END_STREAM | END_HEADERS, 1, &head(2, "/healthz"));
    client.send(&asked).unwrap();
    client.hear_until(|client| {
        client
            .answers
            .get(&1)
            .is_some_and(|answer| !answer.1.is_empty())
    });
    assert_eq!(client.answers[&1].0, 0x88, ":status 200");
}

#[test]
fn a_page_comes_by_both_versions() {
    let (_place, certificate, server) = house();
    let mut client = Client::greet(&server, &certificate);
    let asked = frame(
        HEADERS,
        END_STREAM | END_HEADERS,
        1,
        &head(2, "/guardian/enroll"),
    );
    client.send(&asked).unwrap();
    let whole = |client: &Client| {
        client
            .answers
            .get(&1)
            .is_some_and(|(_, data)| data.ends_with(b"</html>\n"))
    };
    client.hear_until(whole);
    let by_2 = String::from_utf8(client.answers[&1].1.clone()).unwrap();

    let mut connection = connect(&server, &certificate, "http/1.1").unwrap();
    let asked = "GET /guardian/enroll HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    connection.write_all(asked.as_bytes()).unwrap();
    let mut by_1 = String::new();
    let _ = connection.read_to_string(&mut by_1);
    let title =
        |page: &str| page[page.find("<title>").unwrap()..page.find("</title>").unwrap()].to_owned();
    assert_eq!(title(&by_1), title(&by_2));
}

#[test]
fn a_hundred_thousand_resets_cost_little() {
    let (_place, certificate, server) = house();
    assert_serves(&server, &certificate);
    let before = memory(&server);
    let (mut sent, mut connections) = (0_u32, 0);
    while sent < 100_000 {
        connections += 1;
        let mut client = Client::greet(&server, &certificate);
        for stream in (1..20_000_u32).step_by(2) {
            let mut burst = frame(
                HEADERS,
                END_STREAM | END_HEADERS,
                stream,
                &head(2, "/guardian/enroll"),
            );
            burst.extend(frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes()));
            if client.send(&burst).is_err() {
                break;
            }
            sent += 1;
        }
    }
    assert_serves(&server, &certificate);
    let grown = memory(&server).saturating_sub(before);
    println!(
        "{sent} resets over {connections} connections: +{} MiB",
        grown / MIB
    );
    assert!(grown < 100 * MIB, "{} MiB", grown / MIB);
}

#[test]
fn a_flood_of_continuations_is_cut_off() {
    let (_place, certificate, server) = house();
    assert_serves(&server, &certificate);
    let before = memory(&server);
    for _ in 0..10 {
        let mut client = Client::greet(&server, &certificate);
        client
            .send(&frame(HEADERS, END_STREAM, 1, &head(2, "/healthz")))
            .unwrap();
        // One header of 9 KiB after the other, none the last.
        let mut block = vec![0, 1, b'x', 0x7f, 0x81, 0x46];
        block.extend([b'a'; 9088]);
        let sent = (0..4000)
            .take_while(|_| client.send(&frame(CONTINUATION, 0, 1, &block)).is_ok())
            .count();
        assert!(sent < 4000, "36 MiB of headers are taken");
    }
    assert_serves(&server, &certificate);
    let grown = memory(&server).saturating_sub(before);
    println!("10 floods of continuations: +{} MiB", grown / MIB);
    assert!(grown < 100 * MIB, "{} MiB", grown / MIB);
}

#[test]
fn headers_that_swell_are_refused() {
    let (_place, certificate, server) = house();
    let mut client = Client::greet(&server, &certificate);
    let mut block = head(2, "/healthz");
    // A header of 3 KiB is put into the table once, then named by one byte each time.
    block.extend([0x40, 1, b'x', 0x7f, 0x81, 0x16]);
    block.extend([b'a'; 2944]);
    block.extend([0x80 | 62; 2000]);
    client
        .send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &block))
        .unwrap();
    client.hear_until(|client| client.answers.contains_key(&1));
    // 431 is in no table: a literal with the name of the first `:status`.
    assert_eq!(client.answers[&1].0, 0x48, "{:?}", client.answers);
    assert_serves(&server, &certificate);
}

#[test]
fn one_connection_has_its_share_of_requests_and_no_more() {
    let (_place, certificate, server) = house();
    let mut client = Client::greet(&server, &certificate);
    let mut block = head(3, "/oauth/token");
    // content-type is 31 in the static table: 15 in the prefix and 16 behind it.
    block.extend([0x0f, 16, 16]);
    block.extend(b"application/json");
    for stream in (1..600_u32).step_by(2) {
        client
            .send(&frame(HEADERS, END_HEADERS, stream, &block))
            .unwrap();
    }
    client.hear_until(|client| client.answers.len() >= 200);
    assert_eq!(
        client.answers.len(),
        200,
        "the first hundred wait for their bodies"
    );
    assert!(client.answers.keys().all(|stream| *stream > 200));
    let started = Instant::now();
    client.hear_until(|client| client.answers.len() >= 300);
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "bodies have their deadline here too"
    );
    assert_serves(&server, &certificate);
}

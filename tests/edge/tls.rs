//! The server's own certificate: refused, served, replaced.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::certificate::{
    Certificate, Connection, PATIENCE, SETTINGS, connect, serve, swap_link, wait_until_served,
};
use crate::support::place::Place;

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// One answer of HTTP/1.1 over a connection that stays.
fn ask(connection: &mut Connection) -> String {
    connection.write_all(HEALTH.as_bytes()).unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        let mut byte = [0];
        connection.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    String::from_utf8(answer).unwrap()
}

#[test]
fn a_pair_that_cannot_be_served_is_refused_naming_its_key() {
    let good = Certificate::new();
    let place = Place::new();
    let refused = |cert: &str, key: &str, why: &str| {
        for verb in [&["serve"][..], &["config", "check"]] {
            place.write("cert.pem", cert);
            place.write("key.pem", key);
            let said = place.refused(&[verb, &SETTINGS].concat());
            assert!(said.contains(why), "{said}\nsays {why}");
            assert!(!said.contains(good.key.lines().nth(1).unwrap()), "{said}");
        }
    };
    let other = Certificate::new();
    let past = Certificate::between(2001, 2002);
    let future = Certificate::between(2101, 2102);
    let broken = good.cert.replacen("MII", "AAA", 1);
    let half = &good.cert[..good.cert.len() / 2];
    refused("", &good.key, "[http] tls_cert = ");
    refused(half, &good.key, "holds no certificate in PEM");
    refused(&broken, &good.key, "[http] tls_cert = ");
    refused(&good.key, &good.key, "holds no certificate in PEM");
    refused(&past.cert, &past.key, "expired at 2002-01-01T");
    refused(&future.cert, &future.key, "is valid from 2101-01-01T");
    refused(&good.cert, &other.key, "is not the key of the certificate");
    refused(&good.cert, &good.cert, "[http] tls_key = ");
    refused(&good.cert, "", "holds no private key in PEM");

    good.lie_in(&place);
    place.set_mode("key.pem", 0o644);
    let said = place.refused(&SETTINGS);
    assert!(
        said.contains("[http] tls_key = ") && said.contains("chmod 600"),
        "{said}"
    );
    fs::remove_file(place.path("key.pem")).unwrap();
    let said = place.refused(&SETTINGS);
    assert!(
        said.contains("[http] tls_key = ") && said.contains("can't be read"),
        "{said}"
    );
    fs::remove_file(place.path("cert.pem")).unwrap();
    let said = place.refused(&SETTINGS);
    assert!(
        said.contains("[http] tls_cert = ") && said.contains("can't be read"),
        "{said}"
    );
}

#[test]
fn a_new_certificate_is_taken_up_and_a_bad_one_is_not() {
    let (first, second, third) = (Certificate::new(), Certificate::new(), Certificate::new());
    let place = Place::new();
    first.lie_in(&place);
    let mut server = serve(&place);
    let mut old = connect(&server, &first, "http/1.1").unwrap();
    assert!(ask(&mut old).contains("max-age=63072000"));

    second.lie_in(&place);
    wait_until_served(&server, &second);
    assert!(connect(&server, &first, "http/1.1").is_err());
    assert!(
        ask(&mut old).starts_with("HTTP/1.1 200"),
        "old connections live on"
    );

    place.write("key.pem", &first.key);
    let told =
        server.wait_for("the certificate in the files is not taken; the last good one is served");
    assert!(
        told["error"]
            .as_str()
            .unwrap()
            .starts_with("[http] tls_key"),
        "{told}"
    );
    let past = Certificate::between(2001, 2002);
    past.lie_in(&place);
    let told =
        server.wait_for("the certificate in the files is not taken; the last good one is served");
    assert!(
        told["error"].as_str().unwrap().contains("expired"),
        "{told}"
    );
    connect(&server, &second, "http/1.1").unwrap();

    third.lie_in(&place);
    wait_until_served(&server, &third);
    let ran = server.signal("TERM");
    let told = ran.out.matches("is not taken").count();
    assert_eq!(told, 2, "each bad pair is told once: {}", ran.out);
    assert!(!ran.out.contains("PRIVATE KEY"), "{}", ran.out);
}

#[test]
fn a_mounted_secret_is_followed_through_its_links() {
    let (first, second) = (Certificate::new(), Certificate::new());
    let place = Place::new();
    for (folder, pair) in [("one", &first), ("two", &second)] {
        place.write(&format!("{folder}/cert.pem"), &pair.cert);
        place.write(&format!("{folder}/key.pem"), &pair.key);
    }
    swap_link(&place.path("data.now"), &place.path("one"));
    for file in ["cert.pem", "key.pem"] {
        swap_link(&place.path(file), &place.path("data.now").join(file));
    }
    let server = serve(&place);
    connect(&server, &first, "http/1.1").unwrap();
    swap_link(&place.path("data.now"), &place.path("two"));
    wait_until_served(&server, &second);
}

/// A ClientHello of TLS 1.0 or 1.1 (RFC 5246 §7.4.1.2), as an old client sends it.
fn old_hello(minor: u8) -> Vec<u8> {
    let mut hello = vec![3, minor];
    hello.extend([7; 32]);
    hello.push(0);
    let suites = [
        0xc0_u8, 0x13, 0xc0, 0x14, 0xc0, 0x09, 0xc0, 0x0a, 0, 0x2f, 0, 0x35,
    ];
    hello.extend([0, u8::try_from(suites.len()).unwrap()]);
    hello.extend(suites);
    hello.extend([1, 0]);
    let extensions = [
        0_u8, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0, 0, 13, 0, 4, 0, 2, 4, 3,
    ];
    hello.extend([0, u8::try_from(extensions.len()).unwrap()]);
    hello.extend(extensions);
    let length = u8::try_from(hello.len()).unwrap();
    let mut record = vec![22, 3, 1, 0, length + 4, 1, 0, 0, length];
    record.extend(hello);
    record
}

#[test]
fn old_versions_of_tls_and_plain_http_get_nothing() {
    let certificate = Certificate::new();
    let place = Place::new();
    certificate.lie_in(&place);
    let server = serve(&place);
    let answer = |sent: &[u8]| {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(sent).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    };
    for minor in [1, 2] {
        let alert = answer(&old_hello(minor));
        assert_eq!(alert[0], 21, "an alert: {alert:?}");
        assert_eq!(&alert[5..7], [2, 70], "fatal, protocol version");
    }
    let plain = answer(HEALTH.as_bytes());
    assert!(!plain.starts_with(b"HTTP"), "{plain:?}");
    assert!(ask(&mut connect(&server, &certificate, "http/1.1").unwrap()).contains("\"ok\""));
}

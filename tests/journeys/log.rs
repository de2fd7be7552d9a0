//! The log of the real program, under everything that strangers send: whole lines of JSON, and nothing that they forged.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::hostile;
use crate::support::program::Program;

/// Sends these bytes, and waits for the end of the answer.
fn say(address: &str, request: &[u8]) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    stream.write_all(request).unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
}

/// A request with the string in every place that a request has; as the first of them breaks it, one for each.
fn requests(text: &str) -> Vec<Vec<u8>> {
    let encoded = utf8_percent_encode(text, NON_ALPHANUMERIC);
    let mut all = vec![
        format!("GET /{encoded} HTTP/1.1\r\nHost: localhost\r\n"),
        format!(
            "GET /guardian/enroll?ticket={encoded}&lang={encoded} HTTP/1.1\r\nHost: localhost\r\n"
        ),
        format!("GET /{text} HTTP/1.1\r\nHost: localhost\r\n"),
    ];
    let plain: String = text.chars().filter(|c| !c.is_control()).collect();
    all.push(format!(
        "GET /api/v2/users/{encoded} HTTP/1.1\r\nHost: {plain}\r\nUser-Agent: {plain}\r\nReferer: {plain}\r\n\
         X-Request-Id: {plain}\r\nX-Forwarded-For: {plain}\r\nAuthorization: Bearer {plain}\r\nCookie: {plain}={plain}\r\n"
    ));
    let end = "Connection: close\r\n\r\n";
    all.into_iter()
        .map(|head| (head + end).into_bytes())
        .collect()
}

#[tokio::test]
async fn every_line_of_the_log_is_one_whole_json_object_whatever_is_sent() {
    let program = Program::start(TempDir::new().unwrap(), Vec::new(), "trace");
    let token = program.run(&["token"])["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let client = reqwest::Client::new();
    for text in hostile::strings() {
        for request in requests(&text) {
            say(&program.address, &request);
        }
        let body = json!({
            "user_id": text, "email": "x@example.com", "send_mail": true, "email_locale": text.get(..2).unwrap_or("en"),
        });
        let path = program.url("/api/v2/guardian/enrollments/ticket");
        let answer = client
            .post(path)
            .bearer_auth(&token)
            .json(&body)
            .send()
            .await
            .unwrap();
        assert!(answer.status().as_u16() < 500, "{text:?}");
    }
    for request in [
        &b"GET /\xff\xfe HTTP/1.1\r\n\r\n"[..],
        b"GET * HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\n",
        b"{\"forged\":1}\n\n",
    ] {
        say(&program.address, request);
    }
    let (output, _folder) = program.stop();
    let log = String::from_utf8(output[0].clone()).unwrap();
    assert!(log.lines().count() > 500, "{log}");
    for line in log.lines() {
        let told: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        assert!(told.is_object() && told.get("forged").is_none(), "{line}");
        assert!(
            told["timestamp"].is_string() && told["level"].is_string(),
            "{line}"
        );
        assert!(!line.chars().any(|c| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')), "{line:?}");
        assert_ne!(told["message"], "forged");
    }
    assert_eq!(
        String::from_utf8_lossy(&output[1]),
        "",
        "nothing but the log is said"
    );
}

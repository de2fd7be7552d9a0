//! Bytes on a socket, and what came back.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// One answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// The name that the application gave the request; none if the parser or a proxy answered.
    pub id: Option<String>,
    pub body: Vec<u8>,
}

/// What came back over one connection.
#[derive(Debug, Clone)]
pub struct Reply {
    pub answers: Vec<Answer>,
    /// Whether the server closed, rather than waiting for more.
    pub closed: bool,
    /// What was no answer in the end.
    pub rest: Vec<u8>,
}

/// Sends the bytes and reads until the server closes, or says nothing for `quiet`.
pub fn exchange(address: &str, bytes: &[u8], quiet: Duration) -> Reply {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(quiet)).unwrap();
    stream.set_write_timeout(Some(quiet)).unwrap();
    // A server that has refused already need not read the rest.
    let _ = stream.write_all(bytes);
    let mut told = Vec::new();
    let mut buffer = [0; 16 * 1024];
    let closed = loop {
        match stream.read(&mut buffer) {
            Ok(0) => break true,
            Ok(read) => told.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break true,
            Err(_) => break false,
        }
    };
    let (answers, rest) = answers(&told);
    Reply {
        answers,
        closed,
        rest,
    }
}

/// Reads answers one behind the other; none of them was asked by HEAD.
fn answers(mut told: &[u8]) -> (Vec<Answer>, Vec<u8>) {
    let mut found = Vec::new();
    while let Some(end) = find(told, b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&told[..end]).into_owned();
        let header = |name: &str| {
            head.lines().find_map(|line| {
                let (found, value) = line.split_once(':')?;
                found
                    .eq_ignore_ascii_case(name)
                    .then(|| value.trim().to_owned())
            })
        };
        let Some(status) = head
            .strip_prefix("HTTP/1.")
            .and_then(|head| head.get(2..5)?.parse().ok())
        else {
            break;
        };
        let body = &told[end + 4..];
        if status == 100 {
            told = body;
            continue;
        }
        let length = match header("content-length") {
            Some(length) => length.parse().unwrap(),
            None if header("transfer-encoding").is_some() => {
                find(body, b"0\r\n\r\n").map_or(body.len(), |end| end + 5)
            }
            None => 0,
        };
        let length = length.min(body.len());
        found.push(Answer {
            status,
            id: header("x-request-id"),
            body: body[..length].to_vec(),
        });
        told = &body[length..];
    }
    (found, told.to_vec())
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}

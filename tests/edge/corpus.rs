//! Requests that have split parsers from each other, in families.

use std::collections::HashSet;

use Verdict::{Broken, BrokenBody, Either, Served};

use crate::pieces::{
    BEHIND_DATA, CODINGS, ENCODED, ENDS, FORM, HOSTS, LENGTHS, METHODS, ODD, PATHS, SIZES,
    SMUGGLED, TARGETS, VERSIONS,
};

/// What must become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is no HTTP: refused, and nothing behind it is read.
    Broken,
    /// Its body is no HTTP: nothing behind it is read, whether or not the answer waited for the body.
    BrokenBody,
    /// It is answered, and so is what comes behind it.
    Served,
    /// It may be either.
    Either,
}

/// Bytes, and what must become of them.
pub struct Case {
    pub family: &'static str,
    pub bytes: Vec<u8>,
    pub verdict: Verdict,
}

/// All of it, each request once.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    lengths_and_codings(&mut cases);
    chunks(&mut cases);
    odd_bytes(&mut cases);
    targets(&mut cases);
    request_lines(&mut cases);
    sizes(&mut cases);
    sequences(&mut cases);
    let mut seen = HashSet::new();
    cases.retain(|case| seen.insert(case.bytes.clone()));
    cases
}

fn add(cases: &mut Vec<Case>, family: &'static str, verdict: Verdict, bytes: impl Into<Vec<u8>>) {
    cases.push(Case {
        family,
        bytes: bytes.into(),
        verdict,
    });
}

fn post(headers: &str, body: &str) -> String {
    format!("POST /oauth/token HTTP/1.1\r\nHost: localhost\r\n{FORM}{headers}\r\n{body}")
}

fn lengths_and_codings(cases: &mut Vec<Case>) {
    for length in LENGTHS {
        for method in [
            "POST /oauth/token",
            "GET /healthz",
            "DELETE /api/v2/users/a",
        ] {
            let head = format!("{method} HTTP/1.1\r\nHost: localhost\r\n");
            let body = format!("hello{SMUGGLED}");
            add(
                cases,
                "CL",
                Broken,
                format!("{head}Content-Length: {length}\r\n\r\n{body}"),
            );
            for good in ["5", "0"] {
                let two = format!("Content-Length: {good}\r\nContent-Length: {length}\r\n");
                add(cases, "CL.CL", Broken, format!("{head}{two}\r\n{body}"));
                let two = format!("content-length: {length}\r\nContent-Length: {good}\r\n");
                add(cases, "CL.CL", Broken, format!("{head}{two}\r\n{body}"));
            }
        }
    }
    for (first, second) in [("5", "5"), ("5", "6"), ("0", "5"), ("5", "0"), ("05", "5")] {
        let two = format!("Content-Length: {first}\r\nContent-Length: {second}\r\n");
        add(
            cases,
            "CL.CL",
            Broken,
            post(&two, &format!("hello{SMUGGLED}")),
        );
    }
    let body = format!("0\r\n\r\n{SMUGGLED}");
    for name in [
        "Transfer-Encoding",
        "transfer-encoding",
        "TRANSFER-ENCODING",
    ] {
        for length in ["0", "4", "5", "6", "70"] {
            for coding in CODINGS
                .into_iter()
                .chain(["chunked", "Chunked", "chunked ", "\tchunked"])
            {
                let two = format!("Content-Length: {length}\r\n{name}: {coding}\r\n");
                add(cases, "CL.TE", Broken, post(&two, &body));
                let two = format!("{name}: {coding}\r\nContent-Length: {length}\r\n");
                add(cases, "TE.CL", Broken, post(&two, &body));
            }
        }
        for coding in CODINGS {
            add(
                cases,
                "TE",
                Broken,
                post(&format!("{name}: {coding}\r\n"), &body),
            );
            let two = format!("{name}: chunked\r\n{name}: {coding}\r\n");
            add(cases, "TE.TE", Broken, post(&two, &body));
            let two = format!("{name}: {coding}\r\n{name}: chunked\r\n");
            add(cases, "TE.TE", Broken, post(&two, &body));
        }
        let old = format!(
            "POST /oauth/token HTTP/1.0\r\nHost: localhost\r\n{name}: chunked\r\n\r\n{body}"
        );
        add(cases, "TE in 1.0", Broken, old);
    }
    for hidden in [
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding\t: chunked\r\n",
        " Transfer-Encoding: chunked\r\n",
        "\tTransfer-Encoding: chunked\r\n",
        "A: b\r\n Transfer-Encoding: chunked\r\n",
        "A: b\rTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\n , identity\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        "Transfer-Encoding\r\n: chunked\r\n",
        "Transfer-Encoding chunked\r\n",
        ": chunked\r\n",
        "Transfer-Encoding\u{0}: chunked\r\n",
        "Transfer\u{e9}: chunked\r\n",
    ] {
        for length in ["5", "0"] {
            let headers = format!("Content-Length: {length}\r\n{hidden}");
            add(cases, "hidden TE", Broken, post(&headers, &body));
            let headers = format!("{hidden}Content-Length: {length}\r\n");
            add(cases, "hidden TE", Broken, post(&headers, &body));
        }
    }
    for other in [
        "Transfer_Encoding: chunked\r\n",
        "Transfer-Encodin: chunked\r\n",
        // A bare LF may end a header line (RFC 9112 §2.2): the parser takes it, and the framework lets nothing stand before it.
        "X: b\nTransfer-Encoding: x\r\n",
    ] {
        add(
            cases,
            "almost TE",
            Either,
            post(&format!("Content-Length: 5\r\n{other}"), &body),
        );
    }
}

fn chunks(cases: &mut Vec<Case>) {
    for (size, of_size) in SIZES {
        for (behind, of_behind) in BEHIND_DATA {
            for (end, of_end) in ENDS {
                for line in ["\r\n", "\n"] {
                    let all = [of_size, of_behind, of_end];
                    let verdict = if line == "\n" || all.contains(&BrokenBody) {
                        BrokenBody
                    } else if all.contains(&Either) {
                        Either
                    } else {
                        Served
                    };
                    let body = format!("{size}{line}hello{behind}{end}");
                    add(
                        cases,
                        "chunks",
                        verdict,
                        post("Transfer-Encoding: chunked\r\n", &body),
                    );
                }
            }
        }
    }
}

fn odd_bytes(cases: &mut Vec<Case>) {
    let request = b"GET /healthz?a=b HTTP/1.1\r\nHost: localhost\r\nX-Some: thing\r\n\r\n";
    let places = [1, 4, 9, 16, 17, 20, 25, 29, 33, 38, 44, 48, 50, 51, 55];
    for at in places {
        for odd in ODD {
            let mut bytes = request.to_vec();
            bytes.insert(at, odd);
            let verdict = if odd == 0 { Broken } else { Either };
            add(cases, "odd byte", verdict, bytes);
            let mut bytes = request.to_vec();
            bytes[at] = odd;
            add(cases, "odd byte", Either, bytes);
        }
    }
}

fn targets(cases: &mut Vec<Case>) {
    for path in PATHS {
        for encoded in ENCODED {
            let target = format!("GET {path}{encoded} HTTP/1.1\r\nHost: localhost\r\n\r\n");
            let verdict = if encoded.contains('\\') {
                Either
            } else {
                Served
            };
            add(cases, "percent", verdict, target);
        }
    }
    for (target, verdict) in TARGETS {
        for method in ["GET", "OPTIONS", "CONNECT"] {
            let verdict = if method == "CONNECT" { Either } else { verdict };
            add(
                cases,
                "target",
                verdict,
                format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            );
        }
    }
    for host in HOSTS {
        for path in ["/guardian/enroll", "/api/v2/users", "/healthz"] {
            add(
                cases,
                "host",
                Either,
                format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n"),
            );
            let two = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nHost: {host}\r\n\r\n");
            add(cases, "two hosts", Broken, two);
        }
    }
    add(cases, "no host", Broken, "GET /healthz HTTP/1.1\r\n\r\n");
}

fn request_lines(cases: &mut Vec<Case>) {
    for (method, verdict) in METHODS {
        for path in ["/healthz", "/guardian/enroll", "/api/v2/users"] {
            add(
                cases,
                "method",
                verdict,
                format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
            );
        }
    }
    for version in VERSIONS {
        add(
            cases,
            "version",
            Broken,
            format!("GET /healthz {version}\r\nHost: localhost\r\n\r\n"),
        );
    }
    for line in [
        "GET /healthz",
        "GET",
        "GET ",
        "/healthz HTTP/1.1",
        "GET  /healthz HTTP/1.1",
        "GET /healthz  HTTP/1.1",
    ] {
        add(
            cases,
            "request line",
            Broken,
            format!("{line}\r\nHost: localhost\r\n\r\n"),
        );
    }
    add(cases, "preface", Broken, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    for upgrade in ["h2c", "websocket", "TLS/1.0", "h2c, websocket"] {
        let headers = format!(
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: {upgrade}\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
        );
        add(
            cases,
            "upgrade",
            Either,
            format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"),
        );
    }
    for expect in [
        "100-continue",
        "100-Continue",
        "200-ok",
        "100-continue, 100-continue",
        "",
    ] {
        add(
            cases,
            "expect",
            Either,
            post(
                &format!("Expect: {expect}\r\nContent-Length: 5\r\n"),
                "hello",
            ),
        );
    }
}

fn sizes(cases: &mut Vec<Case>) {
    for length in [
        4000, 4096, 5000, 8192, 16384, 32768, 65536, 100_000, 131_000, 131_072, 140_000, 200_000,
    ] {
        let long = "a".repeat(length);
        let verdict = if length <= 100_000 { Served } else { Either };
        add(
            cases,
            "long target",
            Either,
            format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        );
        add(
            cases,
            "long header",
            verdict,
            format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: {long}\r\n\r\n"),
        );
        add(
            cases,
            "long name",
            Either,
            format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{long}: x\r\n\r\n"),
        );
        add(
            cases,
            "long method",
            Either,
            format!("{long} /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        );
        let body = post(
            &format!("Content-Length: {length}\r\nContent-Type: application/json\r\n"),
            &long,
        );
        add(cases, "long body", Either, body);
    }
    for count in [50, 94, 95, 96, 97, 200, 2000] {
        let headers = "X: y\r\n".repeat(count);
        let verdict = if count <= 95 { Served } else { Broken };
        add(
            cases,
            "many headers",
            verdict,
            format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"),
        );
    }
}

fn sequences(cases: &mut Vec<Case>) {
    for count in 2..40 {
        let request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(count);
        add(cases, "pipeline", Served, request);
    }
    for behind in [
        "\r\n",
        "\n",
        "x",
        "hello",
        "\u{0}",
        "HTTP/1.1 200 OK\r\n\r\n",
        " ",
        "\t",
        "}{",
        "GET",
    ] {
        for body in ["hello", ""] {
            let headers = format!("Content-Length: {}\r\n", body.len());
            add(
                cases,
                "trailing data",
                Either,
                post(&headers, &format!("{body}{behind}")),
            );
        }
    }
}

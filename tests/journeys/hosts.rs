//! Whatever name a request claims to be for, links and pages know one: that of `public_url` (M5).

use std::time::Duration;

use mail_parser::MessageParser;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::house::{House, asked};

/// A request that names another place.
struct Forged {
    /// What stands before the path in the request line: absolute-form, if anything.
    target: &'static str,
    /// Headers, `Host` among them.
    headers: &'static [&'static str],
    /// Whether a page may be shown: the name is ours, or an address of this machine.
    shows_pages: bool,
}

const fn header(line: &'static [&'static str]) -> Forged {
    Forged {
        target: "",
        headers: line,
        shows_pages: true,
    }
}

const fn stranger(headers: &'static [&'static str]) -> Forged {
    Forged {
        target: "",
        headers,
        shows_pages: false,
    }
}

const FORGED: &[Forged] = &[
    stranger(&["Host: evil.example"]),
    stranger(&["Host: evil.example:4444"]),
    stranger(&["Host: localhost.evil.example"]),
    stranger(&["Host: localhost@evil.example"]),
    stranger(&["Host: evil.example#localhost"]),
    stranger(&["Host: localhost", "Host: evil.example"]),
    stranger(&["Host: evil.example", "Host: localhost"]),
    stranger(&["Host: evil.example", "X-Forwarded-Host: localhost"]),
    stranger(&["Host:"]),
    stranger(&[]),
    Forged {
        target: "http://evil.example",
        headers: &["Host: localhost"],
        shows_pages: false,
    },
    Forged {
        target: "https://evil.example:4444",
        headers: &["Host: evil.example:4444"],
        shows_pages: false,
    },
    Forged {
        target: "http://localhost",
        headers: &["Host: evil.example"],
        shows_pages: true,
    },
    header(&["Host: localhost:4444"]),
    header(&["Host: LOCALHOST"]),
    header(&["Host: 127.0.0.1:4444"]),
    header(&["Host: localhost", "X-Forwarded-Host: evil.example"]),
    header(&[
        "Host: localhost",
        "X-Forwarded-Host: evil.example, localhost",
    ]),
    header(&["Host: localhost", "X_Forwarded_Host: evil.example"]),
    header(&[
        "Host: localhost",
        "Forwarded: for=6.6.6.6;host=evil.example;proto=https",
    ]),
    header(&[
        "Host: localhost",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Port: 4444",
    ]),
    header(&[
        "Host: localhost",
        "X-Forwarded-Scheme: https",
        "X-Scheme: https",
        "Front-End-Https: on",
    ]),
    header(&[
        "Host: localhost",
        "X-Forwarded-For: 6.6.6.6",
        "X-Real-IP: 6.6.6.6",
        "True-Client-IP: 6.6.6.6",
    ]),
    header(&["Host: localhost", "X-Forwarded-Server: evil.example"]),
    header(&["Host: localhost", "X-Forwarded-Prefix: /evil"]),
    header(&[
        "Host: localhost",
        "X-Original-Host: evil.example",
        "X-Host: evil.example",
    ]),
    header(&[
        "Host: localhost",
        "X-Original-URL: /evil",
        "X-Rewrite-URL: /evil",
    ]),
    header(&[
        "Host: localhost",
        "X-HTTP-Host-Override: evil.example",
        "X-Backend-Host: evil.example",
    ]),
    header(&[
        "Host: localhost",
        "Origin: https://evil.example",
        "Referer: https://evil.example/",
    ]),
];

/// What came back: the status, and all of it.
struct Answer {
    status: u16,
    whole: String,
}

impl Forged {
    fn name(&self) -> String {
        format!("{} {:?}", self.target, self.headers)
    }

    async fn send(
        &self,
        house: &House,
        method: &str,
        path: &str,
        more: &[String],
        body: &str,
    ) -> Answer {
        let mut request = format!("{method} {}{path} HTTP/1.1\r\n", self.target);
        for line in self
            .headers
            .iter()
            .copied()
            .chain(more.iter().map(String::as_str))
        {
            request.push_str(line);
            request.push_str("\r\n");
        }
        request.push_str(&format!(
            "Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ));
        let mut stream = TcpStream::connect(("127.0.0.1", house.port)).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let deadline = Duration::from_secs(10);
        let read = tokio::time::timeout(deadline, stream.read_to_end(&mut answer)).await;
        read.expect("the server closes").ok();
        let whole = String::from_utf8_lossy(&answer).into_owned();
        let status = whole
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        let status = status.unwrap_or_else(|| panic!("{}: {whole:?}", self.name()));
        Answer { status, whole }
    }
}

fn body_of(answer: &Answer) -> Value {
    let body = answer.whole.split_once("\r\n\r\n").unwrap().1;
    serde_json::from_str(body).unwrap_or_else(|_| panic!("{}", answer.whole))
}

fn assert_untouched(what: &str, text: &str) {
    // With a sign that no identifier and no sealed cookie can have by chance.
    for trace in ["evil.", "/evil", ":4444", "6.6.6.6", "https://localhost"] {
        assert!(!text.contains(trace), "{what}: {trace} in {text}");
    }
}

/// The links of all mails so far.
fn mailed(house: &House) -> Vec<String> {
    let mut links = Vec::new();
    for file in std::fs::read_dir(house.dir.path().join("data/mail")).unwrap() {
        let raw = std::fs::read(file.unwrap().path()).unwrap();
        let mail = MessageParser::default().parse(&raw).unwrap();
        let text = mail.body_text(0).unwrap();
        assert_untouched("a mail", &text);
        assert_untouched("a mail", &mail.body_html(0).unwrap());
        let link = text
            .split_whitespace()
            .find(|word| word.contains("?ticket="));
        links.push(link.unwrap().to_owned());
    }
    links.sort();
    links
}

#[tokio::test]
async fn no_name_in_a_request_reaches_a_link_or_a_mail() {
    let house = House::start().await;
    let token = house.admin_token().await;
    let tickets = "/api/v2/guardian/enrollments/ticket";
    let authorized = [
        format!("Authorization: Bearer {token}"),
        "Content-Type: application/json".to_owned(),
    ];
    let mut links = Vec::new();
    for (nth, forged) in FORGED.iter().enumerate() {
        let what = forged.name();
        let body = format!(
            r#"{{"user_id":"user-{nth}","email":"ada@example.com","send_mail":true,"factor":"otp"}}"#
        );
        let made = forged
            .send(&house, "POST", tickets, &authorized, &body)
            .await;
        if made.status == 400 && !made.whole.contains("statusCode") {
            continue;
        }
        assert_eq!(made.status, 200, "{what}: {}", made.whole);
        assert_untouched(&what, &made.whole);
        let made = body_of(&made);
        let id = made["ticket_id"].as_str().unwrap();
        links.push(made["ticket_url"].as_str().unwrap().to_owned());
        house.deliver().await;
        let path = format!("/api/v2/guardian/enrollments/tickets/{id}/resend");
        let again = forged.send(&house, "POST", &path, &authorized, "").await;
        assert_eq!(again.status, 200, "{what}: {}", again.whole);
        assert_untouched(&what, &again.whole);
        links.push(body_of(&again)["ticket_url"].as_str().unwrap().to_owned());
        house.deliver().await;
        for path in [
            format!("/api/v2/guardian/enrollments/tickets/{id}"),
            "/openapi.json".to_owned(),
        ] {
            let shown = forged
                .send(&house, "GET", &path, &authorized[..1], "")
                .await;
            assert_eq!(shown.status, 200, "{what}");
            assert!(!shown.whole.contains("evil"), "{what}: {}", shown.whole);
        }
    }
    assert!(links.len() >= 2 * 24, "{}", links.len());
    let ours = house.url("/guardian/enroll?ticket=gten_");
    assert!(
        links.iter().all(|link| link.starts_with(&ours)),
        "{links:?}"
    );
    links.sort();
    assert_eq!(mailed(&house), links, "the mail has the link of the answer");
    let mut read = house.app.store.begin_read().await.unwrap();
    for nth in 0..FORGED.len() {
        let user = format!("user-{nth}").parse().unwrap();
        for event in read.events_of_user(&user).await.unwrap() {
            assert!(
                matches!(event.ip.as_deref(), None | Some("127.0.0.1")),
                "{event:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_page_is_shown_under_our_own_name_and_knows_no_other() {
    let house = House::start().await;
    let issued = house.ticket(asked("auth0|ada")).await;
    let link = house.link(&issued);
    let link = link.strip_prefix(&house.url("")).unwrap();
    for forged in FORGED {
        let what = forged.name();
        let entered = forged.send(&house, "GET", link, &[], "").await;
        assert_untouched(&what, &entered.whole);
        if !forged.shows_pages {
            assert!(
                matches!(entered.status, 400 | 421),
                "{what}: {}",
                entered.whole
            );
            assert!(
                !entered.whole.to_lowercase().contains("set-cookie"),
                "{what}"
            );
            let missing = forged
                .send(&house, "GET", "/guardian/nowhere", &[], "")
                .await;
            assert!(matches!(missing.status, 400 | 421), "{what}");
            assert_untouched(&what, &missing.whole);
            continue;
        }
        assert_eq!(entered.status, 303, "{what}: {}", entered.whole);
        let head = entered.whole.to_lowercase();
        assert!(
            head.contains("\r\nlocation: /guardian/enroll\r\n"),
            "{what}"
        );
        assert!(!head.contains("domain="), "{what}");
        let cookie = entered.whole.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("set-cookie")
                .then(|| value.split(';').next())?
        });
        let cookie = [format!("Cookie: {}", cookie.unwrap())];
        let page = forged
            .send(&house, "GET", "/guardian/enroll/otp", &cookie, "")
            .await;
        assert_eq!(page.status, 200, "{what}: {}", page.whole);
        assert_untouched(&what, &page.whole);
    }
}

//! Hostile strings in every field, parameter and cookie of the pages: the page stays the page that it is.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use actix_web::http::Method;
use actix_web::http::header::HeaderValue;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use scraper::{Html, Selector};
use tessera::core::{Actor, urls};
use tessera::factors::Switches;
use tessera::tickets::CreateTicket;
use url::Url;

use crate::support::app::{Answer, TestApp};
use crate::support::hostile;
use crate::support::house::asked;

const COOKIE: &str = "__Host-tessera_attempt";

/// An attempt in this process: its cookie, and what its forms carry.
struct Session {
    app: TestApp,
    link: String,
    cookie: String,
    fields: BTreeMap<String, String>,
    count: Cell<u32>,
}

impl Session {
    async fn open() -> Self {
        let app = TestApp::start().await;
        let create =
            CreateTicket::parse(&asked("auth0|ada"), &app.app.policy, &Switches::default());
        let (row, issued) = create.unwrap().issue(
            &Actor::command_line(),
            &app.app.sealer,
            app.app.now(),
            app.app.rng(),
        );
        app.app.gatherer.create(row).await.unwrap();
        let link = format!(
            "{}?ticket={}.{}",
            urls::ENROLL,
            issued.ticket_id,
            issued.secret.expose()
        );
        let entered = app
            .get(&link)
            .header("host", "mfa.example.com")
            .send()
            .await
            .expect(303);
        let cookie = entered
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let page = app
            .get(urls::OTP)
            .header("host", "mfa.example.com")
            .header("cookie", &cookie);
        let page = page.send().await.expect(200);
        let html = Html::parse_document(page.text());
        let inputs = Selector::parse("form input[type=hidden]").unwrap();
        let fields = html.select(&inputs).map(|input| {
            let text = |name| input.attr(name).unwrap().to_owned();
            (text("name"), text("value"))
        });
        Self {
            link,
            cookie,
            fields: fields.collect(),
            count: Cell::new(0),
            app,
        }
    }

    /// Posts the page's own form with one field changed or added.
    async fn post(&self, path: &str, field: &str, text: &str) -> Answer {
        let mut fields = self.fields.clone();
        fields.insert(field.to_owned(), text.to_owned());
        let pairs: Vec<(&str, &str)> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let request = self
            .app
            .request(Method::POST, path)
            .header("host", "mfa.example.com");
        request
            .header("cookie", &self.cookie)
            .form(&pairs)
            .send()
            .await
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        // From everywhere: who guesses links from one address is soon turned away.
        self.count.set(self.count.get() + 1);
        let peer = Ipv4Addr::from(0x0a00_0000 + self.count.get()).to_string();
        let request = self
            .app
            .get(path)
            .from(&peer)
            .header("host", "mfa.example.com");
        let cookie = HeaderValue::from_bytes(cookie.as_bytes()).unwrap();
        request.header_bytes("cookie", cookie).send().await
    }
}

/// Which page it is, and of how many elements: the same words on top, the same page below.
#[derive(Default)]
struct Seen(BTreeMap<(String, u16, String), usize>);

impl Seen {
    fn note(&mut self, what: &str, text: &str, answer: &Answer) {
        let status = answer.status.as_u16();
        assert!(status < 500, "{what}: {text:?}: {}", answer.text());
        for (name, value) in &answer.headers {
            let value = value.to_str().unwrap();
            assert!(!value.contains("evil.example"), "{what}: {name}: {value}");
        }
        if answer.status.is_redirection() {
            assert!(
                answer.header("location").starts_with("/guardian/enroll"),
                "{what}"
            );
            return;
        }
        let html = answer.text();
        let page = Html::parse_document(html);
        let title = page.select(&Selector::parse("h1").unwrap()).next();
        let title: String = title
            .unwrap_or_else(|| panic!("{what}: {text:?}: {html}"))
            .text()
            .collect();
        // Errors are told in the words of the page, not in those that were sent.
        for telling in ["evil", "alert(1)", "7*7", "__tera", "etc/passwd"] {
            assert!(!html.contains(telling), "{what}: {telling} in {html}");
        }
        let links = Selector::parse("[href], [action], [src]").unwrap();
        for element in page.select(&links) {
            for name in ["href", "action", "src"] {
                let Some(target) = element.attr(name) else {
                    continue;
                };
                let at = Url::parse("https://mfa.example.com").unwrap();
                let leads = at.join(target).unwrap();
                // Ours, or one of the site.
                let known = ["mfa.example.com", "help.example.com", "example.com"];
                let host = leads.host_str().filter(|_| leads.scheme() != "otpauth");
                assert!(
                    host.is_none_or(|host| known.contains(&host)),
                    "{what}: {target}"
                );
            }
        }
        let errors = page
            .select(&Selector::parse(".error, [role=alert] li").unwrap())
            .count();
        let place = (format!("{what}/{errors}"), status, title);
        let count = hostile::skeleton(html);
        assert_eq!(
            *self.0.entry(place).or_insert(count),
            count,
            "{what}: {text:?}: {html}"
        );
    }
}

#[actix_web::test]
async fn what_is_typed_into_a_form_changes_no_page() {
    let session = Session::open().await;
    let mut seen = Seen::default();
    let pages = [urls::ENROLL, urls::OTP, urls::RECOVERY_CODE];
    let names = ["code", "csrf", "attempt", "factor", "saved", "unknown"];
    let step = hostile::one_in(3);
    for (nth, text) in hostile::strings().iter().enumerate() {
        let places = pages
            .iter()
            .flat_map(|path| names.map(|field| (path, field)));
        // Each string in another third of the fields, and all fields with a third of the strings.
        for (path, field) in places.skip(nth % step).step_by(step) {
            let answer = session.post(path, field, text).await;
            seen.note(&format!("{path} {field}"), text, &answer);
            let spoilt = matches!(field, "csrf" | "attempt") && !text.is_empty();
            assert!(
                !spoilt || matches!(answer.status.as_u16(), 403 | 409),
                "{path} {field}: {text:?}"
            );
        }
        let path = pages[nth % pages.len()];
        let answer = session.post(path, text, "x").await;
        seen.note(&format!("{path} *"), text, &answer);
    }
    // Nothing of it spent the ticket.
    let page = session.get(urls::OTP, &session.cookie).await;
    assert_eq!(page.status, 200, "{}", page.text());
}

#[actix_web::test]
async fn what_stands_in_an_address_or_a_cookie_changes_no_page() {
    let session = Session::open().await;
    let mut seen = Seen::default();
    let ours = session.cookie.clone();
    for (nth, text) in hostile::strings().into_iter().enumerate() {
        let encoded = utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string();
        let targets = [
            ("ticket", format!("{}?ticket={encoded}", urls::ENROLL)),
            (
                "more behind the ticket",
                format!("{}{encoded}", session.link),
            ),
            (
                "another ticket",
                format!("{}&ticket={encoded}", session.link),
            ),
            (
                "a parameter beside the ticket",
                format!("{}&x={encoded}", session.link),
            ),
            ("language", format!("{}?lang={encoded}", urls::OTP)),
            (
                "two languages",
                format!("{}?lang=en&lang={encoded}", urls::OTP),
            ),
            ("a parameter", format!("{}?{encoded}={encoded}", urls::DONE)),
            ("a path", format!("/guardian/enroll/{encoded}")),
            ("another path", format!("/{encoded}")),
            ("a path that is a host", format!("//evil.example/{encoded}")),
            (
                "a path that is nearly a host",
                format!("/%5cevil.example/{encoded}"),
            ),
            ("a file", format!("/static/{encoded}")),
        ];
        for (what, target) in targets {
            let answer = session.get(&target, &ours).await;
            if what == "a file" {
                assert!(
                    matches!(answer.status.as_u16(), 400 | 404),
                    "{target}: {}",
                    answer.status
                );
            } else {
                seen.note(what, &text, &answer);
            }
        }
        // In a cookie as it stands, where a header can hold it, and encoded.
        if nth % hostile::one_in(3) != 0 {
            continue;
        }
        for value in [text.as_str(), encoded.as_str()] {
            if value
                .bytes()
                .any(|byte| byte < 0x20 && byte != b'\t' || byte == 0x7f)
            {
                continue;
            }
            for cookie in [
                format!("{COOKIE}={value}"),
                format!("{COOKIE}={value}; {ours}"),
                format!("{ours}{value}"),
                format!("{ours}; __Host-tessera_language={value}"),
                format!("{value}; {ours}"),
                value.to_owned(),
            ] {
                let answer = session.get(urls::OTP, &cookie).await;
                seen.note("a cookie", &text, &answer);
            }
        }
    }
}

//! Links and codes that are guessed: on two instances together no more is tried than on one.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use scraper::{Html, Selector};
use serde_json::json;
use tessera::access::scopes;
use tessera::core::{OsRng, TicketId, TicketSecret};

use crate::races::times;
use crate::support::app::{Answer, Database, TestApp};

const CREATE: &str = "/api/v2/guardian/enrollments/ticket";
const OTP: &str = "/guardian/enroll/otp";

async fn pair(database: Database) -> [TestApp; 2] {
    let first = TestApp::on(database).await;
    let second = first.another().await;
    [first, second]
}

/// The path of a new link for this user.
async fn link(app: &TestApp, user_id: &str) -> String {
    let token = app.token_for(&[scopes::CREATE_TICKETS]).await;
    let body = json!({ "user_id": user_id, "email": "ada@example.com", "factor": "otp" });
    let made = app.post(CREATE).bearer(&token).json(&body).send().await;
    let url = made.expect(200).json()["ticket_url"]
        .as_str()
        .unwrap()
        .to_owned();
    url.replace("https://mfa.example.com", "")
}

async fn get(app: &TestApp, path: &str, peer: &str) -> Answer {
    let asking = app.get(path).from(peer);
    asking.header("host", "mfa.example.com").send().await
}

#[actix_web::test]
async fn a_thousand_bad_links_from_one_address_are_thirty_tries() {
    for database in Database::each().await {
        let instances = pair(database).await;
        let good = link(&instances[0], "auth0|ada").await;
        let (id, _) = good
            .split_once("?ticket=")
            .unwrap()
            .1
            .split_once('.')
            .unwrap();
        let bad = |index: usize| {
            let unknown = TicketId::new(tessera::core::Clock::now(&instances[0].clock), &OsRng);
            let id = if index % 4 < 2 { id } else { unknown.as_str() };
            let secret = TicketSecret::new(&OsRng);
            format!("/guardian/enroll?ticket={id}.{}", secret.expose())
        };
        let links: Vec<String> = (0..1000).map(bad).collect();
        let (mut tried, mut late) = (0, 0);
        for (round, some) in links.chunks(50).enumerate() {
            let answers = some.iter().enumerate().map(|(index, link)| {
                let instance = &instances[index % 2];
                async move {
                    let mut repeats = 0;
                    loop {
                        let answer = get(instance, link, "198.51.100.66").await;
                        if answer.status.as_u16() != 503 {
                            return (answer, repeats);
                        }
                        repeats += 1;
                    }
                }
            });
            for (answer, repeats) in join_all(answers).await {
                // Not in time on a busy machine: perhaps it was a try, perhaps not.
                late += repeats;
                match answer.status.as_u16() {
                    404 => tried += 1,
                    429 => assert_eq!(answer.header("retry-after"), "600"),
                    other => panic!("{other} in round {round}"),
                }
            }
        }
        assert!(tried <= 30 && tried + late >= 30, "{tried} and {late}");
        for instance in &instances {
            // Not even a good one is looked at.
            get(instance, &good, "198.51.100.66").await.expect(429);
            get(instance, &good, "198.51.100.67").await.expect(303);
            // What is no link at all needs no lookup, and counts for nothing.
            for _ in 0..40 {
                get(
                    instance,
                    "/guardian/enroll?ticket=gten_1.2",
                    "198.51.100.68",
                )
                .await
                .expect(404);
            }
            get(instance, &good, "198.51.100.68").await.expect(303);
            instance.clock.advance(Duration::from_secs(5 * 60));
        }
        get(&instances[1], &good, "198.51.100.66").await.expect(303);
    }
}

/// A browser that opened a link: its cookie, and the form of the page.
struct Tab {
    cookie: String,
    fields: Vec<(String, String)>,
}

impl Tab {
    async fn open(app: &TestApp, link: &str) -> Self {
        let opened = get(app, link, "192.0.2.1").await.expect(303);
        let cookie = opened
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let asking = app.get(OTP).header("cookie", &cookie);
        let page = asking
            .header("host", "mfa.example.com")
            .send()
            .await
            .expect(200);
        let html = Html::parse_document(page.text());
        let inputs = Selector::parse("form input[type=hidden]").unwrap();
        let field = |name: &str, input: &scraper::ElementRef<'_>| {
            input.attr(name).unwrap_or_default().to_owned()
        };
        let fields = html
            .select(&inputs)
            .map(|input| (field("name", &input), field("value", &input)));
        Self {
            cookie,
            fields: fields.collect(),
        }
    }

    async fn guess(&self, app: &TestApp, code: &str, peer: &str) -> u16 {
        let fields = self
            .fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let mut form: Vec<(&str, &str)> = fields.collect();
        form.push(("code", code));
        let asking = app.post(OTP).from(peer).header("cookie", &self.cookie);
        let asking = asking.header("host", "mfa.example.com").form(&form);
        asking.send().await.status.as_u16()
    }

    /// The same fields, sent as something else.
    async fn guess_as(&self, app: &TestApp, kind: &str, code: &str) -> u16 {
        let mut body = json!({ "code": code });
        for (name, value) in &self.fields {
            body[name] = json!(value);
        }
        let asking = app.post(OTP).header("cookie", &self.cookie);
        let asking = asking.header("host", "mfa.example.com");
        asking
            .body(kind, body.to_string())
            .send()
            .await
            .status
            .as_u16()
    }
}

/// How many codes were looked at.
async fn looked_at(app: &TestApp, user_id: &str) -> usize {
    let mut read = app.app.store.begin_read().await.unwrap();
    let events = read
        .events_of_user(&user_id.parse().unwrap())
        .await
        .unwrap();
    events
        .iter()
        .filter(|event| event.kind == "enrollment.failed")
        .count()
}

/// The same, when it is so many, or after a while: a look that began goes on when nobody waits for it any more.
async fn until_looked_at(app: &TestApp, user_id: &str, count: usize) -> usize {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let so_far = looked_at(app, user_id).await;
        if so_far >= count || Instant::now() > deadline {
            return so_far;
        }
        actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    }
}

#[actix_web::test]
async fn of_five_hundred_codes_at_once_five_are_looked_at() {
    for database in Database::each().await {
        let instances = pair(database).await;
        let link = link(&instances[0], "auth0|ada").await;
        // Browsers that dropped their cookie and opened the link again, each with a key of its own.
        let tabs = join_all((0..10).map(|index| Tab::open(&instances[index % 2], &link))).await;
        let cookies: BTreeSet<&str> = tabs.iter().map(|tab| tab.cookie.as_str()).collect();
        assert_eq!(cookies.len(), 10);
        for kind in [
            "application/json",
            "text/plain",
            "multipart/form-data; boundary=x",
        ] {
            assert_eq!(
                tabs[0].guess_as(&instances[0], kind, "000000").await,
                415,
                "{kind}"
            );
        }
        assert_eq!(looked_at(&instances[0], "auth0|ada").await, 0);
        let codes: Vec<String> = (0..500).map(|code| format!("{:06}", code * 1999)).collect();
        let (mut told, mut late, mut at_once) = (0, 0, codes.len());
        loop {
            let guesses = codes.iter().enumerate().map(|(index, code)| {
                let peer = format!("192.0.2.{}", index % 200);
                let (tab, instance) = (&tabs[index % 10], &instances[index / 10 % 2]);
                async move { tab.guess(instance, code, &peer).await }
            });
            let guesses = stream::iter(guesses).buffer_unordered(at_once);
            let answers: Vec<u16> = guesses.collect().await;
            let known = |status: &u16| [422, 429, 503].contains(status);
            assert!(answers.iter().all(known), "{answers:?}");
            let count = |wanted| answers.iter().filter(|status| **status == wanted).count();
            told += count(422);
            late += count(503);
            if count(429) > 0 {
                break;
            }
            // Who waits too long for the ticket's turn is told to come back: too many at once for a busy machine.
            at_once = (at_once / 2).max(1);
        }
        // A look that began is counted, also when nobody waits for it any more.
        assert!(told <= 5 && told + late >= 5, "{told} and {late}");
        assert_eq!(until_looked_at(&instances[1], "auth0|ada", 5).await, 5);

        // A new browser, another instance: the count goes on. After the wait there is one try, not five.
        let fresh = Tab::open(&instances[1], &link).await;
        assert_eq!(
            fresh.guess(&instances[1], "000000", "192.0.2.250").await,
            429
        );
        instances[0].clock.advance(Duration::from_secs(30));
        assert_eq!(
            fresh.guess(&instances[1], "000000", "192.0.2.250").await,
            422
        );
        assert_eq!(
            tabs[0].guess(&instances[0], "000000", "192.0.2.251").await,
            429
        );
        assert_eq!(looked_at(&instances[0], "auth0|ada").await, 6);
    }
}

/// How many guess at a time, and how often each of them before they wait as long as they are told to: 10,000 guesses in the
/// long mode.
pub const GUESSERS: usize = 50;
/// After so many waits everybody has been told to stop.
pub const WAVES: usize = 20;

/// The guesses of one wave.
pub fn a_wave() -> usize {
    times(10, 500)
}

/// Whether all servers are started anew before this wave.
pub fn is_restarted(wave: usize) -> bool {
    wave > 0 && wave.is_multiple_of(times(7, 1))
}

/// The longest wait that anybody is told.
pub const WAIT: Duration = Duration::from_secs(15 * 60);

/// O5, for a ticket. The long mode's 10,000 guesses, with both servers started anew 19 times, were 20 tries on either
/// database; and so they were for an account (`verify.rs`).
#[actix_web::test]
async fn guesses_for_hours_are_twenty_tries_of_a_ticket_whatever_is_restarted() {
    for database in Database::each().await {
        let mut instances = pair(database).await;
        let link = link(&instances[0], "auth0|ada").await;
        for wave in 0..WAVES {
            if is_restarted(wave) {
                instances = [instances[0].another().await, instances[0].another().await];
            }
            let tabs = [0, 1].map(|index| Tab::open(&instances[index], &link));
            let tabs = join_all(tabs).await;
            let mut answers: Vec<u16> = Vec::new();
            // On a busy machine a wave may not be answered in time, and is sent again.
            while !answers.contains(&429) {
                let guesses = (0..a_wave()).map(|guess| {
                    let peer = format!("192.0.2.{}", guess % GUESSERS);
                    let (tab, instance) = (&tabs[guess % 2], &instances[guess / 2 % 2]);
                    async move {
                        let code = format!("{:06}", (wave * 500 + guess) * 99);
                        tab.guess(instance, &code, &peer).await
                    }
                });
                let guesses = stream::iter(guesses).buffer_unordered(GUESSERS);
                answers = guesses.collect().await;
            }
            let known = |status: &u16| [422, 429, 503].contains(status);
            assert!(answers.iter().all(known), "{answers:?}");
            let most = (5 + wave).min(20);
            let tried = until_looked_at(&instances[1], "auth0|ada", most).await;
            assert_eq!(tried, most, "after {wave} waits");
            instances[0].clock.advance(WAIT);
        }
    }
}

//! All at once on one person: codes, a revocation, a deletion, a new ticket and the end of a ticket's time. Whatever the
//! order of the answers, there is an order of the deeds, one after the other, that explains all of them.

use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use tessera::core::{Clock as _, OsRng, Rng as _, TicketId};
use tessera::tickets::{Asked, Issued};

use crate::support::house::{House, asked};
use crate::support::visitor::Visitor;

const SHORT: i64 = 600;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    /// A code for the short-lived ticket, from one browser.
    Code,
    /// The same from another browser, which has another key.
    Rival,
    /// A code for the person's other ticket.
    Other,
    Revoke,
    DeleteUser,
    NewTicket,
    /// The short-lived ticket ends, and a sweep deletes it.
    Expire,
}

const DEEDS: [Deed; 7] = [
    Deed::Code,
    Deed::Rival,
    Deed::Other,
    Deed::Revoke,
    Deed::DeleteUser,
    Deed::NewTicket,
    Deed::Expire,
];

/// What can be seen when all is over: who was told of an enrollment, and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    told: Vec<Deed>,
    factors: usize,
    user: bool,
    short: Option<&'static str>,
    other: Option<&'static str>,
    new: Option<&'static str>,
}

/// What one after the other comes to.
#[derive(Clone)]
struct Model {
    seen: Seen,
    expired: bool,
}

impl Model {
    fn begin() -> Self {
        Self {
            seen: Seen {
                told: Vec::new(),
                factors: 0,
                user: true,
                short: Some("open"),
                other: Some("open"),
                new: None,
            },
            expired: false,
        }
    }

    fn then(&self, deed: Deed) -> Self {
        let mut next = self.clone();
        let seen = &mut next.seen;
        match deed {
            // Ten minutes later each code of before is an old one.
            Deed::Code | Deed::Rival | Deed::Other if self.expired || seen.factors > 0 => {}
            Deed::Code | Deed::Rival if seen.short == Some("open") => {
                seen.enroll(deed);
                seen.short = Some("used");
            }
            Deed::Other if seen.other == Some("open") => {
                seen.enroll(deed);
                seen.other = Some("used");
            }
            Deed::Code | Deed::Rival | Deed::Other => {}
            Deed::Revoke => {
                if seen.short == Some("open") {
                    seen.short = Some("revoked");
                }
            }
            Deed::DeleteUser => {
                (seen.user, seen.factors) = (false, 0);
                (seen.short, seen.other, seen.new) = (None, None, None);
            }
            Deed::NewTicket => {
                seen.user = true;
                seen.new = Some("open");
            }
            Deed::Expire => {
                seen.short = None;
                next.expired = true;
            }
        }
        next
    }

    /// Whether some order of `deeds` ends in what was seen.
    fn explains(&self, deeds: &[Deed], seen: &Seen) -> bool {
        if deeds.is_empty() {
            return self.seen == *seen;
        }
        deeds.iter().enumerate().any(|(at, deed)| {
            let mut rest = deeds.to_vec();
            rest.remove(at);
            self.then(*deed).explains(&rest, seen)
        })
    }
}

impl Seen {
    fn enroll(&mut self, deed: Deed) {
        self.told.push(deed);
        self.factors += 1;
        for ticket in [&mut self.short, &mut self.other, &mut self.new] {
            if *ticket == Some("open") {
                *ticket = Some("closed");
            }
        }
    }
}

/// A person with two tickets, and browsers with their pages open.
struct Scene<'a> {
    house: &'a House,
    token: &'a str,
    user: String,
    short: Issued,
    other: Issued,
}

/// What became of a deed: whether its doer was told of an enrollment, and the ticket that it made.
#[derive(Default)]
struct Done {
    enrolled: bool,
    made: Option<TicketId>,
}

impl Scene<'_> {
    async fn delete(&self, path: String) -> Done {
        let request = reqwest::Client::new().delete(self.house.url(&path));
        let answer = request.bearer_auth(self.token).send().await.unwrap();
        assert!(matches!(answer.status().as_u16(), 204 | 404), "{answer:?}");
        Done::default()
    }

    /// Types the code that was right when all began.
    async fn code(&self, mut browser: Visitor, code: String) -> Done {
        browser.submit("form", &[("code", &code)]).await;
        assert!(!browser.status.is_server_error(), "{}", browser.html);
        let enrolled = browser.url.path() == "/guardian/enroll/recovery-code";
        Done {
            enrolled,
            made: None,
        }
    }

    /// All that a deed needs is there before any of them begins.
    async fn prepare(&self, deed: Deed) -> BoxFuture<'_, Done> {
        let ticket = match deed {
            Deed::Code | Deed::Rival => &self.short,
            _ => &self.other,
        };
        match deed {
            Deed::Code | Deed::Rival | Deed::Other => {
                let browser = Visitor::at(&self.house.link(ticket)).await;
                let code = browser.code(self.house);
                self.code(browser, code).boxed()
            }
            Deed::Revoke => {
                let id = &self.short.ticket_id;
                self.delete(format!("/api/v2/guardian/enrollments/tickets/{id}"))
                    .boxed()
            }
            Deed::DeleteUser => self.delete(format!("/api/v2/users/{}", self.user)).boxed(),
            Deed::NewTicket => async {
                let issued = self.house.ticket(asked(&self.user)).await;
                Done {
                    enrolled: false,
                    made: Some(issued.ticket_id),
                }
            }
            .boxed(),
            Deed::Expire => async {
                let length = Duration::from_secs(SHORT.unsigned_abs());
                self.house.clock.advance(length + Duration::from_secs(1));
                let (store, now) = (&self.house.app.store, self.house.clock.now());
                store.sweep(now, Duration::ZERO).await.unwrap();
                Done::default()
            }
            .boxed(),
        }
    }

    async fn state(&self, id: &TicketId) -> Option<&'static str> {
        let mut read = self.house.app.store.begin_read().await.unwrap();
        let ticket = read.ticket(id).await.unwrap();
        ticket.map(|ticket| ticket.state.as_str())
    }

    async fn seen(&self, told: Vec<Deed>, made: Option<&TicketId>) -> Seen {
        let mut read = self.house.app.store.begin_read().await.unwrap();
        let user = read.user(&self.user.parse().unwrap()).await.unwrap();
        drop(read);
        Seen {
            told,
            factors: self.house.enrollments(&self.user).await,
            user: user.is_some(),
            short: self.state(&self.short.ticket_id).await,
            other: self.state(&self.other.ticket_id).await,
            new: match made {
                Some(id) => self.state(id).await,
                None => None,
            },
        }
    }
}

fn chance(of: usize) -> usize {
    let mut byte = [0];
    OsRng.fill(&mut byte);
    usize::from(byte[0]) % of
}

/// Some of them, shuffled.
fn some_deeds() -> Vec<Deed> {
    let mut left = DEEDS.to_vec();
    let mut deeds = Vec::new();
    while !left.is_empty() {
        let deed = left.remove(chance(left.len()));
        // The end of a ticket's time makes old codes of all: it is rare, so that the others are tried too.
        let leave_out = if deed == Deed::Expire { 3 } else { 2 };
        if matches!(deed, Deed::Code | Deed::Rival | Deed::Other) || chance(4) >= leave_out {
            deeds.push(deed);
        }
    }
    deeds
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_order_explains_whatever_comes_at_once() {
    let rounds = super::races::times(12, 400);
    for house in House::start_on_each().await {
        let (mut token, mut wins) = (String::new(), 0);
        for round in 0..rounds {
            // Time passes in some rounds, and a token lives for a day.
            if round.is_multiple_of(50) {
                token = house.admin_token().await;
            }
            let user = format!("person-{round}");
            let short = Asked {
                ttl_sec: Some(SHORT),
                ..asked(&user)
            };
            let (short, other) = (house.ticket(short).await, house.ticket(asked(&user)).await);
            let scene = Scene {
                house: &house,
                token: &token,
                user,
                short,
                other,
            };
            let deeds = some_deeds();
            let ready = join_all(deeds.iter().map(|deed| scene.prepare(*deed))).await;
            let done = join_all(ready).await;
            let each = || deeds.iter().zip(&done);
            let told: Vec<Deed> = each()
                .filter(|(_, done)| done.enrolled)
                .map(|(deed, _)| *deed)
                .collect();
            wins += told.len();
            let made = done.iter().find_map(|done| done.made.as_ref());
            let seen = scene.seen(told, made).await;
            assert!(
                Model::begin().explains(&deeds, &seen),
                "no order of {deeds:?} explains {seen:?}"
            );
        }
        eprintln!("{rounds} rounds explained, {wins} enrollments");
        assert!(wins > rounds / 4);
    }
}

//! What a link does, and what it refuses to do.

use std::time::Duration;

use reqwest::header::{LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use tessera::core::Actor;
use tessera::tickets::{Asked, manage};

use crate::support::house::{House, asked};
use crate::support::visitor::Visitor;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[tokio::test]
async fn scanners_and_previewers_spend_nothing() {
    let house = House::start().await;
    let issued = house.ticket(asked("ada")).await;
    let link = house.link(&issued);
    let row = async || {
        format!(
            "{:?}",
            house
                .app
                .store
                .begin_read()
                .await
                .unwrap()
                .ticket(&issued.ticket_id)
                .await
                .unwrap()
        )
    };
    let before = row().await;
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .build()
        .unwrap();
    for n in 0..50 {
        let agent = ["Mozilla/5.0", "SafeLinks", "facebookexternalhit/1.1", ""][n % 4];
        let got = client
            .get(&link)
            .header("user-agent", agent)
            .send()
            .await
            .unwrap();
        let head = client
            .head(&link)
            .header("user-agent", agent)
            .send()
            .await
            .unwrap();
        assert_eq!((got.status().as_u16(), head.status().as_u16()), (303, 303));
        let mut crawler = Visitor::at(&link).await;
        crawler.submit("form", &[]).await;
        assert_eq!(crawler.status, 422);
    }
    assert_eq!(
        client
            .request(reqwest::Method::OPTIONS, &link)
            .send()
            .await
            .unwrap()
            .status(),
        405
    );
    assert_eq!(
        row().await,
        before,
        "fifty scanners later the ticket's row is the same"
    );
    let mut ada = Visitor::at(&link).await;
    ada.confirm(&house).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/recovery-code");
    let opened = house
        .events_of("ada")
        .await
        .iter()
        .filter(|kind| *kind == "ticket.opened")
        .count();
    assert_eq!(opened, 1, "the first opening alone is told");
}

#[tokio::test]
async fn the_secret_leaves_the_address_and_no_referrer_tells_it() {
    let house = House::start().await;
    let link = house.link_for("ada").await;
    let client = reqwest::Client::builder()
        .redirect(Policy::none())
        .build()
        .unwrap();
    let answer = client.get(&link).send().await.unwrap();
    assert_eq!(answer.headers()[LOCATION], "/guardian/enroll");
    assert_eq!(answer.headers()["referrer-policy"], "no-referrer");
    let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(
        !cookie.contains("Secure"),
        "Safari drops Secure cookies on http, loopback or not"
    );
    assert!(cookie.len() < 4096);
    let secret = link.rsplit_once('.').unwrap().1;
    assert!(!cookie.contains(secret));
    let page = Visitor::at(&link).await;
    assert_eq!(page.headers["referrer-policy"], "same-origin");
    assert!(!page.html.contains(secret), "no page prints the secret");
}

#[tokio::test]
async fn without_the_right_secret_all_tickets_look_the_same() {
    let house = House::start().await;
    let ticket = async |user: &str| house.ticket(asked(user)).await;
    let (open, used, revoked) = (
        ticket("open").await,
        ticket("used").await,
        ticket("revoked").await,
    );
    Visitor::at(&house.link(&used)).await.confirm(&house).await;
    manage::revoke(
        &house.app.store,
        &revoked.ticket_id,
        &Actor::command_line(),
        house.app.now(),
        house.app.rng(),
    )
    .await
    .unwrap();
    let wrong = "a".repeat(32);
    let links = [
        format!("{}.{wrong}", open.ticket_id),
        format!("{}.{wrong}", used.ticket_id),
        format!("{}.{wrong}", revoked.ticket_id),
        format!("gten_{}.{wrong}", "0".repeat(32)),
        open.ticket_id.to_string(),
        String::new(),
        "%00".to_owned(),
        format!("{}.{}%20", open.ticket_id, open.secret.expose()),
        format!("{}.{}%0a", open.ticket_id, open.secret.expose()),
        format!("{}.{}.", open.ticket_id, open.secret.expose()),
        format!("{}.{}", open.ticket_id, open.secret.expose().to_uppercase()),
        format!("{}.{}&ticket=x", open.ticket_id, open.secret.expose()),
    ];
    let mut pages = Vec::new();
    for link in links {
        let page = Visitor::at(&house.url(&format!("/guardian/enroll?ticket={link}"))).await;
        assert_eq!(page.status, 404, "{link}");
        let reference = page.text(".reference span");
        pages.push(page.html.replace(&reference, "…"));
    }
    assert!(
        pages.iter().all(|page| *page == pages[0]),
        "identical but for the reference"
    );
    assert_eq!(Visitor::at(&house.link(&open)).await.status, 200);
}

#[tokio::test]
async fn a_link_works_until_the_second_it_expires_and_so_do_its_pages() {
    let house = House::start().await;
    let link = house.link_for("ada").await;
    house.clock.advance(5 * DAY - MINUTE);
    let mut ada = Visitor::at(&link).await;
    assert_eq!(ada.status, 200);
    house.clock.advance(MINUTE);
    ada.confirm(&house).await;
    assert_eq!(ada.status, 410);
    assert_eq!(ada.text("h1"), "This link has expired");
    assert_eq!(Visitor::at(&link).await.status, 410);
    for _ in 0..2 {
        let store = &house.app.store;
        store.sweep(house.app.now(), 90 * DAY).await.unwrap();
    }
    let events = house.events_of("ada").await;
    let told = events.iter().filter(|kind| *kind == "ticket.expired");
    assert_eq!(told.count(), 1);
    house
        .app
        .store
        .sweep(house.app.now() + 80 * DAY, 90 * DAY)
        .await
        .unwrap();
    assert_eq!(
        Visitor::at(&link).await.text("h1"),
        "This link has expired",
        "a late visitor reads why"
    );
    house
        .app
        .store
        .sweep(house.app.now() + 91 * DAY, 90 * DAY)
        .await
        .unwrap();
    assert_eq!(Visitor::at(&link).await.text("h1"), "This link isn’t valid");
}

#[tokio::test]
async fn revoking_and_resending_take_effect_at_once_also_for_open_pages() {
    let house = House::start().await;
    let (app, actor) = (&house.app, Actor::command_line());

    let revoked = house.ticket(asked("revoked")).await;
    let mut open_page = Visitor::at(&house.link(&revoked)).await;
    manage::revoke(&app.store, &revoked.ticket_id, &actor, app.now(), app.rng())
        .await
        .unwrap();
    open_page.confirm(&house).await;
    assert_eq!(
        (open_page.status.as_u16(), open_page.text("h1").as_str()),
        (410, "This link was withdrawn")
    );

    let first = house.ticket(asked("resent")).await;
    let mut open_page = Visitor::at(&house.link(&first)).await;
    let second = manage::resend(
        &app.store,
        &first.ticket_id,
        app.policy.limits,
        &actor,
        &app.sealer,
        app.now(),
        app.rng(),
    )
    .await
    .unwrap();
    assert_eq!(
        (second.ticket_id.clone(), second.expires_at),
        (first.ticket_id.clone(), first.expires_at)
    );
    open_page.confirm(&house).await;
    assert_eq!(
        (open_page.status.as_u16(), open_page.text("h1").as_str()),
        (410, "There is a newer mail")
    );
    assert_eq!(
        Visitor::at(&house.link(&first)).await.text("h1"),
        "There is a newer mail"
    );
    let mut ada = Visitor::at(&house.link(&second)).await;
    ada.confirm(&house).await;
    assert_eq!(ada.status, 200);
}

#[tokio::test]
async fn a_used_ticket_closes_the_others_and_an_enrolled_person_is_told_so() {
    let house = House::start().await;
    let adas = |multiple| Asked {
        allow_multiple_enrollments: multiple,
        ..asked("ada")
    };
    let (a, b, c) = (
        house.ticket(adas(false)).await,
        house.ticket(adas(false)).await,
        house.ticket(adas(true)).await,
    );
    let mut open_page = Visitor::at(&house.link(&b)).await;
    Visitor::at(&house.link(&a)).await.confirm(&house).await;
    open_page.confirm(&house).await;
    assert_eq!(
        (open_page.status.as_u16(), open_page.text("h1").as_str()),
        (409, "Your account is already protected")
    );
    let later = house.ticket(adas(false)).await;
    assert_eq!(Visitor::at(&house.link(&later)).await.status, 409);
    let another = Visitor::at(&house.link(&c)).await;
    assert_eq!(
        (another.status.as_u16(), another.url.path()),
        (200, "/guardian/authenticate/otp"),
        "adding needs a proof first"
    );
}

#[tokio::test]
async fn an_attempt_ends_when_it_is_idle_or_old() {
    let house = House::start().await;
    let mut idle = Visitor::at(&house.link_for("idle").await).await;
    house.clock.advance(15 * MINUTE + Duration::from_secs(1));
    idle.confirm(&house).await;
    assert_eq!(
        (idle.status.as_u16(), idle.text("h1").as_str()),
        (410, "Time’s up for this page")
    );

    let mut busy = Visitor::at(&house.link_for("busy").await).await;
    for _ in 0..6 {
        house.clock.advance(10 * MINUTE);
        busy.open(&house.url("/guardian/enroll/otp")).await;
        assert_eq!(busy.status, 200);
    }
    house.clock.advance(Duration::from_secs(1));
    busy.open(&house.url("/guardian/enroll/otp")).await;
    assert_eq!(busy.status, 410);
}

#[tokio::test]
async fn the_same_link_keeps_the_key_and_another_link_replaces_the_page() {
    let house = House::start().await;
    let (one, two) = (house.link_for("one").await, house.link_for("two").await);
    let mut ada = Visitor::at(&one).await;
    let key = ada.key();
    ada.open(&one).await;
    assert_eq!(ada.key(), key, "the QR code that was scanned stays right");
    let mut older_tab = ada.clone();
    let stale = ada.code(&house);
    ada.open(&two).await;
    assert_ne!(ada.key(), key);
    older_tab.submit("form", &[("code", &stale)]).await;
    assert_eq!(
        (older_tab.status.as_u16(), older_tab.text("h1").as_str()),
        (409, "You opened another link")
    );
    ada.submit("form", &[("code", &stale)]).await;
    assert!(
        ada.text("#errors").contains("earlier QR code"),
        "{}",
        ada.text("#errors")
    );
    let mut nobody = Visitor::new();
    nobody.open(&house.url("/guardian/enroll")).await;
    assert_eq!(
        (nobody.status.as_u16(), nobody.text("h1").as_str()),
        (401, "Open the link in your mail again")
    );
}

#[tokio::test]
async fn too_many_wrong_codes_wait_and_then_end_and_a_resend_begins_anew() {
    let house = House::start().await;
    let issued = house.ticket(asked("ada")).await;
    let mut ada = Visitor::at(&house.link(&issued)).await;
    for _ in 0..5 {
        ada.submit("form", &[("code", "000000")]).await;
        assert_eq!(ada.status, 422);
    }
    ada.confirm(&house).await;
    assert_eq!(ada.status, 429, "even the right code waits");
    assert!(ada.headers.contains_key("retry-after"));
    house.clock.advance(MINUTE);
    for _ in 5..20 {
        ada.submit("form", &[("code", "000000")]).await;
        house.clock.advance(15 * MINUTE);
        ada.open(&house.link(&issued)).await;
    }
    ada.confirm(&house).await;
    assert_eq!(ada.status, 429);
    let told = ada.text("#errors");
    assert!(told.contains("takes no more"), "{told}");
    let app = &house.app;
    let again = manage::resend(
        &app.store,
        &issued.ticket_id,
        app.policy.limits,
        &Actor::command_line(),
        &app.sealer,
        app.now(),
        app.rng(),
    )
    .await
    .unwrap();
    let mut ada = Visitor::at(&house.link(&again)).await;
    ada.confirm(&house).await;
    assert_eq!(ada.status, 200);
}

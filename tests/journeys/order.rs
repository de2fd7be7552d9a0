//! The order of the steps is the server's: no form, cookie or method gets round it.

use std::collections::BTreeMap;

use tessera::tickets::Asked;

use crate::support::house::House;
use crate::support::visitor::Visitor;

fn fields(page: &Visitor, extra: &[(&str, &str)]) -> BTreeMap<String, String> {
    let (_, mut fields) = page.form("form");
    fields.extend(
        extra
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    fields
}

#[tokio::test]
async fn steps_out_of_order_lead_back_to_where_the_person_is() {
    let house = House::start().await;
    let mut ada = Visitor::at(&house.link_for("ada").await).await;
    for path in [
        "/guardian/enroll/recovery-code",
        "/guardian/enroll/recovery-code/download",
        "/guardian/enroll/done",
        "/guardian/enroll",
    ] {
        ada.open(&house.url(path)).await;
        assert_eq!(
            (ada.status.as_u16(), ada.url.path()),
            (200, "/guardian/enroll/otp"),
            "{path}"
        );
    }
    let forged = fields(
        &ada,
        &[
            ("saved", "yes"),
            ("confirmed", "true"),
            ("phase", "enrolled"),
        ],
    );
    ada.post("/guardian/enroll/recovery-code", &forged).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/otp");
    let events = house.events_of("ada").await;
    assert_eq!(events[..2], ["user.created", "ticket.created"]);
    assert!(
        events[2..].iter().all(|kind| kind == "ticket.opened"),
        "nothing else was written"
    );
}

#[tokio::test]
async fn a_ticket_for_an_app_is_good_for_nothing_else() {
    let house = House::start().await;
    let mut ada = Visitor::at(&house.link_for("ada").await).await;
    for factor in [
        "phone",
        "sms",
        "push-notification",
        "webauthn-roaming",
        "webauthn-platform",
        "recovery-code",
        "email",
        "",
    ] {
        let forged = fields(&ada, &[("factor", factor)]);
        let mut tab = ada.clone();
        tab.post("/guardian/enroll", &forged).await;
        assert_eq!(tab.status, 422, "{factor}");
        tab.post(&format!("/guardian/enroll/{factor}"), &forged)
            .await;
        let led_back = tab.url.path() == "/guardian/enroll/otp";
        assert!(
            matches!(tab.status.as_u16(), 404 | 409 | 422) || led_back,
            "{factor}: {}",
            tab.status
        );
    }
    ada.open(&house.url("/guardian/enroll/otp")).await;
    ada.confirm(&house).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/recovery-code");
}

#[tokio::test]
async fn what_was_used_cannot_be_used_again_from_any_page_or_cookie() {
    let house = House::start().await;
    let link = house.link_for("ada").await;
    let mut ada = Visitor::at(&link).await;
    let (key, code) = (ada.key(), ada.code(&house));
    let confirm = fields(&ada, &[("code", &code)]);
    ada.post("/guardian/enroll/otp", &confirm).await;
    let save = fields(&ada, &[("saved", "yes")]);
    ada.post("/guardian/enroll/recovery-code", &save).await;
    for (path, replay) in [
        ("/guardian/enroll/otp", &confirm),
        ("/guardian/enroll/recovery-code", &save),
        ("/guardian/enroll", &confirm),
    ] {
        ada.post(path, replay).await;
        assert_eq!(
            (ada.status.as_u16(), ada.url.path()),
            (200, "/guardian/enroll/done"),
            "{path}: the winner is told the same again"
        );
        assert!(!ada.html.contains(&key.replace(' ', "")));
    }
    let mut other = Visitor::at(&house.link_for("grace").await).await;
    other.post("/guardian/enroll/otp", &confirm).await;
    assert_eq!(other.status, 409, "a form of another attempt");
    let confirmed = house
        .events_of("ada")
        .await
        .iter()
        .filter(|kind| *kind == "enrollment.confirmed")
        .count();
    assert_eq!(confirmed, 1);
}

#[tokio::test]
async fn the_recovery_code_is_never_shown_after_it_was_saved_not_even_to_an_older_cookie() {
    let house = House::start().await;
    let link = house.link_for("ada").await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut ada = Visitor::at(&link).await;
    ada.confirm(&house).await;
    let shown = ada.text("#recovery");
    let older = ada.cookie();
    ada.save_recovery_code().await;
    for path in [
        "/guardian/enroll/recovery-code",
        "/guardian/enroll/recovery-code/download",
        "/guardian/enroll/done",
    ] {
        let answer = client
            .get(house.url(path))
            .header("cookie", &older)
            .send()
            .await
            .unwrap();
        let text = answer.text().await.unwrap();
        assert!(
            !text.contains(&shown) && !text.contains(&shown.replace(' ', "")),
            "{path}"
        );
    }
}

#[tokio::test]
async fn other_methods_and_types_reach_no_other_check() {
    let house = House::start().await;
    let ada = Visitor::at(&house.link_for("ada").await).await;
    let cookie = ada.cookie();
    let client = reqwest::Client::new();
    let url = house.url("/guardian/enroll/otp");
    let code = ada.code(&house);
    for method in ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"] {
        let answer = client
            .request(method.parse().unwrap(), &url)
            .header("cookie", &cookie)
            .form(&fields(&ada, &[("code", &code)]))
            .send()
            .await;
        assert_eq!(answer.unwrap().status(), 405, "{method}");
    }
    for kind in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
    ] {
        let body = serde_json::to_string(&fields(&ada, &[("code", &code)])).unwrap();
        let answer = client
            .post(&url)
            .header("cookie", &cookie)
            .header("content-type", kind)
            .body(body)
            .send()
            .await;
        assert_eq!(answer.unwrap().status(), 415, "{kind}");
    }
    let events = house.events_of("ada").await;
    assert!(!events.iter().any(|kind| kind == "enrollment.confirmed"));
}

#[tokio::test]
async fn a_foreign_cookie_is_nobody_and_is_replaced() {
    let house = House::start().await;
    let link = house.link_for("ada").await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    for cookie in [
        "tessera_attempt=",
        "tessera_attempt=AAAA",
        "tessera_attempt=../../etc",
        "__Host-tessera_attempt=x",
    ] {
        let answer = client
            .get(house.url("/guardian/enroll"))
            .header("cookie", cookie)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 401, "{cookie}");
        let answer = client
            .get(&link)
            .header("cookie", cookie)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 303);
        let given = answer.headers()["set-cookie"].to_str().unwrap();
        assert!(
            given.len() > 500 && given != cookie,
            "an attempt of its own"
        );
    }
}

#[tokio::test]
async fn a_factor_that_is_switched_off_later_is_offered_no_more() {
    let house = House::start().await;
    let link = house.link_for("ada").await;
    let mut ada = Visitor::at(&link).await;
    let mut tx = house.app.store.begin_write().await.unwrap();
    tx.set_factor("otp", false, house.app.now()).await.unwrap();
    tx.commit().await.unwrap();
    ada.confirm(&house).await;
    assert_eq!(
        (ada.status.as_u16(), ada.text("h1").as_str()),
        (409, "Nothing can be set up yet")
    );
    assert!(Visitor::at(&link).await.text("h1").starts_with("Nothing"));
}

#[tokio::test]
async fn without_recovery_codes_the_app_is_the_last_step_and_the_way_back_is_offered() {
    let house = House::with_policy(|policy| {
        policy.result_origins = vec![
            "https://app.example"
                .parse::<reqwest::Url>()
                .unwrap()
                .origin(),
        ];
    })
    .await;
    let mut tx = house.app.store.begin_write().await.unwrap();
    tx.set_factor("recovery-code", false, house.app.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let issued = house
        .ticket(Asked {
            user_id: "ada".into(),
            email: Some("ada@example.com".into()),
            factor: vec!["otp".into()],
            result_url: Some("https://app.example/welcome?a=b".into()),
            ..Asked::default()
        })
        .await;
    let mut ada = Visitor::at(&house.link(&issued)).await;
    ada.confirm(&house).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/done");
    let back = format!(
        "https://app.example/welcome?a=b&amp;ticket_id={}&amp;result=enrolled",
        issued.ticket_id
    );
    assert!(ada.html.contains(&back), "{}", ada.html);
}

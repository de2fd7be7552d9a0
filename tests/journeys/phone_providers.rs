//! Codes through providers: one that speaks Twilio's REST API, and any gateway; slow, failing and late ones too.

use std::time::Duration;

use data_encoding::BASE64;
use serde_json::json;
use tessera::store::OutboxMessage;

use crate::phone::{NUMBER, ask, at_number, code_in};
use crate::support::gateway::{Gateway, Turn};
use crate::support::house::{House, Setup};
use crate::support::visitor::Visitor;

const TOKEN: &str = "twilio-token-canary";

async fn twilio() -> (House, Gateway) {
    let gateway = Gateway::start().await;
    let house = Setup::new()
        .set("TESSERA_SITE__NAME", "Smith & Sons")
        .set("TESSERA_PHONE__PROVIDER", "twilio")
        .set("TESSERA_PHONE__COUNTRIES", "[\"DE\"]")
        .set("TESSERA_PHONE__FROM", "+15005550006")
        .set("TESSERA_PHONE__TWILIO_SID", "AC123")
        .set("TESSERA_PHONE__TWILIO_TOKEN", TOKEN)
        .set("TESSERA_PHONE__TWILIO_URL", gateway.url(""));
    (house.start().await, gateway)
}

/// All messages to phones, whatever became of them.
async fn outbox(house: &House) -> Vec<OutboxMessage> {
    let mut read = house.app.store.begin_read().await.unwrap();
    let mut all = Vec::new();
    for state in ["due", "sent", "dead", "dropped"] {
        all.extend(read.messages(state, None, 100).await.unwrap());
    }
    all.retain(|message| message.kind == "sms" || message.kind == "voice");
    all
}

async fn enter(person: &mut Visitor, code: &str) {
    person.submit("form[action$=code]", &[("code", code)]).await;
}

#[tokio::test]
async fn twilio_gets_a_message_and_a_call_in_its_own_shape() {
    let (house, gateway) = twilio().await;
    let mut ada = at_number(&house, "ada").await;
    ask(&house, &mut ada, NUMBER, "sms").await;
    let asked = gateway.asked();
    assert_eq!(
        asked[0].line,
        "POST /2010-04-01/Accounts/AC123/Messages.json"
    );
    let login = BASE64.encode(format!("AC123:{TOKEN}").as_bytes());
    assert_eq!(asked[0].headers["authorization"], format!("Basic {login}"));
    assert_eq!(
        asked[0].headers["content-type"],
        "application/x-www-form-urlencoded"
    );
    let form = asked[0].form();
    assert_eq!(
        (form["To"].as_str(), form["From"].as_str()),
        ("+4915123456789", "+15005550006")
    );
    let code = code_in(&form["Body"]);
    assert!(form["Body"].contains("Smith & Sons"), "{}", form["Body"]);
    enter(&mut ada, &code).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/recovery-code");

    let mut grace = at_number(&house, "grace").await;
    ask(&house, &mut grace, NUMBER, "voice").await;
    let asked = gateway.asked();
    assert_eq!(asked[1].line, "POST /2010-04-01/Accounts/AC123/Calls.json");
    let spoken = &asked[1].form()["Twiml"];
    assert!(
        spoken.starts_with("<Response><Say language=\"en-US\">"),
        "{spoken}"
    );
    assert!(
        spoken.contains("Smith &amp; Sons") && spoken.matches("<Pause").count() >= 2,
        "{spoken}"
    );
    let states: Vec<String> = outbox(&house)
        .await
        .into_iter()
        .map(|message| message.state)
        .collect();
    assert_eq!(states, ["sent", "sent"]);
}

#[tokio::test]
async fn what_failed_is_tried_again_with_the_same_code_and_not_for_ever() {
    let (house, gateway) = twilio().await;
    let mut ada = at_number(&house, "ada").await;
    gateway.next(&[Turn::Say(500, "{}"), Turn::Leave]);
    ask(&house, &mut ada, NUMBER, "sms").await;
    assert_eq!(gateway.asked().len(), 1);
    for wait in [5, 13] {
        house.clock.advance(Duration::from_secs(wait));
        house.text().await;
    }
    let codes: Vec<String> = gateway
        .asked()
        .iter()
        .map(|asked| code_in(&asked.form()["Body"]))
        .collect();
    assert_eq!(codes.len(), 3);
    assert!(codes.iter().all(|code| *code == codes[0]), "{codes:?}");
    enter(&mut ada, &codes[0]).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/recovery-code");

    let mut grace = at_number(&house, "grace").await;
    gateway.next(&[Turn::Say(503, "{}"); 5]);
    ask(&house, &mut grace, NUMBER, "sms").await;
    for _ in 0..5 {
        house.clock.advance(Duration::from_secs(60));
        house.text().await;
    }
    assert_eq!(gateway.asked().len(), 3 + 3, "three tries");
    assert!(
        outbox(&house)
            .await
            .iter()
            .any(|message| message.state == "dead")
    );
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_leaves_one_live_code() {
    let (house, gateway) = twilio().await;
    let mut ada = at_number(&house, "ada").await;
    gateway.next(&[Turn::Hush]);
    let fields = [("country", "DE"), ("number", NUMBER), ("channel", "sms")];
    ada.submit("form", &fields).await;
    house.text_within(Duration::from_millis(200)).await;
    house.clock.advance(Duration::from_secs(120));
    assert_eq!(house.text().await, 0, "perhaps sent: it is not sent twice");
    let told = house.events_of("ada").await;
    assert!(told.contains(&"text.perhaps_sent".to_owned()), "{told:?}");
    let first = code_in(&gateway.asked()[0].form()["Body"]);

    ada.submit("form[action$=resend]", &[("channel", "sms")])
        .await;
    house.text().await;
    let second = code_in(&gateway.asked()[1].form()["Body"]);
    if first != second {
        enter(&mut ada, &first).await;
        assert_eq!(ada.status, 422, "the first is dead, should it arrive late");
    }
    enter(&mut ada, &second).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/recovery-code");
}

#[tokio::test]
async fn a_refusal_is_final_and_its_words_are_kept_without_the_number() {
    let (house, gateway) = twilio().await;
    for (n, (status, expected)) in [
        (400, "400 (21408)"),
        (401, "401"),
        (302, "302"),
        (404, "404"),
    ]
    .into_iter()
    .enumerate()
    {
        let said = "{\"code\": 21408, \"message\": \"no permission for +4915123456789\"}";
        gateway.next(&[Turn::Say(status, said)]);
        let mut person = at_number(&house, &format!("auth0|{n}")).await;
        house.clock.advance(Duration::from_secs(1));
        ask(&house, &mut person, NUMBER, "sms").await;
        let message = outbox(&house)
            .await
            .into_iter()
            .max_by_key(|message| message.created_at)
            .unwrap();
        assert_eq!(
            (message.state.as_str(), message.attempts),
            ("dead", 1),
            "{status}"
        );
        let error = message.last_error.unwrap();
        assert!(error.contains(expected), "{error}");
        assert!(
            !error.contains("15123456789") && !error.contains(TOKEN),
            "{error}"
        );
    }
    assert_eq!(gateway.asked().len(), 4);
}

#[tokio::test]
async fn any_gateway_is_asked_as_the_admin_wrote_it() {
    let gateway = Gateway::start().await;
    let phone = || {
        Setup::new()
            .set("TESSERA_SITE__NAME", "Ada \"&\" Söhne")
            .set("TESSERA_PHONE__PROVIDER", "http")
            .set("TESSERA_PHONE__COUNTRIES", "[\"DE\"]")
            .set("TESSERA_PHONE__HTTP_SECRET", "pass&word")
    };
    let json = phone()
        .set("TESSERA_PHONE__HTTP_URL", gateway.url("/v1/send"))
        .set("TESSERA_PHONE__HTTP_HEADERS", "[\"X-Key: {{ secret }}\"]")
        .set(
            "TESSERA_PHONE__HTTP_BODY",
            "{\"to\":\"{{ digits }}\",\"text\":\"{{ text }}\"}",
        );
    let house = json.start().await;
    let mut ada = at_number(&house, "ada").await;
    assert_eq!(ada.count("input[type=radio]"), 0, "it calls nobody");
    ask(&house, &mut ada, NUMBER, "sms").await;
    let asked = gateway.asked().pop().unwrap();
    assert_eq!(
        (asked.line.as_str(), asked.headers["x-key"].as_str()),
        ("POST /v1/send", "pass&word")
    );
    let body: serde_json::Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(body["to"], "4915123456789");
    let text = body["text"].as_str().unwrap();
    assert!(text.contains("Ada \"&\" Söhne"), "{text}");
    enter(&mut ada, &code_in(text)).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/recovery-code");

    // As kannel takes it.
    let query = "/cgi-bin/sendsms?username=t&password={{ secret }}&to={{ number }}&charset=UTF-8&text={{ text }}";
    let get = phone()
        .set("TESSERA_PHONE__HTTP_URL", gateway.url(query))
        .set("TESSERA_PHONE__HTTP_METHOD", "GET");
    let house = get.start().await;
    let mut grace = at_number(&house, "grace").await;
    ask(&house, &mut grace, NUMBER, "sms").await;
    let asked = gateway.asked().pop().unwrap();
    let query = asked.line.split_once('?').unwrap().1;
    let fields: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
    assert_eq!(fields[1].1, "pass&word");
    assert_eq!(fields[2].1, "+4915123456789");
    enter(&mut grace, &code_in(&fields[4].1)).await;
    assert_eq!(grace.url.path(), "/guardian/enroll/recovery-code");
}

#[tokio::test]
async fn an_account_and_texts_that_were_set_by_the_api_are_used() {
    let gateway = Gateway::start().await;
    let house = Setup::new()
        .set("TESSERA_PHONE__PROVIDER", "twilio")
        .set("TESSERA_PHONE__COUNTRIES", "[\"DE\"]")
        .set("TESSERA_PHONE__TWILIO_URL", gateway.url("/base/"));
    let house = house.start().await;
    let token = house.admin_token().await;
    let put = async |of: &str, body: serde_json::Value| {
        let url = house.url(&format!("/api/v2/guardian/factors/phone/{of}"));
        let sent = reqwest::Client::new()
            .put(url)
            .bearer_auth(&token)
            .json(&body)
            .send()
            .await;
        assert_eq!(sent.unwrap().status(), 200, "{of}");
    };
    put("selected-provider", json!({ "provider": "twilio" })).await;
    let account = json!({ "sid": "AC9", "auth_token": TOKEN, "messaging_service_sid": "MG9" });
    put("providers/twilio", account).await;
    let texts = json!({
        "enrollment_message": "{{code}} = {{tenant.friendly_name}}",
        "verification_message": "{{code}}",
    });
    put("templates", texts).await;
    put("message-types", json!({ "message_types": ["sms"] })).await;

    let mut ada = at_number(&house, "ada").await;
    assert_eq!(ada.count("input[type=radio]"), 0);
    ask(&house, &mut ada, NUMBER, "sms").await;
    let asked = gateway.asked().pop().unwrap();
    assert_eq!(
        asked.line,
        "POST /base/2010-04-01/Accounts/AC9/Messages.json"
    );
    let login = BASE64.encode(format!("AC9:{TOKEN}").as_bytes());
    assert_eq!(asked.headers["authorization"], format!("Basic {login}"));
    let form = asked.form();
    assert_eq!(form["MessagingServiceSid"], "MG9");
    assert_eq!(form["Body"][6..], *" = Tessera");
    enter(&mut ada, &code_in(&form["Body"])).await;
    assert_eq!(ada.url.path(), "/guardian/enroll/recovery-code");

    put("message-types", json!({ "message_types": [] })).await;
    let mut grace = at_number(&house, "grace").await;
    assert_eq!(grace.status, 409);
    ask(&house, &mut grace, NUMBER, "sms").await;
    assert_eq!((grace.status.as_u16(), gateway.asked().len()), (409, 1));
}

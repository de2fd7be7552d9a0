//! What is secret stays out of the log, however much it is told to say.

use std::time::{Duration, Instant};

use crate::place::{Place, files};

const BEARER: &str = "eyJhbGciOiJSUzI1NiJ9.bearer-canary.signature";
const CODE: &str = "918273645";

#[tokio::test]
async fn the_log_at_its_loudest_holds_no_secret_and_no_address() {
    let place = Place::new().with("RUST_LOG", "trace");
    let mut server = place.serve();
    let made = place.json(&[
        "ticket",
        "create",
        "--user",
        "auth0|ada",
        "--email",
        "ada.canary@example.com",
        "--send-mail",
    ]);
    let link = made["ticket_url"].as_str().unwrap();
    let query = link.split_once('?').unwrap().1;
    let secret = query.rsplit('.').next().unwrap();

    let visitor = reqwest::Client::builder()
        .cookie_store(true)
        .build()
        .unwrap();
    let opened = visitor
        .get(server.url(&format!("/guardian/enroll?{query}")))
        .send();
    let page = opened.await.unwrap().text().await.unwrap();
    let form = [("csrf", "csrf-canary"), ("code", CODE)];
    let wrong = visitor
        .post(server.url("/guardian/enroll/otp"))
        .form(&form)
        .send();
    wrong.await.unwrap();
    let users = visitor.get(server.url("/api/v2/users/auth0%7Cada.path.canary"));
    users.bearer_auth(BEARER).send().await.unwrap();
    server.wait_for("mail");
    let mail = wait_for_mail(&place);
    assert!(
        mail.contains(secret),
        "the mail is where the secret belongs"
    );

    let ran = server.signal("TERM");
    assert!(ran.out.contains("tessera::access"), "{}", ran.out);
    let said = ran.out + &ran.err;
    for canary in [
        secret,
        "ada.canary",
        "path.canary",
        "csrf-canary",
        "bearer-canary",
        CODE,
    ] {
        assert!(!said.contains(canary), "{canary} is in the log");
    }
    for word in page
        .split(['"', '>', '<', ' '])
        .filter(|word| word.len() >= 32)
    {
        assert!(
            word.contains('/') || !said.contains(word),
            "{word} is in the log"
        );
    }
}

#[tokio::test]
async fn what_strangers_write_makes_no_line_of_its_own() {
    let place = Place::new().with("RUST_LOG", "trace");
    let mut server = place.serve();
    let token = place.ok(&["token"]);
    let hostile = "x\r\n{\"level\":\"ERROR\",\"message\":\"forged\"}\u{1b}[31m\u{202e}\u{2028}";
    let client = reqwest::Client::new();
    let body = serde_json::json!({ "user_id": hostile, "email": hostile, "factor": hostile });
    let path = format!("/guardian/enroll?ticket={}", urlencode(hostile));
    let user = format!("/api/v2/users/{}", urlencode(hostile));
    let ticket = server.url("/api/v2/guardian/enrollments/ticket");
    for asked in [
        client.post(&ticket).bearer_auth(token.trim()).json(&body),
        client.get(server.url(&user)).bearer_auth(token.trim()),
        client
            .get(server.url(&path))
            .header("user-agent", "forged\u{1b}[31m"),
        client.request("FORGED".parse().unwrap(), server.url(&path)),
    ] {
        let Ok(answer) = asked.send().await else {
            continue;
        };
        assert!(answer.status().is_client_error());
        server.wait_for("request");
    }
    let ran = server.signal("TERM");
    for line in ran.out.lines() {
        let told: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(told.is_object() && told["message"] != "forged", "{line}");
    }
    for raw in ["\u{1b}", "\u{202e}", "\u{2028}", "\r"] {
        assert!(!ran.out.contains(raw), "{raw:?}");
    }
}

fn urlencode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn wait_for_mail(place: &Place) -> String {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let folder = place.path("data/mail");
        let mails = if folder.exists() {
            files(&folder)
        } else {
            Vec::new()
        };
        if let Some(mail) = mails
            .iter()
            .find(|mail| mail.extension().is_some_and(|e| e == "eml"))
        {
            // Lines of a mail are folded where they are long.
            return std::fs::read_to_string(mail).unwrap().replace("=\r\n", "");
        }
        assert!(Instant::now() < deadline, "no mail was written");
        std::thread::sleep(Duration::from_millis(20));
    }
}

//! Mails that wait and mails that were given up.

use serde_json::{Value, json};
use sqlx::{Connection as _, SqliteConnection};

use crate::place::Place;

/// A ticket whose mail waits, and the mail.
fn mailed(place: &Place, user: &str) -> (String, String) {
    let made = place.json(&[
        "ticket",
        "create",
        "--user",
        user,
        "--email",
        "ada@example.com",
        "--send-mail",
    ]);
    let ticket = made["ticket_id"].as_str().unwrap().to_owned();
    let shown = place.json(&["ticket", "show", &ticket]);
    let mail = shown["mails"][0]["message_id"].as_str().unwrap().to_owned();
    (ticket, mail)
}

/// Lets every mail be refused for good.
async fn give_up(place: &Place) {
    let file = format!("sqlite:{}", place.path("data/tessera.db").display());
    let mut database = SqliteConnection::connect(&file).await.unwrap();
    let dead =
        "UPDATE outbox SET state = 'dead', payload_sealed = NULL, attempts = 1, settled_at = 1,
                last_error = '550 no such mailbox' WHERE state = 'due'";
    sqlx::query(dead).execute(&mut database).await.unwrap();
}

fn states(place: &Place, ticket: &str) -> Value {
    let shown = place.json(&["ticket", "show", ticket]);
    shown["mails"]
        .as_array()
        .unwrap()
        .iter()
        .map(|mail| mail["state"].clone())
        .collect()
}

#[tokio::test]
async fn what_was_given_up_is_seen_and_sent_again_with_a_new_link() {
    let place = Place::new();
    let (ticket, mail) = mailed(&place, "auth0|ada");
    assert!(
        place
            .ok(&["outbox", "list"])
            .contains("No message is dead.")
    );
    let waits = place.json(&["outbox", "list", "--state", "due"]);
    assert_eq!(waits[0]["message_id"], mail);
    assert!(waits[0]["next_try_at"].is_string());

    give_up(&place).await;
    let listed = place.ok(&["outbox", "list"]);
    for word in [&mail, &ticket, "enrollment", "550 no such mailbox"] {
        assert!(listed.contains(word), "{listed}");
    }
    assert!(
        !listed.contains("auth0|") && !listed.contains('@'),
        "{listed}"
    );

    let told = place.json(&["outbox", "retry", &mail]);
    assert_eq!(told, json!({ "retried": [mail], "left": [] }));
    assert_eq!(states(&place, &ticket), json!(["due"]));
    let mut server = place.serve();
    let line = server.wait_for("mail");
    assert_eq!(
        (&line["message_id"], &line["result"]),
        (&json!(mail), &json!("sent"))
    );
    server.signal("TERM");

    let told = place.run(&["outbox", "retry", &mail, "--json"]);
    assert_eq!(told.status.code(), Some(1));
    let told: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(
        told["left"],
        json!([{ "message_id": mail, "reason": "it was delivered" }])
    );
}

#[tokio::test]
async fn of_all_that_failed_only_what_is_still_wanted_is_sent() {
    let place = Place::new();
    let (ada, _) = mailed(&place, "auth0|ada");
    let (grace, _) = mailed(&place, "auth0|grace");
    let (alan, _) = mailed(&place, "auth0|alan");
    give_up(&place).await;
    place.ok(&["ticket", "revoke", &grace]);
    place.ok(&["ticket", "resend", &alan]);

    let told = place.json(&["outbox", "retry", "--dead"]);
    assert_eq!(told["retried"].as_array().unwrap().len(), 1);
    let mut reasons: Vec<&str> = told["left"]
        .as_array()
        .unwrap()
        .iter()
        .map(|left| left["reason"].as_str().unwrap())
        .collect();
    reasons.sort_unstable();
    assert_eq!(
        reasons,
        [
            "a newer mail was promised",
            "its ticket is used, revoked or expired"
        ]
    );
    assert_eq!(states(&place, &ada), json!(["due"]));
    assert_eq!(states(&place, &alan), json!(["dead", "due"]));
    let events = place.json(&["ticket", "show", &ada])["timeline"].to_string();
    assert!(events.contains("mail.retried"), "{events}");
}

#[test]
fn a_list_goes_on_where_it_ended() {
    let place = Place::new();
    let mut made: Vec<String> = (0..3)
        .map(|n| mailed(&place, &format!("auth0|{n}")).1)
        .collect();
    made.sort();
    let due = ["outbox", "list", "--state", "due", "--limit", "2"];
    let page = place.ok(&due);
    assert!(page.contains(&format!("--after {}", made[1])), "{page}");
    let rest = place.json(&[&due[..], &["--after", &made[1]]].concat());
    assert_eq!(rest[0]["message_id"], made[2]);
    assert_eq!(rest.as_array().unwrap().len(), 1);
    let why = place.run(&["outbox", "retry"]);
    assert_eq!(why.status.code(), Some(2), "{}", why.err);
}

//! Text that would be SQL if it were not bound: stored and given back byte for byte.

use tessera::core::{Actor, Algorithm, ClientId, Digest, EnrollmentId, OsRng, TicketId};
use tessera::store::{
    Event, NewEnrollment, NewMessage, NewTicket, Settlement, SigningKey, TicketFilter, User,
};

use crate::house::{
    House, MINUTE, NOON, commit, enrollment, message, on_both, read, ticket, user, user_id,
};

on_both!(
    hostile_text_of_users_and_tickets_comes_back_as_it_was,
    hostile_text_of_the_installation_comes_back_as_it_was,
    hostile_text_of_messages_comes_back_as_it_was
);

/// 128 KiB: past one page of either database.
fn long() -> String {
    "'\"; ü🦀 ".repeat(10_000)
}

#[rustfmt::skip]
const CORPUS: &[&str] = &[
    "'; DROP TABLE users; --",
    "' OR '1'='1",
    "' OR 1=1 /*",
    "\" OR \"\"=\"",
    "1; DELETE FROM tickets WHERE 1=1",
    "x' UNION SELECT value, name FROM meta --",
    "$1",
    "$2::text || pg_sleep(5)",
    "?1 :name @name",
    "%s %d %_ LIKE '%'",
    "\\'; \\x00 \\",
    "E'\\047'",
    "$$; SELECT 1; $$",
    "NULL",
    "null",
    "",
    " leading and trailing ",
    "0",
    "00",
    "0e1",
    "1e400",
    "9223372036854775808",
    "true",
    "{\"a\":\"'\"}",
    "Ünïcödé 🦀 \u{10FFFF} e\u{301}",
    "ｆｕｌｌ＇ width ＇",
    "Robert'); DROP TABLE events;--",
    "'||(SELECT secret_hash FROM clients)||'",
    "%27%20OR%201%3D1",
];

const WORST: &str = "'; DROP TABLE users; --";

async fn tables_stand(house: &House) {
    let mut raw = house.raw().await;
    for sql in [
        "SELECT COUNT(*) FROM users",
        "SELECT COUNT(*) FROM tickets",
        "SELECT COUNT(*) FROM events",
        "SELECT COUNT(*) FROM clients",
    ] {
        assert!(raw.number(sql).await >= 0, "{sql}");
    }
}

async fn hostile_text_of_users_and_tickets_comes_back_as_it_was(house: House) {
    let long = long();
    for text in CORPUS.iter().copied().chain([long.as_str()]) {
        // The empty and the over-long are refused before they get to the store.
        let id = match text.chars().count() {
            1..=255 => text.to_owned(),
            other => format!("id of {other}"),
        };
        let hostile = User {
            email: Some(text.to_owned()),
            profile: text.to_owned(),
            ..user(&id, None)
        };
        let id = &hostile.user_id;
        assert!(
            commit!(house, tx => tx.insert_user(&hostile)),
            "{id} is new"
        );
        assert!(commit!(house, tx => tx.update_user(&hostile)));
        let found = read!(house, read => read.user(id)).unwrap();
        assert_eq!(found.user_id.as_str(), id.as_str());
        assert_eq!(
            (found.email.as_deref(), found.profile.as_str()),
            (Some(text), text)
        );

        let wanted = NewTicket {
            factors: text.to_owned(),
            locale: Some(text.to_owned()),
            result_url: Some(text.to_owned()),
            created_by: text.to_owned(),
            ..ticket(id)
        };
        let ticket_id = house.ticket(&wanted).await;
        let found = read!(house, read => read.ticket(&ticket_id)).unwrap();
        assert_eq!(&found.user_id, id);
        assert_eq!(
            (found.factors.as_str(), found.created_by.as_str()),
            (text, text)
        );
        assert_eq!(
            (found.locale.as_deref(), found.result_url.as_deref()),
            (Some(text), Some(text))
        );

        let of_user = TicketFilter {
            user_id: Some(id.clone()),
            status: None,
        };
        assert_eq!(
            read!(house, read => read.count_tickets(&of_user, NOON)),
            1,
            "{id}"
        );
        let of_status = TicketFilter {
            user_id: None,
            status: Some(text.to_owned()),
        };
        assert!(
            read!(house, read => read.tickets(&of_status, NOON, 9, 0)).is_empty(),
            "{text}"
        );
        hostile_factor(&house, id, &ticket_id, text).await;
    }
    tables_stand(&house).await;
    let worst = user_id(WORST);
    assert!(commit!(house, tx => tx.delete_user(&worst)));
    let left = i64::try_from(CORPUS.len()).unwrap();
    assert_eq!(
        read!(house, read => read.count_users()),
        left,
        "one of them and no other"
    );
}

async fn hostile_factor(
    house: &House,
    user_id: &tessera::core::UserId,
    ticket_id: &TicketId,
    text: &str,
) {
    let id = EnrollmentId::new(NOON, &OsRng);
    let new = NewEnrollment {
        factor: text,
        material_sealed: text.as_bytes(),
        ..enrollment(user_id, ticket_id, &id)
    };
    commit!(house, tx => tx.insert_enrollment(&new, NOON));
    let found = read!(house, read => read.enrollments_of(user_id)).remove(0);
    assert_eq!(
        (found.factor.as_str(), found.material_sealed.as_slice()),
        (text, text.as_bytes())
    );
}

async fn hostile_text_of_the_installation_comes_back_as_it_was(house: House) {
    for text in CORPUS {
        let id = ClientId::new(NOON, &OsRng);
        commit!(house, tx => tx.insert_client(&id, text, &Digest::of(b"x"), text, NOON));
        let client = read!(house, read => read.client(&id)).unwrap();
        assert_eq!(
            (client.name.as_str(), client.scopes.as_str()),
            (*text, *text)
        );
        assert!(commit!(house, tx => tx.insert_meta(text, text.as_bytes())));
        assert_eq!(
            read!(house, read => read.meta(text)).unwrap(),
            text.as_bytes()
        );
        commit!(house, tx => tx.set_factor(text, true, NOON));
        let key = SigningKey {
            kid: (*text).to_owned(),
            alg: Algorithm::Es256,
            private_sealed: text.as_bytes().to_vec(),
            created_at: NOON,
        };
        commit!(house, tx => tx.insert_signing_key(&key));
    }
    let switched = read!(house, read => read.factor_settings());
    let keys = read!(house, read => read.signing_keys());
    assert_eq!((switched.len(), keys.len()), (CORPUS.len(), CORPUS.len()));
    for text in CORPUS {
        assert!(
            switched.iter().any(|setting| setting.factor == *text),
            "{text}"
        );
        assert!(keys.iter().any(|key| key.kid == *text), "{text}");
    }
    tables_stand(&house).await;
}

async fn hostile_text_of_messages_comes_back_as_it_was(house: House) {
    let ada = house.user("auth0|ada").await;
    for (index, text) in CORPUS.iter().enumerate() {
        let mail = NewMessage {
            detail: (*text).to_owned(),
            ..message()
        };
        let wanted = NewTicket {
            mail: Some(mail.clone()),
            event: Event::new("ticket.created", &hostile_actor(text), NOON, &OsRng)
                .detail(text, *text),
            ..ticket(&ada)
        };
        let id = house.ticket(&wanted).await;
        let now = NOON + MINUTE * u32::try_from(index).unwrap();
        let leased = house
            .store
            .lease_messages(text, now, now + MINUTE, 1)
            .await
            .unwrap();
        assert_eq!((leased.len(), leased[0].detail.as_str()), (1, *text));
        let dead = Settlement::Dead {
            error: (*text).to_owned(),
        };
        let told = Event::new("mail.dead", &hostile_actor(text), now, &OsRng)
            .user(&ada)
            .ticket(&id)
            .detail(text, *text);
        house
            .store
            .settle_messages(text, &[(mail.message_id, dead)], &[told], now)
            .await
            .unwrap();
        let settled = read!(house, read => read.messages_of_ticket(&id)).remove(0);
        assert_eq!(
            (settled.state.as_str(), settled.last_error.as_deref()),
            ("dead", Some(*text))
        );
        let line = read!(house, read => read.timeline(&ada, &id)).remove(0);
        assert_eq!(line.actor, *text);
        let detail: serde_json::Value = serde_json::from_str(&line.detail).unwrap();
        assert_eq!(detail, serde_json::json!({ *text: text }));
    }
    tables_stand(&house).await;
}

fn hostile_actor(text: &str) -> Actor {
    Actor {
        name: text.to_owned(),
        ..Actor::server()
    }
}

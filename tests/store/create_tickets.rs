//! The hot write: many tickets in one commit.

use tessera::core::{Actor, ClientId, Error, OsRng, RequestId, TicketId, Timestamp};
use tessera::store::{Created, Event, NewTicket, NewUser, TicketState};

use crate::house::{
    House, LIFETIME, NOON, commit, email, kinds, message, new_user, on_both, read, ticket,
    ticket_of_new_user, user, user_id,
};

on_both!(
    a_ticket_is_read_back_as_it_was_asked_for,
    a_bad_ticket_leaves_the_others_of_its_batch_alone,
    an_unknown_user_is_made_once,
    the_maker_of_a_user_is_the_one_who_brought_the_address,
    a_known_user_keeps_address_and_profile,
    a_ticket_that_is_there_already_fails_the_whole_call,
    a_large_batch_is_written_whole
);

async fn a_ticket_is_read_back_as_it_was_asked_for(house: House) {
    let ada = house.user("auth0|ada").await;
    let plain = ticket(&ada);
    let rich = NewTicket {
        factors: "otp,webauthn-roaming".to_owned(),
        allow_multiple: true,
        email: Some(email("other@example.com")),
        locale: Some("de-CH".to_owned()),
        result_url: Some("https://app.example.com/done?a=1&b=2".to_owned()),
        created_at: Timestamp::from_millis(1),
        expires_at: Timestamp::from_millis(i64::MAX),
        ..ticket(&ada)
    };
    assert!(read!(house, read => read.ticket(&plain.ticket_id)).is_none());
    house.ticket(&plain).await;
    house.ticket(&rich).await;

    let found = read!(house, read => read.ticket(&plain.ticket_id)).unwrap();
    assert_eq!((&found.ticket_id, &found.user_id), (&plain.ticket_id, &ada));
    assert_eq!(found.state, TicketState::Open);
    assert!(plain.secret_hash.matches(&found.secret_hash));
    assert_eq!((found.factors.as_str(), found.allow_multiple), ("", false));
    assert_eq!(
        (found.email, found.locale, found.result_url),
        (None, None, None)
    );
    assert_eq!(found.created_by, "command-line");
    assert_eq!(
        (found.created_at, found.expires_at),
        (NOON, NOON + LIFETIME)
    );
    assert_eq!(
        (found.ended_at, found.winner, found.redeemed_at),
        (None, None, None)
    );
    assert_eq!(
        (found.failures, found.retry_at),
        (0, Timestamp::from_millis(0))
    );

    let found = read!(house, read => read.ticket(&rich.ticket_id)).unwrap();
    assert_eq!((found.factors, found.allow_multiple), (rich.factors, true));
    assert_eq!(found.email.as_deref(), Some("other@example.com"));
    assert_eq!(
        (found.locale, found.result_url),
        (rich.locale, rich.result_url)
    );
    assert_eq!(
        (found.created_at, found.expires_at),
        (rich.created_at, rich.expires_at)
    );
}

async fn a_bad_ticket_leaves_the_others_of_its_batch_alone(house: House) {
    let ada = house.user("auth0|ada").await;
    commit!(house, tx => tx.insert_user(&user("auth0|bob", None)));
    let (bob, eve) = (user_id("auth0|bob"), user_id("auth0|eve"));
    let mailed = |ticket: NewTicket| NewTicket {
        mail: Some(message()),
        ..ticket
    };
    let no_profile = NewTicket {
        email: Some(email("eve@example.com")),
        ..ticket(&eve)
    };
    let no_address = NewTicket {
        new_user: Some(new_user(&eve, "{}")),
        ..ticket(&eve)
    };
    let to_ticket = NewTicket {
        email: Some(email("bob@example.com")),
        ..mailed(ticket(&bob))
    };
    let new = mailed(ticket_of_new_user(&user_id("auth0|new")));
    let batch = [
        (mailed(ticket(&ada)), Created::Ticket, 1),
        (no_profile, Created::NoUser, 0),
        (no_address, Created::NoUser, 0),
        (mailed(ticket(&bob)), Created::NoAddress, 0),
        (ticket(&bob), Created::Ticket, 0),
        (to_ticket, Created::Ticket, 1),
        (new, Created::Ticket, 1),
    ];
    let wanted: Vec<NewTicket> = batch.iter().map(|(ticket, ..)| ticket.clone()).collect();
    let created = house.store.create_tickets(&wanted).await.unwrap();
    let expected: Vec<Created> = batch.iter().map(|(_, outcome, _)| *outcome).collect();
    assert_eq!(created, expected);
    for (ticket, outcome, mails) in &batch {
        let id = &ticket.ticket_id;
        let there = *outcome == Created::Ticket;
        assert_eq!(read!(house, read => read.ticket(id)).is_some(), there);
        assert_eq!(
            read!(house, read => read.timeline(&ticket.user_id, id)).len(),
            usize::from(there)
        );
        let messages = read!(house, read => read.messages_of_ticket(id));
        assert_eq!(messages.len(), *mails);
        assert!(
            messages
                .iter()
                .all(|mail| mail.state == "due" && mail.due_at == NOON)
        );
    }
    assert!(read!(house, read => read.user(&eve)).is_none());
}

async fn an_unknown_user_is_made_once(house: House) {
    let new = user_id("auth0|new");
    let first = NewTicket {
        new_user: Some(new_user(&new, r#"{"name":"New"}"#)),
        ..ticket_of_new_user(&new)
    };
    let second = NewTicket {
        email: Some(email("second@example.com")),
        ..ticket_of_new_user(&new)
    };
    let batch = [first, second];
    let created = house.store.create_tickets(&batch).await.unwrap();
    assert_eq!(created, [Created::Ticket; 2]);
    let found = read!(house, read => read.user(&new)).unwrap();
    assert_eq!(
        found.email.as_deref(),
        Some("new@example.com"),
        "of the first"
    );
    assert_eq!(found.profile, r#"{"name":"New"}"#);
    assert_eq!(
        (found.blocked, found.created_at, found.updated_at),
        (false, NOON, NOON)
    );
    let log = read!(house, read => read.events_of_user(&new));
    assert_eq!(
        kinds(&log),
        ["ticket.created", "ticket.created", "user.created"]
    );
}

async fn the_maker_of_a_user_is_the_one_who_brought_the_address(house: House) {
    let new = user_id("auth0|new");
    let client = ClientId::new(NOON, &OsRng);
    let actor = Actor::client(&client, None, RequestId::new(NOON, &OsRng));
    let maker = NewTicket {
        new_user: Some(NewUser {
            profile: "{}".to_owned(),
            event: Event::new("user.created", &actor, NOON, &OsRng).user(&new),
        }),
        ..ticket_of_new_user(&new)
    };
    let batch = [ticket(&new), maker];
    house.store.create_tickets(&batch).await.unwrap();
    let log = read!(house, read => read.events_of_user(&new));
    let made = log
        .iter()
        .find(|event| event.kind == "user.created")
        .unwrap();
    assert_eq!(made.actor, format!("client:{client}"));
}

async fn a_known_user_keeps_address_and_profile(house: House) {
    let ada = house.user("auth0|ada").await;
    commit!(house, tx => tx.insert_user(&user("auth0|bob", None)));
    let bob = user_id("auth0|bob");
    let batch = [ticket_of_new_user(&ada), ticket_of_new_user(&bob)];
    house.store.create_tickets(&batch).await.unwrap();
    let found = read!(house, read => read.user(&ada)).unwrap();
    assert_eq!(found.email.as_deref(), Some("ada@example.com"));
    assert_eq!(read!(house, read => read.user(&bob)).unwrap().email, None);
    let log = read!(house, read => read.events_of_user(&ada));
    assert_eq!(kinds(&log), ["ticket.created"]);
}

async fn a_ticket_that_is_there_already_fails_the_whole_call(house: House) {
    let ada = house.user("auth0|ada").await;
    let there = ticket(&ada);
    house.ticket(&there).await;
    let same_id = NewTicket {
        ticket_id: there.ticket_id.clone(),
        ..ticket(&ada)
    };
    let new = user_id("auth0|new");
    let batch = [ticket_of_new_user(&new), same_id];
    let error = house.store.create_tickets(&batch).await.unwrap_err();
    assert!(matches!(error, Error::Internal(_)), "{error:?}");
    assert!(read!(house, read => read.ticket(&batch[0].ticket_id)).is_none());
    assert!(read!(house, read => read.user(&new)).is_none());
    assert!(read!(house, read => read.events_of_user(&new)).is_empty());
}

async fn a_large_batch_is_written_whole(house: House) {
    assert_eq!(house.store.create_tickets(&[]).await.unwrap(), []);
    let wanted: Vec<NewTicket> = (0..300)
        .map(|index| NewTicket {
            mail: (index % 3 == 0).then(message),
            ..ticket_of_new_user(&user_id(&format!("auth0|{}", index / 2)))
        })
        .collect();
    let created = house.store.create_tickets(&wanted).await.unwrap();
    assert_eq!(created, vec![Created::Ticket; 300]);
    let mut raw = house.raw().await;
    assert_eq!(raw.number("SELECT COUNT(*) FROM users").await, 150);
    assert_eq!(raw.number("SELECT COUNT(*) FROM tickets").await, 300);
    assert_eq!(raw.number("SELECT COUNT(*) FROM outbox").await, 100);
    assert_eq!(raw.number("SELECT COUNT(*) FROM events").await, 450);
    for ticket in &wanted {
        let id: &TicketId = &ticket.ticket_id;
        let found = read!(house, read => read.ticket(id)).unwrap();
        assert_eq!(found.user_id, ticket.user_id);
        assert!(ticket.secret_hash.matches(&found.secret_hash));
    }
}

/// A creation finds Ada there, and then waits for another user of its batch, whom somebody else is making; meanwhile Ada is
/// deleted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn a_user_deleted_meanwhile_is_made_again() {
    let Some(house) = House::postgres().await else {
        return;
    };
    let (ada, grace) = (house.user("auth0|ada").await, user_id("auth0|grace"));
    let mut elsewhere = house.store.begin_write().await.unwrap();
    elsewhere
        .insert_user(&user("auth0|grace", None))
        .await
        .unwrap();
    let (store, wanted) = (
        house.store.clone(),
        [ticket_of_new_user(&ada), ticket_of_new_user(&grace)],
    );
    let creation = tokio::spawn(async move { store.create_tickets(&wanted).await });
    let waiting = "SELECT COUNT(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let mut raw = house.raw().await;
    while raw.number(waiting).await == 0 {
        assert!(!creation.is_finished());
    }
    commit!(house, tx => tx.delete_user(&ada));
    drop(elsewhere);
    let created = creation.await.unwrap().unwrap();
    assert_eq!(created, [Created::Ticket, Created::Ticket]);
}

//! What happened: timelines and the audit log.

use std::net::IpAddr;

use tessera::core::{Actor, ClientId, EnrollmentId, OsRng, RequestId};
use tessera::store::Event;

use crate::house::{House, MINUTE, NOON, commit, kinds, on_both, read, ticket};

on_both!(
    a_line_says_who_what_when_and_from_where,
    lines_come_in_the_order_of_time_and_of_their_ticket_alone,
    a_ticket_is_opened_for_the_first_time_once,
    a_line_that_is_not_committed_was_never_written,
    a_long_list_of_lines_is_written_whole,
    what_happened_with_prompts_is_found_by_time
);

async fn a_line_says_who_what_when_and_from_where(house: House) {
    let ada = house.user("auth0|ada").await;
    let id = house.ticket(&ticket(&ada)).await;
    let enrollment_id = EnrollmentId::new(NOON, &OsRng);
    let (client, request) = (ClientId::new(NOON, &OsRng), RequestId::new(NOON, &OsRng));
    let ip: IpAddr = "2001:db8::1".parse().unwrap();
    let actor = Actor::client(&client, Some(ip), request.clone());
    let event = Event::new("enrollment.confirmed", &actor, NOON + MINUTE, &OsRng)
        .user(&ada)
        .ticket(&id)
        .enrollment(&enrollment_id)
        .detail("factor", "otp")
        .detail("failures", 3);
    house.store.record(&[event]).await.unwrap();

    let timeline = read!(house, read => read.timeline(&ada, &id));
    let line = timeline.last().unwrap();
    assert_eq!(line.kind, "enrollment.confirmed");
    assert_eq!(line.at, NOON + MINUTE);
    assert_eq!(line.user_id.as_deref(), Some("auth0|ada"));
    assert_eq!(line.ticket_id.as_deref(), Some(id.as_str()));
    assert_eq!(line.enrollment_id.as_deref(), Some(enrollment_id.as_str()));
    assert_eq!(line.actor, format!("client:{client}"));
    assert_eq!(line.ip.as_deref(), Some("2001:db8::1"));
    assert_eq!(line.request_id.as_deref(), Some(request.as_str()));
    assert_eq!(line.detail, r#"{"factor":"otp","failures":3}"#);

    let first = &timeline[0];
    assert_eq!((first.ip.as_ref(), first.request_id.as_ref()), (None, None));
    assert_eq!(
        (first.enrollment_id.as_ref(), first.detail.as_str()),
        (None, "{}")
    );
}

async fn lines_come_in_the_order_of_time_and_of_their_ticket_alone(house: House) {
    let (ada, bob) = (house.user("auth0|ada").await, house.user("auth0|bob").await);
    let (of_ada, of_bob) = (
        house.ticket(&ticket(&ada)).await,
        house.ticket(&ticket(&bob)).await,
    );
    let at = |kind, at| Event::new(kind, &Actor::server(), at, &OsRng);
    let lines = [
        at("mail.sent", NOON + MINUTE * 2)
            .user(&ada)
            .ticket(&of_ada),
        at("mail.retried", NOON + MINUTE).user(&ada).ticket(&of_ada),
        at("mail.dead", NOON + MINUTE).user(&bob).ticket(&of_bob),
        at("user.updated", NOON + MINUTE * 3).user(&ada),
        at("server.started", NOON),
    ];
    commit!(house, tx => tx.record(&lines));
    let kinds = |events: Vec<tessera::store::EventRow>| -> Vec<String> {
        events.into_iter().map(|event| event.kind).collect()
    };
    assert_eq!(
        kinds(read!(house, read => read.timeline(&ada, &of_ada))),
        ["ticket.created", "mail.retried", "mail.sent"]
    );
    assert_eq!(
        kinds(read!(house, read => read.events_of_user(&ada))),
        [
            "ticket.created",
            "mail.retried",
            "mail.sent",
            "user.updated"
        ]
    );
    assert_eq!(
        kinds(read!(house, read => read.events_of_user(&bob))),
        ["ticket.created", "mail.dead"]
    );
}

async fn a_ticket_is_opened_for_the_first_time_once(house: House) {
    let ada = house.user("auth0|ada").await;
    let id = house.ticket(&ticket(&ada)).await;
    let opened = |at| Event::opened(&id, &ada, &Actor::server(), at);
    house.store.record(&[opened(NOON + MINUTE)]).await.unwrap();
    let again = [opened(NOON + MINUTE * 2), opened(NOON + MINUTE * 3)];
    house.store.record(&again).await.unwrap();
    let timeline = read!(house, read => read.timeline(&ada, &id));
    assert_eq!(kinds(&timeline), ["ticket.created", "ticket.opened"]);
    assert_eq!(timeline[1].at, NOON + MINUTE);
}

async fn a_line_that_is_not_committed_was_never_written(house: House) {
    let ada = house.user("auth0|ada").await;
    let mut tx = house.store.begin_write().await.unwrap();
    let line = Event::new("user.updated", &Actor::server(), NOON, &OsRng).user(&ada);
    tx.record(&[line]).await.unwrap();
    assert_eq!(tx.events_of_user(&ada).await.unwrap().len(), 1);
    drop(tx);
    assert!(read!(house, read => read.events_of_user(&ada)).is_empty());
}

async fn a_long_list_of_lines_is_written_whole(house: House) {
    let ada = house.user("auth0|ada").await;
    let lines: Vec<Event> = (0..150)
        .map(|_| Event::new("user.updated", &Actor::server(), NOON, &OsRng).user(&ada))
        .collect();
    house.store.record(&lines).await.unwrap();
    house.store.record(&[]).await.unwrap();
    assert_eq!(read!(house, read => read.events_of_user(&ada)).len(), 150);
}

async fn what_happened_with_prompts_is_found_by_time(house: House) {
    let (ada, bob) = (house.user("auth0|ada").await, house.user("auth0|bob").await);
    let at = |kind, minutes| Event::new(kind, &Actor::server(), NOON + MINUTE * minutes, &OsRng);
    let lines = [
        at("push.requested", 0).user(&ada),
        at("push.denied", 2).user(&ada),
        at("push.requested", 1).user(&ada),
        at("push.paired", 1).user(&ada),
        at("push.approved", 1).user(&bob),
    ];
    house.store.record(&lines).await.unwrap();
    let told = read!(house, read => read.prompt_events(&ada, NOON));
    let told: Vec<_> = told
        .iter()
        .map(|event| (event.kind.as_str(), event.at))
        .collect();
    let expected = [
        ("push.requested", NOON + MINUTE),
        ("push.denied", NOON + MINUTE * 2),
    ];
    assert_eq!(told, expected, "after that moment");
}

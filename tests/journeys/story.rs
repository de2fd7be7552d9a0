//! What happened, as an auditor reads it later.

use std::time::Duration;

use tessera::core::Actor;
use tessera::tickets::{Asked, manage};

use crate::support::house::{House, asked};
use crate::support::visitor::Visitor;

/// The events of a user, in the order they happened; those of one instant stand beside each other by name.
async fn story(house: &House, user_id: &str) -> Vec<(String, String)> {
    let mut read = house.app.store.begin_read().await.unwrap();
    let mut events = read
        .events_of_user(&user_id.parse().unwrap())
        .await
        .unwrap();
    events.sort_by(|a, b| (a.at, &a.kind).cmp(&(b.at, &b.kind)));
    let told = events.into_iter().map(|event| {
        let actor = event.actor.split(':').next().unwrap_or_default().to_owned();
        if actor == "attempt" {
            assert!(
                event.ip.is_some() && event.request_id.is_some(),
                "{}",
                event.kind
            );
        }
        (event.kind, actor)
    });
    told.collect()
}

#[tokio::test]
async fn the_timeline_tells_the_whole_story_in_order() {
    for house in House::start_on_each().await {
        let app = &house.app;
        let tick = || house.clock.advance(Duration::from_secs(1));
        let mailed = Asked {
            send_mail: true,
            ..asked("auth0|ada")
        };
        let taken_back = house.ticket(mailed.clone()).await;
        tick();
        let actor = Actor::command_line();
        manage::revoke(
            &app.store,
            &taken_back.ticket_id,
            &actor,
            app.now(),
            app.rng(),
        )
        .await
        .unwrap();
        tick();
        let first = house.ticket(mailed.clone()).await;
        tick();
        house.deliver().await;
        tick();
        let again = manage::resend(
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
        tick();
        house.deliver().await;
        tick();
        let other = house.ticket(asked("auth0|ada")).await;
        tick();
        let mut ada = Visitor::at(&house.link(&again)).await;
        house.tells_of_opening("auth0|ada").await;
        tick();
        ada.submit("form", &[("code", "000000")]).await;
        tick();
        ada.confirm(&house).await;
        tick();
        ada.save_recovery_code().await;
        assert_eq!(ada.status, 200);
        tick();
        house.deliver().await;
        assert_eq!(Visitor::at(&house.link(&other)).await.status, 409);

        let story = story(&house, "auth0|ada").await;
        let story: Vec<(&str, &str)> = story.iter().map(|(kind, who)| (&**kind, &**who)).collect();
        let expected = [
            ("ticket.created", "command-line"),
            ("user.created", "command-line"),
            ("ticket.revoked", "command-line"),
            ("ticket.created", "command-line"),
            ("mail.sent", "server"),
            ("ticket.resent", "command-line"),
            ("mail.sent", "server"),
            ("ticket.created", "command-line"),
            ("ticket.opened", "attempt"),
            ("enrollment.failed", "attempt"),
            ("enrollment.confirmed", "attempt"),
            ("recovery_code.created", "attempt"),
            ("ticket.closed", "attempt"),
            ("ticket.redeemed", "attempt"),
            ("recovery_code.saved", "attempt"),
            ("mail.sent", "server"),
        ];
        assert_eq!(story, expected);
    }
}

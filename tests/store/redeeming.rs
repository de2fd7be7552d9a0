//! The conditional UPDATEs that move a ticket from state to state: no row means that somebody was first.

use std::time::Duration;

use futures_util::future::join_all;
use tessera::core::{AttemptId, Digest, OsRng, TicketId, TicketSecret, Timestamp};
use tessera::store::{NewTicket, RedeemTicket, Ticket, TicketState};

use crate::house::{DAY, House, MINUTE, NOON, attempt, commit, on_both, read, ticket, user_id};

on_both!(
    a_ticket_is_spent_once,
    only_the_right_secret_before_the_end_spends_a_ticket,
    a_held_ticket_belongs_to_its_attempt_until_it_is_done,
    a_held_ticket_is_nobodys_after_its_time,
    of_thirty_rivals_one_wins,
    a_ticket_is_taken_back_while_it_is_not_over,
    what_is_over_is_neither_spent_nor_renewed,
    only_who_holds_a_ticket_finishes_it,
    a_proof_is_noted_on_an_open_ticket_for_several_factors,
    spending_closes_the_users_other_single_tickets
);

pub const END: Timestamp = Timestamp::from_millis(NOON.millis() + 5 * 24 * 60 * 60 * 1000);
/// The longest that an attempt may hold a ticket.
const HOLD: Duration = Duration::from_secs(30 * 60);

/// A ticket of Ada, and one try to spend it, which each story changes.
pub async fn of_ada(house: &House) -> NewTicket {
    let ada = match read!(house, read => read.user(&user_id("auth0|ada"))) {
        Some(user) => user.user_id,
        None => house.user("auth0|ada").await,
    };
    let ticket = ticket(&ada);
    house.ticket(&ticket).await;
    ticket
}

pub async fn redeem(
    house: &House,
    ticket: &NewTicket,
    attempt: &AttemptId,
    hold: bool,
    now: Timestamp,
) -> Option<Ticket> {
    let redeem = RedeemTicket {
        ticket_id: &ticket.ticket_id,
        attempt,
        secret_hash: ticket.secret_hash.as_bytes(),
        hold,
        held_since: now - HOLD,
    };
    commit!(house, tx => tx.redeem_ticket(&redeem, now))
}

pub async fn found(house: &House, id: &TicketId) -> Ticket {
    read!(house, read => read.ticket(id)).unwrap()
}

async fn a_ticket_is_spent_once(house: House) {
    let (ticket, winner) = (of_ada(&house).await, attempt());
    let other = of_ada(&house).await;
    commit!(house, tx => tx.count_ticket_failure(&ticket.ticket_id, NOON));
    let now = NOON + MINUTE;
    let spent = redeem(&house, &ticket, &winner, false, now).await.unwrap();
    assert_eq!(spent.state, TicketState::Used);
    assert_eq!(spent.winner.as_deref(), Some(winner.as_str()));
    assert_eq!(
        (spent.redeemed_at, spent.ended_at),
        (Some(now.millis()), Some(now.millis()))
    );
    assert_eq!(spent.failures, 0);
    for again in [&winner, &attempt()] {
        assert!(
            redeem(&house, &ticket, again, false, now + MINUTE)
                .await
                .is_none()
        );
        assert!(
            redeem(&house, &ticket, again, true, now + MINUTE)
                .await
                .is_none()
        );
    }
    let kept = found(&house, &ticket.ticket_id).await;
    assert_eq!((kept.winner, kept.ended_at), (spent.winner, spent.ended_at));
    assert_eq!(
        found(&house, &other.ticket_id).await.state,
        TicketState::Open
    );
}

async fn only_the_right_secret_before_the_end_spends_a_ticket(house: House) {
    let ticket = of_ada(&house).await;
    let guessed = NewTicket {
        secret_hash: TicketSecret::new(&OsRng).digest(),
        ..ticket.clone()
    };
    let unknown = NewTicket {
        ticket_id: TicketId::new(NOON, &OsRng),
        ..ticket.clone()
    };
    for refused in [guessed, unknown] {
        assert!(
            redeem(&house, &refused, &attempt(), false, NOON)
                .await
                .is_none()
        );
    }
    for late in [END, END + DAY] {
        assert!(
            redeem(&house, &ticket, &attempt(), false, late)
                .await
                .is_none()
        );
        assert!(
            redeem(&house, &ticket, &attempt(), true, late)
                .await
                .is_none()
        );
    }
    let untouched = found(&house, &ticket.ticket_id).await;
    assert_eq!(
        (untouched.state, untouched.winner),
        (TicketState::Open, None)
    );
    let just_in_time = END - Duration::from_millis(1);
    assert!(
        redeem(&house, &ticket, &attempt(), false, just_in_time)
            .await
            .is_some()
    );
}

async fn a_held_ticket_belongs_to_its_attempt_until_it_is_done(house: House) {
    let (ticket, winner) = (of_ada(&house).await, attempt());
    let held = redeem(&house, &ticket, &winner, true, NOON).await.unwrap();
    assert_eq!((held.state, held.ended_at), (TicketState::Held, None));
    let again = redeem(&house, &ticket, &winner, true, NOON + MINUTE)
        .await
        .unwrap();
    assert_eq!(
        again.redeemed_at,
        Some(NOON.millis()),
        "the hold counts from the first"
    );
    assert!(
        redeem(&house, &ticket, &attempt(), true, NOON + MINUTE)
            .await
            .is_none()
    );
    assert!(
        redeem(&house, &ticket, &attempt(), false, NOON + MINUTE)
            .await
            .is_none()
    );
    let guessed = NewTicket {
        secret_hash: Digest::of(b"guessed"),
        ..ticket.clone()
    };
    assert!(
        redeem(&house, &guessed, &winner, false, NOON + MINUTE)
            .await
            .is_none()
    );

    let done = redeem(&house, &ticket, &winner, false, NOON + MINUTE * 2)
        .await
        .unwrap();
    assert_eq!(done.state, TicketState::Used);
    assert_eq!(done.redeemed_at, Some(NOON.millis()));
    assert_eq!(done.ended_at, Some((NOON + MINUTE * 2).millis()));
    assert!(
        redeem(&house, &ticket, &winner, true, NOON + MINUTE * 3)
            .await
            .is_none()
    );
}

async fn a_held_ticket_is_nobodys_after_its_time(house: House) {
    let (ticket, winner) = (of_ada(&house).await, attempt());
    redeem(&house, &ticket, &winner, true, NOON).await.unwrap();
    let over = NOON + HOLD;
    assert!(redeem(&house, &ticket, &winner, true, over).await.is_none());
    assert!(
        redeem(&house, &ticket, &attempt(), true, over)
            .await
            .is_none()
    );
    let just_in_time = over - Duration::from_millis(1);
    assert!(
        redeem(&house, &ticket, &winner, true, just_in_time)
            .await
            .is_some()
    );
}

async fn of_thirty_rivals_one_wins(house: House) {
    let ticket = of_ada(&house).await;
    let attempts: Vec<AttemptId> = (0..30).map(|_| attempt()).collect();
    let tries = attempts
        .iter()
        .enumerate()
        .map(|(index, attempt)| redeem(&house, &ticket, attempt, index % 2 == 0, NOON));
    let answers = join_all(tries).await;
    let winners: Vec<&AttemptId> = attempts
        .iter()
        .zip(&answers)
        .filter_map(|(attempt, answer)| answer.as_ref().map(|_| attempt))
        .collect();
    assert_eq!(winners.len(), 1);
    let spent = found(&house, &ticket.ticket_id).await;
    assert_eq!(spent.winner.as_deref(), Some(winners[0].as_str()));
}

async fn a_ticket_is_taken_back_while_it_is_not_over(house: House) {
    let (open, held, used) = (
        of_ada(&house).await,
        of_ada(&house).await,
        of_ada(&house).await,
    );
    let winner = attempt();
    redeem(&house, &held, &winner, true, NOON).await.unwrap();
    redeem(&house, &used, &winner, false, NOON).await.unwrap();
    let now = NOON + MINUTE;
    for ticket in [&open, &held] {
        let id = &ticket.ticket_id;
        let revoked = commit!(house, tx => tx.revoke_ticket(id, now)).unwrap();
        assert_eq!(
            (&revoked.ticket_id, revoked.state),
            (id, TicketState::Revoked)
        );
        assert_eq!(revoked.ended_at, Some(now.millis()));
        assert!(commit!(house, tx => tx.revoke_ticket(id, now + MINUTE)).is_none());
        assert_eq!(found(&house, id).await.ended_at, Some(now.millis()));
    }
    assert!(redeem(&house, &held, &winner, true, now).await.is_none());
    assert!(commit!(house, tx => tx.revoke_ticket(&used.ticket_id, now)).is_none());
    assert_eq!(
        found(&house, &used.ticket_id).await.state,
        TicketState::Used
    );
    let unknown = TicketId::new(NOON, &OsRng);
    assert!(commit!(house, tx => tx.revoke_ticket(&unknown, now)).is_none());
}

async fn what_is_over_is_neither_spent_nor_renewed(house: House) {
    let (revoked, closed, used) = (
        of_ada(&house).await,
        of_ada(&house).await,
        of_ada(&house).await,
    );
    commit!(house, tx => tx.revoke_ticket(&revoked.ticket_id, NOON)).unwrap();
    redeem(&house, &used, &attempt(), false, NOON)
        .await
        .unwrap();
    let spent = &used.ticket_id;
    commit!(house, tx => tx.close_other_tickets(&used.user_id, spent, NOON));
    for ticket in [&revoked, &closed, &used] {
        let id = &ticket.ticket_id;
        let state = found(&house, id).await.state;
        assert_ne!(state, TicketState::Open);
        assert!(
            redeem(&house, ticket, &attempt(), false, NOON)
                .await
                .is_none()
        );
        let secret = TicketSecret::new(&OsRng).digest();
        assert!(commit!(house, tx => tx.replace_ticket_secret(id, &secret, NOON)).is_none());
        assert!(!read!(house, read => read.is_former_link(id, &ticket.secret_hash)));
        let after = found(&house, id).await;
        assert_eq!(after.state, state);
        assert!(ticket.secret_hash.matches(&after.secret_hash));
    }
}

async fn only_who_holds_a_ticket_finishes_it(house: House) {
    let (ticket, winner) = (of_ada(&house).await, attempt());
    let id = &ticket.ticket_id;
    assert!(!commit!(house, tx => tx.finish_ticket(id, &winner, NOON)));
    redeem(&house, &ticket, &winner, true, NOON).await.unwrap();
    assert!(!commit!(house, tx => tx.finish_ticket(id, &attempt(), NOON)));
    let later = NOON + MINUTE;
    assert!(commit!(house, tx => tx.finish_ticket(id, &winner, later)));
    let finished = found(&house, id).await;
    assert_eq!(
        (finished.state, finished.ended_at),
        (TicketState::Used, Some(later.millis()))
    );
    assert!(!commit!(house, tx => tx.finish_ticket(id, &winner, later)));
    assert!(
        redeem(&house, &ticket, &winner, true, later)
            .await
            .is_none()
    );
}

async fn a_proof_is_noted_on_an_open_ticket_for_several_factors(house: House) {
    let (single, prover) = (of_ada(&house).await, attempt());
    let ada = &single.user_id;
    let several = NewTicket {
        allow_multiple: true,
        ..ticket(ada)
    };
    house.ticket(&several).await;
    let bob = house.user("auth0|bob").await;
    let (id, secret) = (&several.ticket_id, several.secret_hash.as_bytes());
    let other = TicketSecret::new(&OsRng).digest();
    let refused = [
        (&single.ticket_id, ada, single.secret_hash.as_bytes(), NOON),
        (id, &bob, secret, NOON),
        (id, ada, other.as_bytes(), NOON),
        (id, ada, secret, END),
    ];
    for (id, user_id, secret, now) in refused {
        assert!(!commit!(house, tx => tx.step_up_ticket(id, user_id, &prover, secret, now)));
    }
    assert!(commit!(house, tx => tx.step_up_ticket(id, ada, &prover, secret, NOON)));
    let opened = read!(house, read => read.opened_ticket(id)).unwrap();
    assert_eq!(opened.stepped_up_by.as_deref(), Some(prover.as_str()));
    assert_eq!(opened.stepped_up_at, Some(NOON.millis()));
    redeem(&house, &several, &prover, true, NOON).await.unwrap();
    assert!(!commit!(house, tx => tx.step_up_ticket(id, ada, &attempt(), secret, NOON)));
}

async fn spending_closes_the_users_other_single_tickets(house: House) {
    let (spent, other) = (of_ada(&house).await, of_ada(&house).await);
    let (revoked, held) = (of_ada(&house).await, of_ada(&house).await);
    let ada = &spent.user_id;
    let multiple = NewTicket {
        allow_multiple: true,
        ..ticket(ada)
    };
    let expired = NewTicket {
        expires_at: NOON,
        ..ticket(ada)
    };
    let of_bob = ticket(&house.user("auth0|bob").await);
    for ticket in [&multiple, &expired, &of_bob] {
        house.ticket(ticket).await;
    }
    commit!(house, tx => tx.revoke_ticket(&revoked.ticket_id, NOON)).unwrap();
    redeem(&house, &held, &attempt(), true, NOON).await.unwrap();

    let closed = commit!(house, tx => tx.close_other_tickets(ada, &spent.ticket_id, NOON));
    assert_eq!(closed, std::slice::from_ref(&other.ticket_id));
    let other = found(&house, &other.ticket_id).await;
    assert_eq!(
        (other.state, other.ended_at),
        (TicketState::Closed, Some(NOON.millis()))
    );
    for (ticket, state) in [
        (&spent, TicketState::Open),
        (&multiple, TicketState::Open),
        (&expired, TicketState::Open),
        (&of_bob, TicketState::Open),
        (&revoked, TicketState::Revoked),
        (&held, TicketState::Held),
    ] {
        assert_eq!(found(&house, &ticket.ticket_id).await.state, state);
    }
    assert!(commit!(house, tx => tx.close_other_tickets(ada, &spent.ticket_id, NOON)).is_empty());
}

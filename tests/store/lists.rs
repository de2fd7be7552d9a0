//! Lists of tickets, and the one joined read of a page.

use tessera::core::{OsRng, RecoveryCode, TicketId};
use tessera::store::{NewEnrollment, NewTicket, RedeemTicket, TicketFilter, User};

use crate::house::{
    House, LIFETIME, MINUTE, NOON, attempt, commit, enrollment, on_both, read, ticket, user,
    user_id,
};

on_both!(
    tickets_are_listed_by_state_and_user,
    a_list_is_cut_into_pages_from_the_newest,
    a_page_reads_the_ticket_with_its_user_and_factors,
    a_page_of_a_user_without_anything_reads_as_empty
);

fn filter(user: Option<&str>, status: Option<&str>) -> TicketFilter {
    TicketFilter {
        user_id: user.map(user_id),
        status: status.map(str::to_owned),
    }
}

/// One ticket of Ada in each state, named after it, and an open one of Bob.
async fn one_of_each(house: &House) -> Vec<(&'static str, TicketId)> {
    let ada = house.user("auth0|ada").await;
    let mut named = Vec::new();
    for name in ["open", "held", "used", "closed", "revoked", "expired"] {
        let new = NewTicket {
            expires_at: NOON + if name == "expired" { MINUTE } else { LIFETIME },
            ..ticket(&ada)
        };
        let id = house.ticket(&new).await;
        let attempt = attempt();
        let redeem = RedeemTicket {
            ticket_id: &id,
            attempt: &attempt,
            secret_hash: new.secret_hash.as_bytes(),
            hold: name == "held",
            held_since: NOON - MINUTE,
        };
        match name {
            "held" | "used" => drop(commit!(house, tx => tx.redeem_ticket(&redeem, NOON)).unwrap()),
            "revoked" => drop(commit!(house, tx => tx.revoke_ticket(&id, NOON)).unwrap()),
            _ => {}
        }
        named.push((name, id));
    }
    let mut raw = house.raw().await;
    let closed = named[3].1.as_str();
    crate::house::on_raw!(&mut raw, conn => {
        sqlx::query("UPDATE tickets SET state = 'closed', ended_at = 1 WHERE ticket_id = $1")
            .bind(closed).execute(conn).await.map(drop)
    })
    .unwrap();
    let bob = house.user("auth0|bob").await;
    named.push(("open", house.ticket(&ticket(&bob)).await));
    named
}

async fn tickets_are_listed_by_state_and_user(house: House) {
    let named = one_of_each(&house).await;
    let now = NOON + MINUTE;
    for status in [
        "open", "held", "used", "closed", "revoked", "expired", "other",
    ] {
        for user in [
            None,
            Some("auth0|ada"),
            Some("auth0|bob"),
            Some("auth0|eve"),
        ] {
            let filter = filter(user, Some(status));
            let mut expected: Vec<TicketId> = Vec::new();
            for (name, id) in &named {
                let owner = read!(house, read => read.ticket(id)).unwrap().user_id;
                if *name == status && user.is_none_or(|user| user == owner.as_str()) {
                    expected.push(id.clone());
                }
            }
            expected.sort();
            let listed = read!(house, read => read.tickets(&filter, now, 50, 0));
            let mut listed: Vec<TicketId> = listed.into_iter().map(|row| row.ticket_id).collect();
            listed.sort();
            assert_eq!(listed, expected, "{user:?} {status}");
            let count = read!(house, read => read.count_tickets(&filter, now));
            assert_eq!(
                usize::try_from(count).unwrap(),
                expected.len(),
                "{user:?} {status}"
            );
        }
    }
    let early = NOON + MINUTE - std::time::Duration::from_millis(1);
    let expired = filter(None, Some("expired"));
    assert_eq!(read!(house, read => read.count_tickets(&expired, early)), 0);
    let all = TicketFilter::default();
    assert_eq!(read!(house, read => read.count_tickets(&all, now)), 7);
    assert_eq!(
        read!(house, read => read.tickets(&all, now, 50, 0)).len(),
        7
    );
}

async fn a_list_is_cut_into_pages_from_the_newest(house: House) {
    let ada = house.user("auth0|ada").await;
    let mut ids = Vec::new();
    for minute in 0..7 {
        let new = NewTicket {
            ticket_id: TicketId::new(NOON + MINUTE * minute, &OsRng),
            ..ticket(&ada)
        };
        ids.push(house.ticket(&new).await);
    }
    ids.reverse();
    let all = filter(Some("auth0|ada"), None);
    for (offset, expected) in [(0, &ids[0..3]), (3, &ids[3..6]), (6, &ids[6..]), (9, &[])] {
        let page = read!(house, read => read.tickets(&all, NOON, 3, offset));
        let page: Vec<TicketId> = page.into_iter().map(|row| row.ticket_id).collect();
        assert_eq!(page, expected, "from {offset}");
    }
    assert_eq!(read!(house, read => read.count_tickets(&all, NOON)), 7);
}

async fn a_page_reads_the_ticket_with_its_user_and_factors(house: House) {
    let ada = User {
        blocked: true,
        profile: r#"{"name":"Ada"}"#.to_owned(),
        ..user("auth0|ada", Some("ada@example.com"))
    };
    assert!(commit!(house, tx => tx.insert_user(&ada)));
    let ada = ada.user_id;
    let (id, other) = (
        house.ticket(&ticket(&ada)).await,
        house.ticket(&ticket(&ada)).await,
    );
    house.enroll(&ada, &id).await;
    for (factor, ticket_id) in [("phone", &id), ("webauthn-roaming", &other)] {
        let enrollment_id = tessera::core::EnrollmentId::new(NOON, &OsRng);
        let new = NewEnrollment {
            factor,
            is_first: false,
            ..enrollment(&ada, ticket_id, &enrollment_id)
        };
        commit!(house, tx => tx.insert_enrollment(&new, NOON));
    }
    house.raw().await
        .run("INSERT INTO enrollments (user_id, enrollment_id, factor, status, is_first, material_sealed, created_at)
              VALUES ('auth0|ada', 'dev_pending', 'otp', 'pending', FALSE, '', 0)")
        .await
        .unwrap();
    for (factor, enabled) in [("phone", true), ("otp", true), ("push-notification", false)] {
        commit!(house, tx => tx.set_factor(factor, enabled, NOON));
    }
    let code = RecoveryCode::new(&OsRng).digest();
    commit!(house, tx => tx.set_recovery_code(&ada, &code, Some(&id), NOON));

    let opened = read!(house, read => read.opened_ticket(&id)).unwrap();
    let for_a_page = house.store.opened_ticket(&id).await.unwrap().unwrap();
    assert_eq!(format!("{for_a_page:?}"), format!("{opened:?}"));
    assert_eq!(
        (&opened.ticket.ticket_id, &opened.ticket.user_id),
        (&id, &ada)
    );
    assert_eq!(opened.user_email.as_deref(), Some("ada@example.com"));
    assert_eq!(
        (opened.user_profile.as_str(), opened.user_blocked),
        (r#"{"name":"Ada"}"#, true)
    );
    assert_eq!(opened.enrolled, 3, "a pending one is none");
    assert_eq!(sorted(opened.enrolled_here), ["otp", "phone"]);
    assert_eq!(sorted(opened.switched_on), ["otp", "phone"]);
    assert_eq!(sorted(opened.switched_off), ["push-notification"]);
    assert_eq!(opened.unsaved_codes, 1);
    let unknown = TicketId::new(NOON, &OsRng);
    assert!(read!(house, read => read.opened_ticket(&unknown)).is_none());
    let for_a_page = house.store.opened_ticket(&unknown).await.unwrap();
    assert!(for_a_page.is_none());
}

fn sorted(list: Option<String>) -> Vec<String> {
    let mut parts: Vec<String> = list.unwrap().split(',').map(str::to_owned).collect();
    parts.sort();
    parts
}

async fn a_page_of_a_user_without_anything_reads_as_empty(house: House) {
    assert!(commit!(house, tx => tx.insert_user(&user("auth0|ada", None))));
    let id = house.ticket(&ticket(&user_id("auth0|ada"))).await;
    let opened = read!(house, read => read.opened_ticket(&id)).unwrap();
    assert_eq!((opened.user_email, opened.user_blocked), (None, false));
    assert_eq!((opened.enrolled, opened.unsaved_codes), (0, 0));
    let lists = (
        opened.enrolled_here,
        opened.switched_on,
        opened.switched_off,
    );
    assert_eq!(lists, (None, None, None));
}

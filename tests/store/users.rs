//! The people who enroll.

use tessera::core::{Digest, EnrollmentId, OsRng, RecoveryCode, Timestamp};
use tessera::store::{NewTicket, User};

use crate::house::{
    House, MINUTE, NOON, commit, enrollment, kinds, message, on_both, read, ticket, user, user_id,
};

on_both!(
    a_user_is_added_once_and_read_back,
    a_user_is_changed_and_deleted,
    users_are_listed_in_pages,
    deleting_a_user_takes_everything_but_the_audit_log,
    the_row_of_a_user_serializes_what_touches_their_factors
);

async fn a_user_is_added_once_and_read_back(house: House) {
    let ada = User {
        email: Some("ada@example.com".to_owned()),
        blocked: true,
        profile: r#"{"name":"Ada"}"#.to_owned(),
        created_at: Timestamp::from_millis(0),
        updated_at: Timestamp::from_millis(-1),
        ..user("auth0|ada", None)
    };
    assert!(commit!(house, tx => tx.insert_user(&ada)));
    assert!(
        !commit!(house, tx => tx.insert_user(&user("auth0|ada", None))),
        "the id is taken"
    );
    let found = read!(house, read => read.user(&ada.user_id)).unwrap();
    assert_eq!(found.user_id, ada.user_id);
    assert_eq!(found.email, ada.email);
    assert!(found.blocked);
    assert_eq!(found.profile, ada.profile);
    assert_eq!(
        (found.created_at, found.updated_at),
        (ada.created_at, ada.updated_at)
    );

    assert!(
        commit!(house, tx => tx.insert_user(&user("AUTH0|ada", None))),
        "another user"
    );
    let found = read!(house, read => read.user(&user_id("AUTH0|ada"))).unwrap();
    assert_eq!((found.email, found.blocked), (None, false));
    assert!(read!(house, read => read.user(&user_id("auth0|ada "))).is_none());
}

async fn a_user_is_changed_and_deleted(house: House) {
    let ada = house.user("auth0|ada").await;
    let bob = house.user("auth0|bob").await;
    let changed = User {
        email: None,
        blocked: true,
        profile: r#"{"name":"Ada"}"#.to_owned(),
        updated_at: NOON + MINUTE,
        ..user("auth0|ada", None)
    };
    assert!(commit!(house, tx => tx.update_user(&changed)));
    let found = read!(house, read => read.user(&ada)).unwrap();
    assert_eq!(
        (found.email, found.blocked, found.profile),
        (None, true, changed.profile)
    );
    assert_eq!((found.created_at, found.updated_at), (NOON, NOON + MINUTE));
    let other = read!(house, read => read.user(&bob)).unwrap();
    assert_eq!((other.blocked, other.updated_at), (false, NOON));

    assert!(commit!(house, tx => tx.delete_user(&ada)));
    assert!(!commit!(house, tx => tx.delete_user(&ada)));
    assert!(!commit!(house, tx => tx.update_user(&user("auth0|ada", None))));
    assert!(commit!(house, tx => tx.lock_user(&ada)).is_none());
    assert!(read!(house, read => read.user(&bob)).is_some());
}

async fn users_are_listed_in_pages(house: House) {
    assert_eq!(read!(house, read => read.count_users()), 0);
    for name in ["c", "a", "e", "b", "d"] {
        house.user(name).await;
    }
    assert_eq!(read!(house, read => read.count_users()), 5);
    for (limit, offset, expected) in [(2, 0, "ab"), (2, 2, "cd"), (2, 4, "e"), (2, 6, "")] {
        let page = read!(house, read => read.users(limit, offset));
        let names: String = page.iter().map(|user| user.user_id.as_str()).collect();
        assert_eq!(names, expected);
    }
}

async fn deleting_a_user_takes_everything_but_the_audit_log(house: House) {
    let bob = house.user("auth0|bob").await;
    for ada in [house.user("auth0|ada").await, bob] {
        let mailed = NewTicket {
            mail: Some(message()),
            ..ticket(&ada)
        };
        let id = house.ticket(&mailed).await;
        house.enroll(&ada, &id).await;
        let code = RecoveryCode::new(&OsRng).digest();
        let secret = Digest::of(ada.as_str().as_bytes());
        commit!(house, tx => tx.set_recovery_code(&ada, &code, Some(&id), NOON));
        commit!(house, tx => tx.replace_ticket_secret(&id, &secret, NOON)).unwrap();
        commit!(house, tx => tx.insert_message(&message(), &ada, None, NOON));
    }
    let mut raw = house.raw().await;
    let counts = [
        ("SELECT COUNT(*) FROM users", 2, 1),
        ("SELECT COUNT(*) FROM tickets", 2, 1),
        ("SELECT COUNT(*) FROM former_links", 2, 1),
        ("SELECT COUNT(*) FROM enrollments", 2, 1),
        ("SELECT COUNT(*) FROM recovery_codes", 2, 1),
        ("SELECT COUNT(*) FROM outbox", 4, 2),
        ("SELECT COUNT(*) FROM events", 2, 2),
    ];
    for (sql, before, _) in counts {
        assert_eq!(raw.number(sql).await, before, "{sql}");
    }
    let ada = user_id("auth0|ada");
    assert!(commit!(house, tx => tx.delete_user(&ada)));
    for (sql, _, after) in counts {
        assert_eq!(raw.number(sql).await, after, "{sql}");
    }
    let log = read!(house, read => read.events_of_user(&ada));
    assert_eq!(kinds(&log), ["ticket.created"]);
}

/// Twenty at once look for a factor and add the first where they see none. The constraint that would catch two of
/// them is not what keeps them apart: nobody fails.
async fn the_row_of_a_user_serializes_what_touches_their_factors(house: House) {
    let ada = house.user("auth0|ada").await;
    let id = house.ticket(&ticket(&ada)).await;
    let tries = (0..20).map(|_| {
        let (store, ada, id) = (house.store.clone(), ada.clone(), id.clone());
        tokio::spawn(async move {
            let mut tx = store.begin_write().await.unwrap();
            let locked = tx.lock_user(&ada).await.unwrap().unwrap();
            assert_eq!(locked.user_id, ada);
            if tx.enrollments_of(&ada).await.unwrap().is_empty() {
                let enrollment_id = EnrollmentId::new(NOON, &OsRng);
                let new = enrollment(&ada, &id, &enrollment_id);
                tx.insert_enrollment(&new, NOON).await.unwrap();
            }
            tx.commit().await.unwrap();
        })
    });
    for done in futures_util::future::join_all(tries).await {
        done.unwrap();
    }
    assert_eq!(read!(house, read => read.enrollments_of(&ada)).len(), 1);
}

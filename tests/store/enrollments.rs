//! Enrollments: one factor of one user each.

use tessera::core::{EnrollmentId, Error, OsRng};
use tessera::store::NewEnrollment;

use crate::house::{House, MINUTE, NOON, commit, enrollment, on_both, read, ticket};

on_both!(
    a_factor_is_enrolled_and_read_back,
    a_users_factors_are_listed_from_the_oldest,
    one_factor_or_all_of_a_user_are_removed,
    a_factor_is_used_step_by_step,
    a_factor_is_renamed_by_its_owner,
    a_credential_is_one_persons_and_one_domains,
    a_ticket_gives_a_factor_once_and_a_user_has_one_first_factor
);

async fn a_factor_is_enrolled_and_read_back(house: House) {
    let ada = house.user("auth0|ada").await;
    let ticket_id = house.ticket(&ticket(&ada)).await;
    let id = EnrollmentId::new(NOON, &OsRng);
    let material: Vec<u8> = (0..=255).collect();
    let new = NewEnrollment {
        material_sealed: &material,
        ..enrollment(&ada, &ticket_id, &id)
    };
    commit!(house, tx => tx.insert_enrollment(&new, NOON + MINUTE));
    let found = read!(house, read => read.enrollment(&id)).unwrap();
    assert_eq!((&found.user_id, &found.enrollment_id), (&ada, &id));
    assert_eq!(
        (found.factor.as_str(), found.status.as_str()),
        ("otp", "confirmed")
    );
    assert_eq!(found.ticket_id.as_deref(), Some(ticket_id.as_str()));
    assert_eq!(found.material_sealed, material);
    assert_eq!(found.last_step, Some(59_000_000));
    assert_eq!(found.created_at, NOON + MINUTE);
    assert_eq!(found.enrolled_at, Some((NOON + MINUTE).millis()));
    assert_eq!((found.name, found.last_auth_at), (None, None));
    let unknown = EnrollmentId::new(NOON, &OsRng);
    assert!(read!(house, read => read.enrollment(&unknown)).is_none());
}

/// Ada's three factors, the oldest first.
async fn three_factors(house: &House) -> Vec<EnrollmentId> {
    let ada = house.user("auth0|ada").await;
    let ticket_id = house.ticket(&ticket(&ada)).await;
    let mut ids = Vec::new();
    for (after, factor) in [(0, "otp"), (1, "phone"), (2, "webauthn-roaming")] {
        let id = EnrollmentId::new(NOON + MINUTE * after, &OsRng);
        let new = NewEnrollment {
            factor,
            is_first: after == 0,
            last_step: None,
            ..enrollment(&ada, &ticket_id, &id)
        };
        commit!(house, tx => tx.insert_enrollment(&new, NOON));
        ids.push(id);
    }
    ids
}

async fn a_users_factors_are_listed_from_the_oldest(house: House) {
    let ids = three_factors(&house).await;
    let bob = house.user("auth0|bob").await;
    let of_bob = house.ticket(&ticket(&bob)).await;
    house.enroll(&bob, &of_bob).await;
    let ada = read!(house, read => read.enrollment(&ids[0]))
        .unwrap()
        .user_id;
    let listed: Vec<EnrollmentId> = read!(house, read => read.enrollments_of(&ada))
        .into_iter()
        .map(|enrollment| enrollment.enrollment_id)
        .collect();
    assert_eq!(listed, ids);
    assert_eq!(read!(house, read => read.enrollments_of(&bob)).len(), 1);
}

async fn one_factor_or_all_of_a_user_are_removed(house: House) {
    let ids = three_factors(&house).await;
    let removed = commit!(house, tx => tx.delete_enrollment(&ids[1])).unwrap();
    assert_eq!(
        (removed.enrollment_id, removed.factor.as_str()),
        (ids[1].clone(), "phone")
    );
    assert!(commit!(house, tx => tx.delete_enrollment(&ids[1])).is_none());
    let ada = removed.user_id;
    let mut removed: Vec<EnrollmentId> = commit!(house, tx => tx.delete_enrollments_of(&ada))
        .into_iter()
        .map(|enrollment| enrollment.enrollment_id)
        .collect();
    removed.sort();
    assert_eq!(removed, [ids[0].clone(), ids[2].clone()]);
    assert!(commit!(house, tx => tx.delete_enrollments_of(&ada)).is_empty());
    assert!(read!(house, read => read.enrollments_of(&ada)).is_empty());
}

async fn a_credential_is_one_persons_and_one_domains(house: House) {
    let facts = |domain: &str| format!("{{\"relying_party\":\"{domain}\",\"user_verified\":true}}");
    let credential = async |user: &str, id: &str, domain: &str| {
        let user_id = house.user(user).await;
        let ticket_id = house.ticket(&ticket(&user_id)).await;
        let enrollment_id = EnrollmentId::new(NOON, &OsRng);
        let new = NewEnrollment {
            factor: "webauthn-roaming",
            name: Some("Blue key"),
            credential_id: Some(id),
            facts: &facts(domain),
            ..enrollment(&user_id, &ticket_id, &enrollment_id)
        };
        commit!(house, tx => tx.insert_enrollment(&new, NOON))
    };
    assert!(credential("auth0|ada", "aaaa", "example.com").await);
    assert!(!credential("auth0|bob", "aaaa", "example.com").await);
    assert!(credential("auth0|cyd", "bbbb", "mfa.example.com").await);
    let cyd = "auth0|cyd".parse().unwrap();
    let stored = read!(house, read => read.enrollments_of(&cyd)).remove(0);
    assert_eq!(stored.credential_id.as_deref(), Some("bbbb"));
    assert_eq!(
        (stored.name.as_deref(), stored.facts),
        (Some("Blue key"), facts("mfa.example.com"))
    );
    for (factor, domain, count) in [
        ("webauthn-roaming", "example.com", 1),
        ("webauthn-roaming", "mfa.example.com", 1),
        ("webauthn-roaming", "example.org", 2),
        ("webauthn-platform", "example.org", 0),
    ] {
        let elsewhere = read!(house, read => read.credentials_elsewhere(factor, domain));
        assert_eq!(elsewhere, count, "{factor} {domain}");
    }
}

async fn a_ticket_gives_a_factor_once_and_a_user_has_one_first_factor(house: House) {
    let ids = three_factors(&house).await;
    let first = read!(house, read => read.enrollment(&ids[0])).unwrap();
    let spent = first.ticket_id.unwrap().parse().unwrap();
    let fresh = house.ticket(&ticket(&first.user_id)).await;
    let id = EnrollmentId::new(NOON, &OsRng);
    let second_of_ticket = NewEnrollment {
        is_first: false,
        ..enrollment(&first.user_id, &spent, &id)
    };
    let second_first = enrollment(&first.user_id, &fresh, &id);
    for refused in [second_of_ticket, second_first] {
        let mut tx = house.store.begin_write().await.unwrap();
        let error = tx.insert_enrollment(&refused, NOON).await.unwrap_err();
        assert!(matches!(error, Error::Internal(_)), "{error:?}");
    }
    assert_eq!(
        read!(house, read => read.enrollments_of(&first.user_id)).len(),
        3
    );
}

async fn a_factor_is_used_step_by_step(house: House) {
    let ids = three_factors(&house).await;
    let ada = read!(house, read => read.enrollment(&ids[0]))
        .unwrap()
        .user_id;
    let bob = house.user("auth0|bob").await;
    for (step, taken) in [(7, true), (7, false), (6, false), (8, true)] {
        let used = commit!(house, tx => tx.use_enrollment(&ada, &ids[0], Some(step), None, NOON));
        assert_eq!(used, taken, "step {step}");
    }
    assert!(!commit!(house, tx => tx.use_enrollment(&bob, &ids[0], Some(9), None, NOON)));
    // What changed of the material is kept, and stays.
    for kept in [Some(&b"sealed anew"[..]), None] {
        assert!(commit!(house, tx => tx.use_enrollment(&ada, &ids[2], None, kept, NOON)));
        let found = read!(house, read => read.enrollment(&ids[2])).unwrap();
        assert_eq!(found.material_sealed, b"sealed anew");
    }
    assert!(commit!(house, tx => tx.use_enrollment(&ada, &ids[0], None, None, NOON + MINUTE)));
    let found = read!(house, read => read.enrollment(&ids[0])).unwrap();
    assert_eq!(found.last_step, Some(8));
    assert_eq!(found.last_auth_at, Some((NOON + MINUTE).millis()));
    assert!(commit!(house, tx => tx.use_enrollment(&ada, &ids[1], None, None, NOON)));
}

async fn a_factor_is_renamed_by_its_owner(house: House) {
    let ids = three_factors(&house).await;
    let ada = read!(house, read => read.enrollment(&ids[1]))
        .unwrap()
        .user_id;
    let bob = house.user("auth0|bob").await;
    let facts = r#"{"channel":"voice"}"#;
    let change = commit!(house, tx => tx.update_enrollment(&bob, &ids[1], Some("mine"), facts));
    assert!(change.is_none());
    let changed = commit!(house, tx => tx.update_enrollment(&ada, &ids[1], Some("mine"), facts));
    let changed = changed.unwrap();
    assert_eq!(
        (changed.name.as_deref(), changed.facts.as_str()),
        (Some("mine"), facts)
    );
    let found = read!(house, read => read.enrollment(&ids[1])).unwrap();
    assert_eq!((found.name, found.facts), (changed.name, changed.facts));
    let other = read!(house, read => read.enrollment(&ids[0])).unwrap();
    assert_eq!((other.name, other.facts.as_str()), (None, "{}"));
}

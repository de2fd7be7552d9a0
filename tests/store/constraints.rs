//! What the tables refuse by themselves, so that a fault in the code above fails closed (raw SQL, past the store).

use tessera::core::Digest;

use crate::house::{House, NOON, commit, enrollment, message, on_both, ticket};

on_both!(
    what_must_not_be_is_refused_by_the_database,
    what_may_be_is_not
);

/// Ada with two open tickets (`one`, `two`), Bob with none.
async fn furnish(house: &House) {
    let ada = house.user("auth0|ada").await;
    house.user("auth0|bob").await;
    let one = house.ticket(&ticket(&ada)).await;
    house.ticket(&ticket(&ada)).await;
    let dev = tessera::core::EnrollmentId::new(NOON, &tessera::core::OsRng);
    let first = enrollment(&ada, &one, &dev);
    commit!(house, tx => tx.insert_enrollment(&first, NOON));
    let code = Digest::of(b"the recovery code of Ada");
    commit!(house, tx => tx.set_recovery_code(&ada, &code, Some(&one), NOON));
    commit!(house, tx => tx.insert_message(&message(), &ada, Some(&one), NOON));
}

/// What must not be, and the statement that would make it so.
#[rustfmt::skip]
const REFUSED: &[(&str, &str)] = &[
    ("a second first factor of a user",
     "INSERT INTO enrollments (user_id, enrollment_id, factor, status, is_first, material_sealed, created_at)
      VALUES ('auth0|ada', 'dev_x', 'phone', 'confirmed', TRUE, '', 0)"),
    ("one factor twice by one ticket",
     "INSERT INTO enrollments (user_id, enrollment_id, factor, status, is_first, ticket_id, material_sealed, created_at)
      SELECT 'auth0|bob', 'dev_x', factor, 'confirmed', FALSE, ticket_id, '', 0 FROM enrollments"),
    ("one enrollment id twice, even of two users",
     "INSERT INTO enrollments (user_id, enrollment_id, factor, status, is_first, material_sealed, created_at)
      SELECT 'auth0|bob', enrollment_id, 'phone', 'confirmed', FALSE, '', 0 FROM enrollments"),
    ("an enrollment in a state of no name",
     "UPDATE enrollments SET status = 'done'"),
    ("an enrollment of nobody",
     "UPDATE enrollments SET user_id = 'auth0|nobody'"),
    ("an enrollment without material",
     "UPDATE enrollments SET material_sealed = NULL"),
    ("two recovery codes of one user",
     "INSERT INTO recovery_codes (user_id, code_hash, created_at) VALUES ('auth0|ada', 'x', 0)"),
    ("one recovery code of two users",
     "INSERT INTO recovery_codes (user_id, code_hash, created_at) SELECT 'auth0|bob', code_hash, 0 FROM recovery_codes"),
    ("a recovery code of nobody",
     "INSERT INTO recovery_codes (user_id, code_hash, created_at) VALUES ('auth0|nobody', 'x', 0)"),
    ("a used ticket without a winner",
     "UPDATE tickets SET state = 'used', ended_at = 1"),
    ("a held ticket without a winner",
     "UPDATE tickets SET state = 'held'"),
    ("a used ticket without an end",
     "UPDATE tickets SET state = 'used', winner = 'att_x'"),
    ("a revoked ticket without an end",
     "UPDATE tickets SET state = 'revoked'"),
    ("a closed ticket without an end",
     "UPDATE tickets SET state = 'closed'"),
    ("a ticket in a state of no name",
     "UPDATE tickets SET state = 'expired'"),
    ("a ticket of nobody",
     "UPDATE tickets SET user_id = 'auth0|nobody'"),
    ("a ticket without a secret",
     "UPDATE tickets SET secret_hash = NULL"),
    ("a former link of no ticket",
     "INSERT INTO former_links (ticket_id, secret_hash, replaced_at) VALUES ('gten_x', 'x', 0)"),
    ("a sent message with its payload",
     "UPDATE outbox SET state = 'sent'"),
    ("a dead message with its payload",
     "UPDATE outbox SET state = 'dead'"),
    ("a dropped message with its payload",
     "UPDATE outbox SET state = 'dropped'"),
    ("a message in a state of no name",
     "UPDATE outbox SET state = 'lost', payload_sealed = NULL"),
    ("a message to nobody",
     "UPDATE outbox SET user_id = 'auth0|nobody'"),
    ("a message of no ticket that names one",
     "UPDATE outbox SET ticket_id = 'gten_x'"),
    ("a user twice",
     "INSERT INTO users (user_id, profile, created_at, updated_at) VALUES ('auth0|ada', '{}', 0, 0)"),
    ("a user whose id has tickets renamed away",
     "UPDATE users SET user_id = 'auth0|eve' WHERE user_id = 'auth0|ada'"),
];

async fn what_must_not_be_is_refused_by_the_database(house: House) {
    furnish(&house).await;
    let mut raw = house.raw().await;
    for (what, sql) in REFUSED {
        let error = raw.run(sql).await.expect_err(what);
        let kind = error.as_database_error().expect(what).kind();
        assert!(
            !matches!(kind, sqlx::error::ErrorKind::Other),
            "{what}: {error}"
        );
    }
}

/// The same statements, but for what makes each of them wrong: it is the constraint that refused them.
async fn what_may_be_is_not(house: House) {
    furnish(&house).await;
    let mut raw = house.raw().await;
    #[rustfmt::skip]
    let allowed = [
        "INSERT INTO enrollments (user_id, enrollment_id, factor, status, is_first, material_sealed, created_at)
         VALUES ('auth0|bob', 'dev_x', 'otp', 'confirmed', TRUE, '', 0)",
        "INSERT INTO enrollments (user_id, enrollment_id, factor, status, is_first, ticket_id, material_sealed, created_at)
         SELECT 'auth0|ada', 'dev_y', 'phone', 'pending', FALSE, ticket_id, '', 0 FROM enrollments WHERE ticket_id IS NOT NULL",
        "INSERT INTO recovery_codes (user_id, code_hash, created_at) VALUES ('auth0|bob', 'x', 0)",
        "UPDATE outbox SET state = 'sent', payload_sealed = NULL",
        "UPDATE tickets SET state = 'held', winner = 'att_x'",
        "UPDATE tickets SET state = 'used', ended_at = 1",
    ];
    for sql in allowed {
        assert!(raw.run(sql).await.unwrap() >= 1, "{sql}");
    }
}

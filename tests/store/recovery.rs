//! Recovery codes: one a user.

use tessera::core::{OsRng, RecoveryCode, TicketId, UserId};

use crate::house::{House, MINUTE, NOON, commit, on_both, read, ticket};

on_both!(
    a_code_is_saved_once,
    a_new_code_takes_the_place_of_the_former,
    a_code_can_be_taken_away,
    a_code_is_used_once_by_its_owner
);

async fn unsaved(house: &House, ticket_id: &TicketId) -> i64 {
    read!(house, read => read.opened_ticket(ticket_id))
        .unwrap()
        .unsaved_codes
}

async fn ada_with_a_code(house: &House) -> (UserId, TicketId) {
    let ada = house.user("auth0|ada").await;
    let id = house.ticket(&ticket(&ada)).await;
    let code = RecoveryCode::new(&OsRng).digest();
    commit!(house, tx => tx.set_recovery_code(&ada, &code, Some(&id), NOON));
    (ada, id)
}

async fn a_code_is_saved_once(house: House) {
    let (ada, id) = ada_with_a_code(&house).await;
    let bob = house.user("auth0|bob").await;
    let other = house.ticket(&ticket(&ada)).await;
    assert_eq!(unsaved(&house, &id).await, 1);
    assert_eq!(unsaved(&house, &other).await, 0, "made with another ticket");
    assert!(!commit!(house, tx => tx.mark_recovery_code_saved(&ada, &other, NOON)));
    assert!(!commit!(house, tx => tx.mark_recovery_code_saved(&bob, &id, NOON)));
    assert!(commit!(house, tx => tx.mark_recovery_code_saved(&ada, &id, NOON)));
    assert!(!commit!(house, tx => tx.mark_recovery_code_saved(&ada, &id, NOON)));
    assert_eq!(unsaved(&house, &id).await, 0);
}

async fn a_new_code_takes_the_place_of_the_former(house: House) {
    let (ada, id) = ada_with_a_code(&house).await;
    assert!(commit!(house, tx => tx.mark_recovery_code_saved(&ada, &id, NOON)));
    let later = house.ticket(&ticket(&ada)).await;
    let code = RecoveryCode::new(&OsRng).digest();
    commit!(house, tx => tx.set_recovery_code(&ada, &code, Some(&later), NOON + MINUTE));
    assert_eq!(house.number("SELECT COUNT(*) FROM recovery_codes").await, 1);
    assert_eq!(unsaved(&house, &id).await, 0);
    assert_eq!(
        unsaved(&house, &later).await,
        1,
        "the new one is not saved yet"
    );
}

async fn a_code_can_be_taken_away(house: House) {
    let (ada, id) = ada_with_a_code(&house).await;
    assert!(commit!(house, tx => tx.delete_recovery_code(&ada)));
    assert!(!commit!(house, tx => tx.delete_recovery_code(&ada)));
    assert_eq!(unsaved(&house, &id).await, 0);
}

async fn a_code_is_used_once_by_its_owner(house: House) {
    let (ada, id) = ada_with_a_code(&house).await;
    let bob = house.user("auth0|bob").await;
    let [code, fresh, third] = [(); 3].map(|()| RecoveryCode::new(&OsRng).digest());
    assert!(read!(house, read => read.recovery_code(&bob)).is_none());
    commit!(house, tx => tx.set_recovery_code(&ada, &code, Some(&id), NOON));
    assert!(!commit!(house, tx => tx.use_recovery_code(&ada, &fresh, &third, NOON)));
    assert!(!commit!(house, tx => tx.use_recovery_code(&bob, &code, &third, NOON)));
    assert!(commit!(house, tx => tx.use_recovery_code(&ada, &code, &fresh, NOON + MINUTE)));
    assert!(!commit!(house, tx => tx.use_recovery_code(&ada, &code, &third, NOON + MINUTE)));
    let kept = read!(house, read => read.recovery_code(&ada)).unwrap();
    assert_eq!(kept.created_at, NOON + MINUTE);
    assert_eq!(
        unsaved(&house, &id).await,
        0,
        "no page of the ticket shows the fresh one"
    );
    assert!(commit!(house, tx => tx.use_recovery_code(&ada, &fresh, &third, NOON)));
}

//! The lanes of the outbox: none waits for another's next hop.

use tessera::core::{MessageId, OsRng};
use tessera::store::NewMessage;

use crate::house::{House, MINUTE, NOON, commit, message, on_both, read};

on_both!(calls_to_phones_are_in_a_lane_of_their_own);

async fn calls_to_phones_are_in_a_lane_of_their_own(house: House) {
    let ada = house.user("auth0|ada").await;
    let mail = message();
    let call = NewMessage {
        message_id: MessageId::new(NOON, &OsRng),
        kind: "push",
        ..message()
    };
    commit!(house, tx => tx.insert_message(&mail, &ada, None, NOON + MINUTE));
    assert_eq!(read!(house, read => read.next_call_due()), None);
    commit!(house, tx => tx.insert_message(&call, &ada, None, NOON));
    assert_eq!(read!(house, read => read.next_call_due()), Some(NOON));
    let due = read!(house, read => read.next_message_due());
    assert_eq!(due, Some(NOON + MINUTE));
    let (now, until) = (NOON + MINUTE, NOON + MINUTE * 2);
    let mails = house.store.lease_messages("mailer", now, until, 10).await;
    let names: Vec<_> = mails
        .unwrap()
        .into_iter()
        .map(|one| one.message_id)
        .collect();
    assert_eq!(names, [mail.message_id]);
    let calls = house.store.lease_calls("caller", now, until, 10).await;
    let names: Vec<_> = calls
        .unwrap()
        .into_iter()
        .map(|one| one.message_id)
        .collect();
    assert_eq!(names, [call.message_id]);
    let again = house.store.lease_calls("caller", now, until, 10).await;
    assert!(again.unwrap().is_empty());
}

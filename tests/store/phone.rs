//! Messages to phones: counted in windows, answered or not, and leased in a lane of their own.

use futures_util::future::join_all;
use tessera::core::{Digest, MessageId, OsRng, Timestamp};
use tessera::store::{Answered, NewMessage, NewSend, SendCount, Settlement};

use crate::house::{DAY, House, MINUTE, NOON, commit, message, on_both, read};

on_both!(
    a_window_takes_so_many_and_then_begins_anew,
    of_many_at_once_no_more_are_counted_than_may_be,
    what_is_answered_counts_for_its_prefix_and_its_user,
    messages_to_phones_wait_for_no_mail,
    what_is_counted_is_swept_when_it_is_over
);

async fn count(house: &House, most: i64, now: Timestamp) -> Option<i64> {
    commit!(house, tx => tx.count_send("number:x", most, MINUTE * 60, now))
}

async fn a_window_takes_so_many_and_then_begins_anew(house: House) {
    assert_eq!(
        read!(house, read => read.send_count("number:x", NOON)),
        None
    );
    assert_eq!(count(&house, 2, NOON).await, Some(1));
    assert_eq!(count(&house, 2, NOON + MINUTE).await, Some(2));
    assert_eq!(count(&house, 2, NOON + MINUTE * 2).await, None);
    let counted = SendCount {
        sends: 2,
        last_at: NOON + MINUTE,
        ends_at: NOON + MINUTE * 60,
    };
    let now = NOON + MINUTE * 59;
    assert_eq!(
        read!(house, read => read.send_count("number:x", now)),
        Some(counted)
    );
    let over = NOON + MINUTE * 60;
    assert_eq!(
        read!(house, read => read.send_count("number:x", over)),
        None
    );
    assert_eq!(count(&house, 2, over).await, Some(1));
    assert_eq!(count(&house, i64::MAX, over).await, Some(2), "no limit");
}

async fn of_many_at_once_no_more_are_counted_than_may_be(house: House) {
    let counts = join_all((0..40).map(|_| count(&house, 7, NOON))).await;
    assert_eq!(counts.into_iter().flatten().count(), 7);
}

async fn what_is_answered_counts_for_its_prefix_and_its_user(house: House) {
    let (ada, grace) = (house.user("ada").await, house.user("grace").await);
    let numbers = [Digest::of(b"1"), Digest::of(b"2")];
    for (user, number, at) in [
        (&ada, &numbers[0], NOON),
        (&ada, &numbers[0], NOON + MINUTE),
        (&ada, &numbers[1], NOON + MINUTE),
        (&grace, &numbers[0], NOON + MINUTE * 2),
    ] {
        let message_id = MessageId::new(at, &OsRng);
        let send = NewSend {
            message_id: &message_id,
            user_id: user,
            number,
            prefix: "49151",
        };
        commit!(house, tx => tx.insert_send(&send, at));
    }
    let to = NOON + MINUTE * 2;
    let none = Answered {
        sends: 4,
        confirmed: 0,
    };
    assert_eq!(
        read!(house, read => read.answered_sends("49151", NOON - MINUTE, to)),
        none
    );
    assert_eq!(
        commit!(house, tx => tx.confirm_sends(&ada, &numbers[0], NOON - MINUTE)),
        2
    );
    assert_eq!(
        commit!(house, tx => tx.confirm_sends(&ada, &numbers[0], NOON - MINUTE)),
        0,
        "once"
    );
    let some = Answered {
        sends: 4,
        confirmed: 2,
    };
    assert_eq!(
        read!(house, read => read.answered_sends("49151", NOON - MINUTE, to)),
        some
    );
    let later = Answered {
        sends: 2,
        confirmed: 1,
    };
    let until = NOON + MINUTE;
    assert_eq!(
        read!(house, read => read.answered_sends("49151", NOON, until)),
        later
    );
    let nothing = Answered {
        sends: 0,
        confirmed: 0,
    };
    assert_eq!(
        read!(house, read => read.answered_sends("49160", NOON - MINUTE, to)),
        nothing
    );
}

async fn messages_to_phones_wait_for_no_mail(house: House) {
    let ada = house.user("ada").await;
    let of = |kind| NewMessage {
        kind,
        message_id: MessageId::new(NOON, &OsRng),
        ..message()
    };
    let messages = [of("sms"), of("factor-added"), of("voice"), of("sms")];
    for message in &messages {
        commit!(house, tx => tx.insert_message(message, &ada, None, NOON));
    }
    let dropped = &messages[3].message_id;
    assert!(commit!(house, tx => tx.drop_message(dropped, "a newer one", NOON)));
    assert!(
        !commit!(house, tx => tx.drop_message(dropped, "a newer one", NOON)),
        "once"
    );
    assert_eq!(read!(house, read => read.next_text_due()), Some(NOON));
    let mails = house
        .store
        .lease_messages("mail", NOON, NOON + MINUTE, 40)
        .await
        .unwrap();
    assert_eq!(
        mails
            .iter()
            .map(|mail| mail.kind.as_str())
            .collect::<Vec<_>>(),
        ["factor-added"]
    );
    let texts = house
        .store
        .lease_texts("text", NOON, NOON + MINUTE, 40)
        .await
        .unwrap();
    let mut kinds: Vec<&str> = texts.iter().map(|text| text.kind.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["sms", "voice"]);
    assert_eq!(
        read!(house, read => read.next_text_due()),
        Some(NOON + MINUTE),
        "leased"
    );

    // Dropped while it is under way: what becomes of it changes nothing.
    let under_way = &messages[0].message_id;
    assert!(commit!(house, tx => tx.drop_message(under_way, "a newer one", NOON)));
    let settled = [(under_way.clone(), Settlement::Sent)];
    house
        .store
        .settle_messages("text", &settled, &[], NOON)
        .await
        .unwrap();
    let row = read!(house, read => read.message(under_way)).unwrap();
    assert_eq!(
        (row.state.as_str(), row.last_error.as_deref()),
        ("dropped", Some("a newer one"))
    );
}

async fn what_is_counted_is_swept_when_it_is_over(house: House) {
    let ada = house.user("ada").await;
    count(&house, 2, NOON).await;
    let message_id = MessageId::new(NOON, &OsRng);
    let send = NewSend {
        message_id: &message_id,
        user_id: &ada,
        number: &Digest::of(b"1"),
        prefix: "49151",
    };
    commit!(house, tx => tx.insert_send(&send, NOON));
    assert_eq!(
        house
            .store
            .sweep(NOON + MINUTE * 59, DAY)
            .await
            .unwrap()
            .counts,
        0
    );
    assert_eq!(
        house
            .store
            .sweep(NOON + MINUTE * 60, DAY)
            .await
            .unwrap()
            .counts,
        1
    );
    assert_eq!(house.store.sweep(NOON + DAY, DAY).await.unwrap().counts, 1);
    assert_eq!(house.number("SELECT COUNT(*) FROM phone_sends").await, 0);
}

//! What an admin set by the API.

use crate::house::{House, MINUTE, NOON, commit, on_both, read};

on_both!(a_setting_is_set_replaced_and_read);

async fn a_setting_is_set_replaced_and_read(house: House) {
    assert!(read!(house, read => read.setting("twilio")).is_none());
    commit!(house, tx => tx.set_setting("twilio", "{\"sid\":1}", Some(b"sealed"), NOON));
    let found = read!(house, read => read.setting("twilio")).unwrap();
    assert_eq!(found.value, "{\"sid\":1}");
    assert_eq!(found.value_sealed.as_deref(), Some(&b"sealed"[..]));
    assert!(!format!("{found:?}").contains("sealed"));
    commit!(house, tx => tx.set_setting("twilio", "{}", None, NOON + MINUTE));
    let found = read!(house, read => read.setting("twilio")).unwrap();
    assert_eq!((found.value.as_str(), found.value_sealed), ("{}", None));
    assert!(read!(house, read => read.setting("other")).is_none());
}

on_both!(a_setting_is_replaced_only_as_it_was_seen);

async fn a_setting_is_replaced_only_as_it_was_seen(house: House) {
    let names = ["page", "mail"];
    let changed = async || read!(house, read => read.settings_changed(names));
    assert_eq!(changed().await, []);
    assert!(commit!(house, tx => tx.replace_setting("page", None, "1", NOON)));
    assert!(
        !commit!(house, tx => tx.replace_setting("page", None, "2", NOON)),
        "somebody was first"
    );
    assert!(!commit!(house, tx => tx.replace_setting("page", Some("0"), "2", NOON)));
    let first = changed().await;
    assert_eq!(first.len(), 1);
    assert!(commit!(house, tx => tx.replace_setting("page", Some("1"), "2", NOON)));
    let second = changed().await;
    assert!(
        second[0].1 > first[0].1,
        "also while the clock stands still"
    );
    let found = read!(house, read => read.setting("page")).unwrap();
    assert_eq!(found.value, "2");
    assert!(commit!(house, tx => tx.replace_setting("page", Some("2"), "3", NOON + MINUTE)));
    assert_eq!(changed().await[0].1, (NOON + MINUTE).millis());
    commit!(house, tx => tx.set_setting("mail", "{}", None, NOON));
    commit!(house, tx => tx.set_setting("other", "{}", None, NOON));
    assert_eq!(changed().await.len(), 2, "and no other");
}

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

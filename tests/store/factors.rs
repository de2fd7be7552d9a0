//! The switches of the factors.

use crate::house::{House, MINUTE, NOON, commit, on_both, read};

on_both!(a_switch_keeps_its_last_position);

async fn a_switch_keeps_its_last_position(house: House) {
    assert!(read!(house, read => read.factor_settings()).is_empty());
    commit!(house, tx => tx.set_factor("phone", true, NOON));
    commit!(house, tx => tx.set_factor("otp", false, NOON));
    commit!(house, tx => tx.set_factor("phone", false, NOON + MINUTE));
    commit!(house, tx => tx.set_factor("otp", true, NOON + MINUTE));
    let settings = read!(house, read => read.factor_settings());
    let switches: Vec<(&str, bool)> = settings
        .iter()
        .map(|setting| (setting.factor.as_str(), setting.enabled))
        .collect();
    assert_eq!(switches, [("otp", true), ("phone", false)]);
}

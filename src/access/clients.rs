//! What may be said of a client when it is registered.

use serde_json::Value;

use super::client_keys::ClientKeys;

const LONGEST_NAME: usize = 100;

/// Lets a client's name through: people read it in mails and on pages.
///
/// # Errors
/// What would be right.
pub fn check_name(name: &str) -> Result<(), String> {
    let plain = !name.trim().is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.chars().any(char::is_control);
    match plain {
        true => Ok(()),
        false => Err(format!("say one line of 1 to {LONGEST_NAME} characters")),
    }
}

/// The keys of a client as it keeps them, once they were found to be good.
///
/// # Errors
/// Why they are none that a client can prove itself with.
pub fn registered_keys(set: &Value) -> Result<String, String> {
    ClientKeys::parse(set)?;
    Ok(set.to_string())
}

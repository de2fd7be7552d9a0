//! A person's authenticator app.

use data_encoding::BASE32_NOPAD;
use totp_lite::{Sha1, totp_custom};

/// The six digits that the app shows at `unix_seconds` for the key as the page prints it
/// (groups, lower case and padding are all right, as they are in the apps).
pub fn code(base32_key: &str, unix_seconds: u64) -> String {
    let key: String = base32_key
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    let secret = BASE32_NOPAD
        .decode(key.as_bytes())
        .unwrap_or_else(|error| panic!("the key is not base32: {error}"));
    totp_custom::<Sha1>(30, 6, &secret, unix_seconds)
}

//! The language of a person, as the back end keeps it in the user's metadata.

use serde_json::{Map, Value};

/// Where it is kept; the first that names one wins. Auth0's customers know `lang`, OpenID Connect's claim is `locale`.
const NAMES: [&str; 2] = ["lang", "locale"];

/// The language tag in a user's `user_metadata`.
pub fn in_metadata(metadata: &Map<String, Value>) -> Option<&str> {
    NAMES
        .iter()
        .filter_map(|name| metadata.get(*name)?.as_str())
        .find(|tag| !tag.is_empty())
}

/// The language tag in a user's profile, as the database keeps it.
pub fn in_profile(json: &str) -> Option<String> {
    let profile: Value = serde_json::from_str(json).ok()?;
    in_metadata(profile.get("user_metadata")?.as_object()?).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_what_the_metadata_says_first() {
        for (profile, language) in [
            (r#"{"user_metadata":{"lang":"fr"}}"#, Some("fr")),
            (r#"{"user_metadata":{"locale":"ja-JP"}}"#, Some("ja-JP")),
            (r#"{"user_metadata":{"lang":"","locale":"es"}}"#, Some("es")),
            (
                r#"{"user_metadata":{"locale":"es","lang":"ar"}}"#,
                Some("ar"),
            ),
            (r#"{"user_metadata":{"lang":7}}"#, None),
            (r#"{"app_metadata":{"lang":"fr"}}"#, None),
            ("", None),
        ] {
            assert_eq!(in_profile(profile).as_deref(), language, "{profile}");
        }
    }
}

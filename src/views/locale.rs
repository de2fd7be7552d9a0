//! A language as templates, words and mails name it.

use std::fmt;
use std::str::FromStr;

use icu_locale::{LocaleDirectionality, LocaleExpander};
use serde::{Serialize, Serializer};
use unic_langid::LanguageIdentifier;

/// A language tag (BCP 47), in its canonical spelling: `de`, `de-CH`, `zh-Hant`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Locale {
    id: LanguageIdentifier,
    tag: String,
    right_to_left: bool,
}

/// The tag is not a language tag.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a language tag; write it like `en`, `de-CH` or `zh-Hant`")]
pub struct LocaleError(String);

impl Locale {
    /// Reads a tag in any letter case.
    pub fn parse(tag: &str) -> Result<Self, LocaleError> {
        tag.parse()
    }

    /// The tag in its canonical spelling.
    pub fn as_str(&self) -> &str {
        &self.tag
    }

    /// The direction its script is written in, as HTML's `dir` has it: `ltr` or `rtl`.
    pub fn dir(&self) -> &'static str {
        if self.right_to_left { "rtl" } else { "ltr" }
    }

    /// The two letters of the country that it is of: its own region, else the country of the same letters, where most
    /// of those who speak the language live. German is of DE, but Arabic not of AR, which is Argentina.
    pub fn country(&self) -> Option<String> {
        if let Some(region) = self.id.region {
            return Some(region.as_str().to_owned());
        }
        let language = self.id.language.as_str();
        let mut likely = icu_locale::LanguageIdentifier::from_str(language).ok()?;
        LocaleExpander::new_common().maximize(&mut likely);
        let region = likely.region?.to_string();
        region.eq_ignore_ascii_case(language).then_some(region)
    }

    pub(super) fn id(&self) -> &LanguageIdentifier {
        &self.id
    }
}

impl FromStr for Locale {
    type Err = LocaleError;

    fn from_str(tag: &str) -> Result<Self, LocaleError> {
        let refused = || LocaleError(tag.to_owned());
        let id: LanguageIdentifier = tag.parse().map_err(|_| refused())?;
        if id.language.is_empty() {
            return Err(refused());
        }
        let tag = id.to_string();
        let icu = icu_locale::LanguageIdentifier::from_str(&tag).map_err(|_| refused())?;
        let right_to_left = LocaleDirectionality::new_extended().is_right_to_left(&icu);
        Ok(Self {
            id,
            tag,
            right_to_left,
        })
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.tag)
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Locale({})", self.tag)
    }
}

impl AsRef<LanguageIdentifier> for Locale {
    fn as_ref(&self) -> &LanguageIdentifier {
        &self.id
    }
}

impl Serialize for Locale {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_that_shares_letters_with_a_country_is_not_always_of_it() {
        let of = |tag: &str| Locale::parse(tag).unwrap().country();
        for (tag, country) in [
            ("de", "DE"),
            ("de-AT", "AT"),
            ("fr-CA", "CA"),
            ("ja-JP", "JP"),
            ("ar-SA", "SA"),
            ("es", "ES"),
        ] {
            assert_eq!(of(tag).as_deref(), Some(country), "{tag}");
        }
        for tag in ["ar", "en", "sv", "sl", "et", "zh-Hant", "ja", "tlh"] {
            assert_eq!(of(tag), None, "{tag}");
        }
    }
}

//! What a mail says of the site it comes from.

use serde::Serialize;

use crate::config;
use crate::core::Urls;
use crate::core::urls::STATIC;

/// The colour of buttons when `[site].accent` names none: the one of the style sheet.
const ACCENT: &str = "#2c4bd8";
const LIGHT_INK: &str = "#ffffff";
const DARK_INK: &str = "#1a1c22";

/// `site` in a mail's context; links are absolute, since a mail has no address of its own.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Site {
    name: String,
    logo: Option<String>,
    logo_dark: Option<String>,
    support_email: Option<String>,
    support_url: Option<String>,
    links: Vec<Link>,
    css_url: Option<String>,
    accent: String,
    accent_ink: &'static str,
}

#[derive(Debug, Clone, Serialize)]
struct Link {
    text: String,
    url: String,
}

impl Site {
    pub(super) fn new(site: &config::Site, urls: &Urls) -> Self {
        let asset = |path: &String| urls.absolute(&format!("{STATIC}/{path}"));
        let accent = site.accent.clone().unwrap_or_else(|| ACCENT.to_owned());
        let link = |link: &config::Link| Link {
            text: link.text.clone(),
            url: link.url.to_string(),
        };
        Self {
            name: site.name.clone(),
            logo: site.logo.as_ref().map(asset),
            logo_dark: site.logo_dark.as_ref().map(asset),
            support_email: site.support_email.clone(),
            support_url: site.support_url.as_ref().map(ToString::to_string),
            links: site.links.iter().map(link).collect(),
            // A mail program fetches no style sheet.
            css_url: None,
            accent_ink: ink_on(&accent),
            accent,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A site with everything, and one with nothing that can be left out.
    pub(super) fn samples() -> [Self; 2] {
        let bare = Self {
            name: "Example Bank".to_owned(),
            logo: None,
            logo_dark: None,
            support_email: None,
            support_url: None,
            links: Vec::new(),
            css_url: None,
            accent: ACCENT.to_owned(),
            accent_ink: LIGHT_INK,
        };
        let full = Self {
            logo: Some("https://mfa.example.com/static/logo.svg".to_owned()),
            logo_dark: Some("https://mfa.example.com/static/logo-dark.svg".to_owned()),
            support_email: Some("help@example.com".to_owned()),
            support_url: Some("https://help.example.com/".to_owned()),
            links: vec![Link {
                text: "Privacy".to_owned(),
                url: "https://example.com/privacy".to_owned(),
            }],
            ..bare.clone()
        };
        [full, bare]
    }
}

/// Black or white text, whichever is easier to read on `#rrggbb` (WCAG 2.2, relative luminance).
fn ink_on(colour: &str) -> &'static str {
    let channel = |at: usize| {
        let hex = colour.get(at..at + 2).unwrap_or("00");
        let part = f64::from(u8::from_str_radix(hex, 16).unwrap_or(0)) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    let luminance = 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
    // Where the contrasts with white and with near-black are the same.
    if luminance > 0.194 {
        DARK_INK
    } else {
        LIGHT_INK
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_on_the_accent_can_be_read() {
        for (accent, ink) in [
            (ACCENT, LIGHT_INK),
            ("#000000", LIGHT_INK),
            ("#b00020", LIGHT_INK),
            ("#ffffff", DARK_INK),
            ("#ffcc00", DARK_INK),
            ("#8bd3dd", DARK_INK),
        ] {
            assert_eq!(ink_on(accent), ink, "{accent}");
        }
    }
}

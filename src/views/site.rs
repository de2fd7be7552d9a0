//! What pages and mails say of the site they belong to.

use serde::Serialize;

use crate::config;
use crate::core::Urls;
use crate::core::urls::{SITE_CSS, STATIC};

/// The colour of buttons when `[site].accent` names none: the one of the style sheet.
const ACCENT: &str = "#2c4bd8";
const LIGHT_INK: &str = "#ffffff";
const DARK_INK: &str = "#1a1c22";

/// `site` in the context of every page and mail.
#[derive(Debug, Clone, Serialize)]
pub struct Site {
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
    /// For pages: links to our own files have no host, so that they work under any name a proxy gives us.
    pub fn for_pages(site: &config::Site) -> Self {
        let css_url = site.accent.is_some().then(|| SITE_CSS.to_owned());
        Self {
            css_url,
            ..Self::new(site, |path| format!("{STATIC}/{path}"))
        }
    }

    /// For mails: links are absolute, and a mail program fetches no style sheet.
    pub fn for_mails(site: &config::Site, urls: &Urls) -> Self {
        Self::new(site, |path| urls.absolute(&format!("{STATIC}/{path}")))
    }

    fn new(site: &config::Site, asset: impl Fn(&str) -> String) -> Self {
        let accent = site.accent.clone().unwrap_or_else(|| ACCENT.to_owned());
        let link = |link: &config::Link| Link {
            text: link.text.clone(),
            url: link.url.to_string(),
        };
        Self {
            name: site.name.clone(),
            logo: site.logo.as_deref().map(&asset),
            logo_dark: site.logo_dark.as_deref().map(&asset),
            support_email: site.support_email.clone(),
            support_url: site.support_url.as_ref().map(ToString::to_string),
            links: site.links.iter().map(link).collect(),
            css_url: None,
            accent_ink: ink_on(&accent),
            accent,
        }
    }

    /// The style sheet that carries the accent colour (`/static/site.css`).
    pub fn css(&self) -> String {
        format!(
            ":root{{--accent:{accent};--accent-ink:{ink};--strong:color-mix(in oklab,{accent},#000 12%)}}\
             @media(prefers-color-scheme:dark){{:root{{--strong:color-mix(in oklab,{accent},#fff 55%)}}}}",
            accent = self.accent,
            ink = self.accent_ink
        )
    }

    /// The site's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A site with everything, and one with nothing that can be left out; `origin` is before links to our own files.
    pub fn samples(origin: &str) -> [Self; 2] {
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
            logo: Some(format!("{origin}{STATIC}/logo.svg")),
            logo_dark: Some(format!("{origin}{STATIC}/logo-dark.svg")),
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

//! What pages and mails say of the site they belong to.

use serde::Serialize;

use super::accent::{self, Accent};
use crate::config;
use crate::core::Urls;
use crate::core::urls::{SITE_CSS, STATIC};

/// `site` in the context of every page and mail.
#[derive(Debug, Clone, Serialize)]
pub struct Site {
    name: String,
    logo: Option<String>,
    logo_dark: Option<String>,
    support_email: Option<String>,
    support_url: Option<String>,
    links: Vec<Link>,
    favicon: Option<String>,
    css_url: Option<String>,
    accent: String,
    accent_ink: &'static str,
    strong: String,
    strong_dark: String,
    #[serde(skip)]
    css: String,
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

    /// For mails: links are absolute, a mail program fetches no style sheet, and few show a drawing (SVG).
    pub fn for_mails(site: &config::Site, urls: &Urls) -> Self {
        let absolute = |path: &str| urls.absolute(&format!("{STATIC}/{path}"));
        let photo = |path: &&String| !path.to_ascii_lowercase().ends_with(".svg");
        Self {
            logo: site.logo.as_ref().filter(photo).map(|path| absolute(path)),
            logo_dark: None,
            ..Self::new(site, absolute)
        }
    }

    fn new(site: &config::Site, asset: impl Fn(&str) -> String) -> Self {
        let accent = Accent::of(site.accent.as_deref().unwrap_or(accent::DEFAULT));
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
            favicon: site.favicon.as_deref().map(&asset),
            css_url: None,
            css: accent.css(),
            accent_ink: accent.light.ink,
            accent: accent.light.accent,
            strong: accent.light.strong,
            strong_dark: accent.dark.strong,
        }
    }

    /// The style sheet that carries the accent colour (`/static/site.css`).
    pub fn css(&self) -> &str {
        &self.css
    }

    /// The site's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address of the logo.
    pub fn logo(&self) -> Option<&str> {
        self.logo.as_deref()
    }

    /// Where people turn who are stuck.
    pub fn support_email(&self) -> Option<&str> {
        self.support_email.as_deref()
    }

    /// A page for people who are stuck.
    pub fn support_url(&self) -> Option<&str> {
        self.support_url.as_deref()
    }

    /// A site with everything, and one with nothing that can be left out; `origin` is before links to our own files.
    pub fn samples(origin: &str) -> [Self; 2] {
        let accent = Accent::of(accent::DEFAULT);
        let bare = Self {
            name: "Example Bank".to_owned(),
            logo: None,
            logo_dark: None,
            support_email: None,
            support_url: None,
            links: Vec::new(),
            favicon: None,
            css_url: None,
            css: accent.css(),
            accent_ink: accent.light.ink,
            accent: accent.light.accent,
            strong: accent.light.strong,
            strong_dark: accent.dark.strong,
        };
        let full = Self {
            logo: Some(format!("{origin}{STATIC}/logo.png")),
            logo_dark: Some(format!("{origin}{STATIC}/logo-dark.png")),
            favicon: Some(format!("{origin}{STATIC}/favicon.svg")),
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

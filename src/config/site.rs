//! `[site]`: what visitors see of whom the server belongs to.

use serde_json::{Value, json};
use unic_langid::LanguageIdentifier;
use url::Url;

use super::key::{Key, Kind, Path, Section, Shown};
use super::layer::Raw;
use super::reader::{Read, Reader};
use super::value;

/// The name that a server has before its admin gives it one.
pub(super) const DEFAULT_NAME: &str = "Tessera";

const fn text(name: &'static str, shown: Shown, doc: &'static str) -> Key {
    Key {
        section: "site",
        name,
        kind: Kind::Text,
        shown,
        doc,
    }
}

pub(super) static NAME: Key = text(
    "name",
    Shown::Default("\"Tessera\""),
    "What people know you by; also the name that authenticator apps show.",
);
static ACCENT: Key = text(
    "accent",
    Shown::Example("\"#2c4bd8\""),
    "Colour of buttons; links, marks and the dark scheme get shades of it that can be read.",
);
static LOGO: Key = text(
    "logo",
    Shown::Example("\"logo.svg\""),
    "A file in the folder of [static].",
);
static LOGO_DARK: Key = text(
    "logo_dark",
    Shown::Example("\"logo-dark.svg\""),
    "The logo on a dark page, if it is another.",
);
static FAVICON: Key = text(
    "favicon",
    Shown::Example("\"favicon.png\""),
    "The picture of the browser's tab, in the folder of [static].",
);
static SUPPORT_EMAIL: Key = text(
    "support_email",
    Shown::Example("\"help@example.com\""),
    "Where people turn who are stuck.",
);
static SUPPORT_URL: Key = text(
    "support_url",
    Shown::Example("\"https://help.example.com\""),
    "A page for people who are stuck.",
);
static LINKS: Key = Key {
    section: "site",
    name: "links",
    kind: Kind::LinkList,
    shown: Shown::Example("[{ text = \"Privacy\", url = \"https://example.com/privacy\" }]"),
    doc: "Links at the foot of every page.",
};
static DEFAULT_LOCALE: Key = text(
    "default_locale",
    Shown::Default("\"en\""),
    "The language of people whose own is not there.",
);

pub(super) const SECTION: Section = Section {
    name: "site",
    doc: "",
    keys: &[
        &NAME,
        &ACCENT,
        &LOGO,
        &LOGO_DARK,
        &FAVICON,
        &SUPPORT_EMAIL,
        &SUPPORT_URL,
        &LINKS,
        &DEFAULT_LOCALE,
    ],
};

/// `[site]`.
#[derive(Clone, Debug)]
pub struct Site {
    /// What people know the site by; also the TOTP issuer, so it has no colon.
    pub name: String,
    /// `#rrggbb`, in lower case.
    pub accent: Option<String>,
    /// A path below the static folder.
    pub logo: Option<String>,
    /// A path below the static folder.
    pub logo_dark: Option<String>,
    /// A path below the static folder.
    pub favicon: Option<String>,
    /// A mail address.
    pub support_email: Option<String>,
    /// An http or https page.
    pub support_url: Option<Url>,
    /// The foot of every page.
    pub links: Vec<Link>,
    /// A language tag.
    pub default_locale: String,
}

/// A link at the foot of every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The words to click on.
    pub text: String,
    /// An http or https page.
    pub url: Url,
}

pub(super) fn read(reader: &mut Reader) -> Read<Site> {
    let name = reader.parse(&NAME, site_name);
    let accent = reader.optional(&ACCENT, colour);
    let logo = reader.optional(&LOGO, static_file);
    let logo_dark = reader.optional(&LOGO_DARK, static_file);
    let favicon = reader.optional(&FAVICON, static_file);
    let support_email = reader.optional(&SUPPORT_EMAIL, value::address);
    let support_url = reader.optional(&SUPPORT_URL, value::web_url);
    let links = reader.items(&LINKS, "a list of texts with their URLs", link);
    let default_locale = reader.parse(&DEFAULT_LOCALE, locale);
    Ok(Site {
        name: name?,
        accent: accent?,
        logo: logo?,
        logo_dark: logo_dark?,
        favicon: favicon?,
        support_email: support_email?,
        support_url: support_url?,
        links: links?,
        default_locale: default_locale?,
    })
}

pub(super) fn describe(site: &Site) -> Vec<(Path, Value)> {
    let links = site
        .links
        .iter()
        .map(|link| json!({ "text": link.text, "url": link.url.as_str() }))
        .collect();
    vec![
        (NAME.path(), json!(site.name)),
        (ACCENT.path(), json!(site.accent)),
        (LOGO.path(), json!(site.logo)),
        (LOGO_DARK.path(), json!(site.logo_dark)),
        (FAVICON.path(), json!(site.favicon)),
        (SUPPORT_EMAIL.path(), json!(site.support_email)),
        (
            SUPPORT_URL.path(),
            json!(site.support_url.as_ref().map(Url::as_str)),
        ),
        (LINKS.path(), links),
        (DEFAULT_LOCALE.path(), json!(site.default_locale)),
    ]
}

fn site_name(text: &str) -> Result<String, String> {
    if text.contains(':') {
        return Err(
            "holds a colon, which authenticator apps cut names at; say it without".to_owned(),
        );
    }
    value::line(text, 64)
}

fn colour(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        Ok(text.to_lowercase())
    } else {
        Err("is not a colour; say # and six hex digits, like #2c4bd8".to_owned())
    }
}

fn static_file(text: &str) -> Result<String, String> {
    let inside = text
        .split('/')
        .all(|part| !part.is_empty() && !part.starts_with('.'));
    if inside && !text.contains(['\\', ':', '?', '#', '%']) {
        Ok(text.to_owned())
    } else {
        Err(
            "is not a file in the folder of [static]; say its path from there, like logo.svg"
                .into(),
        )
    }
}

fn locale(text: &str) -> Result<String, String> {
    text.parse::<LanguageIdentifier>()
        .map(|tag| tag.to_string())
        .map_err(|_| "is not a language tag; say one like en or pt-BR".to_owned())
}

fn link(raw: &Raw) -> Result<Link, String> {
    let hint = "say { text = \"Privacy\", url = \"https://example.com/privacy\" }";
    let Raw::Table(entries) = raw else {
        return Err(format!("every item is a text with its URL; {hint}"));
    };
    let (mut text, mut url) = (None, None);
    for (name, _, raw) in entries {
        let Raw::Text(said) = raw else {
            return Err(format!("`{name}` is not text in quotes; {hint}"));
        };
        let wrong = |clause: String| format!("{} {clause}", super::secret::quoted(said));
        match name.as_str() {
            "text" if said.trim().is_empty() => return Err(format!("`text` is empty; {hint}")),
            "text" => text = Some(value::line(said, 64).map_err(wrong)?),
            "url" => url = Some(value::web_url(said).map_err(wrong)?),
            _ => return Err(format!("unknown key `{name}` in a link; {hint}")),
        }
    }
    match (text, url) {
        (Some(text), Some(url)) => Ok(Link { text, url }),
        (None, _) => Err(format!("a link without `text`; {hint}")),
        (_, None) => Err(format!("a link without `url`; {hint}")),
    }
}

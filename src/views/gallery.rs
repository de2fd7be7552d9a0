//! The gallery: every page, mail, text and call with its samples, for those who make them and those who review them.
//!
//! It is a tree of files that is the same on a server and in a folder; only what must differ there does ([`Medium`]).
//! Nothing of it comes from the admin's folder but what it shows.

mod traces;
mod write;

use bytes::Bytes;
use serde_json::{Value, json};

use super::sample::SampleKind;
use super::{CheckError, Locale, Site, ViewError, Views, inline_styles};
use crate::core::urls::SITE_CSS;

/// The page's object that says whose site it is: in the gallery the admin's own.
const SITE: &str = "site";
const CSS: &str = "text/css; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// Where a gallery is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Medium {
    /// On a server, which has the static files beside it, and where it follows changes.
    Server,
    /// In a folder, with all that it needs.
    Folder,
}

/// What a file of the gallery is, which decides what it may do in a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The gallery itself.
    Gallery,
    /// A page of the templates.
    Page,
    /// A mail.
    Mail,
}

/// One file of the gallery.
#[derive(Debug)]
pub struct File {
    /// What it is.
    pub content: Content,
    /// The value for `Content-Type`.
    pub mime: &'static str,
    /// What is in it.
    pub bytes: Bytes,
}

/// The gallery of the templates that are served.
pub struct Gallery {
    views: Views,
    medium: Medium,
    site_css: String,
    pieces: Vec<Piece>,
}

/// One thing that people get to see, in one state.
struct Piece {
    /// What it is: `screens/otp`, `mail/enrollment`.
    title: String,
    /// Its sample: `wrong-code`.
    state: String,
    parts: Vec<Part>,
}

/// One template of it: a page has one, a mail three.
#[derive(PartialEq)]
struct Part {
    template: String,
    kind: SampleKind,
    context: Value,
}

impl Piece {
    /// Its place below the language, without an ending.
    fn address(&self) -> String {
        format!("{}/{}", self.title, self.state)
    }

    /// What is shown as a document of its own.
    fn document(&self) -> Option<&Part> {
        let is_document = |kind| matches!(kind, SampleKind::Page | SampleKind::MailHtml);
        self.parts.iter().find(|part| is_document(part.kind))
    }
}

impl Gallery {
    /// A gallery of these templates on the admin's own site.
    pub fn new(views: Views, site: &Site, medium: Medium) -> Self {
        let for_pages = json!(site);
        let mut for_mails = for_pages.clone();
        if let Some(css_url) = for_mails.get_mut("css_url") {
            *css_url = Value::Null;
        }
        let mut pieces: Vec<Piece> = Vec::new();
        for sample in &views.0.samples {
            let mut context = sample.context.clone();
            if let Some(shown) = context.get_mut(SITE) {
                let is_page = sample.kind == SampleKind::Page;
                *shown = if is_page { &for_pages } else { &for_mails }.clone();
            }
            let part = Part {
                template: sample.template.clone(),
                kind: sample.kind,
                context,
            };
            let (title, state) = (title(&sample.template), &sample.name);
            let same = |piece: &&mut Piece| piece.title == title && piece.state == *state;
            match pieces.iter_mut().find(same) {
                Some(piece) => piece.parts.push(part),
                None => pieces.push(Piece {
                    title: title.to_owned(),
                    state: state.clone(),
                    parts: vec![part],
                }),
            }
        }
        Self {
            pieces: without_twins(pieces),
            site_css: site.css().to_owned(),
            medium,
            views,
        }
    }

    /// The templates that it shows.
    pub fn views(&self) -> &Views {
        &self.views
    }

    /// The colours of its site.
    pub fn site_css(&self) -> &str {
        &self.site_css
    }

    /// Another text whenever there is something else to see.
    pub fn version(&self) -> String {
        self.views.0.version()
    }

    /// What keeps the templates in the folder from being served.
    pub fn errors(&self) -> Vec<CheckError> {
        match self.views.status() {
            super::Status::Degraded { errors, .. } => errors,
            super::Status::Healthy { .. } => Vec::new(),
        }
    }

    /// How many things it shows.
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The path of every page and mail in a language, in the order of the gallery.
    pub fn documents(&self, locale: &Locale) -> Vec<String> {
        self.pieces
            .iter()
            .filter(|piece| piece.document().is_some())
            .map(|piece| format!("show/{locale}/{}.html", piece.address()))
            .collect()
    }

    /// The path of every file.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = vec!["gallery.css".to_owned(), "gallery.js".to_owned()];
        for locale in self.views.locales() {
            paths.push(self.index_name(&locale));
            paths.extend(self.documents(&locale));
        }
        if self.medium == Medium::Folder {
            paths.push(SITE_CSS.trim_start_matches('/').to_owned());
            let assets = self.views.0.current.load();
            paths.extend(
                assets
                    .assets
                    .iter()
                    .map(|(name, _)| format!("static/{name}")),
            );
        }
        paths
    }

    /// The file at a path, if there is one.
    ///
    /// # Errors
    /// When its template fails.
    pub fn file(&self, path: &str) -> Result<Option<File>, ViewError> {
        let plain = |mime, text: String| {
            Ok(Some(File {
                content: Content::Gallery,
                mime,
                bytes: Bytes::from(text),
            }))
        };
        match path {
            "" => return plain(HTML, self.index(&self.default_locale())?),
            "gallery.css" => return plain(CSS, include_str!("gallery/gallery.css").to_owned()),
            "gallery.js" => return plain(JS, include_str!("gallery/gallery.js").to_owned()),
            "version" if self.medium == Medium::Server => {
                return plain(TEXT, self.version());
            }
            _ => {}
        }
        if let Some(document) = path.strip_prefix("show/") {
            return self.document(path, document);
        }
        if let (Some(name), Medium::Folder) = (path.strip_prefix("static/"), self.medium) {
            return Ok(self.asset(path, name));
        }
        let mut locales = self.views.locales().into_iter();
        match locales.find(|locale| self.index_name(locale) == path) {
            Some(locale) => plain(HTML, self.index(&locale)?),
            None => Ok(None),
        }
    }

    fn document(&self, path: &str, document: &str) -> Result<Option<File>, ViewError> {
        let found = document.split_once('/').and_then(|(language, rest)| {
            let mut locales = self.views.locales().into_iter();
            let locale = locales.find(|locale| locale.as_str() == language)?;
            let address = rest.strip_suffix(".html")?;
            let piece = self
                .pieces
                .iter()
                .find(|piece| piece.address() == address)?;
            Some((locale, piece.document()?))
        });
        let Some((locale, part)) = found else {
            return Ok(None);
        };
        let context = self.in_words(&locale, &part.context);
        let html = self.views.render(&part.template, &locale, &context)?;
        let (content, html) = match part.kind {
            SampleKind::MailHtml => (Content::Mail, inlined(&part.template, &html)?),
            _ => (Content::Page, html),
        };
        let html = match self.medium {
            Medium::Server => html,
            // In a frame it would scroll the gallery to its field.
            Medium::Folder => html.replace(" autofocus", ""),
        };
        Ok(Some(File {
            content,
            mime: HTML,
            bytes: self.linked(path, html).into(),
        }))
    }

    /// A sample says what went wrong in English; a visitor reads it in their language.
    fn in_words(&self, locale: &Locale, context: &Value) -> Value {
        let mut context = context.clone();
        let errors = context.get_mut("errors").and_then(Value::as_array_mut);
        for error in errors.into_iter().flatten() {
            let key = format!("error-{}", error["code"].as_str().unwrap_or_default());
            let waits = [("minutes", "5"), ("seconds", "30")];
            let words = self.views.translate(locale, &key, &waits);
            if words != key {
                error["message"] = words.into();
            }
        }
        context
    }

    fn asset(&self, path: &str, name: &str) -> Option<File> {
        let of_site = format!("/{path}") == SITE_CSS;
        let (mime, bytes) = if of_site {
            (CSS, Bytes::from(self.site_css.clone()))
        } else {
            let asset = self.views.asset(name)?;
            (asset.mime, asset.bytes.clone())
        };
        let bytes = match std::str::from_utf8(&bytes) {
            Ok(css) if mime == CSS => self.linked(path, css.to_owned()).into(),
            _ => bytes,
        };
        Some(File {
            content: Content::Gallery,
            mime,
            bytes,
        })
    }

    /// Addresses of static files, as a browser finds them from `path`.
    fn linked(&self, path: &str, text: String) -> String {
        match self.medium {
            Medium::Server => text,
            Medium::Folder => relative(&text, path.matches('/').count()),
        }
    }

    fn default_locale(&self) -> Locale {
        self.views.negotiate(&[])
    }

    fn index_name(&self, locale: &Locale) -> String {
        if *locale == self.default_locale() {
            "index.html".to_owned()
        } else {
            format!("{locale}.html")
        }
    }
}

/// `screens/otp.html` is `screens/otp`; the parts of a mail are one mail.
fn title(template: &str) -> &str {
    let (folder, _) = template.rsplit_once('/').unwrap_or((template, ""));
    if folder.starts_with("mail/") {
        folder
    } else {
        template.rsplit_once('.').map_or(template, |(stem, _)| stem)
    }
}

/// Samples that differed by their site alone look the same on one site.
fn without_twins(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut kept: Vec<Piece> = Vec::new();
    for piece in pieces {
        let is_twin = |other: &Piece| other.title == piece.title && other.parts == piece.parts;
        if !kept.iter().any(is_twin) {
            kept.push(piece);
        }
    }
    kept
}

fn inlined(template: &str, html: &str) -> Result<String, ViewError> {
    inline_styles(html)
        .map_err(|error| ViewError::Render(CheckError::new(template, None, error.to_string())))
}

/// `/static/look.css?v=0123456789ab` seen from so many folders below the gallery. Without the version: in a review, a
/// changed style sheet is one changed file.
fn relative(text: &str, depth: usize) -> String {
    const ROOT: &str = "/static/";
    let mut linked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(ROOT) {
        let (before, from) = rest.split_at(at);
        linked.push_str(before);
        let path = &from[ROOT.len()..];
        rest = path;
        if !before.ends_with(['"', '\'', '(', ' ', ',', '=']) {
            linked.push_str(ROOT);
            continue;
        }
        linked.push_str(&"../".repeat(depth));
        linked.push_str(&ROOT[1..]);
        let end = path.find(['"', '\'', ')', ' ', ',', '>']);
        let (path, behind) = path.split_at(end.unwrap_or(path.len()));
        linked.push_str(path.split("?v=").next().unwrap_or(path));
        rest = behind;
    }
    linked + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_finds_its_static_files_from_everywhere() {
        let page = r#"<link href="/static/look.css?v=0123456789ab"><img srcset="/static/a.png?v=1 1x, /static/b.png 2x">"#;
        assert_eq!(
            relative(page, 2),
            r#"<link href="../../static/look.css"><img srcset="../../static/a.png 1x, ../../static/b.png 2x">"#
        );
        assert_eq!(
            relative("a{b:url(/static/c.svg)}", 0),
            "a{b:url(static/c.svg)}"
        );
        let elsewhere = r#"<a href="https://example.com/static/x?v=1">"#;
        assert_eq!(relative(elsewhere, 1), elsewhere);
    }

    #[test]
    fn the_parts_of_a_mail_are_one_thing() {
        assert_eq!(title("mail/enrollment/body.txt"), "mail/enrollment");
        assert_eq!(title("screens/otp.html"), "screens/otp");
        assert_eq!(title("sms/verification.txt"), "sms/verification");
    }
}

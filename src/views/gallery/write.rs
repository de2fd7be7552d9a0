//! Writes the gallery's own page.

use serde::Serialize;
use tera::{Context, Tera};

use super::traces::{Drawn, Traces, Trouble, folder_now, troubles};
use super::{Gallery, Medium, Piece};
use crate::views::engine;
use crate::views::{CheckError, Locale, SampleKind, Source, Status, ViewError};

const NAME: &str = "gallery.html";

#[derive(Serialize)]
struct Page<'a> {
    live: bool,
    version: String,
    /// Where the admin's files lie, for those who sit before them.
    folder: Option<String>,
    /// Whose files are shown while those in the folder do not pass.
    shown_instead: Option<&'static str>,
    errors: &'a [Trouble],
    warnings: &'a [Trouble],
    languages: Vec<Language>,
    locale: &'a str,
    dir: &'a str,
    rooms: Vec<Room>,
    count: usize,
}

#[derive(Serialize)]
struct Language {
    code: String,
    name: String,
    address: String,
    current: bool,
}

#[derive(Serialize)]
struct Room {
    id: &'static str,
    name: &'static str,
    tiles: Vec<Tile>,
}

#[derive(Serialize)]
struct Tile {
    id: String,
    title: String,
    state: String,
    files: Vec<Drawn>,
    troubles: Vec<Trouble>,
    /// The path of its document.
    document: Option<String>,
    is_mail: bool,
    subject: Option<String>,
    text: Option<String>,
}

/// What things are, by the first folder of their templates.
const ROOMS: [(&str, &str); 4] = [
    ("screens", "Pages"),
    ("mail", "Mails"),
    ("sms", "Texts to phones"),
    ("voice", "Calls"),
];

impl Gallery {
    /// The gallery's page in a language.
    pub(super) fn index(&self, locale: &Locale) -> Result<String, ViewError> {
        let house = &self.views.0;
        let builtins = &house.options.builtins;
        let (errors, serving) = match self.views.status() {
            Status::Degraded { errors, serving } => (errors, Some(serving)),
            Status::Healthy { .. } => (Vec::new(), None),
        };
        let errors = match errors.is_empty() {
            true => Vec::new(),
            false => troubles(errors, &folder_now(house), builtins),
        };
        let warnings = troubles(house.warnings(), &house.current.load().own, builtins);
        let traces = Traces::of(house);
        let room = |(id, name): (&'static str, &'static str)| Room {
            id,
            name,
            tiles: self
                .pieces
                .iter()
                .filter(|piece| piece.title.split('/').next() == Some(id))
                .map(|piece| self.tile(piece, locale, &traces, &errors))
                .collect(),
        };
        let live = self.medium == Medium::Server;
        write(&Page {
            live,
            version: house.version(),
            folder: live.then(|| house.options.templates_dir.display().to_string()),
            shown_instead: serving.map(|serving| match serving {
                Source::Admin | Source::LastGood => "your last files that passed",
                Source::BuiltIn => "the built-in files",
            }),
            errors: &errors,
            warnings: &warnings,
            languages: self.languages(locale),
            locale: locale.as_str(),
            dir: locale.dir(),
            rooms: ROOMS.into_iter().map(room).collect(),
            count: self.pieces.len(),
        })
    }

    fn languages(&self, current: &Locale) -> Vec<Language> {
        let locales = self.views.locales().into_iter();
        locales
            .map(|locale| Language {
                name: self.views.translate(&locale, "language-name", &[]),
                address: self.index_name(&locale),
                current: locale == *current,
                code: locale.to_string(),
            })
            .collect()
    }

    fn tile(&self, piece: &Piece, locale: &Locale, traces: &Traces, errors: &[Trouble]) -> Tile {
        let mut files: Vec<Drawn> = Vec::new();
        let mut reached: Vec<String> = Vec::new();
        for part in &piece.parts {
            for drawn in traces.drawn(&part.template) {
                if !files.contains(&drawn) {
                    files.push(drawn);
                }
            }
            reached.extend(traces.files(&part.template));
        }
        let text_of = |kind: SampleKind| {
            let part = piece.parts.iter().find(|part| part.kind == kind)?;
            let rendered = self.views.render(&part.template, locale, &part.context);
            Some(rendered.unwrap_or_else(|error| error.to_string()))
        };
        let document = piece
            .document()
            .map(|_| format!("show/{locale}/{}.html", piece.address()));
        Tile {
            id: piece.address().replace('/', "-"),
            title: piece.title.clone(),
            state: piece.state.clone(),
            troubles: errors
                .iter()
                .filter(|trouble| trouble.is_of(&reached))
                .cloned()
                .collect(),
            is_mail: piece.title.starts_with("mail/"),
            subject: text_of(SampleKind::MailSubject).map(|text| text.trim().to_owned()),
            text: text_of(SampleKind::MailText),
            document,
            files,
        }
    }
}

fn write(page: &Page<'_>) -> Result<String, ViewError> {
    let written = || {
        let mut tera = Tera::new();
        tera.autoescape_on([".html"]);
        tera.add_raw_templates([
            ("trouble.html", include_str!("trouble.html")),
            (NAME, include_str!("gallery.html")),
        ])?;
        tera.render(NAME, &Context::from_serialize(page)?)
    };
    written().map_err(|error| {
        let mut told = engine::told(&error, &str::to_owned).into_iter();
        let unknown = || CheckError::new(NAME, None, error.to_string());
        ViewError::Render(told.next().unwrap_or_else(unknown))
    })
}

//! What every page and mail says in each of its states, in both languages, as files whose changes can be read.

use std::collections::BTreeSet;
use std::path::Path;

use insta::assert_snapshot;
use scraper::{ElementRef, Html, Node, Selector};
use tessera::views::{BuiltIns, CheckMode, Locale, Options, Sample, SampleKind, Views};

const LANGUAGES: [&str; 2] = ["en", "de"];

/// The shipped files alone.
pub fn shipped() -> Views {
    let nowhere = Path::new("/nonexistent");
    let options = Options {
        templates_dir: nowhere.join("templates"),
        static_dir: nowhere.join("static"),
        good_dir: nowhere.join("good"),
        default_locale: Locale::parse("en").unwrap(),
        check: CheckMode::InProcess,
        builtins: BuiltIns::compiled_in(),
    };
    Views::load(options, Vec::new()).unwrap()
}

fn samples() -> Vec<Sample> {
    let mut samples = tessera::pages::samples();
    samples.extend(tessera::delivery::samples());
    samples
}

fn settings(language: &str) -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_suffix(language);
    settings
}

/// `screens/otp.html` becomes `screens-otp`.
fn file_name(template: &str) -> String {
    let stem = template.rsplit_once('.').map_or(template, |(stem, _)| stem);
    stem.replace('/', "-")
}

/// What a page says and asks, line by line, without its looks.
fn outline(html: &str) -> String {
    let page = Html::parse_document(html);
    let mut lines = Vec::new();
    for node in page.tree.root().descendants() {
        let inside = |tag: &str| {
            let mut around = node.ancestors().filter_map(ElementRef::wrap);
            around.any(|element| element.value().name() == tag)
        };
        match node.value() {
            Node::Element(element) => match element.name() {
                "form" => lines.push(format!(
                    "form {} {}",
                    element.attr("method").unwrap_or("get"),
                    element.attr("action").unwrap_or_default()
                )),
                "input" => {
                    let said: Vec<String> = element
                        .attrs()
                        .filter(|(name, _)| *name != "class" && *name != "id")
                        .map(|(name, value)| format!("{name}={value}"))
                        .collect();
                    lines.push(format!("input {}", said.join(" ")));
                }
                "img" => lines.push(format!("img {}", element.attr("src").unwrap_or_default())),
                _ => {}
            },
            Node::Text(text) if !(inside("style") || inside("script")) => {
                let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
                let parent = node.parent().and_then(ElementRef::wrap);
                if let (false, Some(parent)) = (words.is_empty(), parent) {
                    let tag = parent.value().name();
                    let leads = parent.attr("href").filter(|_| tag == "a");
                    let leads = leads.map(|href| format!(" {href}")).unwrap_or_default();
                    lines.push(format!("{tag}{leads}: {words}"));
                }
            }
            _ => {}
        }
    }
    lines.join("\n")
}

#[test]
fn every_state_of_every_page_and_mail_in_both_languages() {
    let views = shipped();
    let samples = samples();
    let mut templates: Vec<&str> = samples.iter().map(|sample| &*sample.template).collect();
    templates.dedup();
    templates.sort_unstable();
    templates.dedup();
    for language in LANGUAGES {
        let locale = Locale::parse(language).unwrap();
        for template in &templates {
            let of_it = samples.iter().filter(|sample| sample.template == *template);
            let mut told = String::new();
            for sample in of_it {
                let rendered = views.render(template, &locale, &sample.context).unwrap();
                let said = match sample.kind {
                    SampleKind::Page | SampleKind::MailHtml => outline(&rendered),
                    SampleKind::MailText | SampleKind::MailSubject => rendered,
                };
                told.push_str(&format!("==== {}\n{said}\n\n", sample.name));
            }
            settings(language).bind(|| assert_snapshot!(file_name_of(template), told));
        }
    }
}

/// Both parts of a mail have one stem.
fn file_name_of(template: &str) -> String {
    let part = if template.ends_with(".txt") {
        "-text"
    } else {
        ""
    };
    file_name(template) + part
}

/// Markup with what changes by itself left out: hashes of assets, the modules of the QR code.
fn settled(html: &str) -> String {
    let mut settled = String::new();
    for (nth, piece) in html.split("?v=").enumerate() {
        if nth == 0 {
            settled.push_str(piece);
        } else {
            let rest = piece.trim_start_matches(|c: char| c.is_ascii_alphanumeric());
            settled.push_str("?v=…");
            settled.push_str(rest);
        }
    }
    let page = Html::parse_document(&settled);
    let modules = Selector::parse(".qr path").unwrap();
    match page.select(&modules).next().and_then(|path| path.attr("d")) {
        Some(path) => settled.replace(path, "…"),
        None => settled,
    }
}

#[test]
fn the_markup_of_every_screen_and_mail() {
    let views = shipped();
    let locale = Locale::parse("en").unwrap();
    let mut shown = BTreeSet::new();
    for sample in samples() {
        let is_html = matches!(sample.kind, SampleKind::Page | SampleKind::MailHtml);
        if is_html && shown.insert(sample.template.clone()) {
            let html = views.render(&sample.template, &locale, &sample.context);
            let name = file_name(&sample.template);
            settings("markup").bind(|| assert_snapshot!(name, settled(&html.unwrap())));
        }
    }
}

#[test]
fn a_page_is_small_and_asks_nobody_else() {
    let views = shipped();
    for sample in samples() {
        if sample.kind != SampleKind::Page {
            continue;
        }
        for language in LANGUAGES {
            let locale = Locale::parse(language).unwrap();
            let html = views.render(&sample.template, &locale, &sample.context);
            let html = html.unwrap();
            let name = format!("{} {}", sample.template, sample.name);
            let page = Html::parse_document(&html);
            let fetched = Selector::parse("link[href]:not([rel=manifest]), script[src]").unwrap();
            let mut weight = html.len();
            for element in page.select(&fetched) {
                let address = element.attr("href").or(element.attr("src")).unwrap();
                let path = address.strip_prefix("/static/");
                let path = path.unwrap_or_else(|| panic!("{name}: {address}"));
                let asset = views.asset(path.split('?').next().unwrap()).unwrap();
                weight += asset.bytes.len();
            }
            assert!(weight < 30_000, "{name}: {weight} bytes before compression");
            assert!(html.contains(&format!("<html lang=\"{language}\" dir=\"ltr\">")));
            assert_eq!(
                page.select(&Selector::parse("h1").unwrap()).count(),
                1,
                "{name}"
            );
        }
    }
}

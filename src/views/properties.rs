//! What a person typed comes out of a page as the same text, and never as markup.

use proptest::prelude::*;
use scraper::{Html, Selector};
use serde_json::json;

use super::{BuiltIns, CheckMode, Locale, Options, Views};

const PAGE: &str = r#"<!doctype html><html><body><p id="text">{{ typed }}</p>
<input value="{{ typed }}"><input value='{{ typed }}'>{% set kept = typed %}<b>{{ kept ~ "" }}</b></body></html>"#;

fn views() -> Views {
    let nowhere = std::path::PathBuf::from("/nonexistent");
    let options = Options {
        templates_dir: nowhere.clone(),
        static_dir: nowhere.clone(),
        good_dir: nowhere,
        default_locale: Locale::parse("en").unwrap(),
        check: CheckMode::InProcess,
        builtins: BuiltIns::from_files([("page.html", PAGE)], []),
    };
    Views::load(options, Vec::new()).unwrap()
}

/// Line ends are one to a browser.
fn as_read(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn text_stays_text(typed in r#"([<>"'&;=/`{}%# a-z\r\n-]|&(lt|amp|#x3c);|</?(p|script|input)>|[^\x00]){0,24}"#) {
        thread_local!(static VIEWS: Views = views());
        let locale = Locale::parse("en").unwrap();
        let page = VIEWS.with(|views| views.render("page.html", &locale, &json!({ "typed": typed }))).unwrap();
        let html = Html::parse_document(&page);
        let of = |selector: &str| html.select(&Selector::parse(selector).unwrap()).collect::<Vec<_>>();
        prop_assert_eq!(of("body *").len(), 4, "no element but ours: {}", page);
        for selector in ["#text", "b"] {
            prop_assert_eq!(of(selector)[0].text().collect::<String>(), as_read(&typed));
        }
        for input in of("input") {
            prop_assert_eq!(input.value().attr("value").unwrap(), as_read(&typed));
            prop_assert_eq!(input.value().attrs().count(), 1);
        }
    }
}

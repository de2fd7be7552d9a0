//! The shipped words: every language says all of it, with the same values in it, in its own words.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;
use tessera::views::BuiltIns;

const LANGUAGES: [&str; 6] = ["ar", "de", "en", "es", "fr", "ja"];

/// What other scripts write in Latin letters.
const LATIN: [&str; 7] = ["QR", "SMS", "PIN", "Cookie", "JavaScript", "iPad", "iPhone"];

/// A message: what it says, the values in it, and the plural forms of each of its choices.
#[derive(Default)]
struct Word {
    text: String,
    values: BTreeSet<String>,
    forms: Vec<BTreeSet<String>>,
}

/// Every word of a language.
fn words_of(language: &str) -> BTreeMap<String, Word> {
    let builtins = BuiltIns::compiled_in();
    let folder = format!("locales/{language}/");
    let mut words = BTreeMap::new();
    for name in builtins.names() {
        if !name.starts_with(&folder) {
            continue;
        }
        let text = builtins.text(name).unwrap();
        let resource = parser::parse(text).map_err(|(_, errors)| errors).unwrap();
        for entry in resource.body {
            if let Entry::Message(message) = entry {
                let mut word = Word::default();
                read(&message.value.unwrap(), &mut word);
                let twice = words.insert(message.id.name.to_owned(), word);
                assert!(twice.is_none(), "{name}: {} twice", message.id.name);
            }
        }
    }
    words
}

fn read(pattern: &Pattern<&str>, word: &mut Word) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => word.text.push_str(value),
            PatternElement::Placeable { expression } => match expression {
                Expression::Inline(inline) => name(inline, word),
                Expression::Select { selector, variants } => {
                    name(selector, word);
                    let forms = variants.iter().map(|variant| match &variant.key {
                        fluent_syntax::ast::VariantKey::Identifier { name } => (*name).to_owned(),
                        fluent_syntax::ast::VariantKey::NumberLiteral { value } => {
                            (*value).to_owned()
                        }
                    });
                    word.forms.push(forms.collect());
                    for variant in variants {
                        read(&variant.value, word);
                    }
                }
            },
        }
    }
}

fn name(inline: &InlineExpression<&str>, word: &mut Word) {
    if let InlineExpression::VariableReference { id } = inline {
        word.values.insert(id.name.to_owned());
        word.text.push_str(&format!("{{{}}}", id.name));
    }
}

#[test]
fn every_language_says_everything_with_the_same_values_in_its_own_words() {
    let english = words_of("en");
    for language in LANGUAGES.into_iter().filter(|language| *language != "en") {
        let words = words_of(language);
        let missing: Vec<_> = english
            .keys()
            .filter(|key| !words.contains_key(*key))
            .collect();
        assert!(missing.is_empty(), "missing in {language}: {missing:?}");
        let unknown: Vec<_> = words
            .keys()
            .filter(|key| !english.contains_key(*key))
            .collect();
        assert!(unknown.is_empty(), "only in {language}: {unknown:?}");
        for (key, word) in &words {
            assert_eq!(word.values, english[key].values, "{key} in {language}");
            let is_name = key.starts_with("country-") || key == "push-call-title";
            let is_left = !is_name && word.text == english[key].text;
            assert!(!is_left, "{key} in {language} is left in English");
            if matches!(language, "ar" | "ja") && !is_name {
                assert_eq!(latin(&word.text), Vec::<&str>::new(), "{key} in {language}");
            }
        }
    }
}

/// The words in Latin letters that have no place in another script; values are none.
fn latin(text: &str) -> Vec<&str> {
    let around_values = text.split(['{', '}']).step_by(2);
    around_values
        .flat_map(|part| part.split(|c: char| !c.is_ascii_alphabetic()))
        .filter(|word| !word.is_empty() && !LATIN.contains(word))
        .collect()
}

#[test]
fn a_number_chooses_among_all_the_forms_that_its_language_has() {
    for language in LANGUAGES {
        let forms: &[&str] = match language {
            "ar" => &["few", "many", "one", "other", "two", "zero"],
            "ja" => &["other"],
            _ => &["one", "other"],
        };
        for (key, word) in words_of(language) {
            for found in word.forms {
                let found: Vec<&str> = found.iter().map(String::as_str).collect();
                assert_eq!(found, forms, "{key} in {language}");
            }
        }
    }
}

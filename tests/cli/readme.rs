//! What the README tells can be done.

use crate::place::Place;

const README: &str = include_str!("../../README.md");

/// The code blocks of this language.
fn blocks(language: &str) -> Vec<&'static str> {
    README
        .split("```")
        .skip(1)
        .step_by(2)
        .filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'))
        .collect()
}

/// Every `tessera …` the README names, in blocks and in sentences, up to its first argument that is no verb.
fn verbs() -> Vec<Vec<&'static str>> {
    let is_verb = |word: &&str| {
        word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
    };
    let mut found: Vec<Vec<&str>> = README
        .split("tessera ")
        .skip(1)
        .zip(README.split("tessera "))
        .filter(|(_, before)| before.ends_with(['`', '/', '(', '\n']))
        .map(|(after, _)| {
            let command = after.split(['`', '\n', ')', '|', '#']).next().unwrap_or("");
            let words = command.split(' ').filter(|word| !word.is_empty());
            words.take_while(is_verb).take(2).collect()
        })
        .filter(|words: &Vec<&str>| !words.is_empty())
        .collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn every_verb_that_it_names_exists() {
    let place = Place::new();
    let verbs = verbs();
    assert!(verbs.len() >= 12, "{verbs:?}");
    for verb in verbs {
        let ran = place.run(&[&verb[..], &["--help"]].concat());
        assert!(
            ran.status.success(),
            "tessera {}: {}",
            verb.join(" "),
            ran.err
        );
        let usage = format!("Usage: tessera {}", verb.join(" "));
        assert!(ran.out.contains(&usage), "{usage} is not in {}", ran.out);
    }
}

#[test]
fn its_configuration_is_valid() {
    let samples = blocks("toml");
    assert!(!samples.is_empty());
    for sample in samples {
        let place = Place::new();
        place.write("tessera.toml", sample);
        let ran = place.run(&["config", "check"]);
        assert!(ran.status.success(), "{sample}: {}", ran.err);
    }
}

#[test]
fn its_templates_pass_the_check() {
    let pages = blocks("html");
    assert!(!pages.is_empty());
    for page in pages {
        let place = Place::new();
        let name = page
            .split(['{', '#', ' '])
            .find(|word| word.ends_with(".html"))
            .unwrap();
        place.write(&format!("templates/{name}"), page);
        let ran = place.run(&["templates", "check"]);
        assert!(ran.status.success(), "{page}: {}", ran.out);
    }
}

#[test]
fn its_ports_and_paths_are_those_of_the_defaults() {
    let place = Place::new();
    let told = place.json(&["config", "check"]);
    let url = told["settings"]["public_url"]["value"].as_str().unwrap();
    assert!(README.contains(&format!("{url}/api/v2/guardian/enrollments/ticket")));
}

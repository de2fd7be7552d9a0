//! What the README and the chapter on customizing tell can be done.

use serde_json::Value;

use crate::place::Place;
use crate::support;

const README: &str = include_str!("../../README.md");
const CUSTOMIZE: &str = include_str!("../../docs/customize.md");

/// The code blocks of this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let in_both = [README, CUSTOMIZE].into_iter();
    in_both
        .flat_map(|text| text.split("```").skip(1).step_by(2))
        .filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n'))
        .collect()
}

/// Every `tessera …` the README names, in blocks and in sentences, up to its first argument that is no verb.
fn verbs() -> Vec<Vec<&'static str>> {
    let is_verb = |word: &&str| {
        word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
    };
    let in_both = [README, CUSTOMIZE].into_iter();
    let mut found: Vec<Vec<&str>> = in_both
        .flat_map(|text| text.split("tessera ").skip(1).zip(text.split("tessera ")))
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
        place.write(name, page);
        let ran = place.run(&["templates", "check", "--json"]);
        assert!(ran.status.success(), "{page}: {}", ran.out);
        let listed = place.ok(&["templates", "list", "--json"]);
        let (_, plain) = name.split_once('/').unwrap();
        assert!(listed.contains(&format!("\"{plain}\"")), "{listed}");
        assert!(listed.contains("overridden"), "{plain} is not in effect");
    }
}

/// The commands of the second terminal, word for word but for the program's place and the server's port.
#[tokio::test]
async fn its_first_ticket_is_a_ticket() {
    let place = Place::new();
    let told = place.json(&["config", "check"]);
    let url = told["settings"]["public_url"]["value"].as_str().unwrap();
    let commands = blocks("sh")
        .into_iter()
        .find(|block| block.contains("curl"));
    let commands = commands.unwrap().replace(
        "cargo run --release --quiet --",
        env!("CARGO_BIN_EXE_tessera"),
    );
    assert!(commands.contains(&format!("{url}/api/v2/guardian/enrollments/ticket")));

    let server = place.serve();
    let commands = commands.replace(url, &server.url(""));
    let Some(curl) = place.shell(&commands) else {
        support::skip::<()>("there is no curl");
        return;
    };
    let answer: Value = serde_json::from_str(&curl.out)
        .unwrap_or_else(|_| unreachable!("{}{}", curl.out, curl.err));
    let id = answer["ticket_id"].as_str().unwrap();
    let link = answer["ticket_url"].as_str().unwrap();
    assert!(
        link.starts_with(&format!("{url}/guardian/enroll?ticket={id}.")),
        "{link}"
    );
    let page = reqwest::get(link.replace(url, &server.url("")))
        .await
        .unwrap();
    assert_ne!(page.status(), 404, "{link}");
    assert!(answer["expires_at"].is_string());
}

#[tokio::test]
async fn every_endpoint_that_it_lists_is_described() {
    let place = Place::new();
    let server = place.serve();
    let described = reqwest::get(server.url("/openapi.json")).await.unwrap();
    let described: Value = described.json().await.unwrap();
    let unnamed = |path: &str| {
        let parts = path
            .split('/')
            .map(|part| if part.starts_with('{') { "{}" } else { part });
        parts.collect::<Vec<_>>().join("/")
    };
    let known: Vec<String> = described["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(|path| unnamed(path))
        .collect();
    let listed: Vec<String> = README
        .lines()
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line.split(['`', ' ']))
        .filter(|word| word.starts_with("/api/") || word.starts_with("/oauth/"))
        .map(|path| unnamed(&path.replace("[/{id}]", "")))
        .collect();
    assert!(listed.len() >= 9, "{listed:?}");
    for path in listed {
        assert!(known.contains(&path), "{path} is none of {known:?}");
    }
}

//! The fields of log lines are from one list, which `src/cli/log.rs` documents.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};

use super::source;

const MACROS: [&str; 6] = ["trace", "debug", "info", "warn", "error", "info_span"];

/// The fields of a `tracing` macro's arguments.
fn fields(is_span: bool, arguments: TokenStream) -> Vec<String> {
    let tokens: Vec<TokenTree> = arguments.into_iter().collect();
    let mut found = Vec::new();
    for argument in tokens.split(|token| matches!(token, TokenTree::Punct(p) if p.as_char() == ','))
    {
        let argument = match argument {
            [TokenTree::Punct(sigil), rest @ ..] if "%?".contains(sigil.as_char()) => rest,
            all => all,
        };
        match argument {
            [TokenTree::Ident(name), TokenTree::Punct(colon), ..] if colon.as_char() == ':' => {
                assert!(name == "target", "{name}: is it a field?");
            }
            [TokenTree::Ident(name), TokenTree::Punct(dot), ..] if dot.as_char() == '.' => {
                unreachable!("a field of a struct has no name of its own: {name}");
            }
            [TokenTree::Ident(name), ..] => found.push(name.to_string()),
            // A span's name comes before its fields, a message and what is put into it after them.
            _ if is_span => {}
            _ => break,
        }
    }
    found
}

fn used_in(text: &str, used: &mut BTreeSet<String>) {
    source::walk(&source::tokens(text), &mut |row| {
        for at in 0..row.len() {
            let [
                TokenTree::Ident(name),
                TokenTree::Punct(bang),
                TokenTree::Group(group),
                ..,
            ] = &row[at..]
            else {
                continue;
            };
            if bang.as_char() == '!' && MACROS.contains(&name.to_string().as_str()) {
                used.extend(fields(name == "info_span", group.stream()));
            }
        }
    });
}

fn read(folder: &Path, used: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, used);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            used_in(&fs::read_to_string(path).unwrap(), used);
        }
    }
}

#[test]
fn every_field_is_documented_and_every_documented_field_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut used = BTreeSet::new();
    read(&root, &mut used);
    let log = fs::read_to_string(root.join("cli/log.rs")).unwrap();
    let documented: BTreeSet<String> = log
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"))
        .filter_map(|line| Some(line.split_once('`')?.0.to_owned()))
        .collect();
    assert_eq!(used, documented);
}

#[test]
fn a_field_is_seen_however_it_is_written() {
    let mut used = BTreeSet::new();
    used_in(
        "fn f() { tracing::info!(target: \"t\", a = 1, %b, ?c, d, \"words {}\", x.y); tracing::info_span!(\"http\", e = %x); }",
        &mut used,
    );
    assert_eq!(used.into_iter().collect::<String>(), "abcde");
}

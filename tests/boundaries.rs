//! The walls between the rooms, and a few habits that no lint knows, read off the source.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a source that can't be read is a failed test"
)]

#[path = "boundaries/log_fields.rs"]
mod log_fields;
#[path = "support/source.rs"]
mod source;

use std::fs;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use source::{is_comparison, line, mentions, module_of, names, tokens, walk};

/// Each room, and the rooms that it may name.
const ARROWS: &[(&str, &[&str])] = &[
    ("core", &[]),
    ("config", &["core"]),
    ("store", &["core"]),
    ("users", RULES),
    ("tickets", RULES),
    ("factors", RULES),
    ("logins", RULES),
    ("access", RULES),
    ("views", &["core", "config"]),
    ("delivery", &["core", "config", "store", "views"]),
    ("web", EDGES),
    ("pages", PAGES),
    // The description of the API has the token endpoint in it.
    (
        "api",
        &[
            "core", "config", "store", "users", "tickets", "factors", "logins", "access", "web",
            "oidc",
        ],
    ),
    ("oidc", API),
    ("cli", CLI),
];
const RULES: &[&str] = &[
    "core", "store", "users", "tickets", "factors", "logins", "access",
];
#[rustfmt::skip]
const EDGES: &[&str] = &[
    "core", "config", "store", "users", "tickets", "factors", "logins", "access", "views",
    "pages", "api", "oidc",
];
#[rustfmt::skip]
const PAGES: &[&str] = &[
    "core", "config", "store", "users", "tickets", "factors", "logins", "access", "views", "web",
];
#[rustfmt::skip]
const API: &[&str] = &[
    "core", "config", "store", "users", "tickets", "factors", "logins", "access", "web",
];
#[rustfmt::skip]
const CLI: &[&str] = &[
    "core", "config", "store", "users", "tickets", "factors", "logins", "access", "views",
    "delivery", "web", "pages", "api", "oidc",
];

/// Each guarded library, and the rooms that may name it.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("rusqlite", &["store"]),
    ("sqlx", &["store"]),
    ("fail", &["core"]),
    ("rand", &["core"]),
    ("uuid", &["core"]),
    ("tera", &["views"]),
    ("flate2", &["views"]),
    ("html2text", &["views"]),
    ("lettre", &["delivery"]),
    ("indicatif", &["cli"]),
    ("x509_parser", &["core"]),
    ("reqwest", &["cli", "delivery"]),
    ("rlibphonenumber", &["config", "factors"]),
    ("web_push_native", &["delivery"]),
    ("rustls_pki_types", &["web"]),
    ("prometheus", &["web"]),
    ("utoipa_swagger_ui", &["api"]),
    ("governor", &["access"]),
    ("serde_cbor_2", &["factors"]),
    ("webauthn_rs_core", &["factors"]),
    ("webauthn_rs_proto", &["factors"]),
    ("actix_web", HTTP),
    ("actix_http", HTTP),
    ("actix_tls", &["web"]),
    ("actix_rt", HTTP),
    ("actix_service", HTTP),
];
const HTTP: &[&str] = &["web", "pages", "api", "oidc", "cli"];

/// The only files outside `factors` that may call a factor's `check`.
const CHECK_CALLERS: &[&str] = &["src/tickets/redeem.rs", "src/logins/verify.rs"];

/// Names of values that are compared in constant time or not at all.
#[rustfmt::skip]
const SECRETS: &[&str] = &[
    "secret", "secret_hash", "client_secret", "ticket_secret", "expose_secret", "password",
    "csrf", "csrf_token", "token_hash", "code_hash", "recovery_code", "otp_code", "seed", "mac",
    "signature",
];

const SQL_CALLS: &[&str] = &["query", "query_as", "query_scalar", "raw_sql", "execute"];
const SQL_WORDS: &[&str] = &[
    "SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH ", "CREATE ", "ALTER ", "DROP ",
];

const SQL_IS_LITERAL: &str = "SQL is a literal; values are bound";

const LONGEST_FILE: usize = 400;

/// Every rule that `text`, lying at `file`, breaks.
fn broken(file: &str, text: &str, factors: &[String]) -> Vec<String> {
    let lines = text.lines().count();
    if lines > LONGEST_FILE {
        return vec![format!(
            "{file}: {lines} lines, more than {LONGEST_FILE}: which room is missing?"
        )];
    }
    if !file.starts_with("src/") || file.ends_with("/tests.rs") || file.contains("/tests/") {
        return Vec::new();
    }
    let module = module_of(file);
    let room = module.get(1).map(String::as_str);
    if let Some(room) = room.filter(|room| ARROWS.iter().all(|(name, _)| name != room)) {
        return vec![format!("{file}: `{room}` is no room of the design")];
    }
    let tokens = tokens(text);
    let mut found: Vec<(usize, String)> = names(&tokens, &module)
        .iter()
        .flat_map(|named| {
            let rules = [
                wall(room, &named.path),
                library(room, &named.path),
                check_caller(file, &named.path, factors),
                template_source(&named.path),
                sql_vouched_for(&named.path),
            ];
            rules.into_iter().flatten().map(|rule| (named.line, rule))
        })
        .collect();
    walk(&tokens, &mut |row| {
        found.extend(secrets_compared(row));
        found.extend(sql_put_together(file, row));
    });
    found.sort();
    found.dedup();
    found
        .into_iter()
        .map(|(line, rule)| format!("{file}:{line}: {rule}"))
        .collect()
}

fn wall(room: Option<&str>, path: &[String]) -> Option<String> {
    let [first, named, ..] = path else {
        return None;
    };
    // Outside the rooms lie the crate's root, which lists them, and `main`, which calls `cli`.
    let may = room.map_or(&["cli"][..], |room| {
        ARROWS.iter().find(|(name, _)| *name == room).unwrap().1
    });
    let crossed = first == "crate"
        && ARROWS.iter().any(|(name, _)| name == named)
        && Some(named.as_str()) != room
        && !may.contains(&named.as_str());
    crossed.then(|| {
        format!(
            "`{}` must not name the room `{named}`",
            room.unwrap_or("main")
        )
    })
}

fn library(room: Option<&str>, path: &[String]) -> Option<String> {
    // A name alone is something of ours: `fail(…)` is no call of the library `fail`.
    let [library, _, ..] = path else {
        return None;
    };
    let (name, homes) = LIBRARIES.iter().find(|(name, _)| name == library)?;
    let home = room.is_some_and(|room| homes.contains(&room));
    (!home).then(|| format!("`{name}` is named in {} only", homes.join(", ")))
}

fn check_caller(file: &str, path: &[String], factors: &[String]) -> Option<String> {
    let calls = matches!(path, [.., factor, call] if call == "check" && factors.contains(factor));
    let allowed = file.starts_with("src/factors/") || CHECK_CALLERS.contains(&file);
    (calls && !allowed).then(|| {
        format!(
            "a factor's `check` is called in {} only",
            CHECK_CALLERS.join(", ")
        )
    })
}

fn template_source(path: &[String]) -> Option<String> {
    path.iter()
        .any(|part| part == "render_str" || part == "one_off")
        .then(|| "what a person sends is never the source of a template".to_owned())
}

/// Clippy's ban on the type does not see its constructor.
fn sql_vouched_for(path: &[String]) -> Option<String> {
    path.iter()
        .any(|part| part == "AssertSqlSafe")
        .then(|| SQL_IS_LITERAL.to_owned())
}

fn secrets_compared(row: &[TokenTree]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for at in 0..row.len().saturating_sub(2) {
        if !is_comparison(&row[at], &row[at + 1]) {
            continue;
        }
        for operand in [left_operand(&row[..at]), right_operand(&row[at + 2..])] {
            if let Some(name) = operand.filter(|name| SECRETS.contains(&name.as_str())) {
                let rule = format!("`{name}` is a secret: compare it in constant time");
                found.push((line(&row[at]), rule));
            }
        }
    }
    found
}

fn left_operand(before: &[TokenTree]) -> Option<String> {
    let last = before
        .iter()
        .rev()
        .find(|token| !matches!(token, TokenTree::Group(_)))?;
    identifier(last)
}

fn right_operand(after: &[TokenTree]) -> Option<String> {
    after
        .iter()
        .take_while(|token| match token {
            TokenTree::Punct(punct) => "&*.:".contains(punct.as_char()),
            _ => true,
        })
        .filter_map(identifier)
        .last()
}

fn sql_put_together(file: &str, row: &[TokenTree]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, token) in row.iter().enumerate() {
        let Some(name) = identifier(token) else {
            continue;
        };
        let arguments = row[at..].iter().take(3).find_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        });
        let Some(arguments) = arguments else {
            continue;
        };
        let in_store = file.starts_with("src/store/");
        if (name == "format" && starts_like_sql(&arguments))
            || (in_store && SQL_CALLS.contains(&name.as_str()) && mentions(&arguments, "format"))
        {
            found.push((line(token), SQL_IS_LITERAL.to_owned()));
        }
    }
    found
}

fn starts_like_sql(arguments: &TokenStream) -> bool {
    let text = arguments.to_string();
    let text = text.trim_start_matches(['r', '#', '"']).trim_start();
    SQL_WORDS.iter().any(|word| text.starts_with(word))
}

fn identifier(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    }
}

fn read_tree(folder: &Path, root: &Path, files: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_tree(&path, root, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            files.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn the_source_keeps_to_the_walls() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    read_tree(&root.join("src"), root, &mut files);
    read_tree(&root.join("tests"), root, &mut files);
    let factors: Vec<String> = files
        .iter()
        .map(|(name, _)| module_of(name))
        .filter(|module| module.len() == 3 && module[1] == "factors")
        .map(|module| module[2].clone())
        .collect();
    let found: Vec<String> = files
        .iter()
        .flat_map(|(name, text)| broken(name, text, &factors))
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn each_wall_holds_against_an_example() {
    #[rustfmt::skip]
    let breaches = [
        ("src/pages/otp.rs", "use sqlx::query;", "`sqlx` is named in store only"),
        ("src/users/mod.rs", "#[derive(sqlx::FromRow)] struct User;", "`sqlx` is named"),
        ("src/api/users.rs", "fn f() { run!(tx, c => sqlx::query(A)) }", "`sqlx` is named"),
        ("src/web/mod.rs", "fn f() -> tera::Result<()> { todo() }", "`tera` is named"),
        ("src/web/request.rs", "use governor::Quota;", "`governor` is named in access only"),
        ("src/cli/mail.rs", "use lettre::{Message, message::Mailbox};", "`lettre` is named"),
        ("src/tickets/mod.rs", "use actix_web::web;", "`actix_web` is named"),
        ("src/core/mod.rs", "use crate::config::Config;", "`core` must not name the room `config`"),
        ("src/store/mod.rs", "use crate::{core::Clock, tickets::{self, Ticket}};", "the room `tickets`"),
        ("src/tickets/redeem.rs", "use super::super::pages::otp;", "the room `pages`"),
        ("src/views/mod.rs", "fn f(s: &crate::store::Store) {}", "the room `store`"),
        ("src/delivery/mail/enrollment.rs", "use crate::access::Client;", "the room `access`"),
        ("src/pages/otp.rs", "use crate::api;", "the room `api`"),
        ("src/api/tickets.rs", "use crate::views::Views;", "the room `views`"),
        ("src/web/mod.rs", "use crate::cli::serve;", "the room `cli`"),
        ("src/main.rs", "fn main() { tessera::web::run() }", "`main` must not name the room `web`"),
        ("src/helpers/mod.rs", "", "`helpers` is no room of the design"),
        ("src/pages/otp.rs", "fn f() { factors::otp::check(m, p, now) }", "a factor's `check`"),
        ("src/pages/otp.rs", "use crate::factors::otp::{Seed, check};", "a factor's `check`"),
        ("src/views/mod.rs", "fn f() { Tera::one_off(t, &c, true) }", "the source of a template"),
        ("src/views/mod.rs", "fn f() { engine.render_str(t, &c) }", "the source of a template"),
        ("src/store/tickets.rs", "fn f() { sqlx::query(&format!(\"{a}\")) }", "SQL is a literal"),
        ("src/store/tickets.rs", "fn f() { sqlx::query(sqlx::AssertSqlSafe(text)) }", "SQL is a literal"),
        ("src/store/tickets.rs", "fn f() { let q = format!(\"DELETE FROM {t}\"); }", "SQL is a literal"),
        ("src/tickets/mod.rs", "fn f() -> bool { row.secret_hash == given }", "`secret_hash` is a secret"),
        ("src/tickets/mod.rs", "fn f() -> bool { given != self.row.csrf }", "`csrf` is a secret"),
        ("src/access/mod.rs", "fn f() -> bool { a.expose_secret() == b }", "`expose_secret` is a secret"),
    ];
    for (file, text, rule) in breaches {
        let found = broken(file, text, &["otp".to_owned()]);
        let named = found
            .iter()
            .any(|line| line.contains(rule) && line.starts_with(file));
        assert!(
            named,
            "{file}: {text}\n  should break: {rule}\n  but: {found:?}"
        );
    }
    let long = "\n".repeat(LONGEST_FILE + 1);
    assert_eq!(broken("tests/long.rs", &long, &[]).len(), 1);
}

#[test]
fn what_the_design_allows_passes() {
    #[rustfmt::skip]
    let fine = [
        ("src/store/mod.rs", "use sqlx::query; use crate::core::Clock;"),
        ("src/store/mod.rs", "#[cfg(test)] mod tests { use crate::tickets::Ticket; }"),
        ("src/store/mod.rs", "#[cfg(test)] use crate::tickets::Ticket; use crate::core::Rng;"),
        ("src/tickets/redeem.rs", "use crate::factors::otp; fn f() { otp::check(m, p, now) }"),
        ("src/factors/otp.rs", "/// Unlike `sqlx::query`.\nuse super::Proof; use crate::store::Tx;"),
        ("src/pages/link.rs", "fn f() { fail(3); guard.fail(2); }"),
        ("src/users/mod.rs", "// use tera::Tera;\nconst A: &str = \"crate::pages::otp tera::x\";"),
        ("src/pages/otp.rs", "use crate::{views::Views, web::{self, error}, tickets};"),
        ("src/config/mod.rs", "fn f() -> bool { secret.len() == 3 && kind == other }"),
        ("src/api/users.rs", "fn f() { format!(\"Update from {a} is refused\"); settings.check(a) }"),
        ("src/main.rs", "//! Tessera.\nfn main() { tessera::cli::run() }"),
        ("src/lib.rs", "//! Rooms.\npub mod pages; pub mod store;"),
    ];
    for (file, text) in fine {
        assert_eq!(
            broken(file, text, &["otp".to_owned()]),
            Vec::<String>::new(),
            "{text}"
        );
    }
}

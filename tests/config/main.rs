//! An admin writes a configuration: right ones are understood, wrong ones are refused with the way out.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, its helpers too"
)]

mod folder;
mod secrets;

use std::fs;
use std::num::NonZeroU32;
use std::time::Duration;

use secrecy::ExposeSecret;
use tessera::config::{Config, DatabaseKind, Transport};

use folder::{Folder, PRODUCTION};

/// What is written, the key that the message is about, and the way out that it tells.
const REFUSED: &str = include_str!("refused.txt");

#[test]
fn every_bad_setting_is_refused_naming_its_key_and_the_way_out() {
    let rows = REFUSED.lines().filter(|row| !row.is_empty());
    let mut count = 0;
    for row in rows {
        let cells: Vec<&str> = row.split(" => ").map(str::trim).collect();
        let [toml, key, way_out] = cells[..] else {
            panic!("three cells: {row}");
        };
        let error = Folder::with(&format!("\n{toml}\n"))
            .load()
            .expect_err(&format!("refused: {toml}"));
        let problem = &error.problems[0];
        assert_eq!(error.problems.len(), 1, "only this: {error}");
        assert_eq!(problem.key, key, "{error}");
        assert_eq!(problem.place, "tessera.toml:2", "{error}");
        let name = key.rsplit('.').next().unwrap();
        assert!(problem.text.contains(name), "{error} names {name}");
        assert!(problem.text.contains(way_out), "{error}\nsays {way_out}");
        count += 1;
    }
    assert!(count >= 60, "{count} rows");
}

#[test]
fn the_message_names_place_key_value_limit_and_way_out() {
    let folder = Folder::with("[site]\nname = \"Us\"\n\n[tickets]\nlifetime = \"6d\"\n");
    assert_eq!(
        folder.bad(),
        "tessera.toml:5: [tickets] lifetime = \"6d\" is above the limit of 5 days; say 5d or less"
    );
    let folder = Folder::new().env("TESSERA_TICKETS__LIFETIME", "6d");
    assert_eq!(
        folder.bad(),
        "TESSERA_TICKETS__LIFETIME: [tickets] lifetime = \"6d\" is above the limit of 5 days; \
         say 5d or less"
    );
    let folder = Folder::new().flag("tickets.lifetime", "6d");
    assert!(folder.bad().starts_with("command line: [tickets] lifetime"));
}

#[test]
fn everything_wrong_is_said_at_once() {
    let folder = Folder::with(
        "publc_url = \"x\"\n[http]\nlisten = 8080\ntrusted_proxies = [\"a\",\n \"10.0.0.1\",\n \"b\"]\n",
    )
    .env("TESSERA_USERS__AUTO_CREATE", "yes")
    .env("TESSERA_HTTP_LISTEN", "127.0.0.1:1")
    .flag("tickets.lifetme", "1d");
    let said = folder.bad();
    let expected = [
        "tessera.toml:1: unknown key `publc_url` at the top of the file; did you mean `public_url`?",
        "tessera.toml:3: [http] listen is a number; say text in quotes",
        "tessera.toml:4: [http] trusted_proxies: \"a\" is not an IP address",
        "tessera.toml:6: [http] trusted_proxies: \"b\" is not an IP address",
        "TESSERA_USERS__AUTO_CREATE: [users] auto_create is text; say true or false",
        "unknown environment variable TESSERA_HTTP_LISTEN; did you mean TESSERA_HTTP__LISTEN?",
        "command line: unknown key `tickets.lifetme`; did you mean `tickets.lifetime`?",
    ];
    for line in expected {
        assert!(said.contains(line), "{line}\nis missing from\n{said}");
    }
    assert_eq!(said.lines().count(), expected.len(), "{said}");
}

#[test]
fn without_a_file_there_is_a_development_server() {
    let folder = Folder::new();
    let config = folder.good();
    assert!(config.is_development());
    assert_eq!(config.public_url.as_str(), "http://localhost:8080/");
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.data_dir, folder.path().join("data"));
    assert_eq!(
        config.database.kind,
        DatabaseKind::Sqlite(folder.path().join("data/tessera.db"))
    );
    assert!(
        matches!(&config.mail.transport, Transport::File(dir) if *dir == folder.path().join("data/mail"))
    );
    assert_eq!(config.mail.from.name.as_deref(), Some("Tessera"));
    assert_eq!(config.mail.from.address, "no-reply@localhost");
    assert_eq!(config.tickets.lifetime, Duration::from_secs(5 * 86_400));
    assert_eq!(config.tickets.keep, Duration::from_secs(90 * 86_400));
    assert!(config.users.auto_create);
    let limits = config.limits;
    let limits = [
        limits.client_per_second,
        limits.address_per_second,
        limits.open_tickets_per_user,
        limits.mails_per_user,
    ];
    assert_eq!(limits, [500, 30, 5, 10].map(NonZeroU32::new));
    let off = Folder::new().env("TESSERA_LIMITS__ADDRESS_PER_SECOND", "0");
    assert_eq!(off.good().limits.address_per_second, None);
}

#[test]
fn the_sample_file_sets_the_defaults_and_shows_every_key() {
    let sampled = Folder::with(&Config::sample());
    let values = |folder: &Folder| -> Vec<String> {
        let here = folder.path().display().to_string();
        let entries = folder.good().describe().entries;
        let shown = entries.iter().map(|e| format!("{} {}", e.name, e.value));
        shown.map(|text| text.replace(&here, "")).collect()
    };
    assert_eq!(values(&sampled), values(&Folder::new()));
    for entry in sampled.good().describe().entries {
        assert!(Config::sample().contains(&format!("{} = ", entry.name)));
    }
    let described = sampled.good().describe().entries.len();
    let secret_files = ["url_file = ", "token_file = ", "secret_file = "];
    let keys =
        |line: &&str| line.contains(" = ") && !secret_files.iter().any(|file| line.contains(file));
    assert_eq!(Config::sample().lines().filter(keys).count(), described);
    // An admin who takes the comment signs away gets examples that are understood, too.
    let url_file = |line: &&str| !line.contains("_file =") && !line.contains("<data_dir>");
    let whole = Config::sample();
    let lines = whole.lines().filter(url_file);
    let whole: Vec<&str> = lines
        .map(|line| match line.strip_prefix("# ") {
            Some(key) if key.contains(" = ") => key,
            _ => line,
        })
        .collect();
    let whole = whole.join("\n");
    let said = Folder::with(&whole).bad();
    assert!(
        said.contains("[http] tls_cert) and speaks nothing else; say https://"),
        "{said}"
    );
    let config = Folder::with(&whole.replace("\"http://localhost", "\"https://localhost")).good();
    assert_eq!(config.site.links[0].text, "Privacy");
    assert_eq!(config.http.admin_listen.unwrap().port(), 9090);
}

#[test]
fn the_command_line_wins_over_the_environment_and_that_over_the_file() {
    let folder = Folder::with(
        "[site]\nname = \"File\"\naccent = \"#AABBCC\"\n[tickets]\nlifetime = \"4d\"\n",
    )
    .env("TESSERA_SITE__NAME", "Environment")
    .env("TESSERA_TICKETS__LIFETIME", "3d")
    .flag("tickets.lifetime", "2d");
    let config = folder.good();
    assert_eq!(config.site.accent.as_deref(), Some("#aabbcc"));
    assert_eq!(config.site.name, "Environment");
    assert_eq!(config.tickets.lifetime, Duration::from_secs(2 * 86_400));
    let told = config.describe().to_json();
    let source = |section: &str, name: &str| told["settings"][section][name]["source"].clone();
    assert_eq!(source("site", "accent"), "tessera.toml:3");
    assert_eq!(source("site", "name"), "TESSERA_SITE__NAME");
    assert_eq!(source("tickets", "lifetime"), "command line");
    assert_eq!(source("tickets", "keep"), "default");
}

#[test]
fn the_environment_can_say_lists_and_links() {
    let config = Folder::new()
        .env("TESSERA_HTTP__TRUSTED_PROXIES", "10.1.2.3/8, ::1")
        .env(
            "TESSERA_TICKETS__RESULT_ORIGINS",
            "[\"https://App.Example.com:443/\"]",
        )
        .env(
            "TESSERA_SITE__LINKS",
            "[{text = \"Legal\", url = \"https://example.com/l\"}]",
        )
        .env("TESSERA_USERS__AUTO_CREATE", "false")
        .good();
    let proxies: Vec<String> = config
        .http
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(proxies, ["10.0.0.0/8", "::1/128"]);
    let origin = url::Url::parse("https://app.example.com/any?page=1")
        .unwrap()
        .origin();
    assert_eq!(config.tickets.result_origins, [origin]);
    assert_eq!(config.site.links[0].url.path(), "/l");
    assert!(!config.users.auto_create);
}

#[test]
fn variables_that_an_orchestrator_sets_by_itself_are_let_be() {
    let folder = Folder::new()
        .env("TESSERA_SERVICE_HOST", "10.0.0.1")
        .env("TESSERA_SERVICE_PORT_HTTP", "80")
        .env("TESSERA_PORT", "tcp://10.0.0.1:80")
        .env("TESSERA_PORT_80_TCP_ADDR", "10.0.0.1")
        .env("TESSERA_DB_SERVICE_HOST", "10.0.0.2")
        .env("PATH", "/bin");
    folder.good();
    assert!(
        folder
            .env("TESSERA_PORT", "8080")
            .bad()
            .contains("TESSERA_PORT")
    );
}

#[test]
fn relative_paths_start_from_the_configuration_file_and_flags_from_the_shell() {
    let folder = Folder::new()
        .env("TESSERA_STATIC__DIR", "./assets")
        .flag("templates.dir", "mine");
    folder.write(
        "etc/my.toml",
        "data_dir = \"state\"\ndatabase.url = \"sqlite:a%20b.db\"\n",
        0o644,
    );
    let folder = folder
        .env("TESSERA_PUBLIC_URL", "https://localhost")
        .env("TESSERA_HTTP__TLS_CERT", "cert.pem")
        .flag("http.tls_key", "key.pem");
    let config = folder.load_file(Some("etc/my.toml")).unwrap();
    let tls = config.http.tls.as_ref().unwrap();
    assert_eq!(tls.cert, folder.path().join("etc/cert.pem"));
    assert_eq!(tls.key, folder.path().join("key.pem"));
    assert_eq!(config.data_dir, folder.path().join("etc/state"));
    assert_eq!(config.static_.dir, folder.path().join("etc/assets"));
    assert_eq!(config.templates.dir, folder.path().join("mine"));
    let file = folder.path().join("etc/a b.db");
    assert_eq!(config.database.kind, DatabaseKind::Sqlite(file.clone()));
    assert_eq!(
        config.database.url.expose_secret(),
        format!("sqlite:{}", file.display())
    );
    let missing = folder
        .load_file(Some("etc/other.toml"))
        .unwrap_err()
        .to_string();
    assert!(
        missing.starts_with("etc/other.toml: can't be read"),
        "{missing}"
    );
}

#[test]
fn production_starts_only_with_https_a_mail_server_and_a_name() {
    let config = Folder::with(PRODUCTION).good();
    assert!(!config.is_development());
    let said = Folder::with("public_url = \"http://mfa.example.com\"").bad();
    for line in [
        "tessera.toml:1: public_url = \"http://mfa.example.com\" is not https",
        "default: [site] name = \"Tessera\" is the name of the software",
        "default: [mail] url is not set, so mails would be put into files",
    ] {
        assert!(said.contains(line), "{said}");
    }
    assert_eq!(said.lines().count(), 3, "{said}");
    let said = Folder::with("http.listen = \"[::]:8080\"\nmail.url = \"file:m\"").bad();
    assert!(
        said.contains("[::]:8080 can be reached from other machines"),
        "{said}"
    );
    assert!(
        said.contains("[mail] url = \"file:m\" puts mails into files"),
        "{said}"
    );
    let said = Folder::with("http.admin_listen = \"10.0.0.1:9090\"").bad();
    assert!(said.contains("10.0.0.1:9090 can be reached"), "{said}");
    for local in [
        "https://localhost",
        "http://127.9.9.9:1",
        "http://[::1]:1",
        "http://LocalHost",
    ] {
        let config = Folder::new().env("TESSERA_PUBLIC_URL", local).good();
        assert!(config.is_development(), "{local}");
    }
}

#[test]
fn a_file_damaged_anywhere_is_understood_or_refused_but_never_more() {
    let whole = format!("{PRODUCTION}[tickets]\nresult_origins = [\"https://a.example\"]\n");
    let folder = Folder::new();
    for at in (0..whole.len()).step_by(3) {
        for put in ["", "\"", "\n", "]", "=", "\u{0}", "é%"] {
            let damaged = format!("{}{put}{}", &whole[..at], &whole[at + 1..]);
            folder.write("tessera.toml", &damaged, 0o600);
            if let Err(error) = folder.load() {
                assert!(!error.problems.is_empty(), "{damaged}");
            }
        }
    }
    fs::write(folder.path().join("tessera.toml"), b"a = \"\xff\"").unwrap();
    assert!(folder.bad().starts_with("tessera.toml: can't be read"));
}

#[test]
fn the_description_tells_mode_value_and_source() {
    let folder = Folder::with(PRODUCTION).env("TESSERA_DATABASE__URL", "postgres://u:pw@db:5433/t");
    let text = folder.good().describe().to_string();
    for line in [
        "# production",
        "name = \"Example Inc.\"",
        "# accent is not set",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert!(
        text.contains("url = \"postgres://***@db:5433/t\""),
        "{text}"
    );
    assert!(text.contains("# TESSERA_DATABASE__URL"), "{text}");
}

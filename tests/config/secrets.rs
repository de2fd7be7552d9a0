//! Passwords come from where only their owner reads them, and go nowhere.

use std::fs;

use secrecy::ExposeSecret;
use tessera::config::{DatabaseKind, MailTls, Transport};

use crate::folder::{Folder, PRODUCTION};

#[test]
fn secrets_come_from_files_that_only_their_owner_reads() {
    let folder = Folder::with(PRODUCTION)
        .env("TESSERA_DATABASE__URL_FILE", "db")
        .env("TESSERA_MAIL__URL_FILE", "mail");
    folder.write("db", "postgres://t:pa%2Fss@db.example.com/tessera\n", 0o640);
    folder.write(
        "mail",
        "smtp://me%40example.com:p%23w@mail.example.com\n",
        0o400,
    );
    let config = folder.good();
    assert_eq!(config.database.kind, DatabaseKind::Postgres);
    let Transport::Smtp(smtp) = &config.mail.transport else {
        panic!("a server");
    };
    assert_eq!((smtp.host.as_str(), smtp.port), ("mail.example.com", 587));
    assert_eq!(smtp.tls, MailTls::Required);
    let login = smtp.login.as_ref().unwrap();
    assert_eq!(login.user.expose_secret(), "me@example.com");
    assert_eq!(login.password.expose_secret(), "p#w");

    for (mode, fine) in [(0o644, false), (0o602, false), (0o600, true)] {
        folder.write("db", "postgres://t:pass@db/tessera", mode);
        match folder.load() {
            Ok(_) => assert!(fine, "{mode:o}"),
            Err(error) => {
                let said = error.to_string();
                assert!(!fine && said.contains("[database] url_file"), "{said}");
                assert!(said.contains("chmod 600"), "{said}");
            }
        }
    }
    for (text, clause) in [("", "is empty"), ("mysql://u:CANARY@h/d", "say sqlite:")] {
        folder.write("db", text, 0o600);
        let said = folder.bad();
        assert!(said.contains(clause) && !said.contains("CANARY"), "{said}");
    }
    fs::remove_file(folder.path().join("db")).unwrap();
    assert!(
        folder
            .bad()
            .contains("TESSERA_DATABASE__URL_FILE: [database] url_file")
    );
}

#[test]
fn a_secret_is_said_once_and_the_nearer_source_wins() {
    let both = Folder::with("[mail]\nurl = \"smtp://mail\"\nurl_file = \"mail\"\n");
    assert!(both.bad().contains("keep one of the two"));
    let folder =
        Folder::with("[mail]\nurl_file = \"gone\"\n").env("TESSERA_MAIL__URL", "smtp://near");
    let Transport::Smtp(smtp) = folder.good().mail.transport else {
        panic!("a server");
    };
    assert_eq!(smtp.host, "near");
}

#[test]
fn a_password_in_a_file_that_everyone_reads_is_refused() {
    let toml = "[mail]\nurl = \"smtp://u:CANARY@mail.example.com\"\n";
    let folder = Folder::with(toml);
    folder.good();
    folder.write("tessera.toml", toml, 0o644);
    let said = folder.bad();
    assert!(
        said.starts_with("tessera.toml:2: [mail] url holds a password"),
        "{said}"
    );
    assert!(
        said.contains("chmod 600") && !said.contains("CANARY"),
        "{said}"
    );
    folder.write(
        "tessera.toml",
        "[mail]\nurl = \"smtp://mail.example.com\"\n",
        0o644,
    );
    folder.good();
}

#[test]
fn no_secret_is_ever_shown() {
    let urls = [
        (
            "DATABASE",
            "postgres://CANARY:CANARY@db/tessera?password=CANARY",
        ),
        ("DATABASE", "postgres://u:12/CANARY@db/tessera"),
        ("DATABASE", "postgres://u:12?CANARY@db/tessera"),
        ("DATABASE", "postgres://u:12#CANARY@db/tessera"),
        ("DATABASE", "postgres://u:CANARY/x@db/tessera"),
        ("DATABASE", "mysql:u:CANARY@db"),
        ("MAIL", "smtp://CANARY:CANARY@mail"),
        ("MAIL", "smtps://CANARY@mail"),
        ("MAIL", "smtp:u:CANARY@mail"),
        ("MAIL", "smtp://u:CANARY@mail/path"),
        ("MAIL", "smtp://u:CANARY@mail:port"),
        ("MAIL", "u:CANARY@mail"),
        ("MAIL", "http://u:CANARY@mail"),
    ];
    let shown = |folder: &Folder| match folder.load() {
        Ok(config) => format!(
            "{config:?} {} {}",
            config.describe(),
            config.describe().to_json()
        ),
        Err(error) => format!("{error} {error:?}"),
    };
    for (section, url) in urls {
        let said = shown(&Folder::new().env(&format!("TESSERA_{section}__URL"), url));
        assert!(!said.contains("CANARY"), "{url}: {said}");
        let toml = format!("[{}]\nurl = \"{url}\"\n", section.to_lowercase());
        let said = shown(&Folder::with(&toml));
        assert!(!said.contains("CANARY"), "{url}: {said}");
    }
    for toml in [
        "[mail]\nurl = \"smtp://u:CANARY@mail\n",
        "[mail]\nurl = smtp://u:CANARY@mail\n",
        "[mail]\npassword = \"CANARY\"\n",
        "[mail]\nurl = [\"CANARY\"]\n",
        "[mail]\nfrom = \"smtp://u:CANARY@mail\"\n",
        "public_url = \"https://u:CANARY@mfa.example.com\"\n",
        "tickets.result_origins = [\"https://u:CANARY@mfa.example.com\"]\n",
    ] {
        let said = Folder::with(toml).bad();
        assert!(!said.contains("CANARY"), "{toml}: {said}");
    }
}

//! The real program, all that it says and all that it keeps: no secret of a whole story is in any of it (L1, T2, D3, S10).
//!
//! Where a secret may be is not looked at: the page of whom it is for and its cookie; the answer of the API call that
//! made it (a ticket's link, a token, a client's secret, a seed, a recovery code); the one mail whose link it is; what a
//! provider of messages is asked (a number, its code, the provider's own token); the push service that a subscription
//! names; the files that a setting names, and `sealing.key`. Everything else is searched: the database's files with their
//! log, every line of the server's and of PostgreSQL's log, metrics, headers, all mails, what the API tells of a user,
//! `/openapi.json`, what the verbs of the command line print, and what the system shows of the process.

mod cluster;
mod factors;
mod hunt;
mod story;

use std::fs;
use std::path::{Path, PathBuf};

use aho_corasick::AhoCorasick;
use data_encoding::HEXLOWER;
use reqwest::Method;
use serde_json::{Value, json};
use tessera::access::sealing;
use tessera::core::seal::Place;
use tessera::core::webpush::{KEY_PLACE, KEY_SETTING};
use tessera::core::{Algorithm, OsRng};
use tessera::store::Store;

use crate::support::gateway::Gateway;
use crate::support::smtp::{self, SmtpServer, Tls};
use crate::support::visitor::Visitor;

use cluster::Cluster;
use hunt::{Hunt, Secrets};
use story::{ADDRESS, DATABASE_PASSWORD, DEADLINE, Leaf, MAIL_PASSWORD, PANIC, Story};

/// How the addresses of people begin, which no log has.
const ADDRESSES: [&str; 6] = [
    "canary.ada",
    "canary.api",
    "canary.bob",
    "canary.phone",
    "canary.push",
    "canary.webauthn",
];

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files(&path));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}

/// The keys of the installation, from where they belong.
async fn add_keys(secrets: &mut Secrets, folder: &Path, database: Option<&Cluster>) {
    let data = folder.join("data");
    let text = fs::read_to_string(data.join("sealing.key")).unwrap();
    // One key by itself, or one a line behind its version.
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let key = line.split_whitespace().last().unwrap_or_default();
        secrets.add("a sealing key", HEXLOWER.decode(key.as_bytes()).unwrap());
    }
    let store = match database {
        Some(cluster) => Store::open_postgres(&cluster.url()).await.unwrap(),
        None => Store::open_sqlite(&data.join("tessera.db")).await.unwrap(),
    };
    let sealer = sealing::open_sealer(&store, &data, &OsRng).await.unwrap();
    for key in store
        .begin_read()
        .await
        .unwrap()
        .signing_keys()
        .await
        .unwrap()
    {
        let is_rsa = key.alg == Algorithm::Rs256;
        let place = Place {
            table: if is_rsa {
                "signing_keys"
            } else {
                "ec_signing_keys"
            },
            row: &[&key.kid],
            column: "private_sealed",
        };
        let private = sealer.open(&place, &key.private_sealed).unwrap();
        if !is_rsa {
            secrets.add("the signing key of the curve", scalar(&private));
            continue;
        }
        // Behind the header and the modulus, which is public.
        for (nth, part) in private[330..].chunks_exact(48).enumerate() {
            secrets.add(&format!("part {nth} of the signing key"), part);
        }
    }
    let pair = store.begin_read().await.unwrap().setting(KEY_SETTING).await;
    let pair = sealer.open(&KEY_PLACE, &pair.unwrap().unwrap().value_sealed.unwrap());
    let pair = pair.unwrap();
    secrets.add("the key for push services", scalar(&pair));
    store.close().await;
}

/// The secret of a key on the curve P-256, in PKCS#8.
fn scalar(private: &[u8]) -> &[u8] {
    // Of 32 bytes, behind the version of an ECPrivateKey (RFC 5915).
    let before = [2, 1, 1, 4, 32];
    let at = private.windows(5).position(|bytes| bytes == before);
    &private[at.unwrap() + 5..][..32]
}

async fn whole_story(database: Option<&mut Cluster>) {
    let login = Some(("mailer", MAIL_PASSWORD));
    let tls = Tls::Upgrade;
    let Some(post_office) = SmtpServer::start(smtp::Options {
        tls,
        login,
        ..smtp::Options::default()
    }) else {
        return;
    };
    let wrong_login = post_office
        .url()
        .replace(MAIL_PASSWORD, "canary-wrong-mail-password");
    let (gateway, service) = (Gateway::start().await, Gateway::start().await);
    let mut story = Story::begin(post_office, database.as_deref(), &gateway);
    story.log_in().await;

    let (ada, _) = story
        .create(
            json!({ "user_id": "auth0|ada", "email": ADDRESS, "send_mail": true, "factor": "otp" }),
        )
        .await;
    let mail = story.post_office.wait_for(1, DEADLINE).await;
    let text = mail[0].text();
    let link = text
        .split_whitespace()
        .find(|word| word.contains("?ticket="))
        .unwrap()
        .to_owned();
    story.secret_of(&link);
    story.enroll(&link).await;
    story.post_office.wait_for(2, DEADLINE).await;

    let (bob, first) = story
        .create(json!({ "user_id": "auth0|bob", "email": "canary.bob@example.com" }))
        .await;
    let mut visitor = Visitor::at(&story.program.at_home(&first)).await;
    story.look_at(&visitor);
    let token = story.token.clone();
    let path = format!("/api/v2/guardian/enrollments/tickets/{bob}");
    let (status, again) = story
        .ask(Method::POST, &format!("{path}/resend"), None, &token)
        .await;
    assert_eq!(status, 200, "{again}");
    let again: Value = serde_json::from_str(&again).unwrap();
    let second = again["ticket_url"].as_str().unwrap().to_owned();
    story.secret_of(&second);
    story.post_office.wait_for(3, DEADLINE).await;
    visitor.open(&story.program.at_home(&first)).await;
    assert_eq!(visitor.status, 410, "{}", visitor.html);
    visitor.open(&story.program.at_home(&second)).await;
    story.look_at(&visitor);
    story.ask(Method::DELETE, &path, None, &token).await;
    visitor.open(&story.program.at_home(&second)).await;
    assert_eq!(visitor.status, 410, "{}", visitor.html);
    story.more_factors(&gateway, &service).await;
    story.stumble(&second).await;

    let users = ["ada", "api", "cyd", "dan", "eve", "fay"];
    for user in users {
        for of in ["", "/enrollments", "/authentication-methods"] {
            story
                .read(&format!("/api/v2/users/auth0%7C{user}{of}"))
                .await;
        }
    }
    for path in [
        path,
        format!("/api/v2/guardian/enrollments/tickets/{ada}"),
        "/api/v2/guardian/enrollments/tickets".to_owned(),
        "/api/v2/users".to_owned(),
        "/api/v2/guardian/factors/phone/providers/twilio".to_owned(),
        "/api/v2/guardian/factors/phone/templates".to_owned(),
        "/authenticator".to_owned(),
        "/.well-known/jwks.json".to_owned(),
        "/openapi.json".to_owned(),
        "/readyz".to_owned(),
        "/metrics".to_owned(),
    ] {
        story.read(&path).await;
    }
    let wrong = format!("mail.url={wrong_login}");
    for verb in [
        &["config", "check"][..],
        &["ticket", "list"],
        &["ticket", "show", &ada],
        &["user", "show", "auth0|ada"],
        &["user", "show", "auth0|cyd"],
        &["outbox", "list"],
        &["config", "check", "--json"],
        &["doctor"],
        &["mail", "test", "canary.carl@example.com"],
        &["--set", &wrong, "mail", "test", ADDRESS],
        &["--set", &wrong, "config", "check"],
        &["user", "reset", "auth0|ada", "--yes"],
        &["templates", "check"],
        &["client", "list"],
        &["keys", "list"],
        &["keys", "rotate", "signing"],
    ] {
        story.verb(verb);
    }
    story
        .secrets
        .add("a wrong password", "canary-wrong-mail-password");
    finish(story, database, &ada).await;
}

/// Stops everything, and looks into all that is left.
async fn finish(mut story: Story, database: Option<&mut Cluster>, known: &str) {
    let folder = story.program.folder().to_owned();
    add_keys(&mut story.secrets, &folder, database.as_deref()).await;
    let Story {
        program,
        post_office,
        secrets,
        mut leaves,
        faults,
        ..
    } = story;
    leaves.extend(program.shown_by_the_system());
    // While it runs, with the log of the database that is not in it yet, and when it is over.
    take_files(&mut leaves, &folder);
    let mails = post_office.messages();
    let (output, left) = program.stop();
    let names = ["standard output", "standard error"].map(str::to_owned);
    leaves.extend(names.into_iter().zip(output));
    take_files(&mut leaves, left.path());
    let parts: &[&str] = match database {
        None => &[
            "/data/tessera.db-wal",
            "/data/tessera.db-shm",
            "/data/tessera.db",
        ],
        Some(cluster) => {
            take_files(&mut leaves, cluster.stop());
            &["/pg_wal/0", "/base/", "/log"]
        }
    };
    for part in parts {
        assert!(
            leaves.iter().any(|(name, _)| name.contains(part)),
            "{part} is searched"
        );
    }
    assert_eq!(faults, 1, "a fault is met and told");
    let log = leaves.iter().find(|(name, _)| name == "standard output");
    let log = String::from_utf8_lossy(&log.unwrap().1);
    let panics: Vec<&str> = log.lines().filter(|line| line.contains("panic")).collect();
    assert!(log.contains("\"message\":\"panic\""), "{panics:?}");
    assert!(!log.contains(PANIC), "{panics:?}");
    let hunt = secrets.hunt();
    judge(&hunt, &leaves, known);
    for mail in mails {
        let whole = [
            mail.raw(),
            mail.text().into_bytes(),
            mail.html().into_bytes(),
        ]
        .concat();
        // Its own link is where it belongs; nothing else is.
        let text = mail.text();
        let own = text
            .split_whitespace()
            .find(|word| word.contains("?ticket="))
            .map(|own| format!("the link {own} ("));
        let mut leaks = hunt.find(&whole);
        leaks.retain(|leak| !own.as_ref().is_some_and(|own| leak.starts_with(own)));
        assert_eq!(leaks, Vec::<String>::new(), "in {}", mail.subject());
    }
}

/// Every file below a folder but those that are secret themselves.
fn take_files(leaves: &mut Vec<Leaf>, folder: &Path) {
    let secret = [
        "/sealing.key",
        "/mail.url",
        "/database.url",
        "/twilio.token",
        "/gateway.secret",
    ];
    // Databases that nobody uses, as PostgreSQL ships them.
    let foreign = ["/base/1/", "/base/4/"];
    for file in files(folder) {
        let name = file.display().to_string();
        if !secret.iter().any(|end| name.ends_with(end))
            && !foreign.iter().any(|part| name.contains(part))
        {
            leaves.push((name, fs::read(&file).unwrap_or_default()));
        }
    }
}

fn judge(hunt: &Hunt, leaves: &[Leaf], known: &str) {
    let known = AhoCorasick::new([known]).unwrap();
    let addresses = AhoCorasick::new(ADDRESSES).unwrap();
    let mut leaks = Vec::new();
    let (mut bytes, mut seen) = (0, 0);
    for (place, content) in leaves {
        bytes += content.len();
        seen += usize::from(known.is_match(content));
        leaks.extend(
            hunt.find(content)
                .into_iter()
                .map(|leak| format!("{leak} is in {place}")),
        );
        let told = place.starts_with("standard ") || place.starts_with("the complaints");
        if told && let Some(hit) = addresses.find(content) {
            let address = ADDRESSES[hit.pattern().as_usize()];
            leaks.push(format!("the address {address} is in {place}"));
        }
    }
    assert!(
        bytes > 100_000,
        "only {bytes} bytes of {} places were searched",
        leaves.len()
    );
    assert!(
        seen > 3,
        "what is no secret is found where it must be: {seen}"
    );
    assert_eq!(leaks, Vec::<String>::new());
}

#[tokio::test]
#[ignore = "needs a mail server: bash tests/run.sh"]
async fn no_secret_of_a_whole_story_is_told_or_kept() {
    whole_story(None).await;
}

#[tokio::test]
#[ignore = "needs a mail server and PostgreSQL: bash tests/run.sh"]
async fn no_secret_of_a_whole_story_is_told_or_kept_on_postgresql() {
    let Some(mut cluster) = Cluster::start(DATABASE_PASSWORD) else {
        return;
    };
    whole_story(Some(&mut cluster)).await;
}

//! The pieces under the journeys do what the journeys believe of them.
#![expect(clippy::unwrap_used, reason = "a broken helper is a failed test")]

mod support;

use std::time::Duration;

use lettre::transport::smtp::client::{Certificate, Tls as ClientTls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use sqlx::{Connection as _, PgConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use support::authenticator;
use support::browser::{Browser, ENTER, Options};
use support::postgres::Postgres;
use support::smtp::{self, SmtpServer, Tls};

const PAGE: &str = r#"<!doctype html><html lang="en"><title>A form</title>
<style>html { background: rgb(255, 255, 255) }
@media (prefers-color-scheme: dark) { html { background: rgb(0, 0, 0) } }</style>
<h1>Static</h1><form action="/sent"><input name="code" value="old"><button>Send</button></form>
<img src="http://example.com/pixel.png" alt="">
<script>document.querySelector("h1").textContent = "Scripted"</script>"#;

/// Serves [`PAGE`] at every address, with a cookie.
async fn site() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\
         Set-Cookie: seen=yes; Path=/; HttpOnly; SameSite=Lax\r\nConnection: close\r\n\r\n{PAGE}",
        PAGE.len()
    );
    tokio::spawn(async move {
        while let Ok((mut visitor, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let _ = visitor.read(&mut [0; 4096]).await;
                let _ = visitor.write_all(answer.as_bytes()).await;
            });
        }
    });
    address
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn a_browser_fills_a_form_and_reaches_nothing_but_this_machine() {
    let site = site().await;
    let Some(browser) = Browser::start(Options::DESKTOP).await else {
        return;
    };
    browser.goto(&format!("{site}/start")).await;
    assert_eq!(browser.title().await, "A form");
    assert_eq!(browser.text("h1").await, "Scripted");
    assert_eq!(
        browser.attribute("input", "name").await.as_deref(),
        Some("code")
    );
    assert_eq!(browser.count("button").await, 1);
    assert_eq!(browser.count("table").await, 0);

    browser.type_into("input", "123456").await;
    browser.press("button").await;
    assert_eq!(browser.url().await, format!("{site}/sent?code=123456"));
    let typed = format!("654321{ENTER}");
    browser.leads_on(browser.type_into("input", &typed)).await;
    assert_eq!(browser.url().await, format!("{site}/sent?code=654321"));
    assert!(browser.history_length().await >= 3);
    browser.back().await;
    assert_eq!(browser.url().await, format!("{site}/sent?code=123456"));
    browser.reload().await;

    let cookies = browser.cookies().await;
    assert_eq!(
        (cookies[0].name.as_str(), cookies[0].http_only),
        ("seen", true)
    );
    assert_eq!(cookies[0].same_site.as_deref(), Some("Lax"));
    assert!(browser.source().await.contains("Scripted"));
    let complaints = browser.console().await;
    assert!(
        complaints
            .iter()
            .any(|line| line.contains("ERR_NAME_NOT_RESOLVED")),
        "a picture of another host was fetched: {complaints:?}"
    );
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn a_phone_that_prefers_dark_and_runs_no_scripts() {
    let site = site().await;
    let Some(phone) = Browser::start(Options::PHONE.dark().without_javascript()).await else {
        return;
    };
    phone.goto(&site).await;
    assert_eq!(phone.text("h1").await, "Static");
    phone.type_into("input", "123456").await;
    phone.press("button").await;
    assert_eq!(phone.url().await, format!("{site}/sent?code=123456"));
    let colour = "return getComputedStyle(document.documentElement).backgroundColor";
    assert_eq!(phone.execute(colour).await, "rgb(0, 0, 0)");
    assert_eq!(
        phone
            .execute("return matchMedia('(pointer: coarse)').matches")
            .await,
        true
    );

    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("phone/form.png");
    phone.screenshot(&picture).await;
    let bytes = std::fs::read(&picture).unwrap();
    assert_eq!(&bytes[1..4], b"PNG");
    let width = u32::from_be_bytes(bytes[16..20].try_into().unwrap());
    assert!(width >= 390, "{width}");
}

#[tokio::test]
#[ignore = "needs PostgreSQL: bash tests/run.sh"]
async fn every_test_gets_an_empty_postgres_that_goes_with_it() {
    let (Some(ours), Some(theirs)) = (Postgres::fresh().await, Postgres::fresh().await) else {
        return;
    };
    let mut connection = PgConnection::connect(ours.url()).await.unwrap();
    sqlx::query("CREATE TABLE tickets (id TEXT)")
        .execute(&mut connection)
        .await
        .unwrap();
    let mut other = PgConnection::connect(theirs.url()).await.unwrap();
    sqlx::query("SELECT id FROM tickets")
        .execute(&mut other)
        .await
        .unwrap_err();
    let gone = ours.url().to_owned();
    drop(ours);
    PgConnection::connect(&gone).await.unwrap_err();
}

fn mail() -> Message {
    Message::builder()
        .from("Tessera <no-reply@example.com>".parse().unwrap())
        .to("jürgen@example.com".parse().unwrap())
        .subject("Größe")
        .body("Hello\r\n.\r\nwörld\r\n".to_owned())
        .unwrap()
}

#[tokio::test]
#[ignore = "needs a mail server: bash tests/run.sh"]
async fn a_mail_server_takes_a_mail_in_the_clear() {
    let Some(server) = SmtpServer::start(smtp::Options::default()) else {
        return;
    };
    let sender = AsyncSmtpTransport::<Tokio1Executor>::from_url(&server.url())
        .unwrap()
        .build();
    sender.send(mail()).await.unwrap();
    let messages = server.wait_for(1, Duration::from_secs(10)).await;
    assert_eq!(messages[0].from, "no-reply@example.com");
    assert_eq!(messages[0].to, ["jürgen@example.com"]);
    assert_eq!(messages[0].subject(), "Größe");
    assert_eq!(messages[0].text(), "Hello\r\n.\r\nwörld\r\n");
    assert!(!messages[0].tls);
}

#[tokio::test]
#[ignore = "needs a mail server: bash tests/run.sh"]
async fn a_mail_server_asks_for_tls_and_a_password() {
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .ok();
    for tls in [Tls::Upgrade, Tls::Implicit] {
        let Some(server) = SmtpServer::start(smtp::Options {
            tls,
            login: Some(("tessera", "s3cret")),
            ..smtp::Options::default()
        }) else {
            return;
        };
        let authority = std::fs::read(server.ca_file()).unwrap();
        let parameters = TlsParameters::builder("localhost".to_owned())
            .add_root_certificate(Certificate::from_pem(&authority).unwrap())
            .build()
            .unwrap();
        let required = match tls {
            Tls::Implicit => ClientTls::Wrapper(parameters),
            _ => ClientTls::Required(parameters),
        };
        let trusting = AsyncSmtpTransport::<Tokio1Executor>::from_url(&server.url())
            .unwrap()
            .tls(required)
            .build();
        trusting.send(mail()).await.unwrap();
        let taken = &server.wait_for(1, Duration::from_secs(10)).await[0];
        assert!(taken.tls);
        assert_eq!(taken.login.as_deref(), Some("tessera"));

        if tls == Tls::Upgrade {
            let stranger = server.url().replace("tessera:s3cret@", "");
            let plain = AsyncSmtpTransport::<Tokio1Executor>::from_url(&stranger).unwrap();
            plain.build().send(mail()).await.unwrap_err();
        }
        assert_eq!(server.messages().len(), 1);
    }
}

#[test]
fn the_authenticator_app_agrees_with_rfc_6238() {
    // RFC 6238, appendix B, the last six digits.
    let key = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ";
    for (seconds, code) in [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (20_000_000_000, "353130"),
    ] {
        assert_eq!(authenticator::code(key, seconds), code);
        assert_eq!(authenticator::code(&key.to_lowercase(), seconds), code);
    }
}

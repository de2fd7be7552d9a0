//! What lies outside: the mail server, and the way that people take to this one.

use std::time::Duration;

use reqwest::header::DATE;
use reqwest::tls::TlsInfo;
use reqwest::{Client, Response, StatusCode, redirect};

use super::house::apart;
use super::{Finding, Level, ends};
use crate::cli::Context;
use crate::config::{Config, Transport};
use crate::core::{Timestamp, Urls, certificate};
use crate::delivery::Mailer;

const PATIENCE: Duration = Duration::from_secs(5);

/// Connects and logs in; sends nothing.
pub(super) async fn mail(config: &Config, now: Timestamp) -> Vec<Finding> {
    let about = "mail";
    let server = match &config.mail.transport {
        Transport::File(folder) => {
            let found = format!(
                "no mail server is set; mails become files in {}",
                folder.display()
            );
            return vec![Finding::new(
                Level::Hint,
                about,
                found,
                "set mail.url before people are to get mails",
            )];
        }
        Transport::Smtp(server) => format!("{}:{}", server.host, server.port),
    };
    let verified = match Mailer::new(&config.mail, &Urls::new(&config.public_url)) {
        Ok(mailer) => mailer.verify().await.map_err(|failure| failure.to_string()),
        Err(error) => Err(format!("{error:#}")),
    };
    match verified {
        Ok(end) => {
            let mut findings = vec![Finding::ok(about, format!("{server} lets us in"))];
            findings
                .extend(end.map(|end| ends(about, &format!("{server}'s certificate"), end, now)));
            findings
        }
        Err(why) => vec![Finding::new(
            Level::Error,
            about,
            format!("{server}: {why}"),
            "see mail.url and mail.ca_file; then `tessera mail test ADDRESS`",
        )],
    }
}

/// Takes the way that people take.
pub(super) async fn public_url(config: &Config, context: &Context) -> Vec<Finding> {
    let about = "public_url";
    let origin = config.public_url.as_str().trim_end_matches('/');
    let client = Client::builder()
        .timeout(PATIENCE)
        .redirect(redirect::Policy::none())
        .tls_info(true)
        .build();
    let asked = async {
        let client = client?;
        let health = client.get(format!("{origin}/healthz")).send().await?;
        let page = client
            .get(format!("{origin}/guardian/enroll"))
            .send()
            .await?;
        Ok::<_, reqwest::Error>((health, page))
    };
    let (health, page) = match asked.await {
        Ok(answers) => answers,
        Err(error) => return vec![unreachable(origin, &error, config)],
    };
    let now = context.now();
    let mut findings = vec![judge(origin, &health, &page)];
    findings.extend(date_of(&health).map(|theirs| apart(origin, theirs, now)));
    let shown = health.extensions().get::<TlsInfo>();
    let leaf = shown.and_then(TlsInfo::peer_certificate);
    let validity = leaf.and_then(|leaf| certificate::validity(leaf).ok());
    findings.extend(validity.map(|(_, end)| ends(about, "its certificate", end, now)));
    findings
}

fn unreachable(origin: &str, error: &reqwest::Error, config: &Config) -> Finding {
    // The outermost words name the address; the cause is at the end of the chain.
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let found = format!("{origin} does not answer: {cause}");
    if config.is_development() {
        let to_do = "start the server: `tessera serve`";
        return Finding::new(Level::Hint, "public_url", found, to_do);
    }
    let to_do = "see that the server runs, that the name leads to it or to its proxy, and that the certificate is for it";
    Finding::new(Level::Error, "public_url", found, to_do)
}

fn judge(origin: &str, health: &Response, page: &Response) -> Finding {
    let about = "public_url";
    let ours = health.headers().contains_key("x-request-id");
    if page.status() == StatusCode::MISDIRECTED_REQUEST {
        return Finding::new(
            Level::Error,
            about,
            format!("{origin} answers 421: the proxy changes the Host header"),
            "let it pass Host on (nginx: `proxy_set_header Host $host;`)",
        );
    }
    if !ours || health.status() != StatusCode::OK {
        return Finding::new(
            Level::Error,
            about,
            format!(
                "{origin}/healthz answers {}, and not as Tessera does",
                health.status()
            ),
            "see where the proxy leads, and whether the server runs",
        );
    }
    Finding::ok(about, format!("{origin} leads here"))
}

fn date_of(response: &Response) -> Option<Timestamp> {
    let date = response.headers().get(DATE)?.to_str().ok()?;
    let date = chrono::DateTime::parse_from_rfc2822(date).ok()?;
    Some(Timestamp::from_millis(date.timestamp_millis()))
}

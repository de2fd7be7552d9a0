//! A person, a back end and an admin do all that there is to do, and much that goes wrong.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use data_encoding::{BASE32_NOPAD, BASE64, HEXLOWER};
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;
use tempfile::TempDir;
use tessera::core::{Clock as _, SystemClock};

use super::cluster::Cluster;
use super::factors::{self, Provider};
use super::hunt::Secrets;
use crate::support::authenticator;
use crate::support::gateway::Gateway;
use crate::support::program::Program;
use crate::support::smtp::SmtpServer;
use crate::support::token;
use crate::support::visitor::Visitor;

pub const MAIL_PASSWORD: &str = "canary-smtp-password-Zq8";
pub const DATABASE_PASSWORD: &str = "canary-database-password-Xw7";
pub const ADDRESS: &str = "canary.ada@example.com";
pub const PANIC: &str = "words that a panic was given";
pub const DEADLINE: Duration = Duration::from_secs(30);
/// Everything that can be made to talk.
pub const LOUDEST: &str = "trace,actix_web=trace,actix_http=trace,actix_server=trace,actix_rt=trace,actix_router=trace,\
    sqlx=trace,sqlx_core=trace,sqlx_postgres=trace,sqlx_sqlite=trace,lettre=trace,rustls=trace,tokio=trace,tokio_util=trace,\
    hyper=trace,h2=trace,mio=trace,tera=trace,fluent_bundle=trace,jsonwebtoken=trace,css_inline=trace,html5ever=trace,\
    selectors=trace,cookie=trace,want=trace,socket2=trace,log=trace,reqwest=trace,webauthn_rs_core=trace,web_push_native=trace,\
    rlibphonenumber=trace,rusqlite=trace,rustls_platform_verifier=trace";

/// Something that was written down somewhere, and where.
pub type Leaf = (String, Vec<u8>);

/// A whole story with the installed program, and the secrets that were seen on the way.
pub struct Story {
    pub program: Program,
    pub post_office: SmtpServer,
    pub secrets: Secrets,
    pub leaves: Vec<Leaf>,
    client: reqwest::Client,
    pub token: String,
    /// How often a fault of ours was met.
    pub faults: usize,
}

pub fn write_secret(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path.display().to_string()
}

impl Story {
    pub fn begin(post_office: SmtpServer, database: Option<&Cluster>, gateway: &Gateway) -> Self {
        let folder = TempDir::new().unwrap();
        let ca_file = post_office.ca_file().display().to_string();
        let mut settings = vec![
            (
                "TESSERA_MAIL__URL_FILE",
                write_secret(folder.path(), "mail.url", &post_office.url()),
            ),
            ("TESSERA_MAIL__CA_FILE", ca_file),
        ];
        // The first code that is typed meets a fault of ours.
        settings.push(("FAILPOINTS", format!("redeem::begun=1*panic({PANIC})")));
        let provider = match database {
            None => Provider::Twilio,
            Some(_) => Provider::Http,
        };
        settings.extend(factors::settings(provider, gateway, folder.path()));
        if let Some(cluster) = database {
            let file = write_secret(folder.path(), "database.url", &cluster.url());
            settings.push(("TESSERA_DATABASE__URL_FILE", file));
            let mut migrate = crate::support::tessera();
            migrate
                .arg("migrate")
                .current_dir(folder.path())
                .envs(settings.iter().cloned());
            assert!(migrate.output().unwrap().status.success());
        }
        let mut secrets = Secrets::default();
        secrets.add("the mail server's password", MAIL_PASSWORD);
        secrets.add("the database's password", DATABASE_PASSWORD);
        secrets.add(
            "the mail login",
            BASE64.encode(format!("\0mailer\0{MAIL_PASSWORD}").as_bytes()),
        );
        Self {
            program: Program::start(folder, settings, LOUDEST),
            post_office,
            secrets,
            leaves: Vec::new(),
            client: reqwest::Client::new(),
            token: String::new(),
            faults: 0,
        }
    }

    /// The headers of an answer, but for the cookie, whose place they are.
    fn note(&mut self, what: &str, headers: &HeaderMap) {
        let lines = headers.iter().filter(|(name, _)| *name != "set-cookie");
        let lines = lines.flat_map(|(name, value)| {
            [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat()
        });
        self.leaves
            .push((format!("the headers of {what}"), lines.collect()));
    }

    pub async fn ask(
        &mut self,
        method: Method,
        path: &str,
        body: Option<&str>,
        token: &str,
    ) -> (u16, String) {
        let digest = token::hash(body.unwrap_or_default().as_bytes());
        let key = format!("call-{}", HEXLOWER.encode(&digest[..8]));
        let mut request = self
            .client
            .request(method.clone(), self.program.url(path))
            .bearer_auth(token);
        if let Some(body) = body {
            request = request
                .header("content-type", "application/json")
                .body(body.to_owned());
        }
        let request = request
            .header("idempotency-key", key)
            .header("referer", format!("http://x/?{token}"));
        let answer = request.send().await.unwrap();
        self.note(&format!("{method} {path}"), &answer.headers().clone());
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// What a back end or an admin reads at this path holds no secret.
    pub async fn read(&mut self, path: &str) {
        let (_, body) = self.ask(Method::GET, path, None, &self.token.clone()).await;
        self.leaves
            .push((format!("the body of GET {path}"), body.into_bytes()));
    }

    /// What a verb prints holds no secret.
    pub fn verb(&mut self, arguments: &[&str]) {
        let said = self.program.verb(arguments);
        let what = arguments.join(" ");
        self.leaves
            .push((format!("the answer of {what}"), said.stdout));
        self.leaves
            .push((format!("the complaints of {what}"), said.stderr));
    }

    /// A back end gets itself a token, and mistypes its secret once.
    pub async fn log_in(&mut self) {
        let made = self.program.run(&["client", "create", "Back end"]);
        let (id, secret) = (
            made["client_id"].as_str().unwrap(),
            made["client_secret"].as_str().unwrap(),
        );
        self.secrets.add("the client's secret", secret);
        let audience = "http://localhost:8080/api/v2/";
        for secret in [
            format!("{secret}x"),
            "canary-client-secret-typed".to_owned(),
            secret.to_owned(),
        ] {
            let form = [
                ("grant_type", "client_credentials"),
                ("client_id", id),
                ("client_secret", &secret),
                ("audience", audience),
            ];
            let request = self
                .client
                .post(self.program.url("/oauth/token"))
                .form(&form);
            let answer = request.send().await.unwrap();
            self.note("the token", &answer.headers().clone());
            if answer.status() == 200 {
                let body: Value = answer.json().await.unwrap();
                self.token = body["access_token"].as_str().unwrap().to_owned();
            } else {
                self.leaves.push((
                    "a refused login".to_owned(),
                    answer.bytes().await.unwrap().to_vec(),
                ));
            }
        }
        self.secrets
            .add("a mistyped secret", "canary-client-secret-typed");
        self.secrets.add("the bearer token", &self.token);
        let signature = self.token.rsplit('.').next().unwrap();
        self.secrets.add("the bearer token's signature", signature);
        let basic = self
            .client
            .post(self.program.url("/oauth/token"))
            .basic_auth(id, Some(secret));
        let form = [("grant_type", "client_credentials"), ("audience", audience)];
        let again: Value = basic
            .form(&form)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        self.secrets.add(
            "the second bearer token",
            again["access_token"].as_str().unwrap(),
        );
    }

    pub async fn create(&mut self, body: Value) -> (String, String) {
        let token = self.token.clone();
        let path = "/api/v2/guardian/enrollments/ticket";
        let body = body.to_string();
        let (status, answer) = self.ask(Method::POST, path, Some(&body), &token).await;
        assert_eq!(status, 200, "{answer}");
        // The same call again: what it is answered with lies in the database meanwhile.
        let again = self.ask(Method::POST, path, Some(&body), &token).await;
        assert_eq!(again, (200, answer.clone()));
        let made: Value = serde_json::from_str(&answer).unwrap();
        let link = made["ticket_url"].as_str().unwrap().to_owned();
        self.secret_of(&link);
        (made["ticket_id"].as_str().unwrap().to_owned(), link)
    }

    pub fn secret_of(&mut self, link: &str) {
        self.secrets.add(
            &format!("the link {link}"),
            link.rsplit_once('.').unwrap().1,
        );
    }

    /// All that a page brings that only this browser may know.
    pub fn look_at(&mut self, visitor: &Visitor) {
        self.note("a page", &visitor.headers);
        let cookies = visitor.cookie();
        let values = cookies
            .split("; ")
            .filter_map(|cookie| cookie.split_once('='));
        for (name, value) in values.filter(|(_, value)| value.len() > 10) {
            self.secrets.add(&format!("the cookie {name}"), value);
        }
        if visitor.count("input[name=csrf]") > 0 {
            self.secrets
                .add("the form's token", &visitor.form("form").1["csrf"]);
        }
        if visitor.count("#key") > 0 {
            let key = visitor.key().replace(' ', "");
            self.secrets
                .add("the seed", BASE32_NOPAD.decode(key.as_bytes()).unwrap());
            self.secrets.add("the key", &key);
            self.secrets.add("the key as shown", visitor.key());
        }
        if visitor.count("#recovery") > 0 {
            self.hide_recovery_code(&visitor.text("#recovery"));
        }
    }

    pub fn hide_recovery_code(&mut self, shown: &str) {
        let bare = shown.replace([' ', '-'], "");
        let groups: Vec<&str> = (0..bare.len())
            .step_by(4)
            .map(|at| &bare[at..at + 4])
            .collect();
        self.secrets.add("a recovery code", &bare);
        self.secrets
            .add("a recovery code with dashes", groups.join("-"));
        self.secrets
            .add("a recovery code with blanks", groups.join(" "));
        self.secrets.add("a recovery code as shown", shown);
    }

    /// Somebody enrolls with many detours.
    pub async fn enroll(&mut self, link: &str) {
        let mut ada = Visitor::at(&self.program.at_home(link)).await;
        assert_eq!(ada.status, 200, "{}", ada.html);
        self.look_at(&ada);
        let key = ada.key();
        for typed in ["918273", "canary-typed-for-a-code", "12345", "87654321"] {
            ada.submit("form", &[("code", typed)]).await;
            self.look_at(&ada);
            if ada.status == 500 {
                ada.open(&self.program.url("/guardian/enroll/otp")).await;
                self.faults += 1;
            }
        }
        self.secrets
            .add("what was typed for a code", "canary-typed-for-a-code");
        ada.submit(
            "form",
            &[("code", "918274"), ("csrf", "canary-forged-csrf-token")],
        )
        .await;
        self.secrets
            .add("a forged token", "canary-forged-csrf-token");
        ada.open(&self.program.url("/guardian/enroll/otp?lang=de"))
            .await;
        self.look_at(&ada);
        let now = u64::try_from(SystemClock.now().seconds()).unwrap();
        let code = authenticator::code(&key, now);
        for code in ["918273", "918274", "87654321", &code] {
            self.secrets.add_code(code);
        }
        ada.submit("form", &[("code", &code)]).await;
        assert_eq!(
            ada.url.path(),
            "/guardian/enroll/recovery-code",
            "{}",
            ada.html
        );
        self.look_at(&ada);
        ada.open(&self.program.url("/guardian/enroll/recovery-code/download"))
            .await;
        assert!(
            ada.headers["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/plain"),
            "{}",
            ada.html
        );
        self.note("the download", &ada.headers.clone());
        ada.open(&self.program.url("/guardian/enroll/recovery-code"))
            .await;
        ada.save_recovery_code().await;
        assert_eq!(ada.url.path(), "/guardian/enroll/done", "{}", ada.html);
        self.look_at(&ada);
        // The link again, by its owner and by a stranger.
        ada.open(&self.program.at_home(link)).await;
        self.look_at(&ada);
        Visitor::at(&self.program.at_home(link)).await;
    }

    /// What goes wrong is told too, and must not tell more.
    pub async fn stumble(&mut self, link: &str) {
        let secret = link.rsplit_once('.').unwrap().1;
        let token = self.token.clone();
        for path in [
            format!("/guardian/enroll?ticket={secret}"),
            format!("/guardian/enroll?ticket={secret}&ticket={secret}"),
            format!("/guardian/enroll/{secret}"),
            format!("/static/{secret}"),
            format!("/{secret}?{secret}"),
            format!("/api/v2/users/{ADDRESS}?token={token}"),
            format!("/api/v2/guardian/enrollments/tickets/{secret}"),
            format!("/api/v2/guardian/enrollments/tickets?user_id={token}&status={secret}"),
        ] {
            self.ask(Method::GET, &path, None, &token).await;
        }
        for wrong in [
            format!("{token}x"),
            format!("x{token}"),
            token.to_uppercase(),
            secret.to_owned(),
        ] {
            self.ask(Method::GET, "/api/v2/users", None, &wrong).await;
        }
        let long = format!("{{\"user_id\": \"{}\"}}", token.repeat(40));
        for body in [
            format!("{{\"user_id\": \"{secret}\", {token}"),
            format!("{{\"{token}\": \"{secret}\"}}"),
            format!("{{\"user_id\": [\"{token}\"]}}"),
            format!("{{\"user_id\": \"a\", \"email\": \"{secret}\"}}"),
            format!("{{\"user_id\": \"a\", \"factor\": \"{secret}\"}}"),
            format!("{{\"user_id\": \"a\", \"result_url\": \"https://{secret}\"}}"),
            long,
        ] {
            let (status, _) = self
                .ask(
                    Method::POST,
                    "/api/v2/guardian/post-ticket",
                    Some(&body),
                    &token,
                )
                .await;
            assert!((400..500).contains(&status), "{status}");
        }
        let cookie = format!("tessera_attempt={token}; {secret}; tessera_language={secret}");
        let page = self
            .client
            .get(self.program.url("/guardian/enroll/otp"))
            .header("cookie", cookie);
        page.send().await.unwrap();
    }
}

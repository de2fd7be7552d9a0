//! People who have an authenticator app and prove it, for a login each.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};
use tessera::access::Visit;
use tessera::core::seal::Place as Sealed;
use tessera::core::{
    Algorithm, BearerSecret, ClientId, Clock as _, Digest, EnrollmentId, LoginId, OsRng, Seed,
    SystemClock, UserId,
};
use tessera::factors::Factor;
use tessera::logins::request::Request;
use tessera::store::{Client, NewEnrollment, NewLogin, Write};

use crate::load::post;
use crate::place::{Place, code, user_id};

/// Small, so that a busy machine writes one in the time that a transaction has.
const BATCH: usize = 200;
/// Of the application.
const SECRET: &str = "the-secret-of-the-application";

/// How people prove their app.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// In the browser that an application sent.
    Page,
    /// On the screens of a back end, which uses the MFA API.
    Api,
}

/// Somebody with an app, and a login that waits for its code.
pub struct Person {
    user_id: UserId,
    seed: Seed,
    client_id: ClientId,
    login_id: LoginId,
    secret: BearerSecret,
}

impl Place {
    /// So many people, whose apps showed nobody a code yet.
    pub async fn add_people(&self, count: usize, by: By) -> Result<Vec<Person>> {
        let client_id = ClientId::new(SystemClock.now(), &OsRng);
        let mut tx = self.store.begin_write().await?;
        let digest = Digest::of(SECRET.as_bytes());
        let client = tx.insert_client(&client_id, "Bench", &digest, "", SystemClock.now());
        let client = Client {
            signing_alg: match by {
                By::Page => Algorithm::Rs256,
                // A back end on whose screens people prove their app can take what costs less.
                By::Api => Algorithm::Es256,
            },
            ..client.await?
        };
        ensure!(tx.update_client(&client).await?, "the client is gone");
        tx.commit().await?;
        self.add_users(count).await?;
        let mut people = Vec::with_capacity(count);
        for start in (0..count).step_by(BATCH) {
            let mut tx = self.store.begin_write().await?;
            for number in start..count.min(start + BATCH) {
                let person = Person {
                    user_id: user_id(number).parse()?,
                    seed: Seed::new(&OsRng),
                    client_id: client_id.clone(),
                    login_id: LoginId::new(SystemClock.now(), &OsRng),
                    secret: BearerSecret::new(&OsRng),
                };
                self.enroll(&mut tx, &person).await?;
                person.begin(&mut tx, by).await?;
                people.push(person);
            }
            tx.commit().await?;
        }
        Ok(people)
    }

    async fn enroll(&self, tx: &mut Write, person: &Person) -> Result<()> {
        let now = SystemClock.now();
        let id = EnrollmentId::new(now, &OsRng);
        let sealed = Sealed {
            table: "enrollments",
            row: &[person.user_id.as_str(), id.as_str()],
            column: "material_sealed",
        };
        let material = self.sealer.seal(&sealed, person.seed.expose(), &OsRng);
        let enrollment = NewEnrollment {
            user_id: &person.user_id,
            enrollment_id: &id,
            factor: Factor::Otp.name(),
            is_first: true,
            ticket_id: None,
            material_sealed: &material,
            last_step: None,
            name: None,
            credential_id: None,
            facts: "{}",
        };
        ensure!(
            tx.insert_enrollment(&enrollment, now).await?,
            "an app was not enrolled"
        );
        Ok(())
    }

    /// How many of them proved it: their apps were used, and their logins are `state`.
    pub async fn proved(&self, people: &[Person], state: &str) -> Result<u64> {
        let mut proved = 0;
        for batch in people.chunks(BATCH) {
            let mut read = self.store.begin_read().await?;
            for person in batch {
                let login = read.login(&person.user_id, &person.login_id).await?;
                if login.is_some_and(|login| login.state == state) {
                    let enrollments = read.enrollments_of(&person.user_id).await?;
                    proved += u64::from(enrollments.iter().any(|app| app.last_auth_at.is_some()));
                }
            }
        }
        Ok(proved)
    }
}

impl Person {
    async fn begin(&self, tx: &mut Write, by: By) -> Result<()> {
        let now = SystemClock.now();
        let request = match by {
            By::Page => Some(Request {
                redirect_uri: "http://localhost:5000/callback".to_owned(),
                scope: "openid".to_owned(),
                state: Some("state".to_owned()),
                nonce: Some("nonce".to_owned()),
                code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
                acr_values: None,
                max_age: None,
                prompt: None,
                ui_locales: None,
                allow_enrollment: false,
            }),
            By::Api => None,
        };
        let login = NewLogin {
            user_id: &self.user_id,
            login_id: &self.login_id,
            client_id: &self.client_id,
            kind: match by {
                By::Page => "application",
                By::Api => "api",
            },
            state: "created",
            request: &serde_json::to_string(&request)?,
            secret: &self.secret.digest(),
            // Longer than logins live: until all of them are made, and used.
            expires_at: now + Duration::from_secs(60 * 60),
        };
        ensure!(tx.insert_login(&login, now).await?, "a login was not begun");
        Ok(())
    }

    /// The form of the authenticate page with the right code, once.
    pub fn verify_by_page(&self, place: &Place, address: SocketAddr) -> Vec<u8> {
        let visit = Visit::new(self.login_id.clone(), self.user_id.clone(), &OsRng);
        let cookie = visit.seal(&place.sealer, &OsRng);
        let form = format!(
            "attempt={}&csrf={}&code={}",
            self.login_id,
            visit.csrf(),
            code(&self.seed, SystemClock.now())
        );
        let header = format!("Cookie: tessera_login={cookie}");
        let kind = "application/x-www-form-urlencoded";
        post(address, "/guardian/authenticate/otp", &header, kind, &form)
    }

    /// The grant of the MFA API with the right code, once.
    pub fn verify_by_api(&self, address: SocketAddr) -> Vec<u8> {
        let form = format!(
            "grant_type=http%3A%2F%2Fauth0.com%2Foauth%2Fgrant-type%2Fmfa-otp&client_id={}&client_secret={SECRET}&mfa_token={}&otp={}",
            self.client_id,
            self.secret.expose(),
            code(&self.seed, SystemClock.now())
        );
        let kind = "application/x-www-form-urlencoded";
        post(address, "/oauth/token", "Accept: */*", kind, &form)
    }
}

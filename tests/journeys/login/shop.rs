//! An application that sends its users here.

use std::collections::HashMap;
use std::time::Duration;

use tessera::core::{Actor, BearerSecret, ClientId, Digest, OsRng};
use tessera::logins::Request;
use tessera::logins::login::{NewRun, begin};

use crate::support::authenticator;
use crate::support::house::House;
use crate::support::visitor::Visitor;

pub const ADA: &str = "auth0|ada";
const BACK: &str = "http://localhost:1/back?kept=1";
const STEP: Duration = Duration::from_secs(30);

/// An application, which vouches for a first factor.
pub struct Shop<'a> {
    house: &'a House,
    pub client_id: ClientId,
}

impl<'a> Shop<'a> {
    pub async fn new(house: &'a House) -> Self {
        let client_id = ClientId::new(house.app.now(), &OsRng);
        let mut tx = house.app.store.begin_write().await.unwrap();
        let secret = Digest::of(b"of the shop");
        tx.insert_client(&client_id, "Shop", &secret, "", house.app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Self { house, client_id }
    }

    /// Where the shop sends `user_id`.
    pub async fn link(&self, user_id: &str, change: impl FnOnce(&mut Request)) -> String {
        let mut request = Request {
            redirect_uri: BACK.to_owned(),
            scope: "openid".to_owned(),
            state: Some("a state&of its own".to_owned()),
            nonce: Some("n".to_owned()),
            code_challenge: "c".repeat(43),
            acr_values: None,
            max_age: None,
            prompt: None,
            ui_locales: None,
            allow_enrollment: false,
        };
        change(&mut request);
        let run = NewRun {
            user_id: &user_id.parse().unwrap(),
            client_id: &self.client_id,
            request: Some(&request),
        };
        let (app, actor) = (&self.house.app, Actor::server());
        let begun = begin(&app.store, &run, &actor, app.now(), app.rng()).await;
        self.authorize(&begun.unwrap().1)
    }

    fn authorize(&self, secret: &BearerSecret) -> String {
        let id = &self.client_id;
        let secret = secret.expose();
        let query =
            format!("client_id={id}&request_uri=urn:ietf:params:oauth:request_uri:{secret}");
        self.house.url(&format!("/authorize?{query}"))
    }

    /// What became of the login that this code is of.
    pub async fn spend(&self, code: &str) -> Option<(String, String)> {
        let app = &self.house.app;
        let mut tx = app.store.begin_write().await.unwrap();
        let login = tx
            .spend_login(&Digest::of(code.as_bytes()), app.now())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        login.map(|login| (login.factor.unwrap(), login.amr.unwrap()))
    }
}

/// What the browser brings back to the shop.
pub fn brought(visitor: &Visitor) -> HashMap<String, String> {
    let url = &visitor.url;
    assert_eq!(
        (url.port(), url.path()),
        (Some(1), "/back"),
        "{}",
        visitor.html
    );
    let brought: HashMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(brought["kept"], "1");
    assert_eq!(brought["state"], "a state&of its own");
    assert!(
        brought["iss"].starts_with("http://localhost:"),
        "{brought:?}"
    );
    brought
}

/// Enrolls an authenticator app; the key, and the recovery code.
pub async fn enrolled(house: &House, user_id: &str) -> (String, String) {
    let mut person = Visitor::at(&house.link_for(user_id).await).await;
    let key = person.key();
    person.confirm(house).await;
    let recovery_code = person.text("#recovery");
    person.save_recovery_code().await;
    (key, recovery_code)
}

pub fn next_code(house: &House, key: &str) -> String {
    house.clock.advance(STEP);
    authenticator::code(key, u64::try_from(house.app.now().seconds()).unwrap())
}

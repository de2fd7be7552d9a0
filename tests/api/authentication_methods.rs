//! A back end brings the factors that its users have elsewhere, looks at them, renames them and takes them away.

use actix_web::http::Method;
use serde_json::{Value, json};
use tessera::core::{Actor, UserId};
use tessera::factors::otp;
use tessera::factors::verify::Answer;
use tessera::logins::{Shown, Verification, Verified};

use crate::support::app::{Answer as Told, Database, TestApp};
use crate::support::authenticator;
use crate::support::proof;
use crate::{problem, property};

const SEED: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// A server, and whoever calls it.
struct Desk {
    app: TestApp,
    token: String,
}

impl Desk {
    async fn on(database: Database) -> Self {
        let app = TestApp::on(database).await;
        let token = app.token().await;
        let desk = Self { app, token };
        for name in ["auth0|ada", "auth0|bob"] {
            let user = json!({ "connection": "c", "user_id": name, "email": "ada@example.com" });
            let made = desk.app.post("/api/v2/users").bearer(&desk.token);
            made.json(&user).send().await.expect(201);
        }
        desk
    }

    async fn ask(&self, verb: &str, path: &str, body: Option<&Value>) -> Told {
        let method = Method::from_bytes(verb.as_bytes()).unwrap();
        let path = format!("/api/v2/users/{path}");
        let asking = self.app.request(method, &path).bearer(&self.token);
        match body {
            Some(body) => asking.json(body).send().await,
            None => asking.send().await,
        }
    }

    async fn get(&self, path: &str) -> Value {
        self.ask("GET", path, None).await.expect(200).json()
    }

    /// Ada's own method of this id, as a path.
    fn path(id: &Value) -> String {
        let id = id.as_str().unwrap().replace('|', "%7C");
        format!("{ADA}/{id}")
    }

    async fn add(&self, body: &Value) -> Told {
        self.ask("POST", ADA, Some(body)).await
    }
}

const ADA: &str = "auth0%7Cada/authentication-methods";
const BOB: &str = "auth0%7Cbob/authentication-methods";

/// With the ids that differ from run to run named alike.
fn settled(told: &Value) -> Value {
    let text = told.to_string();
    let mut pieces = text.split("dev_");
    let mut settled = pieces.next().unwrap().to_owned();
    for piece in pieces {
        settled.push_str("dev_[id]");
        settled.push_str(&piece[32..]);
    }
    serde_json::from_str(&settled).unwrap()
}

#[actix_web::test]
async fn an_app_of_elsewhere_is_brought_along_and_works() {
    for database in Database::each().await {
        let desk = Desk::on(database).await;
        assert_eq!(desk.get(ADA).await, json!([]));
        let body = json!({ "type": "totp", "name": "Old app", "totp_secret": SEED });
        let added = desk.add(&body).await.expect(201);
        assert_eq!(added.header("cache-control"), "no-store");
        let added = added.json();
        insta::assert_json_snapshot!("added", settled(&added));
        let shown = desk.get(&Desk::path(&added["id"])).await;
        insta::assert_json_snapshot!("shown", settled(&shown));
        assert!(!shown.to_string().contains(SEED), "told once");
        assert_eq!(desk.get(ADA).await, json!([shown]));
        let bare = added["id"].as_str().unwrap().strip_prefix("totp|").unwrap();
        assert_eq!(desk.get(&format!("{ADA}/{bare}")).await, shown);
        let again = desk.add(&body).await;
        assert_eq!(
            problem(&again, 409)["errorCode"],
            "authentication_method_exists"
        );

        let app = &desk.app.app;
        let code = authenticator::code(SEED, u64::try_from(app.now().seconds()).unwrap());
        let asked = Verification {
            user_id: "auth0|ada".parse::<UserId>().unwrap(),
            shown: Shown::Factor(Answer::Otp(otp::Code::parse(&code).unwrap())),
            actor: Actor::server(),
        };
        let verified = proof::shows(app, asked).await;
        assert!(matches!(verified.unwrap(), Verified::Factor(_)));
        let shown = desk.get(&Desk::path(&added["id"])).await;
        assert_eq!(shown["last_auth_at"], app.now().to_iso());
    }
}

#[actix_web::test]
async fn a_seed_is_made_when_none_is_sent_and_read_as_others_write_it() {
    let desk = Desk::on(Database::Sqlite).await;
    let made = desk.add(&json!({ "type": "totp" })).await.expect(201);
    let seed = made.json()["totp_secret"].as_str().unwrap().to_owned();
    assert_eq!(seed.len(), 32);
    for (sent, kept) in [
        ("jbswy3dpehpk3pxp", "JBSWY3DPEHPK3PXP"),
        ("JBSWY3DPEHPK3PXPJA======", "JBSWY3DPEHPK3PXPJA"),
    ] {
        let body = json!([{ "type": "totp", "totp_secret": sent }]);
        let put = desk.ask("PUT", ADA, Some(&body)).await.expect(200);
        assert_eq!(put.json()[0]["totp_secret"], kept);
    }
}

#[actix_web::test]
async fn what_cannot_be_added_is_refused_by_name() {
    let desk = Desk::on(Database::Sqlite).await;
    for (wrong, name) in [
        (json!({}), "type"),
        (json!({ "type": 1 }), "type"),
        (
            json!({ "type": "email", "email": "ada@example.com" }),
            "type",
        ),
        (json!({ "type": "passkey" }), "type"),
        (
            json!({ "type": "webauthn-roaming", "key_id": "x", "public_key": "x" }),
            "type",
        ),
        (json!({ "type": "push" }), "type"),
        (json!({ "type": "recovery-code" }), "type"),
        (json!({ "type": "totp", "name": "" }), "name"),
        (json!({ "type": "totp", "name": "x".repeat(21) }), "name"),
        (json!({ "type": "totp", "name": "a\nb" }), "name"),
        (
            json!({ "type": "totp", "totp_secret": "JBSWY3DPEHPK3PX" }),
            "totp_secret",
        ),
        (
            json!({ "type": "totp", "totp_secret": "JBSWY3DP" }),
            "totp_secret",
        ),
        (
            json!({ "type": "totp", "totp_secret": "01890189018901890189" }),
            "totp_secret",
        ),
        (
            json!({ "type": "totp", "totp_secret": "A".repeat(112) }),
            "totp_secret",
        ),
        (
            json!({ "type": "totp", "phone_number": "+4915123456789" }),
            "phone_number",
        ),
        (json!({ "type": "totp", "key_id": "x" }), "key_id"),
        (json!({ "type": "totp", "admin": true }), "admin"),
    ] {
        assert_eq!(property(&desk.add(&wrong).await), name, "{wrong}");
    }
    for (wrong, name) in [
        (json!([{ "type": "totp" }, { "type": "totp" }]), "1.type"),
        (json!([{ "type": "totp" }, { "type": "email" }]), "1.type"),
        (json!([{ "type": "totp", "name": "" }]), "0.name"),
    ] {
        let answer = desk.ask("PUT", ADA, Some(&wrong)).await;
        assert_eq!(property(&answer), name, "{wrong}");
    }
    for wrong in [json!({}), json!([1]), json!("x"), json!([[]])] {
        let answer = desk.ask("PUT", ADA, Some(&wrong)).await;
        assert_eq!(problem(&answer, 400)["errorCode"], "invalid_body");
    }
    assert_eq!(desk.get(ADA).await, json!([]));
    let twice = desk
        .app
        .request(Method::PUT, &format!("/api/v2/users/{ADA}"));
    let twice = twice.bearer(&desk.token);
    let twice = twice.body("application/json", r#"[{"type":"totp","type":"totp"}]"#);
    assert_eq!(property(&twice.send().await), "0.type");
}

#[actix_web::test]
async fn a_number_is_brought_along_and_told_by_its_last_digits() {
    for database in Database::each().await {
        let desk = Desk::on(database).await;
        for (number, channel) in [
            ("", "sms"),
            ("015123456789", "sms"),
            ("+491512345", "sms"),
            ("+49 900 1234567", "voice"),
            ("+870 773 123456", "sms"),
            ("+49 30 901820", "sms"),
            ("call me", "sms"),
        ] {
            let body = json!({
                "type": "phone", "phone_number": number, "preferred_authentication_method": channel,
            });
            assert_eq!(property(&desk.add(&body).await), "phone_number", "{number}");
        }
        let missing = desk.add(&json!({ "type": "phone" })).await;
        assert_eq!(property(&missing), "phone_number");
        let foreign =
            json!({ "type": "phone", "phone_number": "+4915123456789", "totp_secret": SEED });
        assert_eq!(property(&desk.add(&foreign).await), "totp_secret");

        let body = json!({ "type": "phone", "phone_number": "+49 1512 3456789", "name": "Mobile" });
        let added = desk.add(&body).await.expect(201);
        assert!(!added.text().contains("3456789"));
        let added = added.json();
        insta::assert_json_snapshot!("phone", settled(&added));
        let again = desk.add(&body).await;
        assert_eq!(
            problem(&again, 409)["errorCode"],
            "authentication_method_exists"
        );
        desk.add(&json!({ "type": "totp" })).await.expect(201);
        let change = json!({ "preferred_authentication_method": "voice" });
        let path = Desk::path(&added["id"]);
        let changed = desk.ask("PATCH", &path, Some(&change)).await.expect(200);
        assert_eq!(changed.json()["preferred_authentication_method"], "voice");
        assert_eq!(changed.json()["name"], "Mobile");
        let bare = added["id"]
            .as_str()
            .unwrap()
            .strip_prefix("phone|")
            .unwrap();
        for prefix in ["", "phone%7C", "sms%7C", "voice%7C"] {
            let shown = desk.get(&format!("{ADA}/{prefix}{bare}")).await;
            assert_eq!(shown["phone_number"], "XXXXXXXX6789");
        }
        let path = format!("/api/v2/guardian/enrollments/{bare}");
        let shown = desk.app.get(&path).bearer(&desk.token).send().await;
        assert_eq!(shown.expect(200).json()["phone_number"], "XXXXXXXX6789");
        let both = json!([
            { "type": "phone", "phone_number": "+4915123456780", "preferred_authentication_method": "voice" },
            { "type": "totp" },
        ]);
        let put = desk.ask("PUT", ADA, Some(&both)).await.expect(200).json();
        assert_eq!(put[0]["phone_number"], "XXXXXXXX6780");
        assert_eq!(desk.get(ADA).await.as_array().unwrap().len(), 2);
    }
}

#[actix_web::test]
async fn a_list_comes_in_pages_with_the_recovery_code_last() {
    for database in Database::each().await {
        let desk = Desk::on(database).await;
        let app = desk
            .add(&json!({ "type": "totp" }))
            .await
            .expect(201)
            .json();
        let made = desk.ask("POST", "auth0%7Cada/recovery-code-regeneration", None);
        made.await.expect(200);
        let first_page = format!("{ADA}?page=0&per_page=50&include_totals=true");
        let whole = desk.get(&first_page).await;
        insta::assert_json_snapshot!("page", settled(&whole));
        let [first, code] = [0, 1].map(|n| whole["authenticators"][n].clone());
        assert_eq!(first["id"], app["id"]);
        assert_eq!(desk.get(&Desk::path(&code["id"])).await, code);
        for (page, rows) in [(0, json!([first])), (1, json!([code])), (2, json!([]))] {
            let page = desk.get(&format!("{ADA}?page={page}&per_page=1")).await;
            assert_eq!(page, rows);
        }
        let odd = desk.ask("GET", &format!("{ADA}?per_page=101"), None).await;
        assert_eq!(property(&odd), "per_page");

        // The next code goes by the same name, and is not somebody else's.
        let again = desk.ask("POST", "auth0%7Cada/recovery-code-regeneration", None);
        again.await.expect(200);
        assert_eq!(desk.get(ADA).await[1]["id"], code["id"]);
        let id = code["id"].as_str().unwrap().replace('|', "%7C");
        problem(&desk.ask("GET", &format!("{BOB}/{id}"), None).await, 404);
        let path = Desk::path(&code["id"]);
        let named = desk
            .ask("PATCH", &path, Some(&json!({ "name": "x" })))
            .await;
        problem(&named, 404);
        desk.ask("DELETE", &path, None).await.expect(204);
        problem(&desk.ask("DELETE", &path, None).await, 404);
        assert_eq!(desk.get(ADA).await.as_array().unwrap().len(), 1);
    }
}

#[actix_web::test]
async fn a_method_is_renamed_and_removed_by_who_names_its_user() {
    for database in Database::each().await {
        let desk = Desk::on(database).await;
        let added = desk
            .add(&json!({ "type": "totp" }))
            .await
            .expect(201)
            .json();
        let path = Desk::path(&added["id"]);
        let change = json!({ "name": "Work phone" });
        let changed = desk.ask("PATCH", &path, Some(&change)).await.expect(200);
        insta::assert_json_snapshot!("changed", settled(&changed.json()));
        let nothing = desk.ask("PATCH", &path, Some(&json!({}))).await.expect(200);
        assert_eq!(nothing.json()["name"], "Work phone");
        for (wrong, name) in [
            (json!({ "name": "x".repeat(21) }), "name"),
            (json!({ "totp_secret": SEED }), "totp_secret"),
            (
                json!({ "preferred_authentication_method": "sms" }),
                "preferred_authentication_method",
            ),
            (
                json!({ "preferred_authentication_method": "pigeon" }),
                "preferred_authentication_method",
            ),
        ] {
            let answer = desk.ask("PATCH", &path, Some(&wrong)).await;
            assert_eq!(property(&answer), name, "{wrong}");
        }
        let id = added["id"].as_str().unwrap().replace('|', "%7C");
        for (verb, user, why) in [
            ("GET", BOB, "inexistent_enrollment"),
            ("PATCH", BOB, "inexistent_enrollment"),
            ("DELETE", BOB, "inexistent_enrollment"),
            ("GET", "nobody/authentication-methods", "inexistent_user"),
            ("DELETE", "nobody/authentication-methods", "inexistent_user"),
        ] {
            let body = (verb == "PATCH").then_some(&change);
            let answer = desk.ask(verb, &format!("{user}/{id}"), body).await;
            assert_eq!(problem(&answer, 404)["errorCode"], why, "{verb} {user}");
        }
        let foreign = id.replace("totp", "push");
        problem(
            &desk.ask("GET", &format!("{ADA}/{foreign}"), None).await,
            404,
        );
        let odd = desk.ask("GET", &format!("{ADA}/dev_1"), None).await;
        assert_eq!(property(&odd), "authentication_method_id");
        desk.ask("DELETE", &path, None).await.expect(204);
        problem(&desk.ask("DELETE", &path, None).await, 404);
        assert_eq!(desk.get(ADA).await, json!([]));
    }
}

#[actix_web::test]
async fn all_are_replaced_or_removed_at_once() {
    for database in Database::each().await {
        let desk = Desk::on(database).await;
        let former = desk
            .add(&json!({ "type": "totp" }))
            .await
            .expect(201)
            .json();
        let made = desk.ask("POST", "auth0%7Cada/recovery-code-regeneration", None);
        made.await.expect(200);
        let body = json!([{ "type": "totp", "totp_secret": SEED, "name": "New app" }]);
        let put = desk.ask("PUT", ADA, Some(&body)).await.expect(200).json();
        insta::assert_json_snapshot!("replaced", settled(&put));
        assert_ne!(put[0]["id"], former["id"]);
        let left = desk.get(ADA).await;
        assert_eq!(left.as_array().unwrap().len(), 1, "no code is left: {left}");
        assert_eq!(left[0]["id"], put[0]["id"]);
        desk.ask("DELETE", ADA, None).await.expect(204);
        desk.ask("DELETE", ADA, None).await.expect(204);
        assert_eq!(desk.get(ADA).await, json!([]));
        let put = desk.ask("PUT", ADA, Some(&json!([]))).await.expect(200);
        assert_eq!(put.json(), json!([]));
        for verb in ["GET", "DELETE"] {
            let nobody = desk.ask(verb, "nobody/authentication-methods", None).await;
            assert_eq!(problem(&nobody, 404)["errorCode"], "inexistent_user");
        }
    }
}

#[actix_web::test]
async fn of_many_who_add_the_same_at_once_one_does() {
    for database in Database::each().await {
        let desk = Desk::on(database).await;
        let body = json!({ "type": "totp" });
        let adding = (0..20).map(|_| desk.add(&body));
        let answers = futures_util::future::join_all(adding).await;
        let count = |status: u16| answers.iter().filter(|told| told.status == status).count();
        assert_eq!((count(201), count(409)), (1, 19));
    }
}

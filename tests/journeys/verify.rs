//! Whoever comes back shows a factor or the recovery code: taken once, looked at seldom, counted always.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::{StreamExt as _, stream};
use mail_parser::MessageParser;
use tessera::core::seal::Place;
use tessera::core::{Actor, EnrollmentId, Error, OsRng, RecoveryCode, Seed, UserId};
use tessera::factors::otp;
use tessera::factors::verify::Answer;
use tessera::logins::{Shown, Verification, Verified};
use tessera::store::{NewEnrollment, User};
use tessera::users::{recovery, reset};

use crate::guesses;
use crate::support::app::{Database, TestApp};
use crate::support::authenticator;
use crate::support::house::House;
use crate::support::proof;

/// A user with an authenticator app and a recovery code.
pub struct Person {
    pub id: UserId,
    seed: Seed,
    enrollment: EnrollmentId,
    pub code: RecoveryCode,
}

pub async fn enrolled(server: &TestApp, name: &str) -> Person {
    let (app, now) = (&server.app, server.app.now());
    let id: UserId = name.parse().unwrap();
    let (seed, enrollment) = (Seed::new(&OsRng), EnrollmentId::new(now, &OsRng));
    let place = Place {
        table: "enrollments",
        row: &[id.as_str(), enrollment.as_str()],
        column: "material_sealed",
    };
    let user = User {
        user_id: id.clone(),
        email: Some("ada@example.com".to_owned()),
        blocked: false,
        profile: "{}".to_owned(),
        created_at: now,
        updated_at: now,
    };
    let mut tx = app.store.begin_write().await.unwrap();
    assert!(tx.insert_user(&user).await.unwrap());
    let new = NewEnrollment {
        user_id: &id,
        enrollment_id: &enrollment,
        factor: "otp",
        is_first: true,
        ticket_id: None,
        material_sealed: &app.sealer.seal(&place, seed.expose(), &OsRng),
        last_step: None,
        name: None,
        credential_id: None,
        facts: "{}",
    };
    tx.insert_enrollment(&new, now).await.unwrap();
    tx.commit().await.unwrap();
    let actor = Actor::command_line();
    let code = recovery::regenerate(&app.store, &id, &actor, now, &OsRng).await;
    Person {
        id,
        seed,
        enrollment,
        code: code.unwrap(),
    }
}

impl Person {
    /// What the app shows so many steps from now.
    pub fn code_at(&self, server: &TestApp, steps: i64) -> String {
        let seconds = server.app.now().seconds() + steps * 30;
        authenticator::code(&self.seed.to_base32(), u64::try_from(seconds).unwrap())
    }

    /// A code that the app shows at no time near.
    pub fn wrong_code(&self, server: &TestApp) -> String {
        let near: Vec<String> = (-2..=2).map(|steps| self.code_at(server, steps)).collect();
        let code = (0..).map(|n| format!("{n:06}"));
        code.into_iter().find(|code| !near.contains(code)).unwrap()
    }

    async fn shows(&self, server: &TestApp, shown: impl Fn() -> Shown) -> Verified {
        loop {
            let asked = Verification {
                user_id: self.id.clone(),
                shown: shown(),
                actor: Actor::server(),
            };
            match proof::shows(&server.app, asked).await {
                // Too many at once for a busy machine: this one was not looked at, and asks again.
                Err(Error::Unavailable(_)) => {}
                told => return told.unwrap(),
            }
        }
    }

    async fn types(&self, server: &TestApp, code: &str) -> Verified {
        self.shows(server, || app_code(code)).await
    }

    async fn recovers(&self, server: &TestApp, code: &RecoveryCode) -> Verified {
        let shown = || Shown::RecoveryCode(code.clone());
        self.shows(server, shown).await
    }

    async fn failures(&self, server: &TestApp) -> i64 {
        let mut read = server.app.store.begin_read().await.unwrap();
        let failures = read.failures_of(&self.id).await.unwrap();
        failures.unwrap().failures
    }

    async fn events(&self, server: &TestApp) -> BTreeMap<String, usize> {
        let mut read = server.app.store.begin_read().await.unwrap();
        let mut counts = BTreeMap::new();
        for event in read.events_of_user(&self.id).await.unwrap() {
            *counts.entry(event.kind).or_default() += 1;
        }
        counts
    }
}

fn app_code(code: &str) -> Shown {
    Shown::Factor(Answer::Otp(otp::Code::parse(code).unwrap()))
}

/// A wrong code, or every other time a recovery code of nobody.
fn guess(n: usize, wrong: &str) -> impl Fn() -> Shown {
    move || match n % 2 {
        0 => app_code(wrong),
        _ => Shown::RecoveryCode(RecoveryCode::new(&OsRng)),
    }
}

/// How often each answer was given.
fn told(answers: &[Verified]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for answer in answers {
        let name = match answer {
            Verified::Factor(_) => "factor",
            Verified::RecoveryCode(_) => "recovery code",
            Verified::Wrong => "wrong",
            Verified::NotEnrolled => "not enrolled",
            Verified::TooSoon(_) => "too soon",
            Verified::Stopped(_) => "stopped",
            Verified::Blocked => "blocked",
        };
        *counts.entry(name).or_default() += 1;
    }
    counts
}

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[actix_web::test]
async fn a_code_of_the_app_is_taken_once_and_none_of_before() {
    for database in Database::each().await {
        let server = TestApp::on(database).await;
        let ada = enrolled(&server, "auth0|ada").await;
        let (before, present) = (ada.code_at(&server, -1), ada.code_at(&server, 0));
        let taken = ada.types(&server, &present).await;
        assert!(matches!(taken, Verified::Factor(id) if id == ada.enrollment));
        for used in [&present, &before] {
            let again = ada.types(&server, used).await;
            assert!(matches!(again, Verified::Wrong), "{again:?}");
        }
        assert_eq!(ada.failures(&server).await, 2);
        let next = ada.types(&server, &ada.code_at(&server, 1)).await;
        assert!(matches!(next, Verified::Factor(_)));
        assert_eq!(ada.failures(&server).await, 0, "what is right begins anew");
        let mut read = server.app.store.begin_read().await.unwrap();
        let used = read.enrollment(&ada.enrollment).await.unwrap().unwrap();
        assert_eq!(used.last_auth_at, Some(server.app.now().millis()));
    }
}

#[actix_web::test]
async fn of_two_hundred_at_once_with_the_same_code_one_is_let_in() {
    for database in Database::each().await {
        let server = TestApp::on(database).await;
        let other = server.another().await;
        let ada = enrolled(&server, "auth0|ada").await;
        let tries = (0..200).map(|n| ada.recovers([&server, &other][n % 2], &ada.code));
        let answers = join_all(tries).await;
        assert_eq!(told(&answers)["recovery code"], 1, "{:?}", told(&answers));
        assert_eq!(told(&answers)["wrong"], 5);
        assert_eq!(ada.events(&server).await["recovery_code.used"], 1);
        server.clock.advance(MINUTE);
        let fresh = answers.into_iter().find_map(|answer| match answer {
            Verified::RecoveryCode(fresh) => Some(fresh),
            _ => None,
        });
        let next = ada.recovers(&other, &fresh.unwrap()).await;
        assert!(matches!(next, Verified::RecoveryCode(_)), "{next:?}");

        let bob = enrolled(&server, "auth0|bob").await;
        let code = bob.code_at(&server, 0);
        let tries = (0..200).map(|n| bob.types([&server, &other][n % 2], &code));
        let answers = told(&join_all(tries).await);
        assert_eq!((answers["factor"], answers["wrong"]), (1, 5));
    }
}

#[actix_web::test]
async fn of_five_hundred_wrong_codes_at_once_five_are_looked_at() {
    for database in Database::each().await {
        let server = TestApp::on(database).await;
        let other = server.another().await;
        let ada = enrolled(&server, "auth0|ada").await;
        let wrong = ada.wrong_code(&server);
        let tries = (0..500).map(|n| {
            // Half of them are recovery codes, half of each reach the other instance.
            ada.shows([&server, &other][n / 2 % 2], guess(n, &wrong))
        });
        let answers = told(&join_all(tries).await);
        assert_eq!((answers["wrong"], answers["too soon"]), (5, 495));
        assert_eq!(ada.failures(&server).await, 5, "one count for all of them");
        assert_eq!(ada.events(&server).await["verification.failed"], 5);
        let right = ada.types(&server, &ada.code_at(&server, 0)).await;
        assert!(
            matches!(right, Verified::TooSoon(wait) if wait == MINUTE / 2),
            "{right:?}"
        );
    }
}

/// O5, for an account.
#[actix_web::test]
async fn guesses_for_hours_are_twenty_tries_of_an_account_whatever_is_restarted() {
    for database in Database::each().await {
        let first = TestApp::on(database).await;
        let ada = enrolled(&first, "auth0|ada").await;
        let mut servers = [first.another().await, first];
        let mut looked_at = 0;
        for wave in 0..guesses::WAVES {
            if guesses::is_restarted(wave) {
                servers = [servers[0].another().await, servers[0].another().await];
            }
            let wrong = ada.wrong_code(&servers[0]);
            let tries =
                (0..guesses::a_wave()).map(|n| ada.shows(&servers[n / 2 % 2], guess(n, &wrong)));
            let tries = stream::iter(tries).buffer_unordered(guesses::GUESSERS);
            let answers = told(&tries.collect::<Vec<_>>().await);
            looked_at += answers.get("wrong").copied().unwrap_or(0);
            assert_eq!(
                looked_at,
                (5 + wave).min(20),
                "after {wave} waits: {answers:?}"
            );
            servers[0].clock.advance(guesses::WAIT);
        }
        assert_eq!(ada.failures(&servers[1]).await, 20);
    }
}

#[actix_web::test]
async fn whoever_goes_on_guessing_is_stopped_for_a_day() {
    for database in Database::each().await {
        let server = TestApp::on(database).await;
        let ada = enrolled(&server, "auth0|ada").await;
        let wrong = RecoveryCode::new(&OsRng);
        let mut looked_at = 0;
        let answer = loop {
            match ada.recovers(&server, &wrong).await {
                Verified::Wrong => looked_at += 1,
                Verified::TooSoon(wait) => server.clock.advance(wait),
                other => break other,
            }
        };
        assert!(matches!(answer, Verified::Stopped(wait) if wait == DAY));
        assert_eq!(looked_at, 20);
        assert_eq!(ada.events(&server).await["user.stopped"], 1);
        // A server that starts anew has not forgotten, and neither does a right code help.
        let other = server.another().await;
        let right = ada.types(&other, &ada.code_at(&other, 0)).await;
        assert!(matches!(right, Verified::Stopped(_)));
        other.clock.advance(DAY);
        let wrong = ada.types(&other, &ada.wrong_code(&other)).await;
        assert!(matches!(wrong, Verified::Wrong));
        let right = ada.types(&other, &ada.code_at(&other, 0)).await;
        assert!(matches!(right, Verified::Stopped(wait) if wait == DAY));
        other.clock.advance(DAY);
        let right = ada.types(&other, &ada.code_at(&other, 0)).await;
        assert!(matches!(right, Verified::Factor(_)));
        assert_eq!(ada.failures(&server).await, 0);
    }
}

#[actix_web::test]
async fn an_admin_lifts_the_stop_by_resetting_the_user() {
    let server = TestApp::start().await;
    let ada = enrolled(&server, "auth0|ada").await;
    for _ in 0..5 {
        ada.types(&server, &ada.wrong_code(&server)).await;
    }
    let (store, actor) = (&server.app.store, Actor::command_line());
    let removed = reset::reset(store, &ada.id, &actor, server.app.now(), &OsRng).await;
    assert_eq!((removed.unwrap(), ada.failures(&server).await), (1, 0));
    let gone = ada.recovers(&server, &ada.code).await;
    assert!(matches!(gone, Verified::Wrong), "nothing is left to show");
}

#[actix_web::test]
async fn what_is_another_persons_is_wrong_and_counted() {
    for database in Database::each().await {
        let server = TestApp::on(database).await;
        let ada = enrolled(&server, "auth0|ada").await;
        let bob = enrolled(&server, "auth0|bob").await;
        let theirs = ada.recovers(&server, &bob.code).await;
        assert!(matches!(theirs, Verified::Wrong));
        let theirs = ada.types(&server, &bob.code_at(&server, 0)).await;
        assert!(matches!(theirs, Verified::Wrong));
        assert_eq!(
            (ada.failures(&server).await, bob.failures(&server).await),
            (2, 0)
        );
        let own = bob.recovers(&server, &bob.code).await;
        assert!(matches!(own, Verified::RecoveryCode(_)));
        // A code that was replaced is dead.
        let (store, actor) = (&server.app.store, Actor::command_line());
        let now = server.app.now();
        recovery::regenerate(store, &ada.id, &actor, now, &OsRng)
            .await
            .unwrap();
        let former = ada.recovers(&server, &ada.code).await;
        assert!(matches!(former, Verified::Wrong));
    }
}

#[actix_web::test]
async fn a_blocked_user_proves_nothing() {
    let server = TestApp::start().await;
    let ada = enrolled(&server, "auth0|ada").await;
    let mut tx = server.app.store.begin_write().await.unwrap();
    let mut user = tx.user(&ada.id).await.unwrap().unwrap();
    user.blocked = true;
    tx.update_user(&user).await.unwrap();
    tx.commit().await.unwrap();
    let right = ada.types(&server, &ada.code_at(&server, 0)).await;
    assert!(matches!(right, Verified::Blocked));
    assert_eq!(ada.failures(&server).await, 0);
}

#[tokio::test]
async fn the_user_reads_of_each_use_in_a_mail_that_holds_no_code() {
    let house = House::start().await;
    let app = &house.app;
    let mut ada = crate::support::visitor::Visitor::at(&house.link_for("auth0|ada").await).await;
    ada.confirm(&house).await;
    house.deliver().await;
    let user_id: UserId = "auth0|ada".parse().unwrap();
    let actor = Actor::command_line();
    let code = recovery::regenerate(&app.store, &user_id, &actor, app.now(), &OsRng);
    let code = code.await.unwrap();
    house.clock.advance(MINUTE);
    let asked = Verification {
        user_id,
        shown: Shown::RecoveryCode(code.clone()),
        actor: Actor::server(),
    };
    let used = proof::shows(app, asked).await;
    let Verified::RecoveryCode(fresh) = used.unwrap() else {
        panic!("the code is right");
    };
    assert_eq!(house.deliver().await, 2);
    let folder = std::fs::read_dir(house.dir.path().join("data/mail")).unwrap();
    let mut subjects = Vec::new();
    for entry in folder {
        let raw = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!raw.contains(code.expose()) && !raw.contains(fresh.expose()));
        let mail = MessageParser::default().parse(raw.as_bytes()).unwrap();
        subjects.push(mail.subject().unwrap().to_owned());
    }
    subjects.sort();
    assert_eq!(
        subjects[1..],
        [
            "Tessera: you have a new recovery code",
            "Tessera: your recovery code was used",
        ]
    );
}

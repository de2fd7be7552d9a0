//! K7: signing keys change under load on two instances, and no valid token is refused.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tessera::access::rotation::{self, Cause};
use tessera::access::sealing::{self, Followed};
use tessera::access::{Keys, Tokens, keys, scopes, tokens};
use tessera::core::{Actor, Algorithm, Clock, OsRng, Urls};
use tessera::store::{Client, SealedTable};

use crate::support::app::{PUBLIC_URL, TestApp, TestClock};

const SECOND: Duration = Duration::from_secs(1);

/// Two instances on one database, and who asks them for tokens.
struct Two {
    instances: [Tokens; 2],
    /// It gets its tokens by RS256.
    client: Client,
    /// The same, by ES256.
    ec_client: Client,
    accepted: AtomicUsize,
    refused: AtomicUsize,
    stop: AtomicBool,
}

impl Two {
    async fn over(app: &TestApp) -> Self {
        let (client, _) = app.client(&[scopes::READ_USERS]).await;
        Self {
            instances: [instance(app).await, instance(app).await],
            ec_client: Client {
                signing_alg: Algorithm::Es256,
                ..client.clone()
            },
            client,
            accepted: AtomicUsize::new(0),
            refused: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        }
    }

    async fn token(&self, by: usize) -> String {
        self.token_of(&self.client, by).await
    }

    async fn token_of(&self, client: &Client, by: usize) -> String {
        let issued = self.instances[by].issue(client, tokens::LIFETIME);
        issued.await.unwrap().access_token
    }

    async fn believes(&self, instance: usize, token: &str) -> bool {
        self.instances[instance].verify(token).await.is_ok()
    }

    /// A back end that gets its tokens here and shows them there, and keeps one for the day.
    async fn back_end(&self, client: &Client, here: usize) {
        let kept = self.token_of(client, here).await;
        while !self.stop.load(Ordering::SeqCst) {
            let fresh = self.token_of(client, here).await;
            for token in [&fresh, &kept] {
                for instance in [1 - here, here] {
                    let counter = match self.believes(instance, token).await {
                        true => &self.accepted,
                        false => &self.refused,
                    };
                    counter.fetch_add(1, Ordering::SeqCst);
                }
            }
            tokio::task::yield_now().await;
        }
    }

    /// Time passes while the back ends are at work: some calls fall into each step.
    async fn pass(&self, clock: &TestClock, steps: u32, step: Duration) {
        for _ in 0..steps {
            clock.advance(step);
            let before = self.accepted.load(Ordering::SeqCst);
            while self.accepted.load(Ordering::SeqCst) < before + 16 {
                tokio::task::yield_now().await;
            }
        }
    }
}

async fn instance(app: &TestApp) -> Tokens {
    let (state, clock) = (&app.app, Arc::new(app.clock.clone()) as Arc<dyn Clock>);
    let keys = Keys::open(
        state.store.clone(),
        state.sealer.clone(),
        Arc::clone(&clock),
        &OsRng,
    );
    let urls = Urls::new(&PUBLIC_URL.parse().unwrap());
    Tokens::new(state.store.clone(), keys.await.unwrap(), clock, urls)
}

fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).unwrap().kid.unwrap()
}

#[actix_web::test]
async fn a_rotation_under_load_on_two_instances_refuses_no_token() {
    let app = TestApp::start().await;
    let (two, actor) = (Two::over(&app).await, Actor::command_line());
    let first = two.token(0).await;
    let story = async {
        two.pass(&app.clock, 3, SECOND).await;
        let made = two.instances[0].keys.rotate(&actor, &OsRng).await.unwrap();
        two.pass(&app.clock, 6, 5 * SECOND).await;
        let set = app.get("/.well-known/jwks.json").send().await;
        let all = made.iter().all(|kid| set.text().contains(kid));
        assert!(all, "published before they sign");
        assert!(!made.contains(&kid(&two.token(0).await)));
        two.pass(&app.clock, 60, 10 * SECOND).await;
        let mut signing = HashSet::new();
        for (client, by) in [(&two.client, 0), (&two.ec_client, 0), (&two.client, 1)] {
            signing.insert(kid(&two.token_of(client, by).await));
        }
        assert_eq!(
            signing,
            made.into_iter().collect(),
            "all sign with the new keys"
        );
        two.pass(&app.clock, 10, 10 * SECOND).await;
        two.stop.store(true, Ordering::SeqCst);
    };
    let both = [&two.client, &two.ec_client];
    let back_ends = both.map(|client| [two.back_end(client, 0), two.back_end(client, 1)]);
    let back_ends = join_all(back_ends.into_iter().flatten());
    futures_util::future::join(story, back_ends).await;
    assert_eq!(two.refused.load(Ordering::SeqCst), 0, "of valid tokens");
    assert!(two.believes(0, &first).await && two.believes(1, &first).await);
}

#[actix_web::test]
async fn a_removed_key_is_out_in_half_a_minute_everywhere() {
    let app = TestApp::start().await;
    let (two, actor) = (Two::over(&app).await, Actor::command_line());
    let leaked = two.token(0).await;
    app.clock.advance(29 * SECOND);
    // Just verified with a list of keys that is just about to be old.
    assert!(two.believes(0, &leaked).await && two.believes(1, &leaked).await);
    let store = &app.app.store;
    let now = app.clock.now();
    let only = keys::remove(store, &kid(&leaked), &actor, now, &OsRng).await;
    assert!(!only.unwrap(), "the only key stays");
    two.instances[0].keys.rotate(&actor, &OsRng).await.unwrap();
    assert!(
        keys::remove(store, &kid(&leaked), &actor, now, &OsRng)
            .await
            .unwrap()
    );
    app.clock.advance(30 * SECOND);
    assert!(!two.believes(0, &leaked).await && !two.believes(1, &leaked).await);
    // Without another, the new key signs at once.
    let fresh = two.token(1).await;
    assert!(two.believes(0, &fresh).await && two.believes(1, &fresh).await);
}

#[actix_web::test]
async fn a_key_is_kept_until_the_last_token_it_signed_is_over() {
    let app = TestApp::start().await;
    let (two, actor) = (Two::over(&app).await, Actor::command_line());
    let store = app.app.store.clone();
    let sweep = || async {
        let now = app.clock.now();
        keys::sweep(&store, now, &OsRng).await.unwrap()
    };
    let first = kid(&two.token(0).await);
    let ec_first = kid(&two.token_of(&two.ec_client, 0).await);
    app.clock.advance(60 * SECOND);
    two.instances[0].keys.rotate(&actor, &OsRng).await.unwrap();
    app.clock.advance(600 * SECOND - Duration::from_millis(1));
    // The last that the old key signs, by the instance that learns of the new one last.
    let last = two.token(1).await;
    assert_eq!(kid(&last), first);
    app.clock.advance(tokens::LIFETIME - 2 * SECOND);
    assert!(sweep().await.is_empty());
    assert!(two.believes(0, &last).await);
    app.clock.advance(3 * SECOND);
    assert!(!two.believes(0, &last).await, "it is over");
    assert!(sweep().await.is_empty(), "not on the very moment");
    app.clock.advance(600 * SECOND);
    assert_eq!(sweep().await, [first, ec_first]);
    assert!(sweep().await.is_empty());
}

#[actix_web::test]
async fn an_old_version_of_the_sealing_key_leaves_when_nothing_needs_it() {
    let app = TestApp::start().await;
    let (store, folder, sealer) = (&app.app.store, app.folder.path(), &app.app.sealer);
    let actor = Actor::command_line();
    let cause = || Cause {
        actor: &actor,
        now: app.clock.now(),
        rng: &OsRng,
    };
    let refused = |version| async move {
        let removed = rotation::remove(store, folder, version, &cause()).await;
        removed.unwrap_err().to_string()
    };
    assert!(refused(1).await.contains("in use"));
    assert!(refused(3).await.contains("no version 3"));
    assert!(rotation::switch(store, folder, &cause()).await.is_err());
    assert_eq!(
        rotation::announce(store, folder, &cause()).await.unwrap(),
        2
    );
    assert!(rotation::announce(store, folder, &cause()).await.is_err());
    assert_eq!(
        sealing::follow(store, sealer, folder).await.unwrap(),
        Followed::Changed { seals: 1 }
    );
    assert_eq!(sealer.versions(), [1, 2]);
    assert_eq!(rotation::switch(store, folder, &cause()).await.unwrap(), 2);
    assert!(refused(1).await.contains("seals 1 rows of signing_keys"));
    assert_eq!(
        sealing::follow(store, sealer, folder).await.unwrap(),
        Followed::Changed { seals: 2 }
    );
    assert_eq!(
        sealing::follow(store, sealer, folder).await.unwrap(),
        Followed::Same
    );
    for table in SealedTable::ALL {
        rotation::reseal(store, sealer, table, "", &OsRng)
            .await
            .unwrap();
    }
    assert_eq!(rotation::count_others(store, 2).await.unwrap(), 0);
    rotation::finish(store, 2, &cause()).await.unwrap();
    assert!(refused(1).await.contains("cookies"));
    app.clock.advance(Duration::from_secs(70 * 60));
    rotation::remove(store, folder, 1, &cause()).await.unwrap();
    assert_eq!(
        sealing::follow(store, sealer, folder).await.unwrap(),
        Followed::Changed { seals: 2 }
    );
    assert_eq!(sealer.versions(), [2]);
    // A start that has the new version alone.
    let two = Two::over(&app).await;
    assert!(two.believes(1, &two.token(0).await).await);
    let file = sealing::sealing_key_path(folder);
    std::fs::remove_file(&file).unwrap();
    assert!(sealing::open_sealer(store, folder, &OsRng).await.is_err());
    assert!(!file.exists(), "no silent new key");
    // Memory has what the database asks for: the server goes on.
    assert!(sealing::follow(store, sealer, folder).await.is_err());
    assert!(!sealer.is_behind());
}

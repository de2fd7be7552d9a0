//! Logins: each step is taken once, in order and in time.

use futures_util::future::join_all;
use tessera::core::{ClientId, Digest, LoginId, OsRng, Timestamp, UserId};
use tessera::store::{Login, NewLogin, NewTicket, TicketState};

use crate::house::{House, MINUTE, NOON, commit, on_both, read, ticket};

on_both!(
    a_login_goes_through_its_states,
    a_login_of_nobody_is_none,
    what_is_over_goes_nowhere,
    of_fifty_at_once_one_gets_the_code,
    a_browser_is_remembered_for_its_user_alone_and_for_a_while,
    of_the_tickets_that_logins_made_the_newest_stays
);

async fn client(house: &House) -> ClientId {
    let id = ClientId::new(NOON, &OsRng);
    let secret = Digest::of(id.as_str().as_bytes());
    commit!(house, tx => tx.insert_client(&id, "Shop", &secret, "", NOON));
    id
}

fn new<'a>(
    user_id: &'a UserId,
    login_id: &'a LoginId,
    client_id: &'a ClientId,
    secret: &'a Digest,
) -> NewLogin<'a> {
    NewLogin {
        user_id,
        login_id,
        client_id,
        kind: "application",
        state: "requested",
        request: "{\"scope\":\"openid\"}",
        secret,
        expires_at: NOON + MINUTE,
    }
}

async fn state(house: &House, user_id: &UserId, login_id: &LoginId) -> String {
    let login = read!(house, read => read.login(user_id, login_id)).unwrap();
    login.state
}

async fn a_login_goes_through_its_states(house: House) {
    let (ada, shop) = (house.user("auth0|ada").await, client(&house).await);
    let other = client(&house).await;
    let (id, secret) = (LoginId::new(NOON, &OsRng), Digest::of(b"secret"));
    let new = new(&ada, &id, &shop, &secret);
    assert!(commit!(house, tx => tx.insert_login(&new, NOON)));
    let until = NOON + MINUTE * 5;
    assert!(commit!(house, tx => tx.open_login(&secret, &other, until, NOON)).is_none());
    assert!(!commit!(house, tx => tx.challenge_login(&ada, &id, "otp", NOON)));
    let opened: Login = commit!(house, tx => tx.open_login(&secret, &shop, until, NOON)).unwrap();
    assert_eq!((&opened.user_id, opened.expires_at), (&ada, until));
    assert_eq!(opened.request, new.request);
    assert!(commit!(house, tx => tx.open_login(&secret, &shop, until, NOON)).is_none());

    let ticket_id = house.ticket(&ticket(&ada)).await;
    assert!(commit!(house, tx => tx.set_ticket_of_login((&ada, &id), &ticket_id, until, NOON)));
    assert!(!commit!(house, tx => tx.set_ticket_of_login((&ada, &id), &ticket_id, until, NOON)));
    for factor in ["phone", "otp"] {
        assert!(commit!(house, tx => tx.challenge_login(&ada, &id, factor, NOON)));
    }
    let proved = ("otp", "mfa otp");
    assert!(!commit!(house, tx => tx.spend_api_login((&ada, &id), proved, NOON)));
    assert!(commit!(house, tx => tx.verify_login((&ada, &id), proved, NOON + MINUTE, NOON)));
    assert!(!commit!(house, tx => tx.verify_login((&ada, &id), proved, NOON + MINUTE, NOON)));
    assert_eq!(state(&house, &ada, &id).await, "verified");
    assert!(commit!(house, tx => tx.deny_login(&ada, &id, NOON)).is_none());
    let seen = read!(house, read => read.opened_login(&ada, &id)).unwrap();
    assert_eq!(
        (seen.client_name.as_str(), seen.user_blocked),
        ("Shop", false)
    );
    assert_eq!(seen.login.ticket_id.as_deref(), Some(ticket_id.as_str()));
    assert_eq!(seen.login.amr.as_deref(), Some("mfa otp"));

    let code = Digest::of(b"code");
    let late = NOON + MINUTE;
    assert!(commit!(house, tx => tx.answer_login(&ada, &id, &code, late, late)).is_none());
    assert!(commit!(house, tx => tx.spend_login(&code, NOON)).is_none());
    let answered = commit!(house, tx => tx.answer_login(&ada, &id, &code, NOON + MINUTE, NOON));
    assert_eq!(answered.unwrap().verified_at, Some(NOON.millis()));
    let again = Digest::of(b"another");
    assert!(
        commit!(house, tx => tx.answer_login(&ada, &id, &again, NOON + MINUTE, NOON)).is_none()
    );
    let found = read!(house, read => read.login_by_code(&code)).unwrap();
    assert_eq!(
        (found.login_id, found.factor.as_deref()),
        (id.clone(), Some("otp"))
    );
    assert!(commit!(house, tx => tx.spend_login(&code, NOON + MINUTE)).is_none());
    assert!(commit!(house, tx => tx.spend_login(&code, NOON)).is_some());
    assert!(commit!(house, tx => tx.spend_login(&code, NOON)).is_none());
    let found = read!(house, read => read.login_by_secret(&secret)).unwrap();
    assert_eq!((found.login_id, found.state.as_str()), (id, "spent"));
}

async fn a_login_of_nobody_is_none(house: House) {
    let (ada, shop) = (house.user("auth0|ada").await, client(&house).await);
    let (nobody, gone) = ("auth0|nobody".parse().unwrap(), ClientId::new(NOON, &OsRng));
    let (id, secret) = (LoginId::new(NOON, &OsRng), Digest::of(b"secret"));
    for (user_id, client_id) in [(&nobody, &shop), (&ada, &gone)] {
        let new = new(user_id, &id, client_id, &secret);
        assert!(!commit!(house, tx => tx.insert_login(&new, NOON)));
    }
    assert!(commit!(house, tx => tx.insert_login(&new(&ada, &id, &shop, &secret), NOON)));
    assert!(commit!(house, tx => tx.delete_client(&shop)));
    assert!(read!(house, read => read.login(&ada, &id)).is_none());
}

async fn what_is_over_goes_nowhere(house: House) {
    let (ada, shop) = (house.user("auth0|ada").await, client(&house).await);
    let (late, denied) = (LoginId::new(NOON, &OsRng), LoginId::new(NOON, &OsRng));
    let secrets = [Digest::of(b"late"), Digest::of(b"denied")];
    let end = NOON + MINUTE;
    for (id, secret) in [&late, &denied].into_iter().zip(&secrets) {
        assert!(commit!(house, tx => tx.insert_login(&new(&ada, id, &shop, secret), NOON)));
    }
    assert!(commit!(house, tx => tx.open_login(&secrets[0], &shop, end, end)).is_none());
    for secret in &secrets {
        assert!(commit!(house, tx => tx.open_login(secret, &shop, end, NOON)).is_some());
    }
    assert!(commit!(house, tx => tx.deny_login(&ada, &denied, NOON)).is_some());
    for (id, at) in [(&late, end), (&denied, NOON)] {
        let ticket_id = house.ticket(&ticket(&ada)).await;
        assert!(!commit!(house, tx => tx.challenge_login(&ada, id, "otp", at)));
        let proved =
            commit!(house, tx => tx.verify_login((&ada, id), ("otp", "mfa otp"), at + MINUTE, at));
        assert!(!proved);
        assert!(
            !commit!(house, tx => tx.set_ticket_of_login((&ada, id), &ticket_id, at + MINUTE, at))
        );
        assert!(commit!(house, tx => tx.deny_login(&ada, id, at)).is_none());
    }
    let keep = MINUTE * 60 * 24;
    for (now, events) in [(NOON, 0), (end, 1), (end + MINUTE, 1)] {
        house.store.sweep(now, keep).await.unwrap();
        let expired = "SELECT COUNT(*) FROM events WHERE kind = 'login.expired'";
        assert_eq!(house.number(expired).await, events);
    }
    assert_eq!(state(&house, &ada, &late).await, "expired");
    assert_eq!(state(&house, &ada, &denied).await, "denied");
    let much_later: Timestamp = end + keep + MINUTE;
    house.store.sweep(much_later, keep).await.unwrap();
    assert_eq!(house.number("SELECT COUNT(*) FROM logins").await, 0);
}

async fn of_fifty_at_once_one_gets_the_code(house: House) {
    let (ada, shop) = (house.user("auth0|ada").await, client(&house).await);
    let (id, secret, code) = (
        LoginId::new(NOON, &OsRng),
        Digest::of(b"secret"),
        Digest::of(b"code"),
    );
    let new = NewLogin {
        kind: "api",
        state: "created",
        ..new(&ada, &id, &shop, &secret)
    };
    assert!(commit!(house, tx => tx.insert_login(&new, NOON)));
    assert!(commit!(house, tx => tx.answer_login(&ada, &id, &code, NOON + MINUTE, NOON)).is_none());
    let proved = ("otp", "mfa otp");
    assert!(!commit!(house, tx => tx.verify_login((&ada, &id), proved, NOON + MINUTE, NOON)));
    assert!(!commit!(house, tx => tx.spend_api_login((&ada, &id), proved, NOON + MINUTE)));
    let tries = (0..50)
        .map(|_| async { commit!(house, tx => tx.spend_api_login((&ada, &id), proved, NOON)) });
    let done = join_all(tries).await.into_iter();
    assert_eq!(done.filter(|spent| *spent).count(), 1);
    let spent = read!(house, read => read.login(&ada, &id)).unwrap();
    assert_eq!(spent.state, "spent");
    assert_eq!(
        (spent.factor.as_deref(), spent.amr.as_deref()),
        (Some("otp"), Some("mfa otp"))
    );
    assert_eq!(spent.verified_at, Some(NOON.millis()));
    assert!(commit!(house, tx => tx.answer_login(&ada, &id, &code, NOON + MINUTE, NOON)).is_none());
}

async fn a_browser_is_remembered_for_its_user_alone_and_for_a_while(house: House) {
    let (ada, shop) = (house.user("auth0|ada").await, client(&house).await);
    let bob = house.user("auth0|bob").await;
    let ids: Vec<LoginId> = (0..3).map(|_| LoginId::new(NOON, &OsRng)).collect();
    for (id, user) in ids.iter().zip([&ada, &ada, &bob]) {
        let secret = Digest::of(id.as_str().as_bytes());
        let new = NewLogin {
            state: "created",
            ..new(user, id, &shop, &secret)
        };
        assert!(commit!(house, tx => tx.insert_login(&new, NOON)));
    }
    let [proved, again, bobs] = [(&ada, &ids[0]), (&ada, &ids[1]), (&bob, &ids[2])];
    let (secret, until) = (Digest::of(b"cookie"), NOON + MINUTE);
    assert!(
        !commit!(house, tx => tx.remember_browser(proved, &secret, until)),
        "nothing is proved yet"
    );
    assert!(commit!(house, tx => tx.verify_login(proved, ("otp", "mfa otp"), until, NOON)));
    assert!(commit!(house, tx => tx.remember_browser(proved, &secret, until)));
    let found = read!(house, read => read.browser(&ada, &secret, NOON)).unwrap();
    assert_eq!((found.amr.as_str(), found.verified_at), ("mfa otp", NOON));
    assert!(read!(house, read => read.browser(&bob, &secret, NOON)).is_none());
    assert!(read!(house, read => read.browser(&ada, &secret, until)).is_none());
    let other = Digest::of(b"another");
    for (of, secret, at) in [
        (bobs, &secret, NOON),
        (again, &other, NOON),
        (again, &secret, until),
    ] {
        assert!(!commit!(house, tx => tx.recognize_browser(of, secret, at + MINUTE, at)));
    }
    assert!(commit!(house, tx => tx.recognize_browser(again, &secret, until, NOON)));
    let login = read!(house, read => read.login(again.0, again.1)).unwrap();
    assert_eq!(
        (login.state.as_str(), login.amr.as_deref()),
        ("verified", Some("mfa otp"))
    );
    assert_eq!(login.verified_at, Some(NOON.millis()));
    assert_eq!(commit!(house, tx => tx.forget_browsers(&bob)), 0);
    assert_eq!(commit!(house, tx => tx.forget_browsers(&ada)), 1);
    assert!(read!(house, read => read.browser(&ada, &secret, NOON)).is_none());
}

async fn of_the_tickets_that_logins_made_the_newest_stays(house: House) {
    let (ada, bob) = (house.user("auth0|ada").await, house.user("auth0|bob").await);
    let by_login = |user| NewTicket {
        created_by: "login:lgn_1".to_owned(),
        ..ticket(user)
    };
    let plain = house.ticket(&ticket(&ada)).await;
    let bobs = house.ticket(&by_login(&bob)).await;
    let former = house.ticket(&by_login(&ada)).await;
    let newest = house.ticket(&by_login(&ada)).await;
    let revoke =
        async || commit!(house, tx => tx.revoke_other_tickets_of_logins(&ada, &newest, NOON));
    assert_eq!(revoke().await, std::slice::from_ref(&former));
    assert!(revoke().await.is_empty());
    for (id, state) in [
        (plain, TicketState::Open),
        (bobs, TicketState::Open),
        (former, TicketState::Revoked),
        (newest.clone(), TicketState::Open),
    ] {
        let found = read!(house, read => read.ticket(&id)).unwrap();
        assert_eq!(found.state, state, "{id}");
    }
}

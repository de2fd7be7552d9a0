//! What another site can make a person's browser send to us (B1–B5): every way to post × every route × from where.

use serde_json::{Value, json};
use tessera::core::urls;

use crate::browser::code;
use crate::elsewhere::Elsewhere;
use crate::support::browser::{Browser, Options};
use crate::support::house::{House, asked};

/// How the other site sends it. `{to}`, `{method}`, `{fields}` (hidden inputs), `{form}` and `{json}` are filled in; each
/// says in its title that it is done.
const WAYS: &[(&str, &str)] = &[
    (
        "a form",
        "<form method=post action='{to}'>{fields}</form><script>document.forms[0].submit()</script>",
    ),
    (
        "a form as multipart",
        "<form method=post enctype=multipart/form-data action='{to}'>{fields}</form><script>document.forms[0].submit()</script>",
    ),
    (
        "a form that is JSON in plain text",
        "<form method=post enctype=text/plain action='{to}'><input name='{\"a\":\"' value='\",\"user_id\":\"mallory\",\"email\":\"m@evil.example\"}'></form>\
         <script>document.forms[0].submit()</script>",
    ),
    (
        "a form that says another method",
        "<form method=post action='{to}?_method={method}'>{fields}<input name=_method value={method}></form>\
         <script>document.forms[0].submit()</script>",
    ),
    (
        "a form in a frame",
        "<iframe name=inside onload=\"if (window.sent) document.title = 'framed'\"></iframe>\
         <form method=post target=inside action='{to}'>{fields}</form><script>window.sent = true; document.forms[0].submit()</script>",
    ),
    (
        "a form in a sandbox",
        "<iframe sandbox='allow-scripts allow-forms' onload=\"this.loads = (this.loads || 0) + 1; if (this.loads > 1) document.title = 'framed'\" \
         srcdoc=\"<form method=post action='{to}'>{fields}</form><script>onload = () => setTimeout(() => document.forms[0].submit())</script>\"></iframe>",
    ),
    (
        "a form in a new window",
        "<form method=post target=other action='{to}'>{fields}</form><script>\
         const other = window.open('about:blank', 'other'); document.forms[0].submit();\
         const over = () => { try { return other.closed || !other.location.href } catch { return true } };\
         const wait = setInterval(() => { if (over()) { clearInterval(wait); other.close(); document.title = 'opened' } }, 10)\
         </script>",
    ),
    (
        "a fetch that reads nothing",
        "<script>fetch('{to}', {method: 'POST', mode: 'no-cors', credentials: 'include', body: new URLSearchParams({form})})\
         .then(a => document.title = a.type, () => document.title = 'refused')</script>",
    ),
    (
        "a fetch with cookies",
        "<script>fetch('{to}', {method: '{method}', credentials: 'include', body: new URLSearchParams({form})})\
         .then(a => document.title = 'read ' + a.status, () => document.title = 'refused')</script>",
    ),
    (
        "a fetch of JSON with cookies",
        "<script>fetch('{to}', {method: '{method}', credentials: 'include', headers: {'content-type': 'application/json'}, body: JSON.stringify({json})})\
         .then(a => document.title = 'read ' + a.status, () => document.title = 'refused')</script>",
    ),
    (
        "a fetch of JSON as plain text",
        "<script>fetch('{to}', {method: 'POST', mode: 'no-cors', credentials: 'include', body: JSON.stringify({json})})\
         .then(a => document.title = a.type, () => document.title = 'refused')</script>",
    ),
    (
        "a fetch that claims another method",
        "<script>fetch('{to}', {method: 'POST', credentials: 'include', headers: {'x-http-method-override': '{method}'}})\
         .then(a => document.title = 'read ' + a.status, () => document.title = 'refused')</script>",
    ),
];

/// Everything that somebody could have changed.
async fn state(house: &House, token: &str) -> Value {
    let client = reqwest::Client::new();
    let mut all = json!({});
    for path in [
        "users",
        "guardian/factors",
        "guardian/enrollments/tickets",
        "users/ada/enrollments",
    ] {
        let answer = client
            .get(house.url(&format!("/api/v2/{path}")))
            .bearer_auth(token)
            .send()
            .await
            .unwrap();
        all[path] = answer.json().await.unwrap();
    }
    let mut events = house.events_of("ada").await;
    events.retain(|kind| kind != "ticket.opened");
    all["events"] = json!(events);
    all
}

/// What is sent: all that only our own page and a back end know, for the pages and for the API.
fn fields(browser_knows: &[(&str, &str)]) -> Value {
    let mut fields = json!({ "saved": "yes", "factor": "otp" });
    for (name, value) in browser_knows {
        fields[*name] = json!(value);
    }
    fields
}

/// What became of it, as the person sees it.
async fn outcome(browser: &Browser) -> String {
    let ended = "const t = document.title, h = document.querySelector('h1');
        if (h && !t.startsWith('Elsewhere')) return h.innerText;
        if (document.contentType === 'application/json') return 'JSON ' + document.querySelector('pre').innerText.match(/statusCode.:([0-9]+)|error.:.([a-z_]+)/).slice(1).join('');
        return t && t !== 'Elsewhere' ? t : ''";
    browser.until(ended).await
}

async fn attack(
    browser: &Browser,
    house: &House,
    elsewhere: &Elsewhere,
    fields: &Value,
    token: &str,
) -> Vec<String> {
    let ticket = "/api/v2/guardian/enrollments/tickets";
    let issued = house.ticket(asked("bob")).await;
    let of_bob = format!("{ticket}/{}", issued.ticket_id);
    let routes = [
        ("POST", urls::ENROLL, urls::ENROLL),
        ("POST", urls::OTP, urls::OTP),
        ("POST", urls::RECOVERY_CODE, urls::RECOVERY_CODE),
        (
            "POST",
            "/api/v2/guardian/enrollments/ticket",
            "/api/v2/guardian/enrollments/ticket",
        ),
        ("DELETE", "…/tickets/{id}", &of_bob),
        (
            "PUT",
            "/api/v2/guardian/factors/otp",
            "/api/v2/guardian/factors/otp",
        ),
        ("POST", "/oauth/token", "/oauth/token"),
    ];
    let before = state(house, token).await;
    let mut rows = Vec::new();
    for (way, page) in WAYS {
        rows.push(format!("== {way}"));
        for (method, name, path) in routes {
            let inputs: String = fields
                .as_object()
                .unwrap()
                .iter()
                .map(|(name, value)| format!("<input name={name} value={value}>"))
                .collect();
            // In the sandbox's attribute, quotes would end it.
            let inputs = inputs.replace('"', "");
            let page = page
                .replace("{to}", &house.url(path))
                .replace("{method}", method)
                .replace("{fields}", &inputs)
                .replace("{form}", &fields.to_string())
                .replace("{json}", &json!({ "user_id": "ada", "email": "m@evil.example", "enabled": false, "connection": "c" }).to_string());
            elsewhere.show("/trap", &page);
            let mut seen = Vec::new();
            for from in [elsewhere.url("/trap"), elsewhere.next_door("/trap")] {
                browser.goto(&from).await;
                seen.push(outcome(browser).await);
            }
            // From another site, then from next door, if that differs.
            seen.dedup();
            rows.push(format!("{method} {name}: {}", seen.join(" | ")));
        }
        assert_eq!(state(house, token).await, before, "{way}");
    }
    rows
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn nothing_that_another_site_sends_changes_anything() {
    let Some(browser) = Browser::start(Options::DESKTOP).await else {
        return;
    };
    let (house, elsewhere) = (House::start().await, Elsewhere::start().await);
    let token = house.admin_token().await;
    let link = house.link_for("ada").await;
    browser.goto(&link).await;
    let code = code(&browser, &house).await;
    let csrf = browser
        .attribute("input[name=csrf]", "value")
        .await
        .unwrap();
    let attempt = browser
        .attribute("input[name=attempt]", "value")
        .await
        .unwrap();
    // Even with everything that only our own page knows.
    let stolen = fields(&[("csrf", &csrf), ("attempt", &attempt), ("code", &code)]);
    let rows = attack(&browser, &house, &elsewhere, &stolen, &token).await;
    insta::assert_snapshot!("what-other-sites-reach", rows.join("\n"));

    browser.goto(&link).await;
    browser.type_into("#code", &code).await;
    browser.press(".go").await;
    assert!(
        !browser.text("#recovery").await.is_empty(),
        "our own form is taken"
    );
    assert_eq!(house.enrollments("ada").await, 1);
    browser.click("input[name=saved]").await;
    browser.press(".go").await;
    assert_eq!(
        browser.url().await,
        house.url(urls::DONE),
        "and the next one"
    );
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn a_link_on_another_site_works_when_a_person_clicks_it() {
    let Some(browser) = Browser::start(Options::DESKTOP).await else {
        return;
    };
    let (house, elsewhere) = (House::start().await, Elsewhere::start().await);
    let link = house.link_for("ada").await;
    for (nth, page) in [elsewhere.url("/mail"), elsewhere.next_door("/mail")]
        .iter()
        .enumerate()
    {
        elsewhere.show(
            "/mail",
            &format!(
                "<a id=link href='{link}'>Enroll</a><a id=page href='{}'>Go on</a>",
                house.url(urls::OTP)
            ),
        );
        browser.goto(page).await;
        browser.press("#link").await;
        assert_eq!(browser.url().await, house.url(urls::OTP), "{nth}");
        // The cookie comes along when the person comes back.
        browser.goto(page).await;
        browser.press("#page").await;
        assert!(
            browser.count("#code").await > 0,
            "{nth}: the same attempt goes on"
        );
    }
    let asked = elsewhere.asked();
    assert!(
        asked.iter().all(|head| !head.contains("ticket=")),
        "{asked:?}"
    );
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn a_strangers_attempt_never_takes_the_place_of_ones_own_unseen() {
    let Some(browser) = Browser::start(Options::DESKTOP).await else {
        return;
    };
    let (house, elsewhere) = (House::start().await, Elsewhere::start().await);
    let theirs = house.link_for("mallory").await;
    let planting = [
        (
            "a picture",
            format!("<img src='{theirs}' onerror=\"document.title = 'tried'\">"),
        ),
        (
            "a frame",
            format!("<iframe src='{theirs}' onload=\"document.title = 'tried'\"></iframe>"),
        ),
        (
            "a style sheet",
            format!("<link rel=stylesheet href='{theirs}' onerror=\"document.title = 'tried'\">"),
        ),
        (
            "a script",
            format!("<script src='{theirs}' onerror=\"document.title = 'tried'\"></script>"),
        ),
        (
            "a fetch",
            format!(
                "<script>fetch('{theirs}', {{mode: 'no-cors', credentials: 'include'}}).finally(() => document.title = 'tried')</script>"
            ),
        ),
    ];
    for (what, page) in planting {
        for from in ["another site", "next door"] {
            let own = asked(&format!("ada, {what}, {from}"));
            browser.goto(&house.link(&house.ticket(own).await)).await;
            let key = browser.text("#key").await;
            elsewhere.show("/plant", &page);
            let url = if from == "next door" {
                elsewhere.next_door("/plant")
            } else {
                elsewhere.url("/plant")
            };
            browser.goto(&url).await;
            browser
                .until("return document.title === 'tried' ? 'tried' : ''")
                .await;
            browser.goto(&house.url(urls::OTP)).await;
            assert_eq!(browser.text("#key").await, key, "{what} from {from}");
        }
    }
}

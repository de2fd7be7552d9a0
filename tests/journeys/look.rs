//! How pages look and what they weigh: the admin's colours, what goes over the wire, and time that passes on a page.

use std::io::Read as _;

use tessera::tickets::Asked;
use tessera::views::Polled;

use crate::support::browser::{Browser, Options};
use crate::support::house::{House, Setup, asked};

#[tokio::test]
async fn one_setting_colours_the_pages_in_both_schemes() {
    let setup = Setup::new().set("TESSERA_SITE__ACCENT", "#FFCC00");
    let house = setup.set("TESSERA_SITE__FAVICON", "mine.png").start().await;
    let get = async |path: &str| {
        let answer = reqwest::get(house.url(path)).await.unwrap();
        answer.text().await.unwrap()
    };
    let page = get("/guardian/enroll").await;
    assert!(page.contains("href=\"/static/site.css\""), "{page}");
    assert!(page.contains("<link rel=\"icon\" href=\"/static/mine.png\">"));
    let css = get("/static/site.css").await;
    let (light, dark) = css.split_once("prefers-color-scheme:dark").unwrap();
    assert!(
        light.contains("--accent:#ffcc00;--accent-ink:#000000"),
        "{css}"
    );
    assert!(light.contains("--strong:#"), "{css}");
    assert!(
        !light.contains("--strong:#ffcc00"),
        "yellow words on white: {css}"
    );
    assert!(dark.contains("--strong:#"), "{css}");
}

#[tokio::test]
async fn what_a_browser_keeps_goes_over_the_wire_small() {
    let house = House::start().await;
    let client = reqwest::Client::new();
    let get = async |encoding: &str| {
        let sheet = client.get(house.url("/static/look.css"));
        sheet
            .header("accept-encoding", encoding)
            .send()
            .await
            .unwrap()
    };
    let plain = get("identity").await;
    assert!(!plain.headers().contains_key("content-encoding"));
    assert_eq!(plain.headers()["vary"], "accept-encoding");
    let tag = plain.headers()["etag"].clone();
    let whole = plain.bytes().await.unwrap();
    let small = get("gzip").await;
    assert_eq!(small.headers()["content-encoding"], "gzip");
    assert_eq!(small.headers()["vary"], "accept-encoding");
    let told = small.headers()["content-length"].clone();
    let small = small.bytes().await.unwrap();
    assert_eq!(told, small.len().to_string());
    assert!(small.len() * 2 < whole.len(), "{} bytes", small.len());
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&*small)
        .read_to_end(&mut unpacked)
        .unwrap();
    assert_eq!(unpacked, whole);
    // What it has in one form it has in the other.
    for encoding in ["identity", "gzip"] {
        let again = client.get(house.url("/static/look.css"));
        let again = again.header("if-none-match", &tag);
        let again = again.header("accept-encoding", encoding);
        let again = again.send().await.unwrap();
        assert_eq!(again.status(), 304);
        assert_eq!(again.headers()["etag"], tag);
        assert_eq!(again.headers()["vary"], "accept-encoding");
        assert!(!again.headers().contains_key("content-encoding"));
    }
    let head = client.head(house.url("/static/look.css"));
    let head = head.header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(head.headers()["content-encoding"], "gzip");
    assert_eq!(head.headers()["content-length"], told);
    for (encoding, packs) in [
        ("gzip, deflate, br, zstd", true),
        ("br;q=1.0, gzip;q=0.8, *;q=0.1", true),
        ("gzip, *;q=0", true),
        ("", false),
        ("br", false),
        ("gzip;q=0", false),
        ("gzip;q=0, *", false),
        ("identity, gzip;q=0.5", false),
        ("identity;q=0", false),
        ("gzip;q=much", false),
    ] {
        let answer = get(encoding).await;
        assert_eq!(answer.status(), 200, "{encoding}");
        let packed = answer.headers().contains_key("content-encoding");
        assert_eq!(packed, packs, "{encoding}");
    }
}

#[tokio::test]
async fn what_is_packed_already_goes_over_the_wire_as_it_is() {
    let house = House::start().await;
    let folder = house.dir.path().join("static");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("tiny.css"), "a{}").unwrap();
    while house.app.views.poll_once().await != Polled::Swapped {}
    let client = reqwest::Client::new();
    for (file, varies) in [("icon-512.png", false), ("tiny.css", true)] {
        let answer = client.get(house.url(&format!("/static/{file}")));
        let answer = answer.header("accept-encoding", "gzip").send().await;
        let headers = answer.unwrap().headers().clone();
        assert!(!headers.contains_key("content-encoding"), "{file}");
        assert_eq!(headers.contains_key("vary"), varies, "{file}");
    }
}

#[tokio::test]
#[ignore = "needs Chromium: bash tests/run.sh"]
async fn the_wait_for_another_code_counts_down_and_ends() {
    let Some(browser) = Browser::start(Options::PHONE).await else {
        return;
    };
    let house = Setup::new().texting().start().await;
    let asked = Asked {
        factor: vec!["phone".to_owned()],
        ..asked("auth0|ada")
    };
    let issued = house.ticket(asked).await;
    browser.goto(&house.link(&issued)).await;
    browser
        .execute("document.querySelector('#country').value = 'DE'")
        .await;
    browser.type_into("#number", "0151 23456789").await;
    browser.leads_on(browser.click("main form .go")).await;
    let counting =
        "return document.querySelector('#wait')?.textContent.match(/code in 0:\\d\\d/)?.[0]";
    browser.until(counting).await;
    browser
        .execute("const now = Date.now; Date.now = () => now() + 60_000")
        .await;
    let over = "You can ask for another code now.";
    let told = browser
        .until("return document.querySelector('[data-said]').textContent")
        .await;
    assert_eq!(told, over);
    assert_eq!(browser.text("#wait").await, over);
}

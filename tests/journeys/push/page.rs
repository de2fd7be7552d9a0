//! The phone's page, and how it asks what there is to answer.

use serde_json::{Value, json};

use super::enroll;
use super::phone::Phone;
use crate::support::house::House;
use crate::support::visitor::Visitor;

#[tokio::test]
async fn a_phone_asks_in_its_own_name_and_time() {
    let house = House::start().await;
    let phone = enroll(&house, "ada").await;
    let now = house.app.now().millis();
    for (time, status) in [
        (now, "confirmed"),
        (now - 60_000, "confirmed"),
        (now + 60_000, "confirmed"),
        (now - 60_001, "refused"),
        (now + 60_001, "refused"),
        (i64::MIN, "refused"),
    ] {
        assert_eq!(phone.look_at(time).await["status"], status, "{time}");
    }
    let mut foreign = Phone::of(&house);
    foreign.enrollment_id.clone_from(&phone.enrollment_id);
    assert_eq!(foreign.look(&house).await["status"], "refused");
    foreign.enrollment_id = format!("dev_{}", "0".repeat(32));
    assert_eq!(foreign.look(&house).await["status"], "gone");
    for body in [
        json!({}),
        json!({ "accounts": "x" }),
        json!({ "accounts": [{}] }),
    ] {
        let (status, told) = phone.post("pending", &body).await;
        let is_fine = body == json!({}) && status == 400;
        assert!(is_fine || status == 400, "{status} {told}");
    }
    let many: Vec<Value> = (0..17)
        .map(|_| json!({ "enrollment_id": phone.enrollment_id, "time": now, "signature": "" }))
        .collect();
    assert_eq!(
        phone.post("pending", &json!({ "accounts": many })).await.0,
        400
    );
}

#[tokio::test]
async fn the_phones_page_can_be_installed_and_its_worker_reaches_it() {
    let house = House::start().await;
    let page = Visitor::at(&house.url("/authenticator")).await;
    assert_eq!(page.status, 200);
    let manifest = Visitor::at(&house.url("/authenticator/manifest.webmanifest")).await;
    let told: Value = serde_json::from_str(&manifest.html).unwrap();
    assert_eq!(told["start_url"], "/authenticator");
    let mut shown = Vec::new();
    for icon in told["icons"].as_array().unwrap() {
        let got = reqwest::get(house.url(icon["src"].as_str().unwrap()));
        let got = got.await.unwrap();
        assert_eq!(
            got.headers()["content-type"],
            *icon["type"].as_str().unwrap()
        );
        let bytes = got.bytes().await.unwrap();
        assert!(bytes.len() < 8 * 1024, "{icon}: {} bytes", bytes.len());
        if icon["type"] == "image/png" {
            // The header of a PNG: its width and height.
            let edge = |from: usize| u32::from_be_bytes(bytes[from..from + 4].try_into().unwrap());
            let size = format!("{}x{}", edge(16), edge(20));
            assert_eq!(icon["sizes"], size);
            shown.push((size, icon["purpose"].as_str().unwrap().to_owned()));
        }
    }
    let wanted = [
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    ];
    assert_eq!(
        shown,
        wanted.map(|(size, purpose)| (size.to_owned(), purpose.to_owned()))
    );
    let worker = Visitor::at(&house.url("/authenticator/sw.js")).await;
    assert_eq!(worker.headers["service-worker-allowed"], "/authenticator");
    assert_eq!(
        worker.headers["content-type"],
        "text/javascript; charset=utf-8"
    );
}

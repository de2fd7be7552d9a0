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
    let worker = Visitor::at(&house.url("/authenticator/sw.js")).await;
    assert_eq!(worker.headers["service-worker-allowed"], "/authenticator");
    assert_eq!(
        worker.headers["content-type"],
        "text/javascript; charset=utf-8"
    );
}

//! An operator watches the server, and stops it.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::place::{Place, Server};
use crate::settings::PRODUCTION;

/// Where the listener is that the log tells of so.
fn listener(server: &Server, message: &str) -> String {
    let told = server
        .log
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .find(|told| told["message"] == message);
    format!("http://{}", told.unwrap()["address"].as_str().unwrap())
}

fn admin(server: &Server) -> String {
    listener(server, "listening for metrics")
}

async fn status(url: &str) -> u16 {
    reqwest::get(url).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn metrics_have_a_listener_of_their_own() {
    let place = Place::new().with("TESSERA_HTTP__ADMIN_LISTEN", "127.0.0.1:0");
    place.write("tessera.toml", PRODUCTION);
    let server = place.serve();
    let admin = admin(&server);
    for path in ["/metrics", "/healthz", "/readyz"] {
        assert_eq!(status(&format!("{admin}{path}")).await, 200, "{path}");
    }
    assert_eq!(status(&format!("{admin}/openapi.json")).await, 404);
    assert_eq!(status(&server.url("/openapi.json")).await, 200);
    assert_eq!(status(&server.url("/metrics")).await, 404);
    for path in ["/preview", "/preview/", "/preview/gallery.js"] {
        assert_eq!(status(&server.url(path)).await, 404, "{path}");
    }
    let metrics = reqwest::get(format!("{admin}/metrics")).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(
        metrics.contains("route=\"/openapi.json\",status=\"2xx\"} 1"),
        "{metrics}"
    );
}

#[tokio::test]
async fn back_ends_have_a_door_of_their_own_and_come_from_known_networks() {
    let place = Place::new()
        .with("TESSERA_HTTP__API_LISTEN", "127.0.0.1:0")
        .with("TESSERA_HTTP__API_NETWORKS", "[\"127.0.0.0/8\"]");
    let server = place.serve();
    let api = listener(&server, "listening for the management API");
    let ran = place.run(&["token", "--json"]);
    let told: Value = serde_json::from_str(&ran.out).unwrap();
    let client = reqwest::Client::new();
    let call = async |base: &str| {
        let request = client.get(format!("{base}/api/v2/users"));
        let token = told["access_token"].as_str().unwrap();
        let answer = request.bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(call(&api).await.0, 200);
    assert_eq!(call(&server.url("")).await.0, 404, "not beside the pages");
    assert_eq!(status(&server.url("/guardian/enroll")).await, 401);
    assert_eq!(status(&format!("{api}/guardian/enroll")).await, 404);
    for base in [&api, &server.url("")] {
        assert_eq!(status(&format!("{base}/.well-known/jwks.json")).await, 200);
    }

    // The same token, stolen, from somewhere else.
    let place = place.with("TESSERA_HTTP__API_NETWORKS", "[\"10.0.0.0/8\"]");
    drop(server);
    let server = place.serve();
    let api = listener(&server, "listening for the management API");
    let (status, told) = call(&api).await;
    assert_eq!(status, 403);
    assert!(told.contains("address_not_allowed"), "{told}");
    let nobody = client.get(format!("{api}/api/v2/users")).send();
    assert_eq!(
        nobody.await.unwrap().status(),
        401,
        "who is nobody is told nothing"
    );
}

#[tokio::test]
async fn development_shows_them_beside_its_pages() {
    let server = Place::new().serve();
    assert_eq!(status(&server.url("/metrics")).await, 200);
    for path in [
        "/preview",
        "/preview/",
        "/preview/show/de/screens/otp/fresh.html",
    ] {
        assert_eq!(status(&server.url(path)).await, 200, "{path}");
    }
    assert!(!server.log.contains("listening for metrics"));
}

#[test]
fn a_taken_admin_port_is_told_with_its_key() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = format!("http.admin_listen={}", taken.local_addr().unwrap());
    let ran = Place::new().run(&["--set", "http.listen=127.0.0.1:0", "--set", &listen]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(ran.err.contains("[http] admin_listen"), "{}", ran.err);
}

#[tokio::test]
async fn who_is_told_to_stop_says_so_before_it_closes_the_door() {
    let place = Place::new().with("TESSERA_HTTP__ADMIN_LISTEN", "127.0.0.1:0");
    let server = place.serve();
    let (ready, admin) = (server.url("/readyz"), admin(&server));
    let client = reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap();
    let ask = async |url: &str| {
        client
            .get(url)
            .send()
            .await
            .map(|told| told.status().as_u16())
    };
    assert_eq!(ask(&ready).await.unwrap(), 200);

    server.tell("TERM");
    let told = Instant::now();
    let mut unready = None;
    // Requests keep coming, and so does the answer that they should go elsewhere; then the door is closed.
    while let Ok(status) = ask(&ready).await {
        if status == 503 {
            unready.get_or_insert_with(|| told.elapsed());
        }
        assert!(told.elapsed() < Duration::from_secs(28), "it does not stop");
    }
    let closed = told.elapsed();
    println!("unready {unready:?} and closed {closed:?} after the signal");
    assert!(
        unready.is_some_and(|after| after < Duration::from_secs(1)),
        "{unready:?}"
    );
    assert!(
        closed > Duration::from_secs(4),
        "{closed:?}: no balancer would have noticed"
    );
    let at_the_end = ask(&format!("{admin}/readyz")).await;
    assert!(at_the_end.is_err() || at_the_end.is_ok_and(|status| status == 503));
    let ran = server.ended();
    assert_eq!(ran.status.code(), Some(0), "{}{}", ran.out, ran.err);
}

#[tokio::test]
async fn who_is_told_twice_stops_at_once() {
    let place = Place::new();
    let mut server = place.serve();
    // A request that would be waited for.
    let mut slow = TcpStream::connect(server.address()).unwrap();
    let head = "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n";
    slow.write_all(head.as_bytes()).unwrap();
    assert_eq!(status(&server.url("/healthz")).await, 200);
    server.tell("TERM");
    server.wait_for("stopping");
    server.tell("TERM");
    let told = Instant::now();
    let ran = server.ended();
    let took = told.elapsed();
    println!("ended {took:?} after the second signal");
    assert_eq!(ran.status.code(), Some(1), "{}", ran.out);
    assert!(ran.err.contains("cut short"), "{}", ran.err);
    assert!(took < Duration::from_secs(5), "{took:?}");
    place.ok(&["ticket", "list"]);
}

//! What every answer carries, whatever was asked: headers, limits, refusals.

use reqwest::header::{HeaderMap, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};

use crate::support::house::{House, Setup};

fn client() -> Client {
    Client::builder().redirect(Policy::none()).build().unwrap()
}

/// Every kind of answer to a GET: pages, redirects, errors, files, the API.
const PATHS: &[&str] = &[
    "/guardian/enroll",
    "/guardian/enroll?ticket=x",
    "/guardian/enroll/choose",
    "/guardian/enroll/otp",
    "/guardian/enroll/recovery-code",
    "/guardian/enroll/recovery-code/download",
    "/guardian/enroll/done",
    "/guardian/nothing",
    "/nothing",
    "/",
    "/healthz",
    "/readyz",
    "/static/look.css",
    "/static/copy.js",
    "/static/favicon.svg",
    "/static/site.css",
    "/static/nothing.css",
    "/static/",
    "/static",
    "/static/look.css?v=1&v=2",
    "/api/v2/nothing",
    "/api/v2/guardian/enrollments/dev_x",
    "/api/v2/guardian/enrollments/tickets",
    "/api/v2/guardian/enrollments/ticket",
    "/api/v2/users/auth0%7Cada?fields=%ff",
    "/oauth/nothing",
    "/oauth/token",
    "/oauth/par",
    "/openapi.json",
    "/.well-known/jwks.json",
    "/.well-known/openid-configuration",
];

/// What is the same for everybody, and may be kept.
const PUBLIC: &[&str] = &["/static/", "/openapi.json", "/.well-known/"];

fn get<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

fn assert_armoured(what: &str, headers: &HeaderMap) {
    let csp = get(headers, "content-security-policy");
    for part in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
        "form-action 'self'",
    ] {
        assert!(csp.contains(part), "{what}: {csp}");
    }
    assert!(
        !csp.contains("unsafe") && !csp.contains('*'),
        "{what}: {csp}"
    );
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(get(headers, name), value, "{what}: {name}");
    }
    assert!(
        get(headers, "permissions-policy").contains("camera=()"),
        "{what}"
    );
    assert!(get(headers, "x-request-id").starts_with("req_"), "{what}");
    let referrer = get(headers, "referrer-policy");
    assert!(
        ["same-origin", "no-referrer"].contains(&referrer),
        "{what}: {referrer}"
    );
    for name in [
        "server",
        "x-powered-by",
        "via",
        "access-control-allow-origin",
    ] {
        assert!(!headers.contains_key(name), "{what}: {name}");
    }
}

#[tokio::test]
async fn every_answer_is_armoured_and_none_says_what_it_is_made_of() {
    let house = House::start().await;
    let link = house.link_for("auth0|ada").await;
    let entered = client().get(&link).send().await.unwrap();
    let cookie = get(entered.headers(), "set-cookie")
        .split(';')
        .next()
        .unwrap();
    for cookie in ["", cookie] {
        for path in PATHS {
            for method in [
                "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "OPTIONS", "BREW",
            ] {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let what = format!("{method} {path}");
                let request = client().request(method, house.url(path));
                let request = request.header("cookie", cookie);
                let request = request.header("origin", "https://evil.example");
                let request = request.header("if-none-match", "no tag");
                let answer = request.send().await.unwrap();
                assert!(!answer.status().is_server_error(), "{what}");
                assert_armoured(&what, answer.headers());
                let cache = get(answer.headers(), "cache-control").to_owned();
                let is_file = PUBLIC.iter().any(|public| path.starts_with(public));
                let is_file = is_file && answer.status().is_success();
                let cached = cache.contains("public");
                assert!(
                    cached == is_file && (cached || cache.contains("no-store")),
                    "{what}: {cache}"
                );
                assert_silent(&what, answer).await;
            }
        }
    }
}

/// Names of the stack, of places in the source, of tables, of the engine of templates.
async fn assert_silent(what: &str, answer: Response) {
    let body = answer.text().await.unwrap().to_lowercase();
    for word in [
        "actix",
        "rust",
        "sqlx",
        "sqlite",
        "postgres",
        "tera ",
        "serde",
        "panicked",
        ".rs:",
        env!("CARGO_PKG_VERSION"),
        "deserialize",
        "/src/",
    ] {
        // Who stores a page by the API must know what it is written in.
        let is_meant = word == "tera " && what == "GET /openapi.json";
        let told = body.contains(word) && !is_meant;
        assert!(!told, "{what} tells of {word}: {body}");
    }
}

#[tokio::test]
async fn on_https_cookies_are_bound_to_the_host_and_browsers_to_tls() {
    let setup = Setup::new()
        .set("TESSERA_PUBLIC_URL", "https://mfa.example.com")
        .set("TESSERA_SITE__NAME", "Example Bank")
        .set("TESSERA_MAIL__URL", "smtp://localhost:1");
    let house = setup.start().await;
    let link = house.link_for("auth0|ada").await;
    assert!(link.starts_with("https://mfa.example.com/guardian/enroll?ticket="));
    let path = link.strip_prefix("https://mfa.example.com").unwrap();
    let entered = client().get(house.url(path)).send().await.unwrap();
    assert_eq!(entered.status(), 303);
    let cookie = get(entered.headers(), SET_COOKIE.as_str()).to_owned();
    assert!(cookie.starts_with("__Host-tessera_attempt="), "{cookie}");
    for part in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Domain") && cookie.len() <= 4096);
    for path in PATHS {
        let answer = client().get(house.url(path)).send().await.unwrap();
        let hsts = get(answer.headers(), "strict-transport-security");
        let age = hsts
            .strip_prefix("max-age=")
            .and_then(|age| age.split(';').next());
        assert!(
            age.unwrap().parse::<u64>().unwrap() >= 31_536_000,
            "{path}: {hsts}"
        );
        assert_armoured(path, answer.headers());
    }
    let switch = client().get(house.url("/guardian/nothing?lang=de")).send();
    let switch = switch.await.unwrap();
    let language = get(switch.headers(), SET_COOKIE.as_str());
    assert!(
        language.starts_with("__Host-tessera_language=de; "),
        "{language}"
    );
    assert!(language.contains("; Secure"));
    let origin = async |origin: &str| {
        let cookie = cookie.split(';').next().unwrap();
        let post = client()
            .post(house.url("/guardian/enroll/otp"))
            .form(&[("code", "1")]);
        let post = post.header("cookie", cookie).header("origin", origin);
        post.send().await.unwrap().status().as_u16()
    };
    for foreign in [
        house.url("").as_str(),
        "http://mfa.example.com",
        "null",
        "https://mfa.example.com.evil.example",
        "https://mfa.example.com:444",
    ] {
        assert_eq!(origin(foreign).await, 403, "{foreign}");
    }
}

#[tokio::test]
async fn cookies_open_no_api_and_tokens_open_no_page() {
    let house = House::start().await;
    let entered = client().get(house.link_for("auth0|ada").await).send().await;
    let entered = entered.unwrap();
    let cookie = get(entered.headers(), "set-cookie");
    let cookie = cookie.split(';').next().unwrap();
    let api = house.url("/api/v2/users/auth0%7Cada/enrollments");
    let answer = client().get(&api).header("cookie", cookie).send().await;
    assert_eq!(answer.unwrap().status(), 401);
    let token = house.admin_token().await;
    let answer = client().get(&api).bearer_auth(&token).send().await;
    assert_eq!(answer.unwrap().status(), 200);
    let page = client().get(house.url("/guardian/enroll/otp"));
    let page = page.bearer_auth(&token).send().await.unwrap();
    assert_eq!(page.status(), 401);
    assert!(
        page.text()
            .await
            .unwrap()
            .contains("Open the link in your mail again")
    );
}

#[tokio::test]
async fn head_says_what_get_says() {
    let house = House::start().await;
    for path in PATHS {
        let mut told = Vec::new();
        for method in [Method::GET, Method::HEAD] {
            let answer = client()
                .request(method, house.url(path))
                .send()
                .await
                .unwrap();
            let status = answer.status();
            let mut headers: Vec<(String, String)> = answer
                .headers()
                .iter()
                .filter(|(name, _)| {
                    !["date", "x-request-id", "set-cookie"].contains(&name.as_str())
                })
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect();
            headers.sort();
            told.push((status, headers));
        }
        assert_eq!(told[0], told[1], "{path}");
    }
}

#[tokio::test]
async fn methods_encodings_types_and_sizes_that_no_form_has_are_refused() {
    let house = House::start().await;
    let link = house.link_for("auth0|ada").await;
    let entered = client().get(&link).send().await.unwrap();
    let cookie = get(entered.headers(), "set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let otp = house.url("/guardian/enroll/otp");
    for method in ["PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "CONNECTED"] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let answer = client()
            .request(method.clone(), &otp)
            .header("cookie", &cookie)
            .send();
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), 405, "{method}");
        assert_eq!(get(answer.headers(), "allow"), "GET, HEAD, POST");
    }
    let post = async |headers: &[(&str, &str)], body: String| {
        let mut post = client().post(&otp).header("cookie", &cookie).body(body);
        for (name, value) in headers {
            post = post.header(*name, *value);
        }
        post.send().await.unwrap().status().as_u16()
    };
    let form = ("content-type", "application/x-www-form-urlencoded");
    for encoding in ["gzip", "deflate", "br", "identity", "x"] {
        assert_eq!(
            post(&[form, ("content-encoding", encoding)], "code=1".into()).await,
            415
        );
    }
    for kind in [
        "application/json",
        "text/plain",
        "multipart/form-data; boundary=x",
        "",
        "application/xml",
    ] {
        assert_eq!(
            post(&[("content-type", kind)], "code=1".into()).await,
            415,
            "{kind}"
        );
    }
    let of = |size: usize| format!("code={}", "1".repeat(size - 5));
    assert_eq!(
        post(&[form], of(16 * 1024)).await,
        403,
        "read, and found without its token"
    );
    assert_eq!(post(&[form], of(16 * 1024 + 1)).await, 413);
    assert_eq!(post(&[form], of(1024 * 1024)).await, 413);
    let long = house.url(&format!("/guardian/enroll?ticket={}", "a".repeat(5000)));
    assert_eq!(client().get(long).send().await.unwrap().status(), 400);
}

//! The phone's page is closed: it is called through a push service, which reads nothing of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use tessera::factors::push::prompts::open_device;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint as _;
use web_push_native::{Auth, decrypt, p256};

use super::phone::Phone;
use super::prompts::ask;
use super::{PAGE, at_the_code, number};
use crate::support::house::{House, Setup};

/// What was posted: the path, the headers and the body.
type Posted = (String, Vec<(String, String)>, Vec<u8>);

/// A push service on this machine, that answers what it is told to.
#[derive(Clone)]
struct Service {
    port: u16,
    answers: Arc<Mutex<u16>>,
    posted: Arc<Mutex<Vec<Posted>>>,
}

impl Service {
    fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let service = Self {
            port: listener.local_addr().unwrap().port(),
            answers: Arc::new(Mutex::new(201)),
            posted: Arc::default(),
        };
        let shared = Data::new(service.clone());
        std::thread::spawn(move || {
            let app = move || {
                App::new()
                    .app_data(shared.clone())
                    .default_service(web::to(take))
            };
            let server = HttpServer::new(app).workers(1).listen(listener).unwrap();
            actix_web::rt::System::new().block_on(server.run()).unwrap();
        });
        service
    }

    fn answer(&self, status: u16) {
        *self.answers.lock().unwrap() = status;
    }

    fn posted(&self) -> Vec<Posted> {
        std::mem::take(&mut self.posted.lock().unwrap())
    }

    fn endpoint(&self) -> String {
        format!("http://localhost:{}/send/abc", self.port)
    }
}

async fn take(service: Data<Service>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let headers = request.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let posted = (request.path().to_owned(), headers.collect(), body.to_vec());
    service.posted.lock().unwrap().push(posted);
    let status = *service.answers.lock().unwrap();
    HttpResponse::build(status.try_into().unwrap())
        .insert_header((
            "location",
            format!("http://127.0.0.1:{}/elsewhere", service.port),
        ))
        .finish()
}

/// The keys of a browser's subscription.
pub struct Keys {
    secret: p256::SecretKey,
    auth: [u8; 16],
}

impl Keys {
    pub fn new() -> Self {
        Self {
            secret: p256::SecretKey::from_slice(&[7; 32]).unwrap(),
            auth: [9; 16],
        }
    }

    pub fn subscription(&self, endpoint: &str) -> Value {
        let public = self.secret.public_key().to_encoded_point(false);
        json!({
            "endpoint": endpoint,
            "p256dh": BASE64URL_NOPAD.encode(public.as_bytes()),
            "auth": BASE64URL_NOPAD.encode(&self.auth),
        })
    }

    fn read(&self, body: Vec<u8>) -> Value {
        let read = decrypt(body, &self.secret, &Auth::from(self.auth)).unwrap();
        serde_json::from_slice(&read).unwrap()
    }
}

fn header<'a>(posted: &'a Posted, name: &str) -> &'a str {
    let found = posted.1.iter().find(|(own, _)| own == name);
    found.map_or("", |(_, value)| value)
}

async fn house() -> House {
    let setup = Setup::new().set(
        "TESSERA_PUSH__ALLOWED_HOSTS",
        "localhost,fcm.googleapis.com",
    );
    setup.start().await
}

/// A phone of Ada's that can be called at this service.
async fn enroll(house: &House, service: &Service) -> Phone {
    let (mut ada, code) = at_the_code(house, "ada").await;
    let mut phone = Phone::of(house);
    let subscription = Keys::new().subscription(&service.endpoint());
    let (status, told) = phone.pair_with(&code, Some(subscription)).await;
    assert_eq!(status, 200, "{told}");
    let number = number(house, &mut ada).await;
    phone.answer(house, "approve", &number).await;
    ada.open(&house.url(PAGE)).await;
    ada.submit("form.sheet", &[]).await;
    assert_eq!(house.enrollments("ada").await, 1);
    phone
}

/// Whether the phone's enrollment knows how to call it.
async fn can_be_called(house: &House, phone: &Phone) -> bool {
    let mut read = house.app.store.begin_read().await.unwrap();
    let id = phone.enrollment_id.parse().unwrap();
    let found = read.enrollment(&id).await.unwrap().unwrap();
    let sealer = &house.app.sealer;
    let device = open_device(&found.user_id, &id, &found.material_sealed, sealer);
    device.unwrap().subscription.is_some()
}

/// How many calls became what.
fn counted(house: &House) -> Vec<String> {
    let all = house.app.metrics.gather();
    let calls = all
        .iter()
        .find(|family| family.name() == "tessera_push_calls_total");
    let metrics = calls.unwrap().get_metric().iter();
    let told = metrics.map(|metric| {
        let result = metric.get_label()[0].value();
        format!("{result} {}", metric.get_counter().get_value())
    });
    told.collect()
}

#[tokio::test]
async fn a_closed_page_is_called_and_the_service_reads_nothing() {
    let (house, service) = (house().await, Service::start());
    let phone = enroll(&house, &service).await;
    assert_eq!(house.call().await, 1);
    let calls = service.posted();
    let [call] = &calls[..] else {
        panic!("{} calls", calls.len());
    };
    assert_eq!(call.0, "/send/abc");
    assert_eq!(header(call, "ttl"), "600");
    assert_eq!(header(call, "content-encoding"), "aes128gcm");
    let told = Keys::new().read(call.2.clone());
    assert_eq!(told["title"], "Tessera");
    assert_eq!(told["text"], "Somebody wants to sign in. Open to answer.");
    assert!(!call.2.windows(6).any(|bytes| bytes == b"signed"));

    // The token is for this service, of our key, and good for an hour.
    let (token, key) = header(call, "authorization")
        .strip_prefix("vapid t=")
        .and_then(|rest| rest.split_once(", k="))
        .unwrap();
    let page = crate::support::visitor::Visitor::at(&house.url("/authenticator")).await;
    assert!(page.html.contains(&format!("data-push-key=\"{key}\"")));
    let parts: Vec<&str> = token.split('.').collect();
    let decode = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).unwrap();
    let claims: Value = serde_json::from_slice(&decode(parts[1])).unwrap();
    let now = house.app.now().seconds();
    let expected = json!({
        "aud": format!("http://localhost:{}", service.port), "exp": now + 3600,
        "sub": "mailto:help@example.com",
    });
    assert_eq!(claims, expected);
    let signed = aws_lc_rs::signature::UnparsedPublicKey::new(
        &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED,
        decode(key),
    );
    let text = format!("{}.{}", parts[0], parts[1]);
    signed.verify(text.as_bytes(), &decode(parts[2])).unwrap();

    ask(&house, &phone, "log_1").await.unwrap();
    assert_eq!(house.call().await, 1);
    assert_eq!(service.posted().len(), 1);
    let told = house.events_of("ada").await;
    assert_eq!(told.iter().filter(|kind| *kind == "push.sent").count(), 2);
}

#[tokio::test]
async fn a_service_that_is_away_is_tried_again_and_one_that_knows_nobody_is_forgotten() {
    let (house, service) = (house().await, Service::start());
    let phone = enroll(&house, &service).await;
    service.answer(503);
    for (wait, calls) in [(0, 1), (2, 0), (1, 1), (8, 0), (1, 1), (600, 0)] {
        house.clock.advance(Duration::from_secs(wait));
        assert_eq!(house.call().await, calls, "after {wait}");
    }
    assert_eq!(service.posted().len(), 3);
    assert!(can_be_called(&house, &phone).await);
    // Not followed.
    service.answer(307);
    ask(&house, &phone, "log_1").await.unwrap();
    assert_eq!(house.call().await, 1);
    let calls: Vec<String> = service.posted().into_iter().map(|call| call.0).collect();
    assert_eq!(calls, ["/send/abc"]);
    service.answer(410);
    ask(&house, &phone, "log_2").await.unwrap();
    assert_eq!(house.call().await, 1);
    assert!(!can_be_called(&house, &phone).await);
    ask(&house, &phone, "log_3").await.unwrap();
    assert_eq!(house.call().await, 0, "it is asked while its page is open");
    let calls = ["deferred 2", "dropped 1", "failed 2", "sent 0"];
    assert_eq!(counted(&house), calls);
    assert_eq!(
        phone.look(&house).await["prompts"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    // A prompt that is over calls nobody.
    let told = house.events_of("ada").await;
    for (kind, count) in [
        ("push.deferred", 2),
        ("push.failed", 2),
        ("push.dropped", 1),
    ] {
        assert_eq!(
            told.iter().filter(|told| *told == kind).count(),
            count,
            "{told:?}"
        );
    }
}

#[tokio::test]
async fn no_other_host_is_ever_called() {
    let (house, service) = (house().await, Service::start());
    let (_, code) = at_the_code(&house, "ada").await;
    let mut phone = Phone::of(&house);
    let port = service.port;
    for endpoint in [
        format!("http://127.0.0.1:{port}/x"),
        format!("http://[::1]:{port}/x"),
        format!("http://0x7f000001:{port}/x"),
        format!("http://localhost.evil.example:{port}/x"),
        format!("http://user@localhost:{port}/x"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "http://fcm.googleapis.com/x".to_owned(),
        "https://fcm.googleapis.com:8443/x".to_owned(),
        "https://evil.example/fcm.googleapis.com".to_owned(),
        "file:///etc/passwd".to_owned(),
        String::new(),
    ] {
        let subscription = Keys::new().subscription(&endpoint);
        let (status, told) = phone.pair_with(&code, Some(subscription)).await;
        assert_eq!(status, 400, "{endpoint}: {told}");
    }
    for (field, value) in [
        ("p256dh", "AAAA"),
        ("auth", "AAAA"),
        ("auth", "!"),
        ("more", "x"),
    ] {
        let mut subscription = Keys::new().subscription(&service.endpoint());
        subscription[field] = json!(value);
        let (status, _) = phone.pair_with(&code, Some(subscription)).await;
        assert_eq!(status, 400, "{field}");
    }
    assert!(service.posted().is_empty());
}

//! The page that makes a phone's browser an authenticator, and what its script says to the server. Nobody is signed in
//! here: the phone proves itself by its key.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, USER_AGENT};
use actix_web::middleware::from_fn;
use actix_web::{HttpRequest, HttpResponse, Route, web};
use serde::Deserialize;
use serde_json::{Value, json};

use super::frame::{FormError, Page, Screen, Stub};
use super::language::Speech;
use super::session::{self, remember_language};
use crate::access::{LinkGuard, vapid};
use crate::core::ids::is_bidi_control;
use crate::core::webpush::{PushHosts, Subscription};
use crate::core::{
    ChallengeId, EnrollmentId, Error, PairingCode, Refusal, Result, TicketId, Timestamp, urls,
};
use crate::factors::push::exchange::{self, Answered, Given, Paired, Pairing, Question};
use crate::factors::push::{Answer, Decision, Device, LONGEST_NAME, is_point};
use crate::store::Challenge;
use crate::web::body::Body;
use crate::web::resource::{get as http_get, resource};
use crate::web::{App, Fields, Seen, faces};

const MANIFEST: &str = "/authenticator/manifest.webmanifest";
const WORKER: &str = "/authenticator/sw.js";
const PAIR: &str = "/authenticator/pair";
const PENDING: &str = "/authenticator/pending";
const ANSWER: &str = "/authenticator/answer";
/// A phone with more accounts asks for them by turns.
const MOST_ACCOUNTS: usize = 16;
const LONGEST_USER_AGENT: usize = 256;
const SERVICE_WORKER_ALLOWED: HeaderName = HeaderName::from_static("service-worker-allowed");

/// The screen: all of its states, of which the script shows one.
#[derive(serde::Serialize)]
pub struct Authenticator {
    /// The server's public key, for subscriptions; none when nothing is sent.
    push_key: Option<String>,
}

impl Screen for Authenticator {
    const NAME: &'static str = "authenticator";
    const ACTION: &'static str = "";

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        let key = "BLn9b-VR0ca83knDNZ32dCHGyjJp-1riX9ZTN40MqV8K_LpQmLqxC_DoHvqvFXO_nGdAB4W9dogZb_sM-uV4JbY";
        let push_key = Some(key.to_owned());
        vec![
            ("stranger", Self { push_key }, Vec::new()),
            (
                "stranger-without-calls",
                Self { push_key: None },
                Vec::new(),
            ),
        ]
    }
}

/// Registers the page, what belongs to it, and what its script posts to.
pub fn configure(config: &mut web::ServiceConfig) {
    let posted = |path: &str, route: Route| {
        resource(path, "POST")
            .route(route)
            .wrap(from_fn(faces::json))
    };
    config
        .service(resource(urls::AUTHENTICATOR, "GET, HEAD").route(http_get().to(get)))
        .service(resource(MANIFEST, "GET, HEAD").route(http_get().to(manifest)))
        .service(resource(WORKER, "GET, HEAD").route(http_get().to(worker)))
        .service(posted(PAIR, web::post().to(pair)))
        .service(posted(PENDING, web::post().to(pending)))
        .service(posted(ANSWER, web::post().to(answer)));
}

/// `GET /authenticator`
///
/// # Errors
/// Of the database or the template.
pub async fn get(request: HttpRequest, seen: Seen) -> Result<HttpResponse> {
    let app = session::app(&request)?;
    let speech = Speech::of(&request, &app, &[]);
    let sends = !app.push.hosts.as_slice().is_empty();
    let screen = Authenticator {
        push_key: vapid::public_key(&app.store).await?.filter(|_| sends),
    };
    let page = Page {
        app: &app,
        speech: &speech,
        stub: None,
        form: ("", ""),
        application: None,
        request_id: seen.id.as_str(),
    };
    let mut response = page.render(StatusCode::OK, &screen, &[])?;
    remember_language(&speech, &app, &mut response);
    Ok(response)
}

/// `GET /authenticator/manifest.webmanifest`: what makes the page installable.
pub async fn manifest(app: web::Data<App>) -> HttpResponse {
    let name = app.site.name();
    // Phones install with a picture of pixels; one of them may be cut to any shape.
    let icons = [
        ("icon-192.png", "192x192", "image/png", "any"),
        ("icon-512.png", "512x512", "image/png", "any"),
        ("icon-maskable-512.png", "512x512", "image/png", "maskable"),
        ("favicon.svg", "any", "image/svg+xml", "any"),
    ];
    let icons = icons.map(|(file, sizes, mime, purpose)| {
        json!({ "src": format!("{}/{file}", urls::STATIC), "sizes": sizes, "type": mime, "purpose": purpose })
    });
    let manifest = json!({
        "id": urls::AUTHENTICATOR,
        "name": name,
        "short_name": name,
        "start_url": urls::AUTHENTICATOR,
        "scope": urls::AUTHENTICATOR,
        "display": "standalone",
        "background_color": "#f4f2ee",
        "icons": icons,
    });
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/manifest+json"))
        .body(manifest.to_string())
}

/// `GET /authenticator/sw.js`: the script that wakes when the phone is called. Its address has no version, for it names
/// the registration.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn worker(app: web::Data<App>) -> Result<HttpResponse> {
    let asset = app.views.asset("sw.js").ok_or(Error::NotFound {
        code: "not_found",
        message: "There is no such file.",
    })?;
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.mime))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((SERVICE_WORKER_ALLOWED, urls::AUTHENTICATOR))
        .body(asset.bytes.clone()))
}

/// `POST /authenticator/pair`
///
/// # Errors
/// Of the body, or when there is no such code.
pub async fn pair(
    app: web::Data<App>,
    request: HttpRequest,
    seen: Seen,
    Body(mut fields): Body,
) -> Result<HttpResponse> {
    let now = app.now();
    let guard = LinkGuard::against(seen.ip);
    let mut read = app.store.begin_read().await?;
    LinkGuard::admit(read.refused_since(&guard.limit(now)).await?, now)?;
    drop(read);
    let code = PairingCode::parse(&fields.required_string("code")?).ok_or_else(unknown)?;
    let pairing = Pairing {
        code,
        device: Device {
            public_key: point(&mut fields, "public_key")?,
            user_agent: user_agent(&request),
            subscription: subscription(&mut fields, &app.push.hosts)?,
        },
        name: name(&mut fields)?,
    };
    fields.finish()?;
    let by = |id: &EnrollmentId| seen.device(id);
    let origin = app.urls.origin();
    match exchange::pair(&app.store, pairing, origin, &app.sealer, by, now, app.rng()).await? {
        Paired::Yes(challenge) => {
            app.call_bell.notify_one();
            let account = account(&app, &challenge).await?;
            Ok(HttpResponse::Ok().json(json!({
                "enrollment_id": challenge.enrollment_id,
                "account": account,
                "time": now.millis(),
            })))
        }
        Paired::Taken => Err(Error::Conflict {
            code: "paired_already",
            message: "Another phone was paired with this code",
        }),
        Paired::Unknown => Err(match guard.fail(&app.store, now).await {
            Error::Refused(Refusal::Invalid) => unknown(),
            other => other,
        }),
    }
}

fn unknown() -> Error {
    Error::NotFound {
        code: "pairing_not_found",
        message: "There is no such code, or no longer",
    }
}

/// The account as its ticket's pages show it.
async fn account(app: &App, challenge: &Challenge) -> Result<String> {
    let ticket_id: Option<TicketId> = challenge
        .ticket_id
        .as_deref()
        .and_then(|id| id.parse().ok());
    let Some(ticket_id) = ticket_id else {
        return Ok(String::new());
    };
    let opened = app.store.opened_ticket(&ticket_id).await?;
    Ok(opened.map_or_else(String::new, |opened| {
        Stub::of(&opened, None, app).account().to_owned()
    }))
}

fn point(fields: &mut Fields, property: &'static str) -> Result<String> {
    let key = fields.required_string(property)?;
    if is_point(&key) {
        Ok(key)
    } else {
        Err(Error::invalid(
            property,
            "must be an uncompressed point of P-256, base64url",
        ))
    }
}

fn subscription(fields: &mut Fields, hosts: &PushHosts) -> Result<Option<Subscription>> {
    let Some(object) = fields.object("subscription")? else {
        return Ok(None);
    };
    let wrong = |reason: &'static str| Error::invalid("subscription", reason);
    let given: Subscription = serde_json::from_value(Value::Object(object))
        .map_err(|_| wrong("must have endpoint, p256dh and auth"))?;
    if !given.has_keys() || !is_point(&given.p256dh) {
        return Err(wrong(
            "must have a point of P-256 in p256dh and 16 bytes in auth",
        ));
    }
    if hosts.endpoint(&given.endpoint).is_none() {
        return Err(wrong(
            "names a push service that is not in push.allowed_hosts",
        ));
    }
    Ok(Some(given))
}

/// What the owner calls the phone: one line.
fn name(fields: &mut Fields) -> Result<String> {
    let given = fields.string("name")?.unwrap_or_default();
    let shown = given
        .chars()
        .filter(|c| !c.is_control() && !is_bidi_control(*c));
    let name: String = shown.take(LONGEST_NAME).collect();
    Ok(name.trim().to_owned())
}

fn user_agent(request: &HttpRequest) -> String {
    let told = request.headers().get(USER_AGENT);
    let told = told
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    told.chars().take(LONGEST_USER_AGENT).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    enrollment_id: EnrollmentId,
    time: i64,
    signature: String,
}

/// `POST /authenticator/pending`: what there is to answer. It changes nothing.
///
/// # Errors
/// Of the body.
pub async fn pending(app: web::Data<App>, Body(mut fields): Body) -> Result<HttpResponse> {
    let accounts = fields.take("accounts").unwrap_or_default();
    fields.finish()?;
    let accounts: Vec<Account> = serde_json::from_value(accounts).map_err(|_| {
        Error::invalid(
            "accounts",
            "must be a list of enrollment_id, time and signature",
        )
    })?;
    if accounts.len() > MOST_ACCOUNTS {
        return Err(Error::invalid("accounts", "must have 16 items at most"));
    }
    let questions = accounts.into_iter().map(|account| Question {
        enrollment_id: account.enrollment_id,
        time: Timestamp::from_millis(account.time),
        signature: account.signature,
    });
    let now = app.now();
    let origin = app.urls.origin();
    let told = exchange::list(&app.store, questions.collect(), origin, &app.sealer, now).await?;
    Ok(HttpResponse::Ok().json(json!({ "time": now.millis(), "accounts": told })))
}

/// `POST /authenticator/answer`
///
/// # Errors
/// Of the body.
pub async fn answer(
    app: web::Data<App>,
    seen: Seen,
    Body(mut fields): Body,
) -> Result<HttpResponse> {
    let challenge_id: Option<ChallengeId> = fields.required_string("challenge_id")?.parse().ok();
    let enrollment_id: Option<EnrollmentId> = fields.required_string("enrollment_id")?.parse().ok();
    let decision = Decision::parse(&fields.required_string("decision")?)
        .ok_or_else(|| Error::invalid("decision", "must be approve, deny or not-me"))?;
    let answer = Answer {
        decision,
        number: fields.string("number")?.unwrap_or_default(),
        signature: fields.required_string("signature")?,
    };
    fields.finish()?;
    let (Some(challenge_id), Some(enrollment_id)) = (challenge_id, enrollment_id) else {
        return Ok(told(Answered::Over));
    };
    let actor = seen.device(&enrollment_id);
    let given = Given {
        challenge_id,
        enrollment_id,
        answer,
    };
    let answered = exchange::answer(&app.store, given, &app.sealer, &actor, app.now(), app.rng());
    Ok(told(answered.await?))
}

fn told(answered: Answered) -> HttpResponse {
    let (status, result) = match answered {
        Answered::Approved => (StatusCode::OK, json!({ "result": "approved" })),
        Answered::Denied => (StatusCode::OK, json!({ "result": "denied" })),
        Answered::WrongNumber(left) => (
            StatusCode::UNPROCESSABLE_ENTITY,
            json!({ "result": "wrong-number", "left": left }),
        ),
        Answered::Over => (StatusCode::GONE, json!({ "result": "over" })),
        Answered::Forged => (StatusCode::FORBIDDEN, json!({ "result": "forged" })),
    };
    HttpResponse::build(status).json(result)
}

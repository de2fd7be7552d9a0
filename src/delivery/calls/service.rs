//! A push service: spoken to by RFC 8030, with a body that only the phone can read (RFC 8291) and a token that says who
//! calls (RFC 8292). It is named by strangers, so it is called by no inner address and followed nowhere.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::{Client, StatusCode, redirect};
use serde::Serialize;
use url::Url;
use web_push_native::{Auth, encrypt, p256};

use crate::core::Timestamp;
use crate::core::webpush::{Subscription, may_call};

/// How long a push service may take (S12).
const WITHIN: Duration = Duration::from_secs(5);
/// How long a token is good; at most a day (RFC 8292 §2).
const TOKEN_LIFETIME: Duration = Duration::from_secs(60 * 60);

/// What a push service says.
pub(super) enum Answer {
    /// It has the message.
    Taken,
    /// There is no such subscription any more.
    Gone,
    /// It does not want this.
    Refused(String),
    /// It is busy or out of reach.
    Away(String),
}

/// Calls push services.
pub(super) struct Service {
    client: Client,
    subject: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: String,
    exp: i64,
    sub: &'a str,
}

impl Service {
    /// # Errors
    /// When no client can be made.
    pub(super) fn new(subject: String) -> anyhow::Result<Self> {
        let client = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(WITHIN)
            // A proxy would look names up by itself.
            .no_proxy()
            .dns_resolver(Arc::new(Outward))
            .build()?;
        Ok(Self { client, subject })
    }

    /// Hands over a message that is of use for so long.
    pub(super) async fn call(
        &self,
        endpoint: &Url,
        subscription: &Subscription,
        words: &[u8],
        key: (&str, &[u8]),
        lasts: Duration,
        now: Timestamp,
    ) -> Answer {
        let (Some(body), Some(token)) =
            (sealed(words, subscription), self.token(endpoint, key, now))
        else {
            return Answer::Refused("the message cannot be written".to_owned());
        };
        let request = self
            .client
            .post(endpoint.clone())
            .header("TTL", lasts.as_secs())
            .header("Urgency", "high")
            .header(CONTENT_ENCODING, "aes128gcm")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(AUTHORIZATION, token)
            .body(body);
        match request.send().await {
            Ok(answer) => judge(answer.status()),
            Err(error) if error.is_timeout() => Answer::Away("no answer in time".to_owned()),
            // Its own words would hold the endpoint.
            Err(_) => Answer::Away("the push service is out of reach".to_owned()),
        }
    }

    fn token(
        &self,
        endpoint: &Url,
        (public, private): (&str, &[u8]),
        now: Timestamp,
    ) -> Option<String> {
        let claims = Claims {
            aud: endpoint.origin().ascii_serialization(),
            exp: (now + TOKEN_LIFETIME).seconds(),
            sub: &self.subject,
        };
        let key = EncodingKey::from_ec_der(private);
        let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &key).ok()?;
        Some(format!("vapid t={token}, k={public}"))
    }
}

fn judge(status: StatusCode) -> Answer {
    match status.as_u16() {
        200..=299 => Answer::Taken,
        404 | 410 => Answer::Gone,
        429 | 500..=599 => Answer::Away(format!("the push service said {}", status.as_u16())),
        _ => Answer::Refused(format!("the push service said {}", status.as_u16())),
    }
}

/// The body that only the subscription's browser can read.
fn sealed(words: &[u8], subscription: &Subscription) -> Option<Vec<u8>> {
    let decode = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).ok();
    let key = p256::PublicKey::from_sec1_bytes(&decode(&subscription.p256dh)?).ok()?;
    let auth: [u8; 16] = decode(&subscription.auth)?.try_into().ok()?;
    encrypt(words.to_vec(), &key, &Auth::from(auth)).ok()
}

/// Looks names up, and gives none of the addresses that must not be called.
struct Outward;

impl Resolve for Outward {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str();
            let found = tokio::net::lookup_host((host, 0)).await?;
            let may: Vec<_> = found.filter(|found| may_call(host, found.ip())).collect();
            if may.is_empty() {
                return Err(io::Error::other("the name stands for an inner address").into());
            }
            Ok(Box::new(may.into_iter()) as Addrs)
        })
    }
}

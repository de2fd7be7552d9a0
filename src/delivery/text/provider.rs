//! The ways a code can leave: a file, Twilio, or any gateway that takes a request.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use zeroize::Zeroizing;

use super::fate::Fate;
use super::gateway::Http;
use super::twilio::Twilio;
use crate::config::PhoneProvider;
use crate::core::{MessageId, Sealer};
use crate::delivery::transport::put;
use crate::store::Store;

const CONNECT: Duration = Duration::from_secs(4);
/// Of what a provider says, no more is looked at.
const HEARD: usize = 4096;

/// A message to a phone.
pub(super) struct Text<'a> {
    pub(super) message_id: &'a MessageId,
    pub(super) is_call: bool,
    /// In the canonical form.
    pub(super) number: &'a str,
    pub(super) code: &'a str,
    pub(super) locale: &'a str,
    pub(super) words: &'a str,
}

/// How codes leave.
pub(super) enum Provider {
    Nothing,
    File(PathBuf),
    Twilio(Twilio),
    Http(Http),
}

impl Provider {
    pub(super) fn new(
        configured: PhoneProvider,
        deadline: Duration,
        store: Store,
        sealer: Sealer,
    ) -> anyhow::Result<Self> {
        Ok(match configured {
            PhoneProvider::None => Self::Nothing,
            PhoneProvider::File(folder) => Self::File(folder),
            PhoneProvider::Twilio(account) => {
                Self::Twilio(Twilio::new(account, client(deadline)?, store, sealer))
            }
            PhoneProvider::Http(gateway) => Self::Http(Http::new(*gateway, client(deadline)?)),
        })
    }

    pub(super) async fn send(&self, text: &Text<'_>) -> Fate {
        match self {
            Self::Nothing => Fate::Refused("no phone provider is configured".to_owned()),
            Self::File(folder) => file(folder, text).await,
            Self::Twilio(twilio) => twilio.send(text).await,
            Self::Http(gateway) => gateway.send(text).await,
        }
    }
}

fn client(deadline: Duration) -> anyhow::Result<Client> {
    let client = Client::builder()
        .timeout(deadline)
        .connect_timeout(CONNECT)
        // What is meant for the provider is for nobody else.
        .redirect(redirect::Policy::none());
    Ok(client.build()?)
}

/// A code is for one person: nobody but the server's own user reads the file.
async fn file(folder: &Path, text: &Text<'_>) -> Fate {
    let channel = if text.is_call { "voice" } else { "sms" };
    let name = format!("{}.txt", text.message_id);
    let written = Zeroizing::new(format!(
        "To: {}\nChannel: {channel}\n\n{}\n",
        text.number, text.words
    ));
    match put(folder, &name, written.as_bytes()).await {
        Ok(()) => Fate::Taken,
        Err(error) => Fate::Later(format!(
            "the folder of messages cannot be written: {}",
            error.kind()
        )),
    }
}

/// Sends a request that carries a message, and judges the answer.
pub(super) async fn ask(request: RequestBuilder) -> Fate {
    match request.send().await {
        Ok(response) => judge(response).await,
        Err(error) if error.is_connect() => Fate::Later("the provider is out of reach".to_owned()),
        Err(error) if error.is_timeout() => Fate::Perhaps,
        // An address or a header that cannot be; its words could quote them.
        Err(error) if error.is_builder() => {
            Fate::Refused("the request of [phone] cannot be written".to_owned())
        }
        Err(_) => Fate::Later("the provider broke off".to_owned()),
    }
}

async fn judge(mut response: Response) -> Fate {
    let status = response.status();
    if status.is_success() {
        return Fate::Taken;
    }
    // The body can quote the number: of it a code is kept, such as Twilio's 21408.
    let heard = response.chunk().await.ok().flatten().unwrap_or_default();
    let heard = &heard[..heard.len().min(HEARD)];
    let code = serde_json::from_slice::<serde_json::Value>(heard)
        .ok()
        .and_then(|said| said.get("code")?.as_u64());
    let said = match code {
        Some(code) => format!("the provider answered {} ({code})", status.as_u16()),
        None => format!("the provider answered {}", status.as_u16()),
    };
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            tracing::error!(error = %said, "the phone provider refuses our account: see [phone]");
            Fate::Refused(said)
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => Fate::Later(said),
        _ if status.is_server_error() => Fate::Later(said),
        _ => Fate::Refused(said),
    }
}

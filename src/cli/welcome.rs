//! What a development start says: where things are, and how to get the first ticket.

use std::io::{self, IsTerminal as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::house::House;
use super::{Context, client, out};
use crate::config::PhoneProvider;
use crate::web::preview;

/// Long enough for a day of trying things out.
const TOKEN_LIFETIME: Duration = Duration::from_secs(8 * 60 * 60);

/// What there is to say once the server listens.
pub(super) enum Welcome {
    /// Production speaks through its log alone.
    Nothing,
    /// To a person: a token may be shown.
    Person(Box<Places>),
    /// To a pipe: how to make a token, never one.
    Pipe(String),
}

/// Where things are.
pub(super) struct Places {
    url: String,
    mails: Option<PathBuf>,
    texts: Option<PathBuf>,
    templates: PathBuf,
    ticket_endpoint: String,
    /// The certificate of a server that speaks https by itself: on a machine of one's own nobody else vouches for it.
    certificate: Option<PathBuf>,
    /// What goes behind `Bearer`: a token, or the command that makes one.
    bearer: String,
}

/// Gathers it before the server takes the house over.
pub(super) async fn prepare(
    house: &House,
    mails: Option<PathBuf>,
    context: &Context,
) -> anyhow::Result<Welcome> {
    if !house.config.is_development() {
        return Ok(Welcome::Nothing);
    }
    if !io::stdout().is_terminal() {
        return Ok(Welcome::Pipe(token_command(context)));
    }
    // Where an admin made clients of their own, none is picked for them.
    let bearer = match client::for_development(house, context).await? {
        Some((client, _)) => {
            let issued = house.tokens.issue(&client, TOKEN_LIFETIME).await?;
            issued.access_token
        }
        None => format!("$({} --client ID)", token_command(context)),
    };
    Ok(Welcome::Person(Box::new(Places {
        url: house.urls.origin().to_owned(),
        mails,
        texts: match &house.config.phone.provider {
            PhoneProvider::File(folder) => Some(folder.clone()),
            _ => None,
        },
        templates: house.config.templates.dir.clone(),
        ticket_endpoint: house.urls.absolute("/api/v2/guardian/enrollments/ticket"),
        certificate: house.config.http.tls.as_ref().map(|tls| tls.cert.clone()),
        bearer,
    })))
}

/// The command line that makes a token for this very installation.
fn token_command(context: &Context) -> String {
    let program = std::env::current_exe()
        .map_or_else(|_| "tessera".to_owned(), |path| path.display().to_string());
    let mut words = vec![program];
    if let Some(file) = &context.global.config {
        words.extend(["--config".to_owned(), file.display().to_string()]);
    }
    for (key, value) in &context.global.settings {
        words.extend(["--set".to_owned(), format!("{key}={value}")]);
    }
    words.push("token".to_owned());
    words.join(" ")
}

impl Welcome {
    /// Says it.
    pub(super) fn say(&self, address: SocketAddr) {
        match self {
            Self::Nothing => {}
            Self::Pipe(command) => tracing::info!(%command, "development: this makes a token"),
            Self::Person(places) => {
                // A terminal that is gone needs no welcome.
                let _ = out::say(&banner(places, address));
            }
        }
    }
}

fn banner(places: &Places, address: SocketAddr) -> String {
    let mails = match &places.mails {
        Some(folder) => format!("{} (files, not sent)", folder.display()),
        None => "sent by the mail server of [mail]".to_owned(),
    };
    let texts = match &places.texts {
        Some(folder) => format!("  codes          {} (files, not sent)\n", folder.display()),
        None => String::new(),
    };
    let trusting = match &places.certificate {
        Some(file) => format!(" --cacert '{}'", file.display()),
        None => String::new(),
    };
    format!(
        "\n  Tessera {version}, development\n\n  \
           pages and API  {url} ({address})\n  \
           mails          {mails}\n\
         {texts}  \
           your pages     {templates}\n  \
           their preview  {url}{preview}\n\n\
         The first ticket:\n\n\
         curl -sS{trusting} {ticket} \\\n  \
           -H \"Authorization: Bearer {bearer}\" \\\n  \
           -H 'Content-Type: application/json' \\\n  \
           -d '{{\"user_id\": \"auth0|ada\", \"email\": \"ada@example.com\", \"send_mail\": true}}'\n",
        version = env!("CARGO_PKG_VERSION"),
        preview = preview::PATH,
        url = places.url,
        templates = places.templates.display(),
        ticket = places.ticket_endpoint,
        bearer = places.bearer,
    )
}

//! `tessera mail …`

use clap::Subcommand;
use serde_json::json;

use super::{Context, out};
use crate::core::{Email, MessageId, Urls};
use crate::delivery::Mailer;

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Send a test mail, and say what became of it
    Test {
        /// The mailbox that gets it
        #[arg(value_parser = out::parsed::<Email>)]
        address: Email,
    },
}

pub(super) async fn run(verb: Verb, context: &Context) -> anyhow::Result<()> {
    let Verb::Test { address } = verb;
    let config = context.config()?;
    let mailer = Mailer::new(&config.mail, &Urls::new(&config.public_url))?;
    let id = MessageId::new(context.now(), context.rng());
    mailer
        .send_test(&id, &address, context.now())
        .await
        .map_err(|failure| anyhow::anyhow!("the mail was not taken: {failure}"))?;
    let folder = mailer.folder();
    context.out.answer(
        &json!({ "message_id": id, "folder": folder }),
        || match folder {
            Some(folder) => format!("Written: {}/{id}.eml", folder.display()),
            None => "The mail server took it.".to_owned(),
        },
    )
}

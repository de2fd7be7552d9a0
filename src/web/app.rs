//! The state that every handler gets, and nothing else.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};

use super::stored::Stored;
use super::{ApiNetworks, Proxies, Tls};
use crate::access::{Limits, SwitchCache, Tokens};
use crate::config;
use crate::core::{Clock, Rng, Sealer, Timestamp, Urls};
use crate::factors::webauthn::RelyingParty;
use crate::factors::{Available, phone};
use crate::store::{Event, Store, TicketGatherer};
use crate::tickets::Policy;
use crate::views::{Site, Views};
use crate::web::{Metrics, Vitals};

/// The running server.
pub struct App {
    /// The database.
    pub store: Store,
    /// Writes tickets, many in one commit.
    pub gatherer: TicketGatherer,
    /// Issues and verifies management tokens.
    pub tokens: Tokens,
    /// Seals cookies and rows.
    pub sealer: Sealer,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids and secrets.
    pub rng: Arc<dyn Rng>,
    /// Builds links.
    pub urls: Urls,
    /// Renders pages.
    pub views: Views,
    /// What is stored by the API, as this instance saw it last.
    pub stored: Stored,
    /// What pages say of the site.
    pub site: Site,
    /// What may be asked of a ticket.
    pub policy: Policy,
    /// How often may be called.
    pub limits: Limits,
    /// Whom phones may be called by.
    pub push: config::Push,
    /// Whom we believe where a request comes from.
    pub proxies: Proxies,
    /// From where the management API may be called.
    pub api_networks: ApiNetworks,
    /// Whether the management API has an address of its own, and is not beside the pages.
    pub api_apart: bool,
    /// Which factors this installation can do at all.
    pub available: Available,
    /// Whom security keys and passkeys belong to; nobody, where browsers take none.
    pub relying_party: Option<RelyingParty>,
    /// Which factors are on.
    pub switches: SwitchCache,
    /// What this installation does with phones.
    pub phone: phone::Policy,
    /// Rung when a mail was promised, so that it leaves at once.
    pub outbox_bell: Arc<Notify>,
    /// Rung when a message to a phone was promised.
    pub text_bell: Arc<Notify>,
    /// The same for calls to phones.
    pub call_bell: Arc<Notify>,
    /// The server's own certificate, if it speaks https by itself.
    pub tls: Option<Arc<Tls>>,
    /// Best-effort events: the first opening of a link.
    pub openings: Openings,
    /// Whether a browser may be remembered.
    pub remembers_browsers: bool,
    /// Counts what happens.
    pub metrics: Arc<Metrics>,
    /// How it is, for those who watch it.
    pub vitals: Vitals,
    /// Whether nobody but this machine can reach it: it shows its metrics beside its pages.
    pub development: bool,
}

/// What is done with phones, as configured.
pub fn phone_policy(configured: &config::Phone) -> phone::Policy {
    let budgets = &configured.budgets;
    let countries = configured
        .countries
        .as_ref()
        .map(|codes| phone::Countries::of(codes.iter().map(String::as_str)));
    phone::Policy {
        provider: configured.provider.name(),
        countries: countries.unwrap_or_else(phone::Countries::all),
        calls: configured.provider.calls(),
        budgets: phone::Budgets {
            daily: budgets.daily,
            daily_per_user: budgets.daily_per_user,
            hourly_per_number: budgets.hourly_per_number,
            hourly_per_address: budgets.hourly_per_address,
            hourly_per_prefix: budgets.hourly_per_prefix,
            per_ticket: budgets.per_ticket,
        },
    }
}

impl App {
    /// The present moment.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The source of ids and secrets.
    pub fn rng(&self) -> &dyn Rng {
        &*self.rng
    }
}

/// Collects the openings of links and writes them in batches, outside the tickets' rows and the visitor's way.
#[derive(Clone)]
pub struct Openings(mpsc::Sender<Event>);

/// More than this many unwritten openings are dropped: a flood of them must not grow the memory.
const WAITING: usize = 4096;
/// How long an opening waits for others to be written with: nobody waits for it.
const GATHERED_FOR: Duration = Duration::from_millis(50);

impl Openings {
    /// Starts the task that writes them; it ends with the last clone.
    pub fn start(store: Store) -> Self {
        let (sender, mut waiting) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while waiting.recv_many(&mut batch, WAITING).await > 0 {
                tokio::time::sleep(GATHERED_FOR).await;
                while batch.len() < WAITING
                    && let Ok(opened) = waiting.try_recv()
                {
                    batch.push(opened);
                }
                if let Err(error) = store.record(&batch).await {
                    tracing::warn!(error = error.label(), "openings of links were not recorded");
                }
                batch.clear();
            }
        });
        Self(sender)
    }

    /// Notes an opening, if there is room.
    pub fn note(&self, opened: Event) {
        self.0.try_send(opened).ok();
    }
}

//! The server's state as `serve` wires it, over what a test brings.

use std::path::Path;
use std::sync::Arc;

use ipnet::IpNet;
use tessera::access::{Keys, Limits, Rates, SwitchCache, Tokens, sealing, vapid};
use tessera::config::{self, Push};
use tessera::core::{Clock, OsRng, Rng, Urls};
use tessera::delivery;
use tessera::factors::webauthn::RelyingParty;
use tessera::factors::{Available, phone};
use tessera::store::{Store, TicketGatherer};
use tessera::tickets::Policy;
use tessera::views::{BuiltIns, CheckMode, Locale, Options, Site, Views};
use tessera::web::app::{Openings, phone_policy};
use tessera::web::stored::Stored;
use tessera::web::{ApiNetworks, App, Metrics, Proxies, Vitals};
use tokio::sync::Notify;

/// What differs between one test's server and another's.
pub struct Wiring<'a> {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub urls: Urls,
    pub policy: Policy,
    pub rates: Rates,
    pub trusted_proxies: Vec<IpNet>,
    pub push: Push,
    pub site: Site,
    /// Where codes go; nothing is no provider.
    pub phone: Option<config::Phone>,
    /// For the keys and the last good templates.
    pub data_dir: &'a Path,
    pub templates_dir: &'a Path,
    pub static_dir: &'a Path,
    pub check: CheckMode,
}

impl Wiring<'_> {
    pub async fn app(self) -> App {
        let rng: Arc<dyn Rng> = Arc::new(OsRng);
        let (store, clock) = (self.store, self.clock);
        let sealer = sealing::open_sealer(&store, self.data_dir, &*rng)
            .await
            .unwrap();
        vapid::ensure(&store, &sealer, clock.now(), &*rng)
            .await
            .unwrap();
        let keys = Keys::open(store.clone(), sealer.clone(), Arc::clone(&clock), &*rng);
        let keys = keys.await.unwrap();
        let options = Options {
            templates_dir: self.templates_dir.to_owned(),
            static_dir: self.static_dir.to_owned(),
            good_dir: self.data_dir.join("templates.good"),
            default_locale: Locale::parse("en").unwrap(),
            check: self.check,
            builtins: BuiltIns::compiled_in(),
        };
        let mut samples = tessera::pages::samples();
        samples.extend(delivery::samples());
        let available = Available {
            phone: self.phone.is_some(),
            ..Available::default()
        };
        App {
            gatherer: TicketGatherer::start(&store),
            tokens: Tokens::new(store.clone(), keys, Arc::clone(&clock), self.urls.clone()),
            openings: Openings::start(store.clone()),
            limits: Limits::new(self.rates, Arc::clone(&clock)),
            proxies: Proxies::new(self.trusted_proxies),
            available,
            api_networks: ApiNetworks::default(),
            api_apart: false,
            remembers_browsers: true,
            relying_party: RelyingParty::new(&self.urls, None, &[], self.site.name()),
            push: self.push,
            switches: SwitchCache::new(store.clone(), Arc::clone(&clock), available),
            tls: None,
            views: Views::load(options, samples).unwrap(),
            stored: Stored::default(),
            phone: self.phone.as_ref().map_or_else(nothing, phone_policy),
            outbox_bell: Arc::new(Notify::new()),
            text_bell: Arc::new(Notify::new()),
            call_bell: Arc::new(Notify::new()),
            metrics: Arc::new(Metrics::new().unwrap()),
            vitals: Vitals::default(),
            development: false,
            site: self.site,
            policy: self.policy,
            urls: self.urls,
            store,
            sealer,
            clock,
            rng,
        }
    }
}

/// Of a server that sends nothing to phones.
fn nothing() -> phone::Policy {
    phone::Policy {
        provider: "none",
        countries: phone::Countries::all(),
        calls: false,
        budgets: phone::Budgets {
            daily: None,
            daily_per_user: None,
            hourly_per_number: None,
            hourly_per_address: None,
            hourly_per_prefix: None,
            per_ticket: None,
        },
    }
}

//! Floods are turned away by each instance for itself: so many calls a second of one API client, or from one address.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::core::{ClientId, Clock, Error, LoginId, Result};

/// A client that was quiet may catch up on this many seconds at once.
const CLIENT_BURST: u32 = 2;
/// An address that was quiet may catch up on this many seconds at once: behind one can sit a whole company.
const ADDRESS_BURST: u32 = 10;

/// What was sent to a phone, or that it approved, is asked about so often in a minute for one login (contract §5.3).
const OOB_A_MINUTE: NonZeroU32 = NonZeroU32::MIN.saturating_add(11);

/// Calls a second; `None` is no limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rates {
    /// Of one API client.
    pub client_per_second: Option<NonZeroU32>,
    /// From one address, to pages or to the token endpoint.
    pub address_per_second: Option<NonZeroU32>,
}

/// What a caller has left, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// So many calls are let through at once.
    pub limit: u32,
    /// So many of them are left.
    pub remaining: u32,
    /// After this all of them are there again.
    pub full_in: Duration,
    /// This call is not let through before so long.
    pub wait: Option<Duration>,
}

impl Allowance {
    /// Lets the call through, or says when to come back.
    ///
    /// # Errors
    /// [`Error::Throttled`].
    pub fn admit(&self) -> Result<()> {
        self.wait.map_or(Ok(()), |wait| {
            Err(Error::Throttled {
                reason: "Too many requests",
                retry_after: wait,
            })
        })
    }
}

type Buckets<K> = RateLimiter<K, DashMapStateStore<K>, Ticks, StateInformationMiddleware>;

/// A clock as the buckets read it.
#[derive(Clone)]
struct Ticks(Arc<dyn Clock>);

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.elapsed().into()
    }
}

/// Who called how often lately.
pub struct Limits {
    calls: Option<Buckets<ClientId>>,
    tokens: Option<Buckets<ClientId>>,
    token_addresses: Option<Buckets<IpAddr>>,
    page_addresses: Option<Buckets<IpAddr>>,
    oob: Buckets<LoginId>,
    ticks: Ticks,
}

impl Limits {
    /// Nobody has called yet.
    pub fn new(rates: Rates, clock: Arc<dyn Clock>) -> Self {
        let ticks = Ticks(clock);
        let client = (rates.client_per_second, CLIENT_BURST);
        let address = (rates.address_per_second, ADDRESS_BURST);
        Self {
            calls: buckets(client, &ticks),
            tokens: buckets(client, &ticks),
            token_addresses: buckets(address, &ticks),
            page_addresses: buckets(address, &ticks),
            oob: RateLimiter::dashmap_with_clock(Quota::per_minute(OOB_A_MINUTE), ticks.clone())
                .with_middleware(),
            ticks,
        }
    }

    /// Counts a call of an API client; `None` when there is no limit.
    pub fn call(&self, client: &ClientId) -> Option<Allowance> {
        self.count(self.calls.as_ref(), client)
    }

    /// Lets through who asks for a token, before the secret is looked at.
    ///
    /// # Errors
    /// [`Error::Throttled`].
    pub fn token(&self, address: Option<IpAddr>, client: &str) -> Result<()> {
        self.address(self.token_addresses.as_ref(), address)?;
        // What is no client's id is refused without a look into the database.
        let client: Option<ClientId> = client.parse().ok();
        let allowance = client.and_then(|client| self.count(self.tokens.as_ref(), &client));
        allowance.map_or(Ok(()), |allowance| allowance.admit())
    }

    /// Lets through who asks about what was sent to a phone in this login.
    ///
    /// # Errors
    /// [`Error::Throttled`].
    pub fn oob(&self, login: &LoginId) -> Result<()> {
        let allowance = self.count(Some(&self.oob), login);
        allowance.map_or(Ok(()), |allowance| allowance.admit())
    }

    /// Lets through who asks for a page.
    ///
    /// # Errors
    /// [`Error::Throttled`].
    pub fn page(&self, address: Option<IpAddr>) -> Result<()> {
        self.address(self.page_addresses.as_ref(), address)
    }

    /// Forgets who has not called lately.
    pub fn forget_idle(&self) {
        self.oob.retain_recent();
        self.oob.shrink_to_fit();
        for buckets in [&self.calls, &self.tokens].into_iter().flatten() {
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
        let addresses = [&self.token_addresses, &self.page_addresses];
        for buckets in addresses.into_iter().flatten() {
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
    }

    fn address(&self, buckets: Option<&Buckets<IpAddr>>, address: Option<IpAddr>) -> Result<()> {
        let allowance = address.and_then(|address| self.count(buckets, &network_of(address)));
        allowance.map_or(Ok(()), |allowance| allowance.admit())
    }

    fn count<K: Hash + Eq + Clone>(
        &self,
        buckets: Option<&Buckets<K>>,
        key: &K,
    ) -> Option<Allowance> {
        Some(match buckets?.check_key(key) {
            Ok(state) => let_through(&state),
            Err(not_until) => {
                let now = governor::clock::Clock::now(&self.ticks);
                let wait = whole_seconds(not_until.wait_time_from(now));
                let quota = not_until.quota();
                Allowance {
                    limit: quota.burst_size().get(),
                    remaining: 0,
                    full_in: quota.burst_size_replenished_in(),
                    wait: Some(wait),
                }
            }
        })
    }
}

fn buckets<K: Hash + Eq + Clone>(
    (per_second, burst): (Option<NonZeroU32>, u32),
    ticks: &Ticks,
) -> Option<Buckets<K>> {
    let per_second = per_second?;
    let burst = NonZeroU32::new(burst).map_or(per_second, |burst| per_second.saturating_mul(burst));
    let quota = Quota::per_second(per_second).allow_burst(burst);
    Some(RateLimiter::dashmap_with_clock(quota, ticks.clone()).with_middleware())
}

fn let_through(state: &StateSnapshot) -> Allowance {
    let quota = state.quota();
    let limit = quota.burst_size().get();
    let remaining = state.remaining_burst_capacity();
    Allowance {
        limit,
        remaining,
        full_in: quota.replenish_interval() * limit.saturating_sub(remaining),
        wait: None,
    }
}

/// A whole number of seconds, after which the call is let through.
fn whole_seconds(wait: Duration) -> Duration {
    Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0))
}

/// Whom an address stands for: of IPv6 everybody in a /64, which is what one customer of a provider has at least.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::core::{OsRng, Timestamp};

    #[derive(Clone, Default)]
    struct Still(Arc<AtomicI64>);

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0.load(Ordering::SeqCst))
        }
    }

    fn limits(clock: &Still) -> Limits {
        let rates = Rates {
            client_per_second: NonZeroU32::new(5),
            address_per_second: NonZeroU32::new(1),
        };
        Limits::new(rates, Arc::new(clock.clone()))
    }

    fn client() -> ClientId {
        ClientId::new(Timestamp::from_millis(0), &OsRng)
    }

    #[test]
    fn a_client_catches_up_on_two_seconds_and_then_waits() {
        let clock = Still::default();
        let (limits, ada, bob) = (limits(&clock), client(), client());
        for remaining in (0..10).rev() {
            let left = limits.call(&ada).unwrap();
            let millis = (10 - remaining) * 200;
            assert_eq!(
                (left.limit, left.remaining, left.wait),
                (10, remaining, None)
            );
            assert_eq!(left.full_in, Duration::from_millis(millis.into()));
        }
        let left = limits.call(&ada).unwrap();
        assert_eq!(left.wait, Some(Duration::from_secs(1)));
        assert_eq!((left.remaining, left.full_in), (0, Duration::from_secs(2)));
        assert!(
            matches!(left.admit(), Err(Error::Throttled { retry_after, .. }) if retry_after.as_secs() == 1)
        );
        assert!(limits.call(&bob).unwrap().admit().is_ok());
        clock.0.store(200, Ordering::SeqCst);
        limits.forget_idle();
        assert!(limits.call(&ada).unwrap().admit().is_ok());
        assert!(limits.call(&ada).unwrap().admit().is_err());
    }

    #[test]
    fn addresses_are_counted_apart_and_ipv6_by_the_network() {
        let limits = limits(&Still::default());
        let from = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        for _ in 0..10 {
            assert!(limits.page(from("2001:db8:0:1::1")).is_ok());
            assert!(limits.page(from("192.0.2.1")).is_ok());
        }
        for same in ["2001:db8:0:1:ffff::9", "192.0.2.1", "::ffff:192.0.2.1"] {
            assert!(limits.page(from(same)).is_err(), "{same}");
        }
        for other in ["2001:db8:0:2::1", "192.0.2.2"] {
            assert!(limits.page(from(other)).is_ok(), "{other}");
        }
        assert!(
            limits.token(from("192.0.2.1"), "").is_ok(),
            "tokens are counted apart"
        );
        assert!(limits.page(None).is_ok());
    }

    #[test]
    fn zero_is_no_limit() {
        let limits = Limits::new(Rates::default(), Arc::new(Still::default()));
        assert_eq!(limits.call(&client()), None);
        for _ in 0..1000 {
            assert!(limits.page("192.0.2.1".parse().ok()).is_ok());
            assert!(
                limits
                    .token("192.0.2.1".parse().ok(), client().as_str())
                    .is_ok()
            );
        }
    }
}

//! Who tries links that open nothing is turned away for a while, by all instances together.

use std::net::IpAddr;
use std::time::Duration;

use super::limits::network_of;
use crate::core::{Digest, Error, Refusal, Result, Timestamp};
use crate::store::{GuessLimit, Store};

/// Failures are counted over this long.
const WINDOW: Duration = Duration::from_secs(10 * 60);
/// So many failures of one address are let pass.
const MOST: i64 = 30;
/// So many failures of all addresses are an attack from many sides.
const ATTACK: i64 = 3_000;
/// So many failures of one address are let pass during an attack. Who has none is never turned away.
const MOST_IN_ATTACK: i64 = 3;

/// The guard of links against one address.
pub struct LinkGuard {
    address: Digest,
}

impl LinkGuard {
    /// Against who comes from this address.
    pub fn against(address: Option<IpAddr>) -> Self {
        let address = address.map_or_else(|| "-".to_owned(), |ip| network_of(ip).to_string());
        Self {
            address: Digest::of(address.as_bytes()),
        }
    }

    /// What the store is asked together with the ticket.
    pub fn limit(&self, now: Timestamp) -> GuessLimit {
        GuessLimit {
            address: self.address,
            everybody: Digest::of(b"*"),
            since: now - WINDOW,
            most: MOST,
            attack: ATTACK,
            most_in_attack: MOST_IN_ATTACK,
        }
    }

    /// Lets an address through that is not turned away since some time.
    ///
    /// # Errors
    /// [`Error::Throttled`].
    pub fn admit(since: Option<Timestamp>, now: Timestamp) -> Result<()> {
        since.map_or(Ok(()), |since| {
            Err(Error::Throttled {
                reason: "Too many links that open nothing",
                retry_after: (since + WINDOW).since(now),
            })
        })
    }

    /// Counts a link that opened nothing; what its bearer is told.
    pub async fn fail(&self, store: &Store, now: Timestamp) -> Error {
        match store.count_guess(&self.limit(now), now).await {
            Ok(since) => Self::admit(since, now)
                .err()
                .unwrap_or(Error::Refused(Refusal::Invalid)),
            Err(error) => error,
        }
    }
}

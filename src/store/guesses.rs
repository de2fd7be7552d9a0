//! Links that opened nothing, counted by address for all instances. A link that opens asks for the count in its own
//! read; only a failure writes.

use super::conn::{Read, Store};
use super::sql::{Bind, bind, sql};
use crate::core::{Digest, Result, Timestamp};

/// How many links that open nothing may come from one address.
#[derive(Debug, Clone)]
pub struct GuessLimit {
    /// The hash of the address.
    pub address: Digest,
    /// The name of the count over all addresses.
    pub everybody: Digest,
    /// What began at or before this is over.
    pub since: Timestamp,
    /// So many failures are let pass.
    pub most: i64,
    /// So many failures of everybody are an attack.
    pub attack: i64,
    /// So many are let pass during an attack.
    pub most_in_attack: i64,
}

impl GuessLimit {
    /// What the three texts below mean by `$1` to `$6`, and `$7`.
    pub(super) fn bound(&self, now: Timestamp) -> [Bind<'_>; 7] {
        bind![
            self.address.as_bytes(),
            self.everybody.as_bytes(),
            self.since,
            self.attack,
            self.most_in_attack,
            self.most,
            now,
        ]
    }
}

/// How many failures are let pass now; the arguments are the fields of the limit but for the address.
macro_rules! most {
    ($everybody:literal, $since:literal, $most:literal, $attack:literal, $most_in_attack:literal) => {
        concat!(
            "CASE WHEN EXISTS (SELECT 1 FROM link_failures e WHERE e.address_hash = ",
            $everybody,
            " AND e.since > ",
            $since,
            " AND e.failures >= ",
            $attack,
            ") THEN ",
            $most_in_attack,
            " ELSE ",
            $most,
            " END"
        )
    };
    () => {
        $crate::store::guesses::most!("$2", "$3", "$6", "$4", "$5")
    };
}
pub(super) use most;

/// Since when the address is turned away; the arguments are the fields of the limit.
macro_rules! refused_since {
    ($address:literal, $everybody:literal, $since:literal, $most:literal, $attack:literal, $most_in_attack:literal) => {
        concat!(
            "SELECT l.since FROM link_failures l WHERE l.address_hash = ",
            $address,
            " AND l.since > ",
            $since,
            " AND l.failures >= ",
            $crate::store::guesses::most!($everybody, $since, $most, $attack, $most_in_attack)
        )
    };
    () => {
        $crate::store::guesses::refused_since!("$1", "$2", "$3", "$6", "$4", "$5")
    };
}
pub(super) use refused_since;

/// One failure more, or the first of a new count.
macro_rules! count {
    ($address:literal) => {
        concat!(
            "INSERT INTO link_failures (address_hash, since, failures) VALUES (", $address, ", $7, 1)
             ON CONFLICT (address_hash) DO UPDATE SET
                failures = CASE WHEN link_failures.since <= $3 THEN 1 ELSE link_failures.failures + 1 END,
                since = CASE WHEN link_failures.since <= $3 THEN $7 ELSE link_failures.since END"
        )
    };
}

impl Read {
    /// Since when the address is turned away, if it is.
    ///
    /// # Errors
    /// Of the database.
    pub async fn refused_since(&mut self, limit: &GuessLimit) -> Result<Option<Timestamp>> {
        sql(refused_since!(), &limit.bound(limit.since)[..6])
            .first(self)
            .await
    }
}

impl Store {
    /// Counts a link that opened nothing; or says since when its address is turned away, and counts no more.
    ///
    /// # Errors
    /// Of the database.
    pub async fn count_guess(
        &self,
        limit: &GuessLimit,
        now: Timestamp,
    ) -> Result<Option<Timestamp>> {
        let mut tx = self.begin_write().await?;
        let bound = limit.bound(now);
        const COUNT: &str = concat!(
            count!("$1"),
            " WHERE link_failures.since <= $3 OR link_failures.failures < ",
            most!(),
            " RETURNING failures"
        );
        let counted: Option<i64> = sql(COUNT, &bound).first(&mut tx).await?;
        if counted.is_none() {
            return tx.refused_since(limit).await;
        }
        // The row that all failures share is written last, and so held for the shortest time.
        sql(count!("$2"), &bound).run(&mut tx).await?;
        tx.commit().await?;
        Ok(None)
    }
}

//! One browser working on one ticket: a sealed cookie, and nothing in the database.

use std::fmt;
use std::time::Duration;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::core::seal::Place;
use crate::core::secret::same;
use crate::core::{
    AttemptId, Digest, EnrollmentId, Error, RecoveryCode, Refusal, Result, Rng, Sealer, Seed,
    TicketId, Timestamp,
};

/// An attempt that nobody touches ends after this.
pub const IDLE: Duration = Duration::from_secs(15 * 60);
/// An attempt ends after this, however busy.
pub const TOTAL: Duration = Duration::from_secs(60 * 60);
/// After redemption, the recovery code and the last page are shown for this long.
pub const AFTERMATH: Duration = Duration::from_secs(15 * 60);

const PLACE: Place<'static> = Place {
    table: "cookie",
    row: &["attempt"],
    column: "value",
};

/// An attempt. Its secrets are pinned when the link is opened, so that reloading a page changes nothing.
#[derive(Clone)]
pub struct Attempt {
    /// Its name.
    pub id: AttemptId,
    /// The ticket it works on.
    pub ticket_id: TicketId,
    /// The hash of the secret it came by: after a resend it is the ticket's no more.
    pub secret_hash: Vec<u8>,
    /// When the link was opened.
    pub started_at: Timestamp,
    /// When the browser was here last.
    pub seen_at: Timestamp,
    /// The name that the enrollment will have.
    pub enrollment_id: EnrollmentId,
    /// The seed that the QR code shows; gone once it is enrolled.
    pub seed: Option<Seed>,
    /// The seed that this browser showed for another link, to recognize codes of an older QR code.
    pub older_seed: Option<Seed>,
    /// The recovery code that a first enrollment gets; gone once it is saved.
    pub recovery_code: Option<RecoveryCode>,
    /// The recovery code in the place of the one that this attempt used; gone once it is saved.
    pub fresh_recovery_code: Option<RecoveryCode>,
    /// The languages that it was opened with, the best first, separated by spaces.
    pub ui_locales: Option<String>,
    /// What was typed into the form with the number, so that it need not be typed again to be read in another language
    /// or to be mended; in the form that its page gives it.
    pub typed: Option<Zeroizing<String>>,
    csrf: Zeroizing<String>,
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attempt({})", self.id)
    }
}

impl Attempt {
    /// A fresh attempt at a ticket, in the place of `former`.
    pub fn new(
        ticket_id: TicketId,
        secret: &Digest,
        former: Option<&Self>,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> Self {
        Self {
            id: AttemptId::new(now, rng),
            ticket_id,
            secret_hash: secret.as_bytes().to_vec(),
            started_at: now,
            seen_at: now,
            enrollment_id: EnrollmentId::new(now, rng),
            seed: Some(Seed::new(rng)),
            older_seed: former.and_then(|former| former.seed.clone()),
            recovery_code: Some(RecoveryCode::new(rng)),
            fresh_recovery_code: None,
            ui_locales: None,
            typed: None,
            csrf: Zeroizing::new(BASE64URL_NOPAD.encode(&rng.bytes::<16>())),
        }
    }

    /// The token that every form of this attempt carries.
    pub fn csrf(&self) -> &str {
        &self.csrf
    }

    /// Lets a form through that carries this attempt's token.
    ///
    /// # Errors
    /// [`Refusal::OtherLink`] for a form of an attempt that this browser replaced, [`Error::ForeignForm`] for any other.
    pub fn check_form(&self, attempt: &str, csrf: &str) -> Result<()> {
        if !attempt.is_empty() && attempt != self.id.as_str() {
            return Err(Refusal::OtherLink.into());
        }
        if same(csrf.as_bytes(), self.csrf.as_bytes()) {
            Ok(())
        } else {
            Err(Error::ForeignForm)
        }
    }

    /// Lets an attempt go on that is neither idle nor open for too long, and notes that it was here.
    ///
    /// # Errors
    /// [`Refusal::SessionEnded`].
    pub fn touch(&mut self, now: Timestamp) -> Result<()> {
        if now.since(self.seen_at) > IDLE
            || now.since(self.started_at) > TOTAL
            || now < self.started_at - IDLE
        {
            return Err(Refusal::SessionEnded.into());
        }
        self.seen_at = now;
        Ok(())
    }

    /// The cookie's value.
    pub fn seal(&self, sealer: &Sealer, rng: &dyn Rng) -> String {
        BASE64URL_NOPAD.encode(&sealer.seal(&PLACE, &self.to_bytes(), rng))
    }

    /// The attempt for whoever seals it elsewhere.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(&Written::from(self)).unwrap_or_default())
    }

    /// What [`Self::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice::<Written>(bytes).ok()?.read()
    }

    /// The attempt in a cookie's value; `None` if it is not one of ours.
    pub fn open(value: &str, sealer: &Sealer) -> Option<Self> {
        let sealed = BASE64URL_NOPAD.decode(value.as_bytes()).ok()?;
        Self::from_bytes(&sealer.open(&PLACE, &sealed)?)
    }
}

/// The attempt as it is sealed; short names keep the cookie small.
#[derive(Serialize, Deserialize)]
struct Written {
    i: AttemptId,
    t: TicketId,
    h: String,
    s: Timestamp,
    l: Timestamp,
    e: EnrollmentId,
    #[serde(skip_serializing_if = "Option::is_none")]
    k: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    o: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    f: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    u: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    n: Option<String>,
    c: String,
}

impl From<&Attempt> for Written {
    fn from(attempt: &Attempt) -> Self {
        let seed = |seed: &Seed| HEXLOWER.encode(seed.expose());
        let code = |code: &RecoveryCode| code.expose().to_owned();
        Self {
            i: attempt.id.clone(),
            t: attempt.ticket_id.clone(),
            h: HEXLOWER.encode(&attempt.secret_hash),
            s: attempt.started_at,
            l: attempt.seen_at,
            e: attempt.enrollment_id.clone(),
            k: attempt.seed.as_ref().map(seed),
            o: attempt.older_seed.as_ref().map(seed),
            r: attempt.recovery_code.as_ref().map(code),
            f: attempt.fresh_recovery_code.as_ref().map(code),
            u: attempt.ui_locales.clone(),
            n: attempt.typed.as_deref().cloned(),
            c: attempt.csrf.to_string(),
        }
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        let Self { k, o, r, f, n, .. } = self;
        for secret in [k, o, r, f, n] {
            secret.zeroize();
        }
        self.c.zeroize();
    }
}

impl Written {
    fn read(&mut self) -> Option<Attempt> {
        let seed = |hex: &Option<String>| match hex {
            None => Some(None),
            Some(hex) => HEXLOWER
                .decode(hex.as_bytes())
                .ok()
                .map(|bytes| Some(Seed::from_bytes(bytes))),
        };
        let code = |code: &Option<String>| match code {
            None => Some(None),
            Some(code) => RecoveryCode::parse(code).map(Some),
        };
        Some(Attempt {
            id: self.i.clone(),
            ticket_id: self.t.clone(),
            secret_hash: HEXLOWER.decode(self.h.as_bytes()).ok()?,
            started_at: self.s,
            seen_at: self.l,
            enrollment_id: self.e.clone(),
            seed: seed(&self.k)?,
            older_seed: seed(&self.o)?,
            recovery_code: code(&self.r)?,
            fresh_recovery_code: code(&self.f)?,
            ui_locales: self.u.take(),
            typed: self.n.take().map(Zeroizing::new),
            csrf: Zeroizing::new(std::mem::take(&mut self.c)),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::core::OsRng;

    fn attempt(now: i64) -> Attempt {
        let now = Timestamp::from_millis(now);
        Attempt::new(
            TicketId::new(now, &OsRng),
            &Digest::of(b"secret"),
            None,
            now,
            &OsRng,
        )
    }

    #[test]
    fn a_cookie_reads_back_and_stays_small() {
        let sealer = Sealer::new(&[1; 32]);
        let mut attempt = attempt(1_000);
        attempt.older_seed = Some(Seed::new(&OsRng));
        attempt.ui_locales = Some("fr-CA de".to_owned());
        attempt.typed = Some(Zeroizing::new("0151 2345".to_owned()));
        let value = attempt.seal(&sealer, &OsRng);
        assert!(value.len() < 1500, "{}", value.len());
        let read = Attempt::open(&value, &sealer).unwrap();
        assert_eq!(read.id, attempt.id);
        assert_eq!(read.ui_locales, attempt.ui_locales);
        assert_eq!(read.typed, attempt.typed);
        assert_eq!(read.seed.unwrap().expose(), attempt.seed.unwrap().expose());
        assert_eq!(
            read.recovery_code.unwrap().expose(),
            attempt.recovery_code.unwrap().expose()
        );
    }

    #[test]
    fn debug_tells_its_name_alone() {
        let attempt = attempt(1_000);
        assert_eq!(format!("{attempt:?}"), format!("Attempt({})", attempt.id));
    }

    #[test]
    fn a_foreign_cookie_is_nobody() {
        let value = attempt(1_000).seal(&Sealer::new(&[1; 32]), &OsRng);
        assert!(Attempt::open(&value, &Sealer::new(&[2; 32])).is_none());
        for value in ["", "x", "AAAA", &value[1..]] {
            assert!(Attempt::open(value, &Sealer::new(&[1; 32])).is_none());
        }
    }

    #[test]
    fn an_attempt_ends_idle_or_old() {
        let minutes = |n: i64| Timestamp::from_millis(n * 60_000);
        let mut idle = attempt(0);
        assert!(idle.touch(minutes(15)).is_ok());
        assert!(idle.touch(minutes(30)).is_ok());
        assert!(
            idle.touch(Timestamp::from_millis(45 * 60_000 + 1_000))
                .is_err()
        );
        let mut busy = attempt(0);
        for minute in (10..=60).step_by(10) {
            assert!(busy.touch(minutes(minute)).is_ok());
        }
        assert!(
            busy.touch(Timestamp::from_millis(60 * 60_000 + 1_000))
                .is_err()
        );
    }

    #[test]
    fn a_form_needs_the_token_of_its_own_attempt() {
        let (mine, other) = (attempt(0), attempt(0));
        assert!(mine.check_form(mine.id.as_str(), mine.csrf()).is_ok());
        assert!(matches!(
            mine.check_form(mine.id.as_str(), other.csrf()),
            Err(Error::ForeignForm)
        ));
        assert!(matches!(
            mine.check_form(other.id.as_str(), other.csrf()),
            Err(Error::Refused(Refusal::OtherLink))
        ));
        assert!(matches!(mine.check_form("", ""), Err(Error::ForeignForm)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn an_attempt_ends_after_idleness_or_in_all_whatever_comes_between(
            steps in vec(prop_oneof![-1_200_i64..1_200, any::<i32>().prop_map(i64::from)], 1..20)
        ) {
            thread_local!(static FRESH: Attempt = attempt(0));
            let mut attempt = FRESH.with(Attempt::clone);
            let (mut now, mut seen) = (0_i64, 0_i64);
            for step in steps {
                now += step;
                let (idle, total) = (IDLE.as_secs() as i64, TOTAL.as_secs() as i64);
                let goes_on = now - seen <= idle && now <= total && now >= -idle;
                prop_assert_eq!(attempt.touch(Timestamp::from_millis(now * 1000)).is_ok(), goes_on);
                if goes_on {
                    seen = now;
                }
                prop_assert_eq!(attempt.seen_at.seconds(), seen);
            }
        }
    }
}

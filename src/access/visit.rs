//! One browser working on one login: a sealed cookie. What became of the login is in its row.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use crate::core::seal::Place;
use crate::core::secret::same;
use crate::core::{Error, LoginId, RecoveryCode, Refusal, Result, Rng, Sealer, Timestamp, UserId};

const PLACE: Place<'static> = Place {
    table: "cookie",
    row: &["login"],
    column: "value",
};

/// A browser that a login was given to.
#[derive(Clone)]
pub struct Visit {
    /// The login.
    pub login_id: LoginId,
    /// Whose it is.
    pub user_id: UserId,
    /// The recovery code in the place of the one that this login used, and since when; gone once it is saved.
    pub fresh_recovery_code: Option<(RecoveryCode, Timestamp)>,
    csrf: Zeroizing<String>,
}

impl fmt::Debug for Visit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Visit({})", self.login_id)
    }
}

impl Visit {
    /// Of a login that this browser opened.
    pub fn new(login_id: LoginId, user_id: UserId, rng: &dyn Rng) -> Self {
        Self {
            login_id,
            user_id,
            fresh_recovery_code: None,
            csrf: Zeroizing::new(BASE64URL_NOPAD.encode(&rng.bytes::<16>())),
        }
    }

    /// The token that every form of this login carries.
    pub fn csrf(&self) -> &str {
        &self.csrf
    }

    /// Lets a form through that carries this login's token.
    ///
    /// # Errors
    /// [`Refusal::OtherLink`] for a form of a login that this browser replaced, [`Error::ForeignForm`] for any other.
    pub fn check_form(&self, login: &str, csrf: &str) -> Result<()> {
        if !login.is_empty() && login != self.login_id.as_str() {
            return Err(Refusal::OtherLink.into());
        }
        if same(csrf.as_bytes(), self.csrf.as_bytes()) {
            Ok(())
        } else {
            Err(Error::ForeignForm)
        }
    }

    /// The cookie's value.
    pub fn seal(&self, sealer: &Sealer, rng: &dyn Rng) -> String {
        let written = Written {
            l: self.login_id.clone(),
            u: self.user_id.as_str().to_owned(),
            r: self
                .fresh_recovery_code
                .as_ref()
                .map(|(code, at)| (code.expose().to_owned(), *at)),
            c: self.csrf.to_string(),
        };
        let plain = Zeroizing::new(serde_json::to_vec(&written).unwrap_or_default());
        BASE64URL_NOPAD.encode(&sealer.seal(&PLACE, &plain, rng))
    }

    /// The visit in a cookie's value; `None` if it is not one of ours.
    pub fn open(value: &str, sealer: &Sealer) -> Option<Self> {
        let sealed = BASE64URL_NOPAD.decode(value.as_bytes()).ok()?;
        let plain = sealer.open(&PLACE, &sealed)?;
        let mut written: Written = serde_json::from_slice(&plain).ok()?;
        let fresh_recovery_code = match &written.r {
            None => None,
            Some((code, at)) => Some((RecoveryCode::parse(code)?, *at)),
        };
        Some(Self {
            login_id: written.l.clone(),
            user_id: written.u.parse().ok()?,
            fresh_recovery_code,
            csrf: Zeroizing::new(std::mem::take(&mut written.c)),
        })
    }
}

/// The visit as it is sealed; short names keep the cookie small.
#[derive(Serialize, Deserialize)]
struct Written {
    l: LoginId,
    u: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    r: Option<(String, Timestamp)>,
    c: String,
}

impl Drop for Written {
    fn drop(&mut self) {
        if let Some((code, _)) = &mut self.r {
            code.zeroize();
        }
        self.c.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::OsRng;

    fn visit() -> Visit {
        let now = Timestamp::from_millis(1_000);
        let user = "auth0|ada".parse().unwrap();
        Visit::new(LoginId::new(now, &OsRng), user, &OsRng)
    }

    #[test]
    fn a_cookie_reads_back_and_tells_nothing() {
        let sealer = Sealer::new(&[1; 32]);
        let now = Timestamp::from_millis(1_000);
        let code = RecoveryCode::new(&OsRng);
        let mut visit = visit();
        visit.fresh_recovery_code = Some((code.clone(), now));
        let value = visit.seal(&sealer, &OsRng);
        let read = Visit::open(&value, &sealer).unwrap();
        assert_eq!(
            (&read.login_id, &read.user_id),
            (&visit.login_id, &visit.user_id)
        );
        let (kept, at) = read.fresh_recovery_code.unwrap();
        assert_eq!((kept.expose(), at), (code.expose(), now));
        assert!(read.csrf == visit.csrf);
        assert_eq!(format!("{visit:?}"), format!("Visit({})", visit.login_id));
        for value in ["", "x", "AAAA", &value[1..]] {
            assert!(Visit::open(value, &sealer).is_none());
        }
        assert!(Visit::open(&value, &Sealer::new(&[2; 32])).is_none());
    }

    #[test]
    fn a_form_needs_the_token_of_its_own_login() {
        let (mine, other) = (visit(), visit());
        assert!(mine.check_form(mine.login_id.as_str(), mine.csrf()).is_ok());
        let foreign = mine.check_form(mine.login_id.as_str(), other.csrf());
        assert!(matches!(foreign, Err(Error::ForeignForm)));
        let replaced = mine.check_form(other.login_id.as_str(), mine.csrf());
        assert!(matches!(replaced, Err(Error::Refused(Refusal::OtherLink))));
    }
}

//! A login of the MFA API: whoever proves it gets its tokens with the very answer.

use super::verify::{Purpose, Verification, Verified, prove_in};
use crate::core::{LoginId, Refusal, Result, Rng, Sealer, Timestamp};
use crate::store::{Login, Store};

/// What became of a proof.
pub enum Outcome {
    /// It is right, and this is the login, which is spent by it; with what [`Verified`] says.
    Proved(Box<Login>, Verified),
    /// It is not taken.
    Refused(Verified),
}

/// As [`prove`](super::prove), with the login as it is then: nothing is left to be asked for that could fail once the
/// proof is used up.
///
/// # Errors
/// As [`prove`](super::prove).
pub async fn prove(
    store: &Store,
    asked: &Verification,
    login_id: &LoginId,
    sealer: &Sealer,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Outcome> {
    let mut tx = store.begin_write().await?;
    let purpose = Purpose::Login(login_id.clone());
    let verified = prove_in(&mut tx, asked, &purpose, sealer, now, rng).await?;
    let outcome = match verified {
        Verified::Factor(_) | Verified::RecoveryCode(_) => {
            let login = tx.login(&asked.user_id, login_id).await?;
            Outcome::Proved(Box::new(login.ok_or(Refusal::LoginOver)?), verified)
        }
        refused => Outcome::Refused(refused),
    };
    tx.commit().await?;
    Ok(outcome)
}

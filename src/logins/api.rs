//! A login of the MFA API: whoever proves it gets its tokens with the very answer.

use std::sync::Arc;

use super::purpose::Purpose;
use super::verify::{Verification, Verified, prove_in};
use crate::core::{LoginId, Result, Rng, Sealer, Timestamp};
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
    asked: Verification,
    login_id: LoginId,
    sealer: &Sealer,
    now: Timestamp,
    rng: &Arc<dyn Rng>,
) -> Result<Outcome> {
    let (sealer, rng) = (sealer.clone(), Arc::clone(rng));
    let work = store.together(move |tx| {
        Box::pin(async move {
            let purpose = Purpose::Login(login_id);
            prove_in(tx, &asked, &purpose, &sealer, now, &*rng).await
        })
    });
    Ok(match work.await? {
        (verified, Some(login)) => Outcome::Proved(Box::new(login), verified),
        (refused, None) => Outcome::Refused(refused),
    })
}

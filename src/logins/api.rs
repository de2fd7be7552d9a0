//! A login of the MFA API: whoever proves it gets its tokens with the very answer.

use std::sync::Arc;

use super::login::Authentication;
use super::purpose::Purpose;
use super::verify::{Verification, Verified, prove_in};
use crate::core::{LoginId, Result, Rng, Sealer, Timestamp};
use crate::store::Store;

/// What became of a proof.
pub enum Outcome {
    /// It is right, and the login is spent by it; with what [`Verified`] says.
    Proved(Authentication, Verified),
    /// It is not taken.
    Refused(Verified),
}

/// As [`prove`](super::prove), with all that the tokens tell of it: nothing is left to be asked for that could fail once
/// the proof is used up.
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
            let purpose = Purpose::ApiLogin(login_id);
            prove_in(tx, &asked, &purpose, &sealer, now, &*rng).await
        })
    });
    Ok(match work.await? {
        (verified, Some(proved)) => Outcome::Proved(proved, verified),
        (refused, None) => Outcome::Refused(refused),
    })
}

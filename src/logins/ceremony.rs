//! Asking a browser for a credential that is enrolled, for a login that is to be proved with it.

use serde_json::Value;

use super::login;
use super::verify::{Verified, admit, place};
use crate::core::{
    Actor, ChallengeId, EnrollmentId, Error, Result, Rng, Sealer, Timestamp, UserId,
};
use crate::factors::Factor;
use crate::factors::webauthn::{self, RelyingParty, Settings};
use crate::store::{Enrollment, NewChallenge, Store};
use crate::tickets::start;

/// A ceremony that is asked for.
pub struct CeremonyRequest<'a> {
    /// Whose credentials they are.
    pub user_id: &'a UserId,
    /// For which login.
    pub login: &'a str,
    /// Which of the two factors.
    pub factor: Factor,
    /// The user's enrollments of it.
    pub enrollments: &'a [Enrollment],
}

/// What became of it.
#[derive(Debug)]
pub enum Begun {
    /// This is what the browser is to be asked for (`PublicKeyCredentialRequestOptionsJSON`).
    Options(Value),
    /// The user has no credential for this domain.
    Nothing,
    /// Nothing that the user shows is looked at now.
    Refused(Verified),
}

/// Begins a ceremony in the place of the login's former one; the answer is for `verify`.
///
/// # Errors
/// [`Error::NotFound`] for an unknown user; else of the database, the sealing key or the library.
pub async fn begin_ceremony(
    store: &Store,
    asked: &CeremonyRequest<'_>,
    configured: &RelyingParty,
    sealer: &Sealer,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<Begun> {
    let mut tx = store.begin_write().await?;
    if let Err(refused) = admit(&mut tx, asked.user_id, now).await? {
        return Ok(Begun::Refused(refused));
    }
    let (user_id, factor) = (asked.user_id, asked.factor.name());
    login::challenge(&mut tx, user_id, asked.login, factor, actor, now, rng).await?;
    let stored = tx.setting(asked.factor.name()).await?;
    let settings = Settings::read(asked.factor, stored.as_ref().map(|stored| &*stored.value))?;
    let mut materials = Vec::new();
    for found in asked.enrollments {
        let row = [asked.user_id.as_str(), found.enrollment_id.as_str()];
        let opened = sealer.open(&place(&row), &found.material_sealed);
        materials.push(opened.ok_or_else(|| {
            Error::internal(anyhow::anyhow!("an enrollment is sealed with another key"))
        })?);
    }
    let materials: Vec<&[u8]> = materials.iter().map(|opened| opened.as_slice()).collect();
    let party = settings.party(configured);
    let Some(begun) = webauthn::ask(&party, settings.user_verification, &materials)? else {
        return Ok(Begun::Nothing);
    };
    let challenge_id = ChallengeId::new(now, rng);
    let row = [asked.user_id.as_str(), challenge_id.as_str()];
    let new = NewChallenge {
        user_id: asked.user_id,
        bearer: asked.login,
        factor: asked.factor.name(),
        challenge_id: &challenge_id,
        ticket_id: None,
        // The browser may answer with any of them.
        enrollment_id: &EnrollmentId::new(now, rng),
        state: "asked",
        payload_sealed: &sealer.seal(&start::place(&row), &begun.payload, rng),
        lookup: None,
        expires_at: now + webauthn::LIFETIME,
    };
    tx.put_challenge(&new, now).await?;
    tx.commit().await?;
    Ok(Begun::Options(begun.options))
}

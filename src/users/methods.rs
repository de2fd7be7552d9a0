//! What a back end does with a user's factors: adds one it vouches for, replaces all, renames one.

use data_encoding::HEXLOWER;
use serde_json::Value;
use zeroize::Zeroizing;

use super::reset;
use crate::core::seal::Place;
use crate::core::{
    Actor, Digest, EnrollmentId, Error, Result, Rng, Sealer, Seed, Timestamp, UserId,
};
use crate::factors::Factor;
use crate::factors::phone::{self, Channel, Number};
use crate::store::{Enrollment, Event, NewEnrollment, Store, Write};

/// A factor that the back end vouches for: it is confirmed at once, and no mail tells of it.
pub struct NewMethod {
    /// Its kind.
    pub factor: Factor,
    /// What its owner calls it.
    pub name: Option<String>,
    /// What proofs are checked against.
    pub material: Zeroizing<Vec<u8>>,
    /// What may be told of it, as a JSON object.
    pub facts: Value,
}

impl NewMethod {
    /// An authenticator app with this seed.
    pub fn app(seed: &Seed, name: Option<String>) -> Self {
        Self {
            factor: Factor::Otp,
            name,
            material: Zeroizing::new(seed.expose().to_vec()),
            facts: Value::Object(serde_json::Map::new()),
        }
    }

    /// A phone with this number.
    pub fn phone(number: &Number, channel: Channel, name: Option<String>) -> Self {
        let (material, facts) = phone::vouched(number, channel);
        Self {
            factor: Factor::Phone,
            name,
            material,
            facts,
        }
    }
}

/// What a change is made with.
pub struct Hand<'a> {
    /// The database.
    pub store: &'a Store,
    /// Seals what is added.
    pub sealer: &'a Sealer,
    /// For the events.
    pub actor: &'a Actor,
    /// The present moment.
    pub now: Timestamp,
    /// Makes ids.
    pub rng: &'a dyn Rng,
}

impl Hand<'_> {
    /// Adds a factor to a user who has none of its kind.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown user, [`Error::Conflict`] for a second one of a kind; else of the database.
    pub async fn add(&self, user_id: &UserId, new: &NewMethod) -> Result<Enrollment> {
        let mut tx = self.store.begin_write().await?;
        tx.lock_user(user_id).await?.ok_or_else(Error::no_user)?;
        let there = tx.enrollments_of(user_id).await?;
        if there.iter().any(|known| known.factor == new.factor.name()) {
            return Err(Error::Conflict {
                code: "authentication_method_exists",
                message: "The user has an authentication method of this type already.",
            });
        }
        let added = self.insert(&mut tx, user_id, new, there.is_empty()).await?;
        tx.commit().await?;
        Ok(added)
    }

    /// Puts these in the place of everything that the user enrolled, the recovery code included.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown user; else of the database.
    pub async fn replace(&self, user_id: &UserId, all: &[NewMethod]) -> Result<Vec<Enrollment>> {
        let mut tx = self.store.begin_write().await?;
        tx.lock_user(user_id).await?.ok_or_else(Error::no_user)?;
        reset::remove_all(&mut tx, user_id, self.actor, self.now, self.rng).await?;
        let mut added = Vec::new();
        for new in all {
            added.push(self.insert(&mut tx, user_id, new, added.is_empty()).await?);
        }
        tx.commit().await?;
        Ok(added)
    }

    async fn insert(
        &self,
        tx: &mut Write,
        user_id: &UserId,
        new: &NewMethod,
        is_first: bool,
    ) -> Result<Enrollment> {
        let id = EnrollmentId::new(self.now, self.rng);
        let place = Place {
            table: "enrollments",
            row: &[user_id.as_str(), id.as_str()],
            column: "material_sealed",
        };
        let row = NewEnrollment {
            user_id,
            enrollment_id: &id,
            factor: new.factor.name(),
            is_first,
            ticket_id: None,
            material_sealed: &self.sealer.seal(&place, &new.material, self.rng),
            last_step: None,
            name: new.name.as_deref(),
            credential_id: None,
            facts: &new.facts.to_string(),
        };
        tx.insert_enrollment(&row, self.now).await?;
        let event = Event::new("enrollment.confirmed", self.actor, self.now, self.rng)
            .user(user_id)
            .enrollment(&id)
            .detail("factor", new.factor.name());
        tx.record(&[event]).await?;
        tx.enrollment(&id).await?.ok_or_else(Error::no_enrollment)
    }

    /// Renames the user's own enrollment, or changes how codes reach the number of a phone.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] for a channel of something that has none; else of the database.
    pub async fn change(
        &self,
        user_id: &UserId,
        id: &EnrollmentId,
        name: Option<String>,
        channel: Option<Channel>,
    ) -> Result<Enrollment> {
        let mut tx = self.store.begin_write().await?;
        tx.lock_user(user_id).await?.ok_or_else(Error::no_user)?;
        let found = tx.enrollment(id).await?;
        let found = found.filter(|found| found.user_id == *user_id);
        let found = found.ok_or_else(Error::no_enrollment)?;
        let mut facts: Value = serde_json::from_str(&found.facts).unwrap_or_default();
        if let Some(channel) = channel {
            if found.factor != Factor::Phone.name() {
                let reason = "only a phone has one";
                return Err(Error::invalid("preferred_authentication_method", reason));
            }
            facts["channel"] = channel.name().into();
        }
        let name = name.or(found.name);
        let changed = tx
            .update_enrollment(user_id, id, name.as_deref(), &facts.to_string())
            .await?
            .ok_or_else(Error::no_enrollment)?;
        let event = Event::new("enrollment.changed", self.actor, self.now, self.rng)
            .user(user_id)
            .enrollment(id)
            .detail("factor", found.factor);
        tx.record(&[event]).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Takes the user's recovery code away.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none; else of the database.
    pub async fn remove_recovery_code(&self, user_id: &UserId) -> Result<()> {
        let mut tx = self.store.begin_write().await?;
        tx.lock_user(user_id).await?.ok_or_else(Error::no_user)?;
        if !tx.delete_recovery_code(user_id).await? {
            return Err(Error::no_enrollment());
        }
        let event = Event::new("recovery_code.removed", self.actor, self.now, self.rng);
        tx.record(&[event.user(user_id)]).await?;
        tx.commit().await
    }
}

/// The name of a user's recovery code in lists. It has no row of its own to name: it is the same for every code that the
/// user ever has, and follows from the user's id.
pub fn recovery_code_id(user_id: &UserId) -> String {
    let digest = Digest::of(format!("recovery-code of {user_id}").as_bytes());
    format!("dev_{}", HEXLOWER.encode(&digest.as_bytes()[..16]))
}

//! A user's recovery code: made anew, and told of.

use std::time::Duration;

use serde_json::json;

use crate::core::{Actor, Error, MessageId, RecoveryCode, Result, Rng, Timestamp, UserId};
use crate::store::{Event, NewMessage, Store, User, Write};

/// The mail that says that the code was used.
pub const USED: &str = "recovery-code-used";
/// The mail that says that the code was replaced.
pub const REPLACED: &str = "recovery-code-replaced";

/// A mail that tells of it is worth sending for this long.
const NOTICE_LIFETIME: Duration = Duration::from_secs(5 * 24 * 60 * 60);

/// Gives the user a fresh code in place of any other, and tells them by mail.
///
/// # Errors
/// [`Error::NotFound`] when there is no such user, or the user has no factor that it could stand in for; else of the database.
pub async fn regenerate(
    store: &Store,
    user_id: &UserId,
    actor: &Actor,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<RecoveryCode> {
    let mut tx = store.begin_write().await?;
    let user = tx.lock_user(user_id).await?.ok_or_else(Error::no_user)?;
    if tx.enrollments_of(user_id).await?.is_empty() {
        return Err(Error::no_enrollment());
    }
    let code = RecoveryCode::new(rng);
    tx.set_recovery_code(user_id, &code.digest(), None, now)
        .await?;
    tell(&mut tx, &user, REPLACED, now, rng).await?;
    let event = Event::new("recovery_code.created", actor, now, rng).user(user_id);
    tx.record(&[event]).await?;
    tx.commit().await?;
    Ok(code)
}

/// Promises the user a mail of this kind, if there is an address to send it to.
pub(crate) async fn tell(
    tx: &mut Write,
    user: &User,
    kind: &'static str,
    now: Timestamp,
    rng: &dyn Rng,
) -> Result<()> {
    if user.email.is_none() {
        return Ok(());
    }
    let notice = NewMessage {
        message_id: MessageId::new(now, rng),
        kind,
        payload_sealed: None,
        detail: json!({ "at": now.millis() }).to_string(),
        expires_at: now + NOTICE_LIFETIME,
    };
    tx.insert_message(&notice, &user.user_id, None, now).await
}

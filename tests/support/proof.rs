//! A person who shows something, without the pages.

use tessera::core::{ClientId, Digest, LoginId, OsRng, Result};
use tessera::logins::{Purpose, Verification, Verified, prove};
use tessera::store::NewLogin;
use tessera::web::App;

/// Shows it in a login of its own.
pub async fn shows(app: &App, asked: Verification) -> Result<Verified> {
    let now = app.now();
    let (client_id, login_id) = (ClientId::new(now, &OsRng), LoginId::new(now, &OsRng));
    let secret = Digest::of(login_id.as_str().as_bytes());
    let login = NewLogin {
        user_id: &asked.user_id,
        login_id: &login_id,
        client_id: &client_id,
        kind: "application",
        state: "created",
        request: "{}",
        secret: &secret,
        expires_at: now + tessera::logins::login::LIFETIME,
    };
    let mut tx = app.store.begin_write().await?;
    tx.insert_client(&client_id, "Shop", &secret, "", now)
        .await?;
    tx.insert_login(&login, now).await?;
    tx.commit().await?;
    let purpose = Purpose::Login(login_id);
    prove(&app.store, asked, purpose, &app.sealer, now, &app.rng).await
}

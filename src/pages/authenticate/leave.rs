//! Leaving a login: with its code, or with nothing.

use actix_web::HttpResponse;

use super::authorize::{back, refuse};
use super::prover::Prover;
use crate::core::{Result, urls};
use crate::logins::{Answer, login};
use crate::web::body::Form;

/// `GET /guardian/authenticate/finish`: issues the code, once, and leads back to the application.
///
/// # Errors
/// [`crate::core::Refusal::LoginOver`] when the code was issued before.
pub async fn finish(session: Prover) -> Result<HttpResponse> {
    let next = session.next();
    let Some(visit) = session
        .login()
        .filter(|_| next == urls::AUTHENTICATE_FINISH)
    else {
        return Ok(session.redirect(next));
    };
    let (app, actor) = (&session.app, session.actor());
    let (user_id, login_id) = (&visit.visit.user_id, &visit.visit.login_id);
    let answered = login::answer(&app.store, user_id, login_id, &actor, app.now(), app.rng());
    let (_, code) = answered.await?;
    back(app, visit, Answer::Code(code.expose()))
}

/// `POST /guardian/authenticate/cancel`: the person does not want to, or is somebody else.
///
/// # Errors
/// Of the session, the form or the database.
pub async fn cancel(session: Prover, Form(mut form): Form) -> Result<HttpResponse> {
    session.check_form(&mut form)?;
    let description = match form.string("why")?.as_deref() {
        Some("not-you") => "The user says that they are somebody else",
        _ => "The user cancelled",
    };
    match session.login() {
        Some(visit) => {
            refuse(
                &session.app,
                &session.seen,
                visit,
                "access_denied",
                description,
            )
            .await
        }
        None => Ok(session.redirect(session.next())),
    }
}

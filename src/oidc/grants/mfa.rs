//! What a person showed on a back end's own screens (contract §5.3): it proves a login, or adds the factor that a login began
//! to add. One `mfa_token` gives one set of tokens.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, rt, web};
use serde::Serialize;
use zeroize::Zeroizing;

use super::GrantRequest;
use crate::access::Attempt;
use crate::access::id_tokens::Subject;
use crate::access::mfa_tokens::ALL;
use crate::access::tokens::Issued;
use crate::core::{Actor, Error, RecoveryCode, Result};
use crate::factors::push::{self, PAIRING, Payload};
use crate::factors::verify::{Answer, Typed};
use crate::factors::{Factor, Proof, otp, phone};
use crate::logins::api::{self, Outcome};
use crate::logins::associate::{self, pending};
use crate::logins::{Authentication, Shown, Verification, Verified};
use crate::oidc::error::OAuthError;
use crate::oidc::mfa::associate::desk;
use crate::oidc::mfa::authenticators::authenticators;
use crate::oidc::mfa::bearer::claimed;
use crate::oidc::mfa::oob::OobCode;
use crate::oidc::mfa::refusals::{
    expired, invalid_request, not_enrolled, over, slow_down, why_not_redeemed, why_refused, wrong,
};
use crate::store::{Challenge, Client, Login, with_the_rest};
use crate::tickets::start::open_challenge;
use crate::tickets::{Redeemed, send};
use crate::web::App;
use crate::web::faces::JSON;

/// A code of an app.
pub const OTP: &str = "http://auth0.com/oauth/grant-type/mfa-otp";
/// What was sent to a phone, or that it approved.
pub const OOB: &str = "http://auth0.com/oauth/grant-type/mfa-oob";
/// The recovery code.
pub const RECOVERY_CODE: &str = "http://auth0.com/oauth/grant-type/mfa-recovery-code";

const WRONG_OTP: &str = "Invalid otp_code.";
const WRONG_BINDING: &str = "Invalid binding_code.";
const REJECTED: &str = "MFA Authorization rejected.";

/// `mfa-otp`
///
/// # Errors
/// [`OAuthError`], or one that `face` makes one of.
pub async fn otp(request: &mut GrantRequest) -> Result<HttpResponse, actix_web::Error> {
    let turn = Turn::of(request).await?;
    let code = required(request, "otp")?;
    let code = otp::Code::parse(&code).ok_or_else(|| wrong(WRONG_OTP))?;
    let proved = match turn.pending(Factor::Otp).await? {
        Some(attempt) => turn.confirm(attempt, Proof::Otp(code), WRONG_OTP).await?,
        None if !turn.app.switches.get().await?.allows(Factor::Otp) => {
            return Err(no_such_factor().into());
        }
        None => {
            let shown = Shown::Factor(Answer::Otp(code));
            turn.prove(shown, WRONG_OTP).await?
        }
    };
    turn.answer(&proved).await
}

/// `mfa-recovery-code`
///
/// # Errors
/// [`OAuthError`], or one that `face` makes one of.
pub async fn recovery_code(request: &mut GrantRequest) -> Result<HttpResponse, actix_web::Error> {
    let turn = Turn::of(request).await?;
    let code = required(request, "recovery_code")?;
    let found = authenticators(&turn.app, &turn.login.user_id).await?;
    if !found.has_recovery_code {
        let (status, error) = (StatusCode::FORBIDDEN, "unsupported_challenge_type");
        let description = "User does not have a recovery-code.";
        return Err(OAuthError::new(status, error, description).into());
    }
    let code = RecoveryCode::typed(&code).ok_or_else(|| wrong(REJECTED))?;
    let proved = turn.prove(Shown::RecoveryCode(code), REJECTED).await?;
    turn.answer(&proved).await
}

/// `mfa-oob`
///
/// # Errors
/// [`OAuthError`], or one that `face` makes one of.
pub async fn oob(request: &mut GrantRequest) -> Result<HttpResponse, actix_web::Error> {
    let turn = Turn::of(request).await?;
    let code = required(request, "oob_code")?;
    let typed = request.fields.string("binding_code")?.map(Zeroizing::new);
    turn.app
        .limits
        .oob(&turn.login.login_id)
        .map_err(slow_down)?;
    let malformed = || wrong("Malformed oob_code");
    let code = OobCode::open(&code, &turn.login.login_id, &turn.app.sealer);
    let code = code.ok_or_else(malformed)?;
    let factor = code.factor().ok_or_else(malformed)?;
    let attempt = if code.associates {
        let attempt = turn.pending(factor).await?;
        Some(attempt.ok_or_else(|| expired("oob_code"))?)
    } else {
        None
    };
    let begun = turn.begun(&code, factor, attempt.as_ref()).await?;
    let proved = match factor {
        Factor::Phone => {
            let missing = || invalid_request("Missing required parameter: binding_code");
            let typed = typed.ok_or_else(missing)?;
            let code = phone::Code::parse(&typed).ok_or_else(|| wrong(WRONG_BINDING))?;
            turn.typed(code, attempt, &begun).await?
        }
        _ => {
            turn.approved(&begun)?;
            match attempt {
                Some(attempt) => turn.confirm(attempt, Proof::Push, REJECTED).await?,
                None => {
                    let answer = Answer::Push(turn.login.login_id.to_string());
                    turn.prove(Shown::Factor(answer), REJECTED).await?
                }
            }
        }
    };
    turn.answer(&proved).await
}

fn required(
    request: &mut GrantRequest,
    name: &'static str,
) -> Result<Zeroizing<String>, actix_web::Error> {
    let value = request.fields.string(name)?.map(Zeroizing::new);
    let missing = || invalid_request(format!("Missing required parameter: {name}"));
    Ok(value.ok_or_else(missing)?)
}

fn no_such_factor() -> OAuthError {
    not_enrolled("unsupported_challenge_type")
}

/// How the login was proved, and the recovery code in the place of one that was used up.
type Done = (Authentication, Option<RecoveryCode>);

/// One login, whose client came with what the person showed.
struct Turn {
    app: web::Data<App>,
    client: Client,
    login: Login,
    actor: Actor,
}

impl Turn {
    /// The client proves itself, and the token is its own.
    async fn of(request: &mut GrantRequest) -> Result<Self, actix_web::Error> {
        let token = required(request, "mfa_token")?;
        let client = request.authenticate().await?;
        let login = claimed(&request.app, &token, &client.client_id).await?;
        Ok(Self {
            app: request.app.clone(),
            actor: request.seen.login(&login.login_id),
            client,
            login,
        })
    }

    /// What the login is adding.
    async fn pending(&self, factor: Factor) -> Result<Option<Attempt>> {
        let app = &self.app;
        pending(&app.store, &self.login, factor, &app.sealer, app.now()).await
    }

    /// The message or prompt that a code means, unless another took its place.
    async fn begun(
        &self,
        code: &OobCode,
        factor: Factor,
        attempt: Option<&Attempt>,
    ) -> Result<Challenge, actix_web::Error> {
        let (app, login) = (&self.app, &self.login);
        let bearer = attempt.map_or(login.login_id.as_str(), |attempt| attempt.id.as_str());
        let mut read = app.store.begin_lookup().await?;
        let begun = read
            .challenge(&login.user_id, bearer, factor.name())
            .await?;
        let begun = begun.filter(|begun| {
            begun.challenge_id == code.challenge_id && begun.expires_at > app.now()
        });
        Ok(begun.ok_or_else(|| expired("oob_code"))?)
    }

    /// Shows a code that was sent.
    async fn typed(
        &self,
        code: phone::Code,
        attempt: Option<Attempt>,
        begun: &Challenge,
    ) -> Result<Done, actix_web::Error> {
        let Some(attempt) = attempt else {
            let login = self.login.login_id.to_string();
            let answer = Answer::Phone(Typed { code, login });
            return self.prove(Shown::Factor(answer), WRONG_BINDING).await;
        };
        let confirmed = self.confirm(attempt, Proof::Phone(code), WRONG_BINDING);
        let proved = confirmed.await?;
        let app = &self.app;
        if let Some(sent) = send::open(begun, &app.sealer) {
            let (now, rng) = (app.now(), app.rng());
            send::entered(
                &app.store,
                &self.login.user_id,
                &sent,
                &app.sealer,
                now,
                rng,
            )
            .await;
        }
        Ok(proved)
    }

    /// Lets through what the phone approved.
    fn approved(&self, begun: &Challenge) -> Result<(), actix_web::Error> {
        let now = self.app.now();
        if begun.state == push::WAITING && now.since(begun.created_at) > PAIRING {
            return Err(expired("oob_code").into());
        }
        let refused =
            |error, description| OAuthError::new(StatusCode::BAD_REQUEST, error, description);
        match begun.state.as_str() {
            push::APPROVED => Ok(()),
            push::WAITING | push::ASKED => {
                let payload = Payload::read(&open_challenge(begun, &self.app.sealer)?)?;
                let number = payload.asked().map(|asked| asked.number.clone());
                let description =
                    "Authorization pending: please repeat the request in a few seconds.";
                Err(refused("authorization_pending", description)
                    .showing(number)
                    .into())
            }
            _ => Err(refused("access_denied", REJECTED).into()),
        }
    }

    /// Shows a factor that the user has, in a task of its own: a closed connection can't cancel it half-way.
    async fn prove(&self, shown: Shown, told: &'static str) -> Result<Done, actix_web::Error> {
        let (app, login_id) = (self.app.clone(), self.login.login_id.clone());
        let asked = Verification {
            user_id: self.login.user_id.clone(),
            shown,
            actor: self.actor.clone(),
        };
        let outcome = rt::spawn(with_the_rest(Box::pin(async move {
            let now = app.now();
            api::prove(&app.store, asked, login_id, &app.sealer, now, &app.rng).await
        })));
        let outcome = outcome.await.map_err(|error| Error::of_task(&error))?;
        match outcome.map_err(over)? {
            Outcome::Proved(proved, Verified::RecoveryCode(fresh)) => {
                self.app.outbox_bell.notify_one();
                Ok((proved, Some(fresh)))
            }
            Outcome::Proved(proved, _) => Ok((proved, None)),
            Outcome::Refused(Verified::Wrong) => Err(wrong(told).into()),
            Outcome::Refused(Verified::NotEnrolled) => Err(no_such_factor().into()),
            Outcome::Refused(refused) => Err(why_refused(&refused).into()),
        }
    }

    /// Adds what the login is adding, likewise.
    async fn confirm(
        &self,
        attempt: Attempt,
        proof: Proof,
        told: &'static str,
    ) -> Result<Done, actix_web::Error> {
        let (app, actor, login) = (self.app.clone(), self.actor.clone(), self.login.clone());
        let redeemed = rt::spawn(with_the_rest(Box::pin(async move {
            let factor = proof.factor();
            let redeemed = associate::confirm(&desk(&app, &actor), &login, attempt, proof).await?;
            app.metrics.redeemed(factor, &redeemed);
            Ok::<_, Error>(redeemed)
        })));
        let redeemed = redeemed.await.map_err(|error| Error::of_task(&error))?;
        match redeemed.map_err(over)? {
            Redeemed::Enrolled => {
                self.app.outbox_bell.notify_one();
                let (user, id) = (&self.login.user_id, &self.login.login_id);
                let proved = self.app.store.begin_read().await?.login(user, id).await?;
                let proved = proved.ok_or_else(|| expired("mfa_token"))?;
                Ok((Authentication::of(&proved)?, None))
            }
            Redeemed::Wrong(_) => Err(wrong(told).into()),
            refused => Err(why_not_redeemed(&refused, &self.login, self.app.now()).into()),
        }
    }

    /// The tokens of the login that was just proved, and by that is spent.
    async fn answer(&self, (proved, fresh): &Done) -> Result<HttpResponse, actix_web::Error> {
        let (app, login) = (&self.app, &self.login);
        let subject = Subject {
            client: &self.client,
            user: &login.user_id,
            email: None,
            nonce: None,
            factor: &proved.factor,
            amr: &proved.amr,
            auth_time: proved.at,
            login_id: &login.login_id,
        };
        let access = app
            .tokens
            .access_token(&login.user_id, &self.client, ALL, app.rng())
            .await?;
        let answer = Granted {
            id_token: app.tokens.id_token(&subject).await?,
            access,
            recovery_code: fresh.as_ref().map(RecoveryCode::expose),
        };
        Ok(HttpResponse::Ok().content_type(JSON).json(answer))
    }
}

/// What the client gets.
#[derive(Serialize)]
struct Granted<'a> {
    #[serde(flatten)]
    access: Issued,
    id_token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_code: Option<&'a str>,
}

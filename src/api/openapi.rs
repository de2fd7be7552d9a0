//! `/openapi.json`: the description of this API, made from the handlers themselves.

mod forms;
mod links;

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Bytes;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes, SecurityScheme,
};
use utoipa::openapi::{
    Components, ContentBuilder, OpenApi as Description, PathItem, Ref, ResponseBuilder,
};
use utoipa::{Modify, OpenApi};

use super::method_id::MethodIdText;
use super::ticket_body::TicketStatus;
use super::tickets::CREATE_PATHS;
use super::user_body::UserIdText;
use super::{
    BASE, ErrorBody, authentication_methods, clients, email_templates, enrollments, factors,
    mfa_tokens, phone, phone_paths, tenant_settings, tickets, users, webauthn,
};
use crate::access::scopes;
use crate::oidc;
use crate::web::faces::JSON;

/// Where the description is.
pub const PATH: &str = "/openapi.json";

/// All that back ends call.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tessera",
        // Of the API, as its paths say: the program's own is nobody's business (H11).
        version = "2",
        description = "Single-use MFA enrollment tickets: create one, and the person gets a link that enrolls a second factor."
    ),
    servers((url = "/")),
    paths(
        oidc::token::post, oidc::par::post, oidc::keys::get, oidc::discovery::get,
        tickets::create, tickets::list, tickets::show, tickets::revoke, tickets::resend,
        enrollments::show, enrollments::remove, enrollments::of_user,
        enrollments::remove_all, enrollments::regenerate, enrollments::forget_browsers,
        authentication_methods::list, authentication_methods::create, authentication_methods::replace,
        authentication_methods::remove_all, authentication_methods::show, authentication_methods::change,
        authentication_methods::remove,
        mfa_tokens::create,
        oidc::mfa::challenge::post, oidc::mfa::associate::post,
        oidc::mfa::authenticators::list, oidc::mfa::authenticators::remove,
        users::create, users::list, users::show, users::change, users::remove,
        clients::create, clients::list, clients::show, clients::change, clients::remove,
        factors::list, factors::switch,
        phone::message_types, phone::set_message_types, phone::provider, phone::set_provider,
        phone::templates, phone::set_templates, phone::twilio, phone::set_twilio,
        webauthn::roaming, webauthn::set_roaming, webauthn::platform, webauthn::set_platform,
        tenant_settings::show, tenant_settings::change,
        email_templates::create, email_templates::show, email_templates::replace, email_templates::change,
    ),
    components(schemas(ErrorBody, TicketStatus, UserIdText, MethodIdText)),
    security(("oauth2" = []), ("bearer" = [])),
    modifiers(&Shared),
)]
struct Api;

/// What all operations have in common.
struct Shared;

impl Modify for Shared {
    fn modify(&self, api: &mut Description) {
        let components = api.components.get_or_insert_default();
        add_security(components);
        for (path, item) in &mut api.paths.paths {
            for operation in operations(item)
                .into_iter()
                .filter(|_| path.starts_with(BASE))
            {
                add_errors(operation);
            }
        }
        for (alias, id) in CREATE_PATHS
            .iter()
            .zip(["", "post_ticket_alias", "post_ticket_alias_2"])
            .skip(1)
        {
            let create = api.paths.paths.get(&format!("{BASE}{}", CREATE_PATHS[0]));
            let Some(mut item) = create.cloned() else {
                continue;
            };
            for operation in operations(&mut item) {
                operation.operation_id = Some(id.to_owned());
            }
            api.paths.paths.insert(format!("{BASE}{alias}"), item);
        }
        for (path, alias) in phone_paths("phone").iter().zip(phone_paths("sms")) {
            let Some(mut item) = api.paths.paths.get(&format!("{BASE}{path}")).cloned() else {
                continue;
            };
            for operation in operations(&mut item) {
                let id = operation.operation_id.take().unwrap_or_default();
                operation.operation_id = Some(id.replace("_phone_", "_sms_"));
            }
            api.paths.paths.insert(format!("{BASE}{alias}"), item);
        }
        links::add(&mut api.paths);
    }
}

fn add_security(components: &mut Components) {
    let scopes = Scopes::from_iter(scopes::ALL.map(|scope| (scope, "")));
    let flow = Flow::ClientCredentials(ClientCredentials::new("/oauth/token", scopes));
    components.add_security_scheme("oauth2", SecurityScheme::OAuth2(OAuth2::new([flow])));
    for (name, scheme) in [
        ("bearer", HttpAuthScheme::Bearer),
        ("basic", HttpAuthScheme::Basic),
    ] {
        let http = HttpBuilder::new().scheme(scheme).build();
        components.add_security_scheme(name, SecurityScheme::Http(http));
    }
}

fn operations(item: &mut PathItem) -> Vec<&mut Operation> {
    [
        &mut item.get,
        &mut item.post,
        &mut item.put,
        &mut item.patch,
        &mut item.delete,
    ]
    .into_iter()
    .filter_map(Option::as_mut)
    .collect()
}

/// The errors that any operation of the management API may answer.
fn add_errors(operation: &mut Operation) {
    let mut errors = vec![
        ("400", "The Authorization header holds no bearer token"),
        ("401", "No token, or none that is valid"),
        (
            "403",
            "`insufficient_scope`, or `https_required` for a call that came by plain http",
        ),
        (
            "429",
            "`too_many_requests`: `Retry-After` says when to come back",
        ),
        ("503", "`service_unavailable`: try again shortly"),
    ];
    if operation.request_body.is_some() {
        errors.push(("408", "`request_timeout`: the body did not arrive in time"));
        errors.push(("413", "The body is too large"));
        errors.push(("415", "Neither JSON nor a form"));
    }
    for (status, description) in errors {
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Error")))
            .build();
        let response = ResponseBuilder::new()
            .description(description)
            .content("application/json", content)
            .build();
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert_with(|| response.into());
    }
}

/// Answers the description.
pub async fn get() -> HttpResponse {
    static TEXT: LazyLock<Bytes> = LazyLock::new(|| {
        let mut api = serde_json::to_value(Api::openapi()).unwrap_or_default();
        forms::describe(&mut api);
        Bytes::from(api.to_string())
    });
    HttpResponse::Ok()
        .content_type(JSON)
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .body(TEXT.clone())
}

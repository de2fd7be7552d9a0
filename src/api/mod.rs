//! The management API, one file per resource (contract §1 to §3).

use actix_web::dev::HttpServiceFactory;
use actix_web::http::Method;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{Handler, HttpResponse, Responder, Route, web};
use serde::Serialize;

use crate::core::Error;
use crate::web::faces::{self, JSON};
use crate::web::resource::{get, resource};
use crate::web::{able, https, request};

pub mod authentication_methods;
pub mod client_body;
pub mod clients;
pub mod docs;
pub mod email_templates;
pub mod enrollments;
pub mod factors;
pub mod method_body;
pub mod method_id;
pub mod mfa_tokens;
pub mod openapi;
pub mod paging;
pub mod phone;
pub mod tenant_settings;
pub mod ticket_body;
pub mod tickets;
pub mod unread;
pub mod user_body;
pub mod users;
pub mod webauthn;

/// Where the management API begins.
pub const BASE: &str = "/api/v2";

/// `/api/v2/…`, and its description.
pub fn routes() -> impl HttpServiceFactory {
    let scope = web::scope(BASE)
        .wrap(from_fn(able::check))
        .wrap(from_fn(request::refuse))
        .wrap(from_fn(https::insist_on_https))
        .wrap(from_fn(faces::json))
        .default_service(web::to(|| async {
            Err::<String, _>(Error::NotFound {
                code: "not_found",
                message: "There is no such path.",
            })
        }));
    let scope = endpoints()
        .into_iter()
        .fold(scope, |scope, endpoint| scope.service(endpoint.resource()));
    let description = resource(openapi::PATH, "GET, HEAD").route(get().to(openapi::get));
    let reader = resource(docs::PATH, "GET, HEAD").route(get().to(docs::page));
    let parts = resource(docs::PARTS, "GET, HEAD")
        .route(get().to(docs::part))
        .wrap(Compress::default());
    (description, reader, parts, scope)
}

/// Every path below [`BASE`] and the methods that it answers, HEAD aside.
pub fn table() -> Vec<(&'static str, Vec<Method>)> {
    let row = |endpoint: Endpoint| {
        let methods = endpoint.routes.into_iter().map(|(method, _)| method);
        (endpoint.path, methods.collect())
    };
    endpoints().into_iter().map(row).collect()
}

fn endpoints() -> Vec<Endpoint> {
    let mut endpoints: Vec<Endpoint> = tickets::CREATE_PATHS
        .into_iter()
        .map(|path| at(path).post(tickets::create))
        .collect();
    endpoints.extend([
        at("/guardian/enrollments/tickets").get(tickets::list),
        at("/guardian/enrollments/tickets/{id}")
            .get(tickets::show)
            .delete(tickets::revoke),
        at("/guardian/enrollments/tickets/{id}/resend").post(tickets::resend),
        at("/guardian/enrollments/{id}")
            .get(enrollments::show)
            .delete(enrollments::remove),
        at("/guardian/factors").get(factors::list),
        at("/guardian/factors/{name}").put(factors::switch),
        at("/guardian/factors/phone/message-types")
            .get(phone::message_types)
            .put(phone::set_message_types),
        at("/guardian/factors/webauthn-roaming/settings")
            .get(webauthn::roaming)
            .put(webauthn::set_roaming),
        at("/guardian/factors/webauthn-platform/settings")
            .get(webauthn::platform)
            .put(webauthn::set_platform),
        at("/clients").get(clients::list).post(clients::create),
        at("/clients/{id}")
            .get(clients::show)
            .patch(clients::change)
            .delete(clients::remove),
        at("/users").get(users::list).post(users::create),
        at("/users/{id}")
            .get(users::show)
            .patch(users::change)
            .delete(users::remove),
        at("/users/{id}/enrollments").get(enrollments::of_user),
        at("/users/{id}/authentication-methods")
            .get(authentication_methods::list)
            .post(authentication_methods::create)
            .put(authentication_methods::replace)
            .delete(authentication_methods::remove_all),
        at("/users/{id}/authentication-methods/{authentication_method_id}")
            .get(authentication_methods::show)
            .patch(authentication_methods::change)
            .delete(authentication_methods::remove),
        at("/users/{id}/authenticators").delete(enrollments::remove_all),
        at("/users/{id}/recovery-code-regeneration").post(enrollments::regenerate),
        at("/users/{id}/multifactor/actions/invalidate-remember-browser")
            .post(enrollments::forget_browsers),
        at("/users/{id}/mfa-token").post(mfa_tokens::create),
        at("/tenants/settings")
            .get(tenant_settings::show)
            .patch(tenant_settings::change),
        at("/email-templates").post(email_templates::create),
        at("/email-templates/{templateName}")
            .get(email_templates::show)
            .put(email_templates::replace)
            .patch(email_templates::change),
    ]);
    // The older paths of the same (contract §3).
    for factor in ["phone", "sms"] {
        let [provider, templates, twilio] = phone_paths(factor);
        endpoints.extend([
            at(provider).get(phone::provider).put(phone::set_provider),
            at(templates)
                .get(phone::templates)
                .put(phone::set_templates),
            at(twilio).get(phone::twilio).put(phone::set_twilio),
        ]);
    }
    endpoints
}

/// The settings of phones, below the factor or its older name.
pub fn phone_paths(factor: &str) -> [&'static str; 3] {
    if factor == "sms" {
        [
            "/guardian/factors/sms/selected-provider",
            "/guardian/factors/sms/templates",
            "/guardian/factors/sms/providers/twilio",
        ]
    } else {
        [
            "/guardian/factors/phone/selected-provider",
            "/guardian/factors/phone/templates",
            "/guardian/factors/phone/providers/twilio",
        ]
    }
}

/// One path and what it answers.
struct Endpoint {
    path: &'static str,
    routes: Vec<(Method, Route)>,
}

fn at(path: &'static str) -> Endpoint {
    Endpoint {
        path,
        routes: Vec::new(),
    }
}

macro_rules! method {
    ($name:ident, $method:ident, $route:expr) => {
        fn $name<F, Args>(mut self, handler: F) -> Self
        where
            F: Handler<Args>,
            Args: actix_web::FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            self.routes.push((Method::$method, $route.to(handler)));
            self
        }
    };
}

impl Endpoint {
    method!(get, GET, get());
    method!(post, POST, web::post());
    method!(put, PUT, web::put());
    method!(patch, PATCH, web::patch());
    method!(delete, DELETE, web::delete());

    fn resource(self) -> actix_web::Resource {
        let mut allow: Vec<&str> = Vec::new();
        for (method, _) in &self.routes {
            allow.push(method.as_str());
            if method == Method::GET {
                allow.push("HEAD");
            }
        }
        let resource = resource(self.path, &allow.join(", "));
        self.routes
            .into_iter()
            .fold(resource, |resource, (_, route)| resource.route(route))
    }
}

/// An answer that is done, in JSON.
fn ok(body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().content_type(JSON).json(body)
}

/// An error of the management API (contract §0.1).
#[derive(utoipa::ToSchema)]
#[schema(as = Error)]
#[serde(rename_all = "camelCase")]
pub struct ErrorBody {
    /// The status of the answer.
    pub status_code: u16,
    /// The status in words.
    pub error: String,
    /// What is wrong, and with which property.
    pub message: String,
    /// Stable, for programs; 401 has none.
    pub error_code: Option<String>,
    /// With 401: the message again, as `error`.
    pub attributes: Option<std::collections::BTreeMap<String, String>>,
}

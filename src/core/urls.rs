//! The one place that builds links: from `public_url` alone, never from a request.

use url::Url;

use super::ids::TicketId;
use super::secret::{PairingCode, TicketSecret};

/// The path of the emailed link and of the enroll pages.
pub const ENROLL: &str = "/guardian/enroll";
/// The page that offers the factors again.
pub const CHOOSE: &str = "/guardian/enroll/choose";
/// The page of the authenticator app.
pub const OTP: &str = "/guardian/enroll/otp";
/// The page of a phone number.
pub const PHONE: &str = "/guardian/enroll/phone";
/// The page of the code that was sent to it.
pub const PHONE_CODE: &str = "/guardian/enroll/phone/code";
/// Where another code is asked for.
pub const PHONE_RESEND: &str = "/guardian/enroll/phone/resend";
/// The page of a phone that approves.
pub const PUSH: &str = "/guardian/enroll/push-notification";
/// Where that stands, for the page's script.
pub const PUSH_STATE: &str = "/guardian/enroll/push-notification/state";
/// The page that makes a phone's browser an authenticator.
pub const AUTHENTICATOR: &str = "/authenticator";
/// The page of a security key.
pub const WEBAUTHN_ROAMING: &str = "/guardian/enroll/webauthn-roaming";
/// The page of the device's own biometrics.
pub const WEBAUTHN_PLATFORM: &str = "/guardian/enroll/webauthn-platform";
/// What a browser is asked for a security key.
pub const WEBAUTHN_ROAMING_OPTIONS: &str = "/guardian/enroll/webauthn-roaming/options";
/// What a browser is asked for its own device.
pub const WEBAUTHN_PLATFORM_OPTIONS: &str = "/guardian/enroll/webauthn-platform/options";
/// The page that shows the recovery code.
pub const RECOVERY_CODE: &str = "/guardian/enroll/recovery-code";
/// The recovery code as a file.
pub const RECOVERY_CODE_DOWNLOAD: &str = "/guardian/enroll/recovery-code/download";
/// The last page.
pub const DONE: &str = "/guardian/enroll/done";
/// Proving a factor that is enrolled.
pub const AUTHENTICATE: &str = "/guardian/authenticate";
/// The choice of which.
pub const AUTHENTICATE_CHOOSE: &str = "/guardian/authenticate/choose";
/// With the authenticator app.
pub const AUTHENTICATE_OTP: &str = "/guardian/authenticate/otp";
/// With a code sent to a phone.
pub const AUTHENTICATE_PHONE: &str = "/guardian/authenticate/phone";
/// Where such a code is asked for.
pub const AUTHENTICATE_PHONE_SEND: &str = "/guardian/authenticate/phone/send";
/// With the phone that approves.
pub const AUTHENTICATE_PUSH: &str = "/guardian/authenticate/push-notification";
/// Where that stands, for the page's script.
pub const AUTHENTICATE_PUSH_STATE: &str = "/guardian/authenticate/push-notification/state";
/// With a security key.
pub const AUTHENTICATE_ROAMING: &str = "/guardian/authenticate/webauthn-roaming";
/// What a browser is asked for a security key.
pub const AUTHENTICATE_ROAMING_OPTIONS: &str = "/guardian/authenticate/webauthn-roaming/options";
/// With the device's own biometrics.
pub const AUTHENTICATE_PLATFORM: &str = "/guardian/authenticate/webauthn-platform";
/// What a browser is asked for its own device.
pub const AUTHENTICATE_PLATFORM_OPTIONS: &str = "/guardian/authenticate/webauthn-platform/options";
/// With the recovery code.
pub const AUTHENTICATE_RECOVERY_CODE: &str = "/guardian/authenticate/recovery-code";
/// The recovery code in the place of the used one.
pub const AUTHENTICATE_FRESH_CODE: &str = "/guardian/authenticate/recovery-code/fresh";
/// The same as a file.
pub const AUTHENTICATE_FRESH_CODE_DOWNLOAD: &str =
    "/guardian/authenticate/recovery-code/fresh/download";
/// Back to the application, with what was proved.
pub const AUTHENTICATE_FINISH: &str = "/guardian/authenticate/finish";
/// Back to the application, with nothing.
pub const AUTHENTICATE_CANCEL: &str = "/guardian/authenticate/cancel";
/// What a reference to a pushed request begins with (RFC 9126 §2.2).
pub const REQUEST_URI: &str = "urn:ietf:params:oauth:request_uri:";
/// Where an application sends its user.
pub const AUTHORIZE: &str = "/authorize";
/// Assets.
pub const STATIC: &str = "/static";
/// The colours of `[site]`, as a style sheet.
pub const SITE_CSS: &str = "/static/site.css";

/// Builds absolute links.
#[derive(Debug, Clone)]
pub struct Urls {
    origin: String,
    host: String,
}

impl Urls {
    /// Links under this origin.
    pub fn new(public_url: &Url) -> Self {
        Self {
            origin: public_url.origin().ascii_serialization(),
            host: public_url.host_str().unwrap_or("localhost").to_owned(),
        }
    }

    /// Scheme, host and port, as a browser writes it in `Origin`.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The host alone: the domain of Message-IDs.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether browsers reach us by https.
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https:")
    }

    /// The issuer of our tokens, with the trailing slash that Auth0's clients expect (contract §4.2).
    pub fn issuer(&self) -> String {
        format!("{}/", self.origin)
    }

    /// The audience of the management API (contract §4.1).
    pub fn management_audience(&self) -> String {
        format!("{}/api/v2/", self.origin)
    }

    /// The audience of the MFA API (contract §5).
    pub fn mfa_audience(&self) -> String {
        format!("{}/mfa/", self.origin)
    }

    /// An absolute link to a path of ours.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// What a phone scans to be paired. A fragment is sent to nobody and stands in no log.
    pub fn pairing_link(&self, code: &PairingCode) -> String {
        format!("{}{AUTHENTICATOR}#{}", self.origin, code.expose())
    }

    /// The emailed link: the only place where a ticket's secret is written out.
    pub fn enroll_link(&self, ticket_id: &TicketId, secret: &TicketSecret) -> String {
        format!(
            "{}{ENROLL}?ticket={ticket_id}.{}",
            self.origin,
            secret.expose()
        )
    }
}

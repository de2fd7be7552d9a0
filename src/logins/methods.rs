//! What an application is told of how it was proved.

use crate::factors::Factor;

/// More than one factor: the client vouches for the first.
/// (<https://openid.net/specs/openid-provider-authentication-policy-extension-1_0.html>)
pub const MULTI_FACTOR: &str = "http://schemas.openid.net/pape/policies/2007/06/multi-factor";
/// By what no other site can ask for (OpenID Connect EAP ACR Values §2).
pub const PHISHING_RESISTANT: &str = "phr";
/// All that an application may ask for, the best first.
pub const ACR_VALUES: [&str; 2] = [PHISHING_RESISTANT, MULTI_FACTOR];

/// What a proof of this factor amounts to.
pub fn acr(factor: &str) -> &'static str {
    let bound_to_our_origin = [Factor::WebauthnRoaming, Factor::WebauthnPlatform];
    if bound_to_our_origin
        .iter()
        .any(|bound| bound.name() == factor)
    {
        PHISHING_RESISTANT
    } else {
        MULTI_FACTOR
    }
}

"""The second factor: all that this application says to Tessera, by OpenID Connect."""

from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.integrations.flask_client import OAuth, OAuthError
from flask import request

MULTI_FACTOR = "http://schemas.openid.net/pape/policies/2007/06/multi-factor"
PHISHING_RESISTANT = "phr"

oauth = OAuth()


def init_app(app):
    oauth.init_app(app)
    oauth.register(
        "tessera",
        client_id=app.config["CLIENT_ID"],
        client_secret=app.config["CLIENT_SECRET"],
        server_metadata_url=f"{app.config['TESSERA_URL']}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid",
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic",
            "default_timeout": 10,
        },
    )


def add_user(user_id, email):
    """Makes a user known to Tessera; who is known there already stays as they are."""
    tessera = oauth.tessera
    users = tessera.load_server_metadata()["issuer"].rstrip("/") + "/api/v2/users"
    token = tessera.fetch_access_token(grant_type="client_credentials")
    body = {"connection": "shop", "user_id": user_id, "email": email}
    answer = tessera.post(users, json=body, token=token)
    if answer.status_code != 409:
        answer.raise_for_status()


def begin(user_id, callback, enroll=False):
    """Asks for a login of a user whose password was right, and says where to send the browser.

    With `enroll`, who has no second factor yet may set one up on the way: the password alone then vouches for them.
    """
    tessera = oauth.tessera
    known = tessera.load_server_metadata()
    asked = tessera.create_authorization_url(
        callback,
        login_hint=user_id,
        acr_values=MULTI_FACTOR,
        allow_enrollment="true" if enroll else "false",
    )
    # The library made the whole request, as for any provider. Tessera takes it from this server alone, not out of the
    # user's address bar (RFC 9126), which the library has no call for yet: its session posts it.
    answer = tessera.post(
        known["pushed_authorization_request_endpoint"],
        data=dict(parse_qsl(urlsplit(asked["url"]).query)),
        auth=(tessera.client_id, tessera.client_secret),
        withhold_token=True,
    )
    if answer.status_code != 201:
        told = answer.json()
        raise OAuthError(told.get("error"), told.get("error_description"))
    # State, nonce and code verifier stay in this browser's session.
    tessera.save_authorize_data(redirect_uri=callback, **asked)
    pushed = {"client_id": tessera.client_id, "request_uri": answer.json()["request_uri"]}
    return f"{known['authorization_endpoint']}?{urlencode(pushed)}"


def finish(user_id):
    """What the ID token says of the login that this request brings back: it is this user's, and it is a second factor.

    Raises OAuthError for what Tessera or its user refused, JoseError for a token that is not as it must be.
    """
    tessera = oauth.tessera
    issuer = tessera.load_server_metadata()["issuer"]
    # Who answers must be who was asked (RFC 9207).
    if request.args.get("iss") != issuer:
        raise OAuthError("invalid_response", "the answer came from somebody else")
    # The library checks state, nonce, signature and times; the rest is for the application to name.
    token = tessera.authorize_access_token(
        claims_options={
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": tessera.client_id},
            "sub": {"essential": True, "value": user_id},
            "acr": {"essential": True, "values": [MULTI_FACTOR, PHISHING_RESISTANT]},
        }
    )
    claims = token.get("userinfo")
    if not claims or "mfa" not in claims.get("amr", []):
        raise OAuthError("invalid_response", "no second factor was proved")
    return claims

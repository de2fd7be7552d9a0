//! Bodies that describe a client: what may be said, and what is shown.

use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::access::{clients, redirect_uris};
use crate::core::{Algorithm, Error, Result};
use crate::store::Client;
use crate::web::Fields;

/// The ways of Auth0's clients to show a secret; either is taken from a client that was registered for one of them.
const SECRETS: [&str; 2] = ["client_secret_post", "client_secret_basic"];

/// A client to create: an application, whose users prove their second factor. Unknown and repeated members are refused.
#[derive(ToSchema)]
#[schema(example = json!({ "name": "Shop", "redirect_uris": ["https://shop.example.com/callback"] }))]
pub struct CreateClientRequest {
    /// What people read of it, in one line.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The rest may change later.
    #[serde(flatten)]
    pub settings: ClientSettings,
}

/// What to change of a client. Unknown and repeated members are refused.
#[derive(ToSchema)]
pub struct ChangeClientRequest {
    /// What people read of it, in one line.
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    /// What changes.
    #[serde(flatten)]
    pub settings: ClientSettings,
}

/// What may be said of a client.
#[derive(ToSchema)]
pub struct ClientSettings {
    /// Where its logins may lead back to: https, or http on this machine; compared letter by letter. It replaces what was
    /// there.
    #[schema(max_items = 20)]
    pub redirect_uris: Option<Vec<String>>,
    /// The same, as Auth0 calls it; if both are sent, they must be equal.
    #[schema(max_items = 20)]
    pub callbacks: Option<Vec<String>>,
    /// `client_secret_post` (the default), `client_secret_basic` or `private_key_jwt`. A client that is to show a secret
    /// again gets a new one.
    #[schema(pattern = "^(client_secret_post|client_secret_basic|private_key_jwt)$")]
    pub token_endpoint_auth_method: Option<String>,
    /// With `private_key_jwt`: its public keys, as a JWK set.
    #[schema(value_type = Option<Object>)]
    pub jwks: Option<Map<String, Value>>,
    /// How the tokens that it gets are signed.
    pub jwt_configuration: Option<JwtConfiguration>,
}

/// How tokens are signed, in Auth0's form.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JwtConfiguration {
    /// `RS256` (the default), or `ES256`, which costs the server far less.
    #[schema(pattern = "^(RS256|ES256)$")]
    pub alg: String,
}

/// A client.
#[derive(ToSchema)]
pub struct ClientBody {
    /// Its name in tokens and logs.
    pub client_id: String,
    /// Its secret: shown when it is made, and never again.
    pub client_secret: Option<String>,
    /// What people read of it.
    pub name: String,
    /// Where its logins may lead back to.
    pub redirect_uris: Vec<String>,
    /// The same, as Auth0 calls it.
    pub callbacks: Vec<String>,
    /// How it proves itself.
    pub token_endpoint_auth_method: String,
    /// Its public keys, if it signs.
    #[schema(value_type = Option<Object>)]
    pub jwks: Option<Map<String, Value>>,
    /// How the tokens that it gets are signed.
    pub jwt_configuration: JwtConfiguration,
}

/// The clients, or with `include_totals` a page of them.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum ClientList {
    /// The clients alone.
    Alone(Vec<ClientBody>),
    /// With their number.
    Page(ClientPage),
}

/// A page of clients.
#[derive(ToSchema)]
pub struct ClientPage {
    /// The rows before it.
    pub start: i64,
    /// How many rows were asked for.
    pub limit: i64,
    /// How many came.
    pub length: i64,
    /// How many there are.
    pub total: i64,
    /// The rows.
    pub clients: Vec<ClientBody>,
}

/// What a body says of a client; what it does not say stays.
pub struct Change {
    /// What people read of it.
    pub name: Option<String>,
    redirect_uris: Option<String>,
    auth_method: Option<String>,
    jwks: Option<String>,
    signing_alg: Option<Algorithm>,
}

impl Change {
    /// What this body says.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the property.
    pub fn take(mut body: Fields) -> Result<Self> {
        let name = body.string("name")?;
        if let Some(name) = &name {
            clients::check_name(name).map_err(|why| Error::invalid("name", why))?;
        }
        let uris = body.some_strings("redirect_uris")?;
        let callbacks = body.some_strings("callbacks")?;
        if uris.is_some() && callbacks.is_some() && uris != callbacks {
            let reason = "is the same as redirect_uris; send one of them, or the same twice";
            return Err(Error::invalid("callbacks", reason));
        }
        let property = if uris.is_some() {
            "redirect_uris"
        } else {
            "callbacks"
        };
        let registered = |uris: Vec<String>| {
            redirect_uris::registered(&uris).map_err(|why| Error::invalid(property, why))
        };
        let auth_method = body.string("token_endpoint_auth_method")?;
        if auth_method.as_deref().is_some_and(|method| !known(method)) {
            let reason = "must be client_secret_post, client_secret_basic or private_key_jwt";
            return Err(Error::invalid("token_endpoint_auth_method", reason));
        }
        let jwks = body.object("jwks")?.map(Value::Object);
        let jwks = jwks.as_ref().map(clients::registered_keys).transpose();
        let jwks = jwks.map_err(|why| Error::invalid("jwks", why))?;
        let signing_alg = body.object("jwt_configuration")?.map(signing_alg);
        let signing_alg = signing_alg.transpose()?;
        body.finish()?;
        Ok(Self {
            name,
            redirect_uris: uris.or(callbacks).map(registered).transpose()?,
            auth_method,
            jwks,
            signing_alg,
        })
    }

    /// Whether it lets somebody else prove to be the client.
    pub fn touches_keys(&self) -> bool {
        self.auth_method.is_some() || self.jwks.is_some()
    }

    /// The client as it will be.
    ///
    /// # Errors
    /// [`Error::Invalid`] when its keys and how it proves itself do not fit together.
    pub fn apply(self, mut client: Client) -> Result<Client> {
        if let Some(name) = self.name {
            client.name = name;
        }
        if let Some(uris) = self.redirect_uris {
            client.redirect_uris = uris;
        }
        if let Some(method) = self.auth_method {
            client.auth_method = method;
        }
        if let Some(alg) = self.signing_alg {
            client.signing_alg = alg;
        }
        let kept = client.jwks.take().filter(|_| client.signs());
        client.jwks = self.jwks.or(kept);
        match (client.signs(), client.jwks.is_some()) {
            (true, false) => Err(Error::invalid(
                "jwks",
                "private_key_jwt needs its public keys",
            )),
            (false, true) => {
                let reason = "belongs to token_endpoint_auth_method private_key_jwt";
                Err(Error::invalid("jwks", reason))
            }
            _ => Ok(client),
        }
    }
}

fn known(method: &str) -> bool {
    SECRETS.contains(&method) || method == Client::PRIVATE_KEY_JWT
}

/// The algorithm of a `jwt_configuration`, of which nothing else can be set.
fn signing_alg(mut sent: Map<String, Value>) -> Result<Algorithm> {
    let alg = sent.remove("alg");
    let known = alg.as_ref().and_then(Value::as_str).map(str::parse);
    match (known, sent.is_empty()) {
        (Some(Ok(alg)), true) => Ok(alg),
        _ => {
            let reason = r#"must be {"alg": "RS256"} or {"alg": "ES256"}"#;
            Err(Error::invalid("jwt_configuration", reason))
        }
    }
}

/// A client in Auth0's shape, with its secret if that was made just now.
pub fn shown(client: &Client, secret: Option<&str>) -> Value {
    let uris: Vec<&str> = client.redirects().collect();
    // What the command line calls a secret is shown in either way.
    let method = Some(client.auth_method.as_str()).filter(|method| known(method));
    let mut shown = json!({
        "client_id": client.client_id,
        "name": client.name,
        "redirect_uris": uris,
        "callbacks": uris,
        "token_endpoint_auth_method": method.unwrap_or(SECRETS[0]),
        "jwt_configuration": { "alg": client.signing_alg.name() },
    });
    if let Some(jwks) = &client.jwks {
        shown["jwks"] = serde_json::from_str(jwks).unwrap_or_default();
    }
    if let Some(secret) = secret {
        shown["client_secret"] = json!(secret);
    }
    shown
}

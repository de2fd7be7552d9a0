//! Bodies that describe a user: what may be said, and how it changes what is kept.

use data_encoding::HEXLOWER;
use serde_json::{Map, Value};
use url::Url;
use utoipa::ToSchema;

use crate::core::{Email, Error, Result, Rng, Timestamp, UserId};
use crate::store::User;
use crate::users::Profile;
use crate::web::Fields;

/// A profile of more bytes is refused.
const LARGEST_PROFILE: usize = 64 * 1024;

/// A user to create. Unknown and repeated members are refused, and so is `password`: Tessera keeps none.
#[derive(ToSchema)]
#[schema(example = json!({ "connection": "Username-Password-Authentication", "email": "ada@example.com" }))]
pub struct CreateUserRequest {
    /// The connection that the user belongs to; kept and shown.
    pub connection: String,
    /// Without one, an id is made. One without a `|` gets `auth0|` before it.
    #[schema(max_length = 255)]
    pub user_id: Option<String>,
    /// Only `false` is taken: no address is verified here.
    pub verify_email: Option<bool>,
    /// The rest may change later.
    #[serde(flatten)]
    pub person: Person,
}

/// What to change of a user. Unknown and repeated members are refused, and so is `password`.
#[derive(ToSchema)]
pub struct ChangeUserRequest {
    /// If it is sent, it must be the user's.
    pub connection: Option<String>,
    /// Only `false` is taken: no address is verified here.
    pub verify_email: Option<bool>,
    /// What changes.
    #[serde(flatten)]
    pub person: Person,
}

/// What may be said of a user.
#[derive(ToSchema)]
pub struct Person {
    /// The address that mails go to.
    pub email: Option<String>,
    /// Whether you vouch for it; another address begins without.
    pub email_verified: Option<bool>,
    /// `+` and up to 15 digits.
    #[schema(pattern = r"^\+[0-9]{1,15}$")]
    pub phone_number: Option<String>,
    /// Whether you vouch for it; another number begins without.
    pub phone_verified: Option<bool>,
    /// The user name.
    #[schema(max_length = 128)]
    pub username: Option<String>,
    /// The full name; a new user's is the address.
    #[schema(max_length = 300)]
    pub name: Option<String>,
    /// The short name; a new user's is the address's part before the `@`.
    #[schema(max_length = 300)]
    pub nickname: Option<String>,
    /// The given name.
    #[schema(max_length = 150)]
    pub given_name: Option<String>,
    /// The family name.
    #[schema(max_length = 150)]
    pub family_name: Option<String>,
    /// An http or https URL.
    pub picture: Option<String>,
    /// A blocked user's tickets open no page.
    pub blocked: Option<bool>,
    /// What the user may see.
    #[schema(value_type = Option<Object>)]
    pub user_metadata: Option<Map<String, Value>>,
    /// What only the back end may see.
    #[schema(value_type = Option<Object>)]
    pub app_metadata: Option<Map<String, Value>>,
}

/// The back end's name for a person.
#[derive(ToSchema)]
#[schema(value_type = String, min_length = 1, max_length = 255, pattern = r"^[^\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+$")]
pub struct UserIdText(pub String);

/// The users, or with `include_totals` a page of them.
#[derive(ToSchema)]
#[serde(untagged)]
pub enum UserList {
    /// The users alone.
    Alone(Vec<SomeOfUser>),
    /// With their number.
    Page(UserPage),
}

/// A page of users.
#[derive(ToSchema)]
pub struct UserPage {
    /// The rows before it.
    pub start: i64,
    /// How many rows were asked for.
    pub limit: i64,
    /// How many came.
    pub length: i64,
    /// How many there are.
    pub total: i64,
    /// The rows.
    pub users: Vec<SomeOfUser>,
}

/// The members of a user that were asked for; all that are known, if none was.
#[derive(ToSchema)]
pub struct SomeOfUser {
    /// The back end's name for the person.
    pub user_id: Option<String>,
    /// When it was created.
    pub created_at: Option<String>,
    /// When it was changed last.
    pub updated_at: Option<String>,
    /// One, of the connection.
    #[schema(value_type = Option<Vec<Object>>)]
    pub identities: Option<Vec<Map<String, Value>>>,
    /// The rest, as it was sent.
    #[serde(flatten)]
    pub person: Person,
}

/// A user. What is not known is left out.
#[derive(ToSchema)]
pub struct UserBody {
    /// The back end's name for the person.
    pub user_id: String,
    /// When it was created.
    pub created_at: String,
    /// When it was changed last.
    pub updated_at: String,
    /// One, of the connection.
    #[schema(value_type = Vec<Object>)]
    pub identities: Vec<Map<String, Value>>,
    /// The rest, as it was sent.
    #[serde(flatten)]
    pub person: Person,
}

/// The user that a body describes.
///
/// # Errors
/// [`Error::Invalid`] naming the property.
pub fn created(mut body: Fields, now: Timestamp, rng: &dyn Rng) -> Result<User> {
    let mut profile = Profile {
        connection: body.required_string("connection")?,
        ..Profile::default()
    };
    check_text("connection", &profile.connection, 128)?;
    let user_id = match body.string("user_id")? {
        Some(id) => stored_id(&id)?,
        None => format!("auth0|{}", HEXLOWER.encode(&rng.bytes::<12>())).parse()?,
    };
    let mut user = User {
        user_id,
        email: None,
        blocked: false,
        profile: String::new(),
        created_at: now,
        updated_at: now,
    };
    let email = apply(&mut body, &mut user, &mut profile)?;
    body.finish()?;
    if let Some(email) = email {
        profile
            .name
            .get_or_insert_with(|| email.as_str().to_owned());
        profile
            .nickname
            .get_or_insert_with(|| email.local_part().to_owned());
    }
    user.profile = fitting(&profile)?;
    Ok(user)
}

/// The user as a body changes it.
///
/// # Errors
/// [`Error::Invalid`] naming the property.
pub fn changed(mut body: Fields, mut user: User, now: Timestamp) -> Result<User> {
    let mut profile = Profile::parse(&user.profile);
    if body
        .string("connection")?
        .is_some_and(|name| name != profile.connection)
    {
        let reason = format!("the user is in {}, and stays there", profile.connection);
        return Err(Error::invalid("connection", reason));
    }
    apply(&mut body, &mut user, &mut profile)?;
    body.finish()?;
    user.profile = fitting(&profile)?;
    user.updated_at = now;
    Ok(user)
}

/// Auth0 puts the provider before the ids that it is given; an id that has one already is whole.
fn stored_id(id: &str) -> Result<UserId> {
    if id.contains(char::is_whitespace) {
        return Err(Error::invalid("user_id", "must not contain spaces"));
    }
    let id: UserId = id.parse()?;
    if id.as_str().contains('|') {
        return Ok(id);
    }
    format!("auth0|{id}").parse()
}

/// What is sent replaces what is kept; says which address was sent.
fn apply(body: &mut Fields, user: &mut User, profile: &mut Profile) -> Result<Option<Email>> {
    if body.has("password") {
        let reason = "Tessera keeps no passwords; leave it out";
        return Err(Error::invalid("password", reason));
    }
    if body.boolean("verify_email")? == Some(true) {
        let reason = "Tessera verifies no addresses; say email_verified if you vouch for it";
        return Err(Error::invalid("verify_email", reason));
    }
    if body.has("blocked") {
        user.blocked = body.boolean("blocked")?.unwrap_or(false);
    }
    let former_number = profile.phone_number.clone();
    apply_words(body, profile)?;
    profile.phone_verified &= profile.phone_number == former_number;
    let mut email = None;
    if body.has("email") {
        let sent = body.string("email")?;
        email = sent.map(|text| text.parse::<Email>()).transpose()?;
        let address = email.as_ref().map(|email| email.as_str().to_owned());
        profile.email_verified &= user.email == address;
        user.email = address;
    }
    for (name, flag) in [
        ("email_verified", &mut profile.email_verified),
        ("phone_verified", &mut profile.phone_verified),
    ] {
        if body.has(name) {
            *flag = body.boolean(name)?.unwrap_or(false);
        }
    }
    merge(&mut profile.user_metadata, body.object("user_metadata")?);
    match body.object("app_metadata")? {
        Some(object) if object.is_empty() => profile.app_metadata.clear(),
        object => merge(&mut profile.app_metadata, object),
    }
    Ok(email)
}

fn apply_words(body: &mut Fields, profile: &mut Profile) -> Result<()> {
    for (name, most, slot) in [
        ("username", 128, &mut profile.username),
        ("name", 300, &mut profile.name),
        ("nickname", 300, &mut profile.nickname),
        ("given_name", 150, &mut profile.given_name),
        ("family_name", 150, &mut profile.family_name),
        ("picture", 2048, &mut profile.picture),
        ("phone_number", 16, &mut profile.phone_number),
    ] {
        if !body.has(name) {
            continue;
        }
        *slot = body.string(name)?;
        if let Some(text) = slot.as_deref() {
            check_text(name, text, most)?;
        }
    }
    let number = profile.phone_number.as_deref();
    number.map_or(Ok(()), check_number)?;
    profile.picture.as_deref().map_or(Ok(()), check_picture)
}

/// Member by member, and not deeper: null removes one.
fn merge(kept: &mut Map<String, Value>, sent: Option<Map<String, Value>>) {
    for (name, value) in sent.into_iter().flatten() {
        if value.is_null() {
            kept.remove(&name);
        } else {
            kept.insert(name, value);
        }
    }
}

fn check_text(name: &'static str, text: &str, most: usize) -> Result<()> {
    if text.is_empty() || text.chars().count() > most {
        let reason = format!("must have 1 to {most} characters");
        return Err(Error::invalid(name, reason));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(name, "must not contain control characters"));
    }
    Ok(())
}

fn check_number(number: &str) -> Result<()> {
    let digits = number.strip_prefix('+').unwrap_or_default();
    if (1..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err(Error::invalid(
        "phone_number",
        "must be + and up to 15 digits",
    ))
}

fn check_picture(url: &str) -> Result<()> {
    match Url::parse(url) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(()),
        _ => Err(Error::invalid("picture", "must be an http or https URL")),
    }
}

fn fitting(profile: &Profile) -> Result<String> {
    let json = profile.to_json();
    if json.len() <= LARGEST_PROFILE {
        return Ok(json);
    }
    let reason = format!("the user has {LARGEST_PROFILE} bytes at most, metadata included");
    Err(Error::invalid("user_metadata", reason))
}

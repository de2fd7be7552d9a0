//! Who is calling, and what may be asked for now: API clients and their tokens, attempts and their cookies, CSRF,
//! switches, and how much of anything.

pub mod assertions;
pub mod attempt;
pub mod client_keys;
pub mod clients;
pub mod guard;
pub mod id_tokens;
mod key_file;
pub mod keys;
pub mod limits;
pub mod mfa_tokens;
pub mod redirect_uris;
pub mod rotation;
pub mod scopes;
pub mod sealing;
pub mod signer;
pub mod switches;
pub mod tokens;
pub mod vapid;
pub mod visit;

pub use attempt::Attempt;
pub use guard::LinkGuard;
pub use keys::Keys;
pub use limits::{Limits, Rates};
pub use scopes::Scope;
pub use signer::Signer;
pub use switches::SwitchCache;
pub use tokens::{Caller, Tokens};
pub use visit::Visit;

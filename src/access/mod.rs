//! Who is calling: API clients and their tokens, attempts and their cookies, CSRF.

pub mod attempt;
pub mod keys;
pub mod scopes;
pub mod tokens;

pub use attempt::Attempt;
pub use keys::Keys;
pub use scopes::Scope;
pub use tokens::{Caller, Tokens};

//! What the HTTP edges share: state, routes, extractors, error faces, headers.

pub mod able;
pub mod app;
pub mod body;
pub mod caller;
pub mod faces;
pub mod fields;
pub mod headers;
pub mod health;
pub mod request;
pub mod resource;
pub mod routes;
pub mod server;
pub mod static_files;
pub mod tls;

pub use app::App;
pub use body::Body;
pub use caller::ApiCaller;
pub use fields::Fields;
pub use request::Seen;
pub use tls::Tls;

//! What the HTTP edges share: state, routes, extractors, error faces, headers.

pub mod able;
pub mod address;
pub mod admin;
pub mod app;
pub mod body;
pub mod caller;
pub mod connection;
pub mod faces;
pub mod fields;
pub mod headers;
pub mod health;
pub mod https;
pub mod lately;
pub mod metrics;
pub mod preview;
pub mod request;
pub mod resource;
pub mod routes;
pub mod scrape;
pub mod server;
pub mod static_files;
pub mod stored;
pub mod throttle;
pub mod tls;
pub mod vitals;

pub use address::{ApiNetworks, Proxies};
pub use app::App;
pub use body::Body;
pub use caller::ApiCaller;
pub use fields::Fields;
pub use metrics::Metrics;
pub use request::Seen;
pub use tls::Tls;
pub use vitals::Vitals;

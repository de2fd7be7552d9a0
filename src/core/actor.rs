//! Who did it: what every event says of its cause.

use std::net::IpAddr;

use super::ids::{AttemptId, ClientId, EnrollmentId, LoginId, RequestId};

/// The cause of an event.
#[derive(Debug, Clone)]
pub struct Actor {
    /// `client:cli_…`, `attempt:att_…`, `login:lgn_…`, `device:dev_…`, `command-line` or `server`.
    pub name: String,
    /// The peer's address, where there is a peer.
    pub ip: Option<IpAddr>,
    /// The request, where there is one.
    pub request_id: Option<RequestId>,
}

impl Actor {
    /// An API client.
    pub fn client(id: &ClientId, ip: Option<IpAddr>, request_id: RequestId) -> Self {
        Self {
            name: format!("client:{id}"),
            ip,
            request_id: Some(request_id),
        }
    }

    /// A browser working on a ticket.
    pub fn attempt(id: &AttemptId, ip: Option<IpAddr>, request_id: RequestId) -> Self {
        Self {
            name: format!("attempt:{id}"),
            ip,
            request_id: Some(request_id),
        }
    }

    /// A browser working on a login.
    pub fn login(id: &LoginId, ip: Option<IpAddr>, request_id: RequestId) -> Self {
        Self {
            name: format!("login:{id}"),
            ip,
            request_id: Some(request_id),
        }
    }

    /// A phone that answers.
    pub fn device(id: &EnrollmentId, ip: Option<IpAddr>, request_id: RequestId) -> Self {
        Self {
            name: format!("device:{id}"),
            ip,
            request_id: Some(request_id),
        }
    }

    /// The admin at the command line.
    pub fn command_line() -> Self {
        Self {
            name: "command-line".to_owned(),
            ip: None,
            request_id: None,
        }
    }

    /// The server by itself.
    pub fn server() -> Self {
        Self {
            name: "server".to_owned(),
            ip: None,
            request_id: None,
        }
    }
}

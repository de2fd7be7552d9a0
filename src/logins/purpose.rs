//! For what a person proves a factor.

use crate::core::{AttemptId, LoginId, TicketId};

/// For what a factor is proved.
#[derive(Debug, Clone)]
pub enum Purpose {
    /// That an attempt adds a factor to the account of a user who has one.
    StepUp(StepUp),
    /// A login of an application.
    Login(LoginId),
    /// A login of the MFA API.
    ApiLogin(LoginId),
}

impl Purpose {
    /// What challenges are begun for; apart from what an attempt begins while enrolling.
    pub fn bearer(&self) -> String {
        match self {
            Self::StepUp(step_up) => format!("login:{}", step_up.attempt),
            Self::Login(login_id) | Self::ApiLogin(login_id) => login_id.to_string(),
        }
    }
}

/// An attempt that may add a factor once another was proved.
#[derive(Debug, Clone)]
pub struct StepUp {
    /// With which ticket.
    pub ticket_id: TicketId,
    /// Which attempt.
    pub attempt: AttemptId,
    /// The link that the attempt came by; another link's secret no longer counts.
    pub secret_hash: Vec<u8>,
}

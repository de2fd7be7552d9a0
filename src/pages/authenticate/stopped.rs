//! After too many wrong proofs: until when nothing is looked at.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::prover::Prover;
use crate::core::Result;
use crate::pages::frame::{FormError, Screen};

/// The screen.
#[derive(Serialize)]
pub struct Stopped {
    /// In milliseconds.
    until: i64,
}

impl Screen for Stopped {
    const NAME: &'static str = "authenticate-stopped";
    const ACTION: &'static str = "";
    const HAS_TICKET: bool = false;

    fn samples() -> Vec<(&'static str, Self, Vec<FormError>)> {
        let stopped = || Self {
            until: 1_795_435_200_000,
        };
        vec![
            ("stopped", stopped(), Vec::new()),
            ("stopped-for-an-application", stopped(), Vec::new()),
        ]
    }
}

/// The page.
///
/// # Errors
/// Of the template.
pub fn page(session: &Prover, wait: Duration) -> Result<HttpResponse> {
    let until = (session.app.now() + wait).millis();
    session.page(StatusCode::TOO_MANY_REQUESTS, &Stopped { until }, &[])
}

//! One error enum, by meaning. The edges give it two faces: a page for a visitor, JSON for a back end.

use std::borrow::Cow;
use std::time::Duration;

use super::clock::Timestamp;

/// What a fallible function of this crate returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was sent is not what is asked for.
    #[error("{reason} on property {property}")]
    Invalid {
        /// Where it was sent.
        place: Place,
        /// The property's name.
        property: Cow<'static, str>,
        /// What is wrong, and what would be right.
        reason: Cow<'static, str>,
    },
    /// What was sent is not in a form that can be read: not JSON, not UTF-8.
    #[error("{0}")]
    Unreadable(Cow<'static, str>),
    /// The caller did not prove who it is.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The caller may not do this; one of these scopes would allow it.
    #[error("insufficient scope, expected any of: {}", .0.join(","))]
    InsufficientScope(&'static [&'static str]),
    /// A form that did not come from our own page (CSRF).
    #[error("the form did not come from this site's own page")]
    ForeignForm,
    /// The caller proved who it is, from an address where it may not be.
    #[error("The management API is not for calls from this address")]
    ForeignAddress,
    /// There is no such thing.
    #[error("{message}")]
    NotFound {
        /// The stable code of the management API (contract §0.1).
        code: &'static str,
        /// A sentence.
        message: &'static str,
    },
    /// It is there already, or somebody was first.
    #[error("{message}")]
    Conflict {
        /// The stable code of the management API.
        code: &'static str,
        /// A sentence.
        message: &'static str,
    },
    /// The ticket does not let its bearer in.
    #[error("the ticket is refused: {}", .0.code())]
    Refused(Refusal),
    /// Too often, or too much; try again later.
    #[error("{reason}; try again in {} seconds", .retry_after.as_secs().max(1))]
    Throttled {
        /// What is too much, as the beginning of a sentence.
        reason: &'static str,
        /// When it may be tried again.
        retry_after: Duration,
    },
    /// The body is larger than this route takes.
    #[error("the body is too large")]
    TooLarge {
        /// What it takes, in bytes.
        most: usize,
    },
    /// The body did not arrive in time.
    #[error("The body did not arrive in time")]
    TooSlow,
    /// The request came by plain http where https is spoken.
    #[error("Use https: what came by http may have been read by others")]
    PlainHttp,
    /// The body is of a type that this route does not take.
    #[error("{0}")]
    UnsupportedMedia(&'static str),
    /// The route is there, the method is not.
    #[error("the method is not allowed")]
    MethodNotAllowed,
    /// The request names a host that we are not (RFC 9110 §15.5.20).
    #[error("the request names another host")]
    Misdirected,
    /// Something that we need is out of reach for now.
    #[error("out of reach: {0}")]
    Unavailable(anyhow::Error),
    /// Our own fault; its words are for the log alone.
    #[error("internal: {0:#}")]
    Internal(anyhow::Error),
}

/// Where an invalid property was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the body.
    Body,
    /// In the path.
    Path,
    /// In the query string.
    Query,
    /// In a header.
    Header,
}

/// Why a ticket, or the attempt at one, is refused (design §3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Unknown, malformed, or shown without the right secret.
    Invalid,
    /// Its time is over.
    Expired {
        /// When it ended.
        at: Timestamp,
    },
    /// It was spent by another attempt, or by this one long ago.
    Used,
    /// A newer mail was sent for it.
    Replaced,
    /// The back end took it back, or another of the user's tickets was used.
    Revoked,
    /// The user has a factor, and the ticket does not let them add another.
    AlreadyEnrolled,
    /// No factor of the ticket can be set up.
    NoMethod,
    /// This browser opened another link since.
    OtherLink,
    /// There is no attempt in this browser: the link must be opened again.
    OpenAgain,
    /// The attempt was idle, or open, for too long.
    SessionEnded,
    /// The login was proved, refused or too long ago: the application has to begin another.
    LoginOver,
}

impl Refusal {
    /// The stable code: names the words in the locale files and the sample of the page.
    pub fn code(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Expired { .. } => "expired",
            Self::Used => "used",
            Self::Replaced => "replaced",
            Self::Revoked => "revoked",
            Self::AlreadyEnrolled => "already-enrolled",
            Self::NoMethod => "no-method",
            Self::OtherLink => "other-link",
            Self::OpenAgain => "open-again",
            Self::SessionEnded => "session-ended",
            Self::LoginOver => "login-over",
        }
    }
}

impl Error {
    /// A property of the body is wrong.
    pub fn invalid(
        property: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Invalid {
            place: Place::Body,
            property: property.into(),
            reason: reason.into(),
        }
    }

    /// A parameter of the query string is wrong.
    pub fn invalid_query(
        property: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Invalid {
            place: Place::Query,
            property: property.into(),
            reason: reason.into(),
        }
    }

    /// A part of the path is wrong.
    pub fn invalid_path(
        property: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::Invalid {
            place: Place::Path,
            property: property.into(),
            reason: reason.into(),
        }
    }

    /// There is no such user (contract §0.1).
    pub fn no_user() -> Self {
        Self::NotFound {
            code: "inexistent_user",
            message: "The user does not exist.",
        }
    }

    /// There is no such ticket.
    pub fn no_ticket() -> Self {
        Self::NotFound {
            code: "inexistent_ticket",
            message: "The ticket does not exist.",
        }
    }

    /// There is no such enrollment.
    pub fn no_enrollment() -> Self {
        Self::NotFound {
            code: "inexistent_enrollment",
            message: "The enrollment does not exist.",
        }
    }

    /// Our own fault.
    pub fn internal(source: impl Into<anyhow::Error>) -> Self {
        Self::Internal(source.into())
    }

    /// A task of ours that did not end by itself. Its panic's words can hold what it stumbled over, so they are not kept.
    pub fn of_task(error: &tokio::task::JoinError) -> Self {
        let what = if error.is_panic() {
            "a task panicked"
        } else {
            "a task was cancelled"
        };
        Self::Internal(anyhow::anyhow!(what))
    }

    /// The same fault, found at another place of the request.
    pub fn at(self, moved: Place) -> Self {
        match self {
            Self::Invalid {
                property, reason, ..
            } => Self::Invalid {
                place: moved,
                property,
                reason,
            },
            other => other,
        }
    }

    /// The same fault of a property that lies inside another.
    pub fn inside(self, outer: &str) -> Self {
        match self {
            Self::Invalid {
                place,
                property,
                reason,
            } => Self::Invalid {
                place,
                property: format!("{outer}.{property}").into(),
                reason,
            },
            other => other,
        }
    }

    /// The label of this error in logs.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Invalid { .. } => "invalid",
            Self::Unreadable(_) => "unreadable",
            Self::Unauthenticated(_) => "unauthenticated",
            Self::InsufficientScope(_) => "insufficient_scope",
            Self::ForeignForm => "foreign_form",
            Self::ForeignAddress => "foreign_address",
            Self::NotFound { .. } => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::Refused(refusal) => refusal.code(),
            Self::Throttled { .. } => "throttled",
            Self::TooLarge { .. } => "too_large",
            Self::TooSlow => "too_slow",
            Self::PlainHttp => "plain_http",
            Self::UnsupportedMedia(_) => "unsupported_media",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Misdirected => "misdirected",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

//! The permission to enroll: creating, opening, redeeming, resending and revoking it.

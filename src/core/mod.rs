//! Known by every room: clock, randomness, identifiers, contacts, secrets and the error enum.

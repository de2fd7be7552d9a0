//! The outbox worker: mails that a committed transaction promised.

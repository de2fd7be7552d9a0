//! The only SQL: SQLite and PostgreSQL behind one [`Store`].
//!
//! One SQL text serves both (`sql` knows how each takes it). [`Store::begin_read`] hands out a connection,
//! [`Store::begin_write`] a transaction that rolls back unless it is committed; every query is a method of [`Read`] or
//! [`Write`], but for the one read of a page (`opened`, and `page_reads` on PostgreSQL). A change of state is a conditional
//! UPDATE that returns the row: no row means that somebody was first.
//!
//! What many ask for at the same moment shares a commit: tickets by statements for many rows (`gather`), proofs by standing
//! one behind the other ([`Store::together`]). On SQLite one thread writes both, in one transaction. That, and what is looked
//! up by its key ([`Store::begin_lookup`]), is done in the caller's own thread there (`lite`).

mod backup;
mod browsers;
mod calls;
mod challenges;
mod chunks;
mod client_assertions;
mod clients;
mod conn;
mod create_tickets;
mod deadline;
mod enrollments;
mod events;
mod factors;
mod failures;
mod gather;
mod guesses;
mod keys;
mod lease;
mod lite;
mod logins;
mod migrate;
mod open;
mod opened;
mod outbox;
mod page_reads;
mod phone;
mod recovery;
mod replies;
mod reseal;
mod retry;
mod rows;
mod settings;
mod sql;
mod sweep;
mod tickets;
mod together;
mod turns;
mod user_limits;
mod users;
mod vitals;

pub use backup::check_sqlite;
pub use browsers::Browser;
pub use calls::{Call, NewCall};
pub use challenges::{Challenge, NewChallenge};
pub use clients::Client;
pub use conn::{Read, Store, Write};
pub use create_tickets::{Created, NewTicket, NewUser};
pub use deadline::{with_one_deadline, with_the_rest};
pub use enrollments::{Enrollment, NewEnrollment};
pub use events::{Event, EventRow, PromptEvent};
pub use factors::FactorSetting;
pub use failures::{Failures, Shower};
pub use gather::TicketGatherer;
pub use guesses::GuessLimit;
pub use keys::SigningKey;
pub use logins::{Login, NewLogin, OpenedLogin};
pub use migrate::SchemaError;
pub use opened::{OpenedLink, OpenedTicket};
pub use outbox::{Leased, NewMessage, OutboxMessage, Settlement};
pub use phone::{Answered, NewSend, PHONE_CHANNELS, PHONE_TEMPLATES, PHONE_TWILIO, SendCount};
pub use recovery::KeptRecoveryCode;
pub use reseal::{SealedRow, SealedTable};
pub use settings::{STORED_MAIL, STORED_PAGE, Setting};
pub use sweep::Swept;
pub use tickets::{RedeemTicket, Ticket, TicketFilter, TicketState};
pub use user_limits::{Full, UserLimits};
pub use users::User;
pub use vitals::{OutboxVitals, PoolUse, TicketCounts};

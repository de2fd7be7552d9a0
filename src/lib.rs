//! Tessera hands out single-use MFA enrollment tickets: a back end asks for a ticket, a person gets a link by mail,
//! opens a page that the admin has restyled in a folder, and leaves with a second factor enrolled.
//!
//! # Rooms
//!
//! One crate; walls are modules, and `tests/boundaries.rs` guards them. Data flows one way:
//!
//! ```text
//! cli ─> web ─> pages, api, oidc ─> tickets · factors · logins · users · access ─> store ─> sqlx
//!  │      │         └──> views ─> tera                      core: known by all
//!  │      └─> actix
//!  ├──> delivery ─> views, lettre                           (drains the outbox of store)
//!  └──> config
//! ```
//!
//! | room | knows |
//! | --- | --- |
//! | [`core`] | clock, randomness, identifiers, contacts, secrets and sealing, links, the one error enum |
//! | [`config`] | where settings come from and what they may be; the sample file is printed from the same list |
//! | [`store`] | the only SQL: SQLite and PostgreSQL behind one [`store::Store`] |
//! | [`users`], [`tickets`], [`factors`], [`logins`] | the rules, through a transaction value |
//! | [`access`] | who is calling: API clients and tokens, attempts and their cookies, CSRF, keys |
//! | [`views`] | templates, words and assets: overlay, check, poll-and-swap |
//! | [`delivery`] | the outbox worker; one file a mail with its context and samples; the transports |
//! | [`web`] | what the HTTP edges share: state, route table, extractors, error faces, headers |
//! | [`pages`] | one file per screen family: context, samples, `get` and `post` |
//! | [`api`], [`oidc`] | one file per resource or endpoint: JSON in and out, and its description |
//! | [`cli`] | wires everything and is imported by nobody |
//!
//! A factor is found by its name everywhere: [`factors::otp`] has its rules, `pages/otp.rs` its page,
//! `templates/screens/otp.html` its markup, `tests/journeys/otp.rs` its story.
//!
//! # From a POST to an enrolled factor
//!
//! 1. A back end posts to the ticket endpoint. The extractor [`web::ApiCaller`] proves who it is; [`access::Tokens`]
//!    verifies the token once and remembers it for 30 seconds.
//! 2. [`tickets::CreateTicket`] parses what is asked for against the admin's [`tickets::Policy`], and makes the id, the
//!    secret and the sealed mail before any database is touched. [`store::TicketGatherer`] writes what waits in one
//!    commit: user, ticket, event, and the mail as a row of the outbox. Only then does the caller get its answer, and
//!    the secret this once; the table holds its SHA-256.
//! 3. [`delivery::Worker`] leases the mail, renders it, hands it to the mail server and blanks its secret.
//! 4. The person opens the link. `pages/link.rs` changes nothing durable: it checks the secret and hands the browser an
//!    [`access::Attempt`], a sealed cookie with everything that must stay the same on reload, and a clean address.
//! 5. Each page asks [`store::OpenedTicket::admit`] what its bearer may do now: one read and the clock.
//! 6. The code of the authenticator app is the proof. [`tickets::redeem::redeem`] takes the user's row first, which
//!    serializes all that touches the user's factors, checks the proof, and spends the ticket by a conditional UPDATE;
//!    the enrollment, the recovery code, the events and the mail that tells the user are in the same commit. The
//!    winner may repeat itself; everybody else is refused with a clear page.
//!
//! # An admin changes a page
//!
//! 1. `tessera templates eject screens/otp.html` copies the built-in file into the folder, and the admin edits it.
//! 2. [`views::Views::next_change`] sees the change within a second and reads the folder once, into memory.
//! 3. A child process with little time and memory parses that very set and renders every page and mail with its samples
//!    ([`views::Sample`]) in every language; it also finds what the engine lets pass: a misspelt name in a condition,
//!    a form without its CSRF field.
//! 4. Passed, the set is swapped in whole and kept in the data folder for a restart. Failed, the last good one stays, and
//!    the file and line are in the log, in `tessera templates check` and in `/readyz`.

pub mod access;
pub mod api;
pub mod cli;
pub mod config;
pub mod core;
pub mod delivery;
pub mod factors;
pub mod logins;
pub mod oidc;
pub mod pages;
pub mod store;
pub mod tickets;
pub mod users;
pub mod views;
pub mod web;

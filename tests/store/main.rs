//! The store on both databases: every public method, and what the tables refuse by themselves.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a broken helper must stop the test that leans on it"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[path = "../support/mod.rs"]
mod support;

mod backup;
mod calls;
mod challenges;
mod clients;
mod connections;
mod constraints;
mod corpus;
mod create_tickets;
mod enrollments;
mod events;
mod factors;
mod failures;
mod gather;
mod guesses;
mod house;
mod keys;
mod lanes;
mod links;
mod lists;
mod logins;
mod migrate;
mod outbox;
mod page_reads;
mod phone;
mod recovery;
mod redeeming;
mod reseal;
mod secrets;
mod settings;
mod sweep;
mod together;
mod user_limits;
mod users;
mod vitals;

/// Each public method of the store, and the module beside this file that proves it.
#[rustfmt::skip]
const PROVED: &[(&str, &str)] = &[
    ("Read::answered_sends", "phone"),
    ("Read::browser", "logins"),
    ("Read::call", "calls"),
    ("Read::challenge", "challenges"),
    ("Read::challenge_by_lookup", "challenges"),
    ("Read::client", "clients"),
    ("Read::clients", "clients"),
    ("Read::count_clients", "clients"),
    ("Read::count_sealed", "reseal"),
    ("Read::count_tickets", "lists"),
    ("Read::count_users", "users"),
    ("Read::credentials_elsewhere", "enrollments"),
    ("Read::enrollment", "enrollments"),
    ("Read::enrollments_of", "enrollments"),
    ("Read::events_of_user", "events"),
    ("Read::factor_settings", "factors"),
    ("Read::failures_of", "failures"),
    ("Read::has_newer_link_mail", "vitals"),
    ("Read::is_former_link", "links"),
    ("Read::login", "logins"),
    ("Read::login_by_code", "logins"),
    ("Read::login_by_secret", "logins"),
    ("Read::message", "vitals"),
    ("Read::messages", "vitals"),
    ("Read::messages_of_ticket", "outbox"),
    ("Read::meta", "keys"),
    ("Read::next_call_due", "lanes"),
    ("Read::next_message_due", "outbox"),
    ("Read::next_text_due", "phone"),
    ("Read::opened_login", "logins"),
    ("Read::opened_ticket", "lists"),
    ("Read::outbox_vitals", "vitals"),
    ("Read::page_of_clients", "clients"),
    ("Read::prompt_events", "events"),
    ("Read::prompts_of", "challenges"),
    ("Read::recovery_code", "recovery"),
    ("Read::refused_since", "guesses"),
    ("Read::rows_sealed_otherwise", "reseal"),
    ("Read::send_count", "phone"),
    ("Read::server_time", "vitals"),
    ("Read::setting", "settings"),
    ("Read::settings_changed", "settings"),
    ("Read::signing_keys", "keys"),
    ("Read::take_its_time", "backup"),
    ("Read::ticket", "create_tickets"),
    ("Read::ticket_counts", "vitals"),
    ("Read::tickets", "lists"),
    ("Read::timeline", "events"),
    ("Read::user", "users"),
    ("Read::users", "users"),
    ("Store::begin_read", "connections"),
    ("Store::begin_lookup", "together"),
    ("Store::begin_write", "connections"),
    ("Store::check_schema", "migrate"),
    ("Store::close", "connections"),
    ("Store::copy_into", "backup"),
    ("Store::count_guess", "guesses"),
    ("Store::create_tickets", "create_tickets"),
    ("Store::is_embedded", "connections"),
    ("Store::lease_calls", "lanes"),
    ("Store::lease_messages", "outbox"),
    ("Store::lease_texts", "phone"),
    ("Store::migrate", "migrate"),
    ("Store::newest_schema", "backup"),
    ("Store::open_postgres", "connections"),
    ("Store::open_sqlite", "connections"),
    ("Store::opened_link", "guesses"),
    ("Store::opened_ticket", "lists"),
    ("Store::other_connections", "backup"),
    ("Store::ping", "connections"),
    ("Store::pool_use", "vitals"),
    ("Store::record", "events"),
    ("Store::schema_version", "backup"),
    ("Store::settle_messages", "outbox"),
    ("Store::size", "backup"),
    ("Store::sweep", "sweep"),
    ("Store::together", "together"),
    ("TicketGatherer::create", "gather"),
    ("TicketGatherer::start", "gather"),
    ("Write::answer_login", "logins"),
    ("Write::challenge_login", "logins"),
    ("Write::clear_failures_of", "failures"),
    ("Write::close_other_tickets", "redeeming"),
    ("Write::commit", "connections"),
    ("Write::confirm_sends", "phone"),
    ("Write::count_challenge_failure", "challenges"),
    ("Write::count_failure_of", "failures"),
    ("Write::count_send", "phone"),
    ("Write::count_ticket_failure", "links"),
    ("Write::delay_ticket", "links"),
    ("Write::delay_user", "failures"),
    ("Write::delete_client", "clients"),
    ("Write::delete_enrollment", "enrollments"),
    ("Write::delete_enrollments_of", "enrollments"),
    ("Write::delete_meta", "keys"),
    ("Write::delete_recovery_code", "recovery"),
    ("Write::delete_signing_key", "keys"),
    ("Write::delete_succeeded_signing_keys", "keys"),
    ("Write::delete_user", "users"),
    ("Write::deny_login", "logins"),
    ("Write::drop_all_links", "backup"),
    ("Write::drop_message", "phone"),
    ("Write::drop_messages_of_ticket", "outbox"),
    ("Write::finish_ticket", "redeeming"),
    ("Write::forget_all_logins", "backup"),
    ("Write::forget_browsers", "logins"),
    ("Write::hasten_message", "vitals"),
    ("Write::insert_client", "clients"),
    ("Write::insert_enrollment", "enrollments"),
    ("Write::insert_login", "logins"),
    ("Write::insert_message", "outbox"),
    ("Write::insert_meta", "keys"),
    ("Write::insert_send", "phone"),
    ("Write::insert_signing_key", "keys"),
    ("Write::insert_user", "users"),
    ("Write::lock_client", "clients"),
    ("Write::lock_shower", "failures"),
    ("Write::lock_user", "users"),
    ("Write::mails_full_until", "user_limits"),
    ("Write::mark_recovery_code_saved", "recovery"),
    ("Write::move_challenge", "challenges"),
    ("Write::open_login", "logins"),
    ("Write::put_challenge", "challenges"),
    ("Write::recognize_browser", "logins"),
    ("Write::record", "events"),
    ("Write::redeem_ticket", "redeeming"),
    ("Write::remember_browser", "logins"),
    ("Write::replace_meta", "keys"),
    ("Write::replace_setting", "settings"),
    ("Write::replace_ticket_secret", "links"),
    ("Write::reseal", "reseal"),
    ("Write::revive_message", "vitals"),
    ("Write::revoke_all_tickets", "backup"),
    ("Write::revoke_other_tickets_of_logins", "logins"),
    ("Write::revoke_ticket", "redeeming"),
    ("Write::set_factor", "factors"),
    ("Write::set_meta", "keys"),
    ("Write::set_recovery_code", "recovery"),
    ("Write::set_setting", "settings"),
    ("Write::set_ticket_of_login", "logins"),
    ("Write::spend_login", "logins"),
    ("Write::step_up_ticket", "redeeming"),
    ("Write::take_challenge", "challenges"),
    ("Write::take_client_assertion", "clients"),
    ("Write::update_client", "clients"),
    ("Write::update_enrollment", "enrollments"),
    ("Write::update_user", "users"),
    ("Write::use_enrollment", "enrollments"),
    ("Write::use_recovery_code", "recovery"),
    ("Write::use_up_steps", "backup"),
    ("Write::spend_api_login", "logins"),
    ("Write::verify_login", "logins"),
];

const TYPES: &[&str] = &["Read", "Store", "TicketGatherer", "Write"];

/// `Type::method` of each public method in this text; blocks begin at the margin, as rustfmt writes them.
fn public_methods(text: &str) -> Vec<String> {
    let mut block = None;
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("impl ") {
            let name = rest.trim_end_matches(" {");
            block = TYPES.iter().find(|known| **known == name);
        }
        let method = line
            .strip_prefix("    pub async fn ")
            .or_else(|| line.strip_prefix("    pub fn "));
        if let (Some(name), Some(method)) = (block, method) {
            let method = method.split(['(', '<']).next().unwrap();
            found.push(format!("{name}::{method}"));
        }
    }
    found
}

#[test]
fn every_method_of_the_store_is_proved() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = fs::read_dir(root.join("src/store")).unwrap();
    let there: BTreeSet<String> = sources
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .flat_map(|text| public_methods(&text))
        .collect();
    let listed: BTreeSet<String> = PROVED.iter().map(|(name, _)| (*name).to_owned()).collect();
    let missing: Vec<_> = there.symmetric_difference(&listed).collect();
    assert!(
        missing.is_empty(),
        "on one side only, of src/store and of PROVED: {missing:?}"
    );
    for (method, module) in PROVED {
        let text = fs::read_to_string(root.join(format!("tests/store/{module}.rs"))).unwrap();
        let (of, name) = method.split_once("::").unwrap();
        assert!(
            text.contains(&format!(".{name}(")) || text.contains(&format!("{of}::{name}(")),
            "tests/store/{module}.rs calls no {method}"
        );
    }
}

#[test]
fn a_new_method_would_be_noticed() {
    let text = "impl Read {\n    pub async fn one<T>(&self) {}\n    async fn hidden(&self) {}\n}\nimpl Other {\n    pub fn two() {}\n}\nimpl Store {\n    pub fn three(&self) {}\n}\n";
    assert_eq!(public_methods(text), ["Read::one", "Store::three"]);
}

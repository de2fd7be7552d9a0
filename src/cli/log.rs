//! Logs: JSON lines for machines, short lines for a terminal; libraries only warn.
//!
//! Every line has `timestamp`, `level`, `target` and `message`. The message is a fixed sentence, except that what is wrong
//! with a template is told in words; what varies is in fields, and these are all of them:
//!
//! | field | what |
//! | --- | --- |
//! | `request_id` | the request, also in its answer's `X-Request-Id` and on error pages |
//! | `method` | its method |
//! | `route` | the pattern that took it, never its path or query |
//! | `status` | of the answer |
//! | `millis` | how long the answer took, in milliseconds |
//! | `client_id` | the API client that proved itself |
//! | `message_id` | the mail, as in `tessera outbox list` and in its Message-ID |
//! | `ticket_id` | the ticket it is about |
//! | `kind` | of a mail (`enrollment`), or of an event |
//! | `attempts` | how often the mail was tried, this time included |
//! | `result` | what became of the try: `sent`, `deferred`, `failed`, `dropped` |
//! | `error` | why not, without address or secret |
//! | `address` | where the server listens |
//! | `expires_at` | when the certificate ends |
//! | `version` | of the program, or of the sealing key |
//! | `command` | what to type, in development |
//! | `file` | the template that is wrong |
//! | `line` | where in it |
//! | `source` | whose templates are in service |
//! | `files` | how many of them are the admin's |
//! | `stored` | which of them the API stored over these |
//! | `dir` | the folder that could not be written |
//! | `tickets` | how many were swept |
//! | `messages` | how many were swept |
//! | `events` | how many were swept |
//! | `counts` | how many limits of addresses and calls were swept |
//! | `credentials` | how many belong to another domain |
//! | `kid` | the signing key that is out of use |
//! | `place` | in the program, where it panicked |
//! | `words` | the program's own words for it |

use std::any::Any;
use std::io::{self, IsTerminal as _};
use std::panic::{self, PanicHookInfo};

use tracing::Metadata;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::lines::{LastLines, Lines};

/// These print the pages, mails, numbers and answers of browsers that they read, links, addresses and keys in them: they
/// stay silent even when they are named.
const SILENT: [&str; 5] = [
    "cssparser",
    "html5ever",
    "rlibphonenumber",
    "selectors",
    "webauthn_rs_core",
];

/// The server's log, on standard output; what waits is written when the value is dropped.
pub(super) fn to_stdout() -> LastLines {
    let filter = filter("info", std::env::var("RUST_LOG").ok().as_deref());
    let (out, last_lines) = Lines::to(io::stdout());
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(out)
        .with_ansi(io::stdout().is_terminal());
    if io::stdout().is_terminal() {
        let lines = lines.compact().with_target(false).finish();
        lines.with(filter_fn(is_fit_to_print)).init();
    } else {
        let lines = lines.json().flatten_event(true).with_span_list(false);
        lines.finish().with(filter_fn(is_fit_to_print)).init();
    }
    panic::set_hook(Box::new(tell_panic));
    last_lines
}

/// Warnings of every other verb: standard output belongs to its answer.
pub(super) fn to_stderr() {
    let filter = filter("warn", std::env::var("RUST_LOG").ok().as_deref());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .compact()
        .without_time()
        .with_target(false)
        .finish()
        .with(filter_fn(is_fit_to_print))
        .init();
}

fn is_fit_to_print(line: &Metadata<'_>) -> bool {
    let library = line.target().split("::").next().unwrap_or_default();
    !SILENT.contains(&library)
}

/// A level alone is for our own lines: libraries print headers, statements and passwords when they talk freely, so each
/// must be named to do so.
fn filter(level: &str, wanted: Option<&str>) -> EnvFilter {
    EnvFilter::builder().parse_lossy(directives(level, wanted))
}

fn directives(level: &str, wanted: Option<&str>) -> String {
    // The dispatcher calls every request that is no HTTP an error: strangers must not fill the log.
    let mut all = format!("warn,actix_http::h1::dispatcher=off,tessera={level}");
    for directive in wanted.unwrap_or_default().split(',').map(str::trim) {
        if directive.is_empty() {
            continue;
        }
        let named = directive.contains(['=', '[', ':']) || !is_level(directive);
        all.push_str(if named { "," } else { ",tessera=" });
        all.push_str(directive);
    }
    all
}

fn is_level(word: &str) -> bool {
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    levels.contains(&word.to_ascii_lowercase().as_str()) || word.parse::<u8>().is_ok()
}

/// A panic's own words can hold what it stumbled over; only words that are part of the program are told.
fn tell_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string);
    tracing::error!(place, words = words_of(info.payload()), "panic");
}

/// The words of a panic that are part of the program; formatted ones can hold anything.
fn words_of(payload: &(dyn Any + Send)) -> Option<&'static str> {
    payload.downcast_ref::<&'static str>().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_tells_no_more_than_the_program_itself_says() {
        let code = "123456";
        let payload = |panics: fn(&str)| {
            let quiet = panic::catch_unwind(|| panics(code));
            words_of(&*quiet.expect_err("it panics"))
        };
        assert_eq!(
            payload(|_| panic!("a fixed sentence")),
            Some("a fixed sentence")
        );
        assert_eq!(payload(|code| panic!("no such code: {code}")), None);
    }

    #[test]
    fn a_level_alone_opens_no_library() {
        let base = "warn,actix_http::h1::dispatcher=off,tessera=info";
        assert_eq!(directives("info", None), base);
        assert_eq!(
            directives("info", Some("trace")),
            format!("{base},tessera=trace")
        );
        assert_eq!(
            directives("info", Some("DEBUG, sqlx=trace,lettre")),
            format!("{base},tessera=DEBUG,sqlx=trace,lettre")
        );
    }
}

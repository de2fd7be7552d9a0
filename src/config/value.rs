//! The kinds of value that more than one section has. Errors continue a sentence that began with
//! key and value.

use std::time::Duration;

use url::{Host, Url};

pub(super) const MINUTE: Duration = Duration::from_secs(60);
pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An absolute web address without a password in it.
pub(super) fn web_url(text: &str) -> Result<Url, String> {
    let hint = "say an address like https://help.example.com";
    let url = Url::parse(text).map_err(|error| format!("is not a URL ({error}); {hint}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("is neither http nor https; {hint}"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user or a password; say it without".to_owned());
    }
    Ok(url)
}

/// A web address that is nothing but scheme, host and port.
pub(super) fn origin(text: &str) -> Result<Url, String> {
    let url = web_url(text)?;
    let exact = url.origin().ascii_serialization();
    let extra = if url.path() != "/" {
        "path"
    } else if url.query().is_some() {
        "query"
    } else if url.fragment().is_some() {
        "fragment"
    } else if url.host_str().is_some_and(|host| host.contains('*')) {
        return Err(
            "has a wildcard; name every host by itself, like https://app.example.com".into(),
        );
    } else {
        return Ok(url);
    };
    Err(format!("has a {extra}; say only {exact}"))
}

/// Whether only this machine can reach the host of the URL.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

/// A span of time between two bounds, in words like `5d`.
pub(super) fn duration(text: &str, least: Duration, most: Duration) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text)
        .map_err(|_| "is not a span of time; say it like 5d, 12h or 90m".to_owned())?;
    if duration > most {
        return Err(format!(
            "is above the limit of {}; say {} or less",
            in_words(most),
            short(most)
        ));
    }
    if duration < least {
        return Err(format!("is too short; say {} or more", short(least)));
    }
    Ok(duration)
}

/// `5d`, `90m`: the form that [`duration`] reads.
pub(super) fn short(duration: Duration) -> String {
    let (count, unit) = in_units(duration);
    format!("{count}{}", &unit[..1])
}

fn in_words(duration: Duration) -> String {
    let (count, unit) = in_units(duration);
    format!("{count} {unit}")
}

fn in_units(duration: Duration) -> (u64, &'static str) {
    let seconds = duration.as_secs();
    [(86_400, "days"), (3_600, "hours"), (60, "minutes")]
        .into_iter()
        .find(|(unit, _)| seconds >= *unit && seconds.is_multiple_of(*unit))
        .map_or((seconds, "seconds"), |(unit, name)| (seconds / unit, name))
}

/// One line of words: no more than `most` characters, nothing invisible.
pub(super) fn line(text: &str, most: usize) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err("holds a line break or another control character; say one line".to_owned());
    }
    if text.chars().count() > most {
        return Err(format!("is too long; say at most {most} characters"));
    }
    Ok(text.to_owned())
}

/// A bare address that mail can be sent to.
pub(super) fn address(text: &str) -> Result<String, String> {
    let options = email_address::Options::default()
        .without_display_text()
        .without_domain_literal();
    email_address::EmailAddress::parse_with_options(text, options)
        .map(|address| address.to_string())
        .map_err(|_| "is not a mail address; say one like help@example.com".to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn a_span_reads_back_as_it_is_written(seconds in prop_oneof![0..100_000_u64, 0..1_u64 << 40]) {
            let span = Duration::from_secs(seconds);
            prop_assert_eq!(duration(&short(span), Duration::ZERO, Duration::MAX), Ok(span));
        }

        #[test]
        fn a_span_lies_between_its_bounds(
            text in "([0-9]{1,20} ?(d|h|m|min|s|days|hours|ms|y|))|\\PC{0,12}",
            least in 0..1_000_u64, more in 0..1_000_000_u64,
        ) {
            let (least, most) = (Duration::from_secs(least), Duration::from_secs(least + more));
            match duration(&text, least, most) {
                Ok(span) => prop_assert!(least <= span && span <= most),
                Err(clause) => prop_assert!(clause.contains("say "), "{}", clause),
            }
        }

        #[test]
        fn a_line_is_kept_as_it_is_or_refused(text in any::<String>(), most in 0..40_usize) {
            let fits = text.chars().count() <= most && !text.chars().any(char::is_control);
            prop_assert_eq!(line(&text, most).ok(), fits.then_some(text));
        }

        #[test]
        fn an_origin_has_nothing_but_scheme_host_and_port(
            text in "(https?|ftp)://([a-z.*@:]{1,12}|127.0.0.1|\\[::1\\])(:[0-9]{1,6})?(/[a-z]{0,3})?([?#][a-z]{0,3})?"
        ) {
            if let Ok(url) = origin(&text) {
                prop_assert_eq!(url.as_str().trim_end_matches('/'), url.origin().ascii_serialization());
            }
        }
    }
}

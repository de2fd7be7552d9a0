//! Dates and times as people of a language write them, in UTC.

use std::cell::RefCell;
use std::collections::HashMap;

use chrono::{DateTime, Datelike, Timelike, Utc};
use icu_datetime::DateTimeFormatter;
use icu_datetime::fieldsets::YMD;
use icu_datetime::input::{Date, DateTime as IcuDateTime, Time};
use icu_datetime::preferences::NumberingSystem;
use icu_locale::extensions::unicode::value;

thread_local! {
    /// The formatters that were made, by locale: there are as many as languages have words, and making one costs as much
    /// as half a page.
    static DATES: RefCell<HashMap<String, DateTimeFormatter<YMD>>> = RefCell::default();
}

/// `5 November 2026`, in the words of `locale`.
pub(super) fn date(locale: &str, millis: i64) -> Option<String> {
    let at = DateTime::<Utc>::from_timestamp_millis(millis)?;
    let date = icu_date(at)?;
    DATES.with_borrow_mut(|formatters| {
        if !formatters.contains_key(locale) {
            let formatter = DateTimeFormatter::try_new(preferences(locale), YMD::long()).ok()?;
            formatters.insert(locale.to_owned(), formatter);
        }
        let formatter = formatters.get(locale)?;
        Some(formatter.format(&date).to_string())
    })
}

/// `5 November 2026 at 14:30 UTC`, in the words of `locale`.
pub(super) fn date_time(locale: &str, millis: i64) -> Option<String> {
    let at = DateTime::<Utc>::from_timestamp_millis(millis)?;
    let fields = YMD::long().with_time_hm();
    let formatter = DateTimeFormatter::try_new(preferences(locale), fields).ok()?;
    let time = Time::try_new(
        at.hour().try_into().ok()?,
        at.minute().try_into().ok()?,
        0,
        0,
    )
    .ok()?;
    let date = icu_date(at)?;
    Some(format!(
        "{} UTC",
        formatter.format(&IcuDateTime { date, time })
    ))
}

fn icu_date(at: DateTime<Utc>) -> Option<Date<icu_calendar::Iso>> {
    Date::try_new_iso(
        at.year(),
        at.month().try_into().ok()?,
        at.day().try_into().ok()?,
    )
    .ok()
}

/// The digits are those of codes and counts in the words beside them, whatever others the language has.
fn preferences(locale: &str) -> icu_datetime::DateTimeFormatterPreferences {
    let locale = icu_locale::Locale::try_from_str(locale).unwrap_or(icu_locale::locale!("en"));
    let mut preferences: icu_datetime::DateTimeFormatterPreferences = locale.into();
    preferences.numbering_system = NumberingSystem::try_from(value!("latn")).ok();
    preferences
}

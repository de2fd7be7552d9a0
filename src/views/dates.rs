//! Dates and times as people of a language write them, in UTC.

use chrono::{DateTime, Datelike, Timelike, Utc};
use icu_datetime::DateTimeFormatter;
use icu_datetime::fieldsets::YMD;
use icu_datetime::input::{Date, DateTime as IcuDateTime, Time};

/// `5 November 2026`, in the words of `locale`.
pub(super) fn date(locale: &str, millis: i64) -> Option<String> {
    let at = DateTime::<Utc>::from_timestamp_millis(millis)?;
    let formatter = DateTimeFormatter::try_new(preferences(locale), YMD::long()).ok()?;
    Some(formatter.format(&icu_date(at)?).to_string())
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

fn preferences(locale: &str) -> icu_datetime::DateTimeFormatterPreferences {
    icu_locale::Locale::try_from_str(locale)
        .unwrap_or(icu_locale::locale!("en"))
        .into()
}

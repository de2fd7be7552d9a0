//! Subjects, the text parts of mails, and texts to phones.

use serde_json::Value;

use super::{Findings, Rendering};

/// What a message is for: if its context has one of these, the text must show it.
const POINT: [&str; 2] = ["ticket_url", "code"];

pub(super) fn subject(text: &str, findings: &mut Findings) {
    let line = text.trim();
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if line.is_empty() || line.chars().any(breaks) {
        findings.error(None, "a subject must be one line of text");
    }
}

pub(super) fn text(rendering: &Rendering<'_>, findings: &mut Findings) {
    let text = rendering.text.trim();
    if text.is_empty() {
        return findings.error(None, "is empty: whoever reads plain text gets nothing");
    }
    points(rendering, text, findings);
    if rendering.sample.template.starts_with("sms/") {
        let (segments, alphabet) = segments(text);
        if segments > 1 {
            findings.warning(
                None,
                format!(
                    "goes out as {segments} texts, and costs as many: {alphabet}; a shorter site name or wording makes it one"
                ),
            );
        }
    }
}

/// A message that lacks what it was sent for helps nobody.
pub(super) fn points(rendering: &Rendering<'_>, shown: &str, findings: &mut Findings) {
    for name in POINT {
        let value = rendering.sample.context.get(name).and_then(Value::as_str);
        if value.is_some_and(|value| !shown.contains(value)) {
            findings.error(None, format!("does not show `{{{{ {name} }}}}`"));
        }
    }
}

/// Characters that take one septet (3GPP TS 23.038, the default alphabet).
const GSM: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Those that take two (its extension).
const GSM_TWO: &str = "\u{c}^{}\\[~]|€";

/// How many messages a text takes on the air, and why.
fn segments(text: &str) -> (usize, String) {
    let septets = text.chars().try_fold(0_usize, |sum, c| {
        if GSM.contains(c) {
            Some(sum + 1)
        } else if GSM_TWO.contains(c) {
            Some(sum + 2)
        } else {
            None
        }
    });
    let (length, one, each, why) = match septets {
        Some(septets) => (
            septets,
            160,
            153,
            "characters of the GSM alphabet".to_owned(),
        ),
        None => {
            let first = text
                .chars()
                .find(|c| !GSM.contains(*c) && !GSM_TWO.contains(*c));
            let first = first.map(String::from).unwrap_or_default();
            let why = format!("characters, for `{first}` is not in the GSM alphabet");
            (text.encode_utf16().count(), 70, 67, why)
        }
    };
    let segments = if length <= one {
        1
    } else {
        length.div_ceil(each)
    };
    (segments, format!("{length} {why} (one text holds {one})"))
}

#[cfg(test)]
mod tests {
    use super::segments;

    #[test]
    fn texts_are_counted_as_the_air_counts_them() {
        for (text, expected) in [
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("ا".repeat(70), 1),
            ("ا".repeat(71), 2),
            ("😀".repeat(35), 1),
            ("😀".repeat(36), 2),
            (format!("{}’", "a".repeat(70)), 2),
        ] {
            assert_eq!(segments(&text).0, expected, "{text}");
        }
    }
}

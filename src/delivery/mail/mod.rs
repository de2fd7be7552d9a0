//! Mails: one file a kind, each a context and its samples; here is what turns them into words.

mod enrollment;
mod factor_added;
mod recovery_code;
mod user;

use serde::Serialize;

use super::language;
use crate::config;
use crate::core::{TicketId, TicketSecret, Urls};
use crate::store::Leased;
use crate::views::{self, Locale, Sample, SampleKind, Site, Views};

use enrollment::Enrollment;
use factor_added::FactorAdded;
use user::UserData;

/// One kind of mail: its context, rendered with `mail/<KIND>/{subject.txt,body.html,body.txt}`.
trait Mail: Serialize {
    const KIND: &'static str;
    /// Whether the API can store it.
    const IS_STORABLE: bool = false;
}

/// The parts of a mail, and what each template of them is checked for.
const PARTS: [(&str, SampleKind); 3] = [
    ("subject.txt", SampleKind::MailSubject),
    ("body.html", SampleKind::MailHtml),
    ("body.txt", SampleKind::MailText),
];

/// A mail in words, without its envelope.
pub(super) struct Words {
    /// One line.
    pub(super) subject: String,
    /// With its styles inlined.
    pub(super) html: String,
    /// The same without markup.
    pub(super) text: String,
    /// Whom it is from, if not as configured.
    pub(super) from: Option<config::Mailbox>,
}

/// What a leased message asks to be told.
pub(super) enum Content {
    /// A ticket's link.
    Enrollment {
        /// The ticket.
        ticket_id: TicketId,
        /// The secret half of its link.
        secret: TicketSecret,
    },
    /// That a factor was added.
    FactorAdded,
    /// That the recovery code was used.
    RecoveryCodeUsed,
    /// That the recovery code was replaced.
    RecoveryCodeReplaced,
}

/// Why a mail has no words.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unwritten {
    /// A template of it is broken.
    #[error("the template cannot be rendered: {0}")]
    Template(String),
    /// The message was promised without what this mail tells.
    #[error("the message lacks what its mail tells")]
    Detail,
}

/// Writes mails.
pub(super) struct Mails {
    views: Views,
    site: Site,
    urls: Urls,
}

impl Mails {
    pub(super) fn new(views: Views, site: &config::Site, urls: Urls) -> Self {
        Self {
            views,
            site: Site::for_mails(site, &urls),
            urls,
        }
    }

    /// The words of a message in the language of its ticket or else of its user.
    pub(super) fn write(&self, message: &Leased, content: &Content) -> Result<Words, Unwritten> {
        let locale = language::of(message, &self.views);
        match content {
            Content::Enrollment { ticket_id, secret } => {
                let mail = Enrollment::new(self, message, ticket_id, secret, &locale);
                self.render(&locale, &mail)
            }
            Content::FactorAdded => self.render(
                &locale,
                &FactorAdded::new(self, message).ok_or(Unwritten::Detail)?,
            ),
            Content::RecoveryCodeUsed => self.render(
                &locale,
                &recovery_code::Used::new(self, message).ok_or(Unwritten::Detail)?,
            ),
            Content::RecoveryCodeReplaced => self.render(
                &locale,
                &recovery_code::Replaced::new(self, message).ok_or(Unwritten::Detail)?,
            ),
        }
    }

    fn render<M: Mail>(&self, locale: &Locale, mail: &M) -> Result<Words, Unwritten> {
        let part = |name: &str| {
            self.views
                .render(&format!("mail/{}/{name}", M::KIND), locale, mail)
                .map_err(|error| Unwritten::Template(error.to_string()))
        };
        let subject = single_line(&part("subject.txt")?).ok_or_else(|| {
            Unwritten::Template(format!("mail/{}/subject.txt is not one line", M::KIND))
        })?;
        let broken =
            |error: String| Unwritten::Template(format!("mail/{}/body.html: {error}", M::KIND));
        let stored = self.views.stored();
        let stored = stored.mail.as_ref().filter(|_| M::IS_STORABLE);
        let body = part("body.html")?;
        // The two parts say the same (RFC 2046 §5.1.4), and of a stored mail there is one.
        let text = match stored.and_then(|mail| mail.body.as_ref()) {
            Some(_) => views::of_html(&body).map_err(broken)?,
            None => part("body.txt")?,
        };
        Ok(Words {
            subject,
            html: views::inline_styles(&body).map_err(|error| broken(error.to_string()))?,
            text,
            from: stored.and_then(|mail| mail.from.clone()),
        })
    }

    fn user_data(&self, message: &Leased) -> UserData {
        UserData::new(message, &self.site, self.urls.host())
    }
}

/// The subject without the line end of its file; `None` when anything in it could begin another header.
fn single_line(rendered: &str) -> Option<String> {
    let subject = rendered.trim();
    let one_line = !subject.is_empty() && !subject.chars().any(breaks_line);
    one_line.then(|| subject.to_owned())
}

fn breaks_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Every part of every mail with contexts as a person would get them.
pub(super) fn samples() -> Vec<Sample> {
    let mut samples = Vec::new();
    for (name, site) in ["full", "bare-site"]
        .into_iter()
        .zip(Site::samples("https://mfa.example.com"))
    {
        add_samples(&mut samples, name, &Enrollment::sample(&site));
        add_samples(&mut samples, name, &FactorAdded::sample(&site));
        add_samples(&mut samples, name, &recovery_code::Used::sample(&site));
        add_samples(&mut samples, name, &recovery_code::Replaced::sample(&site));
    }
    samples
}

fn add_samples<M: Mail>(samples: &mut Vec<Sample>, name: &str, mail: &M) {
    // Contexts are maps of texts and numbers: they have a JSON form.
    let context = serde_json::to_value(mail).unwrap_or_default();
    for (part, kind) in PARTS {
        samples.push(Sample {
            template: format!("mail/{}/{part}", M::KIND),
            name: name.to_owned(),
            context: context.clone(),
            required_fields: Vec::new(),
            kind,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_line_or_none() {
        assert_eq!(
            single_line("Protect your account\n").unwrap(),
            "Protect your account"
        );
        assert_eq!(single_line("  Schützen \n").unwrap(), "Schützen");
        for hostile in [
            "",
            "\n",
            "a\nBcc: x@y.de",
            "a\rb",
            "a\r\n b",
            "a\0b",
            "a\u{2028}b",
            "a\tb",
        ] {
            assert!(single_line(hostile).is_none(), "{hostile:?}");
        }
    }

    #[test]
    fn every_part_of_every_mail_has_samples() {
        let samples = samples();
        for kind in [
            Enrollment::KIND,
            FactorAdded::KIND,
            recovery_code::Used::KIND,
            recovery_code::Replaced::KIND,
        ] {
            for (part, _) in PARTS {
                let template = format!("mail/{kind}/{part}");
                let of_it = samples.iter().filter(|sample| sample.template == template);
                assert_eq!(of_it.count(), 2, "{template}");
            }
        }
    }
}

//! What an admin stored by the API: it wins over the folder, as the folder wins over what is shipped.

use std::collections::BTreeMap;

use super::files::Texts;
use super::liquid;
use super::problem::{CheckError, Report};
use super::tokens::tags;
use super::uses;
use crate::config::Mailbox;

/// The page's file, and what it is called towards its author.
const PAGE: (&str, &str) = ("mfa.html", "guardian_mfa_page.html");
const SUBJECT: (&str, &str) = ("mail/enrollment/subject.txt", "enrollment_email.subject");
const BODY: (&str, &str) = ("mail/enrollment/body.html", "enrollment_email.body");

/// The file that something stored wins over, by what it is called towards its author.
pub(super) fn file_of(label: &str) -> Option<&'static str> {
    let files = [PAGE, SUBJECT, BODY];
    let found = files.into_iter().find(|(_, known)| *known == label);
    found.map(|(file, _)| file)
}

/// The names that carry a ticket's link in the mail's context.
const LINKS: [&str; 2] = ["link", "ticket_url"];

/// The layer that the API stores; what is switched off is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// In the place of the frame of every page.
    pub page: Option<String>,
    /// In the place of the mail that carries a ticket's link.
    pub mail: Option<StoredMail>,
}

/// A mail as the API stores it; what is left out is the folder's, or the shipped one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredMail {
    /// One line.
    pub subject: Option<String>,
    /// The part in HTML; the part in plain text is made from it.
    pub body: Option<String>,
    /// Whom it is from.
    pub from: Option<Mailbox>,
}

impl Stored {
    /// Nothing is stored, or all of it is switched off.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Its texts by the names of the files that they win over.
    pub fn names(&self) -> Vec<&'static str> {
        self.files().map(|((name, _), _)| name).collect()
    }

    /// Whether a template that is rendered can be drawn by any of it.
    pub(super) fn reaches(&self, template: &str) -> bool {
        let of_mail = template.starts_with("mail/");
        match (&self.page, &self.mail) {
            (Some(_), None) => !of_mail,
            (None, Some(_)) => of_mail,
            _ => true,
        }
    }

    /// What the page and the mail are on their own.
    pub(super) fn parts(&self) -> Vec<(&'static str, Stored)> {
        let page = self.page.clone().map(|page| {
            let page = Some(page);
            (PAGE.1, Stored { page, mail: None })
        });
        let mail = self.mail.clone().map(|mail| {
            let mail = Some(mail);
            ("enrollment_email", Stored { page: None, mail })
        });
        page.into_iter().chain(mail).collect()
    }

    /// With what the other has beside it, or in its place.
    pub(super) fn with(&self, other: Stored) -> Stored {
        Stored {
            page: other.page.or_else(|| self.page.clone()),
            mail: other.mail.or_else(|| self.mail.clone()),
        }
    }

    /// The admin's files with these over them.
    pub(super) fn over(&self, folder: &Texts) -> Texts {
        let mut texts = folder.clone();
        let own = self.files();
        texts.extend(own.map(|((name, _), text)| (name.to_owned(), text.to_owned())));
        texts
    }

    /// How its files are called towards their author.
    pub(super) fn labels(&self) -> BTreeMap<String, String> {
        self.files()
            .map(|((name, label), _)| (name.to_owned(), label.to_owned()))
            .collect()
    }

    fn files(&self) -> impl Iterator<Item = ((&'static str, &'static str), &str)> {
        let mail = self.mail.as_ref();
        let texts = [
            (PAGE, self.page.as_deref()),
            (SUBJECT, mail.and_then(|mail| mail.subject.as_deref())),
            (BODY, mail.and_then(|mail| mail.body.as_deref())),
        ];
        texts
            .into_iter()
            .filter_map(|(file, text)| Some((file, text?)))
    }

    /// What is wrong whatever the rest of the set is; nothing needs to be rendered to see it.
    pub(super) fn faults(&self) -> Vec<CheckError> {
        let mut faults = Vec::new();
        if let Some(page) = self.page.as_deref().filter(|page| !has_work(page)) {
            faults.extend(liquid::found(PAGE.1, page));
            let message = "has no place for what the screens show: put `{% block work %}{% endblock work %}` where their forms belong, and the blocks `title`, `head` and `when` where these do, or begin with `{% extends \"builtin/mfa.html\" %}`";
            faults.push(CheckError::new(PAGE.1, None, message));
        }
        let body = self.mail.as_ref().and_then(|mail| mail.body.as_deref());
        if let Some(body) = body.filter(|body| !has_link(body)) {
            faults.extend(liquid::found(BODY.1, body));
            let message = "shows the link nowhere: put `{{ link }}` where it belongs";
            faults.push(CheckError::new(BODY.1, None, message));
        }
        faults
    }

    /// Says what a mistake comes from, if it is a language of elsewhere.
    pub(super) fn explain(&self, report: &mut Report) {
        for ((_, label), text) in self.files() {
            if report.errors.iter().any(|error| error.file == label)
                && let Some(found) = liquid::found(label, text)
            {
                report.errors.insert(0, found);
            }
        }
    }
}

/// Whether screens find the block that their forms are in.
fn has_work(page: &str) -> bool {
    uses::of(page).extends.is_some()
        || tags(page).iter().any(|tag| {
            let mut words = tag.tokens.iter().map(|(token, _)| token.name());
            tag.is_statement
                && words.next() == Some(Some("block"))
                && words.next() == Some(Some("work"))
        })
}

/// Whether a person who gets the mail can follow it.
fn has_link(body: &str) -> bool {
    let uses = uses::of(body);
    uses.extends.is_some()
        || uses
            .paths
            .iter()
            .any(|used| LINKS.contains(&used.root.as_str()))
}

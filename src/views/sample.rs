//! What a page or mail hands over so that it can be checked, previewed and snapshot-tested.

use serde::{Deserialize, Serialize};

/// One rendered example of a page or mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// The template's plain name: `screens/otp.html`.
    pub template: String,
    /// What this example shows: `wrong-code`.
    pub name: String,
    /// The context as the page would pass it.
    pub context: serde_json::Value,
    /// Inputs that a POST form of this rendering must carry, besides `csrf` and `attempt`, which every POST form must.
    pub required_fields: Vec<String>,
    /// What the rendering is, which decides what is checked.
    pub kind: SampleKind,
}

/// What a rendering is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SampleKind {
    /// A page in a browser.
    Page,
    /// The HTML part of a mail.
    MailHtml,
    /// The text part of a mail.
    MailText,
    /// A mail's subject: one line.
    MailSubject,
}

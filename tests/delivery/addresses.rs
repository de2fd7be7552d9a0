//! Whatever is taken for an address is one mailbox, and the mail server hears of no other (M1, M4).

use std::collections::BTreeSet;

use tessera::core::Email;

use crate::house::{ADA, House, Person};
use crate::recorder::Recorder;

/// Addresses that people have, though some of them look odd.
const PLAIN: &[&str] = &[
    "ada@example.com",
    "a.b+c@example.co.uk",
    "o'neil@example.com",
    "{brace}@example.com",
    "{{7*7}}@example.com",
    "a=b/c@example.com",
    "$x@example.com",
    "x@localhost",
    "ünï@example.com",
    "ada@BÜCHER.example",
    "a@xn--bcher-kva.example",
    "用户@例子.广告",
    "अजय@डाटा.भारत",
    "квіточка@пошта.укр",
    "-a@example.com",
    "a-@example.com",
    "_@example.com",
    "1@1.example",
    "#$&'*+-/=?^_`{}|~@example.org",
];

/// Attempts to say more than one mailbox, or another one than is shown.
const HOSTILE: &[&str] = &[
    "",
    "@",
    "a",
    "a@",
    "@b.example",
    "a@b@c.example",
    "a@@b.example",
    "a@b.de\r\nRCPT TO:<x@y.de>",
    "a@b.de>\r\nRCPT TO:<x@y.de",
    "a@b.de>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n",
    "a@b.de>\nMAIL FROM:<x@y.de>",
    "a@b.de\n",
    "\na@b.de",
    "a\r@b.de",
    "a@b.de\r",
    "a@b.de> SIZE=1",
    "a@b.de> NOTIFY=SUCCESS",
    "a@b.de> ORCPT=rfc822;x@y.de",
    "a@b.de> RET=FULL",
    "a@b.de SMTPUTF8",
    "a@b.de\u{0}",
    "a\u{0}@b.de",
    "a@b\u{0}.de",
    "a@b.de,c@d.de",
    "a@b.de, c@d.de",
    "a@b.de;c@d.de",
    "a@b.de c@d.de",
    "a@b.de\tc@d.de",
    "a@b.de%0d%0aRCPT TO:<x@y.de>",
    "a%0d%0a@b.de",
    "a%0aBcc:x@y.de@b.de",
    "a%00@b.de",
    "a%b@c.de",
    "a%b.de@c.de",
    "victim%evil.de@example.com",
    "a!b@c.de",
    "c.de!a@b.de",
    "@hop,@hop2:a@b.de",
    "@hop:a@b.de",
    "<a@b.de>",
    "<a@b.de",
    "a@b.de>",
    "<>",
    "<a@b.de><c@d.de>",
    "Ada <a@b.de>",
    "\"Ada\" <a@b.de>",
    "Ada a@b.de",
    "=?utf-8?q?Ada?= <a@b.de>",
    "=?utf-8?q?=61=40b.de?=",
    "=?x?q?collab=40psres.net=3e=00?=foo@example.com",
    "=?x?q?a=3e=0d=0aRCPT?=@example.com",
    "group:a@b.de;",
    "undisclosed-recipients:;",
    "group: a@b.de, c@d.de;",
    "a(comment)@b.de",
    "(comment)a@b.de",
    "a@(comment)b.de",
    "a@b.de(comment)",
    "a@b.de (Ada)",
    "\"a b\"@c.de",
    "\"a\\\"b\"@c.de",
    "\"a\r\nRCPT TO:<x@y.de>\"@c.de",
    "\"a@b.de>\"@c.de",
    "\"\"@c.de",
    "\"a\"@c.de",
    "\"a\".b@c.de",
    "a.\"b\"@c.de",
    "\"@\"@c.de",
    "a\\@b@c.de",
    "a\\ b@c.de",
    "a@[127.0.0.1]",
    "a@[IPv6:::1]",
    "a@[x@y.de]",
    "a@127.0.0.1:25",
    "a@b.de:25",
    "a@b.de/x",
    "a@b.de?bcc=x@y.de",
    "a@b.de?subject=x",
    "a@b.de#x",
    "a@b.de&cc=x",
    "a@-b.de",
    "a@b-.de",
    "a@b..de",
    "a@.b.de",
    "a@b.de.",
    "a@b.de..",
    "a@b_c.de",
    "a@b c.de",
    "a@b,de",
    "a@*.de",
    "a@b*.de",
    "a@%62.de",
    "a@b%2ede",
    ".a@b.de",
    "a.@b.de",
    "a..b@c.de",
    "a b@c.de",
    " a@b.de",
    "a@b.de ",
    "a @b.de",
    "a@ b.de",
    "a\tb@c.de",
    "a,b@c.de",
    "a;b@c.de",
    "a:b@c.de",
    "mailto:a@b.de",
    "smtp:a@b.de",
    "a@b.de|id",
    "|id@b.de\n",
    "-oQ/tmp -X/tmp/x a@b.de",
    "-f evil@b.de a@c.de",
    "a`id`b c@d.de",
    "$(id) a@b.de",
    "a＠b.de",
    "a﹫b.de",
    "a@ｂ.de",
    "a@b。de",
    "a@b．de",
    "a@b｡de",
    "ﬁ@b.de",
    "ａ@b.de",
    "①@b.de",
    "㎏@b.de",
    "a\u{0301}@b.de",
    "e\u{0301}@b.de",
    "\u{212b}@b.de",
    "\u{1d41a}@b.de",
    "a\u{2024}b@c.de",
    "a@b\u{2024}de",
    "a@b\u{ff0e}de",
    "a\u{202e}@b.de",
    "\u{202e}ed.b@a",
    "a\u{200b}@b.de",
    "a@b\u{200b}.de",
    "a\u{200d}@b.de",
    "a@b\u{200d}.de",
    "a\u{feff}@b.de",
    "\u{feff}a@b.de",
    "a\u{2060}@b.de",
    "a\u{ad}@b.de",
    "a@b\u{ad}.de",
    "a\u{2028}@b.de",
    "a@b.de\u{2028}",
    "a@b.de\u{2029}RCPT",
    "a\u{85}@b.de",
    "a\u{a0}@b.de",
    "a\u{3000}@b.de",
    "a\u{7f}@b.de",
    "a\u{1b}[31m@b.de",
    "a\u{8}@b.de",
    "a@b.de\u{b}",
    "a@xn--",
    "a@xn--a",
    "a@xn--0.de",
    "a@xn--zzzzzz99.de",
    "a@\u{1f4a9}\u{fe0f}.de",
    "a@ß.de",
    "ß@b.de",
    "ı@b.de",
    "a@ı.de",
    "ſ@b.de",
    "a@ſ.de",
    "K@b.de",
    "a@\u{212a}.de",
    "\u{130}@b.de",
    "а@b.de",
    "a@раураl.de",
    "a\u{1160}@b.de",
    "a@b\u{1160}.de",
    "a@b\u{34f}.de",
    "a@b\u{180d}.de",
    "a@b\u{2064}.de",
    "a@b\u{fe0f}.de",
    "a@b\u{e0100}.de",
    "a@❤\u{fe0f}.example",
    "\u{e0041}@b.de",
    "a\u{fe0f}@b.de",
    "a\u{34f}@b.de",
    "a\u{115f}@b.de",
    "a\u{17b4}@b.de",
    "a\u{180e}@b.de",
    "a\u{e000}@b.de",
    "a\u{10ffff}@b.de",
    "a\u{fffe}@b.de",
];

/// What stands in the middle of each part of an address, one after the other.
const IN_THE_MIDDLE: &str = "\u{1}\u{9}\u{a}\u{c}\u{d}\u{1f} !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\u{80}\u{a0}\u{200f}\u{2066}";

fn corpus() -> BTreeSet<String> {
    let middle = IN_THE_MIDDLE.chars().flat_map(|c| {
        [
            format!("a{c}b@example.com"),
            format!("{c}ab@example.com"),
            format!("ab@exam{c}ple.com"),
            format!("ab@example.com{c}"),
        ]
    });
    let long =
        [64, 65, 242, 243, 300, 5_000].map(|length| format!("{}@example.com", "a".repeat(length)));
    let deep = [63, 64, 250].map(|length| format!("a@{}.example", "b".repeat(length)));
    let fixed = PLAIN.iter().chain(HOSTILE).map(|text| (*text).to_owned());
    fixed.chain(middle).chain(long).chain(deep).collect()
}

#[tokio::test]
async fn every_address_that_is_taken_is_one_recipient() {
    let server = Recorder::start().await.offering(&["SMTPUTF8", "8BITMIME"]);
    let house = House::new().await;
    let corpus = corpus();
    assert!(corpus.len() >= 300, "{}", corpus.len());
    let mut taken = Vec::new();
    let mut refused = 0;
    for (nth, address) in corpus.iter().enumerate() {
        let Ok(email) = address.parse::<Email>() else {
            refused += 1;
            continue;
        };
        let again: Email = email.as_str().parse().unwrap();
        assert_eq!(again, email, "what is kept is taken again, unchanged");
        let (local, domain) = address.rsplit_once('@').unwrap();
        assert_eq!(email.local_part(), local, "byte for byte");
        assert!(!domain.is_ascii() || email.as_str().ends_with(&domain.to_lowercase()));
        let person = Person {
            user_id: &format!("user-{nth}"),
            ticket_email: Some(address),
            ..ADA
        };
        let asked = house.ask(&person).await;
        taken.push((address, format!("<{}>", email.as_str()), asked));
    }
    let unseen = [
        '\u{ad}',
        '\u{34f}',
        '\u{115f}',
        '\u{1160}',
        '\u{180d}',
        '\u{2064}',
        '\u{fe0f}',
        '\u{e0100}',
    ];
    for (address, ..) in &taken {
        assert!(!address.contains(unseen), "{address:?} hides a character");
    }
    for plain in PLAIN {
        assert!(
            taken.iter().any(|(address, ..)| address == plain),
            "{plain}"
        );
    }
    let worker = house.worker(&server.plaintext());
    while worker.drain_once().await.unwrap() > 0 {}

    for (address, _, asked) in &taken {
        let message = house.message(asked).await;
        assert_eq!(message.state, "sent", "{address}: {:?}", message.last_error);
    }
    let mut expected: Vec<&String> = taken.iter().map(|(_, mailbox, _)| mailbox).collect();
    let mails = server.mails();
    let mut recipients: Vec<&String> = mails.iter().flat_map(|mail| &mail.to).collect();
    expected.sort();
    recipients.sort();
    assert_eq!(recipients, expected);
    let commands = server.commands();
    for (verb, times) in [
        ("MAIL FROM", taken.len()),
        ("RCPT", taken.len()),
        ("DATA", taken.len()),
    ] {
        let said = commands
            .iter()
            .filter(|said| said.starts_with(verb))
            .count();
        assert_eq!(said, times, "{verb}");
    }
    let known = ["EHLO ", "MAIL FROM:<", "RCPT TO:<", "DATA", "RSET", "QUIT"];
    for said in &commands {
        assert!(known.iter().any(|verb| said.starts_with(verb)), "{said:?}");
    }
    println!(
        "{} addresses: {} taken, {refused} refused",
        corpus.len(),
        taken.len()
    );
}

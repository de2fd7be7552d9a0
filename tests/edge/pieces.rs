//! The pieces that malformed requests are made of.

use crate::corpus::Verdict::{self, Broken, BrokenBody, Either, Served};

/// A path that nobody asks for but a request that hides in another one.
pub const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n";
/// So that the body is read before the answer.
pub const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";
/// Bytes that mean something to some parser.
#[rustfmt::skip]
pub const ODD: [u8; 26] = [
    0, 1, 8, 9, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b, 0x1f, b' ', b'"', b'#', b'%', b',', b':', b';', b'<', b'\\', b'^', b'|',
    0x7f, 0x80, 0x85, 0xa0, 0xff,
];
#[rustfmt::skip]
pub const LENGTHS: [&str; 33] = [
    "+5", "-5", "0x5", "0X5", "5 5", "5,5", "5, 5", "5,6", "5;", "5;a", "5.0", "5e0", "5_0", "_5", "'5'", "\"5\"",
    "5\u{0}", "\u{0b}5", "5\u{0b}", "\u{85}5", "٥", "５", "0b101", "0o5", "five", "", ",", ",5",
    "18446744073709551616", "99999999999999999999999", "5\r", "-0", "+0",
];
#[rustfmt::skip]
pub const CODINGS: [&str; 22] = [
    "identity", "gzip", "gzip, chunked", "chunked, gzip", "chunked, chunked", "chunked, identity",
    "identity, chunked", "xchunked", "chunkedx", "chunk", "\"chunked\"", "'chunked'", "chunked;q=1", "chunked;",
    "chunked,", ",chunked", "\u{0b}chunked", "chunked\u{0}", "chunked\u{0b}", "chu\tnked", "cow", "",
];
#[rustfmt::skip]
pub const SIZES: [(&str, Verdict); 25] = [
    ("5", Served), ("05", Served), ("0005", Served), ("5;a", Either), ("5;a=b", Either), ("5;a=\"b;c\"", Either),
    ("5 ;a", Either), ("5 ", Either), ("5\t", Either), (" 5", BrokenBody), ("+5", BrokenBody), ("-5", BrokenBody),
    ("0x5", BrokenBody), ("5g", BrokenBody), ("g", BrokenBody), ("", BrokenBody), ("5\n", BrokenBody),
    ("\n5", BrokenBody), ("5;a\nb", BrokenBody), ("5;\u{0}", Either), ("5\r", BrokenBody),
    ("FFFFFFFFFFFFFFFFF", BrokenBody), ("100000000000000000005", BrokenBody), ("5.0", BrokenBody), ("5,", BrokenBody),
];
#[rustfmt::skip]
pub const BEHIND_DATA: [(&str, Verdict); 5] = [
    ("\r\n", Served), ("\n", BrokenBody), ("\r", BrokenBody), ("", BrokenBody), ("XX", BrokenBody),
];
#[rustfmt::skip]
pub const ENDS: [(&str, Verdict); 8] = [
    ("0\r\n\r\n", Served), ("00\r\n\r\n", Served), ("0;a\r\n\r\n", Either), ("0\r\nA: b\r\n\r\n", Either),
    ("0\n\n", BrokenBody), ("0\r\nA b\r\n\r\n", Either), ("0\r\r\n\r\n", BrokenBody), ("0x0\r\n\r\n", BrokenBody),
];
#[rustfmt::skip]
pub const ENCODED: [&str; 30] = [
    "%00", "%0d%0a", "%0aSet-Cookie:a=b", "%2e%2e%2f", "..%2f..%2fetc%2fpasswd", "%c0%af", "%c0%ae%c0%ae/",
    "%e0%80%af", "%f0%80%80%af", "%u0041", "%u002e", "%", "%a", "%zz", "%%32%65", "%252e%252e", "..;/", ";a=b", "//",
    "///", "\\", "%5c..%5c", "a%2fb", "%ff", "%fe%ff", "%ed%a0%80", "%ef%bf%bf", "~", "%7f", "%20",
];
#[rustfmt::skip]
pub const PATHS: [&str; 8] = [
    "/", "/static/", "/guardian/", "/guardian/enroll/", "/guardian/enroll?ticket=", "/api/v2/users/",
    "/api/v2/guardian/enrollments/tickets?page=", "/healthz?",
];
#[rustfmt::skip]
pub const HOSTS: [&str; 30] = [
    "", "localhost:abc", "localhost:", "localhost:99999", "localhost:-1", "[::1]", "[::1", "::1", "[::1]:80",
    "[v1.a]", "[::ffff:127.0.0.1]:80", "[fe80::1%25eth0]", "[fe80::1%eth0]", "a b", "localhost, evil.example",
    "localhost;evil", "me@localhost", "me:pw@localhost", "localhost/evil", "localhost\\evil", "localhost#",
    "localhost?", "évil", "\u{ff}", "127.1", "0x7f000001", "2130706433", "*", "..", "evil.example",
];
#[rustfmt::skip]
pub const TARGETS: [(&str, Verdict); 20] = [
    ("http://localhost/healthz", Served), ("http://evil.example/healthz", Either),
    ("https://localhost/healthz", Either), ("http://localhost:99999/", Either), ("http://me:pw@localhost/", Either),
    ("http://[::1]/", Either), ("http://[::1/", Broken), ("ftp://localhost/", Either),
    ("//evil.example/healthz", Either), ("*", Either), ("localhost:80", Either), ("healthz", Either), ("?a", Either),
    ("#a", Either), ("/healthz#a", Either), ("/a b", Broken), ("http://", Broken), ("/\u{e9}", Either),
    ("http:/healthz", Either), ("javascript:1", Either),
];
#[rustfmt::skip]
pub const METHODS: [(&str, Verdict); 16] = [
    ("get", Served), ("GETGET", Served), ("TRACE", Served), ("TRACK", Served), ("DEBUG", Served),
    ("PROPFIND", Served), ("A-B", Served), ("PURGE", Served), ("M-SEARCH", Served), ("G@T", Broken),
    ("GET,POST", Broken), ("", Broken), ("GET\t", Broken), ("G\u{0}T", Broken), ("(GET)", Broken), ("{GET}", Broken),
];
#[rustfmt::skip]
pub const VERSIONS: [&str; 22] = [
    "HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/2", "HTTP/3.0", "HTTP/1.", "HTTP/1", "HTTP/.1", "HTTP/11", "HTTP/1.10",
    "HTTP/01.1", "http/1.1", "Http/1.1", "HTTP /1.1", "HTTP/ 1.1", "HTTP/1.1 x", "HTTX/1.1", "HTTP/1,1", "HTTP/-1.1",
    "HTTP\\1.1", "ICAP/1.0", "HTTPS/1.1",
];

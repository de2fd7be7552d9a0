//! Web Push (RFC 8030): what a browser hands over to be called by, and whom that may name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::seal::Place;

/// The setting that holds the server's own key pair (VAPID, RFC 8292): its value is the public key, the private one is
/// sealed beside it.
pub const KEY_SETTING: &str = "push.key";
/// Where the private key (PKCS#8) is sealed.
pub const KEY_PLACE: Place<'static> = Place {
    table: "settings",
    row: &[KEY_SETTING],
    column: "value_sealed",
};

/// The host that stands for this machine, in tests and in development.
pub const LOOPBACK: &str = "localhost";
/// Longer endpoints are refused; the known services stay far below.
const LONGEST_ENDPOINT: usize = 1024;

/// What a browser hands over so that its push service can be called. Whoever has it can call the phone: it is a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// The address at the push service.
    pub endpoint: String,
    /// The browser's public key (P-256, uncompressed), base64url.
    pub p256dh: String,
    /// The secret that both share (16 bytes), base64url.
    pub auth: String,
}

impl Subscription {
    /// Whether its keys have the right length.
    pub fn has_keys(&self) -> bool {
        let is_long = |text: &str, bytes| {
            BASE64URL_NOPAD
                .decode(text.as_bytes())
                .is_ok_and(|decoded| decoded.len() == bytes)
        };
        is_long(&self.p256dh, 65) && is_long(&self.auth, 16)
    }
}

/// The push services that may be called: names, and `*.` with the end of names.
#[derive(Debug, Clone, Default)]
pub struct PushHosts(Vec<String>);

impl PushHosts {
    /// These, in lower case.
    pub fn new(hosts: Vec<String>) -> Self {
        Self(hosts)
    }

    /// As they were given.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// The endpoint in `text`, if it is one that may be called: https at its usual port, at a host of the list. An
    /// address instead of a name is on no list; [`LOOPBACK`] may be called by http and at any port.
    pub fn endpoint(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let Some(Host::Domain(host)) = url.host() else {
            return None;
        };
        let is_plain = text.len() <= LONGEST_ENDPOINT
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        let is_ours = host == LOOPBACK || (url.scheme() == "https" && url.port().is_none());
        (is_plain && is_ours && self.allows(host)).then_some(url)
    }

    fn allows(&self, host: &str) -> bool {
        self.0
            .iter()
            .any(|allowed| match allowed.strip_prefix('*') {
                Some(end) => host.len() > end.len() && host.ends_with(end),
                None => host == allowed,
            })
    }
}

/// Whether an address that the name `host` stands for may be called: a public one, or this machine for [`LOOPBACK`].
pub fn may_call(host: &str, address: IpAddr) -> bool {
    if host == LOOPBACK {
        return address.to_canonical().is_loopback();
    }
    match address.to_canonical() {
        IpAddr::V4(address) => is_public(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// Not of the special-purpose registry of IANA (RFC 6890).
fn is_public(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, high, low] = address.segments();
    // What a translator makes of IPv4 (RFC 6052).
    if [a, b, c, d, e, f] == [0x64, 0xff9b, 0, 0, 0, 0] {
        let [w, x] = high.to_be_bytes();
        let [y, z] = low.to_be_bytes();
        return is_public(Ipv4Addr::new(w, x, y, z));
    }
    // Global unicast, without documentation, Teredo and 6to4, which carry addresses of their own.
    a & 0xe000 == 0x2000
        && !(a == 0x2001 && b < 0x0200)
        && !(a == 0x2001 && b == 0x0db8)
        && a != 0x2002
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> PushHosts {
        PushHosts::new(
            ["fcm.googleapis.com", "*.notify.windows.com"]
                .map(str::to_owned)
                .to_vec(),
        )
    }

    #[test]
    fn an_endpoint_is_https_at_a_listed_host() {
        for fine in [
            "https://fcm.googleapis.com/fcm/send/abc",
            "https://wns2-db5.notify.windows.com/w/?token=x",
            "https://FCM.googleapis.com:443/x",
        ] {
            assert!(hosts().endpoint(fine).is_some(), "{fine}");
        }
        let long = format!("https://fcm.googleapis.com/{}", "x".repeat(1024));
        for foreign in [
            "http://fcm.googleapis.com/x",
            "https://fcm.googleapis.com:8443/x",
            "https://me@fcm.googleapis.com/x",
            "https://fcm.googleapis.com/x#y",
            "https://fcm.googleapis.com.evil.example/x",
            "https://evil-fcm.googleapis.com/x",
            "https://notify.windows.com/x",
            "https://evilnotify.windows.com/x",
            "https://fcm.googleapis.com./x",
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://2130706433/x",
            "https://0x7f.1/x",
            "https://169.254.169.254/latest/meta-data",
            "https://localhost/x",
            "http://localhost:8080/x",
            "file:///etc/passwd",
            "gopher://fcm.googleapis.com/x",
            "//fcm.googleapis.com/x",
            "",
            &long,
        ] {
            assert!(hosts().endpoint(foreign).is_none(), "{foreign}");
        }
        let here = PushHosts::new(vec![LOOPBACK.to_owned()]);
        assert!(here.endpoint("http://localhost:9999/x").is_some());
        assert!(here.endpoint("http://127.0.0.1:9999/x").is_none());
    }

    #[test]
    fn a_name_that_stands_for_an_inner_address_is_not_called() {
        let inner = [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "203.0.113.5",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd12::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2001:0:1::",
        ];
        for address in inner {
            let address = address.parse().unwrap();
            assert!(!may_call("fcm.googleapis.com", address), "{address}");
        }
        for address in ["142.250.1.1", "2a00:1450:4001::1", "64:ff9b::142.250.1.1"] {
            assert!(
                may_call("fcm.googleapis.com", address.parse().unwrap()),
                "{address}"
            );
            assert!(!may_call(LOOPBACK, address.parse().unwrap()), "{address}");
        }
        assert!(may_call(LOOPBACK, "127.0.0.1".parse().unwrap()));
    }
}

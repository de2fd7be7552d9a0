//! Where a request comes from: its peer or, when that is a proxy of ours, whom the proxy names.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::{HeaderMap, HeaderName};
use ipnet::IpNet;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// From where the management API may be called (`http.api_networks`): from everywhere, if no network is named.
#[derive(Debug, Clone, Default)]
pub struct ApiNetworks(Vec<IpNet>);

impl ApiNetworks {
    /// These.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether a client at this address may call.
    pub fn admit(&self, address: Option<IpAddr>) -> bool {
        self.0.is_empty() || address.is_some_and(|address| any_contains(&self.0, address))
    }
}

/// The reverse proxies that are believed (`http.trusted_proxies`).
#[derive(Debug, Clone, Default)]
pub struct Proxies(Vec<IpNet>);

fn any_contains(networks: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

impl Proxies {
    /// Those in these networks.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether this address is one of them.
    pub fn trusts(&self, address: IpAddr) -> bool {
        any_contains(&self.0, address)
    }

    /// The address of the client: `X-Forwarded-For` is read from its end for as long as each hop is a trusted proxy.
    ///
    /// Each proxy adds its own peer at the end, so what stands before the first address that is not trusted is what
    /// somebody claims. `Forwarded` (RFC 7239) is not read.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines: Vec<&str> = headers
            .get_all(X_FORWARDED_FOR)
            .map(|line| line.to_str().unwrap_or_default())
            .collect();
        let mut hops = lines.iter().rev().flat_map(|line| line.rsplit(','));
        while self.trusts(client) {
            match hops.next().and_then(parse) {
                Some(hop) => client = hop,
                None => break,
            }
        }
        client
    }
}

/// An address, with or without a port.
fn parse(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let address = hop.parse::<IpAddr>();
    let address = address.or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn client(peer: &str, lines: &[&str]) -> String {
        let networks = ["10.0.0.0/8", "2001:db8:aaaa::/48"];
        let proxies = Proxies::new(networks.iter().map(|text| text.parse().unwrap()).collect());
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(
                X_FORWARDED_FOR,
                HeaderValue::from_bytes(line.as_bytes()).unwrap(),
            );
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_stranger_is_who_it_is() {
        for lines in [&[][..], &["192.0.2.1"], &["10.0.0.1", "192.0.2.1"]] {
            assert_eq!(client("203.0.113.7", lines), "203.0.113.7");
        }
        assert_eq!(client("::ffff:203.0.113.7", &["1.2.3.4"]), "203.0.113.7");
    }

    #[test]
    fn a_proxy_names_the_client_and_the_client_names_nobody() {
        let proxy = "10.0.0.5";
        #[rustfmt::skip]
        let rows: [(&[&str], &str); 12] = [
            (&[], proxy),
            (&["192.0.2.1"], "192.0.2.1"),
            (&["1.1.1.1, 192.0.2.1"], "192.0.2.1"),
            (&["1.1.1.1, 192.0.2.1, 10.9.9.9"], "192.0.2.1"),
            (&["1.1.1.1", "192.0.2.1", "10.9.9.9"], "192.0.2.1"),
            (&["10.1.1.1,10.2.2.2"], "10.1.1.1"),
            (&["192.0.2.1:4711"], "192.0.2.1"),
            (&["[2001:db8::1]:4711, 2001:db8:aaaa::1"], "2001:db8::1"),
            (&["::ffff:192.0.2.1"], "192.0.2.1"),
            (&["192.0.2.1, unknown"], proxy),
            (&["192.0.2.1, , 10.9.9.9"], "10.9.9.9"),
            (&["192.0.2.1, \u{e9}"], proxy),
        ];
        for (lines, expected) in rows {
            assert_eq!(client(proxy, lines), expected, "{lines:?}");
        }
    }
}

//! Where a client's logins may lead back to: exact addresses, registered before (RFC 9700 §2.1).

use std::net::Ipv4Addr;

use url::{Host, Url};

/// So many addresses a client has at most.
pub const MOST: usize = 20;
/// The longest address, in characters.
pub const LONGEST: usize = 1000;

/// The addresses as a client keeps them, one a line.
///
/// # Errors
/// Why one of them cannot be registered.
pub fn registered(uris: &[String]) -> Result<String, String> {
    if uris.len() > MOST {
        return Err(format!("there are {MOST} at most"));
    }
    for (index, uri) in uris.iter().enumerate() {
        check(uri).map_err(|why| format!("{}: {why}", shown(uri)))?;
        if uris[..index].contains(uri) {
            return Err(format!("{uri}: comes twice"));
        }
    }
    Ok(uris.join("\n"))
}

/// What is repeated of an address that may be anything.
fn shown(uri: &str) -> String {
    uri.chars().take(80).filter(|c| !c.is_control()).collect()
}

/// Whatever a browser, a proxy or a library could read in another way is refused.
fn check(uri: &str) -> Result<(), &'static str> {
    if uri.len() > LONGEST {
        return Err("must have 1000 characters at most");
    }
    if !uri.bytes().all(|byte| byte.is_ascii_graphic()) || uri.contains(['\\', '"', '<', '>', '`'])
    {
        return Err("must be an absolute address, percent-encoded where it is not plain ASCII");
    }
    let rest = uri
        .strip_prefix("https://")
        .or_else(|| uri.strip_prefix("http://"))
        .ok_or("must begin with https://, or with http:// on this machine")?;
    if uri.contains('#') {
        return Err("must have no fragment");
    }
    if uri.contains('*') {
        return Err("must have no wildcard; register each address");
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("must name no user");
    }
    let url = Url::parse(uri).map_err(|_| "is no address")?;
    let exact = authority.eq_ignore_ascii_case(url.authority())
        || url.port().is_none() && authority.split(':').next() == url.host_str();
    if !exact {
        return Err("must write its host as browsers do");
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err("must use https; http is for this machine alone");
    }
    Ok(())
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => Ipv4Addr::is_loopback(&address),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn what_passes_is_read_the_same_by_everybody(
            pieces in prop::collection::vec(prop_oneof![
                prop::sample::select(vec![
                    "https:", "http:", "/", "//", "\\", "@", ":", "#", "?", "*", "%2f", "%5c", "%00", "\t", "\n", ".", "..",
                    "[::1]", "localhost", "127.0.0.1", "0x7f.1", "app.example.com", "evil.example", "443", "8443", "a", "é",
                    "\u{3002}", "\u{ff0f}", ";", "&", "=", "javascript:", "data:",
                ]).prop_map(str::to_owned),
                ".{0,3}",
            ], 0..8),
            begun in prop::sample::select(vec!["https://", "http://", ""]),
        ) {
            let uri = format!("{begun}{}", pieces.concat());
            if check(&uri).is_ok() {
                let url = Url::parse(&uri).unwrap();
                let (scheme, rest) = uri.split_once("://").unwrap();
                prop_assert_eq!(url.scheme(), scheme);
                prop_assert!(scheme == "https" || is_loopback(&url));
                prop_assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
                // What a plain reader takes for the host is the host.
                let plain = rest.split(['/', '?', '#', '\\']).next().unwrap().to_ascii_lowercase();
                let host = url.host_str().unwrap();
                prop_assert!(plain == host || plain.strip_prefix(host).is_some_and(|port| port.starts_with(':')), "{}", uri);
            }
        }
    }

    #[test]
    fn addresses_are_absolute_exact_and_safe() {
        for fine in [
            "https://app.example.com/callback",
            "https://app.example.com",
            "https://app.example.com:8443/a/b?c=d&e=%20",
            "https://app.example.com:443/callback",
            "http://localhost:5000/callback",
            "http://127.0.0.1/cb",
            "http://127.8.9.1:1/",
            "http://[::1]:3000/cb",
            "https://xn--bcher-kva.example/cb",
        ] {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        for odd in [
            "",
            "/callback",
            "app.example.com/cb",
            "//app.example.com/cb",
            "https:app.example.com",
            "https:/app.example.com",
            "https:///app.example.com",
            "https://",
            "https://?",
            "https://app.example.com/#",
            "https://app.example.com/cb#code",
            "https://*.example.com/cb",
            "https://app.example.com/*",
            "https://user@app.example.com/cb",
            "https://user:pass@app.example.com/cb",
            "https://@app.example.com/cb",
            "https://app.example.com\\@evil.example/cb",
            "https://app.example.com%2f@evil.example/cb",
            "https://app.example.com/a b",
            "https://app.example.com/\tcb",
            "https://app.example.com/cb\n",
            " https://app.example.com/cb",
            "https://bücher.example/cb",
            "https://app%2eexample.com/cb",
            "https://0x7f.1/cb",
            "http://2130706433/cb",
            "http://app.example.com/cb",
            "http://localhost.evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://localhost@evil.example/",
            "HTTPS://app.example.com/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "com.example.app:/cb",
            "urn:ietf:wg:oauth:2.0:oob",
        ] {
            assert!(check(odd).is_err(), "{odd:?}");
        }
    }

    #[test]
    fn there_are_so_many_and_each_once() {
        let uris: Vec<String> = (0..=MOST)
            .map(|number| format!("https://app.example.com/{number}"))
            .collect();
        assert_eq!(registered(&uris[1..]).unwrap(), uris[1..].join("\n"));
        assert!(registered(&uris).is_err());
        assert!(registered(&[uris[0].clone(), uris[0].clone()]).is_err());
        assert_eq!(registered(&[]).unwrap(), "");
    }
}

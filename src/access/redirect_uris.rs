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
    use super::*;

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

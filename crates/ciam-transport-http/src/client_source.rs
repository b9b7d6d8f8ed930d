//! Where a request came from: its peer, or what trusted hops in front say of it (ASVS 5.0, 4.1.3).

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use ciam::domain::source::Source;

/// The client's address. With `trusted_hops` proxies in front it is that many entries from the right of
/// `X-Forwarded-For`, since each proxy appends the peer it saw; without, the header is not read.
pub(crate) fn source(parts: &Parts, trusted_hops: u8) -> Option<Source> {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    // Whoever came past the proxies, or through fewer of them, is known by their peer.
    forwarded(parts, trusted_hops).or(peer).map(Source::new)
}

fn forwarded(parts: &Parts, trusted_hops: u8) -> Option<IpAddr> {
    let back = usize::from(trusted_hops).checked_sub(1)?;
    let values: Vec<_> = parts.headers.get_all("x-forwarded-for").iter().collect();
    let mut hops = values.iter().rev().flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b','));
    address(std::str::from_utf8(hops.nth(back)?).ok()?.trim())
}

/// Some proxies add the port.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse().ok().map(|peer: SocketAddr| peer.ip()))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn seen(peer: Option<&str>, forwarded: &[&str], trusted_hops: u8) -> Option<String> {
        let mut request = Request::builder();
        for value in forwarded {
            request = request.header("X-Forwarded-For", *value);
        }
        let mut request = request.header("X-Real-IP", "192.0.2.99").body(()).unwrap();
        if let Some(peer) = peer {
            request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4711)));
        }
        source(&request.into_parts().0, trusted_hops).map(|source| source.address().to_string())
    }

    #[test]
    fn without_trusted_hops_a_forged_header_changes_nothing() {
        assert_eq!(seen(Some("198.51.100.1"), &["192.0.2.1"], 0).as_deref(), Some("198.51.100.1"));
        assert_eq!(seen(None, &["192.0.2.1"], 0), None);
    }

    #[test]
    fn trusted_hops_are_counted_from_the_right_over_all_headers() {
        let headers = ["192.0.2.1, 192.0.2.2", "192.0.2.3"];
        for (hops, address) in [(1, "192.0.2.3"), (2, "192.0.2.2"), (3, "192.0.2.1")] {
            assert_eq!(seen(Some("198.51.100.1"), &headers, hops).as_deref(), Some(address));
        }
    }

    #[test]
    fn a_chain_that_is_too_short_or_no_address_falls_back_to_the_peer() {
        for forwarded in ["", "192.0.2.1", "unknown, 192.0.2.1"] {
            assert_eq!(seen(Some("198.51.100.1"), &[forwarded], 2).as_deref(), Some("198.51.100.1"));
        }
    }

    #[test]
    fn ports_and_mapped_addresses_are_taken_off() {
        for hop in ["[2001:db8::1]:443", "2001:db8::1"] {
            assert_eq!(seen(None, &[hop], 1).as_deref(), Some("2001:db8::1"));
        }
        for hop in ["192.0.2.1:443", "::ffff:192.0.2.1"] {
            assert_eq!(seen(None, &[hop], 1).as_deref(), Some("192.0.2.1"));
        }
    }
}

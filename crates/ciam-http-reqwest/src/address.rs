//! Where a request may go.

use reqwest::Url;

/// An address that may be asked: `https`, or `http` on the loopback.
pub(crate) fn parse(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    match url.scheme() {
        "https" => Some(url),
        "http" => is_loopback(&url).then_some(url),
        _ => None,
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_goes_anywhere_and_http_stays_here() {
        for good in ["https://id.example/x", "http://127.0.0.1:8080/", "http://[::1]:1/", "http://localhost/"]
        {
            assert!(parse(good).is_some(), "{good}");
        }
        for bad in
            ["http://id.example/", "http://localhost.example/", "http://10.0.0.1/", "ws://127.0.0.1/", "/"]
        {
            assert!(parse(bad).is_none(), "{bad}");
        }
    }
}

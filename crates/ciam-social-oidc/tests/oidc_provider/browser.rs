//! As much of a browser as a sign-in page needs: cookies by path, redirects, forms.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

/// A browser with its cookies.
#[derive(Default)]
pub(crate) struct Browser {
    /// Values by path and name.
    cookies: std::cell::RefCell<BTreeMap<(String, String), String>>,
}

impl Browser {
    /// Reads an address, and what it redirects to, until a page comes or the issuer's address is left; tells where that is.
    pub(crate) fn follow(&self, start: &str) -> String {
        let mut url = start.to_owned();
        for _ in 0..10 {
            if !url.starts_with("http://") {
                return url;
            }
            match self.exchange("GET", &url, "") {
                Some(next) => url = next,
                None => return url,
            }
        }
        unreachable!("the redirects have no end")
    }

    /// Posts a form and tells where it redirects to.
    pub(crate) fn post(&self, url: &str, form: &str) -> String {
        self.exchange("POST", url, form).expect("a redirect")
    }

    /// One request; the address that the reply redirects to.
    fn exchange(&self, method: &str, url: &str, body: &str) -> Option<String> {
        let (host, target) = url.strip_prefix("http://")?.split_once('/')?;
        let cookies = self.cookies_for(&format!("/{target}"));
        let form = match body {
            "" => String::new(),
            form => format!(
                "content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n",
                form.len()
            ),
        };
        let message = format!(
            "{method} /{target} HTTP/1.1\r\nhost: {host}\r\ncookie: {cookies}\r\nconnection: close\r\n{form}\r\n{body}"
        );
        let mut stream = TcpStream::connect(host).expect("the issuer");
        stream.write_all(message.as_bytes()).expect("a request");
        let head = head_of(&mut BufReader::new(stream));
        self.keep_cookies(&head);
        let location = field(&head, "location").next()?;
        Some(if location.starts_with('/') { format!("http://{host}{location}") } else { location.to_owned() })
    }

    fn keep_cookies(&self, head: &str) {
        for cookie in field(head, "set-cookie") {
            let mut parts = cookie.split("; ");
            let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            let path = parts.find_map(|part| part.strip_prefix("path=")).unwrap_or("/");
            self.cookies.borrow_mut().insert((path.to_owned(), name.to_owned()), value.to_owned());
        }
    }

    /// Those of the longest path first (RFC 6265, 5.4).
    fn cookies_for(&self, target: &str) -> String {
        let cookies = self.cookies.borrow();
        let mut fitting: Vec<_> = cookies.iter().filter(|((path, _), _)| target.starts_with(path)).collect();
        fitting.sort_by_key(|((path, _), _)| std::cmp::Reverse(path.len()));
        let pairs: Vec<_> = fitting.iter().map(|((_, name), value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }
}

/// The lines of a reply before its body.
fn head_of(reply: &mut impl BufRead) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let read = reply.read_line(&mut head).expect("a reply");
        assert_ne!(read, 0, "the reply has an end");
    }
    head
}

fn field<'a>(head: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    fields.filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

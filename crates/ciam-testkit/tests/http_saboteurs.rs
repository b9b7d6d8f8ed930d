//! The contract of HTTP clients notices each fault of a client.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ciam_ports::domain::secret::{SecretBytes, SecretText};
use ciam_ports::{HttpClient, HttpError, HttpMethod, HttpReply, HttpRequest};
use ciam_testkit::contract::{HTTP_RULES, HttpFixture, check_http};

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Query,
    Status,
    Redirect,
    Length,
    Cut,
    Silence,
    Clear,
}

/// The faults, each with what it breaks.
const FAULTS: [(Fault, &str); 7] = [
    (Fault::Query, "a_request_arrives_as_it_is"),
    (Fault::Status, "a_reply_comes_back_as_it_is"),
    (Fault::Redirect, "a_redirect_is_not_followed"),
    (Fault::Length, "a_long_reply_is_an_error"),
    (Fault::Cut, "a_reply_cut_short_is_an_error"),
    (Fault::Silence, "a_silent_server_is_an_error"),
    (Fault::Clear, "nothing_goes_in_the_clear"),
];

const MAX_BYTES: usize = 2_000;

/// A client of the loopback that is sound but for one fault.
struct Toy(Fault);

fn broken_off(kind: ErrorKind) -> HttpError {
    HttpError::Unreachable(Box::new(Error::from(kind)))
}

fn head_of(request: &HttpRequest, host: SocketAddr, target: &str) -> String {
    let method = if request.method == HttpMethod::Get { "GET" } else { "POST" };
    let body = request.body.as_ref().map_or("", SecretText::expose);
    let length = body.len();
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n");
    for (name, value) in &request.headers {
        head.extend([*name, ": ", value.expose(), "\r\n"]);
    }
    head + "\r\n" + body
}

/// All that comes until the server closes, or an error where it says nothing for a moment.
fn exchange(host: SocketAddr, message: &str) -> Result<Vec<u8>, HttpError> {
    let failed = |error: Error| HttpError::Unreachable(Box::new(error));
    let mut stream = TcpStream::connect(host).map_err(failed)?;
    stream.set_read_timeout(Some(Duration::from_millis(800))).map_err(failed)?;
    stream.write_all(message.as_bytes()).map_err(failed)?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply).map_err(failed)?;
    Ok(reply)
}

impl Toy {
    fn call(&self, request: &HttpRequest, url: &str) -> Result<HttpReply, HttpError> {
        let Some((host, target)) = url.strip_prefix("http://").and_then(|rest| rest.split_once('/')) else {
            return Err(HttpError::Address);
        };
        let Ok(host) = host.parse::<SocketAddr>() else {
            return Err(if self.0 == Fault::Clear {
                broken_off(ErrorKind::NotFound)
            } else {
                HttpError::Address
            });
        };
        let target =
            if self.0 == Fault::Query { target.split('?').next().unwrap_or_default() } else { target };
        match exchange(host, &head_of(request, host, &format!("/{target}"))) {
            Ok(reply) => self.parsed(request, &reply),
            Err(_) if self.0 == Fault::Silence => {
                Ok(HttpReply { status: 204, body: SecretBytes::new(Vec::new()) })
            }
            Err(error) => Err(error),
        }
    }

    fn parsed(&self, request: &HttpRequest, reply: &[u8]) -> Result<HttpReply, HttpError> {
        let cut = || broken_off(ErrorKind::UnexpectedEof);
        let end = reply.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(cut)?;
        let head = String::from_utf8_lossy(&reply[..end]).into_owned();
        let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).ok_or_else(cut)?;
        let status = status.parse().map_err(|_| cut())?;
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name));
        if let Some(url) = field("location: ").filter(|_| self.0 == Fault::Redirect) {
            return self.call(request, url);
        }
        let body = reply[end + 4..].to_vec();
        let told = field("content-length: ").and_then(|told| told.parse().ok()).unwrap_or(body.len());
        if body.len() > MAX_BYTES && self.0 != Fault::Length {
            return Err(HttpError::TooLong);
        }
        if body.len() < told && self.0 != Fault::Cut {
            return Err(cut());
        }
        let status = if self.0 == Fault::Status && status == 404 { 200 } else { status };
        Ok(HttpReply { status, body: SecretBytes::new(body) })
    }
}

#[async_trait]
impl HttpClient for Toy {
    async fn send(&self, request: HttpRequest) -> Result<HttpReply, HttpError> {
        self.call(&request, request.url.expose())
    }
}

fn broken(fault: Fault) -> Vec<&'static str> {
    let fixture = HttpFixture { client: Arc::new(Toy(fault)), max_bytes: MAX_BYTES };
    let breaks = |name: &str| catch_unwind(AssertUnwindSafe(|| check_http(name, &fixture))).is_err();
    HTTP_RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

#[test]
fn every_rule_has_a_fault() {
    for rule in HTTP_RULES {
        assert!(FAULTS.iter().any(|(_, broken)| *broken == rule.name), "{}", rule.name);
    }
}

#[test]
fn a_sound_client_breaks_no_rule() {
    assert_eq!(broken(Fault::None), [""; 0]);
}

#[test]
fn a_fault_is_caught_by_its_rule_alone() {
    for (fault, rule) in FAULTS {
        assert_eq!(broken(fault), [rule]);
    }
}

//! The contract of HTTP clients: what is asked arrives, what is answered comes back, and nothing goes astray.

use std::sync::Arc;

use ciam_ports::domain::secret::SecretText;
use ciam_ports::{HttpClient, HttpError, HttpReply, HttpRequest};
use futures_executor::block_on;

use super::Trial;
use crate::stub::{StubReply, StubServer};

/// A client, which waits for a reply no longer than a test may take, and its bound.
#[derive(Clone)]
pub struct HttpFixture {
    /// The client.
    pub client: Arc<dyn HttpClient>,
    /// The longest body that it reads, in bytes.
    pub max_bytes: usize,
}

/// One rule of HTTP clients.
#[derive(Clone, Copy)]
pub struct HttpRule {
    /// Its name.
    pub name: &'static str,
    /// Tries it.
    pub run: for<'a> fn(&'a HttpFixture) -> Trial<'a>,
}

/// Hands every rule of HTTP clients to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! each_http_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            http {
                a_request_arrives_as_it_is a_reply_comes_back_as_it_is a_redirect_is_not_followed
                a_long_reply_is_an_error a_reply_cut_short_is_an_error a_silent_server_is_an_error
                nothing_goes_in_the_clear
            }
        }
    };
}

macro_rules! table {
    (() http { $($rule:ident)* }) => {
        /// Every rule of HTTP clients.
        pub const HTTP_RULES: &[HttpRule] =
            &[$(HttpRule { name: stringify!($rule), run: |on| Box::pin($rule(on)) },)*];
    };
}

each_http_rule! { [table] () }

/// Tries the rule of a name; it panics where the rule is broken, or there is none of that name.
pub fn check_http(name: &str, on: &HttpFixture) {
    let rule = HTTP_RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    block_on((rule.run)(on));
}

/// One test for each rule of HTTP clients; `make` is called for a fresh
/// [`HttpFixture`](crate::contract::HttpFixture) each time.
#[macro_export]
macro_rules! http_contract {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::each_http_rule! { [$crate::contract_tests] (($crate::contract::check_http) [$(#[$attr])*] $make) }
    };
}

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

async fn get(on: &HttpFixture, url: &str) -> Result<HttpReply, HttpError> {
    on.client.send(HttpRequest::get(secret(url))).await
}

async fn answered(on: &HttpFixture, reply: StubReply) -> Result<HttpReply, HttpError> {
    let server = StubServer::start(move |_| reply.clone());
    get(on, &server.url("/")).await
}

async fn a_request_arrives_as_it_is(on: &HttpFixture) {
    let server = StubServer::start(|_| StubReply::ok(""));
    let request = HttpRequest::post_form(secret(&server.url("/a/b?c=d%26e")), &[("k", "v w"), ("l", "&=")])
        .with_header("authorization", secret("Basic eA=="));
    on.client.send(request).await.expect("a reply");
    get(on, &server.url("/f")).await.expect("a reply");
    let requests = server.requests();
    let [posted, read] = requests.as_slice() else { unreachable!("two calls are two requests") };
    assert_eq!((posted.method.as_str(), posted.target.as_str()), ("POST", "/a/b?c=d%26e"));
    assert_eq!(posted.body, "k=v+w&l=%26%3D");
    assert_eq!(posted.header("authorization"), Some("Basic eA=="));
    assert_eq!(posted.header("accept"), Some("application/json"));
    assert_eq!(posted.header("content-type"), Some("application/x-www-form-urlencoded;charset=utf-8"));
    assert_eq!((read.method.as_str(), read.target.as_str(), read.body.as_str()), ("GET", "/f", ""));
}

async fn a_reply_comes_back_as_it_is(on: &HttpFixture) {
    for status in [200, 400, 404, 503] {
        let body = "é\0 {}".repeat(8);
        let reply = answered(on, StubReply::Whole(status, body.clone())).await.expect("a reply");
        assert_eq!((reply.status, reply.body.expose()), (status, body.as_bytes()));
    }
    let longest = "x".repeat(on.max_bytes);
    let reply = answered(on, StubReply::ok(&longest)).await.expect("a reply of the greatest length");
    assert_eq!(reply.body.expose(), longest.as_bytes());
}

async fn a_redirect_is_not_followed(on: &HttpFixture) {
    let other = StubServer::start(|_| StubReply::ok("stolen"));
    let reply = answered(on, StubReply::redirect(&other.url("/"))).await.expect("a reply");
    assert_eq!(reply.status, 302, "the reply is that of the redirect");
    assert!(other.requests().is_empty(), "nobody else is asked");
}

async fn a_long_reply_is_an_error(on: &HttpFixture) {
    let body = "x".repeat(on.max_bytes + 1);
    let told = answered(on, StubReply::ok(&body)).await;
    assert!(matches!(told, Err(HttpError::TooLong)), "a long body with its length");
    let untold = format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}");
    let untold = answered(on, StubReply::Raw(untold.into_bytes())).await;
    assert!(matches!(untold, Err(HttpError::TooLong)), "a long body without its length");
}

async fn a_reply_cut_short_is_an_error(on: &HttpFixture) {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}".to_vec();
    for reply in [cut, b"HTTP/1.1 200".to_vec(), b"nonsense\r\n\r\n".to_vec(), Vec::new()] {
        let reply = answered(on, StubReply::Raw(reply)).await;
        assert!(matches!(reply, Err(HttpError::Unreachable(_))), "half a reply is none");
    }
}

async fn a_silent_server_is_an_error(on: &HttpFixture) {
    let reply = answered(on, StubReply::Silence).await;
    assert!(matches!(reply, Err(HttpError::Unreachable(_))), "nobody waits for ever");
}

async fn nothing_goes_in_the_clear(on: &HttpFixture) {
    let hosts =
        ["http://192.0.2.1/", "http://id.example/", "http://127.0.0.1.example/", "http://[2001:db8::1]/"];
    for url in hosts.into_iter().chain(["ftp://127.0.0.1/", "file:///etc/hostname", "//127.0.0.1/", "", "x"])
    {
        let reply = get(on, url).await;
        assert!(matches!(reply, Err(HttpError::Address)), "{url:?} is asked");
    }
}

//! Headers and bodies that were tampered with: every reply is the dialect's, and a refusal changes nothing.

use std::cell::{Cell, RefCell};

use axum::body::Body;
use axum::http::{HeaderValue, Request};
use ciam::domain::User;
use ciam::domain::profile::{MASK, PublicId};
use ciam_testkit::{Person, block_on};
use ciam_transport_http::alibaba::MOUNT;
use serde_json::Value;

use crate::runner::Fuzz;
use crate::site::{
    Answer, CHECK, CONTACT_OBTAIN, CONTACT_VERIFY, OBTAIN, PASSWORD, PROFILE, Site, UNSUBSCRIBE, VERIFY,
};

/// The statuses that the dialect's page lists for requests that reach a call.
const STATUSES: [u16; 7] = [200, 400, 401, 403, 413, 415, 429];
const PATHS: [&str; 6] = [OBTAIN, VERIFY, PASSWORD, CONTACT_OBTAIN, CONTACT_VERIFY, UNSUBSCRIBE];
/// Stands in the corpus for the flow, and for the code that was sent in it.
const FLOW: &[u8] = b"@flow@";
const CODE: &[u8] = b"@code@";
/// Inputs after which everything begins anew.
const FRESH: u32 = 40;

/// Whether the reply has one of the two shapes, and a status that goes with it.
fn is_of_the_dialect(answer: &Answer) {
    assert!(STATUSES.contains(&answer.status), "{answer:?}");
    let body = answer.body.as_object().expect("an object");
    let keys: Vec<_> = body.keys().map(String::as_str).collect();
    if body.contains_key("error") {
        assert_eq!(keys, ["error", "error_description"], "{answer:?}");
        assert!(answer.status != 200 && answer.header("www-authenticate").is_some(), "{answer:?}");
    } else {
        assert_eq!(keys, ["code", "data", "message", "success"], "{answer:?}");
        assert!(body["success"].is_boolean(), "{answer:?}");
        assert_eq!(answer.status == 429, answer.header("retry-after").is_some(), "{answer:?}");
        assert!(body["success"] == false || answer.status == 200, "{answer:?}");
    }
}

#[test]
fn bearer_headers() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/alibaba/corpus/bearer");
    let site = Site::new();
    let token = block_on(async { site.token(&site.world.person("alice", 1).await).await });
    let more = ["Bearer ", "bEARER   ", "Token "].map(|scheme| format!("{scheme}{token}").into_bytes());
    let passed = Cell::new(0);
    Fuzz { corpus, more: more.to_vec(), inputs: 3_000 }.run(|bytes| {
        let Ok(header) = HeaderValue::from_bytes(bytes) else { return };
        let request = Request::builder().uri(format!("{MOUNT}{CHECK}")).header("Authorization", header);
        let answer = block_on(site.send(request.body(Body::empty()).unwrap()));
        is_of_the_dialect(&answer);
        let presented = std::str::from_utf8(bytes).ok().and_then(|text| text.split_once(' '));
        let right = presented.is_some_and(|(scheme, rest)| {
            scheme.eq_ignore_ascii_case("bearer") && rest.trim_start_matches(' ') == token
        });
        assert_eq!(answer.status == 200, right, "{answer:?}");
        passed.set(passed.get() + u32::from(right));
        if let Some((_, said)) = presented.filter(|(_, said)| said.trim().len() > 8 && !right) {
            assert!(!answer.text.contains(said.trim()), "{answer:?} repeats what it was told");
        }
    });
    assert!(passed.get() > 1);
}

/// A person with a session and a flow, ready to be asked anything.
struct Place {
    site: Site,
    alice: Person,
    token: String,
    flow: String,
    asked: u32,
}

impl Place {
    fn new(number: usize) -> Self {
        block_on(async {
            let site = Site::new();
            let alice = site.world.person("alice", 1).await;
            let token = site.token(&alice).await;
            let operation = ["UPDATE_PASSWORD", "UPDATE_EMAIL", "UPDATE_PHONE", "UNSUBSCRIBE"][number % 4];
            let flow = if number.is_multiple_of(3) {
                site.flow(&token, operation).await
            } else {
                site.proven(&token, operation).await
            };
            Self { site, alice, token, flow, asked: 0 }
        })
    }

    fn user(&self) -> User {
        block_on(self.site.world.user(&self.alice.id))
    }

    fn code(&self) -> String {
        self.site.world.mailbox.codes().last().map_or_else(|| "000000".to_owned(), |sent| sent.digits.clone())
    }
}

fn replaced(bytes: &[u8], name: &[u8], value: &str) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    while let Some(at) = bytes.windows(name.len()).position(|part| part == name) {
        bytes.splice(at..at + name.len(), value.bytes());
    }
    bytes
}

#[test]
fn json_bodies() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/alibaba/corpus/body");
    let (places, done) = (Cell::new(0), Cell::new(0));
    let place = RefCell::new(Place::new(0));
    Fuzz { corpus, more: Vec::new(), inputs: 2_000 }.run(|bytes| {
        let mut place = place.borrow_mut();
        place.asked += 1;
        if place.asked > FRESH {
            places.set(places.get() + 1);
            *place = Place::new(places.get());
        }
        let Some((path, body)) = bytes.split_first() else { return };
        let path = PATHS[usize::from(*path) % PATHS.len()];
        let body = replaced(&replaced(body, FLOW, &place.flow), CODE, &place.code());
        let before = place.user();
        let answer = block_on(place.site.bytes(&place.token, path, body));
        is_of_the_dialect(&answer);
        if answer.body.get("success") == Some(&Value::Bool(true)) {
            done.set(done.get() + 1);
        } else {
            assert_eq!(place.user(), before, "a refusal changed the account: {answer:?}");
        }
    });
    assert!(done.get() > 0, "no input was ever understood");
}

/// Bodies of an update: a refusal changes nothing, and what is done changes the profile alone.
#[test]
fn bodies_of_profiles() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/alibaba/corpus/profile");
    let place = Place::new(0);
    let nickname = PublicId::of(&["attribute", "default", "nickname"]);
    let done = Cell::new(0);
    Fuzz { corpus, more: Vec::new(), inputs: 1_500 }.run(|bytes| {
        let body = replaced(bytes, b"@uuid@", place.alice.id.as_str());
        let body = replaced(&body, b"@nickname@", nickname.as_str());
        let before = place.user();
        let answer = block_on(place.site.put_bytes(&place.token, PROFILE, body));
        is_of_the_dialect(&answer);
        let after = place.user();
        if answer.body.get("success") == Some(&Value::Bool(true)) {
            done.set(done.get() + 1);
            let profile = after.profile.clone();
            assert!(profile.values.values().all(|held| held.value.to_string() != MASK), "{answer:?}");
            assert_eq!(after, User { profile, version: after.version, ..before }, "{answer:?}");
        } else {
            assert_eq!(after, before, "a refusal changed the account: {answer:?}");
        }
    });
    assert!(done.get() > 0, "no input was ever understood");
}

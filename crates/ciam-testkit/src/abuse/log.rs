//! What a host could log, and what must not be in it.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::fmt::Debug;

use ciam::domain::FlowId;
use ciam::domain::user::Address;
use ciam::ports::{Charge, Clock, StepQuery};
use ciam::{Error, Principal};

use crate::world::World;

/// Every reason that a journey of every use case can end with.
const REASONS: [&str; 32] = [
    "access.deleted",
    "access.disabled",
    "access.frozen",
    "access.insufficient_scope",
    "access.invalid_token",
    "access.locked",
    "access.no_session",
    "access.stale_authentication",
    "access.unknown_user",
    "contact.duplicate",
    "contact.malformed",
    "contact.region_not_served",
    "contact.undeliverable",
    "contact.wrong_channel",
    "factor.none",
    "factor.unsupported",
    "factor.wrong_code",
    "factor.wrong_password",
    "failure",
    "flow.unknown",
    "password.blank",
    "password.breached",
    "password.context_word",
    "password.listed",
    "password.own_identifier",
    "password.recurrent",
    "password.same",
    "password.too_long",
    "password.too_short",
    "profile.malformed",
    "rate.too_many_attempts",
    "rate.too_many_codes",
];

/// Whether a letter ends a line or turns its direction.
pub(super) fn breaks_a_line(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Everything that could end in a log, and what must not be in it.
#[derive(Default)]
pub(super) struct Log {
    pub(super) lines: Vec<String>,
    reasons: BTreeSet<&'static str>,
    secrets: BTreeSet<String>,
}

impl Log {
    pub(super) fn told(&mut self, value: &impl Debug) {
        self.lines.push(format!("{value:?}"));
    }

    pub(super) fn answer<T: Debug>(&mut self, answer: Result<T, Error>) -> Option<T> {
        self.told(&answer);
        let error = match answer {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        self.reasons.insert(error.reason());
        self.lines.push(error.to_string());
        let mut source = error.source();
        while let Some(cause) = source {
            self.lines.push(format!("{cause} {cause:?}"));
            source = cause.source();
        }
        None
    }

    pub(super) fn hide(&mut self, secret: &str) {
        self.secrets.insert(secret.to_owned());
    }

    pub(super) fn hide_address(&mut self, address: &Address) {
        self.hide(address.canonical());
        match address {
            Address::Phone(phone) => self.hide(phone.national()),
            Address::Email(email) => self.hide(email.original()),
        }
    }

    /// The codes that were sent, and where they went.
    pub(super) fn hide_codes(&mut self, world: &World) {
        for sent in world.mailbox.codes() {
            self.hide(&sent.digits);
            self.hide_address(&sent.to);
        }
    }

    /// What the store holds of a flow, with its codes.
    pub(super) async fn stored(&mut self, world: &World, who: &Principal, flow: &FlowId) {
        self.hide(flow.expose());
        let query = StepQuery {
            session: who.session().cloned(),
            flow: Some(flow.key()),
            ..StepQuery::of(who.tenant().clone(), who.user().clone())
        };
        let charge =
            Charge { query: query.clone(), max_attempts: 0, rates: Vec::new(), now: world.clock.now() };
        let loaded = world.backend.store.load(&query).await.unwrap().unwrap();
        for challenge in &loaded.challenges {
            self.hide(&format!("{:?}", challenge.digest.mac));
        }
        self.told(&(query, loaded, world.backend.store.charge(&charge).await.unwrap(), charge));
    }

    pub(super) fn check(&self) {
        let reasons: Vec<_> = self.reasons.iter().copied().collect();
        assert_eq!(reasons, REASONS, "the journey passes every refusal");
        assert!(self.secrets.len() > 30, "the journey has secrets");
        for secret in self.secrets.iter().filter(|secret| !secret.is_empty()) {
            let line = self.lines.iter().find(|line| line.contains(secret.as_str()));
            assert_eq!(line, None, "shows {secret:?}");
        }
    }
}

//! Providers of accounts elsewhere that a test speaks for.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use ciam::domain::Instant;
use ciam::domain::social::{Issuer, SocialSource, Subject};
use ciam::ports::{SocialError, SocialIdentity, SocialProof, SocialVerifier};

use super::locked;

/// A provider whose codes a test hands out.
#[derive(Debug, Default)]
pub struct FakeSocial {
    codes: Mutex<HashMap<String, SocialIdentity>>,
    tokens: Mutex<HashMap<String, SocialIdentity>>,
    asked: AtomicUsize,
    broken: AtomicBool,
}

impl FakeSocial {
    /// The issuer of everybody there.
    pub const ISSUER: &str = "https://social.example";

    /// Hands out a code for somebody there, which is good once.
    pub fn code(&self, subject: &str) -> String {
        self.code_with(subject, None)
    }

    /// The same, where the provider says that this is their e-mail address.
    pub fn code_with(&self, subject: &str, email: Option<&str>) -> String {
        let mut codes = locked(&self.codes);
        let code = format!("social-code-{}-{}", codes.len() + self.asked(), subject.len());
        codes.insert(code.clone(), SocialIdentity { email: email.map(str::to_owned), ..identity(subject) });
        code
    }

    /// Hands out an identity token for somebody there, which is good as often as it is presented.
    pub fn identity_token(&self, subject: &str) -> String {
        let mut tokens = locked(&self.tokens);
        let token = format!("social-token-{}", tokens.len());
        tokens.insert(token.clone(), identity(subject));
        token
    }

    /// How many proofs it was asked about.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// From now on it cannot be reached, or can again.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }
}

#[async_trait]
impl SocialVerifier for FakeSocial {
    async fn verify(
        &self,
        _source: &SocialSource,
        proof: &SocialProof,
        _now: Instant,
    ) -> Result<SocialIdentity, SocialError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.broken.load(Ordering::SeqCst) {
            return Err(SocialError::Unavailable("the fake provider is broken".into()));
        }
        let presented = proof.code.expose();
        let token = locked(&self.tokens).get(presented).cloned();
        token.or_else(|| locked(&self.codes).remove(presented)).ok_or(SocialError::Rejected)
    }
}

#[expect(clippy::unwrap_used, reason = "a subject of a test is one")]
fn identity(subject: &str) -> SocialIdentity {
    SocialIdentity {
        issuer: Issuer::parse(FakeSocial::ISSUER).unwrap(),
        subject: Subject::parse(subject).unwrap(),
        email: None,
        name: None,
    }
}

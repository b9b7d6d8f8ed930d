//! The contract of access tokens notices each fault of a verifier.
#![expect(clippy::unwrap_used, reason = "a poisoned lock ends the test")]

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ciam_ports::domain::Instant;
use ciam_ports::domain::secret::SecretText;
use ciam_ports::{TokenClaims, TokenError, TokenGrant, TokenIssuer, TokenOrigin, TokenVerifier};
use ciam_testkit::contract::{TOKEN_RULES, TokenFixture, check_token};

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Scopes,
    End,
    Beginning,
    Signature,
    Key,
}

/// The faults, each with the one rule that it breaks.
const FAULTS: [(Fault, &str); 5] = [
    (Fault::Scopes, "a_token_says_what_was_granted"),
    (Fault::End, "a_token_ends_on_time"),
    (Fault::Beginning, "a_token_of_the_future_is_refused"),
    (Fault::Signature, "a_changed_token_is_refused"),
    (Fault::Key, "a_strangers_token_is_refused"),
];

type Known = Mutex<HashMap<String, TokenGrant>>;

/// Tokens that are names of grants: `<key>-<number>`, written out at length.
struct Toy {
    key: &'static str,
    known: Arc<Known>,
}

struct Reader {
    fault: Fault,
    known: Arc<Known>,
}

#[async_trait]
impl TokenIssuer for Toy {
    async fn issue(&self, grant: &TokenGrant) -> Result<SecretText, TokenError> {
        let mut known = self.known.lock().unwrap();
        let name = format!("{}-{:032}", self.key, known.len());
        known.insert(name.clone(), grant.clone());
        Ok(SecretText::new(name))
    }
}

#[async_trait]
impl TokenVerifier for Reader {
    async fn verify(&self, token: &SecretText, now: Instant) -> Result<TokenClaims, TokenError> {
        let known = self.known.lock().unwrap();
        let mut name = token.expose().to_owned();
        if self.fault == Fault::Signature && name.starts_with("own-") {
            name.replace_range(4.., &format!("{:032}", 0));
        }
        let grant = known.get(&name).cloned().ok_or(TokenError::Invalid)?;
        let ended = now >= grant.expires_at.after(Duration::from_secs(30)) && self.fault != Fault::End;
        let early = grant.issued_at > now.after(Duration::from_secs(30)) && self.fault != Fault::Beginning;
        let foreign = !name.starts_with("own-") && self.fault != Fault::Key;
        if ended || early || foreign {
            return Err(TokenError::Invalid);
        }
        let scopes = if self.fault == Fault::Scopes { Vec::new() } else { grant.scopes };
        let TokenGrant { tenant, subject, session, client, amr, auth_time, issued_at, expires_at, .. } =
            grant;
        let (session, auth_time, origin) = (Some(session), Some(auth_time), TokenOrigin::Own);
        Ok(TokenClaims {
            origin,
            tenant,
            subject,
            session,
            scopes,
            client,
            amr,
            auth_time,
            issued_at,
            expires_at,
        })
    }
}

fn fixture(fault: Fault) -> TokenFixture {
    let known = Arc::<Known>::default();
    let toy = |key| Arc::new(Toy { key, known: known.clone() });
    TokenFixture {
        issuer: toy("own"),
        stranger: toy("far"),
        verifier: Arc::new(Reader { fault, known: known.clone() }),
    }
}

fn broken(fault: Fault) -> Vec<&'static str> {
    let breaks = |name: &str| catch_unwind(AssertUnwindSafe(|| check_token(name, &fixture(fault)))).is_err();
    TOKEN_RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

#[test]
fn every_rule_has_a_fault() {
    for rule in TOKEN_RULES {
        assert!(FAULTS.iter().any(|(_, broken)| *broken == rule.name), "{}", rule.name);
    }
}

#[test]
fn a_sound_verifier_breaks_no_rule() {
    assert_eq!(broken(Fault::None), [""; 0]);
}

#[test]
fn a_fault_is_caught_by_its_rule_alone() {
    for (fault, rule) in FAULTS {
        assert_eq!(broken(fault), [rule]);
    }
}

//! The contract of access tokens: what was granted is read back, and nothing else is believed.

use std::sync::Arc;
use std::time::Duration;

use ciam_ports::domain::secret::SecretText;
use ciam_ports::domain::session::Amr;
use ciam_ports::domain::{Instant, SessionId, TenantId, UserId};
use ciam_ports::{TokenClaims, TokenError, TokenGrant, TokenIssuer, TokenOrigin, TokenVerifier};
use futures_executor::block_on;

use super::Trial;

/// The longest clock skew that a verifier may allow.
const SKEW: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

/// An issuer with its verifier, and an issuer that the verifier does not know.
#[derive(Clone)]
pub struct TokenFixture {
    /// Makes the tokens.
    pub issuer: Arc<dyn TokenIssuer>,
    /// Checks them.
    pub verifier: Arc<dyn TokenVerifier>,
    /// Makes tokens alike under a key of its own.
    pub stranger: Arc<dyn TokenIssuer>,
}

/// One rule of access tokens.
#[derive(Clone, Copy)]
pub struct TokenRule {
    /// Its name.
    pub name: &'static str,
    /// Tries it.
    pub run: for<'a> fn(&'a TokenFixture) -> Trial<'a>,
}

/// Hands every rule of access tokens to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! each_token_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            token {
                a_token_says_what_was_granted a_token_ends_on_time a_token_of_the_future_is_refused
                a_changed_token_is_refused a_strangers_token_is_refused
            }
        }
    };
}

macro_rules! table {
    (() token { $($rule:ident)* }) => {
        /// Every rule of access tokens.
        pub const TOKEN_RULES: &[TokenRule] =
            &[$(TokenRule { name: stringify!($rule), run: |on| Box::pin($rule(on)) },)*];
    };
}

each_token_rule! { [table] () }

/// Tries the rule of a name; it panics where the rule is broken, or there is none of that name.
pub fn check_token(name: &str, on: &TokenFixture) {
    let rule = TOKEN_RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    block_on((rule.run)(on));
}

/// One test for each rule of access tokens; `make` is called for a fresh
/// [`TokenFixture`](crate::contract::TokenFixture) each time.
#[macro_export]
macro_rules! token_contract {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::each_token_rule! { [$crate::contract_tests] (($crate::contract::check_token) [$(#[$attr])*] $make) }
    };
}

fn grant() -> TokenGrant {
    TokenGrant {
        tenant: TenantId::parse("acme").expect("a tenant"),
        subject: UserId::parse("alice").expect("a person"),
        session: SessionId::parse("session-1").expect("a session"),
        scopes: vec!["openid".to_owned(), "user".to_owned()],
        client: Some("shop".to_owned()),
        amr: vec![Amr::Password, Amr::Sms],
        auth_time: NOW.before(HOUR),
        issued_at: NOW,
        expires_at: NOW.after(HOUR),
    }
}

async fn issued(by: &Arc<dyn TokenIssuer>) -> SecretText {
    by.issue(&grant()).await.expect("a token")
}

async fn read(on: &TokenFixture, token: &SecretText, at: Instant) -> Option<TokenClaims> {
    match on.verifier.verify(token, at).await {
        Ok(claims) => Some(claims),
        Err(TokenError::Invalid) => None,
        Err(error) => unreachable!("a token is valid or not: {error}"),
    }
}

async fn a_token_says_what_was_granted(on: &TokenFixture) {
    let claims = read(on, &issued(&on.issuer).await, NOW).await.expect("a valid token");
    let TokenGrant { tenant, subject, session, scopes, client, amr, auth_time, issued_at, expires_at } =
        grant();
    let session = Some(session);
    let auth_time = Some(auth_time);
    let origin = TokenOrigin::Own;
    let granted = TokenClaims {
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
    };
    assert_eq!(claims, granted);
}

async fn a_token_ends_on_time(on: &TokenFixture) {
    let token = issued(&on.issuer).await;
    let end = grant().expires_at;
    assert!(
        read(on, &token, end.before(Duration::from_secs(1))).await.is_some(),
        "a token lives until its end"
    );
    assert!(read(on, &token, end.after(SKEW)).await.is_none(), "no skew is over a minute");
}

async fn a_token_of_the_future_is_refused(on: &TokenFixture) {
    let token = issued(&on.issuer).await;
    let early = NOW.before(SKEW).before(Duration::from_secs(1));
    assert!(read(on, &token, early).await.is_none(), "nothing is issued before its time");
}

async fn a_changed_token_is_refused(on: &TokenFixture) {
    let token = issued(&on.issuer).await;
    let letters: Vec<char> = token.expose().chars().collect();
    for place in (0..letters.len()).step_by(7) {
        let mut changed = letters.clone();
        changed[place] = if changed[place] == 'A' { 'B' } else { 'A' };
        let changed = SecretText::new(changed.into_iter().collect());
        assert!(read(on, &changed, NOW).await.is_none(), "letter {place} counts");
    }
    for cut in [0, letters.len() / 2, letters.len() - 1] {
        let short = SecretText::new(letters[..cut].iter().collect());
        assert!(read(on, &short, NOW).await.is_none(), "a token of {cut} letters is none");
    }
}

async fn a_strangers_token_is_refused(on: &TokenFixture) {
    assert!(read(on, &issued(&on.stranger).await, NOW).await.is_none(), "only a known key counts");
}

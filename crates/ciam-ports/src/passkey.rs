//! Passkeys: what authenticators answer to a challenge.

use async_trait::async_trait;
use ciam_domain::passkey::{
    Backup, CredentialId, LONGEST_ANSWER, PasskeyFlaw, PasskeyKey, RelyingParty, Transport, UserHandle,
};
use ciam_domain::user::Passkey;

/// An answer could not be looked at; whatever waits for it is refused.
#[derive(Debug, thiserror::Error)]
#[error("passkeys cannot be verified")]
pub struct PasskeyError(#[source] pub crate::Source);

/// What a client sends: `RegistrationResponseJSON` or `AuthenticationResponseJSON` (`WebAuthn` Level 3, 5.1.9, 5.1.10).
#[derive(Clone)]
pub struct PasskeyAnswer(String);

impl PasskeyAnswer {
    /// Takes an answer as it was sent; one of more than [`LONGEST_ANSWER`] bytes is taken for none.
    #[must_use]
    pub fn new(json: String) -> Self {
        Self(if json.len() <= LONGEST_ANSWER { json } else { String::new() })
    }

    /// The answer.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasskeyAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PasskeyAnswer({} bytes)", self.0.len())
    }
}

/// What an answer must answer to.
#[derive(Debug, Clone, Copy)]
pub struct PasskeyQuestion<'a> {
    /// What the passkey is for, which pages may ask, and whether the person must be verified.
    pub party: &'a RelyingParty,
    /// The challenge that was handed out.
    pub challenge: &'a [u8],
}

/// What an answer to a sign-in says of itself, before anything of it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentedPasskey {
    /// The passkey that it is of.
    pub id: CredentialId,
    /// The challenge that it answers.
    pub challenge: Vec<u8>,
    /// What the authenticator knows its person by, where it tells.
    pub handle: Option<UserHandle>,
}

/// A passkey that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPasskey {
    /// Its id.
    pub id: CredentialId,
    /// Its public key; [`PasskeyVerifier::verify`] takes it.
    pub key: PasskeyKey,
    /// How often its authenticator says that it signed.
    pub sign_count: u32,
    /// Whether it lives on one device alone.
    pub backup: Backup,
    /// How the client reaches its authenticator.
    pub transports: Vec<Transport>,
}

/// A passkey that signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedPasskey {
    /// How often its authenticator says that it signed. Whether that may be is for whoever keeps the last count.
    pub sign_count: u32,
    /// Whether the authenticator verified its person.
    pub user_verified: bool,
    /// Whether it lives on one device alone.
    pub backup: Backup,
}

/// Verifies what authenticators answer, by the procedures of `WebAuthn` Level 3, 7.1 and 7.2.
///
/// It needs no memory and no clock: the core hands out challenges, lets each through once and in time, finds the person
/// and the passkey, and compares the counts.
///
/// - `a_passkey_that_was_made_signs`: an answer to the question MUST give the passkey, and what it signs later MUST verify
///   with it, with the count, the verification and the backup that its authenticator told.
/// - `an_answer_names_its_passkey_and_challenge`: [`PasskeyVerifier::read`] MUST give the id, the challenge and the handle.
/// - `another_challenge_is_refused`, `another_origin_is_refused`, `a_frame_elsewhere_is_refused`,
///   `another_relying_party_is_refused`, `the_other_ceremony_is_refused`: an answer to another question MUST be refused, in
///   either ceremony.
/// - `an_absent_person_is_refused`; `an_unverified_person_is_refused_where_that_is_demanded` and MUST pass elsewhere.
/// - `another_passkey_signs_nothing`: with the key of any other passkey an answer MUST be refused, and one that names
///   another id MUST be too.
/// - `a_changed_answer_is_refused`: neither what is signed nor the signature can be exchanged.
/// - `an_algorithm_that_was_not_offered_is_refused`, and so MUST be a key that is none of its algorithm.
/// - `what_is_no_answer_is_refused`: anything else MUST be refused without a panic and MUST NOT be read.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait PasskeyVerifier: Send + Sync + 'static {
    /// Reads an answer to a sign-in; `None` where it is none.
    fn read(&self, answer: &PasskeyAnswer) -> Option<PresentedPasskey>;

    /// The algorithms that it verifies, those to be preferred first (COSE algorithm identifiers, RFC 9053).
    fn algorithms(&self) -> Vec<i32>;

    /// Verifies a passkey that was made.
    ///
    /// # Errors
    /// [`PasskeyError`]. What is wrong with the answer is no error but a [`PasskeyFlaw`].
    async fn verify_new<'a>(
        &self,
        question: PasskeyQuestion<'a>,
        answer: &PasskeyAnswer,
    ) -> Result<Result<NewPasskey, PasskeyFlaw>, PasskeyError>;

    /// Verifies what a passkey signed. The count that is stored with it is not looked at.
    ///
    /// # Errors
    /// As of [`PasskeyVerifier::verify_new`].
    async fn verify<'a>(
        &self,
        question: PasskeyQuestion<'a>,
        passkey: &Passkey,
        answer: &PasskeyAnswer,
    ) -> Result<Result<SignedPasskey, PasskeyFlaw>, PasskeyError>;

    /// Costs about as much as [`PasskeyVerifier::verify`], for a passkey that nobody has.
    ///
    /// # Errors
    /// [`PasskeyError`].
    async fn verify_nothing(&self, answer: &PasskeyAnswer) -> Result<(), PasskeyError>;
}

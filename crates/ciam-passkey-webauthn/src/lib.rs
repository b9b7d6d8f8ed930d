//! Passkeys for ciam, as browsers speak them (`WebAuthn` Level 3), on the crate `passki`.
//!
//! That crate compares type, challenge, origin, relying party, presence and verification, and verifies signatures. What
//! it leaves to others, or takes in more ways than one, is looked at here first:
//!
//! - the outer form: sizes, `id` and `rawId` alike, the type of the credential, one spelling of base64url, each key of the
//!   client data once;
//! - frames: `crossOrigin` is absent or `false`, and there is no `topOrigin`;
//! - attestation: none, or the passkey's own signature (`packed` without certificates). Certificates are asked for by
//!   nobody and never parsed;
//! - the key: of an algorithm that was offered, with the parameters of that algorithm and no others, on its curve, an RSA
//!   key of 2048 to 4096 bits with the exponent 65537, and none that anybody signs for;
//! - copies: whether a passkey may be copied stays as it was when it was made;
//! - counts are not compared here at all: whoever keeps the last one does that, after the signature.

mod answer;
mod attestation;
mod flaw;
mod key;

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use ciam_ports::domain::passkey::{Backup, CredentialId, PasskeyFlaw, PasskeyKey, Transport};
use ciam_ports::domain::user::Passkey;
use ciam_ports::domain::weak_key::BASE_P256;
use ciam_ports::{
    NewPasskey, PasskeyAnswer, PasskeyError, PasskeyQuestion, PasskeyVerifier, PresentedPasskey,
    SignedPasskey,
};
use passki::{
    AuthenticationCredential, AuthenticationState, Passki, RegistrationCredential, RegistrationState,
};
use serde_json::json;

use answer::{Assertion, Registration};
use flaw::flaw;

/// Verifies passkeys of browsers; holds nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct WebauthnPasskeys;

impl WebauthnPasskeys {
    /// A verifier.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

#[async_trait]
impl PasskeyVerifier for WebauthnPasskeys {
    fn read(&self, answer: &PasskeyAnswer) -> Option<PresentedPasskey> {
        let Assertion { id, client_data, handle, .. } = Assertion::read(answer)?;
        Some(PresentedPasskey { id, challenge: client_data.challenge()?, handle })
    }

    fn algorithms(&self) -> Vec<i32> {
        key::ALGORITHMS.to_vec()
    }

    async fn verify_new<'a>(
        &self,
        question: PasskeyQuestion<'a>,
        answer: &PasskeyAnswer,
    ) -> Result<Result<NewPasskey, PasskeyFlaw>, PasskeyError> {
        let state = json!({
            "challenge": question.challenge,
            "user": {"id": "", "name": "", "displayName": ""},
            "user_verification": question.party.verification().as_str(),
        });
        let state: RegistrationState = serde_json::from_value(state).map_err(unusable)?;
        Ok(made(&question, &state, answer))
    }

    async fn verify<'a>(
        &self,
        question: PasskeyQuestion<'a>,
        passkey: &Passkey,
        answer: &PasskeyAnswer,
    ) -> Result<Result<SignedPasskey, PasskeyFlaw>, PasskeyError> {
        let state = json!({
            "challenge": question.challenge,
            "allowed_credentials": [passkey.id.as_bytes()],
            "user_verification": question.party.verification().as_str(),
        });
        let state: AuthenticationState = serde_json::from_value(state).map_err(unusable)?;
        Ok(signed(&question, (&state, passkey), answer))
    }

    async fn verify_nothing(&self, answer: &PasskeyAnswer) -> Result<(), PasskeyError> {
        if let Some(assertion) = Assertion::read(answer) {
            let client = digest(&SHA256, &assertion.client_data.bytes);
            let message = [assertion.authenticator_data.as_slice(), client.as_ref()].concat();
            let nobodys = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, BASE_P256);
            std::hint::black_box(nobodys.verify(&message, &assertion.signature).is_ok());
        }
        Ok(())
    }
}

fn unusable(error: serde_json::Error) -> PasskeyError {
    PasskeyError(error.into())
}

fn party_of(question: &PasskeyQuestion<'_>) -> Passki {
    let origins: Vec<&str> = question.party.origins().collect();
    Passki::new(question.party.id(), &origins, question.party.name())
}

fn made(
    question: &PasskeyQuestion<'_>,
    state: &RegistrationState,
    answer: &PasskeyAnswer,
) -> Result<NewPasskey, PasskeyFlaw> {
    let registration = Registration::read(answer).ok_or(PasskeyFlaw::Malformed)?;
    registration.client_data.is_unframed()?;
    attestation::is_plain(&registration.attestation_object)?;
    let credential: RegistrationCredential =
        serde_json::from_str(answer.as_str()).map_err(|_| PasskeyFlaw::Malformed)?;
    let made =
        party_of(question).finish_passkey_registration(&credential, state).map_err(|error| flaw(&error))?;
    key::check(&made.public_key)?;
    Ok(NewPasskey {
        id: CredentialId::new(&made.credential_id).ok_or(PasskeyFlaw::Credential)?,
        key: PasskeyKey::new(&made.public_key).ok_or(PasskeyFlaw::Key)?,
        sign_count: made.counter,
        backup: backup(made.be, made.bs),
        transports: registration.transports(),
    })
}

fn signed(
    question: &PasskeyQuestion<'_>,
    (state, passkey): (&AuthenticationState, &Passkey),
    answer: &PasskeyAnswer,
) -> Result<SignedPasskey, PasskeyFlaw> {
    let assertion = Assertion::read(answer).ok_or(PasskeyFlaw::Malformed)?;
    assertion.client_data.is_unframed()?;
    let algorithm = key::check(passkey.key.as_bytes())?;
    let credential: AuthenticationCredential =
        serde_json::from_str(answer.as_str()).map_err(|_| PasskeyFlaw::Malformed)?;
    let mut stored = passki::StoredPasskey::default();
    stored.credential_id = passkey.id.as_bytes().to_vec();
    stored.public_key = passkey.key.as_bytes().to_vec();
    stored.algorithm = algorithm;
    // Zero, so that a count is never a reason to stop before the signature.
    stored.counter = 0;
    let told = party_of(question)
        .finish_passkey_authentication(&credential, state, &stored)
        .map_err(|error| flaw(&error))?;
    let flags = assertion.authenticator_data.get(32).copied().ok_or(PasskeyFlaw::Malformed)?;
    let backup = backup(flags & BACKUP_ELIGIBLE != 0, flags & BACKED_UP != 0);
    if backup.may_be_copied() != passkey.backup.may_be_copied() {
        return Err(PasskeyFlaw::Backup);
    }
    Ok(SignedPasskey { sign_count: told.counter, user_verified: flags & USER_VERIFIED != 0, backup })
}

/// Flags of authenticator data (`WebAuthn` Level 3, 6.1).
const USER_VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;

const fn backup(eligible: bool, backed_up: bool) -> Backup {
    match (eligible, backed_up) {
        (false, _) => Backup::DeviceBound,
        (true, false) => Backup::Eligible,
        (true, true) => Backup::BackedUp,
    }
}

impl Registration {
    /// How the client reaches the authenticator; what nobody knows is left out.
    fn transports(&self) -> Vec<Transport> {
        let mut known: Vec<_> = self.told_transports.iter().filter_map(|one| Transport::parse(one)).collect();
        known.sort_unstable();
        known.dedup();
        known
    }
}

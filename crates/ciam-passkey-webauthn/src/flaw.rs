//! What the crate below says of an answer, in our words.

use ciam_ports::domain::passkey::PasskeyFlaw;
use passki::PasskiError;

pub(crate) const fn flaw(error: &PasskiError) -> PasskeyFlaw {
    match error {
        PasskiError::InvalidClientDataType(_) | PasskiError::ClientDataTypeMismatch { .. } => {
            PasskeyFlaw::Ceremony
        }
        PasskiError::ChallengeMismatch => PasskeyFlaw::Challenge,
        PasskiError::OriginMismatch { .. } => PasskeyFlaw::Origin,
        PasskiError::CrossOriginNotAllowed | PasskiError::TopOriginMismatch { .. } => {
            PasskeyFlaw::CrossOrigin
        }
        PasskiError::RpIdHashMismatch => PasskeyFlaw::RelyingParty,
        PasskiError::UserNotPresent => PasskeyFlaw::UserAbsent,
        PasskiError::UserVerificationRequired => PasskeyFlaw::UserUnverified,
        PasskiError::InvalidBackupFlags => PasskeyFlaw::Backup,
        PasskiError::UnsupportedAlgorithm(_) => PasskeyFlaw::Algorithm,
        PasskiError::InvalidCoseKey(_) => PasskeyFlaw::Key,
        PasskiError::CredentialNotAllowed | PasskiError::CredentialIdMismatch => PasskeyFlaw::Credential,
        PasskiError::SignatureVerificationFailed => PasskeyFlaw::Signature,
        PasskiError::CounterRegression => PasskeyFlaw::Counter,
        PasskiError::UnsupportedAttestationFormat(_)
        | PasskiError::MissingAttStmtField(_)
        | PasskiError::InvalidAttestation(_) => PasskeyFlaw::Attestation,
        _ => PasskeyFlaw::Malformed,
    }
}

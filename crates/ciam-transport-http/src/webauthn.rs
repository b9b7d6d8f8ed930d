//! The JSON that browsers exchange for passkeys (`WebAuthn` Level 3, 5.1.8 to 5.1.10), for dialects and for what a host
//! mounts itself: `PublicKeyCredential.parseCreationOptionsFromJSON`, `parseRequestOptionsFromJSON` and `toJSON`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciam::domain::passkey::{CredentialId, Transport};
use ciam::{KnownPasskey, PASSKEY_TIME, PasskeyCreation, PasskeyRequest};
use serde_json::{Value, json};

/// `PublicKeyCredentialCreationOptionsJSON`: the passkey shall be found by its authenticator without a name, and nothing
/// is asked about the authenticator.
#[must_use]
pub fn creation_options(creation: &PasskeyCreation) -> Value {
    let algorithms = creation.algorithms.iter().map(|alg| json!({"type": "public-key", "alg": alg}));
    json!({
        "rp": {"id": creation.party.id(), "name": creation.party.name()},
        "user": {
            "id": encoded(creation.handle.as_bytes()),
            "name": creation.account,
            "displayName": creation.person,
        },
        "challenge": encoded(&creation.challenge),
        "pubKeyCredParams": algorithms.collect::<Vec<_>>(),
        "timeout": timeout(),
        "excludeCredentials": descriptors(&creation.known),
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": true,
            "userVerification": creation.party.verification().as_str(),
        },
        "attestation": "none",
    })
}

/// `PublicKeyCredentialRequestOptionsJSON`.
#[must_use]
pub fn request_options(request: &PasskeyRequest) -> Value {
    json!({
        "challenge": encoded(&request.challenge),
        "timeout": timeout(),
        "rpId": request.party.id(),
        "allowCredentials": descriptors(&request.known),
        "userVerification": request.verification().as_str(),
    })
}

/// The id of a passkey as browsers write it: base64url without padding.
#[must_use]
pub fn credential_id(id: &CredentialId) -> String {
    encoded(id.as_bytes())
}

/// Reads the id of a passkey; `None` where it is none.
#[must_use]
pub fn read_credential_id(text: &str) -> Option<CredentialId> {
    URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| CredentialId::new(&bytes))
}

fn descriptors(known: &[KnownPasskey]) -> Vec<Value> {
    let descriptor = |known: &KnownPasskey| {
        let mut descriptor = json!({"type": "public-key", "id": credential_id(&known.id)});
        if !known.transports.is_empty() {
            let transports: Vec<_> = known.transports.iter().map(|one| Transport::as_str(*one)).collect();
            descriptor["transports"] = json!(transports);
        }
        descriptor
    };
    known.iter().map(descriptor).collect()
}

/// In milliseconds.
fn timeout() -> u64 {
    PASSKEY_TIME.as_secs().saturating_mul(1_000)
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

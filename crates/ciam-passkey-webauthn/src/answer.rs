//! The outer form of answers: `RegistrationResponseJSON` and `AuthenticationResponseJSON` (`WebAuthn` Level 3, 5.1.9,
//! 5.1.10), and the client data in them. One text alone is an answer's.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciam_ports::PasskeyAnswer;
use ciam_ports::domain::passkey::{CredentialId, PasskeyFlaw, UserHandle};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Credential<R> {
    id: String,
    raw_id: String,
    r#type: String,
    response: R,
}

#[derive(Deserialize)]
struct Attested {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    #[serde(rename = "attestationObject")]
    attestation_object: String,
    #[serde(default)]
    transports: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asserted {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: String,
    #[serde(default)]
    user_handle: Option<String>,
}

/// What a browser says of the ceremony (`WebAuthn` Level 3, 5.8.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: Option<bool>,
    #[serde(default)]
    top_origin: Option<serde_json::Value>,
}

/// Client data as the browser collected it, taken apart; type, challenge and origin are not compared yet.
pub(crate) struct Collected {
    pub(crate) bytes: Vec<u8>,
    told: Told,
}

impl Collected {
    /// Each key of it stands once, or it is none.
    fn read(text: &str) -> Option<Self> {
        let bytes = decoded(text)?;
        let told: Told = serde_json::from_slice(&bytes).ok()?;
        (!told.r#type.is_empty() && !told.origin.is_empty()).then_some(Self { bytes, told })
    }

    pub(crate) fn challenge(&self) -> Option<Vec<u8>> {
        decoded(&self.told.challenge)
    }

    /// Whether it was made on a page by itself: no frame may ask, of whatever origin.
    pub(crate) fn is_unframed(&self) -> Result<(), PasskeyFlaw> {
        let framed = self.told.cross_origin == Some(true) || self.told.top_origin.is_some();
        if framed { Err(PasskeyFlaw::CrossOrigin) } else { Ok(()) }
    }
}

/// A passkey that was made.
pub(crate) struct Registration {
    pub(crate) client_data: Collected,
    pub(crate) attestation_object: Vec<u8>,
    pub(crate) told_transports: Vec<String>,
}

impl Registration {
    pub(crate) fn read(answer: &PasskeyAnswer) -> Option<Self> {
        let (_, response) = opened::<Attested>(answer)?;
        Some(Self {
            client_data: Collected::read(&response.client_data)?,
            attestation_object: decoded(&response.attestation_object)?,
            told_transports: response.transports.unwrap_or_default(),
        })
    }
}

/// Something that a passkey signed.
pub(crate) struct Assertion {
    pub(crate) id: CredentialId,
    pub(crate) client_data: Collected,
    pub(crate) authenticator_data: Vec<u8>,
    pub(crate) signature: Vec<u8>,
    pub(crate) handle: Option<UserHandle>,
}

impl Assertion {
    pub(crate) fn read(answer: &PasskeyAnswer) -> Option<Self> {
        let (id, response) = opened::<Asserted>(answer)?;
        let handle = match response.user_handle.as_deref() {
            None | Some("") => None,
            // Every handle of ours has this length, so another is of no person here.
            Some(text) => Some(UserHandle::from_random(decoded(text)?.try_into().ok()?)),
        };
        Some(Self {
            id,
            client_data: Collected::read(&response.client_data)?,
            authenticator_data: decoded(&response.authenticator_data)?,
            signature: decoded(&response.signature)?,
            handle,
        })
    }
}

fn opened<R: for<'de> Deserialize<'de>>(answer: &PasskeyAnswer) -> Option<(CredentialId, R)> {
    let credential: Credential<R> = serde_json::from_str(answer.as_str()).ok()?;
    let known = credential.r#type == "public-key" && credential.id == credential.raw_id;
    let id = CredentialId::new(&decoded(&credential.raw_id)?)?;
    known.then_some((id, credential.response))
}

/// Decodes base64url without padding (RFC 4648, 5); bits beyond the last byte must be zero.
pub(crate) fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

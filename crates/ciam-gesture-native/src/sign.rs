//! The form of a sign: base64url without padding (RFC 4648, 5) of what is signed, then the proof.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciam_ports::domain::DeviceId;

/// What every sign begins with: three letters and the version.
const MARK: [u8; 4] = [b'c', b'g', b's', 1];

/// Nothing longer is looked at.
const LONGEST: usize = 2048;

/// How a device signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Ed25519,
    EcdsaP256,
    Aes256,
}

impl Form {
    const fn read(byte: u8) -> Option<Self> {
        match byte {
            1 => Some(Self::Ed25519),
            2 => Some(Self::EcdsaP256),
            3 => Some(Self::Aes256),
            _ => None,
        }
    }

    /// Whether the name stands in what is signed; else it is encrypted in the proof.
    const fn shows_name(self) -> bool {
        !matches!(self, Self::Aes256)
    }
}

/// A sign taken apart. Nothing of it is verified.
#[derive(Debug)]
pub(crate) struct Sign {
    pub(crate) form: Form,
    pub(crate) device: DeviceId,
    pub(crate) challenge: String,
    /// The name in clear; empty in the form that encrypts it.
    pub(crate) name: String,
    bytes: Vec<u8>,
    proof_at: usize,
}

impl Sign {
    /// Takes a sign apart; one text alone is a sign's, so a second spelling is none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let rest = bytes.strip_prefix(&MARK)?;
        let (form, rest) = rest.split_first()?;
        let form = Form::read(*form)?;
        let (device, rest) = field(rest)?;
        let (challenge, rest) = field(rest)?;
        let (name, proof) = if form.shows_name() { field(rest)? } else { ("", rest) };
        let (device, challenge, name) =
            (DeviceId::parse(device).ok()?, challenge.to_owned(), name.to_owned());
        let proof_at = bytes.len() - proof.len();
        Some(Self { form, device, challenge, name, bytes, proof_at })
    }

    /// What the proof is over.
    pub(crate) fn signed(&self) -> &[u8] {
        &self.bytes[..self.proof_at]
    }

    pub(crate) fn proof(&self) -> &[u8] {
        &self.bytes[self.proof_at..]
    }
}

/// A text after its length in two bytes, most significant first.
fn field(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<2>()?;
    let (text, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
    Some((std::str::from_utf8(text).ok()?, rest))
}

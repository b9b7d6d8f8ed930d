//! Authenticators of tests, whose person is always there.
#![expect(clippy::expect_used, reason = "an authenticator that cannot be made ends the test")]

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use ciam::domain::challenge::{DigestKey, KeyId};
use ciam::domain::passkey::{
    Backup, CredentialId, PasskeyFlaw, PasskeyKey, RelyingParty, Transport, UserHandle, UserVerification,
};
use ciam::domain::seal::SealPurpose;
use ciam::domain::secret::SecretBytes;
use ciam::domain::user::Passkey;
use ciam::ports::{
    NewPasskey, PasskeyAnswer, PasskeyError, PasskeyQuestion, PasskeyVerifier, PresentedPasskey,
    SignedPasskey,
};
use ciam::{PasskeyCreation, PasskeyRequest};

use super::locked;
use crate::contract::{Scene, passkey_id};

/// The algorithms of the fake: `EdDSA` and ES256, by name alone.
const ALGORITHMS: [i32; 2] = [-8, -7];

/// A check that a verifier of tests may leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyCheck {
    /// What authenticators tell is given on.
    Told,
    /// The challenge is given whole.
    Read,
    /// The challenge.
    Challenge,
    /// The origin.
    Origin,
    /// The frame.
    Frame,
    /// The relying party.
    Party,
    /// The ceremony.
    Ceremony,
    /// Presence.
    Presence,
    /// Verification.
    Verification,
    /// The key.
    Key,
    /// What is signed.
    Signature,
    /// The algorithm.
    Algorithm,
    /// The form.
    Form,
}

/// Verifies what authenticators of tests answer.
#[derive(Debug, Default)]
pub struct FakePasskeys {
    /// What each public key is the other half of.
    secrets: Mutex<HashMap<Vec<u8>, [u8; 32]>>,
    asked: AtomicUsize,
    broken: AtomicBool,
    /// What it leaves out.
    without: Option<PasskeyCheck>,
}

/// An authenticator of a test, with one passkey.
#[derive(Debug, Clone)]
pub struct FakeSecurityKey {
    /// The id of its passkey.
    pub id: CredentialId,
    /// Its algorithm.
    pub algorithm: i32,
    secret: [u8; 32],
}

fn mac(secret: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let key = DigestKey::new(KeyId::new("passkey"), SecretBytes::new(secret.to_vec())).expect("32 bytes");
    *key.seal(SealPurpose::PasskeyChallenge, parts).as_bytes()
}

impl FakeSecurityKey {
    /// Its public key.
    #[must_use]
    pub fn key(&self) -> Vec<u8> {
        [&self.algorithm.to_be_bytes()[..], &mac(&self.secret, &[b"public"])].concat()
    }

    /// Its answer where it is to make a passkey.
    #[must_use]
    pub fn make(&self, scene: &Scene) -> String {
        let algorithm = scene.told_algorithm.unwrap_or(self.algorithm);
        let mut key = [&algorithm.to_be_bytes()[..], &self.key()[4..]].concat();
        if scene.spoilt {
            key.pop();
        }
        self.answer("create", scene, &hex::encode(key))
    }

    /// Its answer where it is to sign.
    #[must_use]
    pub fn sign(&self, scene: &Scene) -> String {
        self.answer("get", scene, "-")
    }

    /// Its answer to a passkey that is begun.
    #[must_use]
    pub fn create(&self, creation: &PasskeyCreation) -> PasskeyAnswer {
        let scene = Scene { challenge: creation.challenge.clone(), ..Self::here(1) };
        PasskeyAnswer::new(self.make(&scene))
    }

    /// Its answer to a challenge, with the count that it tells.
    #[must_use]
    pub fn get(&self, request: &PasskeyRequest, handle: Option<UserHandle>, count: u32) -> PasskeyAnswer {
        let scene = Scene { challenge: request.challenge.clone(), handle, ..Self::here(count) };
        PasskeyAnswer::new(self.sign(&scene))
    }

    fn here(sign_count: u32) -> Scene {
        Scene { origin: "https://example.org", sign_count, ..Scene::right() }
    }

    fn answer(&self, ceremony: &str, scene: &Scene, key: &str) -> String {
        let other = if ceremony == "get" { "create" } else { "get" };
        let id = scene.told_id.map_or_else(|| self.id.clone(), passkey_id);
        let parts = [
            (if scene.of_the_other_ceremony { other } else { ceremony }).to_owned(),
            hex::encode(id.as_bytes()),
            format!("{}.", hex::encode(&scene.challenge)),
            scene.handle.map_or_else(|| "-".to_owned(), |handle| hex::encode(handle.as_bytes())),
            scene.origin.to_owned(),
            scene.framed_by.unwrap_or("-").to_owned(),
            scene.party.to_owned(),
            scene.present.to_string(),
            scene.verified.to_string(),
            scene.sign_count.to_string(),
            scene.backup.as_str().to_owned(),
            hex::encode(self.id.as_bytes()),
            key.to_owned(),
        ];
        let bytes: Vec<&[u8]> = parts.iter().map(String::as_bytes).collect();
        format!("{}\n{}", parts.join("\n"), hex::encode(mac(&self.secret, &bytes)))
    }
}

/// An answer taken apart.
struct Answer<'a> {
    parts: [&'a str; 14],
    id: CredentialId,
    challenge: Vec<u8>,
    handle: Option<UserHandle>,
    sign_count: u32,
    backup: Backup,
}

impl<'a> Answer<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let parts: [&str; 14] = text.split('\n').collect::<Vec<_>>().try_into().ok()?;
        let handle = match parts[3] {
            "-" => None,
            text => Some(UserHandle::from_random(hex::decode(text).ok()?.try_into().ok()?)),
        };
        let lower = |text: &str| !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let bytes = |text: &str| hex::decode(text).ok().filter(|_| lower(text));
        Some(Self {
            id: CredentialId::new(&bytes(parts[1])?)?,
            challenge: bytes(parts[2].strip_suffix('.')?)?,
            handle,
            sign_count: parts[9].parse().ok()?,
            backup: Backup::parse(parts[10])?,
            parts,
        })
    }
}

impl FakePasskeys {
    /// What passkeys of tests are for.
    ///
    /// # Panics
    /// Never: it is one.
    #[must_use]
    pub fn party(verification: UserVerification) -> RelyingParty {
        let origins = ["https://example.org", "https://login.example.org"];
        RelyingParty::new("example.org", "Example", &origins, verification).expect("a relying party")
    }

    /// A verifier that leaves a check out.
    #[must_use]
    pub fn without(check: PasskeyCheck) -> Self {
        Self { without: Some(check), ..Self::default() }
    }

    /// An authenticator with a passkey; `number` tells them apart.
    pub fn authenticator(&self, algorithm: i32, number: u8) -> FakeSecurityKey {
        let mut secret = [number; 32];
        secret[..4].copy_from_slice(&algorithm.to_be_bytes());
        let made = FakeSecurityKey { id: passkey_id(number), algorithm, secret };
        locked(&self.secrets).insert(made.key(), made.secret);
        made
    }

    /// An authenticator with a passkey, of so many that a byte does not tell them apart.
    ///
    /// # Panics
    /// Never: its id has a length of one.
    pub fn authenticator_of(&self, number: u16) -> FakeSecurityKey {
        let mut secret = [0xff; 32];
        secret[..2].copy_from_slice(&number.to_be_bytes());
        let id = CredentialId::new(&secret[..20]).expect("an id");
        let made = FakeSecurityKey { id, algorithm: ALGORITHMS[0], secret };
        locked(&self.secrets).insert(made.key(), made.secret);
        made
    }

    /// How many answers it looked at.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// From now on it fails, or works again.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    fn ask(&self) -> Result<(), PasskeyError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.broken.load(Ordering::SeqCst) {
            return Err(PasskeyError("the fake verifier is broken".into()));
        }
        Ok(())
    }

    fn checks(&self, check: PasskeyCheck) -> bool {
        self.without != Some(check)
    }

    /// What both ceremonies look at.
    fn look(
        &self,
        ceremony: &str,
        question: &PasskeyQuestion<'_>,
        answer: &Answer<'_>,
    ) -> Option<PasskeyFlaw> {
        let [told, _, _, _, origin, frame, party, present, verified, ..] = answer.parts;
        let demanded = question.party.verification() == UserVerification::Required;
        let rules = [
            (PasskeyCheck::Ceremony, told == ceremony, PasskeyFlaw::Ceremony),
            (PasskeyCheck::Challenge, answer.challenge == question.challenge, PasskeyFlaw::Challenge),
            (
                PasskeyCheck::Origin,
                question.party.origins().any(|known| known == origin),
                PasskeyFlaw::Origin,
            ),
            (PasskeyCheck::Frame, frame == "-", PasskeyFlaw::CrossOrigin),
            (PasskeyCheck::Party, party == question.party.id(), PasskeyFlaw::RelyingParty),
            (PasskeyCheck::Presence, present == "true", PasskeyFlaw::UserAbsent),
            (PasskeyCheck::Verification, !demanded || verified == "true", PasskeyFlaw::UserUnverified),
        ];
        rules.into_iter().find(|(check, holds, _)| self.checks(*check) && !holds).map(|(.., flaw)| flaw)
    }

    fn signature_holds(&self, key: &[u8], answer: &Answer<'_>) -> bool {
        let Some(secret) = locked(&self.secrets).get(key).copied() else { return false };
        let holds = |parts: &[&str]| {
            let bytes: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
            answer.parts[13] == hex::encode(mac(&secret, &bytes))
        };
        // One without this check takes any count for the usual one.
        let mut counted = answer.parts;
        counted[9] = "5";
        holds(&answer.parts[..13]) || (!self.checks(PasskeyCheck::Signature) && holds(&counted[..13]))
    }
}

#[async_trait]
impl PasskeyVerifier for FakePasskeys {
    fn read(&self, answer: &PasskeyAnswer) -> Option<PresentedPasskey> {
        let junk = !self.checks(PasskeyCheck::Form) && answer.as_str() == "x";
        if junk {
            return Some(PresentedPasskey { id: passkey_id(1), challenge: Vec::new(), handle: None });
        }
        let Answer { id, mut challenge, handle, .. } = Answer::read(answer.as_str())?;
        if !self.checks(PasskeyCheck::Read) {
            challenge.truncate(100);
        }
        Some(PresentedPasskey { id, challenge, handle })
    }

    fn algorithms(&self) -> Vec<i32> {
        ALGORITHMS.to_vec()
    }

    async fn verify_new<'a>(
        &self,
        question: PasskeyQuestion<'a>,
        answer: &PasskeyAnswer,
    ) -> Result<Result<NewPasskey, PasskeyFlaw>, PasskeyError> {
        self.ask()?;
        let Some(answer) = Answer::read(answer.as_str()) else { return Ok(Err(PasskeyFlaw::Malformed)) };
        if let Some(flaw) = self.look("create", &question, &answer) {
            return Ok(Err(flaw));
        }
        let key = hex::decode(answer.parts[12]).ok().and_then(|bytes| PasskeyKey::new(&bytes));
        let Some(key) = key else { return Ok(Err(PasskeyFlaw::Key)) };
        let known = locked(&self.secrets).contains_key(key.as_bytes());
        if self.checks(PasskeyCheck::Algorithm) && !known {
            return Ok(Err(PasskeyFlaw::Algorithm));
        }
        if answer.parts[1] != answer.parts[11] {
            return Ok(Err(PasskeyFlaw::Credential));
        }
        let (id, sign_count, backup) = (answer.id, answer.sign_count, answer.backup);
        Ok(Ok(NewPasskey { id, key, sign_count, backup, transports: vec![Transport::Internal] }))
    }

    async fn verify<'a>(
        &self,
        question: PasskeyQuestion<'a>,
        passkey: &Passkey,
        answer: &PasskeyAnswer,
    ) -> Result<Result<SignedPasskey, PasskeyFlaw>, PasskeyError> {
        self.ask()?;
        let Some(answer) = Answer::read(answer.as_str()) else { return Ok(Err(PasskeyFlaw::Malformed)) };
        if let Some(flaw) = self.look("get", &question, &answer) {
            return Ok(Err(flaw));
        }
        let holds = if self.checks(PasskeyCheck::Key) {
            self.signature_holds(passkey.key.as_bytes(), &answer)
        } else {
            let keys: Vec<Vec<u8>> = locked(&self.secrets).keys().cloned().collect();
            keys.iter().any(|key| self.signature_holds(key, &answer))
        };
        if !holds {
            return Ok(Err(PasskeyFlaw::Signature));
        }
        if passkey.id != answer.id || answer.parts[1] != answer.parts[11] {
            return Ok(Err(PasskeyFlaw::Credential));
        }
        let told = if self.checks(PasskeyCheck::Told) { answer.sign_count } else { answer.sign_count.min(5) };
        let user_verified = answer.parts[8] == "true";
        Ok(Ok(SignedPasskey { sign_count: told, user_verified, backup: answer.backup }))
    }

    async fn verify_nothing(&self, _: &PasskeyAnswer) -> Result<(), PasskeyError> {
        self.ask()
    }
}

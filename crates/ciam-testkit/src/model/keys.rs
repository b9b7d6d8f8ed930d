//! The system under test: authenticators with passkeys.

use std::collections::BTreeMap;

use ciam::domain::passkey::UserHandle;
use ciam::domain::user::User;
use ciam::ports::PasskeyAnswer;
use ciam::{Error, OwnPasskey, PasskeyCreation, PasskeyRequest, Principal, SignedOutStep};

use super::command::Call;
use super::keyring::{AUTHENTICATORS, Answer};
use super::state::{Account, Reply};
use super::system::{System, next};
use super::visit::On;
use super::{Verdict, ensure, kit};
use crate::contract::{Scene, passkey_id};
use crate::fake::FakeSecurityKey;

const EDDSA: i32 = -8;
const NO_CHALLENGE: [u8; 8] = [9; 8];

/// What browsers were given to sign.
#[derive(Debug, Default)]
pub(super) struct Asked {
    creations: Vec<PasskeyCreation>,
    questions: Vec<PasskeyRequest>,
    /// What authenticators know each account by.
    handles: BTreeMap<usize, UserHandle>,
}

/// The id of the passkey of an authenticator.
pub(super) fn id(of: usize) -> ciam::domain::passkey::CredentialId {
    passkey_id(byte(of))
}

/// The authenticator whose passkey has this id.
fn number(id: &ciam::domain::passkey::CredentialId) -> usize {
    (0..AUTHENTICATORS).find(|of| passkey_id(byte(*of)) == *id).unwrap_or(usize::MAX)
}

fn byte(of: usize) -> u8 {
    u8::try_from(of + 1).unwrap_or_default()
}

impl Asked {
    pub(super) fn begun(&mut self, account: usize, creation: PasskeyCreation) -> Reply {
        let until = creation.until;
        self.handles.insert(account, creation.handle);
        self.creations.push(creation);
        Reply::Begun(until)
    }

    pub(super) fn asked(&mut self, request: PasskeyRequest) -> Reply {
        let until = request.until;
        self.questions.push(request);
        Reply::Begun(until)
    }

    /// In a flow, with the passkeys that count there.
    pub(super) fn asked_in_flow(&mut self, request: PasskeyRequest) -> Reply {
        let (until, known) = (request.until, request.known.iter().map(|known| number(&known.id)).collect());
        self.questions.push(request);
        Reply::Asked(until, known)
    }

    /// What a challenge is counted by.
    pub(super) fn nonce(&self, number: usize) -> &str {
        let text = std::str::from_utf8(&self.questions[number].challenge).unwrap_or_default();
        text.split('~').next().unwrap_or_default()
    }
}

impl System {
    fn authenticator(&self, of: usize) -> FakeSecurityKey {
        self.world.passkeys.authenticator(EDDSA, byte(of))
    }

    pub(super) async fn answer_of_keys(&mut self, who: &Principal, call: &Call) -> Result<Reply, Error> {
        let ciam = self.world.ciam.clone();
        Ok(match *call {
            Call::AskForKey(id) => {
                let asked = ciam.ask_for_passkey(who, &self.flow(id)).await?;
                self.asked.asked_in_flow(asked)
            }
            Call::VerifyKey(id, ref answer) => {
                next(ciam.verify_factor_passkey(who, &self.flow(id), &self.answered(answer)).await?)
            }
            Call::OwnKeys => shown(&ciam.own_passkeys(who).await?),
            Call::AskToBind(device) => {
                let asked = ciam.gesture_bind_challenge(who, &kit::device(device)).await?;
                self.home.given(asked)
            }
            _ => kit::shown(&ciam.own_devices(who).await?),
        })
    }

    pub(super) async fn ask_for_key(&mut self, tenant: usize) -> Result<Reply, Error> {
        let asked = self.world.ciam.passkey_challenge(&self.tenant(tenant)).await?;
        Ok(self.asked.asked(asked))
    }

    pub(super) async fn ask_for_key_in(&mut self, on: On) -> Result<Reply, Error> {
        let (tenant, flow) = (self.tenant(on.tenant), self.flow(on.flow));
        let step = SignedOutStep { tenant: &tenant, flow: &flow, source: None };
        let asked = self.world.ciam.sign_in_factor_passkey(&step).await?;
        Ok(self.asked.asked(asked))
    }

    pub(super) async fn key_in(&mut self, on: On, answer: &Answer) -> Result<Reply, Error> {
        let (tenant, flow) = (self.tenant(on.tenant), self.flow(on.flow));
        let step = SignedOutStep { tenant: &tenant, flow: &flow, source: None };
        let proven = self.world.ciam.verify_sign_in_passkey(&step, &self.answered(answer)).await?;
        Ok(self.arrived(on.tenant, proven, Some(&flow)))
    }

    pub(super) async fn by_key(
        &mut self,
        tenant: usize,
        answer: &Answer,
        from: Option<u8>,
    ) -> Result<Reply, Error> {
        let request = self.bare_request(tenant, from);
        let signed_in = self.world.ciam.sign_in_by_passkey(&request, &self.answered(answer)).await?;
        Ok(self.arrived(tenant, signed_in, None))
    }

    pub(super) fn made(&self, number: Option<usize>, of: usize) -> PasskeyAnswer {
        let begun = number.and_then(|number| self.asked.creations.get(number));
        let challenge = begun.map_or_else(|| NO_CHALLENGE.to_vec(), |begun| begun.challenge.clone());
        PasskeyAnswer::new(self.authenticator(of).make(&Scene { challenge, sign_count: 1, ..Scene::right() }))
    }

    pub(super) fn answered(&self, answer: &Answer) -> PasskeyAnswer {
        let asked = answer.question.and_then(|number| self.asked.questions.get(number));
        let challenge = asked.map_or_else(|| NO_CHALLENGE.to_vec(), |asked| asked.challenge.clone());
        let handle = answer.handle.and_then(|whose| self.asked.handles.get(&whose).copied());
        let right = Scene { challenge, handle, sign_count: answer.count, ..Scene::right() };
        let scene = if answer.lured { Scene { origin: "https://evil.example", ..right } } else { right };
        PasskeyAnswer::new(self.authenticator(answer.of).sign(&scene))
    }
}

/// The passkeys as their owner sees them.
fn shown(keys: &[OwnPasskey]) -> Reply {
    Reply::Keys(keys.iter().map(|own| (number(&own.id), own.used_at)).collect())
}

/// I1: the passkeys are what the model says.
pub(super) fn compare(system: &System, user: &User, account: &Account, at: usize) -> Verdict {
    let (keys, ring) = (&user.passkeys, &account.kit.ring);
    let found = keys.held.iter().map(|key| (number(&key.id), key.sign_count, key.created_at, key.used_at));
    let wanted = ring.keys.iter().map(|key| (key.of, key.count, key.created_at, key.used_at));
    let (found, wanted): (Vec<_>, Vec<_>) = (found.collect(), wanted.collect());
    ensure(found == wanted, || format!("I1: account {at} has the passkeys {found:?}, not {wanted:?}"))?;
    let name = |session: &_| system.names.iter().find(|(_, id)| *id == session).map(|(name, _)| *name);
    let begun = keys.pending.as_ref().map(|begun| (name(&begun.session), begun.until));
    let wanted = ring.making.as_ref().map(|making| (Some(making.name), making.until));
    ensure(begun == wanted, || format!("I1: account {at} has begun the passkey {begun:?}, not {wanted:?}"))?;
    let handle = keys.handle == system.asked.handles.get(&at).copied().filter(|_| ring.known);
    ensure(handle, || format!("account {at} is known to authenticators by something else"))
}

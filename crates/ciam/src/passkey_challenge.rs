//! Challenges that passkeys sign: sealed, so that nothing is kept of those that nobody answers.

use std::time::Duration;

use ciam_domain::notice::NoticeKind;
use ciam_domain::passkey::{CredentialId, PasskeyFlaw};
use ciam_domain::rate::{Rate, RateKey, RateRule, RateScope};
use ciam_domain::seal::SealPurpose;
use ciam_domain::user::{Passkey, User};
use ciam_domain::{EventId, FlowKey, Instant, TenantId};
use ciam_ports::{Commit, PasskeyAnswer, PasskeyQuestion, PresentedPasskey, SignedPasskey, StoreError};

use crate::audit::Deed;
use crate::passkeys::{Offer, PASSKEY_TIME};
use crate::{Ciam, Error, Failure, KnownPasskey, PasskeyRequest, handle, step};

/// How long an answered challenge is remembered: longer than any lives, also one of a host whose clock is ahead.
const MEMORY: Duration = Duration::from_mins(20);

/// What a challenge may be answered for. An answer to one never passes for another.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PasskeyAction<'a> {
    /// To sign in.
    SignIn,
    /// To prove the person in this flow.
    Prove(&'a FlowKey),
}

impl<'a> PasskeyAction<'a> {
    fn parts(self) -> [&'a [u8]; 2] {
        match self {
            Self::SignIn => [b"sign_in", &[]],
            Self::Prove(flow) => [b"prove", flow.as_bytes()],
        }
    }
}

/// A passkey that signed an answer, and how it stands after that.
#[derive(Debug)]
pub(crate) struct Used {
    pub(crate) id: CredentialId,
    pub(crate) signed: SignedPasskey,
}

impl Ciam {
    /// A challenge for one answer.
    pub(crate) async fn passkey_request(
        &self,
        tenant: &TenantId,
        action: PasskeyAction<'_>,
        known: Vec<KnownPasskey>,
    ) -> Result<PasskeyRequest, Error> {
        let Offer { party, .. } = self.passkeys()?;
        let until = self.ports.clock.now().after(PASSKEY_TIME);
        let (nonce, end) = (hex::encode(self.random_bits()?), until.unix_micros().to_string());
        let sealed = sealed(tenant, action, (&nonce, &end));
        let text = self.sealed(SealPurpose::PasskeyChallenge, &sealed, &[&nonce, &end]).await?;
        let challenge = text.expose().as_bytes().to_vec();
        Ok(PasskeyRequest { party: party.clone(), challenge, known, until })
    }

    /// Whether this is a live challenge for that action which nobody has answered; of any number of answers at once, on
    /// whatever host, one gets beyond this.
    pub(crate) async fn answers_passkey(
        &self,
        deed: &Deed<'_>,
        action: PasskeyAction<'_>,
        challenge: &[u8],
    ) -> Result<bool, Error> {
        let parts = std::str::from_utf8(challenge).ok().and_then(handle::parts);
        let Some([nonce, end, mac, key]) = parts else { return Ok(false) };
        let live = end.parse().is_ok_and(|end| deed.now < Instant::from_unix_micros(end));
        let sealed = sealed(deed.who.tenant(), action, (nonce, end));
        if !live || !self.is_sealed(SealPurpose::PasskeyChallenge, &sealed, (key, mac)).await? {
            return Ok(false);
        }
        let key = RateKey::new(RateScope::PasskeyChallenge, &[nonce]);
        let once = Rate { key, rule: RateRule::Window { max: 1, span: MEMORY } };
        match self.ports.store.commit(Commit { rates: vec![once], ..step::commit(deed) }).await {
            Err(StoreError::Limited { .. }) => Ok(false),
            used => Ok(used.map(|()| true)?),
        }
    }

    /// Whether the passkey signed the answer, by the last count that is stored.
    pub(crate) async fn signed_by(
        &self,
        passkey: &Passkey,
        (presented, answer): (&PresentedPasskey, &PasskeyAnswer),
    ) -> Result<Result<SignedPasskey, PasskeyFlaw>, Error> {
        let Offer { verifier, party } = self.passkeys()?;
        let question = PasskeyQuestion { party, challenge: &presented.challenge };
        Ok(verifier.verify(question, passkey, answer).await.map_err(Failure::from)?)
    }

    /// Tells the person that there may be a copy of an authenticator: only who holds its key gets so far.
    pub(crate) async fn warn_of_copy(&self, deed: &Deed<'_>, user: &User) -> Result<(), Error> {
        let event = EventId::from_random(self.random_bits()?);
        let to = user.verified_addresses();
        let outbox = Self::announce(user, &event, NoticeKind::PasskeyCopied, to, deed.now);
        Ok(self.ports.store.commit(Commit { outbox, ..step::commit(deed) }).await?)
    }
}

/// The account after a passkey was used, in its next version. Its stamp stays: what proves something ends nothing.
pub(crate) fn after_use(user: &User, by: &Used, now: Instant) -> User {
    let mut next = user.clone();
    next.use_passkey(&by.id, (by.signed.sign_count, by.signed.backup), now);
    next
}

/// What the seal of a challenge is over.
fn sealed<'a>(
    tenant: &'a TenantId,
    action: PasskeyAction<'a>,
    (nonce, end): (&'a str, &'a str),
) -> [&'a [u8]; 5] {
    let [action, flow] = action.parts();
    [tenant.as_str().as_bytes(), action, flow, nonce.as_bytes(), end.as_bytes()]
}

//! One-time codes: drawn, bound, counted and sent; compared when they come back.

use ciam_domain::audit::Outcome;
use ciam_domain::challenge::{self, Binding, Challenge, Code, CodeMatch, Purpose, Slot};
use ciam_domain::flow::{Effect, Event};
use ciam_domain::refusal::{ContactRefusal, FlowRefusal};
use ciam_domain::user::Address;
use ciam_domain::{EventId, FlowKey};
use ciam_ports::store::ChallengeWrite;
use ciam_ports::{Commit, DeliveryError, Loaded, OtpMessage, StoreError};

use crate::audit::Deed;
use crate::captcha::Gate;
use crate::step::{self, RETRIES};
use crate::{Ciam, Error, Failure};

/// How the person would like to read a code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wording {
    /// The language (BCP 47).
    pub language: Option<String>,
    /// The gateway, by the name that the delivery adapter's configuration lists.
    pub gateway: Option<String>,
}

impl Ciam {
    /// Decides on a code, counts it, puts it in its slot, and only then sends it.
    pub(crate) async fn send_code(
        &self,
        deed: &Deed<'_>,
        event: &Event,
        wording: Wording,
        gate: Gate<'_>,
    ) -> Result<(), Error> {
        let mut gate = if self.captcha.is_some() { gate } else { Gate::Open };
        for _ in 0..RETRIES {
            let (loaded, flow) = self.claimed(deed).await?;
            let (key, before) = (*flow.key(), flow.revision());
            let taken = flow.apply(event.clone(), &self.moment(deed.who, &loaded, deed.now));
            let (purpose, to) = match (taken.reply, taken.effect) {
                (Ok(_), Some(Effect::IssueCode { purpose, to })) => (purpose, to),
                (Ok(_), _) => return Err(self.refuse(deed, FlowRefusal::Unknown).await),
                (Err(refusal), _) => return Err(self.refuse(deed, refusal).await),
            };
            // A captcha is used once, however often the step is taken anew.
            if let Gate::Captcha(answer) = std::mem::replace(&mut gate, Gate::Open) {
                Box::pin(self.demand_before_send(deed, (key, purpose, &to), answer)).await?;
            }
            let (code, event) = self.draw_code()?;
            let commit = Commit {
                flow: step::flow_write(deed, before, taken.next),
                challenge: ChallengeWrite::Put(Box::new(self.bind(deed, (key, purpose, &to), &code).await?)),
                rates: self.config.send.rates(deed.who.tenant(), deed.who.user(), &to, deed.who.source()),
                audit: vec![deed.record(event, Outcome::Done)],
                ..step::commit(deed)
            };
            match self.ports.store.commit(commit).await {
                Ok(()) => {
                    let Wording { language, gateway } = wording;
                    return self.deliver(OtpMessage { to, purpose, code, language, gateway }).await;
                }
                Err(StoreError::Stale) => {}
                Err(StoreError::Limited { until, .. }) => {
                    return Err(self.refuse(deed, step::too_many_codes(until, deed.now)).await);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Stale.into())
    }

    pub(crate) async fn bind(
        &self,
        deed: &Deed<'_>,
        (flow, purpose, to): (FlowKey, Purpose, &Address),
        code: &Code,
    ) -> Result<Challenge, Error> {
        let key = self.ports.keys.current().await?;
        let binding = Binding {
            tenant: deed.who.tenant().clone(),
            user: deed.who.user().clone(),
            flow,
            slot: Slot { purpose, channel: to.channel() },
            target: to.clone(),
        };
        Ok(Challenge::issue(binding, code, &key, deed.now.after(self.config.flow.code.ttl)))
    }

    /// A code, and the id of the event that it is sent.
    pub(crate) fn draw_code(&self) -> Result<(Code, EventId), Error> {
        loop {
            let [event, digits @ ..]: [[u8; 16]; 3] = self.draw()?;
            if let Some(code) = Code::draw(self.config.flow.code.length, digits.as_flattened()) {
                return Ok((code, EventId::from_random(event)));
            }
        }
    }

    pub(crate) async fn deliver(&self, message: OtpMessage) -> Result<(), Error> {
        self.ports.otp.send(message).await.map_err(|error| match error {
            DeliveryError::Undeliverable => ContactRefusal::Undeliverable.into(),
            unavailable @ DeliveryError::Unavailable(_) => Error::Failed(Failure::Delivery(unavailable)),
        })
    }

    /// Compares a code with the one in its slot; where none is there, with nothing.
    pub(crate) async fn compare_code(
        &self,
        deed: &Deed<'_>,
        loaded: &Loaded,
        slot: Slot,
        code: &Code,
    ) -> Result<CodeMatch, Error> {
        let Some(challenge) = loaded.challenges.iter().find(|challenge| challenge.slot == slot) else {
            return Ok(CodeMatch::Mismatched);
        };
        let key = self.ports.keys.by_id(&challenge.digest.key).await?;
        Ok(challenge::compare(Some(challenge), code, key.as_deref(), deed.now))
    }
}

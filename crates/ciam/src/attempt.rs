//! Attempts: paid for before anything is compared.

use ciam_domain::flow::Flow;
use ciam_domain::flow::method::Authenticator;
use ciam_domain::rate::{Rate, RateKey, RateRule, RateScope};
use ciam_domain::refusal::{AccessRefusal, FlowRefusal};
use ciam_ports::{Charge, Charged, Commit, Loaded};

use crate::audit::Deed;
use crate::{Ciam, Error, Principal, step};

/// An attempt that is paid for: what was read with the charge, and the flow that its owner claimed.
pub(crate) struct Paid {
    pub(crate) loaded: Box<Loaded>,
    pub(crate) flow: Flow,
    pub(crate) attempts: u8,
    /// The counts that were raised, for a success to clear.
    pub(crate) counts: Vec<RateKey>,
}

impl Ciam {
    /// Pays for one attempt before anything is compared.
    pub(crate) async fn pay(&self, deed: &Deed<'_>, authenticator: Authenticator) -> Result<Paid, Error> {
        let charge = Charge {
            query: step::query(deed),
            max_attempts: self.config.flow.attempts,
            rates: self.config.attempts.rates(authenticator, deed.who.payer()),
            now: deed.now,
        };
        let Some(charged) = self.ports.store.charge(&charge).await? else {
            self.write_in_vain(deed).await?;
            return Err(self.refuse(deed, AccessRefusal::UnknownUser).await);
        };
        let (loaded, refusal) = match charged {
            Charged::Paid { loaded, attempts } => {
                let loaded = Box::new(loaded);
                self.admit(deed, &loaded).await?;
                let flow = self.claim(deed, &loaded).await?;
                let counts = keys_of(&charge.rates);
                return Ok(Paid { loaded, flow, attempts, counts });
            }
            Charged::NoFlow { loaded } => {
                self.write_in_vain(deed).await?;
                let nameless = deed.who.sensitive_session().err();
                (loaded, nameless.map_or(FlowRefusal::Unknown.into(), Into::into))
            }
            Charged::Exhausted { loaded } => {
                self.write_in_vain(deed).await?;
                // Nothing is compared any more. Whether the flow is over is for the attempts that are paid for to say.
                (loaded, FlowRefusal::Unknown.into())
            }
            Charged::Limited { loaded, until, .. } => {
                self.write_in_vain(deed).await?;
                (loaded, step::too_many_attempts(until, deed.now))
            }
        };
        self.admit(deed, &loaded).await?;
        Err(self.refuse(deed, refusal).await)
    }

    /// Refuses a step of somebody who is not signed in, by as many writes as an attempt has.
    pub(crate) async fn miss(&self, deed: &Deed<'_>) -> Error {
        match self.write_in_vain(deed).await {
            Ok(()) => self.fail(deed, FlowRefusal::Unknown).await,
            Err(error) => error,
        }
    }

    /// Writes as much as a charge does, for who is not signed in and pays nothing: a disk is slow enough to tell
    /// whether a flow is anybody's.
    async fn write_in_vain(&self, deed: &Deed<'_>) -> Result<(), Error> {
        let Some(flow) = deed.flow.filter(|_| deed.who.is_signed_out()) else { return Ok(()) };
        let key = RateKey::new(RateScope::CodeHour, &["no flow", &hex::encode(flow.as_bytes())]);
        let rule = RateRule::Window { max: u32::MAX, span: self.config.flow.ttl };
        Ok(self.ports.store.commit(Commit { rates: vec![Rate { key, rule }], ..step::commit(deed) }).await?)
    }

    pub(crate) fn counts_of(&self, authenticator: Authenticator, who: &Principal) -> Vec<RateKey> {
        keys_of(&self.config.attempts.rates(authenticator, who.payer()))
    }
}

fn keys_of(rates: &[Rate]) -> Vec<RateKey> {
    rates.iter().map(|rate| rate.key).collect()
}

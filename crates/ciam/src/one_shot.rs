//! Sensitive changes by one call: the flow is opened, proven and spent in it.

use ciam_domain::audit::Action;
use ciam_domain::flow::{Flow, MethodSet, Opening, Operation};
use ciam_domain::secret::SecretText;
use ciam_domain::{FlowId, FlowKey};
use ciam_ports::store::FlowWrite;
use ciam_ports::{Commit, Loaded};

use crate::audit::Deed;
use crate::{Ciam, Error, Principal, step};

/// What proves the person who asks for a sensitive change.
#[derive(Debug)]
pub enum Proven<'a> {
    /// A flow of that operation whose factor is proven.
    Flow(&'a FlowId),
    /// That they signed in no longer ago than `flow.one_shot_freshness`.
    FreshSession,
    /// The password in use.
    Password(&'a SecretText),
}

/// The flow that a call spends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Grounds {
    /// It is in the store.
    Stored(FlowKey),
    /// It lives in this call alone, proven by the sign-in.
    Fresh(FlowKey),
}

impl Grounds {
    pub(crate) const fn flow(self) -> FlowKey {
        match self {
            Self::Stored(key) | Self::Fresh(key) => key,
        }
    }
}

impl Ciam {
    /// Takes what proves the person, and gives the flow to be spent. A password is paid for and compared as a second
    /// factor is, in a flow of its own that nobody learns the id of.
    pub(crate) async fn grounds(
        &self,
        who: &Principal,
        operation: Operation,
        proven: Proven<'_>,
    ) -> Result<Grounds, Error> {
        match proven {
            Proven::Flow(flow) => Ok(Grounds::Stored(flow.key())),
            Proven::FreshSession => Ok(Grounds::Fresh(FlowId::from_random(self.random_bits()?).key())),
            Proven::Password(password) => {
                let flow = self.open_for_password(who, operation).await?;
                self.verify_factor_password(who, &flow, password).await?;
                Ok(Grounds::Stored(flow.key()))
            }
        }
    }

    /// The person and their flow, ready to be spent if its proof counts; `deed` is in that flow.
    pub(crate) async fn standing_on(
        &self,
        deed: &Deed<'_>,
        grounds: Grounds,
        operation: Operation,
    ) -> Result<(Box<Loaded>, Flow), Error> {
        let Grounds::Fresh(key) = grounds else { return self.claimed(deed).await };
        let mut loaded = self.acting(deed).await?;
        let session = self.sensitive(deed).await?.clone();
        let opening = Opening { key, session, operation, methods: MethodSet::EMPTY };
        let signed_in = deed.who.auth_time(&loaded);
        match Flow::one_shot(opening, signed_in, &self.moment(deed.who, &loaded, deed.now)) {
            Ok(flow) => {
                loaded.flow = Some(flow.clone());
                Ok((loaded, flow))
            }
            Err(refusal) => Err(self.refuse(deed, refusal).await),
        }
    }

    async fn open_for_password(&self, who: &Principal, operation: Operation) -> Result<FlowId, Error> {
        let now = self.ports.clock.now();
        let deed = Deed::new(who, Action::CheckOperation, now).saying(operation.as_str());
        let loaded = self.acting(&deed).await?;
        let session = self.sensitive(&deed).await?.clone();
        let id = FlowId::from_random(self.random_bits()?);
        let opening = Opening { key: id.key(), session, operation, methods: MethodSet::EMPTY };
        let flow = match Flow::open_for_password(opening, &self.moment(who, &loaded, now)) {
            Ok(flow) => flow,
            Err(refusal) => return Err(self.refuse(&deed, refusal).await),
        };
        let open = FlowWrite::Open { flow: Box::new(flow), cap: self.config.flow.open_flows };
        self.settle(&deed.in_flow(id.key()), Commit { flow: open, ..step::commit(&deed) }).await?;
        Ok(id)
    }
}

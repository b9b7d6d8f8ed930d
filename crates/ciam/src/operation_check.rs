//! Operation check: begins a flow and says what comes next.

use ciam_domain::FlowId;
use ciam_domain::audit::Action;
use ciam_domain::flow::{Flow, MethodSet, NextStep, Opening, Operation};
use ciam_domain::refusal::FlowRefusal;
use ciam_ports::Commit;
use ciam_ports::store::FlowWrite;

use crate::audit::Deed;
use crate::{Ciam, Error, Principal, step};

/// A flow that was begun.
#[derive(Debug)]
pub struct CheckedOperation {
    /// Its id, the same for the whole life of the flow.
    pub flow: FlowId,
    /// What comes next.
    pub next: NextStep,
}

impl Ciam {
    /// Begins a flow for an operation. An open flow of the same session and operation is superseded; past
    /// the cap the oldest open flow of the person ends.
    ///
    /// # Errors
    /// [`ciam_domain::refusal::FactorRefusal::NoFactor`] when a second factor is demanded and the person
    /// has none; an access refusal; a failure of the store or of chance.
    pub async fn check_operation(
        &self,
        who: &Principal,
        operation: Operation,
    ) -> Result<CheckedOperation, Error> {
        let now = self.ports.clock.now();
        let deed = Deed::new(who, Action::CheckOperation, now).saying(operation.as_str());
        let loaded = self.acting(&deed).await?;
        let session = self.sensitive(&deed).await?.clone();
        if !operation.is_self_service() {
            return Err(self.refuse(&deed, FlowRefusal::Unknown).await);
        }
        let [id, event] = self.draw()?;
        let (id, deed) = (FlowId::from_random(id), deed.known_as(event));
        let key = id.key();
        let opening = Opening { key, session, operation, methods: MethodSet::all() };
        let flow = match Flow::open(opening, &self.moment(who, &loaded, now)) {
            Ok(flow) => flow,
            Err(refusal) => return Err(self.refuse(&deed, refusal).await),
        };
        let next = flow.next_step();
        let open = FlowWrite::Open { flow: Box::new(flow), cap: self.config.flow.open_flows };
        self.settle(&deed.in_flow(key), Commit { flow: open, ..step::commit(&deed) }).await?;
        Ok(CheckedOperation { flow: id, next })
    }
}

//! Giving a flow up.

use ciam_domain::FlowId;
use ciam_domain::audit::Action;
use ciam_domain::flow::Event;
use ciam_ports::Commit;

use crate::audit::Deed;
use crate::{Ciam, Error, Principal, step};

impl Ciam {
    /// Ends a flow of the person's own, with its codes.
    ///
    /// # Errors
    /// [`ciam_domain::refusal::FlowRefusal::Unknown`], an access refusal, or a failure of the store.
    pub async fn cancel_flow(&self, who: &Principal, flow: &FlowId) -> Result<(), Error> {
        let deed = Deed::new(who, Action::CancelFlow, self.ports.clock.now()).in_flow(flow.key());
        let (loaded, flow) = self.claimed(&deed).await?;
        let before = flow.revision();
        let taken = flow.apply(Event::Cancel, &self.moment(who, &loaded, deed.now));
        let write = step::flow_write(&deed, before, taken.next);
        self.settle(&deed, Commit { flow: write, ..step::commit(&deed) }).await
    }
}

//! Deletion of the account by its owner: the last step of its flow.

use ciam_domain::FlowId;
use ciam_domain::audit::Action;
use ciam_domain::flow::{Event, Operation};
use ciam_domain::user::User;
use ciam_ports::Commit;

use crate::audit::Deed;
use crate::{Ciam, Error, Principal, step};

impl Ciam {
    /// Deletes the account at the end of a flow whose factor is proven and fresh. Every session, flow and
    /// code of the person is dead at once; identifiers stay reserved until the account is erased. Without a grace
    /// period that is tried here and now; should it fail, the deletion stands and [`Ciam::purge_due`] ends it.
    ///
    /// # Errors
    /// [`ciam_domain::refusal::FlowRefusal::Unknown`], an access refusal, or a failure of a port.
    pub async fn delete_account(&self, who: &Principal, flow: &FlowId) -> Result<(), Error> {
        let deed = Deed::new(who, Action::DeleteAccount, self.ports.clock.now()).in_flow(flow.key());
        self.delete(&deed).await?;
        if self.config.deletion.grace.is_zero() {
            drop(Box::pin(self.purge(who.tenant(), who.user())).await);
        }
        Ok(())
    }

    async fn delete(&self, deed: &Deed<'_>) -> Result<(), Error> {
        step::persist!(self.try_deletion(deed))
    }

    async fn try_deletion(&self, deed: &Deed<'_>) -> Result<(), Error> {
        let (loaded, flow) = self.claimed(deed).await?;
        let taken = flow.apply(Event::Act(Operation::Unsubscribe), &self.moment(deed.who, &loaded, deed.now));
        if let Err(refusal) = taken.reply {
            return Err(self.refuse(deed, refusal).await);
        }
        let mut user = User::clone(&loaded.user);
        let to = user.verified_addresses();
        user.delete(self.config.deletion.grace, deed.now);
        let commit = self.completed(deed, &loaded, user, to)?;
        let session = self.end_acting(deed, &loaded.user);
        self.write(deed, Commit { session, ..commit }).await
    }
}

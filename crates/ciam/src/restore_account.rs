//! Calling back a deletion: by password and code, while its grace lasts.

use ciam_domain::audit::{Action, Outcome};
use ciam_domain::flow::{MethodSet, Operation};
use ciam_domain::notice::NoticeKind;
use ciam_domain::refusal::{AccessRefusal, FlowRefusal};
use ciam_domain::secret::SecretText;
use ciam_domain::session::Amr;
use ciam_domain::user::{SecurityStamp, Status, User};
use ciam_domain::{EventId, FlowId};
use ciam_ports::store::{FlowWrite, UserWrite};
use ciam_ports::{Commit, Loaded, StoreError};

use crate::audit::Deed;
use crate::requirements::MethodOffer;
use crate::sign_in::{Presented, SignInRequest};
use crate::sign_in_factor::Onward;
use crate::signed_out::Arrival;
use crate::{Ciam, Error};

impl Ciam {
    /// Begins to call back the deletion of an account: its password first. What follows are a code
    /// ([`Ciam::send_sign_in_code`], [`Ciam::verify_sign_in_code`]), and then the account is as it was. Neither a plain
    /// sign-in nor an old token does that.
    ///
    /// # Errors
    /// As of [`Ciam::sign_in`]: one public answer for every cause, an account that is not being deleted included.
    pub async fn start_restore(
        &self,
        request: &SignInRequest,
        name: &str,
        password: &SecretText,
    ) -> Result<(FlowId, Vec<MethodOffer>), Error> {
        let now = self.ports.clock.now();
        let Presented { who, session, counts, loaded, compared: (compared, _) } =
            self.present_password(request, (name, password), now).await?;
        let deed = Deed::new(&who, Action::RestoreAccount, now);
        let Some(loaded) = loaded else { return Err(self.fail(&deed, AccessRefusal::UnknownUser).await) };
        if let Err(cause) = compared {
            return Err(self.fail(&deed, cause).await);
        }
        if !loaded.user.status.can_be_restored(now) {
            return Err(self.fail(&deed, AccessRefusal::Deleted).await);
        }
        let arrival = Arrival::of(vec![Amr::Password], request, session, counts);
        let operation = (Operation::RestoreAccount, MethodSet::codes());
        let (flow, next) = self.open_signed_out(&deed, &loaded, operation, arrival).await?;
        Ok((flow, Self::offers(&loaded.user, next)))
    }

    /// Puts the account back as it was; whatever was open before the deletion stays dead.
    pub(crate) async fn restore(
        &self,
        deed: &Deed<'_>,
        loaded: &Loaded,
        commit: Commit,
    ) -> Result<Onward, Error> {
        let [event, stamp] = self.draw()?;
        let (event, expected) = (EventId::from_random(event), loaded.user.version);
        let mut user = User::clone(&loaded.user);
        user.status = Status::Normal;
        user.version = expected.next();
        user.restamp(SecurityStamp::from_bytes(stamp), deed.now);
        let to = user.verified_addresses();
        let session = self.end_acting(deed, &user);
        let commit = Commit {
            outbox: Self::announce(&user, &event, NoticeKind::AccountRestored, to, deed.now),
            user: UserWrite::Replace { expected, user: Box::new(user) },
            session,
            flow: deed.flow.map_or(FlowWrite::Keep, FlowWrite::Remove),
            audit: vec![deed.record(event, Outcome::Done)],
            ..commit
        };
        match self.ports.store.commit(commit).await {
            Ok(()) => Ok(Onward::Restored),
            Err(StoreError::Stale) => Err(self.refuse(deed, FlowRefusal::Unknown).await),
            Err(error) => Err(error.into()),
        }
    }
}

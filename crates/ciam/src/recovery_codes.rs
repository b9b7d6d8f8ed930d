//! Recovery codes: made, and made anew.

use ciam_domain::audit::Action;
use ciam_domain::flow::Operation;
use ciam_domain::flow::method::Authenticator;
use ciam_domain::rate::RateScope;
use ciam_domain::recovery_code::{RECOVERY_BYTES, RecoveryCodes};
use ciam_domain::secret::SecretText;
use ciam_domain::user::User;
use ciam_ports::Commit;

use crate::audit::Deed;
use crate::one_shot::Grounds;
use crate::principal::half_way;
use crate::{Ciam, Error, Principal, Proven, step};

impl Ciam {
    /// Makes ten recovery codes and shows them this once; those before them count no longer. Every other session, flow and
    /// code of the person is dead in the same write, and each verified address is told.
    ///
    /// # Errors
    /// What the proof is refused with, as of [`Ciam::begin_totp`]; a failure of a port.
    pub async fn renew_recovery_codes(
        &self,
        who: &Principal,
        proven: Proven<'_>,
    ) -> Result<Vec<SecretText>, Error> {
        let grounds = self.grounds(who, Operation::RenewRecoveryCodes, proven).await?;
        let deed = Deed::new(who, Action::RenewRecoveryCodes, self.ports.clock.now()).in_flow(grounds.flow());
        step::persist!(self.try_to_renew_codes(&deed, grounds))
    }

    async fn try_to_renew_codes(&self, deed: &Deed<'_>, grounds: Grounds) -> Result<Vec<SecretText>, Error> {
        let loaded = self.spend(deed, grounds, Operation::RenewRecoveryCodes).await?;
        let bits = self.draw_bytes(RECOVERY_BYTES)?;
        let key = self.ports.keys.current().await?;
        let mut user = User::clone(&loaded.user);
        let (kept, shown) = RecoveryCodes::draw(user.recovery_owner(), &bits, &key, deed.now);
        user.factors.recovery_codes = Some(kept);
        let commit = self.rebound(deed, &loaded, user, Operation::RenewRecoveryCodes)?;
        // The row of wrong codes ends with the sheet, wherever they were tried.
        let mut cleared = self.counts_of(Authenticator::RecoveryCode, deed.who);
        cleared.push(half_way(deed.who.user()).within(RateScope::RecoveryCode));
        self.write(deed, Commit { cleared, ..commit }).await?;
        Ok(shown)
    }
}

//! What a presented code is compared with, by its method, and what a success uses up.

use ciam_domain::challenge::{Code, CodeMatch, Purpose, Slot};
use ciam_domain::flow::{Flow, Method};
use ciam_domain::notice::NoticeKind;
use ciam_domain::recovery_code::FEW_RECOVERY_CODES;
use ciam_domain::totp::{TotpSecret, TotpStep};
use ciam_domain::user::User;
use ciam_domain::{EventId, Instant};
use ciam_ports::store::{ChallengeWrite, UserWrite};
use ciam_ports::{Commit, Loaded};

use crate::audit::Deed;
use crate::{Ciam, Error, step};

/// How a presented code compared.
pub(crate) struct Compared {
    pub(crate) outcome: CodeMatch,
    /// What is written where it is taken: the code is then used up.
    pub(crate) commit: Commit,
}

impl Ciam {
    /// Compares a code as second factor.
    pub(crate) async fn compare_presented(
        &self,
        deed: &Deed<'_>,
        (loaded, flow): (&Loaded, &Flow),
        (method, code): (Method, &Code),
    ) -> Result<Compared, Error> {
        match method {
            Method::Sms | Method::Email => self.compare_sent(deed, (loaded, flow), (method, code)).await,
            Method::Totp => self.compare_totp(deed, &loaded.user, code).await,
            Method::RecoveryCode => self.compare_recovery_code(deed, &loaded.user, code).await,
            Method::Password | Method::Passkey => Ok(mismatched(deed)),
        }
    }

    async fn compare_sent(
        &self,
        deed: &Deed<'_>,
        (loaded, flow): (&Loaded, &Flow),
        (method, code): (Method, &Code),
    ) -> Result<Compared, Error> {
        let Some(channel) = method.channel() else { return Ok(mismatched(deed)) };
        let slot = Slot { purpose: Purpose::SecondFactor(flow.operation()), channel };
        let outcome = self.compare_code(deed, loaded, slot, code).await?;
        Ok(Compared {
            outcome,
            commit: Commit { challenge: ChallengeWrite::Clear(slot), ..step::commit(deed) },
        })
    }

    /// The step of an accepted code stands in the same write as what it proves: of two that present it one is stale.
    async fn compare_totp(&self, deed: &Deed<'_>, user: &User, code: &Code) -> Result<Compared, Error> {
        let Some(step) = self.accept_totp(user, code, deed.now).await? else { return Ok(mismatched(deed)) };
        let mut next = user.clone();
        if let Some(totp) = &mut next.factors.totp {
            totp.last_step = step;
        }
        Ok(matched(deed, user, next))
    }

    async fn accept_totp(&self, user: &User, code: &Code, now: Instant) -> Result<Option<TotpStep>, Error> {
        let Some(totp) = &user.factors.totp else { return Ok(None) };
        // A secret that cannot be had back proves nobody; the person takes another method and enrols anew.
        let Some(key) = self.ports.keys.by_id(totp.secret.key()).await? else { return Ok(None) };
        let secret = totp.secret.decrypt(&user.totp_owner(), &key).ok().and_then(TotpSecret::new);
        Ok(secret.and_then(|secret| secret.accept(code, Some(totp.last_step), now)))
    }

    /// The code goes in the same write as what it proves.
    async fn compare_recovery_code(
        &self,
        deed: &Deed<'_>,
        user: &User,
        code: &Code,
    ) -> Result<Compared, Error> {
        let Some(codes) = &user.factors.recovery_codes else { return Ok(mismatched(deed)) };
        let Some(key) = self.ports.keys.by_id(&codes.key).await? else { return Ok(mismatched(deed)) };
        let mut left = codes.clone();
        if left.spend(user.recovery_owner(), code, &key) == CodeMatch::Mismatched {
            return Ok(mismatched(deed));
        }
        let kind = if left.left() <= FEW_RECOVERY_CODES {
            NoticeKind::RecoveryCodesLow
        } else {
            NoticeKind::RecoveryCodeUsed
        };
        let event = EventId::from_random(self.random_bits()?);
        let outbox = Self::announce(user, &event, kind, user.verified_addresses(), deed.now);
        let mut next = user.clone();
        next.factors.recovery_codes = Some(left);
        let Compared { outcome, commit } = matched(deed, user, next);
        Ok(Compared { outcome, commit: Commit { outbox, ..commit } })
    }
}

pub(crate) fn mismatched(deed: &Deed<'_>) -> Compared {
    Compared { outcome: CodeMatch::Mismatched, commit: step::commit(deed) }
}

/// The account in its next version. Its stamp stays: what proves something ends nothing.
pub(crate) fn matched(deed: &Deed<'_>, user: &User, mut next: User) -> Compared {
    next.version = user.version.next();
    let write = UserWrite::Replace { expected: user.version, user: Box::new(next) };
    Compared { outcome: CodeMatch::Matched, commit: Commit { user: write, ..step::commit(deed) } }
}

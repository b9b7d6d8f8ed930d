//! What people enrol to prove themselves with, besides a password and addresses.

use std::time::Duration;

use super::User;
use crate::encrypted::{EncryptedSecret, SecretOwner, SecretPurpose};
use crate::flow::Method;
use crate::recovery_code::{RecoveryCodes, RecoveryOwner};
use crate::totp::TotpStep;
use crate::{Instant, SessionId};

/// An authenticator app.
///
/// Its fields are public and complete on purpose: a storage adapter that forgets one does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotpCredential {
    /// What it derives its codes from.
    pub secret: EncryptedSecret,
    /// When the person showed that they have it.
    pub enrolled_at: Instant,
    /// The step of the last code that was accepted; it and those before it never count again.
    pub last_step: TotpStep,
}

/// An authenticator app whose first code is still to come; until then it proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingTotp {
    /// What it derives its codes from.
    pub secret: EncryptedSecret,
    /// The session in which it was shown; no other one may confirm it.
    pub session: SessionId,
    /// The moment from which it is nothing.
    pub until: Instant,
}

/// What a person enrolled to prove themselves with, besides a password and addresses.
///
/// Its fields are public and complete on purpose: a storage adapter that forgets one does not compile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Factors {
    /// The authenticator app.
    pub totp: Option<TotpCredential>,
    /// The one that shall take its place.
    pub pending_totp: Option<PendingTotp>,
    /// Recovery codes.
    pub recovery_codes: Option<RecoveryCodes>,
}

impl Factors {
    /// Nothing.
    pub const NONE: Self = Self { totp: None, pending_totp: None, recovery_codes: None };

    /// Whether there is nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::NONE
    }

    /// How many recovery codes can still be used.
    #[must_use]
    pub fn recovery_codes_left(&self) -> usize {
        self.recovery_codes.as_ref().map_or(0, RecoveryCodes::left)
    }

    /// Forgets what was begun, and what was enrolled at a moment or later.
    pub(super) fn forget_since(&mut self, since: Instant) {
        self.pending_totp = None;
        self.totp.take_if(|totp| totp.enrolled_at >= since);
        self.recovery_codes.take_if(|codes| codes.made_at >= since);
    }

    /// The authenticator app that a session may confirm now.
    #[must_use]
    pub fn pending_totp(&self, session: &SessionId, now: Instant) -> Option<&PendingTotp> {
        self.pending_totp.as_ref().filter(|pending| pending.session == *session && now < pending.until)
    }
}

impl User {
    /// Whose recovery codes count.
    #[must_use]
    pub const fn recovery_owner(&self) -> RecoveryOwner<'_> {
        RecoveryOwner { tenant: &self.tenant, user: &self.id }
    }

    /// Whose secret of an authenticator app can be decrypted.
    #[must_use]
    pub const fn totp_owner(&self) -> SecretOwner<'_> {
        SecretOwner { tenant: &self.tenant, user: &self.id, purpose: SecretPurpose::TotpSecret }
    }

    /// Whether a method was enrolled less than `span` ago. A password and an address that came with the account were not.
    #[must_use]
    pub fn enrolled_within(&self, method: Method, span: Duration, now: Instant) -> bool {
        !span.is_zero() && method.enrolled_at(self).is_some_and(|at| now < at.after(span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenge::KeyId;

    #[test]
    fn what_was_enrolled_since_a_moment_is_forgotten_and_the_rest_is_not() {
        let at = Instant::from_unix_seconds;
        let secret = || EncryptedSecret::from_bytes(&[&[1, 1, b'k'][..], &[0; 48]].concat()).unwrap();
        let all = |enrolled_at, made_at| Factors {
            totp: Some(TotpCredential {
                secret: secret(),
                enrolled_at,
                last_step: TotpStep::at(enrolled_at),
            }),
            pending_totp: Some(PendingTotp {
                secret: secret(),
                session: SessionId::parse("s").unwrap(),
                until: at(90),
            }),
            recovery_codes: Some(RecoveryCodes { key: KeyId::new("k"), made_at, unused: Vec::new() }),
        };
        for (app, codes) in [(50, 49), (49, 50), (50, 50), (49, 49)] {
            let mut factors = all(at(app), at(codes));
            factors.forget_since(at(50));
            let left =
                (factors.totp.is_some(), factors.pending_totp.is_some(), factors.recovery_codes.is_some());
            assert_eq!(left, (app < 50, false, codes < 50));
        }
    }
}

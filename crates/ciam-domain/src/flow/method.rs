//! Methods of proving the person again: one file each.

mod email;
mod passkey;
mod password;
mod recovery_code;
mod sms;
mod totp;

use crate::Instant;
use crate::session::Amr;
use crate::user::{Channel, User};

/// A method of proving the person again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// A code to the verified phone. PSTN delivery is a restricted authenticator (NIST SP 800-63B-4, 3.1.3.3).
    Sms,
    /// A code to the verified e-mail address. Below NIST's bar for out-of-band authenticators; a policy may
    /// leave it out.
    Email,
    /// A passkey.
    Passkey,
    /// A code of an authenticator app.
    Totp,
    /// The password in use: re-authentication, no second factor where the session was opened by it.
    Password,
    /// A recovery code: a second factor, never a first one.
    RecoveryCode,
}

/// Failures are counted for each authenticator apart: success with one never clears another (NIST, 3.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authenticator {
    /// Codes by SMS and by e-mail together.
    Code,
    /// The password.
    Password,
    /// Codes of an authenticator app.
    Totp,
    /// Recovery codes.
    RecoveryCode,
    /// Passkeys, however many.
    Passkey,
}

/// What a method is made of.
pub(crate) struct MethodSpec {
    /// The stable name in stores, logs and on the wire.
    pub(crate) name: &'static str,
    /// Whose failures it counts to.
    pub(crate) authenticator: Authenticator,
    /// The channel that carries its code.
    pub(crate) channel: Option<Channel>,
    /// Whether a session was opened by the same means.
    pub(crate) opened: fn(&Amr) -> bool,
    /// Whether the person has it.
    pub(crate) usable: fn(&User) -> bool,
    /// When the person enrolled it; for an address see [`User::changed_within`].
    pub(crate) enrolled_at: fn(&User) -> Option<Instant>,
}

impl Method {
    /// Every method, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::Sms, Self::Email, Self::Passkey, Self::Totp, Self::Password, Self::RecoveryCode];

    pub(crate) const fn spec(self) -> &'static MethodSpec {
        match self {
            Self::Sms => &sms::SPEC,
            Self::Email => &email::SPEC,
            Self::Passkey => &passkey::SPEC,
            Self::Totp => &totp::SPEC,
            Self::Password => &password::SPEC,
            Self::RecoveryCode => &recovery_code::SPEC,
        }
    }

    /// The stable name: `SMS`, `EMAIL`, `PASSKEY`, `TOTP`, `PWD`, `RECOVERY_CODE`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.spec().name
    }

    /// Finds the method of a stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == name)
    }

    /// Whose failures it counts to.
    #[must_use]
    pub const fn authenticator(self) -> Authenticator {
        self.spec().authenticator
    }

    /// Whether it is proven by a code, sent or not.
    #[must_use]
    pub const fn takes_code(self) -> bool {
        !matches!(self, Self::Password | Self::Passkey)
    }

    /// The channel that carries its code, where it has one.
    #[must_use]
    pub const fn channel(self) -> Option<Channel> {
        self.spec().channel
    }

    /// How a session was opened that it opened (RFC 8176, and `email`).
    #[must_use]
    pub const fn amr(self) -> Amr {
        match self {
            Self::Sms => Amr::Sms,
            Self::Passkey => Amr::Passkey,
            Self::Email => Amr::Email,
            Self::Totp | Self::RecoveryCode => Amr::Otp,
            Self::Password => Amr::Password,
        }
    }

    /// When a person enrolled it, where it is something that is enrolled.
    #[must_use]
    pub fn enrolled_at(self, user: &User) -> Option<Instant> {
        (self.spec().enrolled_at)(user)
    }

    const fn bit(self) -> u8 {
        match self {
            Self::Sms => 1,
            Self::Email => 2,
            Self::Password => 4,
            Self::Totp => 8,
            Self::RecoveryCode => 16,
            Self::Passkey => 32,
        }
    }
}

/// A set of methods.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MethodSet(u8);

impl MethodSet {
    /// No method.
    pub const EMPTY: Self = Self(0);

    /// Every method.
    #[must_use]
    pub fn all() -> Self {
        Method::ALL.into_iter().collect()
    }

    /// Whether the method is in the set.
    #[must_use]
    pub const fn contains(self, method: Method) -> bool {
        self.0 & method.bit() != 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The methods that send a code.
    #[must_use]
    pub fn codes() -> Self {
        Method::ALL.into_iter().filter(|method| method.channel().is_some()).collect()
    }

    /// Those that are in `other` too.
    #[must_use]
    pub const fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those but one.
    #[must_use]
    pub const fn without(self, method: Method) -> Self {
        Self(self.0 & !method.bit())
    }

    /// Whether there is one that is no last resort.
    #[must_use]
    pub fn has_ordinary(self) -> bool {
        self.iter().any(|method| method != Method::RecoveryCode)
    }

    /// The methods in the order in which they are offered.
    pub fn iter(self) -> impl Iterator<Item = Method> {
        Method::ALL.into_iter().filter(move |method| self.contains(*method))
    }

    /// Those that the person has, that `enabled` names, and, where `distinct`, that did not open the session:
    /// none, where nobody says how it was opened.
    #[must_use]
    pub fn usable(enabled: Self, user: &User, amr: &[Amr], distinct: bool) -> Self {
        Self::usable_after(None, enabled, user, amr, distinct)
    }

    /// As [`MethodSet::usable`], where one was proven: the last recovery code is used up with what it proves.
    pub(crate) fn usable_after(
        proven: Option<Method>,
        enabled: Self,
        user: &User,
        amr: &[Amr],
        distinct: bool,
    ) -> Self {
        let used_up = |method: Method| proven == Some(method) && method.enrolled_at(user).is_some();
        if distinct && !amr.iter().any(Amr::tells) {
            return Self::EMPTY;
        }
        enabled
            .iter()
            .filter(|method| (method.spec().usable)(user) || used_up(*method))
            .filter(|method| !distinct || !amr.iter().any(method.spec().opened))
            .collect()
    }
}

impl FromIterator<Method> for MethodSet {
    fn from_iter<I: IntoIterator<Item = Method>>(methods: I) -> Self {
        Self(methods.into_iter().fold(0, |bits, method| bits | method.bit()))
    }
}

impl std::fmt::Debug for MethodSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenge::KeyId;
    use crate::recovery_code::RecoveryCodes;
    use crate::user::SecurityStamp;
    use crate::{Instant, TenantId, UserId};

    #[test]
    fn a_sheet_that_is_used_up_counts_for_what_its_last_code_proved_alone() {
        let (now, id) = (Instant::from_unix_seconds(1_800_000_000), UserId::parse("alice").unwrap());
        let mut user = User::new(TenantId::default(), id, SecurityStamp::from_bytes([1; 16]), now);
        let enabled: MethodSet = [Method::RecoveryCode].into_iter().collect();
        let usable =
            |user: &User, proven| !MethodSet::usable_after(proven, enabled, user, &[], false).is_empty();
        assert!(!usable(&user, Some(Method::RecoveryCode)), "there is no sheet");
        let sheet = RecoveryCodes { key: KeyId::new("k1"), made_at: now, unused: vec![] };
        user.factors.recovery_codes = Some(sheet);
        assert!(usable(&user, Some(Method::RecoveryCode)));
        for proven in [None, Some(Method::Totp), Some(Method::Password)] {
            assert!(!usable(&user, proven), "{proven:?}");
        }
    }
}

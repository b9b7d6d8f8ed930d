//! Limits over time: what is counted, by which rule, for whom.

use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::Instant;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RateScope {
    /// Codes sent by one account to one address: the resend cooldown.
    ResendCooldown,
    /// Codes sent to one address by any account, within the hour.
    TargetHour,
    /// Codes sent to one address by any account, within the day.
    TargetDay,
    /// Text messages asked for by one account, within the day.
    AccountSmsDay,
    /// E-mails asked for by one account, within the day.
    AccountEmailDay,
    /// Codes asked for from one network source, within the hour.
    SourceHour,
    /// Text messages of the whole tenant, within the hour.
    TenantSmsHour,
    /// Codes tried on one account, within the hour.
    CodeHour,
    /// Codes tried on one account, within the day.
    CodeDay,
    /// Passwords tried on one account.
    Password,
    /// Codes of an authenticator app tried on one account.
    Totp,
    /// Recovery codes tried on one account.
    RecoveryCode,
    /// Sign-ins tried under one name from one network.
    SignIn,
    /// Sign-ins tried under one name from anywhere but its known devices.
    SignInAnywhere,
    /// Sign-ins tried under one name from one of its known devices.
    SignInDevice,
    /// Sign-ins tried by one person's known devices together.
    SignInDevices,
    /// Sign-ins tried from one network under any name.
    SignInSource,
    /// Sign-ins tried under one name without a captcha, where a host demands captchas.
    SignInWithoutCaptcha,
    /// Codes sent to one address without a captcha for somebody who is not signed in, where a host demands captchas.
    SendWithoutCaptcha,
    /// Failed sign-ins of one account, where a host locks after too many.
    SignInLock,
    /// Uses of one captcha.
    Captcha,
    /// Codes tried to restore a former address.
    ContactRevert,
    /// Proofs of accounts elsewhere tried by one account.
    SocialProof,
    /// Signs tried of one device.
    GestureDevice,
    /// Answers to one challenge of a device.
    GestureChallenge,
    /// Passkeys tried on one account.
    Passkey,
    /// Answers to one challenge of a passkey.
    PasskeyChallenge,
}

impl RateScope {
    /// Every scope.
    pub const ALL: [Self; 27] = [
        Self::ResendCooldown,
        Self::TargetHour,
        Self::TargetDay,
        Self::AccountSmsDay,
        Self::AccountEmailDay,
        Self::SourceHour,
        Self::TenantSmsHour,
        Self::CodeHour,
        Self::CodeDay,
        Self::Password,
        Self::Totp,
        Self::RecoveryCode,
        Self::SignIn,
        Self::SignInAnywhere,
        Self::SignInDevice,
        Self::SignInDevices,
        Self::SignInSource,
        Self::SignInWithoutCaptcha,
        Self::SendWithoutCaptcha,
        Self::SignInLock,
        Self::Captcha,
        Self::ContactRevert,
        Self::SocialProof,
        Self::GestureDevice,
        Self::GestureChallenge,
        Self::Passkey,
        Self::PasskeyChallenge,
    ];

    /// The stable name in stores and logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResendCooldown => "resend_cooldown",
            Self::TargetHour => "target_hour",
            Self::TargetDay => "target_day",
            Self::AccountSmsDay => "account_sms_day",
            Self::AccountEmailDay => "account_email_day",
            Self::SourceHour => "source_hour",
            Self::TenantSmsHour => "tenant_sms_hour",
            Self::CodeHour => "code_hour",
            Self::CodeDay => "code_day",
            Self::Password => "password",
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
            Self::SignIn => "sign_in",
            Self::SignInAnywhere => "sign_in_anywhere",
            Self::SignInDevice => "sign_in_device",
            Self::SignInDevices => "sign_in_devices",
            Self::SignInSource => "sign_in_source",
            Self::SignInWithoutCaptcha => "sign_in_without_captcha",
            Self::SendWithoutCaptcha => "send_without_captcha",
            Self::SignInLock => "sign_in_lock",
            Self::Captcha => "captcha",
            Self::ContactRevert => "contact_revert",
            Self::SocialProof => "social_proof",
            Self::GestureDevice => "gesture_device",
            Self::GestureChallenge => "gesture_challenge",
            Self::Passkey => "passkey",
            Self::PasskeyChallenge => "passkey_challenge",
        }
    }
}

/// Whose count it is: a digest, so that a rate table holds no address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RateKey {
    /// What is counted.
    pub scope: RateScope,
    subject: RateSubject,
}

impl RateKey {
    /// The count of a scope for a subject, which may have several parts.
    #[must_use]
    pub fn new(scope: RateScope, subject: &[&str]) -> Self {
        RateSubject::new(subject).within(scope)
    }

    /// The subject as stored.
    #[must_use]
    pub const fn subject(&self) -> &[u8; 16] {
        &self.subject.0
    }
}

/// Someone or something that is counted, in any scope; its parts cannot be read back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RateSubject([u8; 16]);

impl RateSubject {
    /// The subject of these parts.
    #[must_use]
    pub fn new(parts: &[&str]) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(part.as_bytes());
        }
        let full: [u8; 32] = digest.finalize().into();
        let mut subject = [0; 16];
        subject.copy_from_slice(&full[..16]);
        Self(subject)
    }

    /// Its count in a scope.
    #[must_use]
    pub const fn within(self, scope: RateScope) -> RateKey {
        RateKey { scope, subject: self }
    }
}

impl std::fmt::Debug for RateSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RateSubject({}..)", hex::encode(&self.0[..4]))
    }
}

impl std::fmt::Debug for RateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RateKey({}, {}..)", self.scope.as_str(), hex::encode(&self.subject.0[..4]))
    }
}

/// When the next one is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateRule {
    /// At most `max` within `span` from the first of them.
    Window {
        /// How many.
        max: u32,
        /// Within how long.
        span: Duration,
    },
    /// `free` of them at once, then a pause of `base` that doubles with each further one up to `cap`; after
    /// `forget` without any the count begins anew, and at `max` in a row there are no more.
    Backoff {
        /// How many before the first pause.
        free: u32,
        /// The first pause.
        base: Duration,
        /// The longest pause.
        cap: Duration,
        /// The silence that ends the row; `None`: only a success does.
        forget: Option<Duration>,
        /// The length of the row after which nothing is allowed until a success elsewhere clears it.
        max: Option<u32>,
    },
}

/// A stored count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// How many.
    pub count: u32,
    /// When the first of them came.
    pub first_at: Instant,
    /// When the last of them came.
    pub last_at: Instant,
}

/// The rule refuses one more now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limited {
    /// From when one more is allowed; `None`: not by waiting.
    pub until: Option<Instant>,
}

impl RateRule {
    /// One more at `now`: the counter to store, or why not. Time running backwards frees nobody.
    ///
    /// # Errors
    /// [`Limited`] when the rule refuses; the counter stays as it is.
    pub fn admit(self, counter: Option<Counter>, now: Instant) -> Result<Counter, Limited> {
        let Some(counter) = counter.filter(|counter| !self.is_over(counter, now)) else {
            return Ok(Counter { count: 1, first_at: now, last_at: now });
        };
        match self.next_at(counter) {
            Some(at) if at <= now => Ok(Counter {
                count: counter.count.saturating_add(1),
                first_at: counter.first_at,
                last_at: now.max(counter.last_at),
            }),
            until => Err(Limited { until }),
        }
    }

    /// From when a counter means nothing any more and may be removed; `None`: only when it is cleared.
    #[must_use]
    pub fn ends_at(self, counter: &Counter) -> Option<Instant> {
        match self {
            Self::Window { span, .. } => Some(counter.first_at.after(span)),
            Self::Backoff { forget, .. } => forget.map(|forget| counter.last_at.after(forget)),
        }
    }

    fn is_over(self, counter: &Counter, now: Instant) -> bool {
        self.ends_at(counter).is_some_and(|end| end <= now)
    }

    fn next_at(self, counter: Counter) -> Option<Instant> {
        match self {
            Self::Window { max, span } if counter.count >= max => Some(counter.first_at.after(span)),
            Self::Window { .. } => Some(Instant::EPOCH),
            Self::Backoff { max: Some(max), .. } if counter.count >= max => None,
            Self::Backoff { free, .. } if counter.count < free => Some(Instant::EPOCH),
            Self::Backoff { free, base, cap, .. } => {
                let doublings = counter.count.saturating_sub(free).min(31);
                let pause = base.saturating_mul(1 << doublings).min(cap);
                Some(counter.last_at.after(pause))
            }
        }
    }
}

/// A count to be raised by one, and the rule that may refuse it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Whose count.
    pub key: RateKey,
    /// By which rule.
    pub rule: RateRule,
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);
    const MINUTE: Duration = Duration::from_mins(1);

    fn at(seconds: i64) -> Instant {
        Instant::from_unix_seconds(1_000_000 + seconds)
    }

    fn cooldown() -> RateRule {
        RateRule::Backoff { free: 1, base: MINUTE, cap: MINUTE * 15, forget: Some(HOUR), max: None }
    }

    #[test]
    fn a_window_admits_its_maximum_and_opens_again_at_its_end() {
        let rule = RateRule::Window { max: 2, span: HOUR };
        let first = rule.admit(None, at(0)).unwrap();
        let second = rule.admit(Some(first), at(10)).unwrap();
        assert_eq!(rule.admit(Some(second), at(3_599)), Err(Limited { until: Some(at(3_600)) }));
        assert_eq!(rule.admit(Some(second), at(3_600)).unwrap().count, 1);
    }

    #[test]
    fn a_cooldown_doubles_up_to_its_cap() {
        let mut now = at(0);
        let mut counter = cooldown().admit(None, now).unwrap();
        for pause in [60, 120, 240, 480, 900, 900] {
            let next = now.after(Duration::from_secs(pause));
            let early = next.before(Duration::from_millis(1));
            assert_eq!(cooldown().admit(Some(counter), early), Err(Limited { until: Some(next) }));
            counter = cooldown().admit(Some(counter), next).unwrap();
            now = next;
        }
    }

    #[test]
    fn a_row_that_is_too_long_ends_for_good() {
        let rule = RateRule::Backoff { free: 5, base: MINUTE, cap: HOUR, forget: None, max: Some(100) };
        let counter = Counter { count: 100, first_at: at(0), last_at: at(0) };
        assert_eq!(rule.admit(Some(counter), at(1_000_000)), Err(Limited { until: None }));
    }

    #[test]
    fn a_clock_that_runs_backwards_frees_nobody() {
        let counter = cooldown().admit(None, at(100)).unwrap();
        assert_eq!(cooldown().admit(Some(counter), at(0)), Err(Limited { until: Some(at(160)) }));
    }

    #[test]
    fn parts_of_a_subject_do_not_run_into_each_other() {
        let scope = RateScope::TargetHour;
        assert_ne!(RateKey::new(scope, &["ab", "c"]), RateKey::new(scope, &["a", "bc"]));
    }
}

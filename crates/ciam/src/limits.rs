//! Limits over time, and the counts that they need.

use std::time::Duration;

use ciam_domain::flow::PolicyError;
use ciam_domain::flow::method::Authenticator;
use ciam_domain::rate::{Rate, RateRule, RateScope, RateSubject};
use ciam_domain::source::Source;
use ciam_domain::user::{Address, Channel};
use ciam_domain::{TenantId, UserId};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// How many codes may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SendLimits {
    /// The pause after the first code to an address; it doubles with each further one: at least 30 s,
    /// default 60 s.
    pub cooldown: Duration,
    /// The longest pause, default 15 min.
    pub cooldown_cap: Duration,
    /// Codes to one address by all accounts within an hour, default 5.
    pub per_target_hour: u32,
    /// Codes to one address by all accounts within 24 hours, default 10.
    pub per_target_day: u32,
    /// Text messages for one account within 24 hours, default 10.
    pub sms_per_account_day: u32,
    /// E-mails for one account within 24 hours, default 20.
    pub emails_per_account_day: u32,
    /// Codes asked for from one source within an hour, default 20; counted only where the source is known.
    pub per_source_hour: u32,
    /// Text messages of a whole tenant within an hour, default 1,000: a breaker against toll fraud, to be set
    /// to what the tenant's size needs. `None`: there is none.
    pub sms_per_tenant_hour: Option<u32>,
}

impl Default for SendLimits {
    fn default() -> Self {
        Self {
            cooldown: MINUTE,
            cooldown_cap: MINUTE * 15,
            per_target_hour: 5,
            per_target_day: 10,
            sms_per_account_day: 10,
            emails_per_account_day: 20,
            per_source_hour: 20,
            sms_per_tenant_hour: Some(1_000),
        }
    }
}

/// How many codes and passwords may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimits {
    /// Wrong codes of one account within an hour, default 10.
    pub codes_hour: u32,
    /// Wrong codes of one account within 24 hours, default 20, at most 100 (NIST SP 800-63B-4, 3.2.2).
    pub codes_day: u32,
    /// Wrong passwords, codes of an authenticator app, recovery codes, or rejected passkeys in a row before the first
    /// pause, each counted apart, default 5.
    pub passwords_free: u32,
    /// The first pause, default 30 s; it doubles with each further wrong one.
    pub password_pause: Duration,
    /// The longest pause, default 1 h.
    pub password_pause_cap: Duration,
    /// Wrong passwords in a row after which the password counts no longer, until another factor sets a new one; the same
    /// for codes of an authenticator app: default and ceiling 100 (NIST SP 800-63B-4, 3.2.2).
    pub passwords_max: u32,
    /// Proofs of accounts elsewhere that one account tries within an hour, default 10.
    pub social_hour: u32,
}

impl Default for AttemptLimits {
    fn default() -> Self {
        Self {
            codes_hour: 10,
            codes_day: 20,
            passwords_free: 5,
            password_pause: Duration::from_secs(30),
            password_pause_cap: HOUR,
            passwords_max: 100,
            social_hour: 10,
        }
    }
}

/// How many counts one code raises at most.
const MOST_OF_ONE_CODE: usize = 6;

impl SendLimits {
    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        let counts = [
            self.per_target_hour,
            self.per_target_day,
            self.sms_per_account_day,
            self.emails_per_account_day,
            self.per_source_hour,
            self.sms_per_tenant_hour.unwrap_or(1),
        ];
        ranges([
            (self.cooldown >= Duration::from_secs(30), "send.cooldown", "30 seconds or more"),
            (
                self.cooldown_cap >= self.cooldown && self.cooldown_cap <= DAY,
                "send.cooldown_cap",
                "the cooldown to 24 hours",
            ),
            (counts.iter().all(|count| *count > 0), "send.per_*", "1 or more"),
        ])
    }

    /// The counts that one more code raises.
    pub(crate) fn rates(
        &self,
        tenant: &TenantId,
        user: &UserId,
        to: &Address,
        source: Option<Source>,
    ) -> Vec<Rate> {
        let pair = RateSubject::new(&[user.as_str(), to.canonical()]);
        let user = RateSubject::new(&[user.as_str()]);
        let account = match to.channel() {
            Channel::Sms => rate(RateScope::AccountSmsDay, user, window(self.sms_per_account_day, DAY)),
            Channel::Email => {
                rate(RateScope::AccountEmailDay, user, window(self.emails_per_account_day, DAY))
            }
        };
        let mut rates = Vec::with_capacity(MOST_OF_ONE_CODE);
        rates.extend(self.rates_of_target(pair, to));
        rates.push(account);
        rates.extend(self.rates_of_path(tenant, to, source));
        rates
    }

    /// The counts of a code that somebody asks for who is not signed in: none of an account, so that none shows.
    pub(crate) fn rates_signed_out(
        &self,
        tenant: &TenantId,
        to: &Address,
        source: Option<Source>,
    ) -> Vec<Rate> {
        let alone = RateSubject::new(&["signed_out", to.canonical()]);
        let mut rates = Vec::with_capacity(MOST_OF_ONE_CODE);
        rates.extend(self.rates_of_target(alone, to));
        rates.extend(self.rates_of_path(tenant, to, source));
        rates
    }

    fn rates_of_target(&self, resend: RateSubject, to: &Address) -> [Rate; 3] {
        let target = RateSubject::new(&[to.canonical()]);
        let cooldown = RateRule::Backoff {
            free: 1,
            base: self.cooldown,
            cap: self.cooldown_cap,
            forget: Some(DAY),
            max: None,
        };
        [
            rate(RateScope::ResendCooldown, resend, cooldown),
            rate(RateScope::TargetHour, target, window(self.per_target_hour, HOUR)),
            rate(RateScope::TargetDay, target, window(self.per_target_day, DAY)),
        ]
    }

    fn rates_of_path(
        &self,
        tenant: &TenantId,
        to: &Address,
        source: Option<Source>,
    ) -> impl Iterator<Item = Rate> {
        let source = source.map(|source| {
            let rule = window(self.per_source_hour, HOUR);
            rate(RateScope::SourceHour, RateSubject::new(&[&source.network()]), rule)
        });
        let sms = self.sms_per_tenant_hour.filter(|_| to.channel() == Channel::Sms).map(|max| {
            rate(RateScope::TenantSmsHour, RateSubject::new(&[tenant.as_str()]), window(max, HOUR))
        });
        source.into_iter().chain(sms)
    }
}

impl AttemptLimits {
    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        ranges([
            (
                self.codes_hour > 0 && self.codes_hour <= self.codes_day,
                "attempts.codes_hour",
                "1 to attempts.codes_day",
            ),
            (self.codes_day <= 100, "attempts.codes_day", "at most 100"),
            (self.passwords_free > 0, "attempts.passwords_free", "1 or more"),
            (!self.password_pause.is_zero(), "attempts.password_pause", "over 0"),
            (
                self.password_pause_cap >= self.password_pause && self.password_pause_cap <= DAY,
                "attempts.password_pause_cap",
                "the first pause to 24 hours",
            ),
            ((1..=100).contains(&self.passwords_max), "attempts.passwords_max", "1 to 100"),
            ((1..=100).contains(&self.social_hour), "attempts.social_hour", "1 to 100"),
        ])
    }

    /// The count of proofs that one account tries of being somebody elsewhere.
    pub(crate) fn social(&self, user: RateSubject) -> Rate {
        rate(RateScope::SocialProof, user, window(self.social_hour, HOUR))
    }

    /// The counts that one more attempt with an authenticator raises, and that its success clears.
    pub(crate) fn rates(&self, authenticator: Authenticator, user: RateSubject) -> Vec<Rate> {
        match authenticator {
            Authenticator::Code => vec![
                rate(RateScope::CodeHour, user, window(self.codes_hour, HOUR)),
                rate(RateScope::CodeDay, user, window(self.codes_day, DAY)),
            ],
            Authenticator::Password => {
                vec![rate(RateScope::Password, user, self.row(Some(self.passwords_max)))]
            }
            Authenticator::Totp => vec![rate(RateScope::Totp, user, self.row(Some(self.passwords_max)))],
            // Nobody guesses a signature: a row of rejected ones is slowed down and never ends the good ones.
            Authenticator::Passkey => vec![rate(RateScope::Passkey, user, self.row(None))],
            // 80 bits leave nothing to guess: a row of wrong ones is slowed down and never ends the good ones.
            Authenticator::RecoveryCode => vec![rate(RateScope::RecoveryCode, user, self.row(None))],
        }
    }

    /// A row of wrong ones, which only a success ends.
    const fn row(&self, max: Option<u32>) -> RateRule {
        RateRule::Backoff {
            free: self.passwords_free,
            base: self.password_pause,
            cap: self.password_pause_cap,
            forget: None,
            max,
        }
    }
}

const fn window(max: u32, span: Duration) -> RateRule {
    RateRule::Window { max, span }
}

const fn rate(scope: RateScope, subject: RateSubject, rule: RateRule) -> Rate {
    Rate { key: subject.within(scope), rule }
}

/// Tries to restore former addresses from one source within an hour.
const REVERTS_FROM_SOURCE: u32 = 20;

/// The counts that one more try to restore a former address raises. None of the address: a code of 80 bits needs no
/// limit, and whoever took the address away could keep its owner off by one.
pub(crate) fn of_revert(source: Option<Source>) -> Vec<Rate> {
    let subject = source.map(|source| RateSubject::new(&["source", &source.network()]));
    let limit = window(REVERTS_FROM_SOURCE, HOUR);
    subject.map(|subject| rate(RateScope::ContactRevert, subject, limit)).into_iter().collect()
}

pub(crate) fn ranges<const N: usize>(
    rules: [(bool, &'static str, &'static str); N],
) -> Result<(), PolicyError> {
    rules
        .into_iter()
        .find(|(holds, ..)| !holds)
        .map_or(Ok(()), |(_, setting, range)| Err(PolicyError { setting, range }))
}

//! What a host may set, each with a safe default and a range.

use std::time::Duration;

use ciam_domain::flow::{FlowPolicy, PolicyError};
use ciam_domain::identifier::{CountryCode, EmailPolicy};
use ciam_domain::password::PasswordPolicy;
use ciam_domain::session::Amr;

use crate::captcha::CaptchaPolicy;
use crate::consents::ConsentPolicy;
use crate::limits::{AttemptLimits, SendLimits, ranges};
use crate::login_history::LoginHistoryPolicy;
use crate::sign_in_limits::SignInPolicy;
use crate::totp::TotpPolicy;

/// A setting is out of its range.
pub type ConfigError = PolicyError;

/// What becomes of the acting session when a sensitive change kills all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ActingSession {
    /// It goes on.
    #[default]
    Stays,
    /// It ends too.
    Ends,
}

/// The settings of a host. Start from [`Config::default`] and change what must differ.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Config {
    /// Flows and codes.
    pub flow: FlowPolicy,
    /// Passwords.
    pub password: PasswordPolicy,
    /// E-mail addresses.
    pub email: EmailPolicy,
    /// Phone numbers.
    pub phone: PhonePolicy,
    /// Codes asked for.
    pub send: SendLimits,
    /// Codes and passwords tried.
    pub attempts: AttemptLimits,
    /// Signing in.
    pub sign_in: SignInPolicy,
    /// Sessions.
    pub session: SessionPolicy,
    /// Former addresses.
    pub contact: ContactPolicy,
    /// Deletion.
    pub deletion: DeletionPolicy,
    /// The login history.
    pub login_history: LoginHistoryPolicy,
    /// Consents.
    pub consent: ConsentPolicy,
    /// Authenticator apps.
    pub totp: TotpPolicy,
    /// Captchas, where the host has a verifier.
    pub captcha: CaptchaPolicy,
}

/// Phone numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhonePolicy {
    /// The region of a number that names none, default 86.
    pub default_region: Option<CountryCode>,
    /// The regions that new numbers may be of, default 86 alone: codes to far regions are what toll fraud
    /// lives on. `None`: all.
    pub served: Option<Vec<CountryCode>>,
}

impl Default for PhonePolicy {
    fn default() -> Self {
        Self { default_region: Some(CountryCode::CHINA), served: Some(vec![CountryCode::CHINA]) }
    }
}

/// Sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPolicy {
    /// The absolute life of a session: up to 30 days, the default (NIST SP 800-63B-4, 2.1.3).
    pub ttl: Duration,
    /// How long a session lives unused, where that matters: by default it does not.
    pub idle: Option<Duration>,
    /// The absolute life where several factors were proven: up to `ttl`, default 24 h (NIST SP 800-63B-4, 2.2.3).
    pub factor_ttl: Duration,
    /// How long such a session lives unused, default 1 h.
    pub factor_idle: Option<Duration>,
    /// The life of an access token that ciam gives out: up to 2 h, default 15 min (ASVS 5.0, 7.4.1).
    pub access_ttl: Duration,
    /// How long after a refresh the replaced token still gives the same answer, for clients that lost it: up to 60 s,
    /// default 0. Later it is a stolen one, and ends the session (RFC 9700, 4.14).
    pub refresh_leeway: Duration,
    /// What becomes of the acting session after a sensitive change.
    pub acting: ActingSession,
}

impl SessionPolicy {
    /// Absolute life and idle life of a session that was opened in these ways.
    pub(crate) fn life(&self, amr: &[Amr]) -> (Duration, Option<Duration>) {
        if amr.len() > 1 { (self.factor_ttl, self.factor_idle) } else { (self.ttl, self.idle) }
    }

    fn check(&self) -> Result<(), ConfigError> {
        let month = Duration::from_hours(30 * 24);
        let lives = |idle: Option<Duration>| idle.is_none_or(|idle| idle >= self.access_ttl);
        ranges([
            (!self.ttl.is_zero() && self.ttl <= month, "session.ttl", "over 0 and up to 30 days"),
            (
                !self.factor_ttl.is_zero() && self.factor_ttl <= self.ttl,
                "session.factor_ttl",
                "over 0 and up to session.ttl",
            ),
            (
                !self.access_ttl.is_zero() && self.access_ttl <= Duration::from_hours(2),
                "session.access_ttl",
                "over 0 and up to 2 hours",
            ),
            (lives(self.idle), "session.idle", "session.access_ttl or more"),
            (lives(self.factor_idle), "session.factor_idle", "session.access_ttl or more"),
            (self.refresh_leeway <= Duration::from_mins(1), "session.refresh_leeway", "up to 60 seconds"),
        ])
    }
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            ttl: Duration::from_hours(30 * 24),
            idle: None,
            factor_ttl: Duration::from_hours(24),
            factor_idle: Some(Duration::from_hours(1)),
            access_ttl: Duration::from_mins(15),
            refresh_leeway: Duration::ZERO,
            acting: ActingSession::Stays,
        }
    }
}

/// Phone and e-mail addresses that were replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactPolicy {
    /// How long a replaced address is held for its person, who may have it back by a code: 0 to 30 days, default 7;
    /// 0 holds none.
    pub hold: Duration,
    /// How long addresses stay as they are after one was given back: 0 to 30 days, default 7; 0 for not at all.
    pub pause: Duration,
}

impl Default for ContactPolicy {
    fn default() -> Self {
        let week = Duration::from_hours(7 * 24);
        Self { hold: week, pause: week }
    }
}

impl ContactPolicy {
    fn check(&self) -> Result<(), ConfigError> {
        let month = Duration::from_hours(30 * 24);
        let setting = if self.hold > month {
            "contact.hold"
        } else if self.pause > month {
            "contact.pause"
        } else {
            return Ok(());
        };
        Err(ConfigError { setting, range: "0 to 30 days" })
    }
}

/// Deletion of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeletionPolicy {
    /// How long a deleted account can be called back: 0 to 30 days, default 7; 0 erases at once.
    pub grace: Duration,
    /// How long nobody may take the identifiers of an erased account: 0 to 365 days, default 30. 0 keeps nothing,
    /// and asks for nothing that was kept before.
    pub tombstone: Duration,
}

impl Default for DeletionPolicy {
    fn default() -> Self {
        Self { grace: Duration::from_hours(7 * 24), tombstone: Duration::from_hours(30 * 24) }
    }
}

impl Config {
    /// Checks every setting against its range.
    ///
    /// # Errors
    /// [`ConfigError`] for the first one that is out of it.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.flow.check()?;
        self.send.check()?;
        self.attempts.check()?;
        self.sign_in.check()?;
        self.session.check()?;
        self.login_history.check()?;
        self.captcha.check()?;
        self.contact.check()?;
        self.totp.check()?;
        if self.deletion.grace > Duration::from_hours(30 * 24) {
            return Err(ConfigError { setting: "deletion.grace", range: "0 to 30 days" });
        }
        if self.deletion.tombstone > Duration::from_hours(365 * 24) {
            return Err(ConfigError { setting: "deletion.tombstone", range: "0 to 365 days" });
        }
        Ok(())
    }
}

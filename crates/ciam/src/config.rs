//! What a host may set, each with a safe default and a range.

use std::time::Duration;

use ciam_domain::flow::{FlowPolicy, PolicyError};
use ciam_domain::identifier::{CountryCode, EmailPolicy};
use ciam_domain::password::PasswordPolicy;

use crate::limits::{AttemptLimits, SendLimits};

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
    /// Sessions.
    pub session: SessionPolicy,
    /// Deletion.
    pub deletion: DeletionPolicy,
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
    /// What becomes of the acting session after a sensitive change.
    pub acting: ActingSession,
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self { ttl: Duration::from_hours(30 * 24), acting: ActingSession::Stays }
    }
}

/// Deletion of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeletionPolicy {
    /// How long a deleted account can be called back: 0 to 30 days, default 7; 0 erases at once.
    pub grace: Duration,
}

impl Default for DeletionPolicy {
    fn default() -> Self {
        Self { grace: Duration::from_hours(7 * 24) }
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
        let month = Duration::from_hours(30 * 24);
        if self.session.ttl.is_zero() || self.session.ttl > month {
            return Err(ConfigError { setting: "session.ttl", range: "over 0 and up to 30 days" });
        }
        if self.deletion.grace > month {
            return Err(ConfigError { setting: "deletion.grace", range: "0 to 30 days" });
        }
        Ok(())
    }
}

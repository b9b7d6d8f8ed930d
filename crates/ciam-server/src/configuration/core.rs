//! The sections that become [`ciam::Config`]. What is left out keeps the default of `ciam`.

use std::time::Duration;

use ciam::Config;
use ciam::domain::flow::{Method, MethodSet, TwoFactor};
use ciam::domain::identifier::{CountryCode, DotlessDomains, EmailPolicy};
use ciam::domain::password::{PasswordPolicy, PasswordPolicyError};
use ciam::ports::ConsentErasure;
use clap::ValueEnum;
use serde::Deserialize;

use super::choice::Choice;
use super::span::{Span, SpanError};
use super::words::Words;
use super::{invalid, put};
use crate::stop::Stop;

/// `[policy]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Policy {
    two_factor: Option<Choice<TwoFactorName>>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum TwoFactorName {
    Required,
    WhenAvailable,
    Off,
}

/// `[flow]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Flow {
    ttl: Option<Span>,
    freshness: Option<Span>,
    one_shot_freshness: Option<OneShot>,
    recent_factor: Option<Span>,
    sign_in: Option<Choice<TwoFactorName>>,
    methods: Option<Words>,
    attempts: Option<u8>,
    sends: Option<u8>,
    password_tries: Option<u8>,
    open_flows: Option<u8>,
}

/// A span of time, or `off`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct OneShot(Option<Span>);

/// `[code]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Code {
    length: Option<u8>,
    ttl: Option<Span>,
}

/// `[password]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Password {
    min_length: Option<u16>,
    max_length: Option<u16>,
    history: Option<u8>,
    context_words: Option<Words>,
}

/// `[email]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Email {
    dotless: Option<Choice<Dotless>>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Dotless {
    Refused,
    Reserved,
    Accepted,
}

/// `[phone]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Phone {
    default_region: Option<String>,
    served: Option<Words>,
}

/// `[contact]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Contact {
    hold: Option<Span>,
    pause: Option<Span>,
}

/// `[deletion]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Deletion {
    grace: Option<Span>,
    tombstone: Option<Span>,
}

/// `[consent]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Consent {
    erasure: Option<Choice<Erasure>>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Erasure {
    KeepEvidence,
    KeepNothing,
}

/// `[login_history]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LoginHistory {
    keep: Option<Span>,
}

impl Policy {
    pub(super) fn apply(&self, config: &mut Config) {
        put(&mut config.flow.two_factor, self.two_factor);
    }
}

impl From<Choice<TwoFactorName>> for TwoFactor {
    fn from(Choice(name): Choice<TwoFactorName>) -> Self {
        match name {
            TwoFactorName::Required => Self::Required,
            TwoFactorName::WhenAvailable => Self::WhenAvailable,
            TwoFactorName::Off => Self::Off,
        }
    }
}

impl Flow {
    pub(super) fn apply(&self, config: &mut Config) -> Result<(), Stop> {
        let flow = &mut config.flow;
        put(&mut flow.ttl, self.ttl);
        put(&mut flow.freshness, self.freshness);
        put(&mut flow.one_shot_freshness, self.one_shot_freshness);
        put(&mut flow.recent_factor, self.recent_factor);
        put(&mut flow.sign_in, self.sign_in);
        put(&mut flow.attempts, self.attempts);
        put(&mut flow.sends, self.sends);
        put(&mut flow.password_tries, self.password_tries);
        put(&mut flow.open_flows, self.open_flows);
        if let Some(Words(names)) = &self.methods {
            let method = |name: &String| {
                Method::parse(name).ok_or_else(|| {
                    invalid("flow.methods", "a list of SMS, EMAIL, PASSKEY, TOTP, PWD and RECOVERY_CODE")
                })
            };
            flow.methods = names.iter().map(method).collect::<Result<MethodSet, _>>()?;
        }
        Ok(())
    }
}

impl TryFrom<String> for OneShot {
    type Error = SpanError;

    fn try_from(text: String) -> Result<Self, SpanError> {
        if text == "off" { Ok(Self(None)) } else { text.parse().map(|span| Self(Some(span))) }
    }
}

impl From<OneShot> for Option<Duration> {
    fn from(OneShot(span): OneShot) -> Self {
        span.map(Duration::from)
    }
}

impl Code {
    pub(super) fn apply(&self, config: &mut Config) {
        put(&mut config.flow.code.length, self.length);
        put(&mut config.flow.code.ttl, self.ttl);
    }
}

impl Password {
    pub(super) fn apply(&self, config: &mut Config) -> Result<(), Stop> {
        let policy =
            self.policy().map_err(|error| Stop::Unusable(format!("configuration: [password] {error}")))?;
        config.password = policy;
        Ok(())
    }

    fn policy(&self) -> Result<PasswordPolicy, PasswordPolicyError> {
        let default = PasswordPolicy::default();
        let words: Vec<_> =
            self.context_words.iter().flat_map(|words| &words.0).map(String::as_str).collect();
        let min = self.min_length.unwrap_or(default.min_length());
        let max = self.max_length.unwrap_or(default.max_length());
        let history = self.history.unwrap_or(default.history_depth());
        default
            .with_min_length(min)?
            .with_max_length(max)?
            .with_history_depth(history)?
            .with_context_words(&words)
    }
}

impl Email {
    pub(super) fn apply(&self, config: &mut Config) {
        put(&mut config.email, self.dotless);
    }
}

impl From<Choice<Dotless>> for EmailPolicy {
    fn from(Choice(dotless): Choice<Dotless>) -> Self {
        Self::new(match dotless {
            Dotless::Refused => DotlessDomains::Refused,
            Dotless::Reserved => DotlessDomains::Reserved,
            Dotless::Accepted => DotlessDomains::Accepted,
        })
    }
}

impl Phone {
    pub(super) fn apply(&self, config: &mut Config) -> Result<(), Stop> {
        if let Some(region) = &self.default_region {
            let none = region.eq_ignore_ascii_case("none");
            config.phone.default_region =
                if none { None } else { Some(region_of("phone.default_region", region)?) };
        }
        if let Some(Words(regions)) = &self.served {
            if regions.is_empty() {
                return Err(invalid("phone.served", "one calling code or more, or absent to serve all"));
            }
            let served: Result<Vec<_>, _> =
                regions.iter().map(|region| region_of("phone.served", region)).collect();
            config.phone.served = Some(served?);
        }
        Ok(())
    }
}

fn region_of(setting: &str, text: &str) -> Result<CountryCode, Stop> {
    CountryCode::parse(text).map_err(|_| invalid(setting, "calling codes such as 86"))
}

impl Contact {
    pub(super) fn apply(&self, config: &mut Config) {
        put(&mut config.contact.hold, self.hold);
        put(&mut config.contact.pause, self.pause);
    }
}

impl Deletion {
    pub(super) fn apply(&self, config: &mut Config) {
        put(&mut config.deletion.grace, self.grace);
        put(&mut config.deletion.tombstone, self.tombstone);
    }
}

impl Consent {
    pub(super) fn apply(&self, config: &mut Config) {
        let erasure = self.erasure.map(|Choice(erasure)| match erasure {
            Erasure::KeepEvidence => ConsentErasure::KeepsEvidence,
            Erasure::KeepNothing => ConsentErasure::KeepsNothing,
        });
        put(&mut config.consent.erasure, erasure);
    }
}

impl LoginHistory {
    pub(super) fn apply(&self, config: &mut Config) {
        put(&mut config.login_history.keep, self.keep);
    }
}

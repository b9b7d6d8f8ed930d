//! `[send]` and `[attempts]`: how many codes may be asked for, how many codes and passwords may be tried.

use ciam::Config;
use serde::Deserialize;

use super::put;
use super::span::Span;

/// `[send]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Send {
    cooldown: Option<Span>,
    cooldown_cap: Option<Span>,
    per_target_hour: Option<u32>,
    per_target_day: Option<u32>,
    sms_per_account_day: Option<u32>,
    emails_per_account_day: Option<u32>,
    per_source_hour: Option<u32>,
    sms_per_tenant_hour: Option<u32>,
}

/// `[attempts]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Attempts {
    codes_hour: Option<u32>,
    codes_day: Option<u32>,
    passwords_free: Option<u32>,
    password_pause: Option<Span>,
    password_pause_cap: Option<Span>,
    passwords_max: Option<u32>,
}

impl Send {
    pub(super) fn apply(&self, config: &mut Config) {
        let send = &mut config.send;
        put(&mut send.cooldown, self.cooldown);
        put(&mut send.cooldown_cap, self.cooldown_cap);
        put(&mut send.per_target_hour, self.per_target_hour);
        put(&mut send.per_target_day, self.per_target_day);
        put(&mut send.sms_per_account_day, self.sms_per_account_day);
        put(&mut send.emails_per_account_day, self.emails_per_account_day);
        put(&mut send.per_source_hour, self.per_source_hour);
        put(&mut send.sms_per_tenant_hour, self.sms_per_tenant_hour);
    }
}

impl Attempts {
    pub(super) fn apply(&self, config: &mut Config) {
        let attempts = &mut config.attempts;
        put(&mut attempts.codes_hour, self.codes_hour);
        put(&mut attempts.codes_day, self.codes_day);
        put(&mut attempts.passwords_free, self.passwords_free);
        put(&mut attempts.password_pause, self.password_pause);
        put(&mut attempts.password_pause_cap, self.password_pause_cap);
        put(&mut attempts.passwords_max, self.passwords_max);
    }
}

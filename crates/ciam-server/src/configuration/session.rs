//! `[session]`: how long sessions and their tokens live.

use ciam::{ActingSession, Config};
use clap::ValueEnum;
use serde::Deserialize;

use super::choice::Choice;
use super::put;
use super::span::{Span, SpanOrNone};

/// `[session]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Session {
    ttl: Option<Span>,
    idle: Option<SpanOrNone>,
    factor_ttl: Option<Span>,
    factor_idle: Option<SpanOrNone>,
    access_ttl: Option<Span>,
    refresh_leeway: Option<Span>,
    acting: Option<Choice<Acting>>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Acting {
    Stays,
    Ends,
}

impl Session {
    pub(super) fn apply(&self, config: &mut Config) {
        let session = &mut config.session;
        put(&mut session.ttl, self.ttl);
        put(&mut session.idle, self.idle);
        // Who shortens all sessions means these too.
        session.factor_ttl = session.factor_ttl.min(session.ttl);
        put(&mut session.factor_ttl, self.factor_ttl);
        put(&mut session.factor_idle, self.factor_idle);
        put(&mut session.access_ttl, self.access_ttl);
        put(&mut session.refresh_leeway, self.refresh_leeway);
        put(&mut session.acting, self.acting);
    }
}

impl From<Choice<Acting>> for ActingSession {
    fn from(Choice(acting): Choice<Acting>) -> Self {
        match acting {
            Acting::Stays => Self::Stays,
            Acting::Ends => Self::Ends,
        }
    }
}

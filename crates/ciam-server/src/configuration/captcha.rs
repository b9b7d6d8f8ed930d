//! `[captcha]`: whether captchas are demanded, and when.

use ciam::Config;
use clap::ValueEnum;
use serde::Deserialize;

use super::choice::Choice;
use super::put;
use super::span::Span;

/// `[captcha]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Captcha {
    /// What draws and checks them; default `none`, which demands none.
    pub(crate) kind: Choice<CaptchaKind>,
    after_sends: Option<u32>,
    after_failures: Option<u32>,
    ttl: Option<Span>,
}

/// What draws and checks captchas.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum CaptchaKind {
    /// Nothing: none is ever demanded.
    #[default]
    None,
    /// Letters in an image, drawn here.
    Image,
}

impl Captcha {
    pub(super) fn apply(&self, config: &mut Config) {
        put(&mut config.captcha.after_sends, self.after_sends);
        put(&mut config.captcha.after_failures, self.after_failures);
        put(&mut config.captcha.ttl, self.ttl);
    }
}

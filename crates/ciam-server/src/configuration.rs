//! The configuration: a TOML file, then `CIAM_<SECTION>__<KEY>` from the environment. Unknown keys are errors.

mod captcha;
mod choice;
mod core;
mod environment;
mod limits;
mod passkeys;
mod server;
mod session;
mod social;
mod span;
mod tokens;
mod totp;
mod words;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use ciam::Config;
use config::{ConfigBuilder, File, FileFormat, Value, builder::DefaultState};
use serde::Deserialize;

pub(crate) use captcha::CaptchaKind;
pub(crate) use choice::Choice;
pub(crate) use server::{LogFormat, LogLevel};
pub(crate) use social::Social;
#[cfg(feature = "full")]
pub(crate) use social::{ProxyChoice, SourceSecret};
pub(crate) use span::{Span, SpanError};
pub(crate) use tokens::{TTL, Tokens};

use crate::stop::Stop;

/// Read when there is one and no other is named.
const DEFAULT_FILE: &str = "ciam.toml";

/// Every setting, by section.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    pub(crate) server: server::Server,
    pub(crate) log: server::Log,
    pub(crate) storage: server::Storage,
    pub(crate) flows: server::Flows,
    pub(crate) delivery: server::Delivery,
    pub(crate) hasher: server::Hasher,
    pub(crate) dialects: server::Dialects,
    pub(crate) tokens: Tokens,
    pub(crate) captcha: captcha::Captcha,
    pub(crate) social: Social,
    pub(crate) passkeys: passkeys::Passkeys,
    totp: totp::Totp,
    policy: core::Policy,
    flow: core::Flow,
    code: core::Code,
    password: core::Password,
    email: core::Email,
    phone: core::Phone,
    session: session::Session,
    contact: core::Contact,
    deletion: core::Deletion,
    login_history: core::LoginHistory,
    consent: core::Consent,
    send: limits::Send,
    attempts: limits::Attempts,
}

impl Settings {
    /// Reads the file, if there is one, and the environment of the process, and checks every setting.
    ///
    /// # Errors
    /// [`Stop::Unusable`] that says what is wrong and where.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, Stop> {
        Self::from_sources(file, std::env::vars_os())
    }

    /// Checks the settings of the environment as [`Settings::load`] does, and tells how many there are.
    ///
    /// # Errors
    /// [`Stop::Unusable`] that says what is wrong and where.
    pub(crate) fn check_environment() -> Result<usize, Stop> {
        let settings = environment::settings(std::env::vars_os())?;
        Self::read(config::Config::builder().add_source(environment::source(settings.clone())))?;
        Ok(settings.len())
    }

    fn from_sources(
        file: Option<&Path>,
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, Stop> {
        let environment = environment::source(environment::settings(environment)?);
        Self::read(with_file(file)?.add_source(environment))
    }

    fn read(sources: ConfigBuilder<DefaultState>) -> Result<Self, Stop> {
        let sources = sources.build().map_err(|error| unreadable(&error))?;
        let settings: Self =
            sources.clone().try_deserialize().map_err(|error| every_defect(&sources, &error))?;
        settings.check()?;
        Ok(settings)
    }

    /// What `ciam` takes of it.
    ///
    /// # Errors
    /// [`Stop::Unusable`] for the first setting that is out of its range.
    pub(crate) fn core(&self) -> Result<Config, Stop> {
        let mut config = Config::default();
        SECTIONS.iter().try_for_each(|apply| apply(self, &mut config))?;
        checked(&config)?;
        Ok(config)
    }

    /// What is wrong with each section by itself; where nothing is, what is wrong with all of them together.
    fn check_core(&self) -> Vec<Stop> {
        let alone = |apply: &Apply| {
            let mut config = Config::default();
            apply(self, &mut config).and_then(|()| checked(&config)).err()
        };
        let defects: Vec<_> = SECTIONS.iter().filter_map(alone).collect();
        if defects.is_empty() { self.core().err().into_iter().collect() } else { defects }
    }

    /// Every area is looked at, so that whoever mends one defect is told of the others too.
    fn check(&self) -> Result<(), Stop> {
        let areas = [
            self.storage.check(),
            self.flows.check(),
            self.server.check(),
            self.hasher.cost().map(drop),
            self.social.check(),
            self.passkeys.party().map(drop),
            self.tokens.check(),
        ];
        let defects = self.check_core().into_iter().chain(areas.into_iter().filter_map(Result::err));
        let defects: Vec<_> = defects.map(|stop| stop.to_string()).collect();
        if defects.is_empty() { Ok(()) } else { Err(Stop::Unusable(defects.join("\n"))) }
    }
}

/// Has a section say what it sets.
type Apply = fn(&Settings, &mut Config) -> Result<(), Stop>;

/// The sections of [`ciam::Config`].
const SECTIONS: [Apply; 15] = [
    |settings, config| {
        settings.policy.apply(config);
        Ok(())
    },
    |settings, config| settings.flow.apply(config),
    |settings, config| {
        settings.code.apply(config);
        Ok(())
    },
    |settings, config| settings.password.apply(config),
    |settings, config| {
        settings.email.apply(config);
        Ok(())
    },
    |settings, config| settings.phone.apply(config),
    |settings, config| {
        settings.session.apply(config);
        Ok(())
    },
    |settings, config| {
        settings.contact.apply(config);
        Ok(())
    },
    |settings, config| {
        settings.deletion.apply(config);
        Ok(())
    },
    |settings, config| {
        settings.login_history.apply(config);
        Ok(())
    },
    |settings, config| {
        settings.consent.apply(config);
        Ok(())
    },
    |settings, config| {
        settings.send.apply(config);
        Ok(())
    },
    |settings, config| {
        settings.attempts.apply(config);
        Ok(())
    },
    |settings, config| {
        settings.captcha.apply(config);
        Ok(())
    },
    |settings, config| {
        settings.totp.apply(config);
        Ok(())
    },
];

fn checked(config: &Config) -> Result<(), Stop> {
    config.check().map_err(|error| invalid(error.setting, error.range))
}

fn unreadable(error: &config::ConfigError) -> Stop {
    Stop::Unusable(format!("configuration: {}", crate::stop::causes(error)))
}

/// What cannot be read of each setting by itself, a line each; where every one can, what cannot of the whole.
fn every_defect(sources: &config::Config, whole: &config::ConfigError) -> Stop {
    let mut defects = BTreeSet::new();
    for (section, value) in sources.cache.clone().into_table().unwrap_or_default() {
        match value.clone().into_table() {
            Ok(keys) => {
                let alone = keys.into_iter().filter_map(|(key, value)| {
                    defect(&section, Value::from(config::Map::from([(key, value)])))
                });
                defects.extend(alone);
            }
            Err(_) => defects.extend(defect(&section, value)),
        }
    }
    if defects.is_empty() {
        return unreadable(whole);
    }
    Stop::Unusable(defects.into_iter().collect::<Vec<_>>().join("\n"))
}

/// What is wrong with a section that has nothing else.
fn defect(section: &str, value: Value) -> Option<String> {
    let alone = Value::from(config::Map::from([(section.to_owned(), value)]));
    let error = Settings::deserialize(alone).err()?;
    Some(unreadable(&error).to_string())
}

fn with_file(file: Option<&Path>) -> Result<ConfigBuilder<DefaultState>, Stop> {
    let sources = config::Config::builder();
    let path = file.unwrap_or(Path::new(DEFAULT_FILE));
    if file.is_none() && !path.exists() {
        return Ok(sources);
    }
    if !path.exists() || path.is_file() {
        return Ok(sources.add_source(File::from(path).format(FileFormat::Toml)));
    }
    // A device or a pipe, which the source above takes for absent.
    let text = std::fs::read_to_string(path)
        .map_err(|error| Stop::Unusable(format!("configuration: {}: {error}", path.display())))?;
    Ok(sources.add_source(File::from_str(&text, FileFormat::Toml)))
}

/// Puts a setting in its place if it was given.
fn put<T>(place: &mut T, setting: Option<impl Into<T>>) {
    if let Some(setting) = setting {
        *place = setting.into();
    }
}

fn invalid(setting: &str, range: &str) -> Stop {
    Stop::Unusable(format!("configuration: {setting} must be {range}"))
}

#[cfg(test)]
mod tests;

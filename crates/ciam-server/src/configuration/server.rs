//! The sections that concern the process and its adapters.

use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

use ciam_hasher_argon2::{Cost, Limits};
use ciam_storage_sqlite::{Durability, SqliteOptions};
use ciam_transport_http::alibaba::TokenCheckReply;
use clap::ValueEnum;
use serde::Deserialize;
use tracing::level_filters::LevelFilter;

use super::choice::Choice;
use super::span::Span;
use super::{invalid, put};
use crate::stop::Stop;

/// `[server]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Server {
    /// Where to listen; default `127.0.0.1:8080`.
    pub(crate) listen: SocketAddr,
    /// Proxies of one's own in front of the server, each of which appends to `X-Forwarded-For`; default 0.
    pub(crate) trusted_hops: u8,
    /// How long a connection may be without a whole request header, idle ones included: over 0 and up to 1 minute,
    /// default 10 s.
    pub(crate) header_timeout: Span,
    /// How many connections may be open; one more waits. Default 1024.
    pub(crate) connections: NonZeroU16,
    /// How long a request may take: over 0 and up to 5 minutes, default 30 s.
    pub(crate) request_timeout: Span,
}

const CONNECTIONS: NonZeroU16 = NonZeroU16::MIN.saturating_add(1023);

/// `[log]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    /// The lowest level that is written; default `info`.
    pub(crate) level: Choice<LogLevel>,
    /// How lines look; default `compact`.
    pub(crate) format: Choice<LogFormat>,
}

/// A level of logging.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum LogLevel {
    /// Nothing.
    Off,
    /// What failed.
    Error,
    /// What may fail soon.
    Warn,
    /// What happened.
    #[default]
    Info,
    /// What led to it.
    Debug,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// One line of text for each event.
    #[default]
    Compact,
    /// One JSON object for each event.
    Json,
}

/// `[storage]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Storage {
    /// Another database than the embedded one.
    url: Option<String>,
    /// The file of the embedded one; default `ciam.db` in the data directory.
    pub(crate) path: Option<PathBuf>,
    synchronous: Choice<Synchronous>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Synchronous {
    #[default]
    Full,
    Normal,
}

/// `[flows]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Flows {
    /// Another place for flows than the database.
    url: Option<String>,
}

/// `[delivery]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Delivery {
    /// The file that messages are appended to; default `messages.jsonl` in the data directory.
    pub(crate) path: Option<PathBuf>,
}

/// `[hasher]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Hasher {
    memory_kib: Option<u32>,
    iterations: Option<u32>,
    parallelism: Option<u32>,
    threads: Option<NonZeroU16>,
    queue: Option<NonZeroU16>,
    retry_after: Option<Span>,
}

/// `[dialects]`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Dialects {
    /// The user API of Alibaba Cloud CIAM.
    pub(crate) alibaba: Alibaba,
}

/// `[dialects.alibaba]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Alibaba {
    /// Whether it is mounted; default true.
    pub(crate) enabled: bool,
    /// The scope that a token must have; default `USER_API`.
    pub(crate) scope: String,
    /// What the check of a valid token says; default `numeric`.
    pub(crate) token_check: Choice<TokenCheck>,
}

/// The two replies of the vendor's documents.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum TokenCheck {
    /// The number 200 and null.
    #[default]
    Numeric,
    /// `Operation.Success` twice.
    Named,
}

impl From<TokenCheck> for TokenCheckReply {
    fn from(reply: TokenCheck) -> Self {
        match reply {
            TokenCheck::Numeric => Self::Numeric,
            TokenCheck::Named => Self::Named,
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            trusted_hops: 0,
            header_timeout: Span(Duration::from_secs(10)),
            connections: CONNECTIONS,
            request_timeout: Span(Duration::from_secs(30)),
        }
    }
}

impl Default for Alibaba {
    fn default() -> Self {
        Self { enabled: true, scope: "USER_API".to_owned(), token_check: Choice::default() }
    }
}

impl Server {
    pub(super) fn check(&self) -> Result<(), Stop> {
        let is_within = |Span(span): Span, most: Duration| !span.is_zero() && span <= most;
        if !is_within(self.header_timeout, Duration::from_mins(1)) {
            return Err(invalid("server.header_timeout", "over 0 and up to 1 minute"));
        }
        if !is_within(self.request_timeout, Duration::from_mins(5)) {
            return Err(invalid("server.request_timeout", "over 0 and up to 5 minutes"));
        }
        Ok(())
    }
}

impl Storage {
    pub(super) fn check(&self) -> Result<(), Stop> {
        without("storage.url", self.url.as_deref())
    }

    /// How the embedded database is used.
    pub(crate) fn options(&self) -> SqliteOptions {
        let mut options = SqliteOptions::default();
        options.durability = match self.synchronous.0 {
            Synchronous::Full => Durability::Full,
            Synchronous::Normal => Durability::Normal,
        };
        options
    }
}

impl Flows {
    pub(super) fn check(&self) -> Result<(), Stop> {
        without("flows.url", self.url.as_deref())
    }
}

// Says the kind alone: a database URL holds a password.
fn without(setting: &str, url: Option<&str>) -> Result<(), Stop> {
    let Some(url) = url else { return Ok(()) };
    let kind = match url.split(':').next() {
        Some("postgres" | "postgresql") => "PostgreSQL",
        Some("redis" | "rediss" | "valkey" | "valkeys") => "Redis",
        _ => return Err(invalid(setting, "a postgres:// or redis:// address, or absent")),
    };
    Err(Stop::Unusable(format!("configuration: {setting}: this build has no {kind} storage")))
}

impl Hasher {
    /// What a new hash costs.
    ///
    /// # Errors
    /// [`Stop::Unusable`] outside the bounds of the hasher.
    pub(crate) fn cost(&self) -> Result<Cost, Stop> {
        let Self { memory_kib: None, iterations: None, parallelism: None, .. } = self else {
            let memory = self.memory_kib.unwrap_or(19_456);
            return Cost::new(memory, self.iterations.unwrap_or(2), self.parallelism.unwrap_or(1))
                .map_err(|error| Stop::Unusable(format!("configuration: [hasher] {error}")));
        };
        Ok(Cost::default())
    }

    /// How much is hashed at once, and how much waits.
    pub(crate) fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        put(&mut limits.threads, self.threads);
        put(&mut limits.waiting, self.queue);
        put(&mut limits.retry_after, self.retry_after);
        limits
    }
}

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Off => Self::OFF,
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
        }
    }
}

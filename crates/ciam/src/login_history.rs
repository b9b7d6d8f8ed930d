//! The login history: shown to the person, kept for a while.

use std::time::Duration;

use ciam_domain::audit::Action;
use ciam_domain::login_history::{LoginLocation, LoginMode, LoginOutcome, LoginRecord};
use ciam_domain::refusal::AccessRefusal;
use ciam_domain::source::Source;
use ciam_domain::user::Status;
use ciam_domain::{DeviceId, EventId, Instant, TenantId, UserId};
use ciam_ports::{LoginCursor, LoginHistoryStore, LoginQuery, StepQuery};

use crate::audit::Deed;
use crate::config::ConfigError;
use crate::{Ciam, Error, Failure, Principal};

/// How many records a page has at most, whatever is asked for.
pub const LOGIN_PAGE: u16 = 100;

/// The login history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginHistoryPolicy {
    /// How long records are kept: 1 to 3650 days, default 180.
    pub keep: Duration,
}

impl Default for LoginHistoryPolicy {
    fn default() -> Self {
        Self { keep: Duration::from_hours(180 * 24) }
    }
}

impl LoginHistoryPolicy {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let day = Duration::from_hours(24);
        if (day..=3_650 * day).contains(&self.keep) {
            return Ok(());
        }
        Err(ConfigError { setting: "login_history.keep", range: "1 to 3650 days" })
    }
}

/// A sign-in that the host carried out itself.
#[derive(Debug, Clone)]
pub struct LoginReport {
    /// The tenant of the person.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// How they signed in.
    pub mode: LoginMode,
    /// How it ended.
    pub outcome: LoginOutcome,
    /// From which network address.
    pub source: Option<Source>,
    /// From which place.
    pub location: Option<LoginLocation>,
    /// By which application (`client_id`).
    pub client: Option<String>,
    /// On which device.
    pub device: Option<DeviceId>,
}

/// Which part of a login history to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginPage {
    /// Only what comes before this place: the last record of the page before.
    pub before: Option<LoginCursor>,
    /// How many records, up to [`LOGIN_PAGE`].
    pub limit: u16,
}

impl Default for LoginPage {
    fn default() -> Self {
        Self { before: None, limit: LOGIN_PAGE }
    }
}

impl Ciam {
    /// The person's own sign-ins that succeeded, newest first.
    ///
    /// # Errors
    /// An access refusal; [`Failure::NotOffered`] without a login history; a failure of a store.
    pub async fn login_history(&self, who: &Principal, page: LoginPage) -> Result<Vec<LoginRecord>, Error> {
        let history = self.history()?;
        let deed = Deed::new(who, Action::ViewLoginHistory, self.ports.clock.now());
        self.acting(&deed).await?;
        let query = LoginQuery {
            tenant: who.tenant().clone(),
            user: who.user().clone(),
            outcome: Some(LoginOutcome::Succeeded),
            before: page.before,
            limit: page.limit.min(LOGIN_PAGE),
        };
        let mut records = history.records(&query).await?;
        // What is too old is gone whether or not it was swept.
        let oldest = deed.now.before(self.config.login_history.keep);
        records.retain(|record| record.at >= oldest);
        Ok(records)
    }

    /// Records a sign-in that the host carried out itself, or one that failed.
    ///
    /// # Errors
    /// [`AccessRefusal::UnknownUser`], or [`AccessRefusal::Deleted`] for an account that is erased or being erased;
    /// [`Failure::NotOffered`] without a login history; a failure of a store or of chance.
    pub async fn record_login(&self, report: LoginReport) -> Result<(), Error> {
        self.history()?;
        let query = StepQuery::of(report.tenant.clone(), report.user.clone());
        self.keeps_logins(&query).await?;
        let LoginReport { tenant, user, mode, outcome, source, location, client, device } = report;
        let id = EventId::from_random(self.random_bits()?);
        let at = self.ports.clock.now();
        let record = LoginRecord { id, tenant, user, at, mode, outcome, source, location, client, device };
        self.append_login(record).await?;
        // A purge that began meanwhile may have emptied the history before this came.
        match self.keeps_logins(&query).await {
            Err(Error::Refused(refusal)) => {
                self.erase_login_history(&query.tenant, &query.user).await?;
                Err(refusal.into())
            }
            kept => kept,
        }
    }

    /// Whether logins of an account are written down.
    async fn keeps_logins(&self, query: &StepQuery) -> Result<(), Error> {
        let loaded = self.ports.store.load(query).await?.ok_or(AccessRefusal::UnknownUser)?;
        match loaded.user.status {
            Status::Purging { .. } | Status::Erased => Err(AccessRefusal::Deleted.into()),
            _ => Ok(()),
        }
    }

    /// Removes the login history of a person, as when the account is erased.
    ///
    /// # Errors
    /// [`Failure::NotOffered`] without a login history; a failure of its store.
    pub async fn erase_login_history(&self, tenant: &TenantId, user: &UserId) -> Result<(), Error> {
        Ok(self.history()?.erase(tenant, user).await?)
    }

    /// Adds a record. A sign-in waits for it before it commits: where the history cannot be written nobody
    /// signs in, and where none is kept there is nothing to wait for.
    pub(crate) async fn append_login(&self, record: LoginRecord) -> Result<(), Error> {
        match &self.login_history {
            Some(history) => Ok(history.append(record).await?),
            None => Ok(()),
        }
    }

    pub(crate) async fn forget_logins(&self, now: Instant) -> Result<u64, Error> {
        match &self.login_history {
            Some(history) => Ok(history.forget(now.before(self.config.login_history.keep)).await?),
            None => Ok(0),
        }
    }

    fn history(&self) -> Result<&dyn LoginHistoryStore, Failure> {
        self.login_history.as_deref().ok_or(Failure::NotOffered)
    }
}

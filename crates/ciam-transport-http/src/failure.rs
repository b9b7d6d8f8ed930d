//! Failures of the world: logged with their causes, shown to nobody (ASVS 5.0, 16.5.1).

use std::error::Error;
use std::time::Duration;

use axum::http::StatusCode;
use ciam::Failure;
use ciam::ports::StoreError;

/// The wait that is asked for where a failure may pass and knows no wait of its own.
pub(crate) const PAUSE: Duration = Duration::from_secs(5);

/// What a client may know of a failure.
pub(crate) struct Shown {
    /// 503 where the same call may succeed later, else 500.
    pub(crate) status: StatusCode,
    /// The wait, where the failure may pass.
    pub(crate) retry_after: Option<Duration>,
}

/// Logs a failure on one escaped line and gives what may be shown of it.
pub(crate) fn report(failure: &Failure) -> Shown {
    let cause = chain(failure);
    // Many calls of one person at once bring that about; nothing is broken.
    if matches!(failure, Failure::Store(StoreError::Stale)) {
        tracing::warn!(?cause, "a call failed");
    } else {
        tracing::error!(?cause, "a call failed");
    }
    if !failure.is_retryable() {
        return Shown { status: StatusCode::INTERNAL_SERVER_ERROR, retry_after: None };
    }
    let retry_after = match failure {
        Failure::Overloaded { retry_after } => *retry_after,
        _ => PAUSE,
    };
    Shown { status: StatusCode::SERVICE_UNAVAILABLE, retry_after: Some(retry_after) }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use ciam::ports::RandomError;

    use super::*;

    #[test]
    fn every_cause_is_in_the_line() {
        let failure = Failure::from(RandomError("no entropy".into()));
        assert_eq!(chain(&failure), "randomness could not be had: randomness is unavailable: no entropy");
    }

    #[test]
    fn what_may_pass_is_told_from_what_will_not() {
        let wait = Duration::from_secs(3);
        let overloaded = report(&Failure::Overloaded { retry_after: wait });
        assert_eq!((overloaded.status.as_u16(), overloaded.retry_after), (503, Some(wait)));
        let stale = report(&Failure::Store(StoreError::Stale));
        assert_eq!((stale.status.as_u16(), stale.retry_after), (503, Some(Duration::from_secs(5))));
        let missing = report(&Failure::NotOffered);
        assert_eq!((missing.status.as_u16(), missing.retry_after), (500, None));
    }
}

//! What goes on beside the requests.

use std::sync::Arc;
use std::time::Duration;

use ciam::ports::DeletionQueue;
use ciam::{Ciam, PurgeOutcome, Purged, Relayed};
use tokio::sync::watch;

use crate::stop::causes;

const RELAY: Duration = Duration::from_secs(1);
const RELAY_CAP: Duration = Duration::from_mins(1);
const SWEEP: Duration = Duration::from_mins(1);
const PURGE: Duration = Duration::from_mins(1);
/// How many accounts are erased at a time.
const PURGE_BATCH: u16 = 100;

/// Delivers what the outbox has due, until told to stop. While the store fails it asks less and less often.
pub(crate) async fn relay(ciam: Arc<Ciam>, mut stopping: watch::Receiver<bool>) {
    let mut pause = RELAY;
    while !stops_within(pause, &mut stopping).await {
        pause = match ciam.relay_once().await {
            Ok(Relayed { sent, dropped, postponed }) => {
                if dropped + postponed > 0 {
                    tracing::warn!(sent, dropped, postponed, "notices did not go out");
                }
                RELAY
            }
            Err(error) => {
                tracing::warn!(error = causes(&error), "the outbox cannot be read");
                pause.saturating_mul(2).min(RELAY_CAP)
            }
        };
    }
}

/// Removes what is over, until told to stop.
pub(crate) async fn sweep(ciam: Arc<Ciam>, mut stopping: watch::Receiver<bool>) {
    while !stops_within(SWEEP, &mut stopping).await {
        match ciam.sweep().await {
            Ok(rows) => tracing::debug!(rows, "swept"),
            Err(error) => tracing::warn!(error = causes(&error), "the store cannot be swept"),
        }
    }
}

/// Erases deleted accounts whose grace is over, until told to stop.
pub(crate) async fn purge(
    ciam: Arc<Ciam>,
    deletions: Arc<dyn DeletionQueue>,
    mut stopping: watch::Receiver<bool>,
) {
    while !stops_within(PURGE, &mut stopping).await {
        match ciam.purge_due(&*deletions, PURGE_BATCH).await {
            Ok(report) => report.accounts.iter().for_each(tell),
            Err(error) => tracing::warn!(error = causes(&error), "deleted accounts cannot be listed"),
        }
    }
}

fn tell(purged: &Purged) {
    let (tenant, user) = (purged.tenant.as_str(), purged.user.as_str());
    match &purged.outcome {
        PurgeOutcome::Failed { step, cause } => {
            tracing::warn!(tenant, user, step = &**step, cause, "a deleted account could not be erased");
        }
        outcome => tracing::info!(tenant, user, outcome = outcome.as_str(), "a deleted account"),
    }
}

async fn stops_within(pause: Duration, stopping: &mut watch::Receiver<bool>) -> bool {
    tokio::time::timeout(pause, stopping.wait_for(|stopping| *stopping)).await.is_ok()
}

//! What goes on beside the requests.

use std::sync::Arc;
use std::time::Duration;

use ciam::{Ciam, Relayed};
use tokio::sync::watch;

use crate::stop::causes;

const RELAY: Duration = Duration::from_secs(1);
const RELAY_CAP: Duration = Duration::from_mins(1);
const SWEEP: Duration = Duration::from_mins(1);

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

async fn stops_within(pause: Duration, stopping: &mut watch::Receiver<bool>) -> bool {
    tokio::time::timeout(pause, stopping.wait_for(|stopping| *stopping)).await.is_ok()
}

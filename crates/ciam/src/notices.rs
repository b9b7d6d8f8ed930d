//! Notices on their way out of the outbox.

use std::time::Duration;

use ciam_domain::notice::Notice;
use ciam_ports::{DeliveryError, NoticeMessage, Settlement};

use crate::{Ciam, Error};

/// How long a relay keeps a notice to itself.
const LEASE: Duration = Duration::from_mins(1);
/// How many notices one call takes.
const BATCH: u16 = 32;
/// The first pause after a failed delivery; it doubles up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_secs(10);
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// What one call of [`Ciam::relay_once`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Relayed {
    /// Notices handed to the gateway.
    pub sent: u32,
    /// Notices that the gateway will never take.
    pub dropped: u32,
    /// Notices that will be tried again.
    pub postponed: u32,
}

impl Ciam {
    /// Delivers what the outbox has due, at least once each. The host calls it from a task of its own,
    /// again and again; several may run at once.
    ///
    /// # Errors
    /// A failure of the store. Notices that were taken come again when their lease ends.
    pub async fn relay_once(&self) -> Result<Relayed, Error> {
        let due = self.ports.outbox.take(self.ports.clock.now(), LEASE, BATCH).await?;
        let mut relayed = Relayed::default();
        for taken in due {
            let settlement = match self.hand_out(taken.notice).await {
                Ok(()) => {
                    relayed.sent += 1;
                    Settlement::Done
                }
                Err(DeliveryError::Undeliverable) => {
                    relayed.dropped += 1;
                    Settlement::Done
                }
                Err(DeliveryError::Unavailable(_)) => {
                    relayed.postponed += 1;
                    let pause = PAUSE.saturating_mul(1 << taken.tries.min(16)).min(LONGEST_PAUSE);
                    Settlement::Again(self.ports.clock.now().after(pause))
                }
            };
            self.ports.outbox.settle(taken.entry, settlement).await?;
        }
        Ok(relayed)
    }

    /// A revert code is derived here, on its way out; with a key that is gone, or too late, there is none.
    async fn hand_out(&self, notice: Notice) -> Result<(), DeliveryError> {
        let key = match &notice.revert {
            Some(offer) if self.ports.clock.now() < offer.until => self.ports.keys.by_id(&offer.key).await,
            _ => Ok(None),
        };
        let key = key.map_err(|error| DeliveryError::Unavailable(Box::new(error)))?;
        let revert = key.and_then(|key| notice.revert_code(&key));
        self.ports.notices.send(NoticeMessage { notice, revert }).await
    }
}

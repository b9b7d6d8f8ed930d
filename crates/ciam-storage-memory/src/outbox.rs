//! Notices that wait for delivery, and the reading of the audit trail.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use ciam_ports::domain::Instant;
use ciam_ports::domain::notice::Notice;
use ciam_ports::{AuditPage, AuditQuery, AuditTrail, DueNotice, Outbox, Settlement, StoreError};

use crate::MemoryStore;

struct Waiting {
    due_at: Instant,
    tries: u32,
    notice: Notice,
}

/// Notices in the order of their commits.
#[derive(Default)]
pub(crate) struct Queue {
    // Boxed, so that little moves in the tree.
    entries: BTreeMap<u64, Box<Waiting>>,
    last: u64,
}

impl Queue {
    pub(crate) fn append(&mut self, notices: Vec<Notice>, now: Instant) {
        for notice in notices {
            self.last += 1;
            self.entries.insert(self.last, Box::new(Waiting { due_at: now, tries: 0, notice }));
        }
    }

    fn take(&mut self, now: Instant, lease: Duration, limit: u16) -> Vec<DueNotice> {
        let due = self.entries.iter_mut().filter(|(_, waiting)| waiting.due_at <= now);
        due.take(limit.into()).map(|(entry, waiting)| waiting.lend(*entry, now.after(lease))).collect()
    }

    fn settle(&mut self, entry: u64, settlement: Settlement) {
        match settlement {
            Settlement::Done => {
                self.entries.remove(&entry);
            }
            Settlement::Again(at) => {
                if let Some(waiting) = self.entries.get_mut(&entry) {
                    waiting.due_at = at;
                }
            }
        }
    }
}

impl Waiting {
    fn lend(&mut self, entry: u64, until: Instant) -> DueNotice {
        let lent = DueNotice { entry, tries: self.tries, notice: self.notice.clone() };
        self.due_at = until;
        self.tries = self.tries.saturating_add(1);
        lent
    }
}

#[async_trait]
impl Outbox for MemoryStore {
    async fn take(&self, now: Instant, lease: Duration, limit: u16) -> Result<Vec<DueNotice>, StoreError> {
        Ok(self.state()?.outbox.take(now, lease, limit))
    }

    async fn settle(&self, entry: u64, settlement: Settlement) -> Result<(), StoreError> {
        self.state()?.outbox.settle(entry, settlement);
        Ok(())
    }
}

#[async_trait]
impl AuditTrail for MemoryStore {
    async fn records(&self, query: &AuditQuery) -> Result<AuditPage, StoreError> {
        let state = self.state()?;
        Ok(state
            .tenants
            .get(&query.tenant)
            .map_or_else(AuditPage::default, |tenant| tenant.audit.page(query)))
    }
}

//! The audit trail of a tenant: the newest records, up to a bound.

use std::collections::VecDeque;

use ciam_ports::domain::audit::AuditRecord;
use ciam_ports::outbox::AuditQuery;

#[derive(Default)]
pub(crate) struct Trail(VecDeque<AuditRecord>);

impl Trail {
    pub(crate) fn append(&mut self, records: Vec<AuditRecord>, capacity: usize) {
        self.0.extend(records);
        let surplus = self.0.len().saturating_sub(capacity);
        self.0.drain(..surplus);
    }

    pub(crate) fn newest(&self, query: &AuditQuery) -> Vec<AuditRecord> {
        self.0
            .iter()
            .rev()
            .filter(|record| query.user.as_ref().is_none_or(|user| record.user == *user))
            .take(query.limit.into())
            .cloned()
            .collect()
    }
}

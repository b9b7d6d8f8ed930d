//! The audit trail of a tenant: the newest records, up to a bound.

use std::collections::VecDeque;

use ciam_ports::domain::audit::AuditRecord;
use ciam_ports::{AuditCursor, AuditPage, AuditQuery};

#[derive(Default)]
pub(crate) struct Trail {
    records: VecDeque<AuditRecord>,
    /// How many were let go: the first of those kept has this place.
    gone: u64,
}

impl Trail {
    pub(crate) fn append(&mut self, records: Vec<AuditRecord>, capacity: usize) {
        self.records.extend(records);
        let surplus = self.records.len().saturating_sub(capacity);
        self.records.drain(..surplus);
        self.gone += u64::try_from(surplus).unwrap_or(u64::MAX);
    }

    pub(crate) fn page(&self, query: &AuditQuery) -> AuditPage {
        let indices = (0..self.records.len()).rev().filter_map(|index| u64::try_from(index).ok());
        let placed = indices.map(|index| self.gone + index).zip(self.records.iter().rev());
        let before = query.before.map_or(u64::MAX, AuditCursor::number);
        let mut found = placed.filter(|(place, record)| *place < before && query.admits(record));
        let mut page = AuditPage::default();
        let mut last = None;
        for (place, record) in found.by_ref().take(query.limit.into()) {
            last = Some(AuditCursor::from_number(place));
            page.records.push(record.clone());
        }
        page.next = found.next().and(last);
        page
    }
}

//! A login history in a list.

use std::cmp::Reverse;
use std::sync::Mutex;

use async_trait::async_trait;
use ciam::domain::login_history::LoginRecord;
use ciam::domain::{Instant, TenantId, UserId};
use ciam::ports::{LoginCursor, LoginHistoryStore, LoginQuery, StoreError};

use super::locked;

/// Keeps every record in the order of arrival.
#[derive(Debug, Default)]
pub struct FakeLoginHistory(Mutex<Vec<LoginRecord>>);

impl FakeLoginHistory {
    /// Every record, of whomever, in the order of arrival.
    pub fn all(&self) -> Vec<LoginRecord> {
        locked(&self.0).clone()
    }
}

#[async_trait]
impl LoginHistoryStore for FakeLoginHistory {
    async fn append(&self, record: LoginRecord) -> Result<(), StoreError> {
        let mut records = locked(&self.0);
        if !records.contains(&record) {
            records.push(record);
        }
        Ok(())
    }

    async fn records(&self, query: &LoginQuery) -> Result<Vec<LoginRecord>, StoreError> {
        let mut found = self.all();
        found.retain(|record| {
            record.tenant == query.tenant
                && record.user == query.user
                && query.outcome.is_none_or(|outcome| record.outcome == outcome)
                && query.before.as_ref().is_none_or(|before| LoginCursor::of(record) < *before)
        });
        found.sort_by_key(|record| Reverse(LoginCursor::of(record)));
        found.truncate(query.limit.into());
        Ok(found)
    }

    async fn erase(&self, tenant: &TenantId, user: &UserId) -> Result<(), StoreError> {
        locked(&self.0).retain(|record| record.tenant != *tenant || record.user != *user);
        Ok(())
    }

    async fn forget(&self, before: Instant) -> Result<u64, StoreError> {
        let mut records = locked(&self.0);
        let had = records.len();
        records.retain(|record| record.at >= before);
        Ok(u64::try_from(had - records.len()).unwrap_or(u64::MAX))
    }
}

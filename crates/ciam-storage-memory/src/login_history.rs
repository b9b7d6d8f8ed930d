//! The login history, in the order of its moments.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use ciam_ports::domain::login_history::LoginRecord;
use ciam_ports::domain::{Instant, TenantId, UserId};
use ciam_ports::{LoginCursor, LoginHistoryStore, LoginQuery, StoreError};

use crate::MemoryStore;

#[derive(Default)]
pub(crate) struct Logins(HashMap<(TenantId, UserId), BTreeMap<LoginCursor, LoginRecord>>);

impl Logins {
    fn append(&mut self, record: LoginRecord) {
        let person = (record.tenant.clone(), record.user.clone());
        self.0.entry(person).or_default().entry(LoginCursor::of(&record)).or_insert(record);
    }

    fn page(&self, query: &LoginQuery) -> Vec<LoginRecord> {
        let LoginQuery { tenant, user, outcome, before, limit } = query;
        let Some(records) = self.0.get(&(tenant.clone(), user.clone())) else { return Vec::new() };
        records
            .iter()
            .rev()
            .filter(|(place, _)| before.as_ref().is_none_or(|before| *place < before))
            .map(|(_, record)| record)
            .filter(|record| outcome.is_none_or(|outcome| record.outcome == outcome))
            .take((*limit).into())
            .cloned()
            .collect()
    }

    fn forget(&mut self, before: Instant) -> usize {
        let count = |logins: &Self| logins.0.values().map(BTreeMap::len).sum::<usize>();
        let had = count(self);
        self.0.retain(|_, records| {
            records.retain(|place, _| place.at >= before);
            !records.is_empty()
        });
        had - count(self)
    }
}

#[async_trait]
impl LoginHistoryStore for MemoryStore {
    async fn append(&self, record: LoginRecord) -> Result<(), StoreError> {
        self.state()?.logins.append(record);
        Ok(())
    }

    async fn records(&self, query: &LoginQuery) -> Result<Vec<LoginRecord>, StoreError> {
        Ok(self.state()?.logins.page(query))
    }

    async fn erase(&self, tenant: &TenantId, user: &UserId) -> Result<(), StoreError> {
        self.state()?.logins.0.remove(&(tenant.clone(), user.clone()));
        Ok(())
    }

    async fn forget(&self, before: Instant) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.state()?.logins.forget(before)).unwrap_or(u64::MAX))
    }
}

//! An audit trail in another order, of others, or with gaps.

use async_trait::async_trait;
use ciam_ports::{AuditCursor, AuditPage, AuditQuery, AuditTrail, StoreError};

use super::sabotage::Sabotage;

macro_rules! retells {
    ($($sabotage:ident: |$sound:ident, $query:ident| $told:expr,)*) => {$(
        #[derive(Default)]
        pub(super) struct $sabotage;

        #[async_trait]
        impl Sabotage for $sabotage {
            async fn records(
                &self,
                $sound: &dyn AuditTrail,
                $query: &AuditQuery,
            ) -> Result<AuditPage, StoreError> {
                $told
            }
        }
    )*};
}

retells! {
    OldestFirst: |sound, query| {
        let mut page = sound.records(query).await?;
        page.records.sort_by_key(|record| std::cmp::Reverse(record.id.clone()));
        Ok(page)
    },
    TellsOfEverybody: |sound, query| sound.records(&AuditQuery { user: None, ..query.clone() }).await,
    FiltersThePage: |sound, query| {
        let mut page = sound.records(&AuditQuery { action: None, ..query.clone() }).await?;
        page.records.retain(|record| query.admits(record));
        Ok(page)
    },
    ForgetsTheEnd: |sound, query| sound.records(&AuditQuery { until: None, ..query.clone() }).await,
    RepeatsAPage: |sound, query| {
        let before = query.before.map(|place| AuditCursor::from_number(place.number() + 1));
        sound.records(&AuditQuery { before, ..query.clone() }).await
    },
    EndsEarly: |sound, query| {
        let mut page = sound.records(query).await?;
        page.next = page.next.filter(|place| place.number() > 4);
        Ok(page)
    },
}

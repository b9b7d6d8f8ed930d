//! Identifiers of erased accounts that nobody may take yet.

use std::collections::HashMap;

use ciam_ports::StoreError;
use ciam_ports::deletion::Claim;
use ciam_ports::domain::Instant;
use ciam_ports::domain::tombstone::{Tombstone, TombstoneDigest};

/// Until when each is kept.
#[derive(Default)]
pub(crate) struct Tombstones(HashMap<TombstoneDigest, Instant>);

impl Tombstones {
    pub(crate) fn check(&self, claims: &[Claim], now: Instant) -> Result<(), StoreError> {
        let kept = |claim: &&Claim| self.0.get(&claim.digest).is_some_and(|ends_at| now < *ends_at);
        claims.iter().find(kept).map_or(Ok(()), |claim| Err(StoreError::Conflict { field: claim.field }))
    }

    /// The later end of two for one identifier stands.
    pub(crate) fn add(&mut self, tombstones: Vec<Tombstone>) {
        for Tombstone { digest, ends_at } in tombstones {
            let held = self.0.entry(digest).or_insert(ends_at);
            *held = (*held).max(ends_at);
        }
    }

    pub(crate) fn sweep(&mut self, now: Instant) -> usize {
        let before = self.0.len();
        self.0.retain(|_, ends_at| now < *ends_at);
        before - self.0.len()
    }
}

//! What all connections of a store have in common.

use crate::known::Known;
use crate::trips::Counters;

#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) counters: Counters,
    pub(crate) known: Known,
}

//! Counts over time.

use ciam_ports::StoreError;
use ciam_ports::domain::Instant;
use ciam_ports::domain::rate::{Counter, Rate, RateKey, RateScope};

use crate::keyed::Keyed;

/// A count, with the moment from which it means nothing any more.
struct Held {
    counter: Counter,
    ends_at: Option<Instant>,
}

#[derive(Default)]
pub(crate) struct Rates(Keyed<RateKey, Held>);

/// Counts that every rule admitted, not written yet.
pub(crate) struct Raised(Vec<(RateKey, Held)>);

/// The rule that refused.
pub(crate) struct Refused {
    pub(crate) scope: RateScope,
    pub(crate) until: Option<Instant>,
}

impl From<Refused> for StoreError {
    fn from(Refused { scope, until }: Refused) -> Self {
        Self::Limited { scope, until }
    }
}

impl Rates {
    pub(crate) fn read(&self, keys: &[RateKey]) -> Vec<(RateKey, Counter)> {
        keys.iter().filter_map(|key| Some((*key, self.0.get(key)?.counter))).collect()
    }

    pub(crate) fn admit(&self, rates: &[Rate], now: Instant) -> Result<Raised, Refused> {
        let mut raised: Vec<(RateKey, Held)> = Vec::with_capacity(rates.len());
        for Rate { key, rule } in rates {
            // A key that is named twice counts twice.
            let before = raised.iter().rev().find(|(other, _)| other == key).map(|(_, held)| held);
            let counter = before.or_else(|| self.0.get(key)).map(|held| held.counter);
            let counter = rule
                .admit(counter, now)
                .map_err(|limited| Refused { scope: key.scope, until: limited.until })?;
            raised.push((*key, Held { counter, ends_at: rule.ends_at(&counter) }));
        }
        Ok(Raised(raised))
    }

    pub(crate) fn apply(&mut self, raised: Raised, cleared: &[RateKey]) {
        self.0.extend(raised.0);
        for key in cleared {
            self.0.remove(key);
        }
    }

    pub(crate) fn forget(&mut self, keys: &[RateKey]) -> usize {
        keys.iter().filter(|key| self.0.remove(key).is_some()).count()
    }

    pub(crate) fn sweep(&mut self, now: Instant) -> usize {
        let before = self.0.len();
        self.0.retain(|_, held| held.ends_at.is_none_or(|end| now < end));
        before - self.0.len()
    }
}

//! Counts over time, as the page of limits tells them.

use std::time::Duration;

use ciam::domain::Instant;
use ciam::domain::flow::method::Authenticator;
use ciam::domain::user::Channel;

use super::state::Spot;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// What is counted; the number is an account's, or a tenant's where an address is counted for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Count {
    Cooldown(usize, Spot),
    TargetHour(usize, Spot),
    TargetDay(usize, Spot),
    SmsDay(usize),
    EmailDay(usize),
    CodeHour(usize),
    CodeDay(usize),
    Password(usize),
}

#[derive(Debug, Clone, Copy)]
enum Limit {
    /// So many from the first of them until the span is over.
    Window(u32, Duration),
    /// A pause after so many, doubling up to the longest; the silence that ends the row; the longest row.
    Pause { free: u32, first: Duration, longest: Duration, silence: Option<Duration>, row: u32 },
}

impl Count {
    /// How many there can ever be at once.
    pub(super) const fn cap(self) -> u32 {
        match self.limit() {
            Limit::Window(max, _) => max,
            Limit::Pause { row, .. } => row,
        }
    }

    const fn limit(self) -> Limit {
        match self {
            Self::Cooldown(..) => {
                let longest = Duration::from_mins(15);
                Limit::Pause { free: 1, first: MINUTE, longest, silence: Some(DAY), row: u32::MAX }
            }
            Self::TargetHour(..) => Limit::Window(5, HOUR),
            Self::TargetDay(..) | Self::SmsDay(_) => Limit::Window(10, DAY),
            Self::EmailDay(_) | Self::CodeDay(_) => Limit::Window(20, DAY),
            Self::CodeHour(_) => Limit::Window(10, HOUR),
            Self::Password(_) => {
                let first = Duration::from_secs(30);
                Limit::Pause { free: 5, first, longest: HOUR, silence: None, row: 100 }
            }
        }
    }
}

/// The counts that one more code to an address raises.
pub(super) fn of_send(account: usize, tenant: usize, to: Spot) -> Vec<Count> {
    let own = match to.channel {
        Channel::Sms => Count::SmsDay(account),
        Channel::Email => Count::EmailDay(account),
    };
    vec![Count::Cooldown(account, to), Count::TargetHour(tenant, to), Count::TargetDay(tenant, to), own]
}

/// The counts that one more try raises and its success clears.
pub(super) fn of_try(account: usize, authenticator: Authenticator) -> Vec<Count> {
    match authenticator {
        Authenticator::Code => vec![Count::CodeHour(account), Count::CodeDay(account)],
        Authenticator::Password => vec![Count::Password(account)],
    }
}

/// A count that stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) count: u32,
    pub(super) first: Instant,
    pub(super) last: Instant,
}

impl Tally {
    /// From when it means nothing any more.
    pub(super) fn end(self, count: Count) -> Option<Instant> {
        match count.limit() {
            Limit::Window(_, span) => Some(self.first.after(span)),
            Limit::Pause { silence, .. } => silence.map(|silence| self.last.after(silence)),
        }
    }

    pub(super) fn is_over(self, count: Count, now: Instant) -> bool {
        self.end(count).is_some_and(|end| end <= now)
    }

    /// From when one more is let through; `None`: never by waiting.
    pub(super) fn opens(self, count: Count) -> Option<Instant> {
        match count.limit() {
            Limit::Window(max, span) => {
                Some(if self.count < max { Instant::EPOCH } else { self.first.after(span) })
            }
            Limit::Pause { row, .. } if self.count >= row => None,
            Limit::Pause { free, .. } if self.count < free => Some(Instant::EPOCH),
            Limit::Pause { free, first, longest, .. } => {
                let pause = (free..self.count).fold(first, |pause, _| (pause * 2).min(longest));
                Some(self.last.after(pause))
            }
        }
    }

    /// How long one more has to wait; `None`: for ever.
    pub(super) fn wait(self, count: Count, now: Instant) -> Option<Duration> {
        if self.is_over(count, now) {
            return Some(Duration::ZERO);
        }
        self.opens(count).map(|at| at.since(now))
    }

    /// One more at `now`, which was let through.
    pub(super) fn raised(before: Option<Self>, count: Count, now: Instant) -> Self {
        match before.filter(|tally| !tally.is_over(count, now)) {
            None => Self { count: 1, first: now, last: now },
            Some(tally) => Self { count: tally.count + 1, first: tally.first, last: tally.last.max(now) },
        }
    }
}

//! Counts over time, as the page of limits tells them.

use std::time::Duration;

use ciam::domain::Instant;
use ciam::domain::flow::method::Authenticator;
use ciam::domain::user::Channel;

use super::state::Spot;
use super::visit::{Entry, Name};

const MINUTE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_secs(30);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

const MONTH: Duration = Duration::from_hours(30 * 24);
/// How long an answered challenge is remembered.
const MEMORY: Duration = Duration::from_mins(20);
/// Signs of a device in a row after which its key is forgotten.
const MOST_SIGNS: u32 = 50;

/// Tries under a name from one network before the first pause, and from anywhere.
pub(super) const FREE: u32 = 3;
pub(super) const FREE_ANYWHERE: u32 = 6;
/// Tries and codes from one network in an hour.
pub(super) const ENTRIES: u32 = 12;
pub(super) const STARTS: u32 = 6;
/// Failures of an account in an hour that lock it, where the host wants that, and for how long.
pub(super) const FAILURES: u32 = 3;
pub(super) const LOCK: Duration = Duration::from_mins(10);

/// Who pays for a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Payer {
    Person(usize),
    /// Somebody on their way in who has proven a factor.
    HalfWay(usize),
    /// Somebody who has proven nothing, in their flow.
    Flow(usize),
}

/// What is counted; the number is an account's, or a tenant's where an address is counted for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Count {
    Cooldown(usize, Spot),
    TargetHour(usize, Spot),
    TargetDay(usize, Spot),
    SmsDay(usize),
    EmailDay(usize),
    CodeHour(Payer),
    CodeDay(Payer),
    Password(Payer),
    Totp(Payer),
    RecoveryCode(Payer),
    Passkey(Payer),
    /// Codes to an address for who is not signed in.
    Start(usize, Spot),
    StartSource(usize, u8),
    /// Tries under a name: from one network, from anywhere, from a known device.
    Entry(usize, Name, Option<u8>),
    EntryAnywhere(usize, Name),
    EntryDevice(usize, Name, usize),
    /// Tries of all known devices of an account.
    EntryDevices(usize),
    EntrySource(usize, u8),
    Lock(usize),
    /// Proofs of accounts elsewhere.
    Social(usize),
    /// Signs of a device of somebody, or of nobody under a name.
    Gesture(usize, usize),
    NobodysGesture(usize, Name, usize),
    /// Answers to a challenge of a device, or of a passkey.
    Nonce(usize),
    Question(usize),
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
            Self::Cooldown(..) | Self::Start(..) => {
                let longest = Duration::from_mins(15);
                Limit::Pause { free: 1, first: MINUTE, longest, silence: Some(DAY), row: u32::MAX }
            }
            Self::TargetHour(..) => Limit::Window(5, HOUR),
            Self::TargetDay(..) | Self::SmsDay(_) => Limit::Window(10, DAY),
            Self::EmailDay(_) | Self::CodeDay(_) => Limit::Window(20, DAY),
            Self::CodeHour(_) | Self::Social(_) => Limit::Window(10, HOUR),
            Self::Password(_) | Self::Totp(_) => row(100),
            Self::RecoveryCode(_) | Self::Passkey(_) => row(u32::MAX),
            Self::StartSource(..) => Limit::Window(STARTS, HOUR),
            Self::Entry(..) | Self::EntryDevice(..) => Self::tries(FREE),
            Self::EntryAnywhere(..) | Self::EntryDevices(_) => Self::tries(FREE_ANYWHERE),
            Self::EntrySource(..) => Limit::Window(ENTRIES, HOUR),
            Self::Gesture(..) | Self::NobodysGesture(..) => {
                let silence = Some(MONTH);
                Limit::Pause { free: 5, first: PAUSE, longest: HOUR, silence, row: MOST_SIGNS }
            }
            Self::Nonce(_) | Self::Question(_) => Limit::Window(1, MEMORY),
            Self::Lock(_) => Limit::Window(FAILURES - 1, HOUR),
        }
    }

    const fn tries(free: u32) -> Limit {
        Limit::Pause { free, first: PAUSE, longest: HOUR, silence: Some(DAY), row: u32::MAX }
    }
}

const fn row(longest: u32) -> Limit {
    Limit::Pause { free: 5, first: PAUSE, longest: HOUR, silence: None, row: longest }
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
pub(super) fn of_try(payer: Payer, authenticator: Authenticator) -> Vec<Count> {
    match authenticator {
        Authenticator::Code => vec![Count::CodeHour(payer), Count::CodeDay(payer)],
        Authenticator::Password => vec![Count::Password(payer)],
        Authenticator::Totp => vec![Count::Totp(payer)],
        Authenticator::RecoveryCode => vec![Count::RecoveryCode(payer)],
        Authenticator::Passkey => vec![Count::Passkey(payer)],
    }
}

/// The counts that one more code to an address raises for who is not signed in: none of an account.
pub(super) fn of_start(tenant: usize, to: Spot, source: Option<u8>) -> Vec<Count> {
    let mut counts =
        vec![Count::Start(tenant, to), Count::TargetHour(tenant, to), Count::TargetDay(tenant, to)];
    counts.extend(source.map(|source| Count::StartSource(tenant, source)));
    counts
}

/// The counts that one more try to sign in raises; a device that is known for an account has its own, and one more
/// that all of them share.
pub(super) fn of_entry(entry: &Entry, known: Option<(usize, usize)>) -> Vec<Count> {
    let Entry { tenant, name, source, .. } = *entry;
    if let Some((device, account)) = known {
        return vec![Count::EntryDevice(tenant, name, device), Count::EntryDevices(account)];
    }
    let mut counts = vec![Count::Entry(tenant, name, source), Count::EntryAnywhere(tenant, name)];
    counts.extend(source.map(|source| Count::EntrySource(tenant, source)));
    counts
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

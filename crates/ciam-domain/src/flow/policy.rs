//! The limits of flows and codes, with their ranges.

use std::time::Duration;

use super::{Method, MethodSet, Operation};
use crate::Instant;
use crate::session::Amr;
use crate::user::User;

/// When an operation demands a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TwoFactor {
    /// Any factor the person has; who has none is refused.
    WhenAvailable,
    /// A factor other than what opened the session.
    Required,
    /// None for a change of password; like [`TwoFactor::WhenAvailable`] for everything else. Below the
    /// default's safety: whoever holds a token sets the password.
    Off,
}

/// A setting is out of its range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting} must be {range}")]
pub struct PolicyError {
    /// The setting, as configuration names it.
    pub setting: &'static str,
    /// The range in words.
    pub range: &'static str,
}

/// One-time codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodePolicy {
    /// How many digits: 6 to 10, default 6 (NIST SP 800-63B-4, 3.1.3.2; ASVS 5.0, 6.5.4).
    pub length: u8,
    /// How long a code counts: 1 to 10 minutes, default 5 (ASVS 5.0, 6.5.5).
    pub ttl: Duration,
}

/// Flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlowPolicy {
    /// How long a flow lives from the operation check on, whatever happens in it: 2 to 30 minutes, default 10.
    pub ttl: Duration,
    /// How long a proven factor counts: up to 10 minutes, default 5.
    pub freshness: Duration,
    /// How long a sign-in counts as proof for a call that names no flow: over 0 and up to 10 minutes, default 5 (ASVS
    /// 5.0, 7.5.1). `None`: every live session counts, as with the vendors; below the default's safety, for whoever
    /// holds a token then binds what they like.
    pub one_shot_freshness: Option<Duration>,
    /// For how long an address that was put in place, or what was enrolled, proves nobody while another factor is there:
    /// 0 to 30 days, default 7; 0 for not at all.
    pub recent_factor: Duration,
    /// When a second factor is demanded.
    pub two_factor: TwoFactor,
    /// Whether signing in takes a second factor: one that differs from the first.
    pub sign_in: TwoFactor,
    /// The methods in use.
    pub methods: MethodSet,
    /// Wrong codes and passwords in one flow over all its steps: 1 to 10, default 5.
    pub attempts: u8,
    /// Codes sent in one flow over all its steps: 1 to 5, default 3.
    pub sends: u8,
    /// New passwords refused in one flow before it ends: 1 to 10, default 5.
    pub password_tries: u8,
    /// Open flows of one account; one more ends the oldest: 1 to 20, default 5.
    pub open_flows: u8,
    /// Its codes.
    pub code: CodePolicy,
}

impl Default for FlowPolicy {
    fn default() -> Self {
        Self {
            ttl: Duration::from_mins(10),
            freshness: Duration::from_mins(5),
            one_shot_freshness: Some(Duration::from_mins(5)),
            recent_factor: Duration::from_hours(7 * 24),
            two_factor: TwoFactor::WhenAvailable,
            sign_in: TwoFactor::Off,
            methods: MethodSet::all(),
            attempts: 5,
            sends: 3,
            password_tries: 5,
            open_flows: 5,
            code: CodePolicy { length: 6, ttl: Duration::from_mins(5) },
        }
    }
}

impl FlowPolicy {
    /// Checks every setting against its range.
    ///
    /// # Errors
    /// [`PolicyError`] for the first one that is out of it.
    pub fn check(&self) -> Result<(), PolicyError> {
        let minutes = |span: Duration, from: u64, to: u64| {
            (Duration::from_secs(from * 60)..=Duration::from_secs(to * 60)).contains(&span)
        };
        let rules = [
            (minutes(self.ttl, 2, 30), "flow.ttl", "2 to 30 minutes"),
            (
                !self.freshness.is_zero() && minutes(self.freshness, 0, 10),
                "flow.freshness",
                "over 0 and up to 10 minutes",
            ),
            (
                self.one_shot_freshness.is_none_or(|span| !span.is_zero() && minutes(span, 0, 10)),
                "flow.one_shot_freshness",
                "over 0 and up to 10 minutes, or off",
            ),
            (self.recent_factor <= Duration::from_hours(30 * 24), "flow.recent_factor", "0 to 30 days"),
            (!self.methods.is_empty(), "flow.methods", "one method or more"),
            ((1..=10).contains(&self.attempts), "flow.attempts", "1 to 10"),
            ((1..=5).contains(&self.sends), "flow.sends", "1 to 5"),
            ((1..=10).contains(&self.password_tries), "flow.password_tries", "1 to 10"),
            ((1..=20).contains(&self.open_flows), "flow.open_flows", "1 to 20"),
            ((6..=10).contains(&self.code.length), "code.length", "6 to 10 digits"),
            (minutes(self.code.ttl, 1, 10), "code.ttl", "1 to 10 minutes"),
        ];
        rules
            .into_iter()
            .find(|(holds, ..)| !holds)
            .map_or(Ok(()), |(_, setting, range)| Err(PolicyError { setting, range }))
    }

    /// The second factors that a person may choose from for an operation at `now`; `None` when none is demanded.
    ///
    /// What a signed-in person does is proven neither by the address that it changes nor by one that was put in place or
    /// something that was enrolled lately, as long as there is another factor: whoever did that may be whom the proof
    /// shall stop. Recovery codes alone make nobody's sign-in ask for one.
    #[must_use]
    pub fn allowed(&self, operation: Operation, user: &User, amr: &[Amr], now: Instant) -> Option<MethodSet> {
        self.allowed_after(None, (operation, user, amr), now)
    }

    /// As [`FlowPolicy::allowed`], where one has been proven: what that used up is still there.
    pub(crate) fn allowed_after(
        &self,
        proven: Option<Method>,
        (operation, user, amr): (Operation, &User, &[Amr]),
        now: Instant,
    ) -> Option<MethodSet> {
        let usable = |distinct| MethodSet::usable_after(proven, self.methods, user, amr, distinct);
        let available = || Some(usable(true)).filter(|methods| methods.has_ordinary());
        let trusted = |methods| self.trusted(methods, operation, user, now);
        match operation {
            // A passkey that verified its person is two factors (NIST SP 800-63B-4, 3.1.7).
            Operation::SignIn if amr.starts_with(&[Amr::Passkey, Amr::several()]) => None,
            Operation::SignIn if !amr.is_empty() => match self.sign_in {
                TwoFactor::Off => None,
                TwoFactor::WhenAvailable => available(),
                TwoFactor::Required => Some(usable(true)),
            },
            Operation::RenewPassword if self.sign_in == TwoFactor::Required => Some(usable(true)),
            Operation::RenewPassword => available(),
            Operation::SignIn | Operation::RecoverPassword | Operation::RestoreAccount => {
                Some(usable(false).within(MethodSet::codes()))
            }
            _ => match self.two_factor {
                TwoFactor::Off if operation.spec().factor_is_optional => None,
                TwoFactor::Off | TwoFactor::WhenAvailable => Some(trusted(usable(false))),
                TwoFactor::Required => Some(trusted(usable(true))),
            },
        }
    }

    /// Whether a sign-in of that time proves the person for a call that names no flow.
    #[must_use]
    pub fn is_fresh_sign_in(&self, signed_in: Instant, now: Instant) -> bool {
        self.one_shot_freshness.is_none_or(|span| signed_in <= now && now < signed_in.after(span))
    }

    /// The methods without those of an address that is changed or was changed lately, and without those enrolled lately;
    /// all, where nothing would remain.
    fn trusted(&self, methods: MethodSet, operation: Operation, user: &User, now: Instant) -> MethodSet {
        let doubtful = |channel| {
            operation.changes() == Some(channel) || user.changed_within(channel, self.recent_factor, now)
        };
        let lately = |method| user.enrolled_within(method, self.recent_factor, now);
        let rest: MethodSet = methods
            .iter()
            .filter(|method| !method.channel().is_some_and(doubtful) && !lately(*method))
            .collect();
        if rest.is_empty() { methods } else { rest }
    }
}

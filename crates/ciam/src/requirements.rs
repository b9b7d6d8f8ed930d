//! What an operation would need now, without beginning it.

use std::time::Duration;

use ciam_domain::Instant;
use ciam_domain::audit::Action;
use ciam_domain::flow::{Method, Operation};
use ciam_domain::rate::Rate;
use ciam_domain::user::{Channel, User};
use ciam_ports::StepQuery;

use crate::audit::Deed;
use crate::{Ciam, Error, Principal};

/// A second factor that the person may choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodOffer {
    /// Which.
    pub method: Method,
    /// Where its code would go, masked.
    pub destination: Option<String>,
    /// The wait before it can be used; zero: now. `None`: not by waiting.
    pub wait: Option<Duration>,
    /// When the person enrolled it, where it is something that is enrolled.
    pub enrolled_at: Option<Instant>,
    /// How many of its codes can still be used, where they were made beforehand.
    pub left: Option<usize>,
}

impl MethodOffer {
    /// What a person has of a method.
    pub(crate) fn of(user: &User, method: Method) -> Self {
        let counted = method == Method::RecoveryCode;
        Self {
            method,
            destination: None,
            wait: None,
            enrolled_at: method.enrolled_at(user),
            left: counted.then(|| user.factors.recovery_codes_left()),
        }
    }
}

/// What an operation would need now.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Requirements {
    /// The operation.
    pub operation: Operation,
    /// Whether a second factor is demanded.
    pub second_factor: bool,
    /// The factors to choose from; none although one is demanded means that the operation is refused.
    pub methods: Vec<MethodOffer>,
    /// Whether a code to a new address comes before the change, and by which channel.
    pub new_address: Option<Channel>,
    /// How long the operation is refused yet, since a former address was restored; zero: not at all.
    pub pause: Duration,
}

impl Ciam {
    /// Says what an operation would need now: steps, allowed factors with masked destinations, waiting
    /// times. Changes nothing and sends nothing.
    ///
    /// # Errors
    /// An access refusal, or a failure of the store.
    pub async fn requirements(&self, who: &Principal, operation: Operation) -> Result<Requirements, Error> {
        let now = self.ports.clock.now();
        let deed = Deed::new(who, Action::ViewRequirements, now).saying(operation.as_str());
        let loaded = self.acting(&deed).await?;
        let allowed = self.config.flow.allowed(operation, &loaded.user, who.amr(&loaded), now);
        let limits: Vec<(Method, Vec<Rate>)> = allowed
            .into_iter()
            .flat_map(ciam_domain::flow::MethodSet::iter)
            .map(|method| (method, self.limits_of(who, &loaded.user, method)))
            .collect();
        let rates = limits.iter().flat_map(|(_, rates)| rates.iter().map(|rate| rate.key)).collect();
        let query = StepQuery { rates, ..StepQuery::of(who.tenant().clone(), who.user().clone()) };
        let counters = self.ports.store.load(&query).await?.map(|loaded| loaded.rates).unwrap_or_default();
        let wait = |rates: &[Rate]| -> Option<Duration> {
            rates
                .iter()
                .map(|rate| {
                    let counter =
                        counters.iter().find(|(key, _)| *key == rate.key).map(|(_, counter)| *counter);
                    match rate.rule.admit(counter, now) {
                        Ok(_) => Some(Duration::ZERO),
                        Err(limited) => limited.until.map(|until| until.since(now)),
                    }
                })
                .try_fold(Duration::ZERO, |longest, wait| wait.map(|wait| longest.max(wait)))
        };
        let methods = limits
            .iter()
            .map(|(method, rates)| MethodOffer {
                destination: method
                    .channel()
                    .and_then(|channel| loaded.user.verified_address(channel))
                    .map(|to| to.masked()),
                wait: wait(rates),
                ..MethodOffer::of(&loaded.user, *method)
            })
            .collect();
        let paused = loaded.user.contacts_paused_until;
        Ok(Requirements {
            operation,
            second_factor: allowed.is_some(),
            methods,
            new_address: operation.changes(),
            pause: paused
                .filter(|_| operation.changes().is_some())
                .map_or(Duration::ZERO, |end| end.since(now)),
        })
    }

    /// The counts that sending to a method's destination, or trying it, would raise.
    fn limits_of(&self, who: &Principal, user: &User, method: Method) -> Vec<Rate> {
        let tries = self.config.attempts.rates(method.authenticator(), who.payer());
        let address = method.channel().and_then(|channel| user.verified_address(channel));
        let sends = address.map(|to| self.config.send.rates(who.tenant(), who.user(), &to, who.source()));
        sends.unwrap_or_default().into_iter().chain(tries).collect()
    }
}

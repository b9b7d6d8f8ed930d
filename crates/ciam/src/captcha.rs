//! Captchas: drawn on request, demanded where much was sent or tried lately, used up before they are looked at.

use std::time::Duration;

use ciam_domain::audit::Action;
use ciam_domain::captcha::CaptchaBinding;
use ciam_domain::challenge::Purpose;
use ciam_domain::flow::method::Authenticator;
use ciam_domain::flow::{Flow, PolicyError, State};
use ciam_domain::identifier::Login;
use ciam_domain::rate::{Rate, RateKey, RateRule, RateScope};
use ciam_domain::refusal::{AccessRefusal, CaptchaRefusal, FlowRefusal};
use ciam_domain::secret::SecretText;
use ciam_domain::user::Address;
use ciam_domain::{FlowId, FlowKey, Instant, TenantId, UserId};
use ciam_ports::{CaptchaChallenge, CaptchaVerifier, Commit, StepQuery, StoreError};

use crate::audit::Deed;
use crate::limits::ranges;
use crate::{Ciam, Error, Failure, Principal};

const HOUR: Duration = Duration::from_hours(1);
const LONGEST: Duration = Duration::from_mins(10);

/// How long a used captcha is remembered: longer than any lives, also one drawn by a host whose clock is ahead.
const MEMORY: Duration = Duration::from_mins(20);

/// When a captcha is demanded, by a host that has a verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaptchaPolicy {
    /// Codes to the address within an hour before one more needs a captcha: 0 to 100, default 2.
    pub after_sends: u32,
    /// Codes and passwords that the account failed within an hour before a code needs a captcha: 0 to 100,
    /// default 3.
    pub after_failures: u32,
    /// How long a captcha can be used: 1 to 10 minutes, default 5.
    pub ttl: Duration,
}

impl Default for CaptchaPolicy {
    fn default() -> Self {
        Self { after_sends: 2, after_failures: 3, ttl: Duration::from_mins(5) }
    }
}

impl CaptchaPolicy {
    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        ranges([
            (self.after_sends <= 100, "captcha.after_sends", "0 to 100"),
            (self.after_failures <= 100, "captcha.after_failures", "0 to 100"),
            ((Duration::from_mins(1)..=LONGEST).contains(&self.ttl), "captcha.ttl", "1 to 10 minutes"),
        ])
    }

    const fn demands(&self, lately: Lately) -> bool {
        lately.sends >= self.after_sends || lately.failures >= self.after_failures
    }
}

/// A captcha as a person solved it.
#[derive(Debug)]
pub struct CaptchaAnswer {
    /// The code that came with the image.
    pub code: SecretText,
    /// What the person read in it.
    pub text: SecretText,
}

/// What the sending of a code asks for.
#[derive(Clone, Copy)]
pub(crate) enum Gate<'a> {
    /// A captcha where one is due, and what was presented for it.
    Captcha(Option<&'a CaptchaAnswer>),
    /// Nothing more: a first factor was proven just before.
    Open,
}

/// What happened within the last hour, as the caller counts it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lately {
    /// Codes to the same address.
    pub(crate) sends: u32,
    /// Failed answers of the same account or name.
    pub(crate) failures: u32,
}

/// Whom a captcha is demanded of, for what.
pub(crate) struct Demand<'a> {
    pub(crate) binding: CaptchaBinding,
    /// The person whose step it is; any id where nobody is known.
    pub(crate) subject: &'a UserId,
    pub(crate) answer: Option<&'a CaptchaAnswer>,
    pub(crate) now: Instant,
}

impl Ciam {
    /// Draws a captcha for the code that a flow may have sent next.
    ///
    /// # Errors
    /// [`FlowRefusal::Unknown`], also where the flow sends no code in its state; an access refusal; a failure of a
    /// port, and [`Failure::NotOffered`] where the host draws none.
    pub async fn draw_captcha(&self, who: &Principal, flow: &FlowId) -> Result<CaptchaChallenge, Error> {
        let deed = Deed::new(who, Action::DrawCaptcha, self.ports.clock.now()).in_flow(flow.key());
        let (_, flow) = self.claimed(&deed).await?;
        let Some(purpose) = next_code(&flow) else {
            return Err(self.refuse(&deed, FlowRefusal::Unknown).await);
        };
        let binding = CaptchaBinding::flow(who.tenant().clone(), *flow.key(), purpose);
        self.draw_bound(&binding, deed.now).await
    }

    /// Draws a captcha for a sign-in under a name, whether or not anybody has it; spellings of a name are one. Reads
    /// and writes nothing.
    ///
    /// # Errors
    /// A failure of a port, and [`Failure::NotOffered`] where the host draws none.
    pub async fn draw_sign_in_captcha(
        &self,
        tenant: &TenantId,
        name: &str,
    ) -> Result<CaptchaChallenge, Error> {
        let login = self.parse_login(name);
        let binding = CaptchaBinding::sign_in(tenant.clone(), login.as_ref().map_or(name, Login::canonical));
        self.draw_bound(&binding, self.ports.clock.now()).await
    }

    pub(crate) async fn draw_bound(
        &self,
        binding: &CaptchaBinding,
        now: Instant,
    ) -> Result<CaptchaChallenge, Error> {
        let Some(captcha) = &self.captcha else { return Err(Failure::NotOffered.into()) };
        let drawn = captcha.draw(binding, now.after(self.config.captcha.ttl)).await;
        drawn.map_err(Failure::from)?.ok_or_else(|| Failure::NotOffered.into())
    }

    /// Lets pass whoever needs no captcha, or has solved one for this. Whatever is presented where one is needed is
    /// used up, right or wrong. Without a verifier nobody needs one. A refusal is not recorded yet.
    pub(crate) async fn demand(&self, lately: Lately, demand: Demand<'_>) -> Result<(), Error> {
        let Some(captcha) = self.captcha.as_deref().filter(|_| self.config.captcha.demands(lately)) else {
            return Ok(());
        };
        let presented = |answer: &&CaptchaAnswer| {
            ![&answer.code, &answer.text].iter().any(|part| part.expose().is_empty())
        };
        let Some(answer) = demand.answer.filter(presented) else {
            return Err(CaptchaRefusal::Required.into());
        };
        self.use_up(&demand, answer).await?;
        self.compare_captcha(captcha, &demand, answer).await
    }

    /// Of any number of uses at once, on whatever host, one gets beyond this.
    async fn use_up(&self, demand: &Demand<'_>, answer: &CaptchaAnswer) -> Result<(), Error> {
        let key = RateKey::new(RateScope::Captcha, &[answer.code.expose()]);
        let once = Rate { key, rule: RateRule::Window { max: 1, span: MEMORY } };
        let tenant = demand.binding.tenant().clone();
        let commit = Commit { rates: vec![once], ..Commit::of(tenant, demand.subject.clone(), demand.now) };
        match self.ports.store.commit(commit).await {
            Err(StoreError::Limited { .. }) => Err(CaptchaRefusal::Wrong.into()),
            used => Ok(used?),
        }
    }

    async fn compare_captcha(
        &self,
        captcha: &dyn CaptchaVerifier,
        demand: &Demand<'_>,
        answer: &CaptchaAnswer,
    ) -> Result<(), Error> {
        let compared = captcha.verify(&demand.binding, &answer.code, &answer.text, demand.now).await;
        if compared.map_err(Failure::from)? { Ok(()) } else { Err(CaptchaRefusal::Wrong.into()) }
    }

    /// Lets a code go out, or refuses and records that a captcha comes first.
    pub(crate) async fn demand_before_send(
        &self,
        deed: &Deed<'_>,
        (flow, purpose, to): (FlowKey, Purpose, &Address),
        answer: Option<&CaptchaAnswer>,
    ) -> Result<(), Error> {
        let lately = self.lately(deed, to).await?;
        let binding = CaptchaBinding::flow(deed.who.tenant().clone(), flow, purpose);
        let demand = Demand { binding, subject: deed.who.user(), answer, now: deed.now };
        match self.demand(lately, demand).await {
            Err(Error::Refused(refusal)) => Err(self.refuse(deed, refusal).await),
            decided => decided,
        }
    }

    async fn lately(&self, deed: &Deed<'_>, to: &Address) -> Result<Lately, Error> {
        let (tenant, user) = (deed.who.tenant(), deed.who.user());
        let tries = [Authenticator::Code, Authenticator::Password]
            .into_iter()
            .flat_map(|authenticator| self.config.attempts.rates(authenticator, deed.who.payer()));
        let sends = self.config.send.rates(tenant, user, to, None);
        let counted = [RateScope::TargetHour, RateScope::CodeHour, RateScope::Password];
        let keys = sends.into_iter().chain(tries).map(|rate| rate.key);
        let rates = keys.filter(|key| counted.contains(&key.scope)).collect();
        let query = StepQuery { rates, ..StepQuery::of(tenant.clone(), user.clone()) };
        let Some(loaded) = self.ports.store.load(&query).await? else {
            return Err(self.refuse(deed, AccessRefusal::UnknownUser).await);
        };
        let mut lately = Lately { sends: 0, failures: 0 };
        for (key, counter) in loaded.rates {
            // A row of wrong passwords has no window of its own; the others began within theirs.
            let since = if key.scope == RateScope::Password { counter.last_at } else { counter.first_at };
            if since.after(HOUR) <= deed.now {
                continue;
            }
            let sum =
                if key.scope == RateScope::TargetHour { &mut lately.sends } else { &mut lately.failures };
            *sum = sum.saturating_add(counter.count);
        }
        Ok(lately)
    }
}

/// What the next code that a flow sends is for.
fn next_code(flow: &Flow) -> Option<Purpose> {
    match flow.state() {
        State::AwaitingFactor { .. } => Some(Purpose::SecondFactor(flow.operation())),
        State::Ready { .. } | State::AwaitingAddress { .. } => {
            flow.operation().changes().map(|_| Purpose::NewAddress(flow.operation()))
        }
    }
}

//! What keeps guessing at sign-in slow, without letting strangers keep the owner out.

use std::time::Duration;

use ciam_domain::audit::Action;
use ciam_domain::captcha::CaptchaBinding;
use ciam_domain::flow::PolicyError;
use ciam_domain::rate::{Rate, RateKey, RateRule, RateScope, RateSubject};
use ciam_domain::refusal::{AccessRefusal, CaptchaRefusal, Refusal};
use ciam_domain::seal::SealPurpose;
use ciam_domain::source::Source;
use ciam_domain::user::{SecurityStamp, Status, User};
use ciam_domain::{Instant, SessionId, UserId};
use ciam_ports::{Commit, Loaded, StoreError};

use crate::audit::Deed;
use crate::captcha::{Demand, Lately};
use crate::handle;
use crate::limits::ranges;
use crate::sign_in::SignInRequest;
use crate::{Ciam, Error, Principal, step};

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Limits of sign-in. A pause doubles with each further failure, and ends by itself: nothing is locked for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInPolicy {
    /// Tries in a row under one name from one network before the first pause, default 5. A known device has as many
    /// of its own.
    pub free: u32,
    /// Tries in a row under one name from everywhere but its known devices before the first pause, default 30. All
    /// known devices of a person have as many together.
    pub free_anywhere: u32,
    /// The first pause, default 30 s.
    pub pause: Duration,
    /// The longest pause, default 1 h.
    pub pause_cap: Duration,
    /// Tries from one network under any name in an hour, default 300.
    pub per_source_hour: u32,
    /// Whether, and when, failures lock an account; default never, for whoever knows a name can bring a lock about.
    pub lock: Option<LockPolicy>,
}

/// When failures lock an account, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockPolicy {
    /// Failures: 1 to 999.
    pub threshold: u32,
    /// Within this time: up to 99,999 h.
    pub window: Duration,
    /// The lock ends by itself after this time: up to 999,999 min.
    pub period: Duration,
}

impl Default for SignInPolicy {
    fn default() -> Self {
        Self {
            free: 5,
            free_anywhere: 30,
            pause: Duration::from_secs(30),
            pause_cap: HOUR,
            per_source_hour: 300,
            lock: None,
        }
    }
}

impl SignInPolicy {
    pub(crate) fn check(&self) -> Result<(), PolicyError> {
        ranges([
            ((1..=100).contains(&self.free), "sign_in.free", "1 to 100"),
            ((self.free..=100).contains(&self.free_anywhere), "sign_in.free_anywhere", "sign_in.free to 100"),
            (!self.pause.is_zero(), "sign_in.pause", "over 0"),
            (
                self.pause_cap >= self.pause && self.pause_cap <= DAY,
                "sign_in.pause_cap",
                "the first pause to 24 hours",
            ),
            (self.per_source_hour > 0, "sign_in.per_source_hour", "1 or more"),
        ])?;
        self.lock.map_or(Ok(()), LockPolicy::check)
    }

    fn backoff(&self, free: u32) -> RateRule {
        RateRule::Backoff { free, base: self.pause, cap: self.pause_cap, forget: Some(DAY), max: None }
    }

    /// The count of one try from a network under no name yet.
    pub(crate) fn of_network(&self, source: Option<Source>) -> Vec<Rate> {
        let window = RateRule::Window { max: self.per_source_hour, span: HOUR };
        let key = |source: Source| RateKey::new(RateScope::SignInSource, &[&source.network()]);
        source.map(|source| Rate { key: key(source), rule: window }).into_iter().collect()
    }

    /// The counts of one try under a name.
    fn rates(
        &self,
        (name, person): (&str, &UserId),
        source: Option<Source>,
        device: Option<&str>,
    ) -> Vec<Rate> {
        let rate = |scope, subject: &[&str], rule| Rate { key: RateKey::new(scope, subject), rule };
        if let Some(device) = device {
            // Whoever gathers devices of a person gets no more tries by that.
            let all = self.backoff(self.free_anywhere);
            return vec![
                rate(RateScope::SignInDevice, &[name, device], self.backoff(self.free)),
                rate(RateScope::SignInDevices, &[person.as_str()], all),
            ];
        }
        let network = source.map(|source| source.network()).unwrap_or_default();
        let mut rates = vec![
            rate(RateScope::SignIn, &[name, &network], self.backoff(self.free)),
            rate(RateScope::SignInAnywhere, &[name], self.backoff(self.free_anywhere)),
        ];
        rates.extend(self.of_network(source));
        rates
    }
}

impl LockPolicy {
    fn check(self) -> Result<(), PolicyError> {
        let (hours, minutes) = (Duration::from_hours(99_999), Duration::from_mins(999_999));
        ranges([
            ((1..=999).contains(&self.threshold), "sign_in.lock.threshold", "1 to 999"),
            (
                !self.window.is_zero() && self.window <= hours,
                "sign_in.lock.window",
                "over 0 and up to 99,999 hours",
            ),
            (
                !self.period.is_zero() && self.period <= minutes,
                "sign_in.lock.period",
                "over 0 and up to 999,999 minutes",
            ),
        ])
    }

    /// Admits as many failures as do not lock yet.
    fn rate(self, user: &UserId) -> Rate {
        let key = RateSubject::new(&[user.as_str()]).within(RateScope::SignInLock);
        Rate { key, rule: RateRule::Window { max: self.threshold.saturating_sub(1), span: self.window } }
    }

    /// Is written as the other is, and admits any number.
    fn idle_rate(self, user: &UserId) -> Rate {
        Rate { key: idle_key(user), rule: RateRule::Window { max: u32::MAX, span: self.window } }
    }
}

/// The count of failed sign-ins that locks nothing.
pub(crate) fn idle_key(user: &UserId) -> RateKey {
    RateKey::new(RateScope::SignInLock, &[user.as_str(), "idle"])
}

/// How somebody gets past the captcha.
pub(crate) enum Passage {
    /// The host demands none.
    Free,
    /// It was solved, and is used up.
    Solved,
    /// There was none: one more count, which may refuse.
    Counted(Rate),
}

/// What a limit says: that a captcha comes first, or what it says anyway.
pub(crate) const fn refused_by(scope: RateScope, otherwise: Refusal) -> Refusal {
    match scope {
        RateScope::SignInWithoutCaptcha | RateScope::SendWithoutCaptcha => {
            Refusal::Captcha(CaptchaRefusal::Required)
        }
        _ => otherwise,
    }
}

impl Ciam {
    /// Pays for one try before anything is looked up or compared; gives back what a success forgets.
    pub(crate) async fn pay_for_sign_in(
        &self,
        request: &SignInRequest,
        (name, person): (&str, &UserId),
        now: Instant,
    ) -> Result<Vec<RateKey>, Error> {
        let device = self.known_device(request, person).await?;
        let mut rates = self.config.sign_in.rates((name, person), request.source, device.as_deref());
        let mut forgotten: Vec<_> = rates.iter().map(|rate| rate.key).collect();
        forgotten.retain(|key| key.scope != RateScope::SignInSource);
        forgotten.extend(self.config.sign_in.lock.map(|lock| lock.rate(person).key));
        if device.is_none() && self.captcha.is_some() {
            let once = (RateScope::SignInWithoutCaptcha, name);
            forgotten.push(RateKey::new(once.0, &[name]));
            match self.captcha_or_count(request, once, self.config.captcha.after_failures, now).await? {
                Passage::Free => {}
                // People prove that they are no machine: what machines did under their name does not hold them up.
                Passage::Solved => rates.retain(|rate| rate.key.scope != RateScope::SignInAnywhere),
                Passage::Counted(rate) => rates.push(rate),
            }
        }
        let commit = Commit { rates, ..Commit::of(request.tenant.clone(), UserId::nobody(), now) };
        match self.ports.store.commit(commit).await {
            Ok(()) => Ok(forgotten),
            Err(StoreError::Limited { scope, until }) => Err(self
                .refuse_nobody(request, refused_by(scope, step::too_many_attempts(until, now)), now)
                .await),
            Err(error) => Err(error.into()),
        }
    }

    /// Records a refusal that was nobody's yet.
    async fn refuse_nobody(&self, request: &SignInRequest, refusal: Refusal, now: Instant) -> Error {
        let session = match self.random_bits() {
            Ok(bits) => SessionId::from_random(bits),
            Err(error) => return error.into(),
        };
        let who = Principal::signed_out((&request.tenant, &UserId::nobody(), &session), request.source);
        self.refuse(&Deed::new(&who, Action::SignIn, now), refusal).await
    }

    /// Takes the captcha that was solved for a name; without one the attempt is counted, and after `free` of them in
    /// an hour the count refuses. The name decides alone, so that nobody learns whether it is somebody's.
    pub(crate) async fn captcha_or_count(
        &self,
        request: &SignInRequest,
        (scope, name): (RateScope, &str),
        free: u32,
        now: Instant,
    ) -> Result<Passage, Error> {
        if self.captcha.is_none() {
            return Ok(Passage::Free);
        }
        let Some(answer) = &request.captcha else {
            let rule = RateRule::Window { max: free, span: HOUR };
            return Ok(Passage::Counted(Rate { key: RateKey::new(scope, &[name]), rule }));
        };
        let demand = Demand {
            binding: CaptchaBinding::sign_in(request.tenant.clone(), name),
            subject: &UserId::nobody(),
            answer: Some(answer),
            now,
        };
        match self.demand(Lately { sends: u32::MAX, failures: u32::MAX }, demand).await {
            Ok(()) => Ok(Passage::Solved),
            Err(Error::Refused(refusal)) => Err(self.refuse_nobody(request, refusal, now).await),
            Err(failure) => Err(failure),
        }
    }

    /// The device of a token that was given to this person; any other device is unknown.
    async fn known_device(&self, request: &SignInRequest, person: &UserId) -> Result<Option<String>, Error> {
        let Some(token) = &request.device_token else { return Ok(None) };
        let Some([nonce, mac, key]) = handle::parts(token.expose()) else { return Ok(None) };
        let parts = handle::device(&request.tenant, person, nonce);
        let known = self.is_sealed(SealPurpose::DeviceToken, &parts, (key, mac)).await?;
        Ok(known.then(|| nonce.to_owned()))
    }

    /// Counts a failed sign-in where the host wants locks, and locks the account when it was one too many. Whoever has
    /// no account, or may not act anyway, has a count that locks nothing, so that the work does not tell.
    pub(crate) async fn count_failure(
        &self,
        deed: &Deed<'_>,
        loaded: Option<&Loaded>,
        cause: Refusal,
    ) -> Result<Refusal, Error> {
        let Some(lock) = self.config.sign_in.lock else { return Ok(cause) };
        let lockable = loaded.filter(|loaded| loaded.user.status.admit(deed.now).is_ok());
        let rate = match lockable {
            Some(_) => lock.rate(deed.who.user()),
            None => lock.idle_rate(deed.who.user()),
        };
        let counted = Commit { rates: vec![rate], ..step::commit(deed) };
        match (self.ports.store.commit(counted).await, lockable) {
            (Ok(()), _) | (Err(StoreError::Limited { .. }), None) => Ok(cause),
            (Err(StoreError::Limited { .. }), Some(loaded)) => self.lock_out(deed, loaded, lock).await,
            (Err(error), _) => Err(error.into()),
        }
    }

    /// Locks an account for a time.
    async fn lock_out(&self, deed: &Deed<'_>, loaded: &Loaded, lock: LockPolicy) -> Result<Refusal, Error> {
        let mut user = User::clone(&loaded.user);
        user.status = Status::Locked { until: Some(deed.now.after(lock.period)) };
        let stamp = SecurityStamp::from_bytes(self.random_bits()?);
        let (write, _) = self.restamped(deed, loaded, user, stamp).into_writes();
        let detail = Some("locked after failures");
        let record = self.system_record(&loaded.user, Action::SetStatus, detail, deed.now)?;
        let commit = Commit {
            user: write,
            cleared: vec![lock.rate(deed.who.user()).key],
            audit: vec![record],
            ..step::commit(deed)
        };
        match self.ports.store.commit(commit).await {
            // Another write came first; the next failure locks.
            Ok(()) | Err(StoreError::Stale) => Ok(AccessRefusal::Locked.into()),
            Err(error) => Err(error.into()),
        }
    }
}

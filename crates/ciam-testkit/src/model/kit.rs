//! The system under test: what people enrol, and what they have of it at home.

use ciam::domain::challenge::Code;
use ciam::domain::secret::SecretText;
use ciam::domain::user::User;
use ciam::domain::{FlowId, Instant};
use ciam::ports::Clock;
use ciam::{Error, Principal, Proven};

use super::command::Guess;
use super::enrol::{By, Enrol, step_at};
use super::state::{Account, Model, Reply};
use super::system::{System, secret};
use super::{Verdict, ensure};
use crate::fake::FakeAuthenticator;

/// What was shown to people this once, and what they used of it.
#[derive(Debug, Default)]
pub(super) struct AtHome {
    apps: Vec<FakeAuthenticator>,
    /// The secrets of the apps, as people type them.
    secrets: Vec<SecretText>,
    sheets: Vec<Vec<SecretText>>,
    /// The step of each code of an app that was accepted, and the place of each recovery code.
    steps: Vec<(usize, i64)>,
    papers: Vec<(usize, usize)>,
}

impl AtHome {
    /// What nobody else may read.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.secrets.iter().chain(self.sheets.iter().flatten()).map(SecretText::expose)
    }

    pub(super) fn code(&self, guess: Guess, now: Instant) -> Option<Code> {
        match guess {
            Guess::App(number, late) => {
                let away = std::time::Duration::from_secs(30) * u32::from(late.unsigned_abs());
                let at = if late < 0 { now.before(away) } else { now.after(away) };
                Some(self.apps.get(number)?.code(at))
            }
            Guess::Paper(number, code) => Some(Code::presented(self.sheets.get(number)?.get(code)?.expose())),
            _ => None,
        }
    }

    /// Writes down that a code was taken.
    pub(super) fn took(&mut self, guess: Guess, now: Instant) {
        match guess {
            Guess::App(number, late) => self.steps.push((number, step_at(now) + i64::from(late))),
            Guess::Paper(number, code) => self.papers.push((number, code)),
            _ => {}
        }
    }

    /// I3: a code of an app is taken once and none before it, a recovery code once.
    pub(super) fn check(&self) -> Verdict {
        for (at, (app, step)) in self.steps.iter().enumerate() {
            let later = self.steps[..at].iter().find(|(other, before)| other == app && before >= step);
            ensure(later.is_none(), || format!("I3: app {app} is taken at {step} after {later:?}"))?;
        }
        let papers = &self.papers;
        let twice = papers.iter().enumerate().find(|(at, paper)| papers[..*at].contains(paper));
        ensure(twice.is_none(), || format!("I3: a recovery code is taken twice: {twice:?}"))
    }
}

impl System {
    pub(super) async fn enrol(&mut self, who: &Principal, step: Enrol) -> Result<Reply, Error> {
        let ciam = self.world.ciam.clone();
        let by = step.by().unwrap_or(By::Fresh);
        let flow = if let By::Flow(id) = by { self.flow(id) } else { FlowId::presented("none") };
        let password = if let By::Password(password) = by { secret(password) } else { secret(0) };
        let proven = match by {
            By::Fresh => Proven::FreshSession,
            By::Password(_) => Proven::Password(&password),
            By::Flow(_) => Proven::Flow(&flow),
        };
        match step {
            Enrol::BeginApp(_) => {
                let begun = ciam.begin_totp(who, proven).await?;
                self.home.apps.push(FakeAuthenticator::scan(&begun.uri));
                self.home.secrets.push(begun.secret);
                return Ok(Reply::Begun(begun.until));
            }
            Enrol::ConfirmApp(guess) => {
                ciam.confirm_totp(who, &self.code(guess)).await?;
                self.home.took(guess, self.world.clock.now());
            }
            Enrol::RemoveApp(_) => ciam.remove_totp(who, proven).await?,
            Enrol::RenewSheet(_) => self.home.sheets.push(ciam.renew_recovery_codes(who, proven).await?),
        }
        Ok(Reply::Done)
    }

    /// Flows that nobody was told of have a place in the row all the same.
    pub(super) fn pass_over_untold(&mut self, model: &Model) {
        while self.flows.len() < model.flows.len() {
            self.flows.push(FlowId::presented("lost"));
        }
    }
}

/// I1: what is enrolled is what the model says.
pub(super) fn compare(system: &System, user: &User, account: &Account, at: usize) -> Verdict {
    let (factors, kit) = (&user.factors, &account.kit);
    let found = factors.totp.as_ref().map(|app| (app.enrolled_at, i64::try_from(app.last_step.number())));
    let wanted = kit.app.as_ref().map(|app| (app.enrolled_at, Ok(app.last)));
    ensure(found == wanted, || format!("I1: account {at} has the app {found:?}, not {wanted:?}"))?;
    let name = |session: &_| system.names.iter().find(|(_, id)| *id == session).map(|(name, _)| *name);
    let begun = factors.pending_totp.as_ref().map(|begun| (name(&begun.session), begun.until));
    let wanted = kit.begun.as_ref().map(|begun| (Some(begun.name), begun.until));
    ensure(begun == wanted, || format!("I1: account {at} has begun the app {begun:?}, not {wanted:?}"))?;
    let sheet = factors.recovery_codes.as_ref().map(|codes| (codes.made_at, codes.left()));
    let wanted = kit.sheet.as_ref().map(|sheet| (sheet.made_at, sheet.unused.len()));
    ensure(sheet == wanted, || format!("I1: account {at} has the codes {sheet:?}, not {wanted:?}"))
}

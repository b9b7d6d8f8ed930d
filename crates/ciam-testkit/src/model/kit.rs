//! The system under test: what people enrol, and what they have of it at home.

use ciam::domain::challenge::Code;
use ciam::domain::gesture::GestureAlgorithm;
use ciam::domain::secret::{SecretBytes, SecretText};
use ciam::domain::user::{GestureDevice, GestureStage, User};
use ciam::domain::{DeviceId, FlowId, Instant};
use ciam::ports::Clock;
use ciam::{Error, GestureChallenge, NewDevice, OwnDevice, Principal, Proven};

use super::command::Guess;
use super::enrol::{By, Enrol, step_at};
use super::gadget::{DEVICES, Gadget, Sign};
use super::state::{Account, Model, Reply};
use super::system::{System, secret};
use super::{Verdict, ensure, guest, keys};
use crate::fake::{FakeAuthenticator, FakeDevice};

const ALGORITHMS: [GestureAlgorithm; 3] =
    [GestureAlgorithm::Ed25519, GestureAlgorithm::EcdsaP256, GestureAlgorithm::Aes256];

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
    /// The challenges that devices were given.
    challenges: Vec<SecretText>,
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

    /// Takes a challenge.
    pub(super) fn given(&mut self, asked: GestureChallenge) -> Reply {
        self.challenges.push(asked.text);
        Reply::Begun(asked.expires_at)
    }

    /// What a challenge is counted by.
    pub(super) fn nonce(&self, number: usize) -> &str {
        self.challenges[number].expose().split('~').next().unwrap_or_default()
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
            Enrol::Register(_, gadget) => {
                let held = gadget.map(|gadget| self.held(gadget));
                let (id, algorithm, key) = held.map_or_else(
                    || (device(0), GestureAlgorithm::Ed25519, SecretBytes::new(vec![1; 7])),
                    |held| (held.id.clone(), held.algorithm, held.key()),
                );
                let new = NewDevice { device: &id, algorithm, key: &key };
                ciam.register_gesture(who, proven, new).await?;
            }
            Enrol::Bind(_, sign) => ciam.bind_gesture(who, proven, &self.signed(sign)).await?,
            Enrol::Unbind(_, number) => ciam.unbind_gesture(who, proven, &device(number)).await?,
            Enrol::BeginKey(_) => {
                let creation = ciam.begin_passkey(who, proven).await?;
                let is_who = |(tenant, user): &(_, _)| who.tenant() == tenant && who.user() == user;
                let account = self.people.iter().position(is_who).unwrap_or(usize::MAX);
                return Ok(self.asked.begun(account, creation));
            }
            Enrol::ConfirmKey { number, of, named } => {
                let name = if named { "A key" } else { " " };
                ciam.confirm_passkey(who, name, &self.made(number, of)).await?;
            }
            Enrol::RemoveKey(_, of) => ciam.remove_passkey(who, proven, &keys::id(of)).await?,
            Enrol::RenewSheet(_) => self.home.sheets.push(ciam.renew_recovery_codes(who, proven).await?),
        }
        Ok(Reply::Done)
    }

    fn held(&self, gadget: Gadget) -> FakeDevice {
        let number = u8::try_from(gadget.key).expect("a small number");
        self.world.gestures.device(DEVICES[gadget.device], ALGORITHMS[gadget.key % ALGORITHMS.len()], number)
    }

    /// What a device signs, or text that is no sign.
    pub(super) fn signed(&self, sign: Option<Sign>) -> SecretText {
        let Some(sign) = sign else { return SecretText::new("no sign".to_owned()) };
        let challenge = sign.challenge.map_or("made up", |number| self.home.challenges[number].expose());
        let name = sign.name.map(guest::spelled).unwrap_or_default();
        self.held(sign.by).sign(&name, challenge)
    }

    /// Flows that nobody was told of have a place in the row all the same.
    pub(super) fn pass_over_untold(&mut self, model: &Model) {
        while self.flows.len() < model.flows.len() {
            self.flows.push(FlowId::presented("lost"));
        }
    }
}

/// The id of a device.
pub(super) fn device(number: usize) -> DeviceId {
    DeviceId::parse(DEVICES[number]).expect("an id")
}

/// The devices as their owner sees them.
pub(super) fn shown(devices: &[OwnDevice]) -> Reply {
    let number = |id: &DeviceId| DEVICES.iter().position(|known| *known == id.as_str());
    let bound = |own: &OwnDevice| matches!(own.stage, GestureStage::Bound { .. });
    Reply::Devices(
        devices.iter().map(|own| (number(&own.device).unwrap_or(usize::MAX), bound(own))).collect(),
    )
}

fn compare_devices(user: &User, account: &Account, at: usize) -> Verdict {
    let bound_at = |owned: &GestureDevice| match owned.stage {
        GestureStage::Bound { at } => Some(at),
        GestureStage::Registered => None,
    };
    let found = user
        .gestures
        .iter()
        .map(|owned| (owned.device.as_str(), owned.key.algorithm(), owned.registered_at, bound_at(owned)));
    let wanted = account.kit.devices.iter().map(|owned| {
        let algorithm = ALGORITHMS[owned.gadget.key % ALGORITHMS.len()];
        (DEVICES[owned.gadget.device], algorithm, owned.registered_at, owned.bound_at)
    });
    let (found, wanted): (Vec<_>, Vec<_>) = (found.collect(), wanted.collect());
    ensure(found == wanted, || format!("I1: account {at} has the devices {found:?}, not {wanted:?}"))
}

/// I1: what is enrolled is what the model says.
pub(super) fn compare(system: &System, user: &User, account: &Account, at: usize) -> Verdict {
    compare_devices(user, account, at)?;
    keys::compare(system, user, account, at)?;
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

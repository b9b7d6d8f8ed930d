//! Devices that sign in by gesture: made known, bound, used at the door, forgotten.

use std::time::Duration;

use ciam::domain::Instant;
use ciam::domain::audit::Action;
use ciam::domain::flow::Operation;
use ciam::domain::notice::NoticeKind;
use ciam::domain::session::Amr;

use super::decide::Decision;
use super::enrol::By;
use super::limits::Count;
use super::state::{Model, Reply, STRANGER, Stand, Token};
use super::visit::Name;

/// Devices by number, as their clients name them.
pub(super) const DEVICES: [&str; 9] =
    ["phone", "tablet", "watch", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"];
/// How many keys there are for each of them.
pub(super) const KEYS: usize = 3;
const MOST: usize = 8;
const TO_ANSWER: Duration = Duration::from_mins(1);
const WRONG: &str = "gesture.wrong_sign";
/// How a session was opened that a device opened.
const PROOF_OF_KEY: &str = "swk";

/// A device with a key, whoever holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gadget {
    pub(super) device: usize,
    pub(super) key: usize,
}

/// What a device signs: a challenge, or one that was made up, and a name, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sign {
    pub(super) by: Gadget,
    pub(super) challenge: Option<usize>,
    pub(super) name: Option<Name>,
}

/// A name at the door and a sign; `None` is text that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Knock {
    pub(super) tenant: usize,
    pub(super) name: Name,
    pub(super) sign: Option<Sign>,
    pub(super) source: Option<u8>,
}

/// A device of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owned {
    pub(super) gadget: Gadget,
    pub(super) registered_at: Instant,
    pub(super) bound_at: Option<Instant>,
}

/// A challenge for a device: to sign in, or to be bound to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) tenant: usize,
    pub(super) device: usize,
    pub(super) binds: Option<usize>,
    pub(super) ends: Instant,
}

/// Whether a session was opened by a device.
pub(super) fn is_gesture(amr: &[Amr]) -> bool {
    amr.first().is_some_and(|first| first.as_str() == PROOF_OF_KEY)
}

impl Model {
    /// A challenge, for whatever device; nothing is stored, and nothing is recorded.
    pub(super) fn challenge(&mut self, tenant: usize, device: usize, binds: Option<usize>) -> Reply {
        let ends = self.now.after(TO_ANSWER);
        self.challenges.push(Challenge { tenant, device, binds, ends });
        Reply::Begun(ends)
    }

    /// Whether a challenge was answered by this in its time; it counts once, for what it was handed out for.
    fn answered(&mut self, sign: &Sign, tenant: usize, binds: Option<usize>) -> bool {
        let Some(number) = sign.challenge else { return false };
        let Challenge { ends, .. } = self.challenges[number];
        let fits = self.challenges[number] == Challenge { tenant, device: sign.by.device, binds, ends };
        fits && self.now < ends && self.raise(&[Count::Nonce(number)])
    }

    /// Whether a device of somebody's has the key that signed, over a name of theirs.
    fn vouch(&self, account: usize, key: usize, sign: &Sign) -> Decision<()> {
        if sign.by.key != key {
            return Err(WRONG);
        }
        let name = sign.name.ok_or("gesture.no_name")?;
        self.accounts[account].names().contains(&name).then_some(()).ok_or("gesture.wrong_name")
    }

    fn device(&self, account: usize, device: usize) -> Option<&Owned> {
        self.accounts[account].kit.devices.iter().find(|owned| owned.gadget.device == device)
    }

    /// Makes a key known; what proves the person is not spent.
    pub(super) fn register(&mut self, who: &Token, by: By, gadget: Option<Gadget>) -> Decision<Reply> {
        self.stand_on(who, Operation::BindGesture, by)?;
        let gadget = gadget.ok_or("gesture.malformed_key")?;
        if self.device(who.account, gadget.device).is_some_and(|owned| owned.bound_at.is_some()) {
            return Err("gesture.already_bound");
        }
        let mut devices = self.accounts[who.account].kit.devices.clone();
        devices.retain(|owned| owned.gadget.device != gadget.device);
        if devices.len() >= MOST {
            return Err("gesture.too_many_devices");
        }
        devices.push(Owned { gadget, registered_at: self.now, bound_at: None });
        self.accounts[who.account].kit.devices = devices;
        self.forget_counts(&[Count::Gesture(who.account, gadget.device)]);
        Ok(Reply::Done)
    }

    pub(super) fn bind(&mut self, who: &Token, by: By, sign: Option<Sign>) -> Decision<Reply> {
        let flow = self.stand_on(who, Operation::BindGesture, by)?;
        let sign = sign.ok_or(WRONG)?;
        let (account, device) = (who.account, sign.by.device);
        let count = Count::Gesture(account, device);
        if !self.raise(&[count]) {
            return Err("rate.too_many_attempts");
        }
        let answered = self.answered(&sign, self.accounts[account].tenant, Some(account));
        let known = self.device(account, device).filter(|_| answered).ok_or(WRONG)?.clone();
        self.vouch(account, known.gadget.key, &sign)?;
        if known.bound_at.is_some() {
            return Err("gesture.already_bound");
        }
        let now = self.now;
        let devices = self.accounts[account].kit.devices.iter_mut();
        devices.filter(|owned| owned.gadget.device == device).for_each(|owned| owned.bound_at = Some(now));
        self.forget_counts(&[count]);
        self.rebind(who, flow, NoticeKind::GestureBound);
        Ok(Reply::Done)
    }

    pub(super) fn unbind(&mut self, who: &Token, by: By, device: usize) -> Decision<Reply> {
        let flow = self.stand_on(who, Operation::UnbindGesture, by)?;
        let bound = self.device(who.account, device).ok_or("gesture.unknown_device")?.bound_at.is_some();
        if bound && self.accounts[who.account].ways_in() == 1 {
            return Err("credential.last");
        }
        let opened = self.row(who).is_some_and(|row| row.device == Some(device) && is_gesture(&row.amr));
        self.accounts[who.account].kit.devices.retain(|owned| owned.gadget.device != device);
        self.forget_counts(&[Count::Gesture(who.account, device)]);
        self.rebind(who, flow, NoticeKind::GestureUnbound);
        if opened {
            self.end_session(who);
        }
        Ok(Reply::Done)
    }

    pub(super) fn own_devices(&mut self, who: &Token) -> Decision<Reply> {
        self.admit(who, None)?;
        let devices = self.accounts[who.account].kit.devices.iter();
        Ok(Reply::Devices(devices.map(|owned| (owned.gadget.device, owned.bound_at.is_some())).collect()))
    }

    /// Tries to come in by the sign of a device.
    pub(super) fn knock(&mut self, knock: &Knock) -> Reply {
        let Knock { tenant, name, sign, source } = *knock;
        let person = self.named(tenant, name);
        let account = person.unwrap_or(STRANGER + tenant);
        let count = sign.map(|sign| match person {
            Some(person) => Count::Gesture(person, sign.by.device),
            None => Count::NobodysGesture(tenant, name, sign.by.device),
        });
        let counts = count.into_iter().chain(source.map(|source| Count::EntrySource(tenant, source)));
        if !self.raise(&counts.collect::<Vec<_>>()) {
            self.note(account, Action::SignInByGesture, Some("rate.too_many_attempts"));
            return Reply::Refused("rate.too_many_attempts");
        }
        match self.recognised(person, sign, tenant).and_then(|device| self.at_the_door(account, device)) {
            Ok((device, methods)) => {
                self.forget_counts(&count.into_iter().collect::<Vec<_>>());
                self.note(account, Action::SignInByGesture, None);
                let amr = vec![Amr::Other(PROOF_OF_KEY.into())];
                let Some(methods) = methods else { return self.enter_from(account, amr, Some(device)) };
                let stand = Stand::Factor(methods.clone());
                self.open_on_way(account, Operation::SignIn, amr, stand);
                if let Some(flow) = self.flows.last_mut() {
                    flow.device = Some(device);
                }
                Reply::Second(methods)
            }
            Err(reason) => self.shut(account, Action::SignInByGesture, reason),
        }
    }

    fn recognised(&mut self, person: Option<usize>, sign: Option<Sign>, tenant: usize) -> Decision<usize> {
        let sign = sign.ok_or(WRONG)?;
        let device = sign.by.device;
        let answered = self.answered(&sign, tenant, None);
        let known = person.and_then(|person| Some((person, self.device(person, device)?.clone())));
        let known = known.filter(|(_, owned)| owned.bound_at.is_some());
        let (person, owned) = known.ok_or("gesture.unknown_device")?;
        self.vouch(person, owned.gadget.key, &sign)?;
        answered.then_some(device).ok_or(WRONG)
    }

    /// Whether somebody who proved a device may come in, and what they are asked for besides.
    fn at_the_door(
        &self,
        account: usize,
        device: usize,
    ) -> Decision<(usize, Option<Vec<ciam::domain::flow::Method>>)> {
        if let Some(reason) = self.barred(account) {
            return Err(reason);
        }
        let amr = [Amr::Other(PROOF_OF_KEY.into())];
        let methods = self.allowed_on_way(account, Operation::SignIn, &amr);
        if methods.as_ref().is_some_and(Vec::is_empty) {
            return Err("factor.none");
        }
        Ok((device, methods))
    }
}

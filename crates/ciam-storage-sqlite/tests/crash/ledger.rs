//! What was acknowledged, as the one who listened knows it.

use std::collections::{BTreeMap, BTreeSet};

use ciam::domain::FlowId;

use crate::note::{Change, Deed, Entered, Note};

/// How long a session of the host's own lives, in microseconds.
const SESSION: i64 = 30 * 24 * 3_600 * 1_000_000;
/// How far the time of others may have moved on while somebody did something, in microseconds.
const DOUBT: i64 = 30 * 60 * 1_000_000;
/// How many flows somebody may have open: who begins one more loses the oldest.
const OPEN_FLOWS: u32 = 5;

/// Everything that was ever said.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) people: BTreeMap<String, Person>,
    /// The ids under which a notice (to whom, of what, where) arrived.
    pub(crate) delivered: BTreeMap<(String, String, String), BTreeSet<String>>,
    effects: u64,
}

/// One person, as they must be.
#[derive(Default)]
pub(crate) struct Person {
    pub(crate) id: Option<String>,
    pub(crate) phone: String,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) deleted: bool,
    /// Writes of the account since it was made.
    pub(crate) changes: u64,
    /// Sessions that live, with their end.
    pub(crate) live: BTreeMap<String, i64>,
    pub(crate) dead: BTreeSet<String>,
    pub(crate) open: BTreeMap<String, Open>,
    pub(crate) spent: Vec<Deed>,
    /// How many flows were begun.
    pub(crate) begun: u32,
    /// The refresh token of each session that has one, unless a kill left it in doubt.
    pub(crate) refresh: BTreeMap<String, String>,
    /// Refresh tokens that were replaced, with their session.
    pub(crate) replaced: Vec<(String, String)>,
    /// Sign-ins that were acknowledged.
    pub(crate) logins: usize,
    /// Whether an erasure was begun, and whether its end was looked at.
    pub(crate) erasing: bool,
    pub(crate) buried: bool,
    /// When the deletion can be called back no longer.
    pub(crate) erase_at: Option<i64>,
    /// Codes sent to each address.
    pub(crate) sent: BTreeMap<String, u32>,
    /// Those that were asked for by nobody who was signed in or half way.
    pub(crate) started: BTreeMap<String, u32>,
    /// Codes tried since the last right one.
    pub(crate) tried: u32,
    /// What must have been announced: what, and where.
    pub(crate) notices: Vec<(&'static str, String)>,
    pub(crate) pending: Option<Deed>,
}

/// A flow that nothing has ended.
#[derive(Clone)]
pub(crate) struct Open {
    pub(crate) session: String,
    pub(crate) operation: String,
    pub(crate) at: i64,
    pub(crate) attempts: u8,
    pub(crate) proven: bool,
    /// Whether its session waits for a second factor.
    pub(crate) waits: bool,
    /// Its place among the flows that were begun.
    pub(crate) number: u32,
}

impl Open {
    /// Whether no token belongs to it.
    pub(crate) fn is_outside(&self) -> bool {
        ["SIGN_IN", "RECOVER_PASSWORD", "RESTORE_ACCOUNT"].contains(&self.operation.as_str())
    }
}

impl Ledger {
    /// Takes in what was said, and tells who did something.
    pub(crate) fn hear(&mut self, notes: Vec<Note>) -> BTreeSet<String> {
        let mut touched = BTreeSet::new();
        for note in notes {
            let who = match note {
                Note::Delivered { event, user, kind, to } => {
                    self.delivered.entry((user, kind, to)).or_default().insert(event);
                    continue;
                }
                Note::Will { who, deed } => {
                    self.people.entry(who.clone()).or_default().pending = Some(deed);
                    who
                }
                Note::Did { who, id } => {
                    let person = self.people.get_mut(&who).expect("somebody who is known");
                    let deed = person.pending.take().expect("something that was said before");
                    person.apply(deed, id);
                    self.effects += 1;
                    who
                }
                Note::Refused { who, reason } => {
                    let person = self.people.get_mut(&who).expect("somebody who is known");
                    let deed = person.pending.take().expect("something that was said before");
                    person.refuse(&deed, &reason);
                    who
                }
            };
            touched.insert(who);
        }
        touched
    }

    /// How many effects were acknowledged.
    pub(crate) const fn effects(&self) -> u64 {
        self.effects
    }
}

impl Person {
    fn apply(&mut self, deed: Deed, id: Option<String>) {
        match deed {
            Deed::Join { phone, email, password } => {
                (self.id, self.phone, self.email, self.password) = (id, phone, email, password);
            }
            Deed::SignIn { session, at } => drop(self.live.insert(session, at + SESSION)),
            Deed::Begin { session, operation, at } => {
                self.open.retain(|_, flow| flow.session != session || flow.operation != operation);
                self.begin(id.expect("the id of the flow"), (session, operation), (at, false));
            }
            Deed::AskForCode { to, .. } => *self.sent.entry(to).or_default() += 1,
            Deed::Guess { .. } | Deed::GuessOutside { .. } => panic!("a wrong code was taken"),
            Deed::Prove { ref flow, ref code, .. } => {
                if code.is_some() {
                    self.tried = 0;
                }
                self.pay(flow, true);
                self.spent.push(deed);
            }
            Deed::Change { .. } => self.changed(deed),
            Deed::EndOthers { session } => self.restamped(&session),
            Deed::Cancel { ref flow, .. } => {
                self.open.remove(flow);
                self.spent.push(deed);
            }
            outside => self.apply_outside(outside, id),
        }
    }

    /// What takes no token.
    fn apply_outside(&mut self, deed: Deed, id: Option<String>) {
        match deed {
            Deed::Present { at } => self.begin_outside(id, "SIGN_IN", (at, true)),
            Deed::StartRestore { at } => self.begin_outside(id, "RESTORE_ACCOUNT", (at, true)),
            Deed::Start { operation, to, at } => {
                *self.started.entry(to).or_default() += 1;
                self.begin_outside(id, &operation, (at, false));
            }
            Deed::First { ref flow, .. } => {
                let recovers = self.open.get(flow).is_some_and(|open| open.operation == "RECOVER_PASSWORD");
                self.pay(flow, recovers);
                if let Some(open) = self.open.get_mut(flow) {
                    open.waits = !recovers;
                }
                self.spent.push(deed);
            }
            Deed::Enter { ref flow, .. } => {
                self.open.remove(flow);
                self.logins += 1;
                self.spent.push(deed);
                self.enter(&Entered::read(&id.expect("tokens")));
            }
            Deed::Refresh { session, token, .. } => {
                self.replaced.push((session, token));
                self.enter(&Entered::read(&id.expect("tokens")));
            }
            Deed::Recover { ref password, .. } => {
                self.password.clone_from(password);
                self.announce("password_changed");
                self.restamped("");
                self.spent.push(deed);
            }
            Deed::Restore { .. } => {
                self.deleted = false;
                self.announce("account_restored");
                self.restamped("");
                self.spent.push(deed);
            }
            Deed::Erase => self.erasing = true,
            inside => unreachable!("{inside:?} takes a token"),
        }
    }

    fn refuse(&mut self, deed: &Deed, reason: &str) {
        match deed {
            Deed::Guess { flow } if reason == "factor.wrong_code" => {
                self.tried += 1;
                self.pay(flow, false);
            }
            Deed::GuessOutside { flow } => self.pay(flow, false),
            Deed::Refresh { session, at, .. } => {
                let ends = self.live.remove(session);
                self.refresh.remove(session);
                assert!(
                    ends.is_none_or(|ends| ends < at + DOUBT),
                    "the refresh token of {session}: {reason}"
                );
            }
            // What a refusal leaves of a flow is the domain's to say.
            _ => drop(deed.flow().map(|flow| self.open.remove(flow))),
        }
    }

    fn begin(&mut self, id: String, (session, operation): (String, String), (at, waits): (i64, bool)) {
        self.begun += 1;
        let number = self.begun;
        self.open.retain(|_, open| number - open.number < OPEN_FLOWS);
        self.open.insert(id, Open { session, operation, at, attempts: 0, proven: false, waits, number });
    }

    /// A flow that no token belongs to has a session of its own to come.
    fn begin_outside(&mut self, id: Option<String>, operation: &str, begun: (i64, bool)) {
        let id = id.expect("the id of the flow");
        let session = FlowId::presented(&id).session().to_string();
        self.begin(id, (session, operation.to_owned()), begun);
    }

    fn enter(&mut self, entered: &Entered) {
        self.live.insert(entered.session.clone(), entered.ends_at);
        self.refresh.insert(entered.session.clone(), entered.refresh.clone());
    }

    fn announce(&mut self, kind: &'static str) {
        let to = [self.phone.clone(), self.email.clone()];
        self.notices.extend(to.map(|to| (kind, to)));
    }

    fn pay(&mut self, flow: &str, proven: bool) {
        if let Some(open) = self.open.get_mut(flow) {
            open.attempts += 1;
            open.proven = proven;
        }
    }

    /// A change takes all other sessions and every flow along.
    fn restamped(&mut self, acting: &str) {
        self.changes += 1;
        let others: Vec<_> = self.live.keys().filter(|session| *session != acting).cloned().collect();
        for session in others {
            self.live.remove(&session);
            self.refresh.remove(&session);
            self.dead.insert(session);
        }
        self.open.clear();
    }

    fn changed(&mut self, deed: Deed) {
        let Deed::Change { session, change, code, .. } = &deed else { return };
        if code.is_some() {
            self.tried = 0;
        }
        let (phone, email) = (self.phone.clone(), self.email.clone());
        let (kind, to) = match change {
            Change::Password(password) => {
                self.password.clone_from(password);
                ("password_changed", vec![phone, email])
            }
            Change::Email(new) => {
                self.email.clone_from(new);
                ("email_changed", vec![phone, email])
            }
            Change::Phone(new) => {
                self.phone.clone_from(new);
                ("phone_changed", vec![phone, email])
            }
            Change::Deletion => ("account_deleted", vec![phone, email]),
        };
        // The new address hears nothing.
        let known = |to: &String| !matches!(change, Change::Email(new) | Change::Phone(new) if new == to);
        self.notices.extend(to.into_iter().filter(known).map(|to| (kind, to)));
        self.restamped(session);
        if matches!(change, Change::Deletion) {
            self.deleted = true;
            self.refresh.clear();
            self.dead.extend(std::mem::take(&mut self.live).into_keys());
        }
        self.spent.push(deed);
    }

    /// Decides what the kill interrupted, by the one thing that tells: whether the account was written.
    pub(crate) fn settle(&mut self, changes: u64) {
        let Some(deed) = self.pending.take() else { return };
        let writes = matches!(
            deed,
            Deed::Change { .. } | Deed::EndOthers { .. } | Deed::Recover { .. } | Deed::Restore { .. }
        );
        if writes && changes == self.changes + 1 {
            return self.apply(deed, None);
        }
        match &deed {
            Deed::AskForCode { .. }
            | Deed::Guess { .. }
            | Deed::GuessOutside { .. }
            | Deed::Recover { .. }
            | Deed::Change { code: None, .. } => return,
            Deed::Refresh { session, .. } => drop(self.refresh.remove(session)),
            Deed::Present { .. } | Deed::Start { .. } | Deed::StartRestore { .. } => self.begun += 1,
            Deed::Erase => self.erasing = true,
            Deed::Begin { session, operation, .. } => {
                self.begun += 1;
                self.open.retain(|_, flow| flow.session != *session || flow.operation != *operation);
            }
            // A right code may have cleared the count.
            Deed::Prove { .. } => self.tried = 0,
            _ => {}
        }
        drop(deed.flow().map(|flow| self.open.remove(flow)));
    }
}

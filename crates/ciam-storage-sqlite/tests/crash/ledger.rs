//! What was acknowledged, as the one who listened knows it.

use std::collections::{BTreeMap, BTreeSet};

use crate::note::{Change, Deed, Note};

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
    /// Sessions that live, with the time of their sign-in.
    pub(crate) live: BTreeMap<String, i64>,
    pub(crate) dead: BTreeSet<String>,
    pub(crate) open: BTreeMap<String, Open>,
    pub(crate) spent: Vec<Deed>,
    /// Codes sent to each address.
    pub(crate) sent: BTreeMap<String, u32>,
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
            Deed::SignIn { session, at } => drop(self.live.insert(session, at)),
            Deed::Begin { session, operation, at } => {
                self.open.retain(|_, flow| flow.session != session || flow.operation != operation);
                let open = Open { session, operation, at, attempts: 0, proven: false };
                self.open.insert(id.expect("the id of the flow"), open);
            }
            Deed::AskForCode { to, .. } => *self.sent.entry(to).or_default() += 1,
            Deed::Guess { .. } => panic!("a wrong code was taken"),
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
        }
    }

    fn refuse(&mut self, deed: &Deed, reason: &str) {
        match deed {
            Deed::Guess { flow } if reason == "factor.wrong_code" => {
                self.tried += 1;
                self.pay(flow, false);
            }
            // What a refusal leaves of a flow is the domain's to say.
            _ => drop(deed.flow().map(|flow| self.open.remove(flow))),
        }
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
            self.dead.extend(std::mem::take(&mut self.live).into_keys());
        }
        self.spent.push(deed);
    }

    /// Decides what the kill interrupted, by the one thing that tells: whether the account was written.
    pub(crate) fn settle(&mut self, changes: u64) {
        let Some(deed) = self.pending.take() else { return };
        let writes = matches!(deed, Deed::Change { .. } | Deed::EndOthers { .. });
        if writes && changes == self.changes + 1 {
            return self.apply(deed, None);
        }
        match &deed {
            Deed::AskForCode { .. } | Deed::Guess { .. } | Deed::Change { code: None, .. } => return,
            Deed::Begin { session, operation, .. } => {
                self.open.retain(|_, flow| flow.session != *session || flow.operation != *operation);
            }
            // A right code may have cleared the count.
            Deed::Prove { .. } => self.tried = 0,
            _ => {}
        }
        drop(deed.flow().map(|flow| self.open.remove(flow)));
    }
}

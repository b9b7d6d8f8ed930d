//! What must hold after a restart.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use ciam::domain::audit::{Action, AuditRecord, Outcome};
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, State};
use ciam::domain::identifier::EmailAddress;
use ciam::domain::password::Password;
use ciam::domain::rate::{RateKey, RateScope};
use ciam::domain::secret::SecretText;
use ciam::domain::user::{Channel, Status};
use ciam::domain::{FlowId, FlowKey, Instant, SessionId, TenantId, UserId};
use ciam::ports::store::UniqueField;
use ciam::ports::{AuditQuery, Charge, Charged, Loaded, StepQuery, StoreError};
use ciam::{Error, Failure, NewUser, Relayed};
use ciam_testkit::block_on;

use crate::ends;
use crate::house::{FILE, House};
use crate::ledger::{Ledger, Open, Person};
use crate::note::{Change, Deed};

/// How long a flow lives.
const FLOW: Duration = Duration::from_mins(10);

/// Everything that was said of the people of the last round.
pub(crate) fn after_a_kill(folder: &Path, round: u64, ledger: &mut Ledger, touched: &BTreeSet<String>) {
    let house = House::open(folder, (round << 20) + 99, None);
    ledger.people.retain(|_, person| person.id.is_some());
    for name in touched {
        let Some(person) = ledger.people.get_mut(name) else { continue };
        let view = View::of(&house, name, person);
        person.settle(view.changes());
        if person.erasing {
            continue;
        }
        view.account(person);
        view.deletion(person);
        view.sessions(person);
        view.flows(person);
        view.counts(person);
        view.records(person);
        view.replays(person);
        view.sign_ins(person);
        view.refreshes(person);
    }
    notices(&house, ledger, touched);
    house.wait(crate::house::GRACE);
    ends::after_a_run(&house, ledger);
    integrity(folder);
}

/// What must last, of everybody.
pub(crate) fn at_the_end(folder: &Path, ledger: &Ledger) {
    let house = House::open(folder, u64::MAX >> 8, None);
    for (name, person) in &ledger.people {
        let view = View::of(&house, name, person);
        if person.buried {
            view.end(person);
        } else {
            view.account(person);
            view.sessions(person);
        }
    }
}

/// One person, as the store has them.
pub(crate) struct View<'a> {
    pub(crate) house: &'a House,
    pub(crate) name: &'a str,
    pub(crate) id: UserId,
    pub(crate) loaded: Loaded,
}

impl<'a> View<'a> {
    pub(crate) fn of(house: &'a House, name: &'a str, person: &Person) -> Self {
        let id = UserId::parse(person.id.as_deref().unwrap_or_default()).expect("an id");
        let query = StepQuery::of(TenantId::default(), id.clone());
        let loaded = block_on(house.world.backend.store.load(&query)).expect("a store");
        let loaded = loaded.unwrap_or_else(|| panic!("the account is there: {name}"));
        Self { house, name, id, loaded }
    }

    pub(crate) fn load(&self, fill: impl FnOnce(&mut StepQuery)) -> Loaded {
        let mut query = StepQuery::of(TenantId::default(), self.id.clone());
        fill(&mut query);
        block_on(self.house.world.backend.store.load(&query)).expect("a store").expect("an account")
    }

    fn changes(&self) -> u64 {
        self.loaded.user.version.number() - 1
    }

    fn account(&self, person: &Person) {
        let (user, name) = (&self.loaded.user, self.name);
        assert_eq!(self.changes(), person.changes, "changes of the account of {name}");
        let password = Password::parse(&person.password).expect("a password");
        let hash = &user.password.as_ref().expect("a password").current;
        let compared = block_on(self.house.world.ports.hasher.verify(&password, hash)).expect("a hash");
        assert!(compared.is_match(), "the password of {name} is {}", person.password);
        let address = |channel| user.verified_address(channel).expect("an address").canonical().to_owned();
        assert_eq!(address(Channel::Sms), person.phone, "the phone of {name}");
        assert_eq!(address(Channel::Email), person.email, "the e-mail address of {name}");
        assert_eq!(
            matches!(user.status, Status::PendingDeletion { .. }),
            person.deleted,
            "{name} is deleted"
        );
    }

    pub(crate) fn is_alive(&self, session: &str) -> bool {
        let loaded = self.load(|query| query.session = SessionId::parse(session).ok());
        loaded.session.is_some_and(|session| session.is_alive(&loaded.user.stamp, self.house.now()))
    }

    fn sessions(&self, person: &Person) {
        for (session, at) in &person.live {
            let ends = Instant::from_unix_micros(*at);
            assert!(self.house.now() >= ends || self.is_alive(session), "{session} lives on");
        }
        for session in &person.dead {
            assert!(!self.is_alive(session), "{session} stays dead");
        }
        for open in person.open.values().filter(|open| open.is_outside()) {
            assert!(!self.is_alive(&open.session), "who is on the way in is not in");
        }
    }

    fn flows(&self, person: &Person) {
        for (id, open) in &person.open {
            // Whoever tries to call a deletion back too late ends the flow.
            let late = open.operation == "RESTORE_ACCOUNT"
                && !self.loaded.user.status.can_be_restored(self.house.now());
            if !late && self.house.now() < Instant::from_unix_micros(open.at).after(FLOW) {
                self.flow(id, open);
            }
        }
    }

    fn flow(&self, id: &str, open: &Open) {
        let mut query = StepQuery::of(TenantId::default(), self.id.clone());
        query.session = SessionId::parse(&open.session).ok();
        query.flow = Some(FlowId::presented(id).key());
        let charge = Charge { query, max_attempts: u8::MAX, rates: Vec::new(), now: self.house.now() };
        let charged = block_on(self.house.world.backend.store.charge(&charge)).expect("a store");
        let Some(Charged::Paid { loaded, attempts }) = charged else {
            panic!("the {} flow of {} is open, not {charged:?}", open.operation, self.name)
        };
        assert!(attempts > open.attempts, "attempts paid by {}", self.name);
        let state = *loaded.flow.expect("a flow").state();
        assert_eq!(!matches!(state, State::AwaitingFactor { .. }), open.proven, "{state:?} of {}", self.name);
        let first = loaded.session.is_some_and(|session| !session.amr.is_empty());
        assert!(first || !open.waits, "the first factor of {} stays proven", self.name);
    }

    fn count(&self, key: RateKey) -> u32 {
        let loaded = self.load(|query| query.rates = vec![key]);
        loaded.rates.first().map_or(0, |(_, counter)| counter.count)
    }

    fn counts(&self, person: &Person) {
        for (to, sent) in &person.sent {
            let counted = self.count(RateKey::new(RateScope::ResendCooldown, &[self.id.as_str(), to]));
            assert!(counted >= *sent, "codes sent by {}: {counted} of {sent}", self.name);
        }
        for (to, sent) in &person.started {
            let counted = self.count(RateKey::new(RateScope::ResendCooldown, &["signed_out", to]));
            assert!(counted >= *sent, "codes sent to {to}: {counted} of {sent}");
        }
        let counted = self.count(RateKey::new(RateScope::CodeHour, &[self.id.as_str()]));
        assert!(counted >= person.tried, "codes tried by {}", self.name);
    }

    /// An effect and its record are one write.
    fn records(&self, person: &Person) {
        const CHANGES: [Action; 5] = [
            Action::ChangePassword,
            Action::ChangeContact,
            Action::DeleteAccount,
            Action::EndOtherSessions,
            Action::RecoverPassword,
        ];
        let query = AuditQuery::of(TenantId::default(), self.id.clone(), u16::MAX);
        let records = block_on(self.house.world.backend.audit.records(&query)).expect("a store").records;
        let flows: BTreeSet<_> = person.spent.iter().filter_map(called_back).collect();
        let counts = |record: &&AuditRecord| {
            let called_back = record.action == Action::VerifySignIn
                && record.flow.is_some_and(|flow| flows.contains(&flow));
            record.outcome == Outcome::Done && (called_back || CHANGES.contains(&record.action))
        };
        let changes = records.iter().filter(counts).count();
        assert_eq!(u64::try_from(changes).unwrap(), person.changes, "records of changes of {}", self.name);
    }

    fn replays(&self, person: &Person) {
        for deed in &person.spent {
            let answer = self.replay(deed);
            let refused = matches!(answer, Err(Error::Refused(_)));
            assert!(refused, "{deed:?} of {} is spent, not {answer:?}", self.name);
        }
        for session in &person.dead {
            let refused = block_on(self.house.world.ciam.check_token(&self.house.holder(&self.id, session)));
            assert!(matches!(refused, Err(Error::Refused(_))), "{session} stays dead");
        }
        assert_eq!(Self::of(self.house, self.name, person).changes(), person.changes, "{}", self.name);
    }

    fn replay(&self, deed: &Deed) -> Result<(), Error> {
        let ciam = &self.house.world.ciam;
        if let Some(answer) = self.replay_outside(deed) {
            return answer;
        }
        let (Deed::Prove { session, flow, .. }
        | Deed::Change { session, flow, .. }
        | Deed::Cancel { session, flow }) = deed
        else {
            unreachable!("{deed:?} spends no flow")
        };
        let (who, flow) = (self.house.holder(&self.id, session), FlowId::presented(flow));
        block_on(async {
            match deed {
                Deed::Prove { code: Some(code), .. } => {
                    ciam.verify_factor_code(&who, &flow, Method::Sms, &Code::presented(code)).await.map(drop)
                }
                Deed::Change { change: Change::Email(_), code: Some(code), .. } => {
                    ciam.change_contact(&who, &flow, Channel::Email, &Code::presented(code)).await
                }
                Deed::Change { change: Change::Phone(_), code: Some(code), .. } => {
                    ciam.change_contact(&who, &flow, Channel::Sms, &Code::presented(code)).await
                }
                Deed::Change { change: Change::Deletion, .. } => ciam.delete_account(&who, &flow).await,
                Deed::Prove { .. } => {
                    let password = SecretText::new("no password at all".to_owned());
                    ciam.verify_factor_password(&who, &flow, &password).await.map(drop)
                }
                _ => {
                    let password = SecretText::new("quite another password".to_owned());
                    ciam.change_password(&who, &flow, &password).await
                }
            }
        })
    }
}

/// The flow in which a deletion was called back.
fn called_back(deed: &Deed) -> Option<FlowKey> {
    if let Deed::Restore { flow, .. } = deed { Some(FlowId::presented(flow).key()) } else { None }
}

/// Notices of changes go out at least once, and every repeat has the id of the first.
fn notices(house: &House, ledger: &mut Ledger, touched: &BTreeSet<String>) {
    house.wait(Duration::from_mins(2));
    while block_on(house.world.ciam.relay_once()).expect("a store") != Relayed::default() {}
    for notice in house.world.mailbox.notices() {
        let to = notice.to.canonical().to_owned();
        let place = (notice.user.to_string(), notice.kind.as_str().to_owned(), to);
        ledger.delivered.entry(place).or_default().insert(notice.id.to_string());
    }
    let touched = ledger.people.iter().filter(|(name, _)| touched.contains(*name));
    for (name, person) in touched.filter(|(_, person)| !person.erasing) {
        for (kind, to) in &person.notices {
            let place = (person.id.clone().unwrap_or_default(), (*kind).to_owned(), to.clone());
            let wanted = person.notices.iter().filter(|notice| *notice == &(*kind, to.clone())).count();
            let arrived = ledger.delivered.get(&place).map_or(0, BTreeSet::len);
            assert_eq!(arrived, wanted, "notices {kind} of {name} to {to}");
        }
        taken(house, person);
    }
}

/// Nobody else gets an address that somebody has.
fn taken(house: &House, person: &Person) {
    let email = Some(EmailAddress::parse(&person.email).expect("an address"));
    let made = block_on(
        house.world.ciam.create_user(ciam::Authority::Host, NewUser { email, ..NewUser::default() }),
    );
    let taken = matches!(
        &made,
        Err(Error::Failed(Failure::Store(StoreError::Conflict { field: UniqueField::Email, .. })))
    );
    assert!(taken, "{} is taken, not {made:?}", person.email);
}

fn integrity(folder: &Path) {
    let file = rusqlite::Connection::open(folder.join(FILE)).expect("a database");
    let answer: String = file.query_row("PRAGMA integrity_check", (), |row| row.get(0)).expect("an answer");
    assert_eq!(answer, "ok");
}

//! What must hold of sign-ins, refresh tokens and erasures after a restart.

use std::time::Duration;

use ciam::domain::audit::{Action, Outcome};
use ciam::domain::challenge::Code;
use ciam::domain::flow::Method;
use ciam::domain::identifier::{EmailAddress, Username};
use ciam::domain::secret::SecretText;
use ciam::domain::user::Status;
use ciam::domain::{FlowId, Instant};
use ciam::ports::store::UniqueField;
use ciam::ports::{AuditQuery, LoginQuery, StoreError};
use ciam::{Authority, Error, Failure, NewUser, SignedOutStep};
use ciam_testkit::block_on;

use crate::check::View;
use crate::house::House;
use crate::ledger::{Ledger, Person};
use crate::note::Deed;

/// How long the identifiers of an erased account are kept.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// The next run of the erasures: what was interrupted is finished, and what was not due is left.
pub(crate) fn after_a_run(house: &House, ledger: &mut Ledger) {
    let (ciam, queue) = (&house.world.ciam, &house.world.backend.deletions);
    while !block_on(ciam.purge_due(&**queue, 64)).expect("a queue").accounts.is_empty() {}
    let gone = |person: &Person| (person.deleted || person.erasing) && !person.buried;
    for (name, person) in ledger.people.iter_mut().filter(|(_, person)| gone(person)) {
        let view = View::of(house, name, person);
        let due = person.erase_at.is_none_or(|at| at <= house.now().unix_micros());
        if person.erasing || due {
            view.end(person);
            view.keeps(person);
            (person.erasing, person.buried) = (true, true);
        }
    }
}

impl View<'_> {
    /// Remembers from when on the account is due.
    pub(crate) fn deletion(&self, person: &mut Person) {
        if let Status::PendingDeletion { erase_at } = self.loaded.user.status {
            person.erase_at = Some(erase_at.unix_micros());
        }
    }

    /// Every sign-in that was acknowledged stands in the history.
    pub(crate) fn sign_ins(&self, person: &Person) {
        let told = self.logins();
        assert!(told >= person.logins, "sign-ins of {}: {told} of {}", self.name, person.logins);
    }

    fn logins(&self) -> usize {
        let (tenant, user) = (self.house.tenant.clone(), self.id.clone());
        let query = LoginQuery { tenant, user, outcome: None, before: None, limit: 100 };
        block_on(self.house.logins.records(&query)).expect("a history").len()
    }

    /// The refresh token given out last works once, and what it replaced ends the session.
    pub(crate) fn refreshes(&self, person: &mut Person) {
        let held: Vec<_> =
            person.refresh.iter().map(|(session, token)| (session.clone(), token.clone())).collect();
        for (session, token) in held {
            let ends = person.live.get(&session).copied().map(Instant::from_unix_micros);
            if ends.is_none_or(|ends| ends <= self.house.now()) {
                continue;
            }
            let refresh = |token: &str| {
                let token = SecretText::new(token.to_owned());
                block_on(self.house.world.ciam.refresh_session(&self.house.tenant, &token, None)).map(drop)
            };
            let first = refresh(&token);
            assert!(first.is_ok(), "the refresh token of {session} works, not {first:?}");
            let used = person.replaced.iter().rev().find(|(of, _)| *of == session);
            let again = refresh(used.map_or(&token, |(_, token)| token));
            assert!(matches!(again, Err(Error::Refused(_))), "a used refresh token of {session} stays used");
            assert!(!self.is_alive(&session), "{session} ends with a used refresh token");
            person.live.remove(&session);
            person.refresh.remove(&session);
            person.dead.insert(session);
        }
    }

    /// A step of a flow that no token belongs to, taken again.
    pub(crate) fn replay_outside(&self, deed: &Deed) -> Option<Result<(), Error>> {
        let ciam = &self.house.world.ciam;
        let id = FlowId::presented(deed.flow()?);
        let on = SignedOutStep { tenant: &self.house.tenant, flow: &id, source: None };
        let verify =
            |code: &str| block_on(ciam.verify_sign_in_code(&on, Method::Sms, &Code::presented(code)));
        let answer = match deed {
            Deed::First { code, .. } | Deed::Enter { code: Some(code), .. } | Deed::Restore { code, .. } => {
                verify(code).map(drop)
            }
            Deed::Enter { password, .. } => {
                let password = SecretText::new(password.clone());
                block_on(ciam.verify_sign_in_password(&on, &password)).map(drop)
            }
            Deed::Recover { .. } => {
                let password = SecretText::new("quite another password".to_owned());
                block_on(ciam.set_new_password(&on, &password)).map(drop)
            }
            _ => return None,
        };
        Some(answer)
    }

    /// Nothing is left of an erased account but what the trail says.
    pub(crate) fn end(&self, person: &Person) {
        let (user, name) = (&self.loaded.user, self.name);
        assert_eq!(user.status, Status::Erased, "{name} stays erased");
        assert!(user.logins().is_empty() && user.password.is_none(), "nothing personal is left of {name}");
        assert!(!self.house.rows.has(&self.id), "rows of {name} are gone");
        assert_eq!(self.logins(), 0, "sign-ins of {name} are gone");
        for session in person.live.keys().chain(&person.dead) {
            assert!(!self.is_alive(session), "{session} of somebody erased stays dead");
        }
        let query = AuditQuery::of(self.house.tenant.clone(), self.id.clone(), u16::MAX);
        let records = block_on(self.house.world.backend.audit.records(&query)).expect("a store").records;
        let erased = records
            .iter()
            .filter(|record| record.action == Action::EraseAccount && record.outcome == Outcome::Done);
        assert_eq!(erased.count(), 1, "records of the erasure of {name}");
    }

    /// Nobody takes the identifiers of somebody who was erased just now.
    fn keeps(&self, person: &Person) {
        if self.loaded.user.stamped_at.after(KEPT) <= self.house.now() {
            return;
        }
        let email = Some(EmailAddress::parse(&person.email).expect("an address"));
        let username = Some(Username::parse(self.name).expect("a name"));
        let wanted = [
            (NewUser { email, ..NewUser::default() }, UniqueField::Email),
            (NewUser { username, ..NewUser::default() }, UniqueField::Username),
        ];
        for (new, taken) in wanted {
            let made = block_on(self.house.world.ciam.create_user(Authority::Host, new));
            let conflict = matches!(&made, Err(Error::Failed(Failure::Store(StoreError::Conflict { field }))) if *field == taken);
            assert!(conflict, "the {taken:?} of {} is kept, not {made:?}", self.name);
        }
    }
}

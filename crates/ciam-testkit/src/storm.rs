//! Many at once on a few accounts, and what must add up when the storm is over.
//!
//! A storage adapter calls [`storm`] with a storage of its own.

#![expect(clippy::unwrap_used, reason = "a storm asserts, as tests do")]

mod ledger;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use ciam::domain::audit::Action;
use ciam::domain::challenge::Code;
use ciam::domain::flow::policy::TwoFactor;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::secret::SecretText;
use ciam::domain::user::{Channel, Status};
use ciam::domain::{FlowId, TenantId};
use ciam::{Config, ContactCodeRequest, Error, NewContact, Principal, Wording};
use futures_executor::block_on;

use crate::world::{Backend, PASSWORD, Person, World};
use ledger::Ledger;

/// People who change their password, people who want addresses, and one whose password is guessed.
const PEOPLE: u16 = 7;
const VICTIM: usize = 6;
/// Addresses that several people want.
const WANTED: usize = 4;

/// Lets `tasks` threads make `turns` turns each, then checks that contacts are unique, that no count is lost,
/// that records and effects are one to one, and that each change was told once to each address.
pub fn storm(backend: Backend, tasks: u64, turns: u64) {
    let mut config = Config::default();
    config.flow.two_factor = TwoFactor::Off;
    config.flow.open_flows = 20;
    let send = &mut config.send;
    (send.per_target_hour, send.per_target_day, send.emails_per_account_day) = (100_000, 100_000, 100_000);
    let world = World::with(backend, config);
    let people = (0..PEOPLE).map(|n| block_on(world.person(&format!("person.{n}"), n))).collect();
    let storm = Storm { world, people, ledger: Mutex::default(), drawn: AtomicU64::new(0) };
    std::thread::scope(|scope| {
        for task in 0..tasks {
            let storm = &storm;
            scope.spawn(move || {
                for turn in 0..turns {
                    block_on(Box::pin(storm.turn(task, turn)));
                }
            });
        }
    });
    block_on(Box::pin(ledger::check(&storm)));
}

struct Storm {
    world: World,
    people: Vec<Person>,
    ledger: Mutex<Ledger>,
    drawn: AtomicU64,
}

impl Storm {
    /// A number below `end`; the finaliser of `SplitMix64` over a counter.
    fn below(&self, end: usize) -> usize {
        let mut word = self.drawn.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((word ^ (word >> 31)) % 1_000_000).unwrap() % end
    }

    /// Notes what the trail must say of a call.
    fn note<T>(&self, person: usize, action: Action, answer: Result<T, Error>) -> Option<T> {
        self.ledger.lock().unwrap().note(person, action, answer)
    }

    async fn turn(&self, task: u64, turn: u64) {
        match self.below(6) {
            0 => self.change_password(self.below(3), &format!("heron {task} over water {turn}")).await,
            1 | 2 => {
                let own = format!("own.{task}.{turn}@example.org");
                let wanted = format!("wanted.{}@example.org", self.below(WANTED));
                let address = if self.below(2) == 0 { own } else { wanted };
                self.change_contact(3 + self.below(3), &address).await;
            }
            3 => self.guess().await,
            4 => self.revoke(self.below(VICTIM)).await,
            _ => drop(self.world.ciam.relay_once().await.unwrap()),
        }
    }

    async fn begin(&self, person: usize, operation: Operation) -> Option<(Principal, FlowId)> {
        let who = self.world.sign_in(&self.people[person]).await;
        self.note(person, Action::OpenSession, Ok(()));
        let checked = self.world.ciam.check_operation(&who, operation).await;
        Some((who, self.note(person, Action::CheckOperation, checked)?.flow))
    }

    async fn change_password(&self, person: usize, new: &str) {
        let Some((who, flow)) = self.begin(person, Operation::UpdatePassword).await else { return };
        let changed = self.world.ciam.change_password(&who, &flow, &SecretText::new(new.to_owned())).await;
        self.note(person, Action::ChangePassword, changed);
    }

    async fn change_contact(&self, person: usize, to: &str) {
        let ciam = &self.world.ciam;
        let Some((who, flow)) = self.begin(person, Operation::UpdateEmail).await else { return };
        let proven = ciam.verify_factor_password(&who, &flow, &SecretText::new(PASSWORD.to_owned())).await;
        if self.note(person, Action::VerifyFactor, proven).is_none() {
            return;
        }
        let request = ContactCodeRequest {
            flow: &flow,
            contact: NewContact::Email(to),
            wording: Wording::default(),
            captcha: None,
        };
        let sent = ciam.send_contact_code(&who, request).await;
        if self.note(person, Action::SendContactCode, sent).is_some() {
            let code = Code::presented(&self.world.mailbox.last_code(to).unwrap());
            let changed = ciam.change_contact(&who, &flow, Channel::Email, &code).await;
            self.note(person, Action::ChangeContact, changed);
        }
    }

    async fn guess(&self) {
        let Some((who, flow)) = self.begin(VICTIM, Operation::Unsubscribe).await else { return };
        let wrong = SecretText::new("not the password in use".to_owned());
        let guessed = self.world.ciam.verify_factor_password(&who, &flow, &wrong).await;
        self.note(VICTIM, Action::VerifyFactor, guessed.map(drop));
        let sent = self.world.send_factor(&who, &flow, Method::Email).await;
        self.note(VICTIM, Action::SendFactorCode, sent);
    }

    async fn revoke(&self, person: usize) {
        if self.below(2) == 0 {
            let id = &self.people[person].id;
            let set = self
                .world
                .ciam
                .set_status(ciam::Authority::Host, &TenantId::default(), id, Status::Normal)
                .await;
            self.note(person, Action::SetStatus, set);
            return;
        }
        let who = self.world.sign_in(&self.people[person]).await;
        self.note(person, Action::OpenSession, Ok(()));
        let ended = self.world.ciam.end_other_sessions(&who).await;
        self.note(person, Action::EndOtherSessions, ended);
    }
}

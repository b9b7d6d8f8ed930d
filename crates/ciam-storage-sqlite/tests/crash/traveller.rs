//! People on random journeys, several at once, until the process is killed.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ciam::domain::flow::Operation;
use ciam::domain::identifier::{EmailAddress, PhoneNumber, Username};
use ciam::domain::secret::SecretText;
use ciam::domain::session::Amr;
use ciam::domain::{SessionId, TenantId, UserId};
use ciam::ports::{DeliveryError, NoticeMessage, NoticeSender};
use ciam::{Ciam, Error, NewUser, Principal, TokenRequest};
use ciam_testkit::fake::FakeRandom;
use ciam_testkit::{SCOPE, block_on};

use crate::below;
use crate::house::House;
use crate::note::{Deed, Entered, Note};
use crate::victim::ROUND;

/// People at once.
const PEOPLE: u64 = 3;

/// Tells of every notice before the outbox hears that it went out.
struct Gateway;

#[async_trait]
impl NoticeSender for Gateway {
    async fn send(&self, NoticeMessage { notice, .. }: NoticeMessage) -> Result<(), DeliveryError> {
        say(&Note::Delivered {
            event: notice.id.to_string(),
            user: notice.user.to_string(),
            kind: notice.kind.as_str().to_owned(),
            to: notice.to.canonical().to_owned(),
        });
        Ok(())
    }
}

fn say(note: &Note) {
    // The test harness may have left the last line open.
    println!("\n{}", serde_json::to_string(note).expect("a note"));
}

/// Travels until the process is killed.
pub(crate) fn travel(folder: &Path) {
    let round: u64 = std::env::var(ROUND).unwrap().parse().unwrap();
    let house = House::open(folder, (round << 20) + 1, Some(Arc::new(Gateway)));
    std::thread::scope(|scope| {
        for lane in 0..PEOPLE {
            let house = &house;
            scope.spawn(move || {
                let random = FakeRandom::seeded((round << 20) + 2 + lane);
                for person in 0.. {
                    Traveller::new(house, &random, (round, lane + PEOPLE * person)).journey();
                }
            });
        }
        let relay = || {
            while block_on(house.world.ciam.relay_once()).is_ok() {
                block_on(house.world.backend.store.sweep(house.now())).expect("a store");
                std::thread::sleep(Duration::from_millis(5));
            }
        };
        scope.spawn(relay);
    });
}

pub(crate) struct Traveller<'a> {
    pub(crate) house: &'a House,
    pub(crate) random: &'a FakeRandom,
    pub(crate) round: u64,
    pub(crate) number: u64,
    pub(crate) name: String,
    pub(crate) id: UserId,
    pub(crate) phone: String,
    pub(crate) password: String,
    pub(crate) sessions: Vec<String>,
    /// The session that was entered last.
    pub(crate) entered: Option<Entered>,
}

pub(crate) fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

impl<'a> Traveller<'a> {
    fn new(house: &'a House, random: &'a FakeRandom, (round, number): (u64, u64)) -> Self {
        Self {
            house,
            random,
            round,
            number,
            name: format!("traveller.{round}.{number}"),
            id: UserId::parse("not-yet").unwrap(),
            phone: format!("+86139{:04}{:04}", round % 10_000, number % 10_000),
            password: format!("{number} lanterns over {round} harbours"),
            sessions: Vec::new(),
            entered: None,
        }
    }

    pub(crate) fn ciam(&self) -> &Ciam {
        &self.house.world.ciam
    }

    pub(crate) fn holder(&self, session: &str) -> Principal {
        self.house.holder(&self.id, session)
    }

    /// Does something, and tells of it before and after.
    pub(crate) fn act<T>(
        &self,
        deed: Deed,
        id: impl FnOnce(&T) -> Option<String>,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Option<T> {
        let who = self.name.clone();
        say(&Note::Will { who: who.clone(), deed });
        match block_on(call) {
            Ok(done) => {
                say(&Note::Did { who, id: id(&done) });
                Some(done)
            }
            Err(Error::Refused(refusal)) => {
                say(&Note::Refused { who, reason: refusal.reason().to_owned() });
                None
            }
            Err(failed) => panic!("{failed:?}"),
        }
    }

    fn journey(mut self) {
        self.join();
        for turn in 0..2 + below(self.random, 5) {
            match below(self.random, 3) {
                0 => self.sign_in(turn),
                _ => self.enter(),
            }
            if below(self.random, 3) == 0 || self.sessions.is_empty() {
                self.sign_in(turn + 10);
            }
            let session = self.sessions.last().expect("a session").clone();
            let who = self.holder(&session);
            match below(self.random, 14) {
                0..2 => drop(self.change(&session, Operation::UpdatePassword)),
                2..4 => drop(self.change(&session, Operation::UpdateEmail)),
                4..6 => drop(self.change(&session, Operation::UpdatePhone)),
                6 => drop(self.act(
                    Deed::EndOthers { session },
                    |()| None,
                    self.ciam().end_other_sessions(&who),
                )),
                7..9 => self.refresh(),
                9..11 => self.recover(),
                _ => {
                    let deleted = self.change(&session, Operation::Unsubscribe);
                    match below(self.random, 4) {
                        _ if !deleted => {}
                        0 => return self.end(),
                        1 => return,
                        _ if self.restore() => {}
                        _ => return,
                    }
                }
            }
            // Now and then long enough for one more code to the same address.
            self.house.wait(Duration::from_secs(if below(self.random, 3) == 0 { 31 } else { 5 }));
        }
        if let Some(session) = self.sessions.last() {
            self.leave(session);
        }
        drop(self.present());
    }

    fn join(&mut self) {
        let email = format!("{}@example.org", self.name);
        let new = NewUser {
            username: Some(Username::parse(&self.name).unwrap()),
            phone: Some(PhoneNumber::parse(&self.phone, None).unwrap()),
            email: Some(EmailAddress::parse(&email).unwrap()),
            password: Some(secret(&self.password)),
            ..NewUser::default()
        };
        let (phone, password) = (self.phone.clone(), self.password.clone());
        let made = self.act(
            Deed::Join { phone, email, password },
            |user| Some(user.id.to_string()),
            self.ciam().create_user(ciam::Authority::Host, new),
        );
        self.id = made.expect("a new account").id;
        self.house.rows.keep(&self.id);
    }

    fn sign_in(&mut self, turn: u64) {
        let session = format!("s.{}.{turn}", self.name);
        let request = TokenRequest {
            tenant: TenantId::default(),
            user: self.id.clone(),
            session: Some(SessionId::parse(&session).unwrap()),
            amr: vec![Amr::Password],
            scopes: vec![SCOPE.to_owned()],
            client: None,
            ttl: Duration::from_hours(1),
        };
        let deed = Deed::SignIn { session: session.clone(), at: self.house.now().unix_micros() };
        self.act(deed, |_| None, self.ciam().issue_token(request)).expect("a session");
        self.sessions.push(session);
    }
}

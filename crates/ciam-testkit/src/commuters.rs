//! People who change their password again and again, for measurements.
#![expect(clippy::expect_used, reason = "a measurement that cannot be set up ends")]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::password::{Password, PasswordHash};
use ciam::domain::secret::SecretText;
use ciam::domain::user::Address;
use ciam::ports::{
    DeliveryError, HasherError, Keys, NoticeMessage, NoticeSender, OtpMessage, OtpSender, PasswordHasher,
    PasswordMatch, Random,
};
use ciam::{Ciam, Config, CorePorts, FactorCodeRequest, Principal, Wording};

use crate::{Backend, Person, World, block_on};

const DAY: Duration = Duration::from_hours(24);

/// A hasher that makes no hash, so that what is left is the flow.
#[derive(Debug)]
struct Unhashed(PasswordHash);

impl Default for Unhashed {
    fn default() -> Self {
        // As long as a hash of argon2id.
        let text = format!("$none$v=19$m=19456,t=2,p=1${:065}", 0);
        Self(PasswordHash::parse(&text).expect("the outward form"))
    }
}

#[async_trait]
impl PasswordHasher for Unhashed {
    async fn hash(&self, _: &Password) -> Result<PasswordHash, HasherError> {
        Ok(self.0.clone())
    }

    async fn verify(&self, _: &Password, _: &PasswordHash) -> Result<PasswordMatch, HasherError> {
        Ok(PasswordMatch::Mismatched)
    }

    async fn verify_nothing(&self, _: &Password) -> Result<(), HasherError> {
        Ok(())
    }
}

/// The codes that were sent and not used yet: few, so that finding one costs nothing of note.
#[derive(Debug, Default)]
struct Pocket(Mutex<Vec<(Address, Code)>>);

impl Pocket {
    fn codes(&self) -> MutexGuard<'_, Vec<(Address, Code)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, to: &Address) -> Option<Code> {
        let mut codes = self.codes();
        let at = codes.iter().position(|(sent_to, _)| sent_to == to)?;
        Some(codes.swap_remove(at).1)
    }
}

#[async_trait]
impl NoticeSender for Pocket {
    async fn send(&self, _: NoticeMessage) -> Result<(), DeliveryError> {
        Ok(())
    }
}

#[async_trait]
impl OtpSender for Pocket {
    async fn send(&self, message: OtpMessage) -> Result<(), DeliveryError> {
        self.codes().push((message.to, message.code));
        Ok(())
    }
}

/// People who change their password again and again, by the code sent to their phone.
pub struct Commuters {
    ciam: Ciam,
    world: World,
    pocket: Arc<Pocket>,
    people: Vec<Person>,
    principals: Vec<Principal>,
}

impl Commuters {
    /// So many people in a store, on a host with the given keys and chance and a hasher that costs nothing.
    ///
    /// # Panics
    /// When an account cannot be made.
    pub async fn new(backend: Backend, people: u16, keys: Arc<dyn Keys>, random: Arc<dyn Random>) -> Self {
        let world = World::new(backend);
        let pocket = Arc::new(Pocket::default());
        let ports = CorePorts {
            hasher: Arc::new(Unhashed::default()),
            otp: pocket.clone(),
            notices: pocket.clone(),
            keys,
            random,
            ..world.ports.clone()
        };
        let ciam = Ciam::new(ports, Config::default()).expect("settings in range");
        let mut made = Vec::new();
        for number in 0..people {
            made.push(world.person(&format!("commuter{number}"), number).await);
        }
        Self { ciam, world, pocket, people: made, principals: Vec::new() }
    }

    /// A new day: limits of the day before are over, notices went out, and everyone signs in.
    ///
    /// # Panics
    /// When someone cannot sign in.
    pub async fn wake(&mut self) {
        self.world.clock.advance(DAY + DAY);
        self.world.backend.store.sweep(ciam::ports::Clock::now(&*self.world.clock)).await.expect("a store");
        while self.ciam.relay_once().await.expect("an outbox").sent > 0 {}
        self.principals.clear();
        for person in &self.people {
            self.principals.push(self.world.sign_in(person).await);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn number(&self) -> u32 {
        u32::try_from(self.people.len()).unwrap_or(u32::MAX)
    }

    /// Everyone changes their password, one after the other.
    ///
    /// # Panics
    /// When a call is refused.
    pub async fn commute(&self) {
        for traveller in self.people.iter().zip(&self.principals) {
            self.journey(traveller).await;
        }
    }

    /// Everyone changes their password, in so many lanes at once, each on a thread of its own.
    ///
    /// # Panics
    /// When a call is refused.
    pub fn commute_abreast(&self, lanes: usize) {
        let travellers: Vec<_> = self.people.iter().zip(&self.principals).collect();
        std::thread::scope(|scope| {
            for lane in travellers.chunks(travellers.len().div_ceil(lanes.max(1)).max(1)) {
                scope.spawn(move || lane.iter().for_each(|traveller| block_on(self.journey(*traveller))));
            }
        });
    }

    async fn journey(&self, (person, who): (&Person, &Principal)) {
        let flow = self.ciam.check_operation(who, Operation::UpdatePassword).await.expect("a flow").flow;
        let request = FactorCodeRequest {
            flow: &flow,
            method: Method::Sms,
            wording: Wording::default(),
            captcha: None,
        };
        self.ciam.send_factor_code(who, request).await.expect("a code");
        let code = self.pocket.take(&person.phone).expect("a code");
        self.ciam.verify_factor_code(who, &flow, Method::Sms, &code).await.expect("the right code");
        let new = SecretText::new("seven herons cross the bay".to_owned());
        self.ciam.change_password(who, &flow, &new).await.expect("a new password");
    }
}

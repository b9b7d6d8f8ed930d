//! Passkeys, with ports that fail: what is told stands, what fails may be done again, nothing opens by it.

use ciam::domain::flow::Operation;
use ciam::domain::{FlowId, TenantId};
use ciam::ports::PasskeyAnswer;
use ciam::{Config, Error, Principal, Proven, SignInRequest, SignedIn, SignedOutStep};
use futures_executor::block_on;

use super::{Fault, Faults, MakeBackend};
use crate::fake::FakeSecurityKey;
use crate::world::{PASSWORD, Person, SCOPE, World};

/// The methods that are tried here.
pub(super) const METHODS: [&str; 10] = [
    "begin_passkey",
    "confirm_passkey",
    "remove_passkey",
    "own_passkeys",
    "ask_for_passkey",
    "verify_factor_passkey",
    "sign_in_factor_passkey",
    "verify_sign_in_passkey",
    "passkey_challenge",
    "sign_in_by_passkey",
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Call {
    Begin,
    Confirm,
    ConfirmWrongly,
    Remove,
    List,
    Ask,
    Prove,
    ProveWrongly,
    AskHalfWay,
    ProveHalfWay,
    Challenge,
    SignIn,
    SignInWrongly,
    SignInByACopy,
}

const CALLS: [Call; 14] = [
    Call::Begin,
    Call::Confirm,
    Call::ConfirmWrongly,
    Call::Remove,
    Call::List,
    Call::Ask,
    Call::Prove,
    Call::ProveWrongly,
    Call::AskHalfWay,
    Call::ProveHalfWay,
    Call::Challenge,
    Call::SignIn,
    Call::SignInWrongly,
    Call::SignInByACopy,
];

impl Call {
    const fn is_wrong(self) -> bool {
        matches!(self, Self::ConfirmWrongly | Self::ProveWrongly | Self::SignInWrongly | Self::SignInByACopy)
    }
}

/// One call before a person gets further.
struct Scene {
    call: Call,
    name: String,
    person: Person,
    who: Principal,
    key: FakeSecurityKey,
    flow: Option<FlowId>,
    answer: PasskeyAnswer,
}

impl Scene {
    async fn set(world: &World, call: Call, number: u16) -> Self {
        let name = format!("person.{number}");
        let person = world.person(&name, number).await;
        let who = world.sign_in(&person).await;
        let key = world.passkeys.authenticator_of(number);
        let mut scene =
            Self { call, name, person, who, key, flow: None, answer: PasskeyAnswer::new(String::new()) };
        if !matches!(call, Call::Begin | Call::Confirm | Call::ConfirmWrongly) {
            let begun = world.ciam.begin_passkey(&scene.who, Proven::FreshSession).await.unwrap();
            world.ciam.confirm_passkey(&scene.who, "Mine", &scene.key.create(&begun)).await.unwrap();
        }
        scene.make_ready(world).await;
        scene
    }

    /// Whatever the call needs anew each time.
    async fn make_ready(&mut self, world: &World) {
        let ciam = &world.ciam;
        match self.call {
            Call::Confirm | Call::ConfirmWrongly => {
                let begun = ciam.begin_passkey(&self.who, Proven::FreshSession).await.unwrap();
                if self.call == Call::Confirm {
                    self.answer = self.key.create(&begun);
                }
            }
            Call::Ask | Call::Prove | Call::ProveWrongly => {
                let flow = ciam.check_operation(&self.who, Operation::Unsubscribe).await.unwrap().flow;
                if self.call == Call::Prove {
                    self.answer = self.key.get(
                        &ciam.ask_for_passkey(&self.who, &flow).await.unwrap(),
                        None,
                        self.next(world).await,
                    );
                }
                self.flow = Some(flow);
            }
            Call::AskHalfWay | Call::ProveHalfWay => self.go_half_way(world).await,
            Call::SignIn => self.answer = self.at_the_door(world, self.next(world).await).await,
            Call::SignInByACopy => self.answer = self.at_the_door(world, 1).await,
            _ => {}
        }
    }

    /// How often the authenticator has signed after one more time.
    async fn next(&self, world: &World) -> u32 {
        world.user(&self.person.id).await.passkeys.held[0].sign_count + 1
    }

    async fn at_the_door(&self, world: &World, count: u32) -> PasskeyAnswer {
        let request = world.ciam.passkey_challenge(&TenantId::default()).await.unwrap();
        self.key.get(&request, world.user(&self.person.id).await.passkeys.handle, count)
    }

    async fn go_half_way(&mut self, world: &World) {
        let request = SignInRequest { scopes: vec![SCOPE.to_owned()], ..SignInRequest::default() };
        let password = ciam::domain::secret::SecretText::new(PASSWORD.to_owned());
        let begun = world.ciam.sign_in(&request, &self.name, &password).await.unwrap();
        let SignedIn::SecondFactor { flow, .. } = begun else { unreachable!("{begun:?}") };
        let on = SignedOutStep { tenant: &TenantId::default(), flow: &flow, source: None };
        let asked = world.ciam.sign_in_factor_passkey(&on).await.unwrap();
        self.answer = self.key.get(&asked, None, self.next(world).await);
        self.flow = Some(flow);
    }

    async fn make(&self, world: &World) -> Result<(), Error> {
        let (ciam, who, tenant) = (&world.ciam, &self.who, TenantId::default());
        let flow = || self.flow.as_ref().unwrap();
        match self.call {
            Call::Begin => ciam.begin_passkey(who, Proven::FreshSession).await.map(drop),
            Call::Confirm | Call::ConfirmWrongly => ciam.confirm_passkey(who, "Mine", &self.answer).await,
            Call::Remove => ciam.remove_passkey(who, Proven::FreshSession, &self.key.id).await,
            Call::List => ciam.own_passkeys(who).await.map(drop),
            Call::Ask => ciam.ask_for_passkey(who, flow()).await.map(drop),
            Call::Prove | Call::ProveWrongly => {
                ciam.verify_factor_passkey(who, flow(), &self.answer).await.map(drop)
            }
            Call::AskHalfWay => {
                let on = SignedOutStep { tenant: &tenant, flow: flow(), source: None };
                ciam.sign_in_factor_passkey(&on).await.map(drop)
            }
            Call::ProveHalfWay => {
                let on = SignedOutStep { tenant: &tenant, flow: flow(), source: None };
                ciam.verify_sign_in_passkey(&on, &self.answer).await.map(drop)
            }
            Call::Challenge => ciam.passkey_challenge(&tenant).await.map(drop),
            Call::SignIn | Call::SignInWrongly | Call::SignInByACopy => {
                let request = SignInRequest { scopes: vec![SCOPE.to_owned()], ..SignInRequest::default() };
                ciam.sign_in_by_passkey(&request, &self.answer).await.map(drop)
            }
        }
    }

    async fn sessions(&self, world: &World) -> usize {
        let user = world.user(&self.person.id).await;
        let all = world.backend.store.sessions(&TenantId::default(), &user.id).await.unwrap();
        all.iter()
            .filter(|session| session.is_alive(&user.stamp, ciam::ports::Clock::now(&*world.clock)))
            .count()
    }

    /// Whether what the call is for stands.
    async fn stands(&self, world: &World, open: usize) -> bool {
        let passkeys = world.user(&self.person.id).await.passkeys;
        match self.call {
            Call::Begin => passkeys.pending.is_some(),
            Call::Confirm => passkeys.held.len() == 1 && passkeys.pending.is_none(),
            Call::Remove => passkeys.held.is_empty(),
            Call::Prove => passkeys.held[0].sign_count > 1,
            Call::SignIn | Call::ProveHalfWay => {
                let opened = self.sessions(world).await > open;
                // Between two halves of a store the count may stand alone.
                assert!(!opened || passkeys.held[0].sign_count > 1, "what opens something is counted");
                opened
            }
            _ => true,
        }
    }
}

fn config() -> Config {
    let mut config = Config::default();
    config.flow.recent_factor = std::time::Duration::ZERO;
    config.flow.sign_in = ciam::domain::flow::TwoFactor::Required;
    config
}

/// Whatever fails: nothing is told that does not stand, no wrong answer counts, and who begins anew gets there.
pub fn passkeys(make: MakeBackend<'_>) {
    let faults = Faults::default();
    let world = World::with(make(&faults), config());
    let host = faults.host(&world);
    let mut number = 0;
    for (call, fault) in CALLS.iter().flat_map(|call| Fault::ALL.map(|fault| (*call, fault))) {
        for place in 0.. {
            number += 1;
            if !block_on(Box::pin(one(&faults, (&world, &host), (call, number), (place, fault)))) {
                assert!(place > 0, "{call:?} asks no port");
                break;
            }
        }
    }
}

async fn one(
    faults: &Faults,
    (world, host): (&World, &World),
    (call, number): (Call, u16),
    (place, fault): (usize, Fault),
) -> bool {
    let mut scene = Scene::set(world, call, number).await;
    let (before, open) = (world.user(&scene.person.id).await, scene.sessions(world).await);
    faults.strike(place, fault);
    let answer = faults.answer(Box::pin(scene.make(host))).await;
    let seen = faults.end();
    world.backend.store.ping().await.unwrap();
    let about = format!("{call:?} {:?} {fault:?}: {answer:?}", seen.struck);
    let stands = scene.stands(world, open).await;
    let halves = seen.struck.is_some_and(|port| port.starts_with("flows."));
    if call.is_wrong() {
        assert_eq!(
            (world.user(&scene.person.id).await, scene.sessions(world).await),
            (before, open),
            "{about}"
        );
    }
    match &answer {
        // Between two halves of a store the account stands, and what is open fails closed.
        Some(Ok(())) => assert!(!call.is_wrong() && (stands || halves), "{about}"),
        Some(Err(Error::Refused(refusal))) => {
            assert!(call.is_wrong() && seen.struck.is_none(), "{about}: {}", refusal.reason());
        }
        Some(Err(error @ Error::Failed(failure))) => {
            assert!(failure.is_retryable(), "{about}");
            let answer = scene.answer.as_str();
            assert!(answer.is_empty() || !super::told(error).contains(answer), "{about}");
        }
        None => assert!(!matches!(fault, Fault::Fails | Fault::FailsLate), "{about}"),
    }
    if !call.is_wrong() && !stands {
        scene.make_ready(world).await;
        scene.make(world).await.unwrap();
        assert!(scene.stands(world, open).await, "{about}");
    }
    seen.struck.is_some()
}

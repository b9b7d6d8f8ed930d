//! Devices that sign in, with ports that fail: what is told stands, what fails may be done again, nothing opens by it.

use ciam::domain::gesture::GestureAlgorithm;
use ciam::domain::secret::SecretText;
use ciam::domain::user::GestureDevice;
use ciam::domain::{TenantId, User};
use ciam::{Authority, Config, Error, NewDevice, Principal, Proven, SignInRequest};
use futures_executor::block_on;

use super::{Fault, Faults, MakeBackend, told};
use crate::fake::FakeDevice;
use crate::world::{Person, SCOPE, World};

/// The methods that are tried here.
pub(super) const METHODS: [&str; 8] = [
    "gesture_challenge",
    "gesture_bind_challenge",
    "register_gesture",
    "register_user_gesture",
    "bind_gesture",
    "unbind_gesture",
    "own_devices",
    "sign_in_by_gesture",
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Call {
    Challenge,
    BindChallenge,
    Register,
    RegisterForOne,
    Bind,
    BindWrongly,
    Unbind,
    List,
    SignIn,
    SignInWrongly,
}

const CALLS: [Call; 10] = [
    Call::Challenge,
    Call::BindChallenge,
    Call::Register,
    Call::RegisterForOne,
    Call::Bind,
    Call::BindWrongly,
    Call::Unbind,
    Call::List,
    Call::SignIn,
    Call::SignInWrongly,
];

/// One call before a person gets further.
struct Scene {
    call: Call,
    name: String,
    person: Person,
    who: Principal,
    device: FakeDevice,
    sign: SecretText,
}

impl Scene {
    async fn set(world: &World, call: Call, number: u16) -> Self {
        let name = format!("person.{number}");
        let person = world.person(&name, number).await;
        let who = world.sign_in(&person).await;
        let device = world.gestures.device("phone", GestureAlgorithm::Aes256, 1);
        let sign = SecretText::new(String::new());
        let mut scene = Self { call, name, person, who, device, sign };
        let registered = !matches!(call, Call::Register | Call::RegisterForOne);
        if registered {
            scene.register(world).await.unwrap();
        }
        if matches!(call, Call::Unbind | Call::List | Call::SignIn | Call::SignInWrongly) {
            scene.sign = scene.to_bind(world).await;
            scene.bind(world).await.unwrap();
        }
        scene.sign = match call {
            Call::SignIn => scene.to_sign_in(world, &scene.device).await,
            Call::Bind => scene.to_bind(world).await,
            Call::SignInWrongly => {
                let other = world.gestures.device("phone", GestureAlgorithm::Aes256, 2);
                scene.to_sign_in(world, &other).await
            }
            _ => SecretText::new("no sign".to_owned()),
        };
        scene
    }

    async fn to_bind(&self, world: &World) -> SecretText {
        let challenge = world.ciam.gesture_bind_challenge(&self.who, &self.device.id).await.unwrap();
        self.device.sign(&self.name, challenge.text.expose())
    }

    async fn to_sign_in(&self, world: &World, device: &FakeDevice) -> SecretText {
        let challenge = world.ciam.gesture_challenge(&TenantId::default(), &device.id).await.unwrap();
        device.sign(&self.name, challenge.text.expose())
    }

    async fn register(&self, world: &World) -> Result<(), Error> {
        let (key, algorithm) = (self.device.key(), self.device.algorithm);
        let new = NewDevice { device: &self.device.id, algorithm, key: &key };
        world.ciam.register_gesture(&self.who, Proven::FreshSession, new).await
    }

    async fn bind(&self, world: &World) -> Result<(), Error> {
        world.ciam.bind_gesture(&self.who, Proven::FreshSession, &self.sign).await
    }

    async fn make(&self, world: &World) -> Result<(), Error> {
        let ciam = &world.ciam;
        match self.call {
            Call::Challenge => ciam.gesture_challenge(&TenantId::default(), &self.device.id).await.map(drop),
            Call::BindChallenge => ciam.gesture_bind_challenge(&self.who, &self.device.id).await.map(drop),
            Call::Register => self.register(world).await,
            Call::RegisterForOne => {
                let (key, algorithm) = (self.device.key(), self.device.algorithm);
                let new = NewDevice { device: &self.device.id, algorithm, key: &key };
                let of = (&TenantId::default(), &self.person.id);
                ciam.register_user_gesture(Authority::Host, of, new).await
            }
            Call::Bind | Call::BindWrongly => self.bind(world).await,
            Call::Unbind => ciam.unbind_gesture(&self.who, Proven::FreshSession, &self.device.id).await,
            Call::List => ciam.own_devices(&self.who).await.map(drop),
            Call::SignIn | Call::SignInWrongly => {
                let request = SignInRequest { scopes: vec![SCOPE.to_owned()], ..SignInRequest::default() };
                ciam.sign_in_by_gesture(&request, &self.name, &self.sign).await.map(drop)
            }
        }
    }

    async fn sessions(&self, world: &World) -> usize {
        world.backend.store.sessions(&TenantId::default(), &self.person.id).await.unwrap().len()
    }

    /// Whether what the call is for stands.
    fn stands(&self, user: &User) -> bool {
        let known = user.gesture(&self.device.id);
        match self.call {
            Call::Register | Call::RegisterForOne => known.is_some(),
            Call::Bind => known.is_some_and(GestureDevice::is_bound),
            Call::Unbind => known.is_none(),
            _ => true,
        }
    }
}

/// Whatever fails: nothing is told that does not stand, no wrong sign counts, and who begins anew gets there.
pub fn devices_that_sign_in(make: MakeBackend<'_>) {
    let faults = Faults::default();
    let world = World::with(make(&faults), Config::default());
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
    let scene = Scene::set(world, call, number).await;
    let (before, open) = (world.user(&scene.person.id).await, scene.sessions(world).await);
    faults.strike(place, fault);
    let answer = faults.answer(Box::pin(scene.make(host))).await;
    let seen = faults.end();
    world.backend.store.ping().await.unwrap();
    let about = format!("{call:?} {:?} {fault:?}: {answer:?}", seen.struck);
    let after = world.user(&scene.person.id).await;
    let wrong = matches!(call, Call::BindWrongly | Call::SignInWrongly);
    if wrong {
        assert_eq!((&after, scene.sessions(world).await), (&before, open), "{about}");
    }
    match &answer {
        Some(Ok(())) => {
            assert!(!wrong && scene.stands(&after), "{about}");
            let opened = usize::from(call == Call::SignIn);
            assert_eq!(scene.sessions(world).await, open + opened, "{about}");
        }
        Some(Err(Error::Refused(refusal))) => {
            assert!(wrong && seen.struck.is_none(), "{about}: {}", refusal.reason());
        }
        Some(Err(error @ Error::Failed(failure))) => {
            assert!(failure.is_retryable(), "{about}");
            let (told, sign) = (told(error), scene.sign.expose());
            assert!(sign.is_empty() || !told.contains(sign), "{about}: {told}");
        }
        None => assert!(!matches!(fault, Fault::Fails | Fault::FailsLate), "{about}"),
    }
    if !wrong && !scene.stands(&after) {
        let again = Scene { sign: anew(world, &scene).await, ..scene };
        again.make(world).await.unwrap();
        assert!(again.stands(&world.user(&again.person.id).await), "{about}");
    } else if call == Call::SignIn {
        let again = Scene { sign: scene.to_sign_in(world, &scene.device).await, ..scene };
        again.make(world).await.unwrap();
    }
    seen.struck.is_some()
}

async fn anew(world: &World, scene: &Scene) -> SecretText {
    if scene.call == Call::Bind { scene.to_bind(world).await } else { SecretText::new("no sign".to_owned()) }
}

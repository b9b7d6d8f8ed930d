//! Devices and their keys: known and bound by whoever signed in just now, worth nothing to readers of the database.

use std::time::Duration;

use ciam::domain::challenge::Code;
use ciam::domain::encrypted::EncryptedSecret;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::gesture::{GestureAlgorithm, StoredDeviceKey};
use ciam::domain::user::{Status, User};
use ciam::domain::{DeviceId, TenantId};
use ciam::ports::Clock;
use ciam::{Authority, Config, Error, NewDevice, Principal, Proven, Wording};

use super::MakeWorld;
use super::gesture::{bind, bound, come_in, enter, phone, prove, register, to_bind, to_sign_in};
use super::moves::{NEW, at_once, refused, secret, write_user};
use super::sign_in::{from, step};
use crate::fake::FakeDevice;
use crate::world::World;

async fn unbind(world: &World, who: &Principal, device: &FakeDevice) -> Result<(), Error> {
    world.ciam.unbind_gesture(who, Proven::FreshSession, &device.id).await
}

/// A token alone, of a session that is not fresh, changes nothing; nor does a flow of something else.
pub async fn a34_devices_are_changed_by_whoever_signed_in_just_now(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let device = phone(&world, GestureAlgorithm::Ed25519);
    let other = world.gestures.device("tablet", GestureAlgorithm::Aes256, 2);
    let alice = bound(&world, "alice", 1, &device).await;
    let who = world.sign_in(&alice).await;
    register(&world, &who, &other).await.unwrap();
    world.clock.advance(Duration::from_mins(5));
    let stale = "access.stale_authentication";
    let third = world.gestures.device("third", GestureAlgorithm::Ed25519, 3);
    refused(&world, &alice, stale, register(&world, &who, &third)).await;
    refused(&world, &alice, stale, prove(&world, &who, "alice", &other)).await;
    refused(&world, &alice, stale, unbind(&world, &who, &device)).await;
    let flow = world.proven(&who, Operation::Unsubscribe).await;
    let sign = to_bind(&world, &who, "alice", &other).await;
    let borrowed = world.ciam.bind_gesture(&who, Proven::Flow(&flow), &sign);
    refused(&world, &alice, "flow.unknown", borrowed).await;
    let (key, algorithm) = (third.key(), third.algorithm);
    let new = NewDevice { device: &third.id, algorithm, key: &key };
    let borrowed = world.ciam.register_gesture(&who, Proven::Flow(&flow), new);
    refused(&world, &alice, "flow.unknown", borrowed).await;
    let fresh = world.sign_in(&alice).await;
    prove(&world, &fresh, "alice", &other).await.expect("a session of just now");
    assert_eq!(world.ciam.own_devices(&fresh).await.unwrap().len(), 2);
    assert!(world.ciam.own_devices(&who).await.is_err(), "binding ended the other session");
}

/// A key that is made known, by its person or by the host, signs nobody in; a malformed one is not taken; a bound one is
/// not replaced; there is an end to them.
pub async fn a34_a_key_opens_nothing_before_it_is_proven(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let device = phone(&world, GestureAlgorithm::EcdsaP256);
    register(&world, &who, &device).await.unwrap();
    assert_eq!(come_in(&world, "alice", &device).await.unwrap_err().reason(), "sign_in.failed");
    let id = DeviceId::parse("bad").unwrap();
    let none = [vec![4; 65], vec![7; 65], Vec::new()].map(|bytes| (GestureAlgorithm::EcdsaP256, bytes));
    // Small order, and what nobody drew: there anybody signs.
    let weak = [(GestureAlgorithm::Ed25519, vec![0; 32]), (GestureAlgorithm::Aes256, vec![0; 32])];
    for (algorithm, bytes) in none.into_iter().chain(weak) {
        let key = ciam::domain::secret::SecretBytes::new(bytes);
        let new = NewDevice { device: &id, algorithm, key: &key };
        let call = world.ciam.register_gesture(&who, Proven::FreshSession, new);
        refused(&world, &alice, "gesture.malformed_key", call).await;
    }
    let stolen = world.gestures.device("phone", GestureAlgorithm::Ed25519, 9);
    refused(&world, &alice, "gesture.wrong_sign", prove(&world, &who, "alice", &stolen)).await;
    prove(&world, &who, "alice", &device).await.unwrap();
    refused(&world, &alice, "gesture.already_bound", register(&world, &who, &stolen)).await;
    come_in(&world, "alice", &device).await.unwrap();
    for number in 0..7 {
        let more = world.gestures.device(&format!("d{number}"), GestureAlgorithm::Aes256, 50 + number);
        register(&world, &who, &more).await.unwrap();
    }
    let more = world.gestures.device("one-more", GestureAlgorithm::Aes256, 60);
    refused(&world, &alice, "gesture.too_many_devices", register(&world, &who, &more)).await;
}

/// A device is bound by a sign over a challenge of this person's and one of their own names, once.
pub async fn a34_a_sign_of_binding_names_its_own_person(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let (who, he) = (world.sign_in(&alice).await, world.sign_in(&bob).await);
    let device = phone(&world, GestureAlgorithm::Aes256);
    register(&world, &who, &device).await.unwrap();
    register(&world, &he, &device).await.unwrap();
    let by = async |sign: &ciam::domain::secret::SecretText| {
        world.ciam.bind_gesture(&who, Proven::FreshSession, sign).await
    };
    for (name, reason) in
        [("bob", "gesture.wrong_name"), ("no.such.name", "gesture.wrong_name"), (" ", "gesture.no_name")]
    {
        let sign = to_bind(&world, &who, name, &device).await;
        refused(&world, &alice, reason, by(&sign)).await;
    }
    let his = to_bind(&world, &he, "alice", &device).await;
    let sign_in = to_sign_in(&world, "alice", &device).await;
    for sign in [&his, &sign_in] {
        refused(&world, &alice, "gesture.wrong_sign", by(sign)).await;
    }
    world.clock.advance(Duration::from_secs(30));
    let late = to_bind(&world, &who, "alice@example.org", &device).await;
    world.clock.advance(Duration::from_mins(1));
    refused(&world, &alice, "gesture.wrong_sign", by(&late)).await;
    world.clock.advance(Duration::from_mins(1));
    let sign = to_bind(&world, &who, "alice@example.org", &device).await;
    let ends = at_once(vec![(); 4], |()| futures_executor::block_on(Box::pin(by(&sign))).is_ok());
    assert_eq!(ends.iter().filter(|bound| **bound).count(), 1, "{ends:?}");
    come_in(&world, "alice", &device).await.unwrap();
}

/// Whoever reads or changes the rows of devices signs nobody in.
pub async fn a34_stored_keys_sign_nothing(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let public = phone(&world, GestureAlgorithm::Ed25519);
    let shared = world.gestures.device("tablet", GestureAlgorithm::Aes256, 2);
    let alice = bound(&world, "alice", 1, &public).await;
    bind(&world, &alice, "alice", &shared).await;
    let bob = world.person("bob", 2).await;
    let rows = world.user(&alice.id).await.gestures;
    for row in &rows {
        let bytes = row.key.to_bytes();
        let secret = shared.key();
        assert!(!bytes.windows(32).any(|part| part == secret.expose()), "a key stands in clear");
        // What stands in the row, taken for the key itself.
        let guessed: [u8; 32] = bytes[bytes.len() - 32..].try_into().unwrap();
        for algorithm in GestureAlgorithm::ALL {
            let thief = FakeDevice::holding(row.device.as_str(), algorithm, guessed);
            assert!(come_in(&world, "alice", &thief).await.is_err());
            world.clock.advance(Duration::from_hours(1));
        }
    }
    // Her row put into his account, and a row that was changed.
    let user = world.user(&bob.id).await;
    write_user(&world, &user, |user| user.gestures.clone_from(&rows)).await;
    assert!(come_in(&world, "bob", &shared).await.is_err(), "her key is encrypted for her alone");
    let user = world.user(&alice.id).await;
    write_user(&world, &user, |user| {
        let key = &mut user.gestures[1].key;
        let mut bytes = key.to_bytes();
        *bytes.last_mut().unwrap() ^= 1;
        *key = StoredDeviceKey::Aes256(EncryptedSecret::from_bytes(&bytes).unwrap());
    })
    .await;
    assert!(come_in(&world, "alice", &shared).await.is_err());
    come_in(&world, "alice", &public).await.unwrap();
}

/// Whoever recovers the password, or deletes the account, is rid of every device.
pub async fn a34_devices_end_with_recovery_and_deletion(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let device = phone(&world, GestureAlgorithm::Ed25519);
    let (alice, tenant) = (bound(&world, "alice", 1, &device).await, TenantId::default());
    let to = alice.email.canonical();
    let flow = world.ciam.start_recovery(&from(1), to, Wording::default()).await.unwrap();
    let on = step(&tenant, &flow);
    let code = Code::presented(&world.mailbox.last_code(to).unwrap());
    world.ciam.verify_sign_in_code(&on, Method::Email, &code).await.unwrap();
    world.ciam.set_new_password(&on, &secret(NEW)).await.unwrap();
    assert!(come_in(&world, "alice", &device).await.is_err());
    assert_eq!(world.user(&alice.id).await.gestures, []);
    let bob = bound(&world, "bob", 2, &device).await;
    let who = world.sign_in(&bob).await;
    let flow = world.proven(&who, Operation::Unsubscribe).await;
    world.ciam.delete_account(&who, &flow).await.unwrap();
    assert!(come_in(&world, "bob", &device).await.is_err());
    let user = world.user(&bob.id).await;
    write_user(&world, &user, |user| user.status = Status::Normal).await;
    world.clock.advance(Duration::from_hours(1));
    assert!(come_in(&world, "bob", &device).await.is_err(), "not even when the deletion is called back");
}

/// An account that its host deletes has no device left to come back with.
pub async fn a34_devices_end_with_a_deletion_by_the_host(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let device = phone(&world, GestureAlgorithm::Ed25519);
    let (alice, tenant) = (bound(&world, "alice", 1, &device).await, TenantId::default());
    let erase_at = world.clock.now().after(Duration::from_hours(1));
    let deleted = Status::PendingDeletion { erase_at };
    world.ciam.set_status(Authority::Host, &tenant, &alice.id, deleted).await.unwrap();
    world.ciam.restore_user(Authority::Host, &tenant, &alice.id).await.unwrap();
    assert!(come_in(&world, "alice", &device).await.is_err());
    assert_eq!(world.user(&alice.id).await.gestures, []);
}

/// Nobody unbinds the last way in, however many try at once.
pub async fn a34_the_last_way_in_stays(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let devices =
        [1, 2].map(|number| world.gestures.device(&format!("d{number}"), GestureAlgorithm::Ed25519, number));
    let alice = bound(&world, "alice", 1, &devices[0]).await;
    bind(&world, &alice, "alice", &devices[1]).await;
    let user = world.user(&alice.id).await;
    let bare = |user: &mut User| (user.password, user.phone, user.email) = (None, None, None);
    write_user(&world, &user, bare).await;
    let who = world.sign_in(&alice).await;
    let ends = at_once(devices.iter().collect(), |device| {
        futures_executor::block_on(Box::pin(unbind(&world, &who, device))).is_ok()
    });
    assert_eq!(ends.iter().filter(|gone| **gone).count(), 1, "{ends:?}");
    let who = world.sign_in(&alice).await;
    let (left, _) = devices.iter().zip(&ends).find(|(_, gone)| !**gone).unwrap();
    assert!(unbind(&world, &who, left).await.is_err());
    assert_eq!(world.user(&alice.id).await.gestures.len(), 1);
    // Nor do strangers bring it about.
    let (name, known) = ("alice", world.user(&alice.id).await.gestures[0].device.clone());
    let wrong = world.gestures.device(known.as_str(), GestureAlgorithm::Ed25519, 9);
    for _ in 0..51 {
        let sign = to_sign_in(&world, name, &wrong).await;
        enter(&world, name, &sign).await.unwrap_err();
        world.clock.advance(Duration::from_hours(1));
    }
    assert_eq!(world.user(&alice.id).await.gestures.len(), 1);
}

/// A device that is gone leaves no session behind, not even the one that unbinds it.
pub async fn a34_unbinding_ends_what_the_device_opened(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let device = phone(&world, GestureAlgorithm::Ed25519);
    bound(&world, "alice", 1, &device).await;
    let (first, second) = (come_in(&world, "alice", &device).await, come_in(&world, "alice", &device).await);
    let acting = world.ciam.principal(&first.unwrap().access, crate::world::SCOPE).await.unwrap();
    let other = world.ciam.principal(&second.unwrap().access, crate::world::SCOPE).await.unwrap();
    unbind(&world, &acting, &device).await.unwrap();
    for who in [acting, other] {
        assert_eq!(world.ciam.own_devices(&who).await.unwrap_err().reason(), "access.invalid_token");
    }
    assert!(come_in(&world, "alice", &device).await.is_err());
}

/// A gesture of an account that may not act opens nothing, and opens it again when it may.
pub async fn a34_an_account_that_may_not_act_stays_shut(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let device = phone(&world, GestureAlgorithm::Ed25519);
    let alice = bound(&world, "alice", 1, &device).await;
    for status in [Status::Locked { until: None }, Status::Frozen, Status::Disabled] {
        let user = world.user(&alice.id).await;
        write_user(&world, &user, |user| user.status = status).await;
        let error = come_in(&world, "alice", &device).await.unwrap_err();
        assert_eq!(error.reason(), "sign_in.failed", "{status:?}");
    }
    let user = world.user(&alice.id).await;
    write_user(&world, &user, |user| user.status = Status::Normal).await;
    come_in(&world, "alice", &device).await.unwrap();
}

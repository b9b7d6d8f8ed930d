//! Passkeys, made, used and removed in every order of reads and writes.

use std::sync::Arc;

use ciam::domain::session::Amr;
use ciam::ports::{Clock, PasskeyAnswer};
use ciam::{Ciam, Error, Principal, Proven};
use futures_executor::block_on;

use super::MakeWorld;
use super::between::{GAPS, between};
use super::moves::write_user;
use super::passkey_sign_in::{challenge, enter, handle};
use super::passkeys::{answer, begin, eager, flow, owner};
use super::sign_in::from;
use crate::fake::FakeSecurityKey;
use crate::world::{Person, World};

/// Of two confirmations of what was begun once, by one authenticator or by two, one counts.
pub async fn a40_of_two_confirmations_one_counts(make: MakeWorld<'_>) {
    let mut came = 0;
    for (gap, number) in GAPS.into_iter().flat_map(|gap| [(gap, 1), (gap, 2)]) {
        let world = make(eager());
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let begun = begin(&world, &who).await;
        let signed = |number| world.passkeys.authenticator(-7, number).create(&begun);
        let (own, other, rival) = (signed(1), signed(number), who.clone());
        let ends = between(
            &world,
            gap,
            async |host| host.ciam.confirm_passkey(&who, "Mine", &own).await,
            move |ciam| block_on(ciam.confirm_passkey(&rival, "Mine", &other)),
        );
        let Some(ends) = ends.await else { continue };
        came += 1;
        assert!(ends == (true, false) || ends == (false, true), "{gap:?}: {ends:?}");
        let passkeys = world.user(&alice.id).await.passkeys;
        assert_eq!((passkeys.held.len(), passkeys.pending), (1, None), "{gap:?}");
    }
    assert!(came >= 6, "the rival came between {came} times");
}

/// One answer presented twice opens one session, and counts once where the authenticator does not count too.
pub async fn a40_of_one_answer_twice_one_counts(make: MakeWorld<'_>) {
    let mut came = 0;
    for (gap, count) in GAPS.into_iter().flat_map(|gap| [(gap, 0), (gap, 2)]) {
        let world = make(eager());
        let (alice, _, key) = owner(&world, "alice", 1).await;
        if count == 0 {
            uncounted(&world, &alice).await;
        }
        let answer = Arc::new(signed(&world, &alice, &key, count).await);
        let same = answer.clone();
        let ends = between(
            &world,
            gap,
            async |host| enter(host, &answer).await.map(drop),
            move |ciam| block_on(ciam.sign_in_by_passkey(&from(10), &same)).map(drop),
        );
        let Some(ends) = ends.await else { continue };
        came += 1;
        assert!(ends == (true, false) || ends == (false, true), "{gap:?} {count}: {ends:?}");
        assert_eq!(opened(&world, &alice).await, 1, "{gap:?} {count}");
    }
    assert!(came >= 6, "the rival came between {came} times");
}

/// A passkey that is removed while it signs in, or the other way round, is gone, and nothing that it opened is alive.
pub async fn a40_a_removed_passkey_opens_nothing(make: MakeWorld<'_>) {
    let mut came = 0;
    for (gap, removes) in GAPS.into_iter().flat_map(|gap| [(gap, false), (gap, true)]) {
        let world = make(eager());
        let (alice, _, key) = owner(&world, "alice", 1).await;
        let who = world.sign_in(&alice).await;
        let answer = Arc::new(signed(&world, &alice, &key, 2).await);
        let (rival, same, id) = (who.clone(), answer.clone(), key.id.clone());
        let ends = between(
            &world,
            gap,
            async |host| {
                if removes {
                    remove(&host.ciam, &who, &key).await
                } else {
                    enter(host, &answer).await.map(drop)
                }
            },
            move |ciam| {
                if removes {
                    block_on(ciam.sign_in_by_passkey(&from(10), &same)).map(drop)
                } else {
                    block_on(ciam.remove_passkey(&rival, Proven::FreshSession, &id))
                }
            },
        );
        let Some((call, rival)) = ends.await else { continue };
        came += 1;
        let removed = if removes { call } else { rival };
        let left = world.user(&alice.id).await.passkeys.held.len();
        assert_eq!((removed, left), (true, 0), "{gap:?}");
        assert_eq!(opened(&world, &alice).await, 0, "{gap:?}");
    }
    assert!(came >= 5, "the rival came between {came} times");
}

/// A passkey that is removed while it proves its person in a flow, or the other way round, is gone, and the flow with it.
pub async fn a40_a_removed_passkey_proves_nothing(make: MakeWorld<'_>) {
    let mut came = 0;
    for (gap, removes) in GAPS.into_iter().flat_map(|gap| [(gap, false), (gap, true)]) {
        let world = make(eager());
        let (alice, _, key) = owner(&world, "alice", 1).await;
        let who = world.sign_in(&alice).await;
        let flow = Arc::new(flow(&world, &who).await);
        let presented = Arc::new(answer(&world, &who, &flow, (&key, 2)).await);
        let (rival, theirs, same, id) = (who.clone(), flow.clone(), presented.clone(), key.id.clone());
        let ends = between(
            &world,
            gap,
            async |host| {
                if removes {
                    remove(&host.ciam, &who, &key).await
                } else {
                    host.ciam.verify_factor_passkey(&who, &flow, &presented).await.map(drop)
                }
            },
            move |ciam| {
                if removes {
                    block_on(ciam.verify_factor_passkey(&rival, &theirs, &same)).map(drop)
                } else {
                    block_on(ciam.remove_passkey(&rival, Proven::FreshSession, &id))
                }
            },
        );
        let Some((call, rival)) = ends.await else { continue };
        came += 1;
        assert!(if removes { call } else { rival }, "{gap:?}: the passkey was not removed");
        assert!(world.user(&alice.id).await.passkeys.held.is_empty(), "{gap:?}");
        let deleted = world.ciam.delete_account(&who, &flow).await;
        assert_eq!(deleted.unwrap_err().reason(), "flow.unknown", "{gap:?}");
    }
    assert!(came >= 5, "the rival came between {came} times");
}

async fn remove(ciam: &Ciam, who: &Principal, key: &FakeSecurityKey) -> Result<(), Error> {
    ciam.remove_passkey(who, Proven::FreshSession, &key.id).await
}

/// An answer to a fresh challenge at the door.
async fn signed(world: &World, person: &Person, key: &FakeSecurityKey, count: u32) -> PasskeyAnswer {
    key.get(&challenge(world).await, handle(world, person).await, count)
}

/// Makes the person's authenticator one that does not count.
async fn uncounted(world: &World, person: &Person) {
    let user = world.user(&person.id).await;
    write_user(world, &user, |user| user.passkeys.held[0].sign_count = 0).await;
}

/// How many live sessions a passkey opened.
async fn opened(world: &World, person: &Person) -> usize {
    let (user, now) = (world.user(&person.id).await, world.clock.now());
    let held = world.backend.store.sessions(&user.tenant, &user.id).await.unwrap();
    let by_passkey = held.iter().filter(|session| session.amr.contains(&Amr::Passkey));
    by_passkey.filter(|session| session.is_alive(&user.stamp, now)).count()
}

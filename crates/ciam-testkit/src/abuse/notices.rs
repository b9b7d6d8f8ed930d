//! Notices: nothing sensitive happens to an account unheard.

use std::collections::BTreeMap;
use std::time::Duration;

use ciam::domain::flow::Operation;
use ciam::domain::notice::{Notice, NoticeKind};
use ciam::domain::user::{Address, Channel};
use ciam::ports::{Clock, NoticeMessage, NoticeSender};
use ciam::{Config, NewContact};
use futures_executor::block_on;

use super::MakeWorld;
use super::moves::{NEW, act, asked, at_once, perform, ready, relay_all, write_user};
use crate::world::World;

const LEASE: Duration = Duration::from_mins(1);

/// After every operation each address that was proven before it hears of it once; the new one does not.
pub async fn a26_every_proven_address_hears_of_it_once(make: MakeWorld<'_>) {
    for operation in Operation::SELF_SERVICE {
        let world = make(Config::default());
        let alice = world.person("alice", 1).await;
        perform(&world, &alice, operation).await;
        relay_all(&world).await;
        let told = world.mailbox.notices();
        let to: Vec<_> = told.iter().map(|notice| notice.to.clone()).collect();
        assert_eq!(to, [alice.phone.clone(), alice.email.clone()], "{operation:?}");
        let event = &told[0].id;
        for notice in &told {
            assert_eq!((notice.kind, &notice.user), (operation.notice().expect("a notice"), &alice.id));
            assert_eq!((&notice.id, notice.at), (event, world.clock.now()));
            tells_no_secret(&world, notice);
        }
        world.clock.advance(LEASE * 2);
        relay_all(&world).await;
        assert_eq!(world.mailbox.notices().len(), 2, "once each");
    }
}

/// Who confirms their own address in another spelling is told of it elsewhere only.
pub async fn a26_the_new_address_is_not_told(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let flow = asked(&world, &who, NewContact::Email("Alice@Example.ORG")).await;
    act(&world, &who, Operation::UpdateEmail, &flow).await;
    relay_all(&world).await;
    let to: Vec<_> = world.mailbox.notices().into_iter().map(|notice| notice.to).collect();
    assert_eq!(to, [alice.phone]);
}

/// Only a proven address is told.
pub async fn a26_an_unproven_address_is_not_told(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let user = world.user(&alice.id).await;
    write_user(&world, &user, |user| user.email.as_mut().unwrap().verified_at = None).await;
    perform(&world, &alice, Operation::UpdatePassword).await;
    relay_all(&world).await;
    let to: Vec<_> = world.mailbox.notices().into_iter().map(|notice| notice.to).collect();
    assert_eq!(to, [alice.phone]);
}

/// The change stands though no mail goes out; the notice follows later, the same as it would have been.
pub async fn a26_a_broken_mailer_delays_the_notice_only(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let who = world.sign_in(&alice).await;
    let flow = ready(&world, &who, Operation::UpdateEmail).await;
    world.mailbox.set_broken(true);
    act(&world, &who, Operation::UpdateEmail, &flow).await;
    let changed = world.user(&alice.id).await.verified_address(Channel::Email);
    assert_ne!(changed.as_ref(), Some(&alice.email), "the change stands");
    let at = world.clock.now();
    for pause in [10, 20, 40] {
        assert_eq!(world.ciam.relay_once().await.unwrap().postponed, 2);
        assert_eq!(world.ciam.relay_once().await.unwrap().postponed, 0, "not tried again at once");
        world.clock.advance(Duration::from_secs(pause));
    }
    world.mailbox.set_broken(false);
    assert_eq!(world.ciam.relay_once().await.unwrap().sent, 2);
    let told = world.mailbox.notices();
    assert!(told.iter().all(|notice| notice.at == at && notice.id == told[0].id));
    assert_eq!(told.iter().map(|notice| notice.to.clone()).collect::<Vec<_>>(), [alice.phone, alice.email]);
}

/// A notice whose relay died comes again when the lease is over, not before, with the same event id.
pub async fn a26_a_notice_survives_the_relay_that_took_it(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    perform(&world, &alice, Operation::UpdatePassword).await;
    let taken = world.backend.outbox.take(world.clock.now(), LEASE, 32).await.unwrap();
    for due in &taken {
        let message = NoticeMessage { notice: due.notice.clone(), revert: None };
        NoticeSender::send(&*world.mailbox, message).await.unwrap();
    }
    world.clock.advance(LEASE - Duration::from_micros(1));
    assert_eq!(world.ciam.relay_once().await.unwrap().sent, 0, "they are lent");
    world.clock.advance(Duration::from_micros(1));
    assert_eq!(world.ciam.relay_once().await.unwrap().sent, 2, "at least once");
    let told = world.mailbox.notices();
    assert_eq!(told[..2], told[2..], "a repeat can be told by id and address");
    assert_eq!(world.ciam.relay_once().await.unwrap().sent, 0);
}

/// Relays at once hand out each notice once.
pub async fn a26_relays_at_once_do_not_send_twice(make: MakeWorld<'_>) {
    let world = make(Config::default());
    for n in 1..=20 {
        let person = world.person(&format!("person.{n}"), n).await;
        perform(&world, &person, Operation::UpdatePassword).await;
    }
    let sent = at_once(vec![&world; 4], |world| block_on(world.ciam.relay_once()).unwrap().sent);
    relay_all(&world).await;
    assert!(sent.iter().sum::<u32>() >= 32, "a batch is full while more wait: {sent:?}");
    let mut times = BTreeMap::new();
    for notice in world.mailbox.notices() {
        *times.entry((notice.id, notice.to)).or_insert(0) += 1;
    }
    assert_eq!(times.len(), 40);
    assert!(times.values().all(|times| *times == 1));
}

/// A notice names its kind, its event and where it goes; no code, password or new address.
fn tells_no_secret(world: &World, notice: &Notice) {
    let Notice { id, tenant, user, kind, to, at: _, revert: _ } = notice;
    assert!(NoticeKind::ALL.contains(kind));
    let texts = [id.as_str(), tenant.as_str(), user.as_str(), kind.as_str(), to.canonical()];
    let new = world.mailbox.codes().into_iter().flat_map(|sent| [sent.digits, address(&sent.to)]);
    for secret in new.chain([NEW.to_owned(), crate::PASSWORD.to_owned()]) {
        assert!(texts.iter().all(|text| !text.contains(&secret)));
    }
}

fn address(to: &Address) -> String {
    to.canonical().to_owned()
}

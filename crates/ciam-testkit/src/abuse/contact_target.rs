//! A code confirms the address that received it, and no other.

use std::sync::Arc;
use std::time::Duration;

use ciam::domain::FlowId;
use ciam::domain::challenge::{Code, Purpose};
use ciam::domain::flow::Operation;
use ciam::domain::user::{Address, Channel};
use ciam::{Ciam, Config, ContactCodeRequest, Error, NewContact, Principal, Wording};
use futures_executor::block_on;

use super::MakeWorld;
use super::moves::ask;
use super::watch::Watch;
use crate::fake::Mailbox;
use crate::gap::{Gap, GappedStore};
use crate::world::{Person, World};

const MINUTE: Duration = Duration::from_mins(1);

/// After a code to one address and then one to another, the first sets nothing and the second sets its own
/// address.
pub async fn a14_target_bound_to_its_code(make: MakeWorld<'_>) {
    let email = (Operation::UpdateEmail, ["a@x.example", "b@x.example"]);
    let phone = (Operation::UpdatePhone, ["+8613900000001", "+8613900000002"]);
    for (operation, [first, second]) in [email, phone] {
        let world = make(Config::default());
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let watch = Watch { world: &world, people: &[&alice] };
        let flow = world.proven(&who, operation).await;
        let channel = operation.changes().expect("a change of address");
        for to in [first, second] {
            ask(&world, &who, &flow, contact(to)).await.unwrap();
        }
        let stale = Code::presented(&world.mailbox.last_code(first).unwrap());
        let call = world.ciam.change_contact(&who, &flow, channel, &stale);
        watch.refuses(&who, "factor.wrong_code", call).await;
        let newest = Code::presented(&world.mailbox.last_code(second).unwrap());
        world.ciam.change_contact(&who, &flow, channel, &newest).await.unwrap();
        let user = world.user(&alice.id).await;
        assert_eq!(user.verified_address(channel).unwrap().canonical(), second);
        let other = if channel == Channel::Sms { Channel::Email } else { Channel::Sms };
        assert_eq!(user.verified_address(other).as_ref(), Some(alice.address(other)));
    }
}

fn contact(to: &str) -> NewContact<'_> {
    if to.contains('@') { NewContact::Email(to) } else { NewContact::Phone { number: to, region: None } }
}

/// Something that alice's client does in her flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    /// Ask for a code to an address.
    Send(&'static str),
    /// Present the first code that went to [`A`].
    Change,
}

const A: &str = "a@x.example";
const B: &str = "b@x.example";
const MOVES: [Move; 3] = [Move::Send(A), Move::Send(B), Move::Change];

/// Alice in a proven flow, with a code on its way to [`A`].
struct Play {
    world: World,
    store: Arc<GappedStore>,
    alice: Person,
    client: Arc<Client>,
}

struct Client {
    ciam: Arc<Ciam>,
    mailbox: Arc<Mailbox>,
    who: Principal,
    flow: FlowId,
}

impl Client {
    async fn makes(&self, step: Move) -> Result<(), Error> {
        match step {
            Move::Send(to) => {
                let contact = NewContact::Email(to);
                let request = ContactCodeRequest {
                    flow: &self.flow,
                    contact,
                    wording: Wording::default(),
                    captcha: None,
                };
                self.ciam.send_contact_code(&self.who, request).await
            }
            Move::Change => {
                let sent = self.mailbox.codes().into_iter().find(|sent| sent.to.canonical() == A);
                self.change(&sent.expect("a code to the first address").digits).await
            }
        }
    }

    async fn change(&self, digits: &str) -> Result<(), Error> {
        self.ciam.change_contact(&self.who, &self.flow, Channel::Email, &Code::presented(digits)).await
    }
}

impl Play {
    async fn begin(make: MakeWorld<'_>) -> Self {
        let mut config = Config::default();
        config.flow.sends = 5;
        let mut world = make(config.clone());
        let store = GappedStore::over(world.ports.store.clone());
        world.ports.store = store.clone();
        let world = world.restarted(config);
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let flow = world.proven(&who, Operation::UpdateEmail).await;
        let client = Client { ciam: world.ciam.clone(), mailbox: world.mailbox.clone(), who, flow };
        client.makes(Move::Send(A)).await.unwrap();
        world.clock.advance(MINUTE);
        Self { world, store, alice, client: Arc::new(client) }
    }

    async fn email(&self) -> Address {
        self.world.user(&self.alice.id).await.verified_address(Channel::Email).expect("an address")
    }

    /// Presents every code that went to a new address, oldest first: each sets the address that received it,
    /// or nothing.
    async fn present_every_code(&self) {
        let mut sent = self.world.mailbox.codes();
        sent.retain(|sent| sent.purpose == Purpose::NewAddress(Operation::UpdateEmail));
        for sent in sent {
            let before = self.email().await;
            let answer = self.client.change(&sent.digits).await;
            let expected = if answer.is_ok() { &sent.to } else { &before };
            assert_eq!(self.email().await, *expected, "{answer:?}");
        }
    }
}

/// Whatever comes between the read and the write of a step, no code confirms an address that did not receive
/// it; and the change can always be brought to its end by one of the codes.
pub async fn a14_target_bound_to_its_code_in_every_interleaving(make: MakeWorld<'_>) {
    for gap in Gap::ALL {
        for outer in MOVES {
            for inner in MOVES {
                interleave(make, gap, [outer, inner]).await;
            }
        }
    }
}

async fn interleave(make: MakeWorld<'_>, gap: Gap, [outer, inner]: [Move; 2]) {
    let play = Play::begin(make).await;
    let (old, client) = (play.email().await, play.client.clone());
    // Whether the intruder succeeds is not the question; what stands in the end is.
    play.store.at(gap, move || drop(block_on(client.makes(inner))));
    let changed = play.client.makes(outer).await.is_ok() && outer == Move::Change;
    play.store.close();
    let middle = play.email().await;
    assert!(middle == old || middle.canonical() == A, "{gap:?} {outer:?} {inner:?}: {middle:?}");
    assert!(!changed || middle.canonical() == A, "{gap:?} {outer:?} {inner:?}: {middle:?}");
    play.present_every_code().await;
    let end = play.email().await;
    assert!([A, B].contains(&end.canonical()), "{gap:?} {outer:?} {inner:?}: {end:?}");
}

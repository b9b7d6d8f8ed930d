//! Snapshots of flows, as a store that was tampered with may give them back.

use ciam_domain::challenge::CodeMatch;
use ciam_domain::flow::{Event, Flow, FlowPolicy, Method, Moment, Operation, Reply, State};
use ciam_domain::identifier::{CountryCode, EmailAddress, PhoneNumber};
use ciam_domain::password::PasswordHash;
use ciam_domain::user::{Address, Channel, Contact, PasswordCredential, SecurityStamp};
use ciam_domain::{Instant, TenantId, User, UserId};

use crate::runner::Fuzz;

const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

fn email(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("an address")
}

fn alice() -> User {
    let id = UserId::parse("alice").expect("an id");
    let mut user = User::new(TenantId::default(), id, SecurityStamp::from_bytes([1; 16]), NOW);
    let phone = PhoneNumber::parse("13800000001", Some(CountryCode::CHINA)).expect("a phone");
    user.phone = Some(Contact::verified(phone, NOW));
    user.email = Some(Contact::verified(email("alice@example.org"), NOW));
    let hash = PasswordHash::parse("$fake$x").expect("a hash");
    user.password = Some(PasswordCredential::first(hash, NOW));
    user
}

fn events() -> Vec<Event> {
    let (outcome, attempts) = (CodeMatch::Matched, 1);
    let mut events = vec![
        Event::PresentFactorPassword { outcome, attempts },
        Event::PresentPasskey { outcome, attempts },
        Event::RequestAddressCode(Address::Email(email("new@example.org"))),
        Event::RefusePassword,
    ];
    events.extend(Method::ALL.map(Event::RequestFactorCode));
    events.extend(Method::ALL.map(|method| Event::PresentFactorCode { method, outcome, attempts }));
    events.extend([Channel::Sms, Channel::Email].map(|channel| Event::PresentAddressCode {
        channel,
        outcome,
        attempts,
    }));
    events.extend(Operation::SELF_SERVICE.map(Event::Act));
    events
}

#[test]
fn flow_snapshots() {
    let (user, policy, events) = (alice(), FlowPolicy::default(), events());
    let at = Moment { now: NOW, user: &user, amr: &[], policy: &policy };
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus/snapshot");
    Fuzz { corpus, more: Vec::new(), inputs: 10_000 }.run(|bytes| {
        let Ok(flow) = Flow::from_snapshot(bytes) else { return };
        let written = flow.snapshot();
        assert_eq!(Flow::from_snapshot(&written).expect("what was written is read"), flow);
        for event in &events {
            let step = flow.clone().apply(event.clone(), &at);
            let acts = matches!(step.reply, Ok(Reply::Performed(_)));
            assert!(
                !(acts && matches!(flow.state(), State::AwaitingFactor { .. })),
                "{event:?} without a proof"
            );
            if step.reply.is_err() {
                assert_eq!(step.effect, None);
            }
            if step.reply.is_err() && *event != Event::RefusePassword {
                assert_eq!(step.next.as_ref(), Some(&flow), "a refusal changed the flow");
            }
        }
    });
}

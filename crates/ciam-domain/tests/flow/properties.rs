//! Flow invariants over random sequences of events, against a model of a few lines.

use std::time::Duration;

use ciam_domain::challenge::CodeMatch;
use ciam_domain::flow::{
    Effect, Event, Flow, FlowPolicy, Method, MethodSet, Moment, Opening, Operation, Reply,
};
use ciam_domain::user::{Address, Channel};
use ciam_domain::{FlowId, Instant, SessionId};
use proptest::prelude::*;

use crate::sample::{NOW as START, alice, email, phone};

/// An event whose attempt number is filled in when it is played.
fn event() -> impl Strategy<Value = Event> {
    let outcome = prop_oneof![Just(CodeMatch::Matched), Just(CodeMatch::Mismatched)];
    let method = proptest::sample::select(Method::ALL.to_vec());
    let channel = prop_oneof![Just(Channel::Sms), Just(Channel::Email)];
    let address = prop_oneof![
        Just(Address::Phone(phone("13800000001"))),
        Just(Address::Email(email("new@example.org"))),
    ];
    prop_oneof![
        method.clone().prop_map(Event::RequestFactorCode),
        (method, outcome.clone()).prop_map(|(method, outcome)| Event::PresentFactorCode {
            method,
            outcome,
            attempts: 0
        }),
        outcome.clone().prop_map(|outcome| Event::PresentFactorPassword { outcome, attempts: 0 }),
        outcome.clone().prop_map(|outcome| Event::PresentPasskey { outcome, attempts: 0 }),
        address.prop_map(Event::RequestAddressCode),
        (channel, outcome).prop_map(|(channel, outcome)| Event::PresentAddressCode {
            channel,
            outcome,
            attempts: 0
        }),
        proptest::sample::select(Operation::SELF_SERVICE.to_vec()).prop_map(Event::Act),
        Just(Event::RefusePassword),
    ]
}

/// What the history of a flow must never contradict.
#[derive(Default)]
struct Model {
    attempts: u8,
    sends: u8,
    password_tries: u8,
    proven_at: Option<Instant>,
    code_to_address: bool,
}

impl Model {
    /// The event with its attempt paid for; `None` when the store would refuse the charge.
    fn pay(&mut self, event: Event, policy: &FlowPolicy) -> Option<Event> {
        let paid = self.attempts + 1;
        let event = match event {
            Event::PresentFactorCode { method, outcome, .. } => {
                Event::PresentFactorCode { method, outcome, attempts: paid }
            }
            Event::PresentFactorPassword { outcome, .. } => {
                Event::PresentFactorPassword { outcome, attempts: paid }
            }
            Event::PresentPasskey { outcome, .. } => Event::PresentPasskey { outcome, attempts: paid },
            Event::PresentAddressCode { channel, outcome, .. } => {
                Event::PresentAddressCode { channel, outcome, attempts: paid }
            }
            free => return Some(free),
        };
        if self.attempts >= policy.attempts {
            return None;
        }
        self.attempts = paid;
        Some(event)
    }
}

/// A flow as it is stored.
fn snapshot() -> Vec<u8> {
    let (user, policy) = (alice(), FlowPolicy::default());
    let at = Moment { now: START, user: &user, amr: &[], policy: &policy };
    let opening = Opening {
        key: FlowId::from_random([3; 16]).key(),
        session: SessionId::parse("s1").unwrap(),
        operation: Operation::UpdateEmail,
        methods: MethodSet::all(),
    };
    Flow::open(opening, &at).unwrap().snapshot()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_sequence_of_events_acts_without_a_fresh_proof(
        operation in proptest::sample::select(Operation::SELF_SERVICE.to_vec()),
        steps in proptest::collection::vec((event(), 0_u64..200), 1..40),
    ) {
        let (user, policy, session) = (alice(), FlowPolicy::default(), SessionId::parse("s1").unwrap());
        let at = |now| Moment { now, user: &user, amr: &[], policy: &policy };
        let opening = Opening { key: FlowId::from_random([3; 16]).key(), session: session.clone(), operation, methods: MethodSet::all() };
        let mut flow = Some(Flow::open(opening, &at(START)).unwrap());
        let (mut model, mut now) = (Model::default(), START);
        for (event, seconds) in steps {
            now = now.after(Duration::from_secs(seconds));
            let Some(open) = flow.take() else { break };
            let Ok(open) = open.claimed_by(&session, &at(now)) else {
                prop_assert!(now >= START.after(policy.ttl), "a flow of one's own lives until its time is over");
                break;
            };
            let Some(event) = model.pay(event, &policy) else {
                flow = Some(open);
                continue;
            };
            let revision = open.revision();
            let step = open.clone().apply(event.clone(), &at(now));
            if let Some(next) = &step.next {
                prop_assert_eq!(&Flow::from_snapshot(&next.snapshot()).unwrap(), next);
                prop_assert!(next == &open || next.revision() == revision + 1, "every change is a new revision");
                prop_assert_eq!(next.expires_at(), open.expires_at(), "nothing lengthens a flow");
                prop_assert_eq!(next.operation(), operation);
            }
            match (&step.reply, &step.effect) {
                (Ok(Reply::CodeIssued), Some(Effect::IssueCode { to, .. })) => {
                    model.sends += 1;
                    if matches!(event, Event::RequestAddressCode(_)) {
                        prop_assert_eq!(operation.changes(), Some(to.channel()));
                        model.code_to_address = true;
                    } else {
                        prop_assert!(user.verified_addresses().contains(to), "a factor goes to the person's own");
                    }
                }
                (Ok(Reply::Proven(_)), None) => model.proven_at = Some(now),
                (Ok(Reply::Performed(done)), Some(Effect::Perform(_))) => {
                    prop_assert_eq!(*done, operation);
                    prop_assert!(step.next.is_none(), "an action ends its flow");
                    let proven = model.proven_at.expect("a proof came first");
                    prop_assert!(now < proven.after(policy.freshness), "the proof was fresh");
                    prop_assert_eq!(operation.changes().is_some(), model.code_to_address);
                }
                (Err(_), None) => {
                    model.password_tries += u8::from(event == Event::RefusePassword && step.next.as_ref() != Some(&open));
                }
                other => prop_assert!(false, "a reply without its effect: {:?}", other),
            }
            prop_assert!(model.sends <= policy.sends);
            prop_assert!(model.password_tries <= policy.password_tries);
            flow = step.next;
        }
    }

    #[test]
    fn a_snapshot_that_was_tampered_with_is_refused_or_read_without_a_panic(cut in 0_usize..300, byte: u8) {
        let mut snapshot = snapshot();
        let place = cut % snapshot.len();
        snapshot[place] = byte;
        drop(Flow::from_snapshot(&snapshot));
        snapshot.truncate(place);
        prop_assert!(Flow::from_snapshot(&snapshot).is_err());
    }
}

#[test]
fn a_snapshot_of_another_version_is_refused_by_name() {
    let whole = String::from_utf8(snapshot()).unwrap();
    let refused = |text: &str| Flow::from_snapshot(text.as_bytes()).unwrap_err().to_string();
    for text in [r#"{"v":2,"whatever":true}"#, &whole.replace("\"v\":1", "\"v\":2")] {
        assert_eq!(refused(text), "the flow snapshot has an unknown version", "{text}");
    }
    for text in [r#"{"v":1,"whatever":true}"#, &whole.replace("\"revision\":", "\"other\":")] {
        assert_eq!(refused(text), "the flow snapshot is malformed", "{text}");
    }
}

/// What former releases wrote, and what none did.
#[test]
fn a_state_is_read_by_its_name_and_with_what_it_has() {
    let whole = String::from_utf8(snapshot()).unwrap();
    let (head, _) = whole.split_once("\"state\":").unwrap();
    let read = |state: &str| Flow::from_snapshot(format!("{head}\"state\":{state}}}").as_bytes());
    let proof = r#"{"method":"SMS","at":7}"#;
    for state in [
        r#"{"at":"awaiting_factor","allowed":["SMS","PWD"]}"#,
        r#"{"at":"ready","proof":null}"#,
        r#"{"at":"ready"}"#,
        &format!(r#"{{"at":"ready","proof":{proof}}}"#),
        r#"{"at":"awaiting_address","proof":null,"channel":"EMAIL"}"#,
        &format!(r#"{{"at":"awaiting_address","proof":{proof},"channel":"SMS"}}"#),
    ] {
        let flow = read(state).unwrap_or_else(|error| panic!("{state}: {error}"));
        assert_eq!(Flow::from_snapshot(&flow.snapshot()).unwrap(), flow, "{state}");
    }
    for state in [
        r#"{"at":"awaiting_factor"}"#,
        &format!(r#"{{"at":"awaiting_factor","allowed":["SMS"],"proof":{proof}}}"#),
        r#"{"at":"awaiting_factor","allowed":["nothing"]}"#,
        r#"{"at":"ready","allowed":["SMS"]}"#,
        r#"{"at":"ready","channel":"EMAIL"}"#,
        r#"{"at":"ready","proof":null,"more":1}"#,
        r#"{"at":"awaiting_address","proof":null}"#,
        r#"{"at":"done"}"#,
        r#"{"proof":null}"#,
    ] {
        assert!(read(state).is_err(), "{state}");
    }
}

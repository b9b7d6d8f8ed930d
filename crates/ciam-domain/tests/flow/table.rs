//! Every state against every event: what is not allowed refuses, and leaves the flow as it is.

use std::time::Duration;

use ciam_domain::challenge::CodeMatch;
use ciam_domain::flow::{
    Effect, Event, Flow, FlowPolicy, Method, MethodSet, Moment, Opening, Operation, Reply, State, TwoFactor,
};
use ciam_domain::user::{Address, Channel, Factors, Passkeys, SecurityStamp};
use ciam_domain::{FlowId, SessionId, TenantId, User, UserId};

use crate::sample::{NOW, alice, email, phone};

pub(crate) fn moment<'a>(user: &'a User, policy: &'a FlowPolicy) -> Moment<'a> {
    Moment { now: NOW, user, amr: &[], policy }
}

pub(crate) fn opened(operation: Operation, at: &Moment<'_>) -> Flow {
    let opening = Opening {
        key: FlowId::from_random([9; 16]).key(),
        session: SessionId::parse("s1").unwrap(),
        operation,
        methods: MethodSet::all(),
    };
    Flow::open(opening, at).unwrap()
}

pub(crate) fn proven(operation: Operation, at: &Moment<'_>) -> Flow {
    let event = Event::PresentFactorPassword { outcome: CodeMatch::Matched, attempts: 1 };
    opened(operation, at).apply(event, at).next.unwrap()
}

fn new_address(channel: Channel) -> Address {
    match channel {
        Channel::Sms => Address::Phone(phone("13900000002")),
        Channel::Email => Address::Email(email("new@example.org")),
    }
}

/// Every event there is, with a name of its own.
fn events() -> Vec<(String, Event)> {
    let mut events =
        vec![("cancel".to_owned(), Event::Cancel), ("refuse password".to_owned(), Event::RefusePassword)];
    for method in Method::ALL {
        events.push((format!("request {} code", method.as_str()), Event::RequestFactorCode(method)));
    }
    for (word, outcome) in [("right", CodeMatch::Matched), ("wrong", CodeMatch::Mismatched)] {
        events.push((format!("{word} password"), Event::PresentFactorPassword { outcome, attempts: 1 }));
        events.push((format!("{word} passkey"), Event::PresentPasskey { outcome, attempts: 1 }));
        for method in Method::ALL {
            let event = Event::PresentFactorCode { method, outcome, attempts: 1 };
            events.push((format!("{word} {} code", method.as_str()), event));
        }
        for channel in [Channel::Sms, Channel::Email] {
            let event = Event::PresentAddressCode { channel, outcome, attempts: 1 };
            events.push((format!("{word} {} address code", channel.as_str()), event));
        }
    }
    for channel in [Channel::Sms, Channel::Email] {
        let event = Event::RequestAddressCode(new_address(channel));
        events.push((format!("request {} address code", channel.as_str()), event));
    }
    for operation in Operation::SELF_SERVICE {
        events.push((format!("act {}", operation.as_str()), Event::Act(operation)));
    }
    events
}

/// What the machine answers to an event, in a word.
fn answer(flow: Flow, event: &Event, at: &Moment<'_>) -> String {
    let before = flow.clone();
    let step = flow.apply(event.clone(), at);
    match &step.reply {
        Err(refusal) => {
            assert_eq!(step.effect, None, "a refusal has no effect");
            if *event != Event::RefusePassword {
                assert_eq!(step.next, Some(before), "a refusal leaves the flow as it is");
            }
            refusal.reason().to_owned()
        }
        Ok(Reply::CodeIssued) => {
            assert!(matches!(step.effect, Some(Effect::IssueCode { .. })));
            "issued".to_owned()
        }
        Ok(Reply::Proven(_)) => "proven".to_owned(),
        Ok(Reply::Performed(operation)) => {
            assert_eq!((step.next, step.effect), (None, Some(Effect::Perform(*operation))));
            "performed".to_owned()
        }
        Ok(Reply::Cancelled) => "cancelled".to_owned(),
    }
}

fn expect_only(flow: &Flow, at: &Moment<'_>, allowed: &[(&str, &str)]) {
    for (name, event) in events() {
        let expected =
            allowed.iter().find(|(event, _)| *event == name).map_or("flow.unknown", |(_, answer)| answer);
        let told = format!("{name} in {:?} of {:?}", flow.state(), flow.operation());
        assert_eq!(answer(flow.clone(), &event, at), expected, "{told}");
    }
}

#[test]
fn a_flow_that_awaits_its_factor_takes_factors_alone() {
    let (user, policy) = (alice(), FlowPolicy::default());
    for operation in Operation::SELF_SERVICE {
        let at = moment(&user, &policy);
        // The address that is changed proves nobody.
        let code = |channel, answer: &'static str| {
            if operation.changes() == Some(channel) { "factor.unsupported" } else { answer }
        };
        expect_only(
            &opened(operation, &at),
            &at,
            &[
                ("request SMS code", code(Channel::Sms, "issued")),
                ("request EMAIL code", code(Channel::Email, "issued")),
                ("request PWD code", "factor.unsupported"),
                ("request PASSKEY code", "factor.unsupported"),
                ("request TOTP code", "factor.unsupported"),
                ("request RECOVERY_CODE code", "factor.unsupported"),
                ("right SMS code", code(Channel::Sms, "proven")),
                ("right EMAIL code", code(Channel::Email, "proven")),
                ("right TOTP code", "proven"),
                ("right RECOVERY_CODE code", "proven"),
                ("right PWD code", "factor.unsupported"),
                ("wrong PWD code", "factor.unsupported"),
                ("right PASSKEY code", "factor.unsupported"),
                ("wrong PASSKEY code", "factor.unsupported"),
                ("right passkey", "proven"),
                ("right password", "proven"),
                ("wrong SMS code", code(Channel::Sms, "factor.wrong_code")),
                ("wrong EMAIL code", code(Channel::Email, "factor.wrong_code")),
                ("wrong TOTP code", "factor.wrong_code"),
                ("wrong RECOVERY_CODE code", "factor.wrong_code"),
                ("wrong passkey", "passkey.rejected"),
                ("wrong password", "factor.wrong_password"),
                ("cancel", "cancelled"),
            ],
        );
    }
}

#[test]
fn a_proven_flow_without_an_address_takes_its_own_action_alone() {
    let (user, policy) = (alice(), FlowPolicy::default());
    for (operation, act) in
        [(Operation::UpdatePassword, "act UPDATE_PASSWORD"), (Operation::Unsubscribe, "act UNSUBSCRIBE")]
    {
        let at = moment(&user, &policy);
        expect_only(&proven(operation, &at), &at, &[(act, "performed"), ("cancel", "cancelled")]);
    }
}

#[test]
fn a_proven_flow_with_an_address_asks_for_the_code_first() {
    let (user, policy) = (alice(), FlowPolicy::default());
    for (operation, request, foreign) in [
        (Operation::UpdatePhone, "request SMS address code", "request EMAIL address code"),
        (Operation::UpdateEmail, "request EMAIL address code", "request SMS address code"),
    ] {
        let at = moment(&user, &policy);
        let allowed = [(request, "issued"), (foreign, "contact.wrong_channel"), ("cancel", "cancelled")];
        expect_only(&proven(operation, &at), &at, &allowed);
    }
}

#[test]
fn a_flow_that_awaits_the_address_takes_codes_of_its_channel_alone() {
    let (user, policy) = (alice(), FlowPolicy::default());
    for (operation, channel) in
        [(Operation::UpdatePhone, Channel::Sms), (Operation::UpdateEmail, Channel::Email)]
    {
        let at = moment(&user, &policy);
        let asked =
            proven(operation, &at).apply(Event::RequestAddressCode(new_address(channel)), &at).next.unwrap();
        let (own, foreign) = match channel {
            Channel::Sms => ("SMS", "EMAIL"),
            Channel::Email => ("EMAIL", "SMS"),
        };
        let (right, wrong) = (format!("right {own} address code"), format!("wrong {own} address code"));
        let (request, other) =
            (format!("request {own} address code"), format!("request {foreign} address code"));
        expect_only(
            &asked,
            &at,
            &[
                (&right, "performed"),
                (&wrong, "factor.wrong_code"),
                (&request, "issued"),
                (&other, "contact.wrong_channel"),
                ("cancel", "cancelled"),
            ],
        );
    }
}

#[test]
fn without_a_demanded_factor_the_password_may_be_changed_at_once_and_nothing_else() {
    let user = alice();
    let policy = FlowPolicy { two_factor: TwoFactor::Off, ..FlowPolicy::default() };
    let at = moment(&user, &policy);
    expect_only(
        &opened(Operation::UpdatePassword, &at),
        &at,
        &[("act UPDATE_PASSWORD", "performed"), ("cancel", "cancelled")],
    );
    for operation in [Operation::UpdatePhone, Operation::UpdateEmail, Operation::Unsubscribe] {
        assert!(matches!(opened(operation, &at).state(), State::AwaitingFactor { .. }));
    }
}

#[test]
fn a_flow_begun_without_a_factor_dies_when_the_policy_demands_one_again() {
    let user = alice();
    let off = FlowPolicy { two_factor: TwoFactor::Off, ..FlowPolicy::default() };
    let flow = opened(Operation::UpdatePassword, &moment(&user, &off));
    let on = FlowPolicy::default();
    let step = flow.apply(Event::Act(Operation::UpdatePassword), &moment(&user, &on));
    assert_eq!(step.reply.unwrap_err().reason(), "flow.unknown");
}

#[test]
fn a_method_that_the_policy_dropped_counts_no_longer() {
    let user = alice();
    let (all, no_password) = (
        FlowPolicy::default(),
        FlowPolicy { methods: [Method::Sms].into_iter().collect(), ..FlowPolicy::default() },
    );
    let flow = proven(Operation::Unsubscribe, &moment(&user, &all));
    let step = flow.apply(Event::Act(Operation::Unsubscribe), &moment(&user, &no_password));
    assert_eq!(step.reply.unwrap_err().reason(), "flow.unknown");
}

#[test]
fn a_flow_takes_no_factor_that_its_opening_does_not_name() {
    let user = alice();
    let policy = FlowPolicy::default();
    let at = moment(&user, &policy);
    let only = |method| Opening {
        key: FlowId::from_random([9; 16]).key(),
        session: SessionId::parse("s1").unwrap(),
        operation: Operation::SignIn,
        methods: [method].into_iter().collect(),
    };
    let flow = Flow::open(only(Method::Email), &at).unwrap();
    let State::AwaitingFactor { allowed } = *flow.state() else { panic!("a factor is demanded") };
    assert_eq!(allowed.iter().collect::<Vec<_>>(), [Method::Email]);
    let step = flow.apply(Event::RequestFactorCode(Method::Sms), &at);
    assert_eq!(step.reply.unwrap_err().reason(), "factor.unsupported");
    // A password signs nobody in where a code comes first, so a flow for it alone has no factor.
    assert_eq!(Flow::open(only(Method::Password), &at).unwrap_err().reason(), "factor.none");
}

#[test]
fn a_required_factor_is_another_than_what_opened_the_session() {
    use ciam_domain::session::Amr;
    let user = alice();
    let policy = FlowPolicy { two_factor: TwoFactor::Required, ..FlowPolicy::default() };
    let at = Moment { amr: &[Amr::Password], ..moment(&user, &policy) };
    let State::AwaitingFactor { allowed } = *opened(Operation::UpdatePassword, &at).state() else {
        panic!("a factor is demanded")
    };
    let others = [Method::Sms, Method::Email, Method::Passkey, Method::Totp, Method::RecoveryCode];
    assert_eq!(allowed.iter().collect::<Vec<_>>(), others);
}

#[test]
fn who_has_no_factor_is_refused_unless_none_is_demanded() {
    let mut user = alice();
    (user.phone, user.email, user.password, user.factors) = (None, None, None, Factors::NONE);
    user.passkeys = Passkeys::NONE;
    let policy = FlowPolicy::default();
    let opening = |operation| Opening {
        key: FlowId::from_random([9; 16]).key(),
        session: SessionId::parse("s1").unwrap(),
        operation,
        methods: MethodSet::all(),
    };
    for operation in Operation::SELF_SERVICE {
        let refused = Flow::open(opening(operation), &moment(&user, &policy));
        assert_eq!(refused.unwrap_err().reason(), "factor.none");
    }
}

#[test]
fn an_unverified_contact_is_no_factor() {
    let mut user = alice();
    if let Some(phone) = &mut user.phone {
        phone.verified_at = None;
    }
    let policy = FlowPolicy::default();
    let at = moment(&user, &policy);
    let step = opened(Operation::Unsubscribe, &at).apply(Event::RequestFactorCode(Method::Sms), &at);
    assert_eq!(step.reply.unwrap_err().reason(), "factor.unsupported");
}

#[test]
fn flow_and_proof_end_exactly_on_time() {
    let (user, policy) = (alice(), FlowPolicy::default());
    let at = moment(&user, &policy);
    let just = Duration::from_millis(1);
    let session = SessionId::parse("s1").unwrap();
    let flow = opened(Operation::Unsubscribe, &at);
    let end = NOW.after(policy.ttl);
    assert!(flow.clone().claimed_by(&session, &Moment { now: end.before(just), ..at }).is_ok());
    assert!(flow.claimed_by(&session, &Moment { now: end, ..at }).is_err());
    let stale = NOW.after(policy.freshness);
    let act = |now| {
        proven(Operation::Unsubscribe, &at).apply(Event::Act(Operation::Unsubscribe), &Moment { now, ..at })
    };
    assert!(act(stale.before(just)).reply.is_ok());
    assert!(act(stale).reply.is_err());
}

#[test]
fn a_flow_answers_its_own_person_session_and_stamp_alone() {
    let (user, policy) = (alice(), FlowPolicy::default());
    let at = moment(&user, &policy);
    let (own, other) = (SessionId::parse("s1").unwrap(), SessionId::parse("s2").unwrap());
    let claim = |user: &User, session: &SessionId| {
        opened(Operation::Unsubscribe, &at).claimed_by(session, &moment(user, &policy)).is_ok()
    };
    let mut bob = alice();
    bob.id = UserId::parse("bob").unwrap();
    let mut elsewhere = alice();
    elsewhere.tenant = TenantId::parse("elsewhere").unwrap();
    let mut restamped = alice();
    restamped.restamp(SecurityStamp::from_bytes([2; 16]), NOW);
    assert!(claim(&user, &own));
    assert!(!claim(&user, &other));
    for stranger in [bob, elsewhere, restamped] {
        assert!(!claim(&stranger, &own));
    }
}

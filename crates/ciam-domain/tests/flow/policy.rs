//! The limits: their ranges, and what a change of them means for flows that are open.

use std::time::Duration;

use ciam_domain::User;
use ciam_domain::challenge::CodeMatch;
use ciam_domain::flow::{Event, FlowPolicy, Method, MethodSet, Operation, Step, TwoFactor};
use ciam_domain::session::Amr;
use ciam_domain::user::{Factors, Passkeys};

use crate::sample::{NOW, alice};
use crate::table::{moment, opened};

type SetSpan = fn(&mut FlowPolicy, Duration);
type SetNumber = fn(&mut FlowPolicy, u8);

const NANO: Duration = Duration::from_nanos(1);

const fn mins(minutes: u64) -> Duration {
    Duration::from_mins(minutes)
}

#[test]
fn every_span_is_refused_just_outside_its_range() {
    let spans: [(&str, SetSpan, Duration, Duration); 5] = [
        ("flow.ttl", |policy, span| policy.ttl = span, mins(2), mins(30)),
        ("flow.freshness", |policy, span| policy.freshness = span, NANO, mins(10)),
        ("flow.one_shot_freshness", |policy, span| policy.one_shot_freshness = Some(span), NANO, mins(10)),
        (
            "flow.recent_factor",
            |policy, span| policy.recent_factor = span,
            Duration::ZERO,
            mins(30 * 24 * 60),
        ),
        ("code.ttl", |policy, span| policy.code.ttl = span, mins(1), mins(10)),
    ];
    for (setting, change, least, most) in spans {
        let check = |span| {
            let mut policy = FlowPolicy::default();
            change(&mut policy, span);
            policy.check().map_err(|error| error.setting)
        };
        assert_eq!((check(least), check(most)), (Ok(()), Ok(())), "{setting}");
        assert!(least.is_zero() || check(least.saturating_sub(NANO)) == Err(setting), "{setting}");
        assert_eq!(check(most + NANO), Err(setting));
    }
}

#[test]
fn every_number_is_refused_just_outside_its_range() {
    let numbers: [(&str, SetNumber, u8, u8); 5] = [
        ("flow.attempts", |policy, number| policy.attempts = number, 1, 10),
        ("flow.sends", |policy, number| policy.sends = number, 1, 5),
        ("flow.password_tries", |policy, number| policy.password_tries = number, 1, 10),
        ("flow.open_flows", |policy, number| policy.open_flows = number, 1, 20),
        ("code.length", |policy, number| policy.code.length = number, 6, 10),
    ];
    for (setting, change, least, most) in numbers {
        let check = |number| {
            let mut policy = FlowPolicy::default();
            change(&mut policy, number);
            policy.check().map_err(|error| error.setting)
        };
        assert_eq!((check(least), check(most)), (Ok(()), Ok(())), "{setting}");
        assert_eq!(check(least - 1), Err(setting));
        assert_eq!(check(most + 1), Err(setting));
    }
}

#[test]
fn without_any_method_there_is_no_policy() {
    let with = |methods| FlowPolicy { methods, ..FlowPolicy::default() }.check();
    assert_eq!(with(MethodSet::EMPTY).unwrap_err().setting, "flow.methods");
    for method in Method::ALL {
        assert_eq!(with([method].into_iter().collect()), Ok(()));
    }
}

#[test]
fn a_method_named_twice_is_in_the_set_once() {
    let twice: MethodSet = [Method::Sms, Method::Password, Method::Sms].into_iter().collect();
    assert_eq!(format!("{twice:?}"), "{Sms, Password}");
}

/// Every event by which a method is used.
fn uses(method: Method) -> Vec<Event> {
    let outcome = CodeMatch::Matched;
    let present = match method {
        Method::Password => Event::PresentFactorPassword { outcome, attempts: 1 },
        Method::Passkey => Event::PresentPasskey { outcome, attempts: 1 },
        _ => Event::PresentFactorCode { method, outcome, attempts: 1 },
    };
    let asked = method.channel().map(|_| Event::RequestFactorCode(method));
    asked.into_iter().chain([present]).collect()
}

fn reason(step: &Step) -> Option<&'static str> {
    step.reply.as_ref().err().map(|refusal| refusal.reason())
}

#[test]
fn a_method_must_be_allowed_when_the_flow_begins_and_when_it_is_used() {
    let (user, all) = (alice(), FlowPolicy::default());
    for method in Method::ALL {
        let others = Method::ALL.into_iter().filter(|other| *other != method).collect();
        let without = FlowPolicy { methods: others, ..all };
        for event in uses(method) {
            for (then, now, expected) in [
                (&all, &all, None),
                (&all, &without, Some("factor.unsupported")),
                (&without, &all, Some("factor.unsupported")),
            ] {
                let flow = opened(Operation::Unsubscribe, &moment(&user, then));
                let step = flow.apply(event.clone(), &moment(&user, now));
                assert_eq!(reason(&step), expected, "{event:?}");
            }
        }
    }
}

#[test]
fn codes_of_a_flow_are_counted_over_all_its_steps() {
    let (user, policy) = (alice(), FlowPolicy::default());
    let at = moment(&user, &policy);
    let mut flow = opened(Operation::Unsubscribe, &at);
    for _ in 0..policy.sends {
        let step = flow.apply(Event::RequestFactorCode(Method::Sms), &at);
        assert_eq!(reason(&step), None);
        flow = step.next.unwrap();
    }
    let step = flow.apply(Event::RequestFactorCode(Method::Email), &at);
    assert_eq!(reason(&step), Some("rate.too_many_codes"));
}

#[test]
fn where_nobody_says_how_the_session_was_opened_no_factor_is_another_one() {
    let user = alice();
    let policy = FlowPolicy { two_factor: TwoFactor::Required, ..FlowPolicy::default() };
    let allowed = |amr: &[&str]| {
        let amr: Vec<Amr> = amr.iter().map(|name| Amr::parse(name)).collect();
        policy.allowed(Operation::Unsubscribe, &user, &amr, NOW).unwrap().iter().collect::<Vec<_>>()
    };
    for silent in [&[][..], &["mfa"], &["PWD"], &["EMAIL"], &[""]] {
        assert_eq!(allowed(silent), [], "{silent:?}");
    }
    let but_the_password = [Method::Sms, Method::Email, Method::Passkey, Method::Totp, Method::RecoveryCode];
    assert_eq!(allowed(&["pwd", "mfa"]), but_the_password);
    assert_eq!(
        allowed(&["otp"]),
        [Method::Passkey, Method::Password],
        "a one-time code may have come by either way"
    );
    let but_messages = [Method::Email, Method::Passkey, Method::Totp, Method::Password, Method::RecoveryCode];
    assert_eq!(allowed(&["sms"]), but_messages);
    let but_passkeys = [Method::Sms, Method::Email, Method::Totp, Method::Password, Method::RecoveryCode];
    assert_eq!(allowed(&["pop"]), but_passkeys);
    let but_mail = [Method::Sms, Method::Passkey, Method::Totp, Method::Password, Method::RecoveryCode];
    assert_eq!(allowed(&["email"]), but_mail);
    assert_eq!(allowed(&["hwk"]), Method::ALL);
}

#[test]
fn what_was_enrolled_lately_proves_nothing_while_another_method_is_there() {
    let mut user = alice();
    let policy = FlowPolicy::default();
    let allowed = |user: &User, now| {
        policy.allowed(Operation::UpdatePhone, user, &[], now).unwrap().iter().collect::<Vec<_>>()
    };
    let Some(totp) = &mut user.factors.totp else { panic!("alice has an app") };
    totp.enrolled_at = NOW;
    let Some(codes) = &mut user.factors.recovery_codes else { panic!("alice has codes") };
    codes.made_at = NOW;
    user.passkeys.held[0].created_at = NOW;
    let end = NOW.after(policy.recent_factor);
    assert_eq!(allowed(&user, end.before(Duration::from_micros(1))), [Method::Email, Method::Password]);
    let all = [Method::Email, Method::Passkey, Method::Totp, Method::Password, Method::RecoveryCode];
    assert_eq!(allowed(&user, end), all);
    (user.email, user.password) = (None, None);
    assert_eq!(
        allowed(&user, NOW),
        [Method::Sms, Method::Passkey, Method::Totp, Method::RecoveryCode],
        "nothing else is left"
    );
}

#[test]
fn a_passkey_that_verified_its_person_is_two_factors() {
    let user = alice();
    for (sign_in, amr, asked) in [
        (TwoFactor::Required, &["pop", "mfa"][..], false),
        (TwoFactor::WhenAvailable, &["pop", "mfa"], false),
        (TwoFactor::Required, &["pop"], true),
        (TwoFactor::Required, &["pwd", "mfa"], true),
        (TwoFactor::Required, &["mfa", "pop"], true),
        (TwoFactor::Off, &["pop"], false),
    ] {
        let amr: Vec<Amr> = amr.iter().map(|name| Amr::parse(name)).collect();
        let policy = FlowPolicy { sign_in, ..FlowPolicy::default() };
        let methods = policy.allowed(Operation::SignIn, &user, &amr, NOW);
        assert_eq!(methods.is_some(), asked, "{amr:?}");
        assert!(methods.is_none_or(|methods| !methods.is_empty()));
    }
}

#[test]
fn recovery_codes_alone_demand_nothing_at_sign_in_and_open_nothing() {
    let mut user = alice();
    (user.phone, user.email) = (None, None);
    user.factors.totp = None;
    user.passkeys = Passkeys::NONE;
    let allowed = |sign_in, amr: &[Amr]| {
        let policy = FlowPolicy { sign_in, ..FlowPolicy::default() };
        let methods = policy.allowed(Operation::SignIn, &user, amr, NOW);
        methods.map(|methods| methods.iter().collect::<Vec<_>>())
    };
    assert_eq!(allowed(TwoFactor::WhenAvailable, &[Amr::Password]), None);
    assert_eq!(allowed(TwoFactor::Required, &[Amr::Password]), Some(vec![Method::RecoveryCode]));
    assert_eq!(allowed(TwoFactor::Required, &[]), Some(Vec::new()), "no first factor");
}

#[test]
fn a_password_that_must_be_renewed_asks_for_another_factor_as_a_sign_in_does() {
    let mut user = alice();
    let allowed = |user: &User, sign_in| {
        let policy = FlowPolicy { sign_in, two_factor: TwoFactor::Off, ..FlowPolicy::default() };
        let methods = |operation| policy.allowed(operation, user, &[Amr::Password], NOW);
        assert_eq!(methods(Operation::RenewPassword).is_none(), methods(Operation::SignIn).is_none());
        methods(Operation::RenewPassword).map(|methods| methods.iter().collect::<Vec<_>>())
    };
    let others: Vec<_> = Method::ALL.into_iter().filter(|method| *method != Method::Password).collect();
    assert_eq!(allowed(&user, TwoFactor::WhenAvailable), Some(others.clone()));
    assert_eq!(allowed(&user, TwoFactor::Required), Some(others));
    (user.phone, user.email, user.factors) = (None, None, Factors::NONE);
    user.passkeys = Passkeys::NONE;
    assert_eq!(allowed(&user, TwoFactor::WhenAvailable), None, "there is none");
    assert_eq!(allowed(&user, TwoFactor::Required), Some(Vec::new()));
}

#[test]
fn who_is_signed_in_does_what_is_of_their_own_account_and_nobody_else() {
    for operation in Operation::SELF_SERVICE.iter().chain(Operation::ONE_SHOT) {
        assert!(operation.is_self_service(), "{operation:?}");
    }
    for operation in Operation::SIGNED_OUT {
        assert!(!operation.is_self_service(), "{operation:?}");
    }
}

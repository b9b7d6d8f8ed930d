//! Secrets: whatever ends in a log, a trail or a notice holds none, and no personal text in clear.

use std::sync::Arc;
use std::time::Duration;

use ciam::domain::flow::{Method, NextStep, Operation};
use ciam::domain::identifier::{CountryCode, EmailAddress, PhoneNumber, Username};
use ciam::domain::password::{Password, PasswordPolicy};
use ciam::domain::profile::StandardAttribute;
use ciam::domain::session::Amr;
use ciam::domain::user::{Address, Channel, Status};
use ciam::domain::{SessionId, TenantId, UserId};
use ciam::ports::{Clock, TokenClaims, TokenOrigin};
use ciam::{
    Config, ContactCodeRequest, FactorCodeRequest, NewContact, NewUser, Principal, TokenRequest, Wording,
};

use super::MakeWorld;
use super::broken::{AllBreached, BrokenStore, Refusing};
use super::log::{Log, breaks_a_line};
use super::moves::{NEW, ask, code, over, phone, relay_all, secret, write_user};
use crate::world::{PASSWORD, Person, SCOPE, World};

const NICKNAME: &str = "Lid\nINFO all is well\u{1b}[31m\u{202e}drawkcab\u{2066}";
const FULL_NAME: &str = "Alice Pleasance Liddell";
const FRESH: [&str; 2] = ["nine otters in the mill race", "a cart of quiet plums"];

/// No journey of any use case, whatever it ends with, leaves a secret where it could be logged.
pub async fn a25_secrets_stay_inside(make: MakeWorld<'_>) {
    let mut config = Config::default();
    // With six digits a code may stand in an id by chance.
    config.flow.code.length = 10;
    config.password = PasswordPolicy::default().with_context_words(&["harbourtown"]).unwrap();
    config.phone.served = Some(vec![CountryCode::CHINA]);
    (config.send.per_target_hour, config.send.sms_per_account_day) = (100, 100);
    let world = make(config);
    let mut log = Log::default();
    let alice = sign_up(&world, &mut log).await;
    let bob = world.person("bob.builder", 77).await;
    let who = open(&world, &mut log, &alice).await;
    refused_tokens(&world, &mut log, &alice).await;
    contacts(&world, &mut log, &alice, &who, &bob).await;
    let who = world.sign_in(&alice).await;
    passwords(&world, &mut log, &who).await;
    statuses(&world, &mut log, &bob).await;
    failures(&world, &mut log, &bob).await;
    let who = world.sign_in(&alice).await;
    ending(&world, &mut log, &alice, &who).await;
    for person in [&alice, &bob] {
        log.told(&world.audit(&person.id).await);
        log.told(&world.user(&person.id).await);
    }
    log.told(&(world.ciam.config(), &world.ciam, world.mailbox.notices()));
    log.hide_codes(&world);
    log.check();
}

/// Text of people stays on one line wherever it is shown.
pub async fn a25_text_of_people_breaks_no_line(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let mut log = Log::default();
    let alice = sign_up(&world, &mut log).await;
    let who = world.sign_in(&alice).await;
    let flow = world.proven(&who, Operation::UpdateEmail).await;
    let wording = Wording { language: Some(NICKNAME.to_owned()), gateway: Some(NICKNAME.to_owned()) };
    for text in ["x@example.org\r\nBcc: y@example.org", "\u{202e}gro.elpmaxe@x", NICKNAME] {
        let request = ContactCodeRequest {
            flow: &flow,
            contact: NewContact::Email(text),
            wording: wording.clone(),
            captcha: None,
        };
        log.told(&request);
        log.answer(world.ciam.send_contact_code(&who, request).await);
    }
    log.told(&world.audit(&alice.id).await);
    log.told(&(Amr::parse(NICKNAME), world.user(&alice.id).await, wording));
    assert!(log.lines.iter().all(|line| !line.contains(breaks_a_line)), "{:?}", log.lines);
}

async fn sign_up(world: &World, log: &mut Log) -> Person {
    let phone = PhoneNumber::parse("13812345678", Some(CountryCode::CHINA)).unwrap();
    let email = EmailAddress::parse("Alice.Liddell@Example.org").unwrap();
    let new = NewUser {
        username: Some(Username::parse("looking-glass").unwrap()),
        phone: Some(phone.clone()),
        email: Some(email.clone()),
        password: Some(secret(PASSWORD)),
        full_name: Some(FULL_NAME.to_owned()),
        ..NewUser::default()
    };
    log.told(&new);
    let made = log.answer(world.ciam.create_user(ciam::Authority::Host, new).await).unwrap();
    // No use case takes such a name; a host with a user table of its own may have it.
    let named = NewUser { nickname: Some(NICKNAME.to_owned()), ..NewUser::default() };
    log.told(&named);
    assert!(log.answer(world.ciam.create_user(ciam::Authority::Host, named).await).is_none());
    let nickname = Some(NICKNAME.to_owned());
    write_user(world, &made, |user| user.profile.set_text(StandardAttribute::Nickname, nickname)).await;
    let id = made.id;
    for bad in ["", "short", PASSWORD] {
        let new = NewUser { email: Some(email.clone()), password: Some(secret(bad)), ..NewUser::default() };
        assert!(log.answer(world.ciam.create_user(ciam::Authority::Host, new).await).is_none());
    }
    for text in [PASSWORD, NEW, FRESH[0], FRESH[1], "looking-glass", NICKNAME, FULL_NAME, "Liddell", "INFO"] {
        log.hide(text);
    }
    let person = Person { id, phone: Address::Phone(phone), email: Address::Email(email) };
    log.hide_address(&person.phone);
    log.hide_address(&person.email);
    person
}

async fn open(world: &World, log: &mut Log, person: &Person) -> Principal {
    let request = TokenRequest {
        tenant: TenantId::default(),
        user: person.id.clone(),
        session: None,
        amr: vec![Amr::Password],
        scopes: vec![SCOPE.to_owned()],
        client: None,
        ttl: Duration::from_hours(1),
    };
    log.told(&request);
    let issued = log.answer(world.ciam.issue_token(request).await).unwrap();
    log.hide(issued.token.expose());
    let who = log.answer(world.ciam.principal(&issued.token, SCOPE).await).unwrap();
    log.answer(world.ciam.check_token(&who).await).unwrap();
    log.answer(world.ciam.principal(&issued.token, "admin").await);
    who
}

async fn refused_tokens(world: &World, log: &mut Log, person: &Person) {
    log.answer(world.ciam.principal(&secret("eyJhbGciOiJub25lIn0.e30."), SCOPE).await);
    log.hide("eyJ");
    let now = world.clock.now();
    let rows = [
        (TokenOrigin::Own, person.id.clone(), Some("gone")),
        (TokenOrigin::Own, UserId::parse("nobody").unwrap(), Some("gone")),
        (TokenOrigin::Foreign, person.id.clone(), None),
    ];
    for (origin, subject, session) in rows {
        let claims = TokenClaims {
            origin,
            tenant: TenantId::default(),
            subject,
            session: session.map(|name| SessionId::parse(name).unwrap()),
            scopes: vec![SCOPE.to_owned()],
            client: None,
            amr: Vec::new(),
            auth_time: None,
            issued_at: now.after(Duration::from_secs(1)),
            expires_at: now.after(Duration::from_hours(1)),
        };
        log.told(&claims);
        let token = world.tokens.says(claims);
        log.hide(token.expose());
        let who = world.ciam.principal(&token, SCOPE).await.unwrap();
        log.answer(world.ciam.check_operation(&who, Operation::UpdateEmail).await);
    }
}

async fn contacts(world: &World, log: &mut Log, alice: &Person, who: &Principal, bob: &Person) {
    log.hide_address(&bob.phone);
    log.hide_address(&bob.email);
    log.answer(world.ciam.requirements(who, Operation::UpdateEmail).await);
    let checked = log.answer(world.ciam.check_operation(who, Operation::UpdateEmail).await).unwrap();
    let flow = checked.flow;
    assert!(matches!(checked.next, NextStep::SecondFactor(_)));
    log.told(&FactorCodeRequest {
        flow: &flow,
        method: Method::Sms,
        wording: Wording::default(),
        captcha: None,
    });
    log.answer(world.send_factor(who, &flow, Method::Password).await);
    log.answer(world.send_factor(who, &flow, Method::Sms).await);
    log.answer(world.send_factor(who, &flow, Method::Sms).await);
    log.stored(world, who, &flow).await;
    log.answer(world.ciam.verify_factor_code(who, &flow, Method::Sms, &code("1")).await);
    log.answer(world.ciam.verify_factor_password(who, &flow, &secret(NEW)).await);
    let right = world.code(&alice.phone);
    log.told(&right);
    log.answer(world.ciam.verify_factor_code(who, &flow, Method::Sms, &right).await).unwrap();
    for contact in [
        NewContact::Email("mallory@example.org, alice@example.org"),
        phone("13912345678"),
        NewContact::Phone { number: "+12025550123", region: None },
        NewContact::Email(bob.email.canonical()),
    ] {
        log.told(&ContactCodeRequest { flow: &flow, contact, wording: Wording::default(), captcha: None });
        log.answer(ask(world, who, &flow, contact).await);
    }
    log.stored(world, who, &flow).await;
    for text in ["mallory@example.org", "13912345678", "2025550123"] {
        log.hide(text);
    }
    let digits = world.code(&bob.email);
    log.answer(world.ciam.change_contact(who, &flow, Channel::Email, &code("2")).await);
    log.answer(world.ciam.change_contact(who, &flow, Channel::Email, &digits).await);
    let flow = world.proven(who, Operation::UpdatePhone).await;
    log.answer(ask(world, who, &flow, phone("13712345678")).await).unwrap();
    log.hide_codes(world);
    let digits = code(&world.mailbox.last_code("+8613712345678").unwrap());
    log.answer(world.ciam.change_contact(who, &flow, Channel::Sms, &digits).await).unwrap();
    log.answer(world.ciam.cancel_flow(who, &flow).await);
}

async fn passwords(world: &World, log: &mut Log, who: &Principal) {
    let breached = over(world, |_| ()).with_breach_check(Arc::new(AllBreached));
    let rows = ["", "short", &"~".repeat(200), "password1", "in harbourtown", "my looking-glass", PASSWORD];
    for new in rows {
        let flow = world.proven(who, Operation::UpdatePassword).await;
        log.answer(world.ciam.change_password(who, &flow, &secret(new)).await);
        log.stored(world, who, &flow).await;
    }
    let flow = world.proven(who, Operation::UpdatePassword).await;
    log.answer(breached.change_password(who, &flow, &secret(NEW)).await);
    log.answer(world.ciam.change_password(who, &flow, &secret(NEW)).await).unwrap();
    let flow = world.ciam.check_operation(who, Operation::UpdatePassword).await.unwrap().flow;
    log.answer(world.ciam.verify_factor_password(who, &flow, &secret(NEW)).await).unwrap();
    log.answer(world.ciam.change_password(who, &flow, &secret(PASSWORD)).await);
    log.told(&(Password::parse(NEW), secret(NEW)));
    let flow = world.ciam.check_operation(who, Operation::Unsubscribe).await.unwrap().flow;
    let again = world.ciam.check_operation(who, Operation::UpdateEmail).await.unwrap().flow;
    for flow in [&flow, &flow, &flow, &again, &again, &again] {
        log.answer(world.ciam.verify_factor_password(who, flow, &secret(FRESH[0])).await);
    }
}

async fn statuses(world: &World, log: &mut Log, bob: &Person) {
    let who = world.sign_in(bob).await;
    for status in [Status::Locked { until: None }, Status::Frozen, Status::Disabled, Status::Normal] {
        world.ciam.set_status(ciam::Authority::Host, &TenantId::default(), &bob.id, status).await.unwrap();
        log.answer(world.ciam.check_token(&who).await);
    }
    let nobody = world.ciam.create_user(ciam::Authority::Host, NewUser::default()).await.unwrap();
    let who = world.sign_in(&Person { id: nobody.id, ..bob.clone() }).await;
    log.answer(world.ciam.check_operation(&who, Operation::UpdatePassword).await);
}

async fn failures(world: &World, log: &mut Log, bob: &Person) {
    let who = world.sign_in(bob).await;
    let flow = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap().flow;
    world.mailbox.set_broken(true);
    log.answer(world.send_factor(&who, &flow, Method::Sms).await);
    world.mailbox.set_broken(false);
    world.keys.set_broken(true);
    log.answer(world.send_factor(&who, &flow, Method::Email).await);
    log.told(&world.ciam.readiness().await);
    world.keys.set_broken(false);
    world.hasher.set_overloaded(true);
    log.answer(world.ciam.verify_factor_password(&who, &flow, &secret(PASSWORD)).await);
    world.hasher.set_overloaded(false);
    world.random.set_broken(true);
    log.answer(world.ciam.check_operation(&who, Operation::UpdatePassword).await);
    world.random.set_broken(false);
    let broken = over(world, |ports| ports.store = Arc::new(BrokenStore));
    log.answer(broken.verify_factor_password(&who, &flow, &secret(PASSWORD)).await);
    log.answer(broken.change_password(&who, &flow, &secret(NEW)).await);
    let refusing = over(world, |ports| ports.otp = Arc::new(Refusing));
    let request =
        FactorCodeRequest { flow: &flow, method: Method::Email, wording: Wording::default(), captcha: None };
    log.answer(refusing.send_factor_code(&who, request).await);
}

async fn ending(world: &World, log: &mut Log, alice: &Person, who: &Principal) {
    log.answer(world.ciam.end_other_sessions(who).await).unwrap();
    world.clock.advance(Duration::from_mins(6));
    log.answer(world.ciam.end_other_sessions(who).await);
    let flow = world.ciam.check_operation(who, Operation::Unsubscribe).await.unwrap().flow;
    world.send_factor(who, &flow, Method::Email).await.unwrap();
    log.stored(world, who, &flow).await;
    let right = world.code(&alice.email);
    log.answer(world.ciam.verify_factor_code(who, &flow, Method::Email, &right).await).unwrap();
    log.answer(world.ciam.delete_account(who, &flow).await).unwrap();
    log.answer(world.ciam.check_token(who).await);
    let due = world.backend.outbox.take(world.clock.now(), Duration::from_secs(1), 32).await.unwrap();
    assert!(!due.is_empty());
    log.told(&due);
    world.clock.advance(Duration::from_secs(1));
    log.answer(world.ciam.relay_once().await);
    relay_all(world).await;
    log.answer(world.ciam.sweep().await);
}

//! Sample values: complete, valid, and the same in every run.

use std::time::Duration;

use ciam_ports::domain::audit::{Action, Actor, AuditRecord, Outcome};
use ciam_ports::domain::challenge::{Binding, Challenge, Code, CodeMatch, DigestKey, KeyId, Purpose, Slot};
use ciam_ports::domain::encrypted::EncryptedSecret;
use ciam_ports::domain::flow::{Event, Flow, FlowPolicy, MethodSet, Moment, Opening, Operation};
use ciam_ports::domain::gesture::StoredDeviceKey;
use ciam_ports::domain::identifier::{EmailAddress, PhoneNumber, Username};
use ciam_ports::domain::notice::{Notice, NoticeKind};
use ciam_ports::domain::passkey::{Backup, CredentialId, PasskeyKey, PasskeyName, Transport, UserHandle};
use ciam_ports::domain::password::PasswordHash;
use ciam_ports::domain::profile::{
    AttributeId, AttributeKey, AttributeValue, Holding, Number, Profile, ProfileValue, StandardAttribute,
    UserTypeCode,
};
use ciam_ports::domain::rate::{Rate, RateKey, RateRule, RateScope};
use ciam_ports::domain::recovery_code::{RecoveryCodes, RecoveryDigest};
use ciam_ports::domain::secret::SecretBytes;
use ciam_ports::domain::session::{Amr, Session};
use ciam_ports::domain::social::{Issuer, SocialLink, SocialSourceId, Subject};
use ciam_ports::domain::totp::TotpStep;
use ciam_ports::domain::user::{
    Address, Channel, Contact, Factors, GestureDevice, GestureStage, Passkey, Passkeys, PasswordCredential,
    PendingPasskey, PendingTotp, SecurityStamp, TotpCredential, User,
};
use ciam_ports::domain::{DeviceId, EventId, FlowId, Instant, SessionId, TenantId, UserId};
use ciam_ports::store::{FlowWrite, UserWrite};
use ciam_ports::{Charge, Commit, StepQuery};

/// The moment at which samples begin.
pub const START: Instant = Instant::from_unix_seconds(1_800_000_000);

/// One hour.
pub const HOUR: Duration = Duration::from_hours(1);

/// The least span between two moments.
pub const TICK: Duration = Duration::from_micros(1);

/// The moment `seconds` after [`START`].
#[must_use]
pub fn at(seconds: u64) -> Instant {
    START.after(Duration::from_secs(seconds))
}

/// A number that follows from a name (FNV-1a).
fn number(name: &str) -> u64 {
    name.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A stamp that follows from a name.
#[must_use]
pub fn stamp(name: &str) -> SecurityStamp {
    SecurityStamp::from_bytes(u128::from(number(name)).to_be_bytes())
}

/// A user name.
#[must_use]
pub fn username(name: &str) -> Username {
    Username::parse(name).expect("a user name")
}

/// A mobile number that follows from a name.
#[must_use]
pub fn phone(name: &str) -> PhoneNumber {
    PhoneNumber::parse(&format!("+86138{:08}", number(name) % 100_000_000), None).expect("a phone number")
}

/// The address `<name>@example.com`.
#[must_use]
pub fn email(name: &str) -> EmailAddress {
    EmailAddress::parse(&format!("{name}@example.com")).expect("an e-mail address")
}

/// Something of the shape of a stored hash; no password matches it.
#[must_use]
pub fn password_hash(name: &str) -> PasswordHash {
    let text = format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0${:016x}", number(name));
    PasswordHash::parse(&text).expect("a password hash")
}

/// An account of the default tenant with user name, proven phone, proven e-mail address and password.
#[must_use]
pub fn user(name: &str) -> User {
    user_of(&TenantId::default(), name)
}

/// An account of a tenant with user name, proven phone, proven e-mail address and password.
#[must_use]
pub fn user_of(tenant: &TenantId, name: &str) -> User {
    let id = UserId::parse(name).expect("an id");
    let mut user = User::new(tenant.clone(), id, stamp(name), START);
    user.username = Some(username(name));
    user.phone = Some(Contact::verified(phone(name), START));
    user.email = Some(Contact::verified(email(name), START));
    user.password = Some(PasswordCredential::first(password_hash(name), START));
    user
}

/// One device of each algorithm, of which the first is bound.
#[must_use]
pub fn gestures() -> Vec<GestureDevice> {
    let encrypted = EncryptedSecret::from_bytes(&[&[1, 2, b'k', b'1'][..], &[8; 60]].concat());
    let keys = [
        StoredDeviceKey::EcdsaP256([4; 65]),
        StoredDeviceKey::Ed25519([7; 32]),
        StoredDeviceKey::Aes256(encrypted.expect("a stored form")),
    ];
    let bound = GestureStage::Bound { at: START.after(TICK) };
    let stages = [bound, GestureStage::Registered, GestureStage::Registered];
    let device = |(key, stage): (StoredDeviceKey, GestureStage)| GestureDevice {
        device: DeviceId::parse(key.algorithm().as_str()).expect("an id"),
        key,
        registered_at: START,
        stage,
    };
    keys.into_iter().zip(stages).map(device).collect()
}

/// An account elsewhere, of the issuer of all samples, bound by a source.
#[must_use]
pub fn link(source: &str, subject: &str) -> SocialLink {
    link_of("https://social.example", source, subject)
}

/// An account elsewhere of some issuer, bound by a source.
#[must_use]
pub fn link_of(issuer: &str, source: &str, subject: &str) -> SocialLink {
    SocialLink {
        source: SocialSourceId::parse(source).expect("an id"),
        issuer: Issuer::parse(issuer).expect("an issuer"),
        subject: Subject::parse(subject).expect("a subject"),
        linked_at: START.after(TICK),
    }
}

/// Everything else that a person can enrol.
#[must_use]
pub fn factors(session: &str) -> Factors {
    let sealed = |byte: u8| {
        let bytes = [&[1, 2, b'k', b'1'][..], &[byte; 48]].concat();
        EncryptedSecret::from_bytes(&bytes).expect("a stored form")
    };
    Factors {
        totp: Some(TotpCredential {
            secret: sealed(1),
            enrolled_at: START.after(TICK),
            last_step: TotpStep::at(START),
        }),
        pending_totp: Some(PendingTotp {
            secret: sealed(2),
            session: SessionId::parse(session).expect("an id"),
            until: START.after(HOUR),
        }),
        recovery_codes: Some(RecoveryCodes {
            key: KeyId::new("k1"),
            made_at: START.after(HOUR),
            unused: [9, 3, 7].map(|byte| RecoveryDigest::from_bytes([byte; 32])).to_vec(),
        }),
    }
}

/// A passkey of that id without anything that it may lack.
#[must_use]
pub fn passkey(id: &str) -> Passkey {
    Passkey {
        id: CredentialId::new(id.as_bytes()).expect("an id"),
        key: PasskeyKey::new(&[0, 255, 39]).expect("a key"),
        sign_count: 0,
        name: PasskeyName::parse("O'ahu").expect("a name"),
        created_at: START,
        used_at: None,
        backup: Backup::DeviceBound,
        transports: Vec::new(),
    }
}

/// Two passkeys, one of which was used, and one that was begun in a session.
#[must_use]
pub fn passkeys(session: &str) -> Passkeys {
    let used = Passkey {
        sign_count: u32::MAX,
        used_at: Some(START.after(HOUR)),
        backup: Backup::BackedUp,
        transports: vec![Transport::Internal, Transport::Hybrid],
        ..passkey(&format!("{session}.2"))
    };
    Passkeys {
        handle: Some(UserHandle::from_random([9; 32])),
        held: vec![used, passkey(&format!("{session}.1"))],
        pending: Some(PendingPasskey {
            challenge: [7; 32],
            session: SessionId::parse(session).expect("an id"),
            until: START.after(TICK),
        }),
    }
}

/// The account after one more write.
#[must_use]
pub fn changed(user: &User, change: impl FnOnce(&mut User)) -> User {
    let mut user = User { version: user.version.next(), ..user.clone() };
    change(&mut user);
    user
}

/// Gives the account another nickname.
pub fn rename(user: &mut User, nickname: &str) {
    user.profile.set_text(StandardAttribute::Nickname, Some(nickname.to_owned()));
}

/// A profile with a value of each type, those of the user type held alone.
#[must_use]
pub fn profile(user_type: &str) -> Profile {
    let code = UserTypeCode::parse(user_type).expect("a code");
    let mut profile = Profile { updated_at: Some(at(7).after(TICK)), ..Profile::new() };
    profile.set_text(StandardAttribute::Nickname, Some("小明 'x' \"y\" \\ %_".to_owned()));
    profile.set_text(StandardAttribute::FullName, Some("Ada 🦀 Lovelace".to_owned()));
    let own = [
        ("text", AttributeValue::Text("AB-1 \"é\"".to_owned())),
        ("number", AttributeValue::Number(Number::parse("-12.5").expect("a number"))),
        ("date", AttributeValue::from_julian_day(2_459_581).expect("a date")),
    ];
    for (key, value) in own {
        let key = AttributeKey::parse(key).expect("a key");
        let id = AttributeId::Extension { user_type: code.clone(), key };
        profile.values.insert(id, ProfileValue { value, holding: Holding::Alone });
    }
    let shared = [
        ("flag", AttributeValue::Boolean(true)),
        ("several", AttributeValue::Choices(vec!["red".to_owned(), "blue".to_owned()])),
    ];
    for (key, value) in shared {
        let key = AttributeKey::parse(key).expect("a key");
        let id = AttributeId::Extension { user_type: code.clone(), key };
        profile.values.insert(id, ProfileValue { value, holding: Holding::Shared });
    }
    Profile { user_type: Some(code), ..profile }
}

/// A session of a day, opened by password at [`START`].
#[must_use]
pub fn session(user: &User, id: &str) -> Session {
    let id = SessionId::parse(id).expect("an id");
    Session { amr: vec![Amr::Password], ..Session::open(user, id, START, START.after(24 * HOUR)) }
}

/// What stands for a session that was ended at a moment.
#[must_use]
pub fn end(user: &User, id: &str, ended: Instant) -> Session {
    Session::ended(user, SessionId::parse(id).expect("an id"), ended, ended.after(24 * HOUR))
}

fn moment<'a>(user: &'a User, policy: &'a FlowPolicy, now: Instant) -> Moment<'a> {
    Moment { now, user, amr: &[Amr::Password], policy }
}

/// A flow that begins at `now`; its key follows from all four.
#[must_use]
pub fn flow(user: &User, session: &Session, operation: Operation, now: Instant) -> Flow {
    let id = format!("{}/{}/{}/{now:?}", user.id, session.id, operation.as_str());
    let (key, session) = (FlowId::presented(&id).key(), session.id.clone());
    let opening = Opening { key, session, operation, methods: MethodSet::all() };
    Flow::open(opening, &moment(user, &FlowPolicy::default(), now)).expect("a flow")
}

/// The flow after its password was proven, one revision later.
#[must_use]
pub fn proven(flow: &Flow, user: &User) -> Flow {
    let event = Event::PresentFactorPassword { outcome: CodeMatch::Matched, attempts: 1 };
    applied(flow, user, event)
}

/// A proven flow for a change of address after its code was sent, one revision later.
#[must_use]
pub fn awaiting(flow: &Flow, user: &User, to: Address) -> Flow {
    applied(flow, user, Event::RequestAddressCode(to))
}

fn applied(flow: &Flow, user: &User, event: Event) -> Flow {
    let policy = FlowPolicy::default();
    let step = flow.clone().apply(event, &moment(user, &policy, flow.opened_at()));
    step.next.expect("a flow that goes on")
}

/// The key under which sample codes are digested.
#[must_use]
pub fn digest_key() -> DigestKey {
    DigestKey::new(KeyId::new("sample"), SecretBytes::new(vec![7; 32])).expect("a key of 32 bytes")
}

/// The slot of a flow's second factor by text message.
#[must_use]
pub fn slot(flow: &Flow) -> Slot {
    Slot { purpose: Purpose::SecondFactor(flow.operation()), channel: Channel::Sms }
}

/// A code of a flow in a slot, sent to the person's sample address; it counts as long as the flow.
#[must_use]
pub fn challenge(flow: &Flow, slot: Slot, code: &str) -> Challenge {
    let target = match slot.channel {
        Channel::Sms => Address::Phone(phone(flow.user().as_str())),
        Channel::Email => Address::Email(email(flow.user().as_str())),
    };
    let binding =
        Binding { tenant: flow.tenant().clone(), user: flow.user().clone(), flow: *flow.key(), slot, target };
    Challenge::issue(binding, &Code::presented(code), &digest_key(), flow.expires_at())
}

/// At most `max` within `span` for a subject.
#[must_use]
pub fn window(subject: &str, max: u32, span: Duration) -> Rate {
    let key = RateKey::new(RateScope::TargetHour, &[subject]);
    Rate { key, rule: RateRule::Window { max, span } }
}

/// One at once for a subject, then pauses from a minute on; only a success begins anew.
#[must_use]
pub fn backoff(subject: &str) -> Rate {
    let minute = Duration::from_mins(1);
    let key = RateKey::new(RateScope::Password, &[subject]);
    Rate { key, rule: RateRule::Backoff { free: 1, base: minute, cap: HOUR, forget: None, max: None } }
}

/// An audit record of a change of password.
#[must_use]
pub fn record(user: &User, id: &str) -> AuditRecord {
    AuditRecord {
        id: EventId::parse(id).expect("an id"),
        tenant: user.tenant.clone(),
        at: START,
        actor: Actor::Person(user.id.clone()),
        user: user.id.clone(),
        session: None,
        action: Action::ChangePassword,
        outcome: Outcome::Done,
        flow: None,
        source: None,
        detail: None,
    }
}

/// A notice of a change of password, to the person's sample e-mail address.
#[must_use]
pub fn notice(user: &User, id: &str) -> Notice {
    Notice {
        id: EventId::parse(id).expect("an id"),
        tenant: user.tenant.clone(),
        user: user.id.clone(),
        kind: NoticeKind::PasswordChanged,
        to: Address::Email(email(user.id.as_str())),
        at: START,
        revert: None,
    }
}

/// An empty commit about a person, at [`START`].
#[must_use]
pub fn commit(user: &User) -> Commit {
    Commit::of(user.tenant.clone(), user.id.clone(), START)
}

/// A commit that adds an account.
#[must_use]
pub fn insert(user: &User) -> Commit {
    Commit { user: UserWrite::Insert(Box::new(user.clone())), ..commit(user) }
}

/// A commit that puts `next` in place of `read`.
#[must_use]
pub fn replace(read: &User, next: &User) -> Commit {
    let user = UserWrite::Replace { expected: read.version, user: Box::new(next.clone()) };
    Commit { user, ..commit(read) }
}

/// Opens a flow beside up to 19 others.
#[must_use]
pub fn open(flow: &Flow) -> FlowWrite {
    FlowWrite::Open { flow: Box::new(flow.clone()), cap: 20 }
}

/// Reads a person with a flow and its session.
#[must_use]
pub fn query(user: &User, flow: &Flow) -> StepQuery {
    StepQuery {
        session: Some(flow.session().clone()),
        flow: Some(*flow.key()),
        ..StepQuery::of(user.tenant.clone(), user.id.clone())
    }
}

/// An attempt in a flow, out of five, at the moment of its opening.
#[must_use]
pub fn charge(user: &User, flow: &Flow) -> Charge {
    Charge { query: query(user, flow), max_attempts: 5, rates: Vec::new(), now: flow.opened_at() }
}

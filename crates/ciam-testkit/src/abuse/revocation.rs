//! Revocation: after a sensitive change nothing from before it opens anything.

use std::time::Duration;

use ciam::domain::flow::{Method, Operation};
use ciam::domain::session::Amr;
use ciam::domain::user::{Channel, Status};
use ciam::domain::{FlowId, Instant, SessionId, TenantId};
use ciam::ports::{Clock, TokenClaims, TokenOrigin};
use ciam::{Config, NewContact, Principal, TokenRequest};

use super::MakeWorld;
use super::moves::{NEW, act, ask, asked, changes, code, perform, phone, ready, refused, secret};
use crate::world::{PASSWORD, Person, SCOPE, World};

/// After every operation the other sessions, all other flows and all codes are dead; the acting session goes on.
pub async fn a27_everything_else_is_dead_at_once(make: MakeWorld<'_>) {
    for operation in Operation::SELF_SERVICE {
        let world = make(Config::default());
        let alice = world.person("alice", 1).await;
        let (acting, other) = (world.sign_in(&alice).await, world.sign_in(&alice).await);
        let before = Pending::open(&world, &alice, &other).await;
        let channel = if operation == Operation::UpdatePhone { Channel::Email } else { Channel::Sms };
        let own = pending_contact(&world, &acting, channel, 2).await;
        let flow = ready(&world, &acting, operation).await;
        act(&world, &acting, operation, &flow).await;
        let deleted = operation == Operation::Unsubscribe;
        let dead = if deleted { "access.deleted" } else { "access.invalid_token" };
        before.is_dead(&world, &alice, &other, dead).await;
        if deleted {
            refused(&world, &alice, dead, world.ciam.check_token(&acting)).await;
        } else {
            world.ciam.check_token(&acting).await.unwrap();
            own.is_dead(&world, &alice, &acting, "flow.unknown").await;
            let anew = world.sign_in(&alice).await;
            before.is_dead(&world, &alice, &anew, "flow.unknown").await;
        }
    }
}

/// Ending the other sessions ends their flows and codes too, and those of the acting session.
pub async fn a27_ending_the_others_ends_what_they_began(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let (acting, other) = (world.sign_in(&alice).await, world.sign_in(&alice).await);
    let before = Pending::open(&world, &alice, &other).await;
    let own = pending_contact(&world, &acting, Channel::Sms, 2).await;
    world.ciam.end_other_sessions(&acting).await.unwrap();
    before.is_dead(&world, &alice, &other, "access.invalid_token").await;
    own.is_dead(&world, &alice, &acting, "flow.unknown").await;
    world.ciam.check_token(&acting).await.unwrap();
}

/// Where the host says so the acting session ends with the others.
pub async fn a27_the_acting_session_ends_by_configuration(make: MakeWorld<'_>) {
    for operation in [Operation::UpdatePassword, Operation::UpdateEmail, Operation::UpdatePhone] {
        let mut config = Config::default();
        config.session.acting = ciam::ActingSession::Ends;
        let world = make(config);
        let alice = world.person("alice", 1).await;
        let (acting, other) = (world.sign_in(&alice).await, world.sign_in(&alice).await);
        let flow = ready(&world, &acting, operation).await;
        act(&world, &acting, operation, &flow).await;
        for who in [&acting, &other] {
            refused(&world, &alice, "access.invalid_token", world.ciam.check_token(who)).await;
        }
        let anew = world.sign_in(&alice).await;
        world.ciam.check_token(&anew).await.unwrap();
        world.ciam.end_other_sessions(&anew).await.unwrap();
        refused(&world, &alice, "access.invalid_token", world.ciam.check_token(&anew)).await;
    }
}

/// A new token for a dead session does not wake the old tokens of that session.
pub async fn a27_a_dead_session_is_not_woken_by_its_name(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let other = world.sign_in(&alice).await;
    perform(&world, &alice, Operation::UpdatePassword).await;
    let request = TokenRequest {
        tenant: TenantId::default(),
        user: alice.id.clone(),
        session: other.session().cloned(),
        amr: vec![Amr::Password],
        scopes: vec![SCOPE.to_owned()],
        client: None,
        ttl: Duration::from_mins(15),
    };
    let issued = world.ciam.issue_token(request).await.unwrap();
    let anew = world.ciam.principal(&issued.token, SCOPE).await.unwrap();
    world.ciam.check_token(&anew).await.unwrap();
    refused(&world, &alice, "access.invalid_token", world.ciam.check_token(&other)).await;
}

/// Deletion without a grace period erases at once, and nothing opens what is left.
pub async fn a27_nothing_opens_an_erased_account(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.deletion.grace = Duration::ZERO;
    let world = make(config);
    let alice = world.person("alice", 1).await;
    let other = world.sign_in(&alice).await;
    let before = Pending::open(&world, &alice, &other).await;
    perform(&world, &alice, Operation::Unsubscribe).await;
    assert_eq!(world.user(&alice.id).await.status, Status::Erased);
    before.is_dead(&world, &alice, &other, "access.deleted").await;
}

/// A foreign issuer's token is dead when it is not younger than the last change; the acting session is re-stamped.
pub async fn a27_foreign_tokens_die_by_their_age(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    world.clock.advance(Duration::from_secs(1));
    let acting = foreign(&world, &alice, Some("f-1"), world.clock.now()).await;
    let other = foreign(&world, &alice, Some("f-2"), world.clock.now()).await;
    let before = Pending::open(&world, &alice, &other).await;
    world.clock.advance(Duration::from_secs(1));
    let flow = world.proven(&acting, Operation::UpdatePassword).await;
    world.ciam.change_password(&acting, &flow, &secret(NEW)).await.unwrap();
    world.ciam.check_token(&acting).await.unwrap();
    before.is_dead(&world, &alice, &other, "access.invalid_token").await;
    let stamped = world.user(&alice.id).await.stamped_at;
    let now = foreign(&world, &alice, Some("f-3"), stamped).await;
    refused(&world, &alice, "access.invalid_token", world.ciam.check_token(&now)).await;
    let later = foreign(&world, &alice, Some("f-3"), stamped.after(Duration::from_micros(1))).await;
    world.ciam.check_token(&later).await.unwrap();
    world.clock.advance(Duration::from_secs(1));
    world.ciam.end_other_sessions(&later).await.unwrap();
    refused(&world, &alice, "access.invalid_token", world.ciam.check_token(&acting)).await;
    world.ciam.check_token(&later).await.unwrap();
}

/// A token that names no session opens nothing sensitive, whatever flow it presents.
pub async fn a27_a_token_without_a_session_opens_nothing_sensitive(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    world.clock.advance(Duration::from_secs(1));
    let owner = world.sign_in(&alice).await;
    let flows = Pending::open(&world, &alice, &owner).await;
    let proven = world.proven(&owner, Operation::Unsubscribe).await;
    let nameless = foreign(&world, &alice, None, world.clock.now()).await;
    world.ciam.check_token(&nameless).await.unwrap();
    let ciam = &world.ciam;
    for operation in Operation::SELF_SERVICE {
        refused(&world, &alice, "access.no_session", ciam.check_operation(&nameless, operation)).await;
    }
    refused(&world, &alice, "access.no_session", ciam.end_other_sessions(&nameless)).await;
    refused(&world, &alice, "access.no_session", ciam.delete_account(&nameless, &proven)).await;
    refused(&world, &alice, "access.no_session", ciam.cancel_flow(&nameless, &proven)).await;
    let change = async { ciam.change_password(&nameless, &proven, &secret(NEW)).await };
    refused(&world, &alice, "access.no_session", change).await;
    flows.is_dead(&world, &alice, &nameless, "access.no_session").await;
    ciam.delete_account(&owner, &proven).await.unwrap();
}

/// Flows under way, with what it takes to finish them.
struct Pending {
    awaiting: FlowId,
    factor: String,
    contact: PendingContact,
}

impl Pending {
    async fn open(world: &World, person: &Person, who: &Principal) -> Self {
        let awaiting = world.ciam.check_operation(who, Operation::UpdatePassword).await.unwrap().flow;
        world.send_factor(who, &awaiting, Method::Sms).await.unwrap();
        let factor = world.mailbox.last_code(person.phone.canonical()).unwrap();
        Self { awaiting, factor, contact: pending_contact(world, who, Channel::Email, 1).await }
    }

    /// No step of them is open to this caller any more.
    async fn is_dead(&self, world: &World, person: &Person, who: &Principal, reason: &str) {
        if reason.starts_with("access.") && reason != "access.no_session" {
            refused(world, person, reason, world.ciam.check_token(who)).await;
            let again = world.ciam.check_operation(who, Operation::UpdatePassword);
            refused(world, person, reason, again).await;
        }
        let (ciam, flow, factor) = (&world.ciam, &self.awaiting, code(&self.factor));
        self.contact.is_dead(world, person, who, reason).await;
        refused(world, person, reason, world.send_factor(who, flow, Method::Email)).await;
        refused(world, person, reason, ciam.verify_factor_code(who, flow, Method::Sms, &factor)).await;
        let password = secret(PASSWORD);
        refused(world, person, reason, ciam.verify_factor_password(who, flow, &password)).await;
    }
}

/// A change of address that lacks nothing but its code.
struct PendingContact {
    flow: FlowId,
    channel: Channel,
    digits: String,
}

async fn pending_contact(world: &World, who: &Principal, channel: Channel, n: u8) -> PendingContact {
    let (number, email) = (format!("1370000000{n}"), format!("pending.{n}@example.org"));
    let flow = match channel {
        Channel::Sms => asked(world, who, phone(&number)).await,
        Channel::Email => asked(world, who, NewContact::Email(&email)).await,
    };
    let digits = world.mailbox.codes().pop().unwrap().digits;
    PendingContact { flow, channel, digits }
}

impl PendingContact {
    async fn is_dead(&self, world: &World, person: &Person, who: &Principal, reason: &str) {
        let digits = code(&self.digits);
        let finish = world.ciam.change_contact(who, &self.flow, self.channel, &digits);
        refused(world, person, reason, finish).await;
        let again = match changes(self.channel) {
            Operation::UpdatePhone => phone("13700000009"),
            _ => NewContact::Email("pending.too@example.org"),
        };
        refused(world, person, reason, ask(world, who, &self.flow, again)).await;
    }
}

/// The holder of a foreign issuer's token.
async fn foreign(world: &World, person: &Person, session: Option<&str>, issued_at: Instant) -> Principal {
    let token = world.tokens.says(TokenClaims {
        origin: TokenOrigin::Foreign,
        tenant: TenantId::default(),
        subject: person.id.clone(),
        session: session.map(|name| SessionId::parse(name).unwrap()),
        scopes: vec![SCOPE.to_owned()],
        client: None,
        amr: vec![Amr::Password],
        auth_time: Some(issued_at),
        issued_at,
        expires_at: issued_at.after(Duration::from_hours(1)),
    });
    world.ciam.principal(&token, SCOPE).await.unwrap()
}

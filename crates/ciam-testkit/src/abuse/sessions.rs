//! Sessions and their refresh tokens: each works once, dies on time, and opens nothing for anybody else.

use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::audit::Action;
use ciam::domain::flow::{Operation, TwoFactor};
use ciam::domain::secret::SecretText;
use ciam::domain::user::{SecurityStamp, Status, User};
use ciam::ports::store::UserWrite;
use ciam::ports::{Clock, Commit};
use ciam::{Config, Error, TokenRequest, Tokens};
use futures_executor::block_on;

use super::MakeWorld;
use super::moves::{at_once, perform, secret};
use super::sign_in::{done, from, signed_in, step};
use crate::world::{PASSWORD, SCOPE, World};

const TICK: Duration = Duration::from_micros(1);

async fn refresh(world: &World, token: &SecretText) -> Result<Tokens, Error> {
    world.ciam.refresh_session(&TenantId::default(), token, None).await
}

async fn reason(world: &World, token: &SecretText) -> &'static str {
    refresh(world, token).await.unwrap_err().reason()
}

/// The access token of a session opens something.
async fn opens(world: &World, tokens: &Tokens) -> bool {
    let who = world.ciam.principal(&tokens.access, SCOPE).await.unwrap();
    world.ciam.check_token(&who).await.is_ok()
}

/// Each refresh gives the next token; one that is used again ends the session, whoever had it.
pub async fn a27_a_refresh_token_works_once(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    let first = signed_in(&world, &alice).await;
    let other = signed_in(&world, &alice).await;
    let mut tokens = refresh(&world, &first.refresh).await.unwrap();
    for _ in 0..3 {
        let next = refresh(&world, &tokens.refresh).await.unwrap();
        assert_eq!(next.session, first.session);
        assert_ne!(next.refresh.expose(), tokens.refresh.expose());
        assert!(opens(&world, &next).await && opens(&world, &tokens).await);
        tokens = next;
    }
    assert_eq!(reason(&world, &first.refresh).await, "sign_in.refresh_token", "it was replaced");
    assert_eq!(reason(&world, &tokens.refresh).await, "sign_in.refresh_token", "and with it its heirs");
    assert!(!opens(&world, &tokens).await);
    let newest = world.audit(&alice.id).await.into_iter().find(|record| record.detail.is_some()).unwrap();
    assert_eq!((newest.action, newest.detail.as_deref()), (Action::RefreshSession, Some("used again")));
    assert!(opens(&world, &other).await, "another session goes on");
    refresh(&world, &other.refresh).await.unwrap();
}

/// Of many uses at once one wins; the others are uses of a replaced token.
pub async fn a27_refreshes_at_once_do_not_both_live(make: MakeWorld<'_>) {
    for _ in 0..10 {
        let world = make(Config::default());
        let alice = world.person("alice", 1).await;
        let tokens = signed_in(&world, &alice).await;
        let ends =
            at_once((0..8).collect(), |_: u32| block_on(Box::pin(refresh(&world, &tokens.refresh))).ok());
        let won: Vec<_> = ends.into_iter().flatten().collect();
        assert!(won.len() <= 1, "{} won", won.len());
        for won in won {
            assert_eq!(reason(&world, &won.refresh).await, "sign_in.refresh_token");
            assert!(!opens(&world, &won).await);
        }
    }
}

/// Nothing in a refresh token can be changed, and another tenant knows it not.
pub async fn a27_a_refresh_token_is_bound_to_all_that_it_names(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let (own, theirs) = (signed_in(&world, &alice).await, signed_in(&world, &bob).await);
    let own_text = own.refresh.expose().to_owned();
    let parts: Vec<&str> = own_text.split('~').collect();
    let foreign: Vec<&str> = theirs.refresh.expose().split('~').collect();
    let mut forged = Vec::new();
    for place in 0..parts.len() {
        let mut mixed = parts.clone();
        mixed[place] = foreign[place];
        // The key is the same for both, and so is the generation.
        if mixed != parts {
            forged.push(mixed.join("~"));
        }
        mixed[place] = "";
        forged.push(mixed.join("~"));
    }
    for (from, to) in [("~0~", "~1~"), ("~0~", "~00~"), ("~0~", "~-0~"), ("~0~", "~4294967295~")] {
        forged.push(own_text.replacen(from, to, 1));
    }
    forged.extend([String::new(), "~~~~".to_owned(), own.access.expose().to_owned(), format!("{own_text}x")]);
    forged.push(own.device.as_ref().unwrap().expose().to_owned());
    for text in forged {
        assert_eq!(reason(&world, &secret(&text)).await, "sign_in.refresh_token", "{text}");
    }
    let elsewhere = TenantId::parse("elsewhere").unwrap();
    let there = world.ciam.refresh_session(&elsewhere, &own.refresh, None).await.unwrap_err();
    assert_eq!(there.reason(), "sign_in.refresh_token");
    let there = twin(&world, &elsewhere, &own).await;
    let answer = world.ciam.refresh_session(&elsewhere, &own.refresh, None).await.unwrap_err();
    assert_eq!(answer.reason(), "sign_in.refresh_token", "not even where all ids are the same");
    let who = world.ciam.principal(&there, SCOPE).await.unwrap();
    world.ciam.check_token(&who).await.expect("and it ends nothing there");
    refresh(&world, &own.refresh).await.expect("forgeries end no session");
    refresh(&world, &theirs.refresh).await.unwrap();
}

/// Somebody in another tenant whose account and session have the same ids; gives an access token of theirs.
async fn twin(world: &World, tenant: &TenantId, of: &Tokens) -> SecretText {
    let now = world.clock.now();
    let user = User::new(tenant.clone(), of.user.clone(), SecurityStamp::from_bytes([8; 16]), now);
    let insert = UserWrite::Insert(Box::new(user));
    let commit = Commit { user: insert, ..Commit::of(tenant.clone(), of.user.clone(), now) };
    world.backend.store.commit(commit).await.unwrap();
    let request = TokenRequest {
        tenant: tenant.clone(),
        user: of.user.clone(),
        session: Some(of.session.clone()),
        amr: Vec::new(),
        scopes: vec![SCOPE.to_owned()],
        client: None,
        ttl: Duration::from_mins(15),
    };
    world.ciam.issue_token(request).await.unwrap().token
}

/// What ends a session ends its refresh token, and a status names itself.
pub async fn a27_refresh_tokens_die_with_their_session(make: MakeWorld<'_>) {
    let world = make(Config::default());
    for (number, operation) in (1..).zip(Operation::SELF_SERVICE) {
        let person = world.person(&format!("person.{number}"), number).await;
        let tokens = signed_in(&world, &person).await;
        perform(&world, &person, operation).await;
        let expected =
            if operation == Operation::Unsubscribe { "access.deleted" } else { "sign_in.refresh_token" };
        assert_eq!(reason(&world, &tokens.refresh).await, expected, "{operation:?}");
        world.clock.advance(Duration::from_hours(25));
    }
    let alice = world.person("alice", 11).await;
    let (one, two) = (signed_in(&world, &alice).await, signed_in(&world, &alice).await);
    let who = world.ciam.principal(&one.access, SCOPE).await.unwrap();
    world.ciam.end_session(&who, &two.session).await.unwrap();
    assert_eq!(reason(&world, &two.refresh).await, "sign_in.refresh_token");
    world.ciam.end_all_sessions(&who).await.unwrap();
    assert_eq!(reason(&world, &one.refresh).await, "sign_in.refresh_token");
    let bob = world.person("bob", 12).await;
    let tokens = signed_in(&world, &bob).await;
    let statuses =
        [(Status::Frozen, "access.frozen"), (Status::Disabled, "access.disabled"), (Status::Normal, "")];
    for (status, expected) in statuses {
        world.ciam.set_status(ciam::Authority::Host, &TenantId::default(), &bob.id, status).await.unwrap();
        let answered = reason(&world, &tokens.refresh).await;
        assert_eq!(answered, if expected.is_empty() { "sign_in.refresh_token" } else { expected });
    }
}

/// Absolute and idle limits hold to the microsecond; a refresh lengthens the idle one alone.
pub async fn a27_sessions_end_on_time(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.session.ttl = Duration::from_hours(10);
    config.session.factor_ttl = Duration::from_hours(10);
    config.session.idle = Some(Duration::from_hours(4));
    let world = make(config);
    let alice = world.person("alice", 1).await;
    let idle = signed_in(&world, &alice).await;
    let mut used = signed_in(&world, &alice).await;
    assert_eq!(used.access_expires_at.since(world.clock.now()), Duration::from_mins(15));
    world.clock.advance(Duration::from_hours(4) - TICK);
    used = refresh(&world, &used.refresh).await.unwrap();
    world.clock.advance(TICK);
    assert_eq!(reason(&world, &idle.refresh).await, "sign_in.refresh_token");
    for _ in 0..3 {
        world.clock.advance(Duration::from_hours(1) + Duration::from_mins(59));
        used = refresh(&world, &used.refresh).await.unwrap();
    }
    let left = used.session_ends_at.since(world.clock.now());
    assert_eq!(left, Duration::from_mins(3), "the absolute end stays where it was");
    assert_eq!(used.access_expires_at, used.session_ends_at, "no token outlives its session");
    world.clock.advance(left - TICK);
    used = refresh(&world, &used.refresh).await.unwrap();
    world.clock.advance(TICK);
    assert_eq!(reason(&world, &used.refresh).await, "sign_in.refresh_token");

    let mut config = Config::default();
    config.flow.sign_in = TwoFactor::Required;
    let world = make(config);
    let bob = world.person("bob", 1).await;
    let begun = world.ciam.sign_in(&from(1), "bob", &secret(PASSWORD)).await.unwrap();
    let ciam::SignedIn::SecondFactor { flow, .. } = begun else { unreachable!("a second factor") };
    let tenant = TenantId::default();
    let on = step(&tenant, &flow);
    let method = ciam::domain::flow::Method::Email;
    world.ciam.send_sign_in_code(&on, method, ciam::Wording::default()).await.unwrap();
    let code = world.code(&bob.email);
    let tokens = done(world.ciam.verify_sign_in_code(&on, method, &code).await.unwrap());
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(reason(&world, &tokens.refresh).await, "sign_in.refresh_token", "unused for an hour");
}

/// Where a host allows it, the answer that was lost is given again for some seconds, and no longer.
pub async fn a27_a_lost_answer_may_be_asked_for_again(make: MakeWorld<'_>) {
    let mut config = Config::default();
    config.session.refresh_leeway = Duration::from_secs(10);
    let world = make(config);
    let alice = world.person("alice", 1).await;
    let first = signed_in(&world, &alice).await;
    let lost = refresh(&world, &first.refresh).await.unwrap();
    world.clock.advance(Duration::from_secs(10) - TICK);
    let again = refresh(&world, &first.refresh).await.unwrap();
    assert_eq!(again.refresh.expose(), lost.refresh.expose());
    let next = refresh(&world, &again.refresh).await.unwrap();
    assert_eq!(reason(&world, &first.refresh).await, "sign_in.refresh_token", "two generations ago");
    assert_eq!(reason(&world, &next.refresh).await, "sign_in.refresh_token", "that ended the session");
    let first = signed_in(&world, &alice).await;
    refresh(&world, &first.refresh).await.unwrap();
    world.clock.advance(Duration::from_secs(10));
    assert_eq!(reason(&world, &first.refresh).await, "sign_in.refresh_token");
    let first = signed_in(&world, &alice).await;
    refresh(&world, &first.refresh).await.unwrap();
    world.clock.rewind(TICK);
    assert_eq!(reason(&world, &first.refresh).await, "sign_in.refresh_token", "a clock that was set back");
}

/// People see and end their own sessions alone.
pub async fn a27_own_sessions_alone(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let (alice, bob) = (world.person("alice", 1).await, world.person("bob", 2).await);
    let (one, theirs) = (signed_in(&world, &alice).await, signed_in(&world, &bob).await);
    world.clock.advance(Duration::from_secs(1));
    let two = signed_in(&world, &alice).await;
    let who = world.ciam.principal(&two.access, SCOPE).await.unwrap();
    let seen = world.ciam.own_sessions(&who).await.unwrap();
    let shown: Vec<_> = seen.iter().map(|session| (session.id.clone(), session.is_current)).collect();
    assert_eq!(shown, [(two.session.clone(), true), (one.session.clone(), false)]);
    assert_eq!(seen[0].source.map(|source| source.address().to_string()).as_deref(), Some("203.0.113.250"));
    world.ciam.end_session(&who, &theirs.session).await.unwrap();
    assert!(opens(&world, &theirs).await, "another person's session stays");
    world.clock.advance(Duration::from_mins(5));
    let stale = world.ciam.end_session(&who, &one.session).await.unwrap_err();
    assert_eq!(stale.reason(), "access.stale_authentication");
    assert!(opens(&world, &one).await);
    world.ciam.end_session(&who, &two.session).await.expect("signing out needs no fresh sign-in");
    assert!(!opens(&world, &two).await && opens(&world, &one).await);
    assert_eq!(world.ciam.own_sessions(&who).await.unwrap_err().reason(), "access.invalid_token");
}

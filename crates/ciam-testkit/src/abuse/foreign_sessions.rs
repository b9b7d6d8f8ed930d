//! Sessions of other issuers that are ended here: dead, whatever their issuer renews.

use std::time::Duration;

use ciam::domain::flow::Operation;
use ciam::domain::session::Amr;
use ciam::domain::{Instant, SessionId, TenantId};
use ciam::ports::{Clock, TokenClaims, TokenOrigin};
use ciam::{Authority, Config, Principal};

use super::MakeWorld;
use super::moves::{NEW, secret};
use crate::world::{Person, SCOPE, World};

/// When a token says that its holder signed in.
#[derive(Debug, Clone, Copy)]
enum Told {
    At(Instant),
    Nothing,
}

/// The holder of a token of the session `away`, issued now.
async fn away(world: &World, person: &Person, told: Told) -> Principal {
    let now = world.clock.now();
    let token = world.tokens.says(TokenClaims {
        origin: TokenOrigin::Foreign,
        tenant: TenantId::default(),
        subject: person.id.clone(),
        session: Some(session()),
        scopes: vec![SCOPE.to_owned()],
        client: None,
        amr: vec![Amr::Password],
        auth_time: match told {
            Told::At(at) => Some(at),
            Told::Nothing => None,
        },
        issued_at: now,
        expires_at: now.after(Duration::from_hours(1)),
    });
    world.ciam.principal(&token, SCOPE).await.unwrap()
}

fn session() -> SessionId {
    SessionId::parse("away").unwrap()
}

async fn is_dead(world: &World, who: &Principal) {
    assert_eq!(world.ciam.check_token(who).await.unwrap_err().reason(), "access.invalid_token");
}

/// How a foreign session is ended.
#[derive(Debug, Clone, Copy)]
enum Ending {
    SignedOut,
    EndedByTheHost,
    /// From another session, where it has a row since it changed something.
    EndedElsewhere,
}

/// Ended by whomever, with a row or without one, the session stays dead when its issuer renews its token.
pub async fn a27_an_ended_foreign_session_is_dead(make: MakeWorld<'_>) {
    for ending in [Ending::SignedOut, Ending::EndedByTheHost, Ending::EndedElsewhere] {
        for tells in [true, false] {
            let world = make(Config::default());
            let alice = world.person("alice", 1).await;
            world.clock.advance(Duration::from_secs(1));
            let told = if tells { Told::At(world.clock.now()) } else { Told::Nothing };
            let who = away(&world, &alice, told).await;
            world.ciam.check_token(&who).await.unwrap();
            end(&world, &alice, &who, ending).await;
            is_dead(&world, &who).await;
            for _ in 0..3 {
                world.clock.advance(Duration::from_hours(5));
                world.ciam.sweep().await.unwrap();
                is_dead(&world, &away(&world, &alice, told).await).await;
                is_dead(&world, &away(&world, &alice, Told::Nothing).await).await;
            }
        }
    }
}

async fn end(world: &World, alice: &Person, who: &Principal, ending: Ending) {
    let (tenant, id) = (TenantId::default(), &session());
    match ending {
        Ending::SignedOut => world.ciam.end_session(who, id).await.unwrap(),
        Ending::EndedByTheHost => {
            world.ciam.end_user_session(Authority::Host, &tenant, &alice.id, id).await.unwrap();
        }
        Ending::EndedElsewhere => {
            let flow = world.proven(who, Operation::UpdatePassword).await;
            world.ciam.change_password(who, &flow, &secret(NEW)).await.unwrap();
            world.ciam.check_token(who).await.unwrap();
            let own = world.sign_in(alice).await;
            world.ciam.end_session(&own, id).await.unwrap();
            world.ciam.check_token(&own).await.unwrap();
        }
    }
}

/// A new sign-in in a session of the same name is a new session, and may do all that one may.
pub async fn a27_an_ended_foreign_session_begins_anew_by_a_sign_in_alone(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let alice = world.person("alice", 1).await;
    world.clock.advance(Duration::from_secs(1));
    let first = world.clock.now();
    let who = away(&world, &alice, Told::At(first)).await;
    world.ciam.end_session(&who, &session()).await.unwrap();
    let ended = world.clock.now();
    is_dead(&world, &away(&world, &alice, Told::At(ended)).await).await;
    world.clock.advance(Duration::from_secs(1));
    let anew = away(&world, &alice, Told::At(world.clock.now())).await;
    world.ciam.check_token(&anew).await.unwrap();
    let flow = world.proven(&anew, Operation::UpdatePassword).await;
    world.ciam.change_password(&anew, &flow, &secret(NEW)).await.unwrap();
    world.ciam.check_token(&anew).await.unwrap();
    let own = world.ciam.own_sessions(&anew).await.unwrap();
    assert_eq!((own.len(), own[0].is_current, own[0].amr.as_slice()), (1, true, &[Amr::Password][..]));
}

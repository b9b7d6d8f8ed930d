//! Sign-in by password and code, refresh, theft of a refresh token, and recovery, over the adapters of this server.
//!
//! `cargo run -p ciam-server --example sign_in` prints what happens. The database lives in memory and goes with it.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use ciam::domain::challenge::{Code, KeyId};
use ciam::domain::flow::{Method, TwoFactor};
use ciam::domain::identifier::{EmailAddress, Username};
use ciam::domain::secret::{SecretBytes, SecretText};
use ciam::ports::{DeliveryError, NoticeMessage, NoticeSender, OtpMessage, OtpSender, Random};
use ciam::{
    Authority, Ciam, Config, CorePorts, NewUser, PasswordSet, SignInRequest, SignedIn, SignedOutStep, Tokens,
    Wording,
};
use ciam_hasher_argon2::{Argon2Hasher, Cost, Limits};
use ciam_storage_sqlite::SqliteStore;
use ciam_system_native::{StaticKeys, SystemClock, SystemRandom};
use ciam_tokens_jwt::{JwtIssuer, JwtVerifier, Leeway, OwnIssuer, SigningKey, generate_ed25519};

/// A mailbox that the example reads itself.
#[derive(Default)]
struct Mailbox(Mutex<Vec<String>>);

impl Mailbox {
    fn newest(&self) -> Code {
        let codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Code::presented(codes.last().map_or("", String::as_str))
    }
}

#[async_trait]
impl OtpSender for Mailbox {
    async fn send(&self, message: OtpMessage) -> Result<(), DeliveryError> {
        println!("   a code to {} for {}", message.to.masked(), message.purpose.as_str());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(message.code.expose().to_owned());
        Ok(())
    }
}

#[async_trait]
impl NoticeSender for Mailbox {
    async fn send(&self, NoticeMessage { notice, .. }: NoticeMessage) -> Result<(), DeliveryError> {
        println!("   a notice to {}: {}", notice.to.masked(), notice.kind.as_str());
        Ok(())
    }
}

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

fn assemble(mailbox: &Arc<Mailbox>) -> Result<Ciam, Box<dyn Error>> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let store = Arc::new(SqliteStore::in_memory()?);
    let key = SigningKey::from_pem(generate_ed25519(&SystemRandom)?.expose())?;
    let (issuer, audience) = ("https://id.example", "app");
    let own = OwnIssuer {
        issuer: issuer.to_owned(),
        audience: audience.to_owned(),
        keys: vec![key.verifying_key()],
    };
    let mut digest_key = vec![0; 32];
    SystemRandom.fill(&mut digest_key)?;
    let ports = CorePorts {
        store: store.clone(),
        outbox: store.clone(),
        hasher: Arc::new(Argon2Hasher::new(Cost::default(), Limits::default(), random.clone())?),
        otp: mailbox.clone(),
        notices: mailbox.clone(),
        tokens: Arc::new(JwtVerifier::new(own, Leeway::default())),
        keys: Arc::new(StaticKeys::new(KeyId::new("k1"), SecretBytes::new(digest_key))?),
        clock: Arc::new(SystemClock),
        random: random.clone(),
    };
    let mut config = Config::default();
    config.flow.sign_in = TwoFactor::Required;
    let issuer = Arc::new(JwtIssuer::new(issuer, audience, key, random));
    Ok(Ciam::new(ports, config)?.with_issuer(issuer).with_login_history(store))
}

/// Password, then a code to the e-mail address.
async fn sign_in(
    ciam: &Ciam,
    mailbox: &Mailbox,
    request: &SignInRequest,
    password: &str,
) -> Result<Tokens, Box<dyn Error>> {
    let SignedIn::SecondFactor { flow, methods } = ciam.sign_in(request, "alice", &secret(password)).await?
    else {
        return Err("a second factor was to come first".into());
    };
    println!("   a second factor comes first: {methods:?}");
    let on = SignedOutStep { tenant: &request.tenant, flow: &flow, source: None };
    ciam.send_sign_in_code(&on, Method::Email, Wording::default()).await?;
    match ciam.verify_sign_in_code(&on, Method::Email, &mailbox.newest()).await? {
        SignedIn::Done(tokens) => Ok(tokens),
        other => Err(format!("{other:?}").into()),
    }
}

async fn tour() -> Result<(), Box<dyn Error>> {
    let mailbox = Arc::new(Mailbox::default());
    let ciam = assemble(&mailbox)?;
    let new = NewUser {
        username: Some(Username::parse("alice")?),
        email: Some(EmailAddress::parse("alice@example.org")?),
        password: Some(secret("a lantern over the harbour")),
        ..NewUser::default()
    };
    ciam.create_user(Authority::Host, new).await?;
    let request = SignInRequest { scopes: vec!["account".to_owned()], ..SignInRequest::default() };

    println!("1. a wrong password, and a name that nobody has");
    for name in ["alice", "nobody"] {
        let error = ciam.sign_in(&request, name, &secret("not this one")).await.err();
        println!("   {name}: {}", error.map_or("in", |error| error.reason()));
    }
    println!("2. the right password");
    let tokens = sign_in(&ciam, &mailbox, &request, "a lantern over the harbour").await?;
    let who = ciam.principal(&tokens.access, "account").await?;
    for session in ciam.own_sessions(&who).await? {
        println!("   a session by {:?}, which ends at {:?}", session.amr, session.ends_at);
    }
    println!("3. refreshed, and then the replaced token once more, as a thief would");
    let fresh = ciam.refresh_session(&request.tenant, &tokens.refresh, None).await?;
    let replayed = ciam.refresh_session(&request.tenant, &tokens.refresh, None).await.err();
    println!("   the replaced one: {}", replayed.map_or("taken", |error| error.reason()));
    let ended = ciam.refresh_session(&request.tenant, &fresh.refresh, None).await.err();
    println!("   its successor: {}", ended.map_or("taken", |error| error.reason()));
    println!("4. the password is forgotten");
    let address = "alice@example.org";
    // Codes to one address keep a distance of a minute; the first one of a recovery does not wait for a sign-in's.
    let flow = ciam.start_recovery(&request, address, Wording::default()).await?;
    let on = SignedOutStep { tenant: &request.tenant, flow: &flow, source: None };
    ciam.verify_sign_in_code(&on, Method::Email, &mailbox.newest()).await?;
    let set = ciam.set_new_password(&on, &secret("seven herons cross the bay")).await?;
    println!("   {}", if matches!(set, PasswordSet::Recovered) { "a new one is set" } else { "signed in" });
    ciam.relay_once().await?;
    let old = ciam.sign_in(&request, "alice", &secret("a lantern over the harbour")).await.err();
    println!("   the old one: {}", old.map_or("in", |error| error.reason()));
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_current_thread().build()?.block_on(tour())
}

//! The smallest host: its own user table, its own sign-in, ciam for everything sensitive.
//!
//! `cargo run -p ciam --example embed` plays one change of password and prints what a client would see.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use ciam::domain::challenge::{Code, KeyId};
use ciam::domain::flow::{Method, Operation};
use ciam::domain::identifier::Login;
use ciam::domain::secret::{SecretBytes, SecretText};
use ciam::domain::session::Amr;
use ciam::domain::user::{Contact, SecurityStamp};
use ciam::domain::{Instant, SessionId, TenantId, User, UserId};
use ciam::ports::store::{StoreError, UserWrite};
use ciam::ports::user_store::{UserCommit, UserStore};
use ciam::ports::{
    Clock, DeliveryError, DueNotice, Handle, NoticeMessage, NoticeSender, OtpMessage, OtpSender, Outbox,
    Random, Settlement, SplitStore, TokenClaims, TokenError, TokenOrigin, TokenVerifier,
};
use ciam::{Ciam, Config, CorePorts, FactorCodeRequest, Wording};
use ciam_hasher_argon2::{Argon2Hasher, Cost, Limits};
use ciam_storage_memory::MemoryStore;
use ciam_system_native::{StaticKeys, SystemClock, SystemRandom};

/// The table that the host has anyway; here a map, in earnest a few lines of SQL.
#[derive(Default)]
struct Accounts(Mutex<Tables>);

#[derive(Default)]
struct Tables {
    users: HashMap<UserId, User>,
    outbox: Vec<DueNotice>,
}

impl Accounts {
    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl UserStore for Accounts {
    async fn user(&self, _tenant: &TenantId, user: &UserId) -> Result<Option<User>, StoreError> {
        Ok(self.tables().users.get(user).cloned())
    }

    async fn find(&self, _tenant: &TenantId, handle: &Handle) -> Result<Option<UserId>, StoreError> {
        let leads_to = |user: &&User| match handle {
            Handle::Login(Login::Username(name)) => user.username.as_ref() == Some(name),
            Handle::Login(Login::Phone(phone)) => {
                user.phone.as_ref().is_some_and(|held| held.address == *phone)
            }
            Handle::Login(Login::Email(email)) => {
                user.email.as_ref().is_some_and(|held| held.address == *email)
            }
            Handle::Held(address) => user.held.iter().any(|held| held.is(address)),
            Handle::Social(issuer, subject) => user.is_bound_to(issuer, subject),
            Handle::Passkey(id) => user.passkeys.find(id).is_some(),
            Handle::Flow(_) => false,
        };
        Ok(self.tables().users.values().find(leads_to).map(|user| user.id.clone()))
    }

    async fn commit(&self, commit: UserCommit) -> Result<(), StoreError> {
        let mut tables = self.tables();
        if let UserWrite::Replace { expected, user } = commit.user {
            if tables.users.get(&user.id).map(|stored| stored.version) != Some(expected) {
                return Err(StoreError::Stale);
            }
            tables.users.insert(user.id.clone(), *user);
        }
        for (entry, notice) in (1..).zip(commit.outbox) {
            tables.outbox.push(DueNotice { entry, tries: 0, notice });
        }
        commit
            .audit
            .iter()
            .for_each(|record| println!("audit: {} {:?}", record.action.as_str(), record.outcome));
        Ok(())
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}

/// One relay reads this outbox, so nothing need be lent.
#[async_trait]
impl Outbox for Accounts {
    async fn take(&self, _now: Instant, _lease: Duration, _limit: u16) -> Result<Vec<DueNotice>, StoreError> {
        Ok(self.tables().outbox.clone())
    }

    async fn settle(&self, entry: u64, settlement: Settlement) -> Result<(), StoreError> {
        if settlement == Settlement::Done {
            self.tables().outbox.retain(|due| due.entry != entry);
        }
        Ok(())
    }
}

/// The host's own sign-in: a cookie stands for a session. Here there is one.
struct Cookies {
    made_at: Instant,
}

#[async_trait]
impl TokenVerifier for Cookies {
    async fn verify(&self, token: &SecretText, now: Instant) -> Result<TokenClaims, TokenError> {
        if token.expose() != "alices-cookie" {
            return Err(TokenError::Invalid);
        }
        Ok(TokenClaims {
            origin: TokenOrigin::Foreign,
            tenant: TenantId::default(),
            subject: id("alice"),
            session: SessionId::parse("cookie-1").ok(),
            scopes: vec!["account".to_owned()],
            client: None,
            amr: vec![Amr::Password],
            auth_time: Some(self.made_at),
            issued_at: self.made_at,
            expires_at: now.after(Duration::from_mins(15)),
        })
    }
}

/// Delivery that keeps the last code, so that this example can read its own mail.
#[derive(Default)]
struct Mail(Mutex<Option<Code>>);

#[async_trait]
impl OtpSender for Mail {
    async fn send(&self, message: OtpMessage) -> Result<(), DeliveryError> {
        println!("mail to {}: a code for {}", message.to.masked(), message.purpose.as_str());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(message.code);
        Ok(())
    }
}

#[async_trait]
impl NoticeSender for Mail {
    async fn send(&self, message: NoticeMessage) -> Result<(), DeliveryError> {
        println!("mail to {}: {}", message.notice.to.masked(), message.notice.kind.as_str());
        Ok(())
    }
}

fn id(name: &str) -> UserId {
    UserId::parse(name).unwrap_or_else(|_| UserId::from_random([0; 16]))
}

pub(crate) fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (clock, random, mail) = (Arc::new(SystemClock), Arc::new(SystemRandom), Arc::new(Mail::default()));
    let accounts = Arc::new(Accounts::default());
    let mut stamp = [0; 16];
    random.fill(&mut stamp)?;
    let signed_up = clock.now().before(Duration::from_hours(1));
    let mut alice = User::new(TenantId::default(), id("alice"), SecurityStamp::from_bytes(stamp), signed_up);
    alice.email = Some(Contact::verified(
        ciam::domain::identifier::EmailAddress::parse("alice@example.org")?,
        signed_up,
    ));
    accounts.tables().users.insert(alice.id.clone(), alice);

    let mut key = vec![0; 32];
    random.fill(&mut key)?;
    let keys = StaticKeys::new(KeyId::new("k1"), SecretBytes::new(key))?;
    let ciam = Ciam::new(
        CorePorts {
            store: Arc::new(SplitStore::new(accounts.clone(), Arc::new(MemoryStore::new()))),
            outbox: accounts,
            hasher: Arc::new(Argon2Hasher::new(Cost::default(), Limits::default(), random.clone())?),
            otp: mail.clone(),
            notices: mail.clone(),
            tokens: Arc::new(Cookies { made_at: clock.now() }),
            keys: Arc::new(keys),
            clock,
            random,
        },
        Config::default(),
    )?;

    futures_executor::block_on(async {
        let who = ciam.principal(&SecretText::new("alices-cookie".to_owned()), "account").await?;
        let checked = ciam.check_operation(&who, Operation::UpdatePassword).await?;
        println!("next: {:?}", checked.next);
        let flow = &checked.flow;
        ciam.send_factor_code(
            &who,
            FactorCodeRequest { flow, method: Method::Email, wording: Wording::default(), captcha: None },
        )
        .await?;
        let code = mail.0.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or("no mail came")?;
        let next = ciam.verify_factor_code(&who, flow, Method::Email, &code).await?;
        println!("next: {next:?}");
        ciam.change_password(&who, flow, &SecretText::new("a heron on the far bank".to_owned())).await?;
        println!("notices sent: {}", ciam.relay_once().await?.sent);
        Ok(())
    })
}

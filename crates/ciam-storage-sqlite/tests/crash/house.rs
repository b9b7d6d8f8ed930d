//! The use cases over a file, as each process puts them together anew, with a time that outlives them all.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use ciam::domain::flow::TwoFactor;
use ciam::domain::session::Amr;
use ciam::domain::{Instant, SessionId, TenantId, UserId};
use ciam::ports::{
    Clock, Erased, LoginHistoryStore, NoticeSender, PersonalRecords, StoreError, TokenClaims, TokenOrigin,
};
use ciam::{Ciam, Config, Principal};
use ciam_storage_sqlite::{SqliteOptions, SqliteStore};
use ciam_testkit::contract::Belongings;
use ciam_testkit::fake::FakeRandom;
use ciam_testkit::{Backend, SCOPE, World, block_on};

/// The name of the database.
pub(crate) const FILE: &str = "ciam.db";

/// How long a deletion can be called back.
pub(crate) const GRACE: Duration = Duration::from_mins(3);

/// What the host keeps of people beside their accounts: files in a folder for each.
pub(crate) struct Rows(pub(crate) PathBuf);

impl Rows {
    fn of(&self, tenant: &TenantId, user: &UserId) -> PathBuf {
        self.0.join(tenant.as_str()).join(user.as_str())
    }

    fn names(&self, tenant: &TenantId, user: &UserId) -> u64 {
        let files = std::fs::read_dir(self.of(tenant, user));
        files.map_or(0, |files| u64::try_from(files.count()).expect("a number"))
    }

    pub(crate) fn keep(&self, user: &UserId) {
        block_on(Belongings::keep(self, &TenantId::default(), user, 3));
    }

    pub(crate) fn has(&self, user: &UserId) -> bool {
        self.of(&TenantId::default(), user).exists()
    }
}

#[async_trait]
impl Belongings for Rows {
    async fn keep(&self, tenant: &TenantId, user: &UserId, rows: u64) {
        std::fs::create_dir_all(self.of(tenant, user)).expect("a folder");
        for row in 0..rows {
            std::fs::write(self.of(tenant, user).join(row.to_string()), "what they like").expect("a file");
        }
    }

    async fn count(&self, tenant: &TenantId, user: &UserId) -> u64 {
        self.names(tenant, user)
    }
}

#[async_trait]
impl PersonalRecords for Rows {
    async fn erase(&self, tenant: &TenantId, user: &UserId) -> Result<Erased, StoreError> {
        let rows = self.names(tenant, user);
        match std::fs::remove_dir_all(self.of(tenant, user)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::Unavailable(error.into()))
            }
            _ => Ok(Erased { rows }),
        }
    }
}

/// A host over the database of a folder.
pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) tenant: TenantId,
    pub(crate) rows: Arc<Rows>,
    pub(crate) logins: Arc<dyn LoginHistoryStore>,
    time: PathBuf,
    moving: Mutex<()>,
}

impl House {
    /// Opens the database; `notices` takes the place of the mailbox.
    pub(crate) fn open(folder: &Path, seed: u64, notices: Option<Arc<dyn NoticeSender>>) -> Self {
        let store = SqliteStore::open(folder.join(FILE), SqliteOptions::default()).expect("a database");
        let store = Arc::new(store);
        let backend = Backend::of(store.clone());
        let mut world = World::new(backend);
        world.random = Arc::new(FakeRandom::seeded(seed));
        world.ports.random = world.random.clone();
        if let Some(notices) = notices {
            world.ports.notices = notices;
        }
        let config = config();
        let time = folder.join("time");
        if let Ok(text) = std::fs::read_to_string(&time) {
            world.clock.set(Instant::from_unix_micros(text.parse().expect("a time")));
        }
        let rows = Arc::new(Rows(folder.join("rows")));
        std::fs::create_dir_all(&rows.0).expect("a folder");
        let ciam = Ciam::new(world.ports.clone(), config).expect("settings in range");
        let ciam = ciam.with_issuer(world.tokens.clone()).with_login_history(store.clone());
        world.ciam = Arc::new(ciam.with_personal_records("rows", rows.clone()));
        let tenant = TenantId::default();
        Self { world, tenant, rows, logins: store, time, moving: Mutex::new(()) }
    }

    pub(crate) fn now(&self) -> Instant {
        self.world.clock.now()
    }

    /// Moves time on, for this process and for those after it.
    pub(crate) fn wait(&self, span: Duration) {
        let _moving = self.moving.lock().expect("no panic");
        let next = self.now().after(span);
        let beside = self.time.with_extension("next");
        std::fs::write(&beside, next.unix_micros().to_string()).expect("a file");
        // Renamed, so that a kill leaves either time, whole.
        std::fs::rename(beside, &self.time).expect("a file");
        self.world.clock.set(next);
    }

    /// The holder of a token of a session, whether or not the session is alive.
    pub(crate) fn holder(&self, user: &UserId, session: &str) -> Principal {
        let now = self.now();
        let token = self.world.tokens.says(TokenClaims {
            origin: TokenOrigin::Own,
            tenant: TenantId::default(),
            subject: user.clone(),
            session: Some(SessionId::parse(session).expect("a session")),
            scopes: vec![SCOPE.to_owned()],
            client: None,
            amr: vec![Amr::Password],
            auth_time: Some(now),
            issued_at: now,
            expires_at: now.after(Duration::from_hours(1)),
        });
        block_on(self.world.ciam.principal(&token, SCOPE)).expect("a good token")
    }
}

/// Two factors to sign in, a short grace, and no limit that would keep anybody waiting.
fn config() -> Config {
    let mut config = Config::default();
    config.flow.sign_in = TwoFactor::Required;
    config.deletion.grace = GRACE;
    config.send.sms_per_tenant_hour = None;
    (config.send.cooldown, config.send.cooldown_cap) = (Duration::from_secs(30), Duration::from_secs(30));
    (config.send.per_target_hour, config.send.per_target_day) = (1_000, 1_000);
    config.send.sms_per_account_day = 1_000;
    (config.sign_in.free, config.sign_in.free_anywhere) = (100, 100);
    config
}

//! The use cases over a file, as each process puts them together anew, with a time that outlives them all.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ciam::domain::session::Amr;
use ciam::domain::{Instant, SessionId, TenantId, UserId};
use ciam::ports::{Clock, NoticeSender, TokenClaims, TokenOrigin};
use ciam::{Config, Principal};
use ciam_storage_sqlite::{SqliteOptions, SqliteStore};
use ciam_testkit::fake::FakeRandom;
use ciam_testkit::{Backend, SCOPE, World, block_on};

/// The name of the database.
pub(crate) const FILE: &str = "ciam.db";

/// A host over the database of a folder.
pub(crate) struct House {
    pub(crate) world: World,
    time: PathBuf,
    moving: Mutex<()>,
}

impl House {
    /// Opens the database; `notices` takes the place of the mailbox.
    pub(crate) fn open(folder: &Path, seed: u64, notices: Option<Arc<dyn NoticeSender>>) -> Self {
        let store = SqliteStore::open(folder.join(FILE), SqliteOptions::default()).expect("a database");
        let store = Arc::new(store);
        let backend = Backend {
            store: store.clone(),
            outbox: store.clone(),
            audit: store.clone(),
            deletions: store,
            keep: Arc::new(()),
        };
        let mut world = World::new(backend);
        world.random = Arc::new(FakeRandom::seeded(seed));
        world.ports.random = world.random.clone();
        if let Some(notices) = notices {
            world.ports.notices = notices;
        }
        let mut config = Config::default();
        config.send.sms_per_tenant_hour = None;
        let time = folder.join("time");
        if let Ok(text) = std::fs::read_to_string(&time) {
            world.clock.set(Instant::from_unix_micros(text.parse().expect("a time")));
        }
        Self { world: world.restarted(config), time, moving: Mutex::new(()) }
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

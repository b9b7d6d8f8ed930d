//! Storage under test, as a world and the suites take it.

use std::any::Any;
use std::sync::Arc;

use ciam::ports::{
    AttributeSchemaStore, AuditTrail, ConsentStore, DeletionQueue, Outbox, SocialSourceStore, Store,
};

/// A storage adapter under test.
#[derive(Clone)]
pub struct Backend {
    /// Its store.
    pub store: Arc<dyn Store>,
    /// Its outbox.
    pub outbox: Arc<dyn Outbox>,
    /// Its audit trail.
    pub audit: Arc<dyn AuditTrail>,
    /// Its deleted accounts.
    pub deletions: Arc<dyn DeletionQueue>,
    /// Its terms and consents.
    pub consents: Arc<dyn ConsentStore>,
    /// The attributes that its tenants defined.
    pub schemas: Arc<dyn AttributeSchemaStore>,
    /// Its sources of accounts elsewhere, of which it has none at first.
    pub sources: Arc<dyn SocialSourceStore>,
    /// What must live as long as it does: a folder, a server.
    pub keep: Arc<dyn Any + Send + Sync>,
}

/// What an adapter gives back beside its store.
pub trait Held:
    Outbox + AuditTrail + DeletionQueue + ConsentStore + AttributeSchemaStore + SocialSourceStore
{
}

impl<S> Held for S where
    S: Outbox + AuditTrail + DeletionQueue + ConsentStore + AttributeSchemaStore + SocialSourceStore
{
}

impl Backend {
    /// A backend of an adapter that is all of it at once.
    #[must_use]
    pub fn of<S: Store + Held>(adapter: Arc<S>) -> Self {
        Self::split(adapter.clone(), adapter)
    }

    /// A backend of a store, and of whatever gives back what it holds.
    #[must_use]
    pub fn split<S: Held>(store: Arc<dyn Store>, held: Arc<S>) -> Self {
        Self {
            store,
            outbox: held.clone(),
            audit: held.clone(),
            deletions: held.clone(),
            consents: held.clone(),
            schemas: held.clone(),
            sources: held,
            keep: Arc::new(()),
        }
    }

    /// Keeps something, such as a temporary directory, alive as long as the backend.
    #[must_use]
    pub fn keeping(self, guard: impl Any + Send + Sync) -> Self {
        Self { keep: Arc::new(guard), ..self }
    }
}

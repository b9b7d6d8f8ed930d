//! The contract of social sources: found whole, in order, each tenant's own, and gone when removed.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use ciam_ports::domain::TenantId;
use ciam_ports::domain::audit::{Action, AuditRecord};
use ciam_ports::domain::social::{Logo, SocialSource, SocialSourceId, SocialType};
use ciam_ports::{AuditQuery, AuditTrail, SocialSourceStore};
use futures_executor::block_on;

use super::Trial;
use super::consents::record;

/// A store without a source.
#[derive(Clone)]
pub struct SocialSourceFixture {
    /// The store.
    pub sources: Arc<dyn SocialSourceStore>,
    /// The trail that its records go into.
    pub audit: Arc<dyn AuditTrail>,
    /// What must live as long as it does: a folder, a server.
    pub keep: Arc<dyn Any + Send + Sync>,
}

/// One rule of social sources.
#[derive(Clone, Copy)]
pub struct SocialSourceRule {
    /// Its name.
    pub name: &'static str,
    /// Tries it.
    pub run: for<'a> fn(&'a SocialSourceFixture) -> Trial<'a>,
}

/// Hands every rule of social sources to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! each_social_source_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            social {
                a_source_is_found_as_it_was_put sources_are_listed_by_id a_source_put_again_replaces_it
                a_removed_source_is_gone sources_are_their_tenants_alone
                a_source_and_its_record_are_one_write
            }
        }
    };
}

macro_rules! table {
    (() social { $($rule:ident)* }) => {
        /// Every rule of social sources.
        pub const SOCIAL_SOURCE_RULES: &[SocialSourceRule] =
            &[$(SocialSourceRule { name: stringify!($rule), run: |on| Box::pin($rule(on)) },)*];
    };
}

each_social_source_rule! { [table] () }

/// Tries the rule of a name; it panics where the rule is broken, or there is none of that name.
pub fn check_social_sources(name: &str, on: &SocialSourceFixture) {
    let rule = SOCIAL_SOURCE_RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    block_on((rule.run)(on));
}

/// One test for each rule of social sources; `make` is called for a fresh
/// [`SocialSourceFixture`](crate::contract::SocialSourceFixture) each time.
#[macro_export]
macro_rules! social_source_contract {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::each_social_source_rule! {
            [$crate::contract_tests] (($crate::contract::check_social_sources) [$(#[$attr])*] $make)
        }
    };
}

impl SocialSourceFixture {
    /// A fixture of an adapter that is store and trail at once.
    #[must_use]
    pub fn of<S: SocialSourceStore + AuditTrail>(adapter: Arc<S>) -> Self {
        Self { sources: adapter.clone(), audit: adapter, keep: Arc::new(()) }
    }

    async fn remove(&self, id: &SocialSourceId) {
        let audit = record("root", Action::RemoveSocialSource);
        self.sources.remove(&TenantId::default(), id, audit).await.expect("a store of sources");
    }

    async fn recorded(&self) -> Vec<Action> {
        let query = AuditQuery::newest(TenantId::default(), 1_000);
        let page = self.audit.records(&query).await.expect("a trail");
        page.records.into_iter().map(|record| record.action).collect()
    }

    async fn put(&self, sources: &[&SocialSource]) {
        for source in sources {
            let record = record("root", Action::PutSocialSource);
            let audit = AuditRecord { tenant: source.tenant.clone(), ..record };
            self.sources.put((*source).clone(), audit).await.expect("a store of sources");
        }
    }

    async fn of_tenant(&self, tenant: &str) -> Vec<SocialSource> {
        let tenant = TenantId::parse(tenant).expect("an id");
        self.sources.sources(&tenant).await.expect("a store of sources")
    }

    async fn all(&self) -> Vec<SocialSource> {
        self.of_tenant("default").await
    }
}

/// A source of the default tenant without anything that it may lack.
#[must_use]
pub fn source(id: &str) -> SocialSource {
    SocialSource {
        tenant: TenantId::default(),
        id: SocialSourceId::parse(id).expect("an id"),
        name: id.to_owned(),
        logo: None,
        social_type: SocialType::parse("oidc").expect("a kind"),
        enabled: true,
        settings: BTreeMap::new(),
    }
}

async fn a_source_is_found_as_it_was_put(on: &SocialSourceFixture) {
    let settings = [("client_id", "wx1"), ("issuer", "https://o'ahu.example/\"\\")];
    let full = SocialSource {
        name: "微信 O'ahu".to_owned(),
        logo: Logo::new(&[0, 255, 39, 34, 10]).ok(),
        social_type: SocialType::parse("wechat").expect("a kind"),
        enabled: false,
        settings: settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        ..source("a")
    };
    let large = SocialSource { logo: Logo::new(&vec![7; Logo::MOST]).ok(), ..source("c") };
    on.put(&[&full, &source("b"), &large]).await;
    assert_eq!(on.all().await, [full, source("b"), large]);
}

async fn sources_are_listed_by_id(on: &SocialSourceFixture) {
    on.put(&[&source("b"), &source("C"), &source("a10"), &source("a"), &source("a9")]).await;
    assert_eq!(on.all().await, ["C", "a", "a10", "a9", "b"].map(source));
}

async fn a_source_put_again_replaces_it(on: &SocialSourceFixture) {
    let settings = BTreeMap::from([("client_id".to_owned(), "wx1".to_owned())]);
    let first = SocialSource { logo: Logo::new(&[1]).ok(), settings, ..source("a") };
    let next = SocialSource { name: "another".to_owned(), enabled: false, ..source("a") };
    on.put(&[&first, &next]).await;
    assert_eq!(on.all().await, [next]);
}

async fn a_removed_source_is_gone(on: &SocialSourceFixture) {
    on.put(&[&source("a"), &source("b")]).await;
    for _ in 0..2 {
        on.remove(&source("a").id).await;
        assert_eq!(on.all().await, [source("b")]);
    }
}

async fn sources_are_their_tenants_alone(on: &SocialSourceFixture) {
    let tenant = TenantId::parse("elsewhere").expect("an id");
    let there = SocialSource { name: "there".to_owned(), tenant: tenant.clone(), ..source("a") };
    on.put(&[&source("a"), &there]).await;
    assert_eq!(on.all().await, [source("a")]);
    assert_eq!(on.of_tenant("elsewhere").await, std::slice::from_ref(&there));
    assert_eq!(on.of_tenant("nowhere").await, []);
    on.remove(&there.id).await;
    assert_eq!(on.of_tenant("elsewhere").await, [there], "a namesake of another tenant was removed");
}

async fn a_source_and_its_record_are_one_write(on: &SocialSourceFixture) {
    use Action::{PutSocialSource as Put, RemoveSocialSource as Remove};
    let renamed = SocialSource { name: "another".to_owned(), ..source("a") };
    let there = SocialSource { tenant: TenantId::parse("elsewhere").expect("an id"), ..source("a") };
    on.put(&[&source("a")]).await;
    assert_eq!(on.recorded().await, [Put]);
    on.put(&[&renamed, &there]).await;
    assert_eq!(on.recorded().await, [Put, Put], "a record is its tenant's");
    on.remove(&renamed.id).await;
    assert_eq!(on.recorded().await, [Remove, Put, Put]);
}

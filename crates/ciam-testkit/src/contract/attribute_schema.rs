//! The contract of attribute schemas: whole, each tenant's own, and replaced by one at a time.

use std::any::Any;
use std::path::Path;
use std::sync::Arc;

use ciam_ports::domain::TenantId;
use ciam_ports::domain::audit::{Action, AuditRecord};
use ciam_ports::domain::profile::{
    Attribute, AttributeId, AttributeSchema, Choice, Choices, FieldType, Flag, Flags, Pattern, TextFormat,
    UserType, UserTypeCode,
};
use ciam_ports::{AttributeSchemaStore, AuditQuery, AuditTrail, StoreError};
use futures_executor::block_on;

use super::Trial;
use super::consents::record;
use super::fixture::race;

/// A store of schemas without any.
#[derive(Clone)]
pub struct SchemaFixture {
    /// The store.
    pub schemas: Arc<dyn AttributeSchemaStore>,
    /// The trail that its records go into.
    pub audit: Arc<dyn AuditTrail>,
    /// What must live as long as it does: a folder, a server.
    pub keep: Arc<dyn Any + Send + Sync>,
}

/// One rule of attribute schemas.
#[derive(Clone, Copy)]
pub struct SchemaRule {
    /// Its name.
    pub name: &'static str,
    /// Tries it.
    pub run: for<'a> fn(&'a SchemaFixture) -> Trial<'a>,
}

/// Hands every rule of attribute schemas to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! each_schema_rule {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            attribute_schema {
                a_schema_is_found_as_it_was_written a_tenant_begins_with_the_base_attributes
                schemas_of_tenants_are_apart replace_needs_the_schema_read
                a_schema_and_its_record_are_one_write
            }
        }
    };
}

macro_rules! table {
    (() attribute_schema { $($rule:ident)* }) => {
        /// Every rule of attribute schemas.
        pub const SCHEMA_RULES: &[SchemaRule] =
            &[$(SchemaRule { name: stringify!($rule), run: |on| Box::pin($rule(on)) },)*];
    };
}

each_schema_rule! { [table] () }

/// Tries the rule of a name; it panics where the rule is broken, or there is none of that name.
pub fn check_schema(name: &str, on: &SchemaFixture) {
    let rule = SCHEMA_RULES.iter().find(|rule| rule.name == name).expect("a rule of that name");
    block_on((rule.run)(on));
}

/// What was acknowledged is there after the store of a directory was closed and opened again.
pub fn schemas_outlive_the_process(open: impl Fn(&Path) -> SchemaFixture) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let on = open(directory.path());
    block_on(on.write("default", &full()));
    drop(on);
    assert_eq!(block_on(open(directory.path()).read("default")), full().succeeding());
}

/// One test for each rule of attribute schemas; `make` is called for a fresh
/// [`SchemaFixture`](crate::contract::SchemaFixture) each time.
#[macro_export]
macro_rules! schema_contract {
    ($(#[$attr:meta])* $make:expr) => {
        $crate::each_schema_rule! {
            [$crate::contract_tests] (($crate::contract::check_schema) [$(#[$attr])*] $make)
        }
    };
}

impl SchemaFixture {
    /// A fixture of an adapter that is store and trail at once.
    #[must_use]
    pub fn of<S: AttributeSchemaStore + AuditTrail>(adapter: Arc<S>) -> Self {
        Self { schemas: adapter.clone(), audit: adapter, keep: Arc::new(()) }
    }

    async fn read(&self, tenant: &str) -> AttributeSchema {
        self.schemas.schema(&tenant_of(tenant)).await.expect("a schema")
    }

    async fn replace(&self, tenant: &str, schema: &AttributeSchema) -> Result<(), StoreError> {
        let record = record("root", Action::DefineAttributes);
        let audit = AuditRecord { tenant: tenant_of(tenant), ..record };
        self.schemas.replace(&tenant_of(tenant), schema, audit).await
    }

    async fn write(&self, tenant: &str, schema: &AttributeSchema) {
        self.replace(tenant, schema).await.expect("a write");
    }
}

/// What the trail of a tenant says of schemas.
async fn recorded(on: &SchemaFixture, tenant: &str) -> usize {
    let query = AuditQuery::newest(tenant_of(tenant), 1_000);
    let records = on.audit.records(&query).await.expect("a trail").records;
    assert!(records.iter().all(|record| record.action == Action::DefineAttributes));
    records.len()
}

async fn a_schema_and_its_record_are_one_write(on: &SchemaFixture) {
    let first = typed(&AttributeSchema::default(), "nurse");
    on.write("default", &first).await;
    assert_eq!((recorded(on, "default").await, recorded(on, "elsewhere").await), (1, 0));
    assert!(matches!(on.replace("default", &typed(&first, "late")).await, Err(StoreError::Stale)));
    assert_eq!(recorded(on, "default").await, 1, "what was refused left no record");
    on.write("default", &on.read("default").await).await;
    assert_eq!(recorded(on, "default").await, 2);
}

fn tenant_of(name: &str) -> TenantId {
    TenantId::parse(name).expect("an id")
}

/// The schema after one more user type.
fn typed(schema: &AttributeSchema, code: &str) -> AttributeSchema {
    let mut schema = schema.clone();
    let code = UserTypeCode::parse(code).expect("a code");
    let user_type = UserType::new(code, "Ärzte \"7\" \\ %_").expect("a user type");
    schema.define_type(user_type).expect("few types");
    schema
}

/// A schema with a field of each type and each property, in an order that is none of letters.
fn full() -> AttributeSchema {
    let option = |value: &str| Choice { value: value.to_owned(), label: format!("The {value} one") };
    let choices = || Choices::new(["red", "blue"].map(option).into()).expect("options");
    let pattern = Pattern::parse(r"[A-Z]{2}-\d{1,3}").expect("a pattern");
    let fields = [
        ("zone", FieldType::Text(TextFormat::Zone)),
        ("text", FieldType::Text(TextFormat::Free)),
        ("pattern", FieldType::Text(TextFormat::Pattern(pattern))),
        ("locale", FieldType::Text(TextFormat::Locale)),
        ("url", FieldType::Text(TextFormat::Url)),
        ("date", FieldType::Date),
        ("number", FieldType::Number),
        ("flag", FieldType::Boolean),
        ("one", FieldType::SingleChoice(choices())),
        ("several", FieldType::MultipleChoice(choices())),
    ];
    let mut schema = typed(&typed(&AttributeSchema::default(), "nurse"), "doctor");
    let mut define = |id: &str, field: FieldType, flags: Flags, remark: Option<String>| {
        let id = AttributeId::parse(id).expect("an id");
        let attribute = Attribute::new(id, "A label", field, flags).expect("a definition");
        schema.define(attribute.with_remark(remark).expect("a remark")).expect("room");
    };
    for (n, (key, field)) in fields.into_iter().enumerate() {
        let flag = Flag::ALL[n % Flag::ALL.len()];
        let flags =
            if flag == Flag::Unique && !field.can_be_unique() { Flags::NONE } else { Flags::NONE.with(flag) };
        define(&format!("doctor:{key}"), field, flags, (n % 2 == 0).then(|| format!("Remark {n}")));
    }
    let hidden = Flags::OPEN.with(Flag::Sensitive).with(Flag::Unique);
    define("fullName", FieldType::Text(TextFormat::Free), hidden, None);
    schema
}

async fn a_schema_is_found_as_it_was_written(on: &SchemaFixture) {
    on.write("default", &full()).await;
    let read = on.read("default").await;
    assert_eq!(read, full().succeeding());
    let more = typed(&read, "visitor");
    on.write("default", &more).await;
    assert_eq!(on.read("default").await, more.succeeding());
}

async fn a_tenant_begins_with_the_base_attributes(on: &SchemaFixture) {
    assert_eq!(on.read("default").await, AttributeSchema::default());
}

async fn schemas_of_tenants_are_apart(on: &SchemaFixture) {
    on.write("default", &full()).await;
    let elsewhere = on.read("elsewhere").await;
    assert_eq!(elsewhere.user_types(), []);
    on.write("elsewhere", &typed(&AttributeSchema::default(), "guest")).await;
    let guest = UserTypeCode::parse("guest").expect("a code");
    assert!(on.read("default").await.user_type(&guest).is_none());
}

async fn replace_needs_the_schema_read(on: &SchemaFixture) {
    let mut read = AttributeSchema::default();
    for round in 0..10 {
        let tries: Vec<_> = (0..8).map(|n| typed(&read, &format!("t-{round}-{n}"))).collect();
        let ends = race(tries.clone(), |next| block_on(on.replace("default", &next)));
        let won: Vec<_> = (0..8).filter(|n| ends[*n].is_ok()).collect();
        assert_eq!(won.len(), 1, "one of eight replacements of one version succeeds");
        assert!(ends.iter().filter_map(|end| end.as_ref().err()).all(|end| matches!(end, StoreError::Stale)));
        let next = tries[won[0]].clone().succeeding();
        assert_eq!(on.read("default").await.user_types(), next.user_types(), "the winner's stands");
        read = on.read("default").await;
    }
    let ahead = typed(&read, "ahead").succeeding();
    assert!(matches!(on.replace("default", &ahead).await, Err(StoreError::Stale)));
    assert!(
        matches!(on.replace("elsewhere", &ahead).await, Err(StoreError::Stale)),
        "where there is none yet"
    );
}

//! The contract of attribute schemas notices each fault of a store.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use async_trait::async_trait;
use ciam_ports::domain::TenantId;
use ciam_ports::domain::audit::AuditRecord;
use ciam_ports::domain::profile::{Attribute, AttributeSchema, UserType, UserTypeCode};
use ciam_ports::{AttributeSchemaStore, Commit, Store, StoreError};
use ciam_storage_memory::MemoryStore;
use ciam_testkit::contract::{SCHEMA_RULES, SchemaFixture, check_schema, rules_named_in};

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    DropsRemarks,
    SortsTypes,
    BeginsWithAType,
    MixesTenants,
    LastWriteWins,
    RecordsNothing,
    RecordsRefusals,
}

/// The faults, each with the one rule that it breaks.
const FAULTS: [(Fault, &str); 7] = [
    (Fault::DropsRemarks, "a_schema_is_found_as_it_was_written"),
    (Fault::SortsTypes, "a_schema_is_found_as_it_was_written"),
    (Fault::BeginsWithAType, "a_tenant_begins_with_the_base_attributes"),
    (Fault::MixesTenants, "schemas_of_tenants_are_apart"),
    (Fault::LastWriteWins, "replace_needs_the_schema_read"),
    (Fault::RecordsNothing, "a_schema_and_its_record_are_one_write"),
    (Fault::RecordsRefusals, "a_schema_and_its_record_are_one_write"),
];

struct Broken {
    fault: Fault,
    sound: Arc<MemoryStore>,
}

fn rebuilt(
    schema: &AttributeSchema,
    mut types: Vec<UserType>,
    change: impl Fn(Attribute) -> Attribute,
    sort: bool,
) -> AttributeSchema {
    if sort {
        types.sort_by_key(|user_type| user_type.code().clone());
    }
    let attributes = schema.definitions().cloned().map(change).collect();
    AttributeSchema::restored(schema.version(), types, attributes).unwrap_or_default()
}

#[async_trait]
impl AttributeSchemaStore for Broken {
    async fn schema(&self, tenant: &TenantId) -> Result<AttributeSchema, StoreError> {
        let shared = TenantId::default();
        let of = if self.fault == Fault::MixesTenants { &shared } else { tenant };
        let found = self.sound.schema(of).await?;
        let types = found.user_types().to_vec();
        Ok(match self.fault {
            Fault::DropsRemarks => {
                let bare = |attribute: Attribute| attribute.clone().with_remark(None).unwrap_or(attribute);
                rebuilt(&found, types, bare, false)
            }
            Fault::SortsTypes => {
                rebuilt(&found, types, |attribute| attribute, found.definitions().count() > 0)
            }
            Fault::BeginsWithAType if found == AttributeSchema::default() && *tenant == shared => {
                let guest = UserTypeCode::parse("guest").ok().and_then(|code| UserType::new(code, "x").ok());
                rebuilt(&found, guest.into_iter().collect(), |attribute| attribute, false)
            }
            _ => found,
        })
    }

    async fn replace(
        &self,
        tenant: &TenantId,
        schema: &AttributeSchema,
        mut audit: AuditRecord,
    ) -> Result<(), StoreError> {
        if self.fault == Fault::RecordsNothing {
            // On a trail that nobody reads.
            audit.tenant = TenantId::parse("nowhere").unwrap_or_default();
        }
        let mut written = self.sound.replace(tenant, schema, audit.clone()).await;
        for _ in 0..64 {
            // What is late by one alone is left to the rule of records.
            if self.fault != Fault::LastWriteWins || written.is_ok() || schema.version() == 0 {
                break;
            }
            let held = self.sound.schema(tenant).await?.version();
            let (types, attributes) = (schema.user_types().to_vec(), schema.definitions().cloned().collect());
            let anew = AttributeSchema::restored(held, types, attributes).unwrap_or_default();
            written = self.sound.replace(tenant, &anew, audit.clone()).await;
        }
        if self.fault == Fault::RecordsRefusals && written.is_err() {
            let commit = Commit::of(tenant.clone(), audit.user.clone(), audit.at);
            self.sound.commit(Commit { audit: vec![audit], ..commit }).await?;
        }
        written
    }
}

fn fixture(fault: Fault) -> SchemaFixture {
    let sound = Arc::new(MemoryStore::new());
    let schemas = Arc::new(Broken { fault, sound: sound.clone() });
    SchemaFixture { schemas, audit: sound, keep: Arc::new(()) }
}

fn broken(fault: Fault) -> Vec<&'static str> {
    let breaks = |name: &str| catch_unwind(AssertUnwindSafe(|| check_schema(name, &fixture(fault)))).is_err();
    SCHEMA_RULES.iter().map(|rule| rule.name).filter(|name| breaks(name)).collect()
}

#[test]
fn every_rule_has_a_fault() {
    for rule in SCHEMA_RULES {
        assert!(FAULTS.iter().any(|(_, broken)| *broken == rule.name), "{}", rule.name);
    }
}

#[test]
fn a_sound_store_breaks_no_rule() {
    assert_eq!(broken(Fault::None), [""; 0]);
}

#[test]
fn a_fault_is_caught_by_its_rule_alone() {
    for (fault, rule) in FAULTS {
        assert_eq!(broken(fault), [rule]);
    }
}

#[test]
fn the_rules_are_those_that_the_port_names() {
    let named = rules_named_in(include_str!("../../ciam-ports/src/attribute_schema.rs"));
    assert_eq!(named, SCHEMA_RULES.iter().map(|rule| rule.name).collect());
}

//! Where the attributes of tenants are kept.

use async_trait::async_trait;
use ciam_domain::TenantId;
use ciam_domain::audit::AuditRecord;
use ciam_domain::profile::AttributeSchema;

use crate::store::StoreError;

/// Keeps the attributes and user types that each tenant defined. Its records go into the same trail as those of
/// [`crate::Store`].
///
/// - `a_schema_is_found_as_it_was_written`: every part of it MUST be read back as it was given, in its order, and in its
///   next version.
/// - `a_tenant_begins_with_the_base_attributes`: where none was written, [`AttributeSchema::default`] MUST be found.
/// - `schemas_of_tenants_are_apart`: nothing of another tenant MUST ever be found or replaced.
/// - `replace_needs_the_schema_read`: of any number of replacements of one version exactly one MUST succeed, the others
///   MUST get [`StoreError::Stale`] and change nothing.
/// - `a_schema_and_its_record_are_one_write`: the record MUST be in the trail if and only if the schema is there.
///
/// A future that is dropped may or may not take effect, but never in part.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait AttributeSchemaStore: Send + Sync + 'static {
    /// Reads the schema of a tenant.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Corrupt`].
    async fn schema(&self, tenant: &TenantId) -> Result<AttributeSchema, StoreError>;

    /// Puts a schema in place of the one of the same version, as the next version, with the record of it.
    ///
    /// # Errors
    /// [`StoreError::Stale`] where the store has another version; [`StoreError::Unavailable`], after which the write may
    /// have happened.
    async fn replace(
        &self,
        tenant: &TenantId,
        schema: &AttributeSchema,
        audit: AuditRecord,
    ) -> Result<(), StoreError>;
}

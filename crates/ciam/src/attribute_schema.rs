//! The attributes and user types of a tenant.

use ciam_domain::audit::{Action, Outcome};
use ciam_domain::profile::AttributeSchema;
use ciam_domain::{EventId, TenantId, UserId};

use crate::{Authority, Ciam, Error, Failure};

impl Ciam {
    /// The attributes that a tenant has; without a store of them, those that everybody has.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn attribute_schema(&self, tenant: &TenantId) -> Result<AttributeSchema, Error> {
        match &self.schemas {
            Some(schemas) => Ok(schemas.schema(tenant).await?),
            None => Ok(AttributeSchema::default()),
        }
    }

    /// Puts the attributes of a tenant in place of those that were read. Values that people have stay as they are, and
    /// show or count by the new definitions; a value is unique once it is written anew. The record of it is part of the same
    /// write.
    ///
    /// # Errors
    /// What keeps an administrator from acting; [`Failure::NotOffered`] without a store;
    /// [`ciam_ports::StoreError::Stale`] as a failure where somebody else was faster: read them again.
    pub async fn define_attributes(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        schema: &AttributeSchema,
    ) -> Result<(), Error> {
        let schemas = self.schemas.as_ref().ok_or(Failure::NotOffered)?;
        let nobody = UserId::nobody();
        let about = match by {
            Authority::Host => &nobody,
            Authority::Administrator(who) => who.user(),
        };
        let order = self.order(by, (tenant, about), Action::DefineAttributes);
        self.authorise(&order).await?;
        let record = order.record(EventId::from_random(self.random_bits()?), Outcome::Done);
        Ok(schemas.replace(tenant, schema, record).await?)
    }
}

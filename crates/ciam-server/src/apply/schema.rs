//! One definition put into the schema of the tenant.

use ciam::domain::TenantId;
use ciam::domain::profile::{Attribute, AttributeSchema, SchemaError, UserType};
use ciam::ports::StoreError;
use ciam::{Authority, Ciam, Error, Failure};

use super::section::{Did, Put};
use crate::stop::Stop;
use crate::user::refused;

/// How often a definition is tried anew where somebody else was faster.
const TRIES: u8 = 5;

/// What is defined.
pub(super) enum Definition {
    /// A user type.
    Type(UserType),
    /// An attribute.
    Attribute(Attribute),
}

impl Definition {
    fn is_in(&self, schema: &AttributeSchema) -> bool {
        match self {
            Self::Type(user_type) => schema.user_type(user_type.code()).is_some(),
            Self::Attribute(attribute) => schema.definitions().any(|known| known.id() == attribute.id()),
        }
    }

    fn define(&self, schema: &mut AttributeSchema) -> Result<(), SchemaError> {
        match self {
            Self::Type(user_type) => schema.define_type(user_type.clone()),
            Self::Attribute(attribute) => schema.define(attribute.clone()),
        }
    }
}

/// Has a definition there.
///
/// # Errors
/// [`Stop`] with what refused it.
pub(super) async fn put(ciam: &Ciam, id: &str, definition: Definition) -> Result<Put, Stop> {
    let tenant = TenantId::default();
    let mut tries = TRIES;
    loop {
        let found = ciam.attribute_schema(&tenant).await.map_err(|error| refused(&error))?;
        let mut wanted = found.clone();
        definition.define(&mut wanted).map_err(|error| Stop::Refused(error.to_string()))?;
        let put = |did| Put::of(id.to_owned(), did);
        if wanted == found {
            return Ok(put(Did::Unchanged));
        }
        match ciam.define_attributes(Authority::Host, &tenant, &wanted).await {
            Ok(()) if definition.is_in(&found) => return Ok(put(Did::Updated)),
            Ok(()) => return Ok(put(Did::Created)),
            Err(Error::Failed(Failure::Store(StoreError::Stale))) if tries > 0 => tries -= 1,
            Err(error) => return Err(refused(&error)),
        }
    }
}

//! `[[user_type]]`: a kind of people that has attributes of its own.

use ciam::Ciam;
use ciam::domain::TenantId;
use ciam::domain::profile::{UserType, UserTypeCode};
use serde::Deserialize;

use super::schema::{self, Definition};
use super::section::{Put, Reading, Section};
use crate::stop::Stop;

/// `[[user_type]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    code: String,
    name: Option<String>,
}

impl Section for Entry {
    type Wanted = UserType;

    fn check(self, _: &Reading<'_>) -> Result<UserType, String> {
        let code = UserTypeCode::parse(&self.code).map_err(|error| format!("code: {error}"))?;
        let name = self.name.unwrap_or(self.code);
        UserType::new(code, &name).map_err(|error| format!("name: {error}"))
    }

    fn name(wanted: &UserType) -> String {
        wanted.code().to_string()
    }

    async fn put(wanted: UserType, ciam: &Ciam) -> Result<Put, Stop> {
        let id = wanted.public_id(&TenantId::default());
        schema::put(ciam, id.as_str(), Definition::Type(wanted)).await
    }
}

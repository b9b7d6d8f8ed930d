//! What calls of the profile take on a stage.

use ciam::domain::TenantId;
use ciam::domain::profile::{AttributeId, Exposure, ProfilePatch, StandardAttribute, UserType, UserTypeCode};
use ciam::{Authority, Ciam, Error, Principal};

use super::{Call, Stage};

impl Stage {
    /// Makes a call of profile or schema that would succeed if nothing came between.
    pub(super) async fn make_of_profile(
        &self,
        ciam: &Ciam,
        call: Call,
        who: &Principal,
    ) -> Result<(), Error> {
        let (host, tenant, user) = (Authority::Host, TenantId::default(), &self.person.id);
        match call {
            Call::ViewProfile => ciam.profile(who, Exposure::Masked).await.map(drop),
            Call::ViewProfileOf => ciam.profile_of(host, &tenant, user).await.map(drop),
            Call::UpdateProfile => ciam.update_profile(who, user.as_str(), &patch("Al")).await,
            Call::UpdateProfileOf => ciam.update_profile_of(host, &tenant, user, &patch("Bo")).await,
            Call::SetUserType => ciam.set_user_type(host, &tenant, user, Some(&member())).await,
            Call::ReadSchema => ciam.attribute_schema(&tenant).await.map(drop),
            Call::DefineAttributes => define(ciam).await,
            other => unreachable!("{other:?} is of something else"),
        }
    }
}

/// An update of the nickname.
fn patch(nickname: &str) -> ProfilePatch {
    ProfilePatch::new().set(AttributeId::Base(StandardAttribute::Nickname), nickname)
}

/// The code of the one user type of the stage.
fn member() -> UserTypeCode {
    UserTypeCode::parse("member").unwrap()
}

/// Defines the user type of the stage, once more or for the first time.
async fn define(ciam: &Ciam) -> Result<(), Error> {
    let tenant = TenantId::default();
    let mut schema = ciam.attribute_schema(&tenant).await?;
    schema.define_type(UserType::new(member(), "Member").unwrap()).unwrap();
    ciam.define_attributes(Authority::Host, &tenant, &schema).await
}

/// Has the user type of the stage there.
pub(super) async fn prepare(ciam: &Ciam) {
    if ciam.attribute_schema(&TenantId::default()).await.unwrap().user_type(&member()).is_none() {
        define(ciam).await.unwrap();
    }
}

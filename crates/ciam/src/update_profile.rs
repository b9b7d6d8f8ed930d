//! Updates of a profile: all of one, or nothing.

use ciam_domain::audit::{Action, Outcome};
use ciam_domain::profile::{
    AttributeId, Exposure, Profile, ProfilePatch, RefusedChange, StandardAttribute, UserTypeCode, Viewer,
};
use ciam_domain::refusal::ProfileRefusal;
use ciam_domain::user::User;
use ciam_domain::{TenantId, UserId};
use ciam_ports::store::{UniqueField, UserWrite};
use ciam_ports::{Commit, StoreError};

use crate::audit::Deed;
use crate::authority::{ADMIN_SCOPE, Order};
use crate::{Authority, Ciam, Error, Failure, Principal, step};

impl Ciam {
    /// Updates the profile of the account that a client names: the person's own, or with [`ADMIN_SCOPE`] another one of
    /// the tenant, as [`Ciam::update_profile_of`]. Otherwise somebody else's is as unknown as nobody's.
    ///
    /// # Errors
    /// A [`ProfileRefusal`]; another access refusal; a failure of a store or of chance. Nothing is written then.
    pub async fn update_profile(
        &self,
        who: &Principal,
        whose: &str,
        patch: &ProfilePatch,
    ) -> Result<(), Error> {
        let deed = Deed::new(who, Action::UpdateProfile, self.ports.clock.now());
        if whose == who.user().as_str() {
            return step::persist!(self.try_to_update(&deed, patch));
        }
        match UserId::parse(whose) {
            Ok(user) if who.has_scope(ADMIN_SCOPE) => {
                self.update_profile_of(Authority::Administrator(who), who.tenant(), &user, patch).await
            }
            _ => {
                self.acting(&deed).await?;
                Err(self.refuse(&deed, ProfileRefusal::UnknownPerson).await)
            }
        }
    }

    async fn try_to_update(&self, deed: &Deed<'_>, patch: &ProfilePatch) -> Result<(), Error> {
        let loaded = self.acting(deed).await?;
        let schema = self.attribute_schema(deed.who.tenant()).await?;
        // What is sent back masked changes nothing, however it was shown.
        let viewer = Viewer::Owner(Exposure::Masked);
        let profile = match loaded.user.updated_profile(patch, viewer, &schema, deed.now) {
            Ok(profile) => profile,
            Err(refusal) => return Err(self.refuse(deed, refusal).await),
        };
        let user = written(&loaded.user, profile);
        match self.write(deed, Commit { user, ..step::commit(deed) }).await {
            Err(error) if is_taken(&error) => Err(self.refuse(deed, ProfileRefusal::Duplicate).await),
            written => written,
        }
    }

    /// Updates somebody's profile. The host may change every attribute, an administrator those that are enabled, and is
    /// recorded with it.
    ///
    /// # Errors
    /// A [`ProfileRefusal`]; otherwise as of [`Ciam::set_status`].
    pub async fn update_profile_of(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        user: &UserId,
        patch: &ProfilePatch,
    ) -> Result<(), Error> {
        let order = self.order(by, (tenant, user), Action::UpdateProfile);
        step::persist!(self.try_to_update_for(&order, patch))
    }

    async fn try_to_update_for(&self, order: &Order<'_>, patch: &ProfilePatch) -> Result<(), Error> {
        let user = self.ordered_live(order).await?;
        let schema = self.attribute_schema(order.tenant).await?;
        match user.updated_profile(patch, order.by.viewer(), &schema, order.now) {
            Ok(profile) => self.put_profile(order, &user, profile).await,
            Err(refusal) => Err(self.overrule(order, refusal).await),
        }
    }

    /// Says of what type a person is, or of none. Values of attributes of the former type go.
    ///
    /// # Errors
    /// [`ProfileRefusal::UnknownUserType`]; otherwise as of [`Ciam::set_status`].
    pub async fn set_user_type(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        user: &UserId,
        user_type: Option<&UserTypeCode>,
    ) -> Result<(), Error> {
        let order = self.order(by, (tenant, user), Action::SetUserType);
        step::persist!(self.try_user_type(&order, user_type))
    }

    async fn try_user_type(&self, order: &Order<'_>, user_type: Option<&UserTypeCode>) -> Result<(), Error> {
        let user = self.ordered_live(order).await?;
        let schema = self.attribute_schema(order.tenant).await?;
        if user_type.is_some_and(|code| schema.user_type(code).is_none()) {
            return Err(self.overrule(order, ProfileRefusal::UnknownUserType).await);
        }
        let mut profile = user.profile.clone();
        if profile.user_type.as_ref() != user_type {
            profile.change_type(user_type.cloned(), order.now);
        }
        self.put_profile(order, &user, profile).await
    }

    /// The profile of an account that is being made, with what is already said of the person, or why it is refused: by the
    /// same rules as an update. Where nothing is said no schema is read.
    pub(crate) async fn first_profile(
        &self,
        order: &Order<'_>,
        user: &User,
        said: [(StandardAttribute, Option<String>); 2],
    ) -> Result<Result<Profile, RefusedChange>, Error> {
        if said.iter().all(|(_, text)| text.is_none()) {
            return Ok(Ok(Profile::new()));
        }
        let schema = self.attribute_schema(&user.tenant).await?;
        let given = said.into_iter().filter_map(|(attribute, text)| Some((attribute, text?)));
        let patch = given.fold(ProfilePatch::new(), |patch, (attribute, text)| {
            patch.set(AttributeId::Base(attribute), &text)
        });
        Ok(user.updated_profile(&patch, order.by.viewer(), &schema, order.now))
    }

    async fn put_profile(&self, order: &Order<'_>, user: &User, profile: Profile) -> Result<(), Error> {
        let user = written(user, profile);
        match self.carry_out(order, Outcome::Done, Commit { user, ..order.commit() }).await {
            Err(error) if is_taken(&error) => Err(self.overrule(order, ProfileRefusal::Duplicate).await),
            written => written,
        }
    }
}

/// The account in its next version; it keeps its stamp, for nothing that opens it has changed.
fn written(user: &User, profile: Profile) -> UserWrite {
    if user.profile == profile {
        return UserWrite::Keep;
    }
    let (expected, next) = (user.version, user.version.next());
    UserWrite::Replace { expected, user: Box::new(User { version: next, profile, ..user.clone() }) }
}

/// Whether a unique value is somebody else's.
pub(crate) fn is_taken(error: &Error) -> bool {
    let Error::Failed(Failure::Store(StoreError::Conflict { field })) = error else { return false };
    *field == UniqueField::Attribute
}

//! The profile: what is said of a person, shown to them, to administrators, and to the host.

use ciam_domain::audit::{Action, Outcome};
use ciam_domain::identifier::{EmailAddress, PhoneNumber};
use ciam_domain::profile::{
    AttributeSchema, AttributeView, Exposure, PublicId, StandardAttribute, UserType, Viewer, value_id,
};
use ciam_domain::user::{Status, User};
use ciam_domain::{Instant, TenantId, UserId};

use crate::audit::Deed;
use crate::{Authority, Ciam, Error, Principal};

/// The scope with which an administrator is shown what is masked.
pub const UNMASKED_SCOPE: &str = "profile:unmasked";

/// What somebody is shown of a person.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProfileView {
    /// The tenant.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// The sign-in name (`preferred_username` of OpenID Connect).
    pub username: Option<String>,
    /// The phone: masked, or in its canonical spelling.
    pub phone: Option<String>,
    /// The country code of the phone, in digits.
    pub phone_region: Option<String>,
    /// The e-mail address, masked or as its owner spells it.
    pub email: Option<String>,
    /// Whether the person may act.
    pub status: Status,
    /// The type of the person.
    pub user_type: Option<UserType>,
    /// The attributes that are seen, with their values.
    pub attributes: Vec<AttributeView>,
    /// When the password was set.
    pub password_set_at: Option<Instant>,
    /// When the account was made.
    pub created_at: Instant,
    /// When a value was changed last.
    pub updated_at: Option<Instant>,
}

impl ProfileView {
    fn of(user: &User, schema: &AttributeSchema, by: Viewer) -> Self {
        let phone = user.phone.as_ref().map(|contact| &contact.address);
        let email = user.email.as_ref().map(|contact| &contact.address);
        let masked = by.exposure() == Exposure::Masked;
        let (phone_text, email_text) = if masked {
            (phone.map(PhoneNumber::masked), email.map(EmailAddress::masked))
        } else {
            let phone = phone.map(|phone| phone.canonical().to_owned());
            (phone, email.map(|email| email.original().to_owned()))
        };
        let user_type = user.profile.user_type.as_ref().and_then(|code| schema.user_type(code));
        Self {
            tenant: user.tenant.clone(),
            user: user.id.clone(),
            username: user.username.as_ref().map(|name| name.original().to_owned()),
            phone: phone_text,
            phone_region: phone.map(|phone| phone.country().number().to_string()),
            email: email_text,
            status: user.status,
            user_type: user_type.cloned(),
            attributes: schema.view(&user.profile, by),
            password_set_at: user.password.as_ref().map(|password| password.set_at),
            created_at: user.created_at,
            updated_at: user.profile.updated_at,
        }
    }

    /// The text of an attribute that everybody has, as it is shown; nothing where there is no value or it is not seen.
    #[must_use]
    pub fn text(&self, attribute: StandardAttribute) -> Option<String> {
        let of = |view: &&AttributeView| view.attribute.id().is(attribute);
        self.attributes.iter().find(of).and_then(|view| view.value.text())
    }

    /// What clients call the person's value of an attribute by.
    #[must_use]
    pub fn value_id(&self, view: &AttributeView) -> PublicId {
        value_id(&self.tenant, &self.user, view.attribute.id())
    }

    /// The claims of OpenID Connect Core 1.0, 5.1, that a profile has, as texts; members of `address` follow a dot, and
    /// `updated_at` is in seconds.
    #[must_use]
    pub fn claims(&self) -> Vec<(&'static str, String)> {
        let named = |attribute: &StandardAttribute| Some((attribute.claim()?, self.text(*attribute)?));
        let username = self.username.clone().map(|name| ("preferred_username", name));
        let updated = self.updated_at.map(|at| ("updated_at", at.unix_seconds().to_string()));
        StandardAttribute::ALL.iter().filter_map(named).chain(username).chain(updated).collect()
    }
}

impl std::fmt::Debug for ProfileView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What people say of themselves stays out of logs.
        f.debug_struct("ProfileView")
            .field("tenant", &self.tenant)
            .field("user", &self.user)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Ciam {
    /// The person's own profile. Contacts and sensitive attributes are masked unless the host says otherwise: whoever
    /// merely holds a token then learns them.
    ///
    /// # Errors
    /// An access refusal; a failure of a store.
    pub async fn profile(&self, who: &Principal, exposure: Exposure) -> Result<ProfileView, Error> {
        let deed = Deed::new(who, Action::ViewProfile, self.ports.clock.now());
        let loaded = self.acting(&deed).await?;
        let schema = self.attribute_schema(who.tenant()).await?;
        Ok(ProfileView::of(&loaded.user, &schema, Viewer::Owner(exposure)))
    }

    /// Somebody's profile, for the host and for administrators; that one looked is recorded. The host sees everything, an
    /// administrator what the person sees, or with [`UNMASKED_SCOPE`] all that is enabled, plain.
    ///
    /// # Errors
    /// As of [`Ciam::set_status`]; an account that waits for its erasure is shown.
    pub async fn profile_of(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        user: &UserId,
    ) -> Result<ProfileView, Error> {
        let order = self.order(by, (tenant, user), Action::ViewProfile);
        let loaded = self.ordered(&order).await?;
        let schema = self.attribute_schema(tenant).await?;
        let viewer = by.viewer();
        let order = if viewer.exposure() == Exposure::Plain { order.saying("unmasked") } else { order };
        self.carry_out(&order, Outcome::Done, order.commit()).await?;
        Ok(ProfileView::of(&loaded.user, &schema, viewer))
    }
}

impl Authority<'_> {
    /// Who looks at a profile, or changes it, on this authority.
    pub(crate) fn viewer(self) -> Viewer {
        match self {
            Self::Host => Viewer::Host,
            Self::Administrator(who) if who.has_scope(UNMASKED_SCOPE) => {
                Viewer::Administrator(Exposure::Plain)
            }
            Self::Administrator(_) => Viewer::Administrator(Exposure::Masked),
        }
    }
}

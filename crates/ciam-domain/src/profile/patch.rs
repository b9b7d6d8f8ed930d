//! An update of a profile: what is set, kept and cleared.

use std::collections::BTreeSet;

use super::apply::apply;
use super::{Attribute, AttributeId, AttributeSchema, Profile, PublicId, Viewer};
use crate::refusal::{ProfileRefusal, Refusal};
use crate::{Instant, TenantId, User, UserId};

/// How many changes an update may name.
pub const MOST_CHANGES: usize = 256;

/// How a change names its attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeName {
    /// By its id.
    Id(AttributeId),
    /// By what clients call it.
    Public(PublicId),
    /// By a name that the transport does not know, or that is no attribute: it refuses the whole update.
    Unknown,
}

/// What becomes of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It stays.
    Keep,
    /// It is this from now on.
    Set(Given),
    /// It goes.
    Clear,
}

/// A value as a client gives it.
#[derive(Clone, PartialEq, Eq)]
pub enum Given {
    /// A text.
    Text(String),
    /// A decimal number, as its digits: a value of numbers alone, where a text may be one of anything.
    Number(String),
    /// True or false.
    Flag(bool),
    /// Several options.
    List(Vec<String>),
}

impl std::fmt::Debug for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What people write about themselves stays out of logs.
        f.write_str("Given(..)")
    }
}

/// A change of one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileChange {
    /// The attribute.
    pub name: AttributeName,
    /// What the client calls the present value by, where it says so: it must be the person's own.
    pub value: Option<PublicId>,
    /// What becomes of it.
    pub change: Change,
}

/// An update of a profile. All of it is done, or nothing is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProfilePatch {
    changes: Vec<ProfileChange>,
}

impl ProfilePatch {
    /// An update that changes nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { changes: Vec::new() }
    }

    /// Adds a change.
    pub fn push(&mut self, change: ProfileChange) {
        self.changes.push(change);
    }

    /// The same with a change of an attribute by its id.
    #[must_use]
    pub fn with(mut self, id: AttributeId, change: Change) -> Self {
        self.push(ProfileChange { name: AttributeName::Id(id), value: None, change });
        self
    }

    /// The same with a text.
    #[must_use]
    pub fn set(self, id: AttributeId, text: &str) -> Self {
        self.with(id, Change::Set(Given::Text(text.to_owned())))
    }
}

/// Why an update of a profile is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedChange {
    /// Why.
    pub refusal: ProfileRefusal,
    /// Which change of it, counted from zero; `None` where it is the whole.
    pub place: Option<u16>,
}

impl From<RefusedChange> for Refusal {
    fn from(RefusedChange { refusal, place }: RefusedChange) -> Self {
        place.map_or(Self::Profile(refusal), |place| Self::Change(refusal, place))
    }
}

/// What clients call somebody's value of an attribute by.
#[must_use]
pub fn value_id(tenant: &TenantId, user: &UserId, attribute: &AttributeId) -> PublicId {
    PublicId::of(&["value", tenant.as_str(), user.as_str(), &attribute.to_string()])
}

impl User {
    /// The profile after an update, or why all of it is refused. The account stays as it is.
    ///
    /// # Errors
    /// The first change that is refused, and why.
    pub fn updated_profile(
        &self,
        patch: &ProfilePatch,
        by: Viewer,
        schema: &AttributeSchema,
        now: Instant,
    ) -> Result<Profile, RefusedChange> {
        if patch.changes.len() > MOST_CHANGES {
            return Err(RefusedChange { refusal: ProfileRefusal::Malformed, place: None });
        }
        let mut next = self.profile.clone();
        let mut named = BTreeSet::new();
        for (place, change) in (0..).zip(&patch.changes) {
            let changed = self.change(&mut next, change, (by, schema, now));
            let changed = changed.and_then(|attribute| {
                // The same attribute twice, by whatever names.
                if named.insert(attribute) { Ok(()) } else { Err(ProfileRefusal::Malformed) }
            });
            changed.map_err(|refusal| RefusedChange { refusal, place: Some(place) })?;
        }
        if next != self.profile {
            next.updated_at = Some(now);
        }
        Ok(next)
    }

    fn change<'a>(
        &'a self,
        next: &mut Profile,
        change: &ProfileChange,
        (by, schema, now): (Viewer, &'a AttributeSchema, Instant),
    ) -> Result<&'a AttributeId, ProfileRefusal> {
        let attribute = self.named(&change.name, schema).ok_or(ProfileRefusal::UnknownAttribute)?;
        let same = self.profile.comes_back(attribute, &change.change, by);
        let allowed = by.changes(attribute);
        // What is kept is not changed: clients send back what they were shown.
        let kept = same && allowed == Err(ProfileRefusal::NotModifiable);
        if !kept {
            allowed?;
        }
        self.owns(change.value.as_ref(), attribute.id())?;
        if kept {
            return Ok(attribute.id());
        }
        match apply(next, attribute, &change.change, now) {
            // A value of former rules may stay, as long as nobody touches it.
            Err(ProfileRefusal::Malformed) if same => {}
            applied => applied?,
        }
        Ok(attribute.id())
    }

    fn named<'a>(&'a self, name: &AttributeName, schema: &'a AttributeSchema) -> Option<&'a Attribute> {
        schema.of(&self.profile).find(|attribute| match name {
            AttributeName::Id(id) => attribute.id() == id,
            AttributeName::Public(id) => attribute.public_id(&self.tenant) == *id,
            AttributeName::Unknown => false,
        })
    }

    /// A value that is named must be there, and be the person's own.
    fn owns(&self, value: Option<&PublicId>, attribute: &AttributeId) -> Result<(), ProfileRefusal> {
        let Some(value) = value else { return Ok(()) };
        let own = value_id(&self.tenant, &self.id, attribute);
        let there = self.profile.values.contains_key(attribute);
        if there && own == *value { Ok(()) } else { Err(ProfileRefusal::ForeignValue) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{
        AttributeKey, AttributeValue, Exposure, FieldType, Flag, Flags, Holding, MASK, ProfileValue,
        StandardAttribute, TextFormat, UserType, UserTypeCode,
    };
    use crate::user::SecurityStamp;

    const OWNER: Viewer = Viewer::Owner(Exposure::Masked);
    const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

    fn id(text: &str) -> AttributeId {
        AttributeId::parse(text).unwrap()
    }

    fn schema() -> AttributeSchema {
        let mut schema = AttributeSchema::default();
        let text = || FieldType::Text(TextFormat::Free);
        for code in ["doctor", "patient"] {
            let code = UserTypeCode::parse(code).unwrap();
            schema.define_type(UserType::new(code, "x").unwrap()).unwrap();
        }
        for (name, flags) in [
            ("fullName", Flags::OPEN.with(Flag::Sensitive)),
            ("doctor:badge", Flags::OPEN.with(Flag::Unique)),
            ("doctor:rank", Flags::OPEN.without(Flag::Modifiable)),
            ("doctor:old", Flags::OPEN.without(Flag::Enabled)),
            ("doctor:note", Flags::OPEN.without(Flag::Shown)),
            ("patient:ward", Flags::OPEN),
        ] {
            schema.define(Attribute::new(id(name), "x", text(), flags).unwrap()).unwrap();
        }
        schema
    }

    fn alice() -> User {
        let (stamp, name) = (SecurityStamp::from_bytes([1; 16]), UserId::parse("alice").unwrap());
        let mut alice = User::new(TenantId::default(), name, stamp, NOW);
        alice.profile.user_type = Some(UserTypeCode::parse("doctor").unwrap());
        alice.profile.set_text(StandardAttribute::FullName, Some("Alice Liddell".to_owned()));
        alice
    }

    fn try_to(patch: &ProfilePatch) -> Result<Profile, ProfileRefusal> {
        alice().updated_profile(patch, OWNER, &schema(), NOW).map_err(|refused| refused.refusal)
    }

    #[test]
    fn a_value_is_set_kept_or_cleared() {
        let patch = ProfilePatch::new().set(id("nickname"), "Al").with(id("fullName"), Change::Keep);
        let next = try_to(&patch).unwrap();
        assert_eq!(next.text(StandardAttribute::Nickname), Some("Al"));
        assert_eq!(next.text(StandardAttribute::FullName), Some("Alice Liddell"));
        assert_eq!(next.updated_at, Some(NOW));
        let cleared = try_to(&ProfilePatch::new().with(id("fullName"), Change::Clear)).unwrap();
        assert_eq!(cleared.text(StandardAttribute::FullName), None);
    }

    #[test]
    fn one_refused_change_refuses_the_others() {
        for (name, refusal) in [
            ("doctor:rank", ProfileRefusal::NotModifiable),
            ("doctor:old", ProfileRefusal::UnknownAttribute),
            ("doctor:note", ProfileRefusal::UnknownAttribute),
            ("doctor:none", ProfileRefusal::UnknownAttribute),
            ("patient:ward", ProfileRefusal::UnknownAttribute),
        ] {
            let patch = ProfilePatch::new().set(id("nickname"), "Al").set(id(name), "x");
            assert_eq!(try_to(&patch), Err(refusal), "{name}");
        }
        let mut patch = ProfilePatch::new().set(id("nickname"), "Al");
        patch.push(ProfileChange { name: AttributeName::Unknown, value: None, change: Change::Keep });
        assert_eq!(try_to(&patch), Err(ProfileRefusal::UnknownAttribute), "even where it changes nothing");
    }

    #[test]
    fn what_may_not_be_changed_may_be_kept() {
        let patch = ProfilePatch::new().set(id("nickname"), "Al").with(id("doctor:rank"), Change::Keep);
        assert_eq!(try_to(&patch).unwrap().text(StandardAttribute::Nickname), Some("Al"));
        let hidden = ProfilePatch::new().with(id("doctor:note"), Change::Keep);
        assert_eq!(try_to(&hidden), Err(ProfileRefusal::UnknownAttribute), "nobody was shown it");
    }

    #[test]
    fn what_comes_back_as_it_was_shown_is_kept_and_a_guess_at_a_mask_is_not() {
        let mut alice = alice();
        let text = |text: &str| AttributeValue::Text(text.to_owned());
        for (name, value) in [("doctor:rank", text("chief")), ("city", text("a****b"))] {
            let value = ProfileValue { value, holding: Holding::Shared };
            alice.profile.values.insert(id(name), value);
        }
        let mut schema = schema();
        let hidden = Flags::OPEN.with(Flag::Sensitive).without(Flag::Modifiable);
        let field = FieldType::Text(TextFormat::Free);
        schema.define(Attribute::new(id("fullName"), "x", field, hidden).unwrap()).unwrap();
        let put = |name: &str, text: &str| {
            let patch = ProfilePatch::new().set(id("nickname"), "Al").set(id(name), text);
            alice.updated_profile(&patch, OWNER, &schema, NOW).map_err(|refused| refused.refusal)
        };
        for (name, shown) in [("doctor:rank", "chief"), ("fullName", MASK), ("city", "a****b")] {
            let next = put(name, shown).unwrap();
            assert_eq!(next.values.get(&id(name)), alice.profile.values.get(&id(name)), "{name}");
        }
        assert_eq!(put("doctor:rank", "head"), Err(ProfileRefusal::NotModifiable));
        assert_eq!(put("fullName", "Alice Liddell"), Err(ProfileRefusal::NotModifiable), "no guess is told");
        assert_eq!(put("city", "a***b"), Err(ProfileRefusal::Malformed));
    }

    #[test]
    fn a_birthday_is_a_day_on_which_somebody_alive_can_be_born() {
        let set = |day: &str| try_to(&ProfilePatch::new().set(id("birthday"), day)).err();
        assert_eq!((set("2022-01-01"), set("2024-02-29")), (None, None));
        for day in ["2999-01-01", "0001-01-01", "2023-02-29"] {
            assert_eq!(set(day), Some(ProfileRefusal::Malformed), "{day}");
        }
    }

    #[test]
    fn the_change_that_is_refused_is_named_by_its_place() {
        let patch = ProfilePatch::new().set(id("nickname"), "Al").set(id("birthday"), "soon");
        let refused = alice().updated_profile(&patch, OWNER, &schema(), NOW);
        assert_eq!(refused, Err(RefusedChange { refusal: ProfileRefusal::Malformed, place: Some(1) }));
    }

    #[test]
    fn an_attribute_is_named_once() {
        let patch = ProfilePatch::new().set(id("nickname"), "Al").set(id("nickname"), "Bo");
        assert_eq!(try_to(&patch), Err(ProfileRefusal::Malformed));
    }

    #[test]
    fn a_patch_has_so_many_changes_at_most() {
        let of = |count| {
            let mut patch = ProfilePatch::new();
            for _ in 0..count {
                let name = AttributeName::Id(id("nickname"));
                patch.push(ProfileChange { name, value: None, change: Change::Keep });
            }
            alice().updated_profile(&patch, OWNER, &schema(), NOW).map_err(|refused| refused.place)
        };
        assert_eq!(of(MOST_CHANGES + 1), Err(None), "none is looked at");
        assert_eq!(of(2), Err(Some(1)), "named twice");
    }

    #[test]
    fn a_mask_that_comes_back_changes_nothing() {
        let same = try_to(&ProfilePatch::new().set(id("fullName"), MASK)).unwrap();
        assert_eq!(same, alice().profile, "nor is it an update");
        assert_eq!(try_to(&ProfilePatch::new().set(id("nickname"), MASK)), Err(ProfileRefusal::Malformed));
        let other = ProfilePatch::new().set(id("fullName"), "Al******");
        assert_eq!(try_to(&other), Err(ProfileRefusal::Malformed));
        let mut nameless = alice();
        nameless.profile.set_text(StandardAttribute::FullName, None);
        let mask = ProfilePatch::new().set(id("fullName"), MASK);
        let refused = nameless.updated_profile(&mask, OWNER, &schema(), NOW);
        let first = RefusedChange { refusal: ProfileRefusal::Malformed, place: Some(0) };
        assert_eq!(refused, Err(first), "no mask was shown");
    }

    #[test]
    fn a_value_of_somebody_else_is_not_overwritten() {
        let change = |user: &str, attribute: &str| {
            let user = UserId::parse(user).unwrap();
            let value = value_id(&TenantId::default(), &user, &id(attribute));
            let mut patch = ProfilePatch::new();
            let change = Change::Set(Given::Text("Al".to_owned()));
            patch.push(ProfileChange { name: AttributeName::Id(id(attribute)), value: Some(value), change });
            try_to(&patch).err()
        };
        assert_eq!(change("alice", "fullName"), None);
        assert_eq!(change("bob", "fullName"), Some(ProfileRefusal::ForeignValue));
        assert_eq!(change("alice", "nickname"), Some(ProfileRefusal::ForeignValue), "there is none yet");
    }

    #[test]
    fn a_unique_value_is_held_alone_under_the_name_clients_know() {
        let attribute = id("doctor:badge");
        let public = PublicId::of(&["attribute", "default", "doctor:badge"]);
        let mut patch = ProfilePatch::new();
        let change = Change::Set(Given::Text("AB-1".to_owned()));
        patch.push(ProfileChange { name: AttributeName::Public(public), value: None, change });
        let next = try_to(&patch).unwrap();
        assert_eq!(next.claims().collect::<Vec<_>>(), [(&attribute, "ab-1".to_owned())]);
        assert!(AttributeKey::parse("badge").is_ok());
    }
}

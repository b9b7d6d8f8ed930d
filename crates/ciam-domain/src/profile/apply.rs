//! One change of a profile, made or seen to be none.

use super::birthday::is_birthday;
use super::{
    Attribute, AttributeValue, Change, Flag, Given, Holding, MASK, Profile, ProfileValue, Sight,
    StandardAttribute, Viewer,
};
use crate::Instant;
use crate::refusal::ProfileRefusal;

impl Profile {
    /// Whether a change leaves a value as it was shown: it says so, or says what was shown. Where that is a mask, the
    /// value itself is not taken for it: whoever guesses must not be told.
    pub(super) fn comes_back(&self, attribute: &Attribute, change: &Change, by: Viewer) -> bool {
        let held = self.values.get(attribute.id()).map(|held| &held.value);
        match (change, by.sees(attribute), held) {
            (Change::Keep, _, _) | (Change::Clear, _, None) => true,
            (Change::Set(Given::Text(text)), Sight::Masked, Some(_)) => text.trim() == MASK,
            (Change::Set(Given::Text(text)), Sight::Plain, Some(value)) => *text == value.to_string(),
            _ => false,
        }
    }
}

/// Makes a change that is allowed.
pub(super) fn apply(
    profile: &mut Profile,
    attribute: &Attribute,
    change: &Change,
    now: Instant,
) -> Result<(), ProfileRefusal> {
    match change {
        Change::Keep => {}
        // Whoever was shown a mask and sends it back has changed nothing; where there is no value none was shown.
        Change::Set(Given::Text(text))
            if attribute.is(Flag::Sensitive)
                && text.trim() == MASK
                && profile.values.contains_key(attribute.id()) => {}
        Change::Clear => drop(profile.values.remove(attribute.id())),
        Change::Set(given) => {
            let value = attribute.field().accept(given)?;
            if let AttributeValue::Date(day) = value
                && attribute.id().is(StandardAttribute::Birthday)
                && !is_birthday(day, now)
            {
                return Err(ProfileRefusal::Malformed);
            }
            let holding = if attribute.is(Flag::Unique) { Holding::Alone } else { Holding::Shared };
            profile.values.insert(attribute.id().clone(), ProfileValue { value, holding });
        }
    }
    Ok(())
}

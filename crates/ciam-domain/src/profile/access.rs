//! Who sees an attribute, who changes it, and what is masked: one table for every transport.
//!
//! | Who | sees | changes |
//! |---|---|---|
//! | the person | what is enabled and shown; sensitive values masked | what is enabled, shown and modifiable |
//! | an administrator | as the person | what is enabled |
//! | an administrator with the scope for it | what is enabled, plain | what is enabled |
//! | the host | everything, plain | everything |

use super::{Attribute, Flag};
use crate::refusal::ProfileRefusal;

/// Whether personal values are shown as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exposure {
    /// Phone, e-mail address and sensitive attributes are masked.
    Masked,
    /// Nothing is masked.
    Plain,
}

/// Who looks at a profile or changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// The person.
    Owner(Exposure),
    /// An administrator of the tenant.
    Administrator(Exposure),
    /// The host itself.
    Host,
}

/// What somebody sees of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    /// Nothing, not even the attribute.
    Hidden,
    /// A mask in place of the value.
    Masked,
    /// The value.
    Plain,
}

impl Viewer {
    /// Whether contacts and sensitive values are shown as they are.
    #[must_use]
    pub const fn exposure(self) -> Exposure {
        match self {
            Self::Owner(exposure) | Self::Administrator(exposure) => exposure,
            Self::Host => Exposure::Plain,
        }
    }

    /// What is seen of an attribute.
    #[must_use]
    pub const fn sees(self, attribute: &Attribute) -> Sight {
        let seen = match self {
            Self::Owner(_) | Self::Administrator(Exposure::Masked) => {
                attribute.is(Flag::Enabled) && attribute.is(Flag::Shown)
            }
            Self::Administrator(Exposure::Plain) => attribute.is(Flag::Enabled),
            Self::Host => true,
        };
        match self.exposure() {
            _ if !seen => Sight::Hidden,
            Exposure::Masked if attribute.is(Flag::Sensitive) => Sight::Masked,
            Exposure::Masked | Exposure::Plain => Sight::Plain,
        }
    }

    /// Whether an attribute may be changed.
    ///
    /// # Errors
    /// [`ProfileRefusal::UnknownAttribute`] for what the person need not know of, else
    /// [`ProfileRefusal::NotModifiable`].
    pub const fn changes(self, attribute: &Attribute) -> Result<(), ProfileRefusal> {
        let enabled = attribute.is(Flag::Enabled);
        match self {
            Self::Host => Ok(()),
            Self::Administrator(_) if enabled => Ok(()),
            Self::Owner(_) if enabled && attribute.is(Flag::Shown) => {
                if attribute.is(Flag::Modifiable) {
                    Ok(())
                } else {
                    Err(ProfileRefusal::NotModifiable)
                }
            }
            Self::Administrator(_) | Self::Owner(_) => Err(ProfileRefusal::UnknownAttribute),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{AttributeId, FieldType, Flags, StandardAttribute, TextFormat};

    fn attribute(flags: Flags) -> Attribute {
        let id = AttributeId::Base(StandardAttribute::FullName);
        Attribute::new(id, "x", FieldType::Text(TextFormat::Free), flags).unwrap()
    }

    #[test]
    fn the_table_is_kept_for_every_attribute_and_everybody() {
        use Exposure::{Masked, Plain};
        let every = (0..32_u8).map(|bits| {
            let set = Flag::ALL.into_iter().enumerate().filter(move |(n, _)| bits & (1 << n) != 0);
            set.fold(Flags::NONE, |flags, (_, flag)| flags.with(flag))
        });
        for flags in every {
            let (enabled, shown) = (flags.has(Flag::Enabled), flags.has(Flag::Shown));
            let (sensitive, modifiable) = (flags.has(Flag::Sensitive), flags.has(Flag::Modifiable));
            let on = attribute(flags);
            let sight = |seen: bool, masked: bool| match (seen, masked) {
                (false, _) => Sight::Hidden,
                (true, true) => Sight::Masked,
                (true, false) => Sight::Plain,
            };
            let own = enabled && shown;
            assert_eq!(Viewer::Owner(Masked).sees(&on), sight(own, sensitive));
            assert_eq!(Viewer::Owner(Plain).sees(&on), sight(own, false));
            assert_eq!(Viewer::Administrator(Masked).sees(&on), sight(own, sensitive));
            assert_eq!(Viewer::Administrator(Plain).sees(&on), sight(enabled, false));
            assert_eq!(Viewer::Host.sees(&on), Sight::Plain);
            let unknown = Err(ProfileRefusal::UnknownAttribute);
            let change = match (own, modifiable) {
                (true, true) => Ok(()),
                (true, false) => Err(ProfileRefusal::NotModifiable),
                (false, _) => unknown,
            };
            for exposure in [Masked, Plain] {
                assert_eq!(Viewer::Owner(exposure).changes(&on), change);
                let ordered = if enabled { Ok(()) } else { unknown };
                assert_eq!(Viewer::Administrator(exposure).changes(&on), ordered);
            }
            assert_eq!(Viewer::Host.changes(&on), Ok(()));
        }
    }
}

//! The attributes that everybody has.

use super::{FieldType, TextFormat};

macro_rules! base_attributes {
    ($($(#[$doc:meta])* $variant:ident = $key:literal, $label:literal, $field:expr, $claim:expr;)*) => {
        /// An attribute that everybody has.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum StandardAttribute {
            $($(#[$doc])* $variant,)*
        }

        impl StandardAttribute {
            /// Every base attribute, in the order in which they are shown.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its stable key.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$variant => $key,)*
                }
            }

            /// Its label where the tenant gives it none.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self {
                    $(Self::$variant => $label,)*
                }
            }

            /// What its values are where the tenant does not narrow it.
            #[must_use]
            pub const fn field(self) -> FieldType {
                match self {
                    $(Self::$variant => $field,)*
                }
            }

            /// The claim of OpenID Connect Core 1.0, 5.1, that it is; members of `address` follow a dot.
            #[must_use]
            pub const fn claim(self) -> Option<&'static str> {
                match self {
                    $(Self::$variant => $claim,)*
                }
            }
        }
    };
}

const FREE: FieldType = FieldType::Text(TextFormat::Free);
const URL: FieldType = FieldType::Text(TextFormat::Url);

base_attributes! {
    /// What others see.
    DisplayName = "displayName", "Display name", FREE, None;
    /// What others see where names are English.
    EnDisplayName = "enDisplayName", "English display name", FREE, None;
    /// The whole name.
    FullName = "fullName", "Full name", FREE, Some("name");
    /// The given name or names.
    GivenName = "givenName", "Given name", FREE, Some("given_name");
    /// The middle name or names.
    MiddleName = "middleName", "Middle name", FREE, Some("middle_name");
    /// The surname.
    FamilyName = "familyName", "Family name", FREE, Some("family_name");
    /// The name that the person is called by.
    Nickname = "nickname", "Nickname", FREE, Some("nickname");
    /// The gender, in the words of the tenant.
    Gender = "gender", "Gender", FREE, Some("gender");
    /// The date of birth.
    Birthday = "birthday", "Birthday", FieldType::Date, Some("birthdate");
    /// The language that the person prefers, as a BCP 47 tag.
    Language = "language", "Language", FieldType::Text(TextFormat::Locale), Some("locale");
    /// The time zone, by its name in the database of IANA.
    ZoneInfo = "zoneinfo", "Time zone", FieldType::Text(TextFormat::Zone), Some("zoneinfo");
    /// The country.
    Country = "country", "Country", FREE, Some("address.country");
    /// The part of the world or of the country.
    Region = "region", "Region", FREE, None;
    /// The province.
    Province = "province", "Province", FREE, Some("address.region");
    /// The city.
    City = "city", "City", FREE, Some("address.locality");
    /// Street and house.
    Street = "street", "Street", FREE, Some("address.street_address");
    /// The postal code.
    PostalCode = "postalCode", "Postal code", FREE, Some("address.postal_code");
    /// The whole address.
    Address = "address", "Address", FREE, Some("address.formatted");
    /// The id of a picture that the host keeps.
    AvatarUuid = "avatarUuid", "Avatar", FREE, None;
    /// Where a picture of the person is.
    Picture = "picture", "Picture", URL, Some("picture");
    /// The web site of the person.
    Website = "website", "Website", URL, Some("website");
    /// The page about the person.
    ProfilePage = "profile", "Profile page", URL, Some("profile");
    /// What the person says of themselves.
    Description = "description", "Description", FREE, None;
}

impl StandardAttribute {
    /// What people are called by: no password may consist of it.
    pub const NAMES: [Self; 7] = [
        Self::DisplayName,
        Self::EnDisplayName,
        Self::FullName,
        Self::GivenName,
        Self::MiddleName,
        Self::FamilyName,
        Self::Nickname,
    ];

    /// Finds the attribute of a key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|attribute| attribute.key() == key)
    }

    /// Finds the attribute that a claim of OpenID Connect is.
    #[must_use]
    pub fn of_claim(claim: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|attribute| attribute.claim() == Some(claim))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_key_and_no_claim_stands_twice() {
        let keys: BTreeSet<_> = StandardAttribute::ALL.iter().map(|attribute| attribute.key()).collect();
        assert_eq!(keys.len(), StandardAttribute::ALL.len());
        let claims: Vec<_> =
            StandardAttribute::ALL.iter().filter_map(|attribute| attribute.claim()).collect();
        assert_eq!(claims.iter().collect::<BTreeSet<_>>().len(), claims.len());
        for claim in claims {
            assert_eq!(StandardAttribute::of_claim(claim).and_then(StandardAttribute::claim), Some(claim));
        }
    }

    #[test]
    fn every_standard_claim_of_a_profile_has_an_attribute() {
        // `preferred_username` is the user name, `updated_at` a part of the profile; contacts are none of it.
        for claim in [
            "name",
            "given_name",
            "family_name",
            "middle_name",
            "nickname",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "address.formatted",
            "address.street_address",
            "address.locality",
            "address.region",
            "address.postal_code",
            "address.country",
        ] {
            assert!(StandardAttribute::of_claim(claim).is_some(), "{claim}");
        }
    }
}

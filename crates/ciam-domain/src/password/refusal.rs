//! Why a password is refused.

/// Why a password is refused. Exhaustive, so that every dialect maps every one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRefusal {
    /// Empty.
    #[error("the password is empty")]
    Blank,
    /// Fewer code points than the policy asks (ASVS 5.0, 6.2.1).
    #[error("the password has fewer than {min} characters")]
    TooShort {
        /// The fewest code points that are taken.
        min: u16,
    },
    /// More code points than the policy allows, or more than 1024 bytes (ASVS 5.0, 6.2.9).
    #[error("the password has more than {max} characters")]
    TooLong {
        /// The most code points that are taken.
        max: u16,
    },
    /// One of the most common passwords (ASVS 5.0, 6.2.4).
    #[error("the password is one of the most common ones")]
    Listed,
    /// Holds a word of the host's, such as the name of its product (ASVS 5.0, 6.2.11).
    #[error("the password holds a word that is easy to guess here")]
    ContextWord,
    /// Holds the person's own user name, address or number (NIST SP 800-63B-4, 3.1.1.2).
    #[error("the password holds a name of its owner")]
    OwnIdentifier,
    /// Known from a breach (ASVS 5.0, 6.2.12).
    #[error("the password is known from a breach")]
    Breached,
    /// The password in use now.
    #[error("the password is the present one")]
    Same,
    /// One of the last passwords in use.
    #[error("the password was in use not long ago")]
    Recurrent,
}

impl PasswordRefusal {
    /// The stable code of this refusal.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Blank => "password.blank",
            Self::TooShort { .. } => "password.too_short",
            Self::TooLong { .. } => "password.too_long",
            Self::Listed => "password.listed",
            Self::ContextWord => "password.context_word",
            Self::OwnIdentifier => "password.own_identifier",
            Self::Breached => "password.breached",
            Self::Same => "password.same",
            Self::Recurrent => "password.recurrent",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_do_not_change() {
        assert_eq!(PasswordRefusal::TooShort { min: 8 }.reason(), "password.too_short");
        assert_eq!(PasswordRefusal::TooLong { max: 128 }.reason(), "password.too_long");
        let rest = [PasswordRefusal::Blank, PasswordRefusal::Listed, PasswordRefusal::ContextWord];
        assert_eq!(
            rest.map(PasswordRefusal::reason),
            ["password.blank", "password.listed", "password.context_word"]
        );
        let rest = [PasswordRefusal::OwnIdentifier, PasswordRefusal::Breached];
        assert_eq!(rest.map(PasswordRefusal::reason), ["password.own_identifier", "password.breached"]);
        let rest = [PasswordRefusal::Same, PasswordRefusal::Recurrent];
        assert_eq!(rest.map(PasswordRefusal::reason), ["password.same", "password.recurrent"]);
    }
}

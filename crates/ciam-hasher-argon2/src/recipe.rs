//! How a tag is made, as a PHC string tells it.

use argon2::{Algorithm, Params, Version};
use ciam_ports::HasherError;
use ciam_ports::domain::password::PasswordHash;
use password_hash::phc::{self, Output, ParamsString, Salt};

use crate::cost::Cost;

pub(crate) const SALT_BYTES: usize = 16;
const TAG_BYTES: usize = 32;

/// Everything that makes a tag out of a password.
#[derive(Debug, Clone)]
pub(crate) struct Recipe {
    pub(crate) algorithm: Algorithm,
    pub(crate) version: Version,
    pub(crate) params: Params,
    pub(crate) salt: Salt,
}

impl Recipe {
    /// Today's recipe.
    pub(crate) fn new(cost: Cost, salt: [u8; SALT_BYTES]) -> Result<Self, HasherError> {
        let params = cost.params(TAG_BYTES).map_err(failed)?;
        let salt = Salt::new(&salt).map_err(failed)?;
        Ok(Self { algorithm: Algorithm::Argon2id, version: Version::V0x13, params, salt })
    }

    /// Reads a stored hash back into its recipe and tag; refuses one above the ceilings.
    pub(crate) fn read(hash: &PasswordHash) -> Result<(Self, Output), HasherError> {
        let stored = phc::PasswordHash::new(hash.as_str()).map_err(unreadable)?;
        let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(unreadable)?;
        // Strings of the first version do not name it.
        let version = Version::try_from(stored.version.unwrap_or(0x10)).map_err(unreadable)?;
        let params = Params::try_from(&stored).map_err(unreadable)?;
        if !params.keyid().is_empty() {
            return Err(HasherError::Unreadable);
        }
        if !Cost::of(&params).is_bearable() {
            return Err(HasherError::TooExpensive);
        }
        let (salt, tag) = stored.salt.zip(stored.hash).ok_or(HasherError::Unreadable)?;
        Ok((Self { algorithm, version, params, salt }, tag))
    }

    /// Writes the recipe and its tag as a PHC string.
    pub(crate) fn write(self, tag: Output) -> Result<PasswordHash, HasherError> {
        let text = phc::PasswordHash {
            algorithm: self.algorithm.ident(),
            version: Some(self.version.into()),
            params: ParamsString::try_from(&self.params).map_err(failed)?,
            salt: Some(self.salt),
            hash: Some(tag),
        };
        PasswordHash::parse(&text.to_string()).map_err(failed)
    }

    /// Whether a new hash would be made just so.
    pub(crate) fn is_todays(&self, cost: Cost) -> bool {
        self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && cost.params(TAG_BYTES).is_ok_and(|params| params == self.params)
            && self.salt.len() >= SALT_BYTES
    }
}

fn unreadable<E>(_: E) -> HasherError {
    HasherError::Unreadable
}

fn failed<E: std::error::Error + Send + Sync + 'static>(error: E) -> HasherError {
    HasherError::Failed(Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT_AND_TAG: &str = "c2FsdHNhbHRzYWx0c2FsdA$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

    fn read(text: &str) -> Result<Recipe, HasherError> {
        Recipe::read(&PasswordHash::parse(text).expect("the outward form")).map(|(recipe, _)| recipe)
    }

    fn stored(head: &str) -> Result<Recipe, HasherError> {
        read(&format!("${head}${SALT_AND_TAG}"))
    }

    #[test]
    fn costs_up_to_the_ceilings_are_read() {
        assert!(stored("argon2id$v=19$m=262144,t=10,p=8").is_ok());
        for params in [
            "m=262145,t=1,p=1",
            "m=4194304,t=1,p=1",
            "m=64,t=11,p=1",
            "m=4294967295,t=4294967295,p=1",
            "m=128,t=1,p=9",
        ] {
            let refused = stored(&format!("argon2id$v=19${params}"));
            assert!(matches!(refused, Err(HasherError::TooExpensive)), "{params}");
        }
    }

    #[test]
    fn what_is_no_argon2_hash_is_unreadable() {
        for head in [
            "bcrypt$v=19$m=64,t=1,p=1",
            "argon2id$v=18$m=64,t=1,p=1",
            "argon2id$v=19$m=7,t=1,p=1",
            "argon2id$v=19$m=64,t=0,p=1",
            "argon2id$v=19$m=64,t=1,p=0",
            "argon2id$v=19$m=99999999999,t=1,p=1",
            "argon2id$v=19$m=64,t=1,p=1,x=1",
            "argon2id$v=19$m=64,t=1,p=1,keyid=MTIz",
        ] {
            assert!(matches!(stored(head), Err(HasherError::Unreadable)), "{head}");
        }
    }

    #[test]
    fn a_hash_without_salt_or_tag_or_with_a_tag_too_long_is_unreadable() {
        let long = "A".repeat(88);
        for rest in [String::new(), "$c2FsdHNhbHRzYWx0".to_owned(), format!("$c2FsdHNhbHRzYWx0${long}")] {
            let refused = read(&format!("$argon2id$v=19$m=64,t=1,p=1{rest}"));
            assert!(matches!(refused, Err(HasherError::Unreadable)), "{rest}");
        }
    }

    #[test]
    fn only_todays_recipe_is_todays() {
        let todays = |head: &str| stored(head).expect("readable").is_todays(Cost::default());
        assert!(todays("argon2id$v=19$m=19456,t=2,p=1"));
        for head in [
            "argon2i$v=19$m=19456,t=2,p=1",
            "argon2id$v=16$m=19456,t=2,p=1",
            "argon2id$m=19456,t=2,p=1",
            "argon2id$v=19$m=19455,t=2,p=1",
            "argon2id$v=19$m=19456,t=1,p=1",
            "argon2id$v=19$m=65536,t=3,p=4",
        ] {
            assert!(!todays(head), "{head}");
        }
        let short_salt = SALT_AND_TAG.replacen("c2FsdHNhbHRzYWx0c2FsdA", "c2FsdHNhbHRzYWx0", 1);
        let short_salt = read(&format!("$argon2id$v=19$m=19456,t=2,p=1${short_salt}"));
        assert!(!short_salt.expect("readable").is_todays(Cost::default()));
    }
}

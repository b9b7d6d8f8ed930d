//! The code that restores a former address: derived from what it is for, and stored nowhere.

use crate::challenge::{Code, DigestKey};
use crate::crockford;
use crate::seal::SealPurpose;
use crate::user::Address;
use crate::{Instant, TenantId, UserId};

/// What a revert code is for: one address that one account gave up at one moment.
#[derive(Debug, Clone, Copy)]
pub struct RevertCode<'a> {
    /// The tenant of the person.
    pub tenant: &'a TenantId,
    /// The person.
    pub user: &'a UserId,
    /// The former address.
    pub address: &'a Address,
    /// When it was replaced.
    pub since: Instant,
}

impl RevertCode<'_> {
    /// The code: 16 characters of Crockford's base32, 80 bits. They leave nothing to guess (NIST SP 800-63B-4, 3.1.2 asks
    /// for 64 where tries are limited), so the code may live for days.
    #[must_use]
    pub fn write(&self, key: &DigestKey) -> Code {
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&self.seal(key).as_bytes()[..10]);
        Code::written(crockford::write(bytes))
    }

    /// Whether a presented code is this one; compared in constant time. Letter case, spaces and hyphens are no
    /// difference, nor is `O` for `0`, or `I` and `L` for `1`.
    #[must_use]
    pub fn matches(&self, presented: &Code, key: &DigestKey) -> bool {
        crockford::read(presented).is_some_and(|bytes| self.seal(key).matches(bytes.expose()))
    }

    fn seal(&self, key: &DigestKey) -> crate::seal::Seal {
        let since = self.since.unix_micros().to_be_bytes();
        let parts: [&[u8]; 4] = [
            self.tenant.as_str().as_bytes(),
            self.user.as_str().as_bytes(),
            self.address.canonical().as_bytes(),
            &since,
        ];
        key.seal(SealPurpose::ContactRevert, &parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenge::KeyId;
    use crate::crockford::ALPHABET;
    use crate::identifier::EmailAddress;
    use crate::secret::SecretBytes;

    fn key(byte: u8) -> DigestKey {
        DigestKey::new(KeyId::new("k1"), SecretBytes::new(vec![byte; 32])).unwrap()
    }

    fn email(text: &str) -> Address {
        Address::Email(EmailAddress::parse(text).unwrap())
    }

    #[test]
    fn a_code_is_sixteen_unambiguous_characters_and_matches_itself_however_it_is_typed() {
        let (tenant, user, address) =
            (TenantId::default(), UserId::parse("alice").unwrap(), email("a@example.org"));
        for micros in 0..200 {
            let since = Instant::from_unix_micros(micros);
            let revert = RevertCode { tenant: &tenant, user: &user, address: &address, since };
            let code = revert.write(&key(1));
            let text = code.expose();
            assert!(text.len() == 16 && text.bytes().all(|byte| ALPHABET.contains(&byte)), "{text}");
            let sloppy = text.to_lowercase().replace('0', "o").replace('1', "l");
            let spaced = format!("{}-{} {}", &text[..4], &text[4..8], &text[8..]);
            for typed in [text, &sloppy, &spaced] {
                assert!(revert.matches(&Code::presented(typed), &key(1)), "{typed}");
            }
        }
    }

    #[test]
    fn a_code_is_nothing_for_anything_else() {
        let (tenant, user, address) =
            (TenantId::default(), UserId::parse("alice").unwrap(), email("a@example.org"));
        let since = Instant::from_unix_micros(7);
        let revert = RevertCode { tenant: &tenant, user: &user, address: &address, since };
        let code = revert.write(&key(1));
        let (elsewhere, bob, other) =
            (TenantId::parse("t2").unwrap(), UserId::parse("bob").unwrap(), email("b@example.org"));
        for another in [
            RevertCode { tenant: &elsewhere, ..revert },
            RevertCode { user: &bob, ..revert },
            RevertCode { address: &other, ..revert },
            RevertCode { since: Instant::from_unix_micros(8), ..revert },
        ] {
            assert!(!another.matches(&code, &key(1)));
        }
        assert!(!revert.matches(&code, &key(2)));
    }

    #[test]
    fn anything_but_the_whole_code_is_no_code() {
        let (tenant, user, address) =
            (TenantId::default(), UserId::parse("alice").unwrap(), email("a@example.org"));
        let revert = RevertCode { tenant: &tenant, user: &user, address: &address, since: Instant::EPOCH };
        let code = revert.write(&key(1));
        let text = code.expose();
        let swapped = if text.ends_with('Z') { 'Y' } else { 'Z' };
        for wrong in [
            String::new(),
            text[..15].to_owned(),
            format!("{text}0"),
            format!("{}{swapped}", &text[..15]),
            format!("{}U", &text[..15]),
            format!("{}é", &text[..14]),
            "-".repeat(16),
        ] {
            assert!(!revert.matches(&Code::presented(&wrong), &key(1)), "{wrong}");
        }
    }
}

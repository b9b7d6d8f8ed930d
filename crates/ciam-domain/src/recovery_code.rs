//! Recovery codes: ten look-up secrets, drawn together, shown once and used once each (NIST SP 800-63B-4, 3.1.2).

use subtle::{ConditionallySelectable, ConstantTimeEq};

use crate::challenge::{Code, CodeMatch, DigestKey, KeyId};
use crate::seal::SealPurpose;
use crate::secret::{SecretBytes, SecretText};
use crate::{Instant, TenantId, UserId, crockford};

/// How many codes a set has.
pub const RECOVERY_CODES: usize = 10;

/// At how many unused codes, or fewer, the person is told that few are left.
pub const FEW_RECOVERY_CODES: usize = 3;

/// Random bytes behind one code: 80 bits, where NIST asks for 64 before tries need no limit.
const CODE_BYTES: usize = 10;

/// Random bytes behind a set.
pub const RECOVERY_BYTES: usize = RECOVERY_CODES * CODE_BYTES;

/// Whose codes they are; a code of one person is nothing for another.
#[derive(Debug, Clone, Copy)]
pub struct RecoveryOwner<'a> {
    /// The tenant of the person.
    pub tenant: &'a TenantId,
    /// The person.
    pub user: &'a UserId,
}

/// The keyed digest of one unused code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RecoveryDigest([u8; 32]);

impl RecoveryDigest {
    /// Reads back a stored digest.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest as stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for RecoveryDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryDigest(..)")
    }
}

/// A person's recovery codes, as they are kept: digests of those that are not used yet.
///
/// Its fields are public and complete on purpose: a storage adapter that forgets one does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecoveryCodes {
    /// The key that the digests were made with.
    pub key: KeyId,
    /// When they were drawn.
    pub made_at: Instant,
    /// The codes that are not used yet.
    pub unused: Vec<RecoveryDigest>,
}

impl RecoveryCodes {
    /// Makes a set from [`RECOVERY_BYTES`] random bytes: what is kept, and the codes as they are shown this once, in groups
    /// of four.
    #[must_use]
    pub fn draw(
        owner: RecoveryOwner<'_>,
        random: &SecretBytes,
        key: &DigestKey,
        now: Instant,
    ) -> (Self, Vec<SecretText>) {
        let (each, _) = random.expose().as_chunks::<CODE_BYTES>();
        let unused = each.iter().map(|bits| digest(owner, bits, key)).collect();
        let shown = each.iter().map(|bits| grouped(*bits)).collect();
        (Self { key: key.id().clone(), made_at: now, unused }, shown)
    }

    /// Uses a code up. Every digest is compared, in constant time, so neither the place of the right one nor that there is
    /// none shows.
    pub fn spend(&mut self, owner: RecoveryOwner<'_>, presented: &Code, key: &DigestKey) -> CodeMatch {
        let Some(bits) = crockford::read(presented).filter(|_| self.key == *key.id()) else {
            return CodeMatch::Mismatched;
        };
        let presented = digest(owner, bits.expose(), key);
        let mut found = u32::MAX;
        for (place, kept) in (0..).zip(&self.unused) {
            found.conditional_assign(&place, kept.0.ct_eq(&presented.0));
        }
        match usize::try_from(found).ok().filter(|place| *place < self.unused.len()) {
            Some(place) => {
                self.unused.remove(place);
                CodeMatch::Matched
            }
            None => CodeMatch::Mismatched,
        }
    }

    /// How many can still be used.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.unused.len()
    }
}

fn digest(owner: RecoveryOwner<'_>, bits: &[u8], key: &DigestKey) -> RecoveryDigest {
    let parts = [owner.tenant.as_str().as_bytes(), owner.user.as_str().as_bytes(), bits];
    RecoveryDigest(*key.seal(SealPurpose::RecoveryCode, &parts).as_bytes())
}

fn grouped(bits: [u8; CODE_BYTES]) -> SecretText {
    let plain = crockford::write(bits);
    let mut text = String::with_capacity(crockford::LENGTH + 3);
    for (place, symbol) in plain.expose().char_indices() {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        text.push(symbol);
    }
    SecretText::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

    fn key(name: &str, byte: u8) -> DigestKey {
        DigestKey::new(KeyId::new(name), SecretBytes::new(vec![byte; 32])).unwrap()
    }

    fn bits() -> SecretBytes {
        SecretBytes::new((0..100).map(|n| 2 * n + 1).collect())
    }

    fn people() -> [(TenantId, UserId); 3] {
        [("t1", "alice"), ("t2", "alice"), ("t1", "bob")]
            .map(|(tenant, user)| (TenantId::parse(tenant).unwrap(), UserId::parse(user).unwrap()))
    }

    fn owner(person: &(TenantId, UserId)) -> RecoveryOwner<'_> {
        RecoveryOwner { tenant: &person.0, user: &person.1 }
    }

    #[test]
    fn each_code_counts_once_however_it_is_typed() {
        let people = people();
        let alice = owner(&people[0]);
        let (mut kept, shown) = RecoveryCodes::draw(alice, &bits(), &key("k1", 1), NOW);
        for (used, code) in shown.iter().enumerate() {
            let text = code.expose();
            assert_eq!(text.split('-').map(str::len).collect::<Vec<_>>(), [4; 4], "{text}");
            let sloppy = text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            assert_eq!(kept.spend(alice, &Code::presented(&sloppy), &key("k1", 1)), CodeMatch::Matched);
            assert_eq!(kept.left(), 9 - used);
            assert_eq!(kept.spend(alice, &Code::presented(text), &key("k1", 1)), CodeMatch::Mismatched);
        }
    }

    #[test]
    fn a_code_is_nothing_for_another_person_tenant_or_key() {
        let people = people();
        let (kept, shown) = RecoveryCodes::draw(owner(&people[0]), &bits(), &key("k1", 1), NOW);
        let code = Code::presented(shown[3].expose());
        let tries = [
            (owner(&people[1]), key("k1", 1)),
            (owner(&people[2]), key("k1", 1)),
            (owner(&people[0]), key("k1", 2)),
            (owner(&people[0]), key("k2", 1)),
        ];
        for (who, key) in tries {
            assert_eq!(kept.clone().spend(who, &code, &key), CodeMatch::Mismatched);
        }
    }

    #[test]
    fn what_is_no_code_matches_nothing_and_uses_nothing_up() {
        let people = people();
        let alice = owner(&people[0]);
        let (mut kept, shown) = RecoveryCodes::draw(alice, &bits(), &key("k1", 1), NOW);
        let right = shown[0].expose();
        let wrong = [
            String::new(),
            right[..18].to_owned(),
            format!("{right}0"),
            right.replace('-', "_"),
            "0".repeat(16),
        ];
        for text in wrong {
            assert_eq!(
                kept.spend(alice, &Code::presented(&text), &key("k1", 1)),
                CodeMatch::Mismatched,
                "{text}"
            );
        }
        assert_eq!(kept.left(), RECOVERY_CODES);
    }
}

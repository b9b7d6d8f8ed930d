//! One-time codes: drawn, bound to what they are for, kept as keyed digests.

use std::sync::Arc;

use subtle::ConstantTimeEq;

use crate::flow::{Method, Operation};
use crate::secret::{SecretBytes, SecretText};
use crate::user::{Address, Channel};
use crate::{FlowKey, Instant, TenantId, UserId};

/// A one-time code: decimal digits, or the letters and digits of a [`crate::revert_code::RevertCode`].
pub struct Code(SecretText);

impl Code {
    /// Draws `length` uniform digits from random bytes: a byte of 250 or more is skipped, so no digit is
    /// likelier than another (ASVS 5.0, 6.5.3). `None` when the bytes run out; call again with fresh ones.
    #[must_use]
    pub fn draw(length: u8, bytes: &[u8]) -> Option<Self> {
        // Room for all of it: a text that grows leaves what it had behind.
        let mut digits = String::with_capacity(length.into());
        let drawn = bytes.iter().filter(|byte| **byte < 250).take(length.into());
        digits.extend(drawn.map(|byte| char::from(b'0' + byte % 10)));
        (digits.len() == usize::from(length)).then(|| Self(SecretText::new(digits)))
    }

    /// Takes what a person typed. Anything is taken: what is no code matches none.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        Self(SecretText::new(text.to_owned()))
    }

    pub(crate) const fn written(text: SecretText) -> Self {
        Self(text)
    }

    /// The digits, for the message that carries them.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(..)")
    }
}

/// Names a digest key, so that keys can be replaced while codes are under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyId(Arc<str>);

impl KeyId {
    /// A key name of the host's choice.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A key of 256 bits or more for HMAC-SHA-256.
#[derive(Debug)]
pub struct DigestKey {
    id: KeyId,
    bytes: SecretBytes,
}

impl DigestKey {
    /// A named key; `None` when it has fewer than 32 bytes.
    #[must_use]
    pub fn new(id: KeyId, bytes: SecretBytes) -> Option<Self> {
        (bytes.expose().len() >= 32).then_some(Self { id, bytes })
    }

    /// The key's name.
    #[must_use]
    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    pub(crate) fn expose(&self) -> &[u8] {
        self.bytes.expose()
    }
}

/// What a code is for. A code sent for one purpose is nothing for any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// To prove the person again before an operation.
    SecondFactor(Operation),
    /// To prove control of an address before it becomes the person's.
    NewAddress(Operation),
}

impl Purpose {
    /// The stable name, as in messages and stores: `update_email.new_address`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SecondFactor(operation) => operation.spec().factor_purpose,
            Self::NewAddress(operation) => operation.spec().address_purpose,
        }
    }

    /// Finds the purpose of a stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Operation::all()
            .flat_map(|operation| [Self::SecondFactor(operation), Self::NewAddress(operation)])
            .find(|purpose| purpose.as_str() == name)
    }
}

/// The place of a live code: there is one at most for each account, purpose and channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// What the code is for.
    pub purpose: Purpose,
    /// How it travels.
    pub channel: Channel,
}

/// HMAC-SHA-256 of a code and of everything it is bound to (ASVS 5.0, 6.5.2).
#[derive(Clone, PartialEq, Eq)]
pub struct CodeDigest {
    /// The key it was made with.
    pub key: KeyId,
    /// The digest.
    pub mac: [u8; 32],
}

impl std::fmt::Debug for CodeDigest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CodeDigest({:?}, ..)", self.key.as_str())
    }
}

/// Whether a presented code is the one that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeMatch {
    /// It is.
    Matched,
    /// It is not, or is too late, or was sent for something else.
    Mismatched,
}

/// A code on its way back: where it was sent, until when it counts, and its digest.
///
/// Target and digest are one record that is replaced whole and never edited, so a code can confirm no
/// address but the one that received it. Public fields: a storage adapter that forgets one does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The tenant of the person.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// The flow that it belongs to.
    pub flow: FlowKey,
    /// Its place.
    pub slot: Slot,
    /// The address it was sent to.
    pub target: Address,
    /// The code's digest.
    pub digest: CodeDigest,
    /// The moment from which it counts no longer.
    pub expires_at: Instant,
}

/// What a code is bound to besides its digits.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The tenant of the person.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
    /// The flow.
    pub flow: FlowKey,
    /// The purpose and channel.
    pub slot: Slot,
    /// The address that receives the code.
    pub target: Address,
}

impl Challenge {
    /// Binds a code under a key; it counts until `expires_at`.
    #[must_use]
    pub fn issue(binding: Binding, code: &Code, key: &DigestKey, expires_at: Instant) -> Self {
        let Binding { tenant, user, flow, slot, target } = binding;
        let digest = CodeDigest { key: key.id.clone(), mac: [0; 32] };
        let mut challenge = Self { tenant, user, flow, slot, target, digest, expires_at };
        challenge.digest.mac = challenge.mac(code, key);
        challenge
    }

    /// Compares in constant time; a code is compared with its own record only.
    #[must_use]
    pub fn compare(&self, code: &Code, key: &DigestKey, now: Instant) -> CodeMatch {
        let same = self.digest.key == key.id && bool::from(self.mac(code, key).ct_eq(&self.digest.mac));
        if same && now < self.expires_at { CodeMatch::Matched } else { CodeMatch::Mismatched }
    }

    fn mac(&self, code: &Code, key: &DigestKey) -> [u8; 32] {
        let parts: [&[u8]; 7] = [
            self.tenant.as_str().as_bytes(),
            self.user.as_str().as_bytes(),
            self.flow.as_bytes(),
            self.slot.purpose.as_str().as_bytes(),
            self.slot.channel.as_str().as_bytes(),
            self.target.canonical().as_bytes(),
            code.expose().as_bytes(),
        ];
        key.digest(parts.into_iter())
    }
}

/// The outcome of comparing a challenge that may be absent or belong to another flow.
#[must_use]
pub fn compare(
    challenge: Option<&Challenge>,
    code: &Code,
    key: Option<&DigestKey>,
    now: Instant,
) -> CodeMatch {
    match (challenge, key) {
        (Some(challenge), Some(key)) => challenge.compare(code, key, now),
        _ => CodeMatch::Mismatched,
    }
}

impl From<Channel> for Method {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Sms => Self::Sms,
            Channel::Email => Self::Email,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FlowId;
    use crate::identifier::EmailAddress;

    const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

    fn key(name: &str, byte: u8) -> DigestKey {
        DigestKey::new(KeyId::new(name), SecretBytes::new(vec![byte; 32])).unwrap()
    }

    fn binding() -> Binding {
        Binding {
            tenant: TenantId::default(),
            user: UserId::parse("alice").unwrap(),
            flow: FlowId::from_random([1; 16]).key(),
            slot: Slot { purpose: Purpose::NewAddress(Operation::UpdateEmail), channel: Channel::Email },
            target: Address::Email(EmailAddress::parse("a@example.org").unwrap()),
        }
    }

    fn code(text: &str) -> Code {
        Code::presented(text)
    }

    #[test]
    fn a_code_counts_until_its_time_is_over() {
        let challenge = Challenge::issue(binding(), &code("123456"), &key("k1", 1), NOW);
        let just_before = NOW.before(std::time::Duration::from_micros(1));
        assert_eq!(challenge.compare(&code("123456"), &key("k1", 1), just_before), CodeMatch::Matched);
        assert_eq!(challenge.compare(&code("123456"), &key("k1", 1), NOW), CodeMatch::Mismatched);
        assert_eq!(challenge.compare(&code(""), &key("k1", 1), just_before), CodeMatch::Mismatched);
    }

    #[test]
    fn the_same_digits_mean_nothing_for_anything_else() {
        let issued = Challenge::issue(binding(), &code("123456"), &key("k1", 1), Instant::MAX);
        let others = [
            Binding { tenant: TenantId::parse("t2").unwrap(), ..binding() },
            Binding { user: UserId::parse("bob").unwrap(), ..binding() },
            Binding { flow: FlowId::from_random([2; 16]).key(), ..binding() },
            Binding {
                slot: Slot {
                    purpose: Purpose::SecondFactor(Operation::UpdateEmail),
                    channel: Channel::Email,
                },
                ..binding()
            },
            Binding {
                slot: Slot { purpose: Purpose::NewAddress(Operation::UpdateEmail), channel: Channel::Sms },
                ..binding()
            },
            Binding { target: Address::Email(EmailAddress::parse("b@example.org").unwrap()), ..binding() },
        ];
        for other in others {
            let mut moved = Challenge::issue(other, &code("000000"), &key("k1", 1), Instant::MAX);
            moved.digest = issued.digest.clone();
            assert_eq!(moved.compare(&code("123456"), &key("k1", 1), NOW), CodeMatch::Mismatched);
        }
    }

    #[test]
    fn another_key_or_key_name_matches_nothing() {
        let issued = Challenge::issue(binding(), &code("123456"), &key("k1", 1), Instant::MAX);
        assert_eq!(issued.compare(&code("123456"), &key("k1", 2), NOW), CodeMatch::Mismatched);
        assert_eq!(issued.compare(&code("123456"), &key("k2", 1), NOW), CodeMatch::Mismatched);
    }

    #[test]
    fn a_digest_key_has_256_bits_at_least() {
        assert!(DigestKey::new(KeyId::new("k"), SecretBytes::new(vec![1; 31])).is_none());
    }

    #[test]
    fn digits_are_drawn_without_a_bias() {
        let every_byte: Vec<u8> = (0..=u8::MAX).collect();
        let digits = Code::draw(250, &every_byte).unwrap();
        for digit in '0'..='9' {
            assert_eq!(digits.expose().chars().filter(|drawn| *drawn == digit).count(), 25);
        }
        assert!(Code::draw(6, &[250, 251, 252, 253, 254, 255, 1, 2, 3, 4, 5]).is_none());
    }

    #[test]
    fn purposes_find_themselves_by_name() {
        for operation in Operation::SELF_SERVICE.iter().chain(Operation::ONE_SHOT).copied() {
            for purpose in [Purpose::SecondFactor(operation), Purpose::NewAddress(operation)] {
                assert_eq!(Purpose::parse(purpose.as_str()), Some(purpose));
            }
        }
    }
}

//! Codes: what they show of themselves, and what a missing half means.

use ciam_domain::challenge::{self, Binding, Challenge, Code, CodeMatch, DigestKey, KeyId, Purpose, Slot};
use ciam_domain::flow::Operation;
use ciam_domain::identifier::EmailAddress;
use ciam_domain::secret::SecretBytes;
use ciam_domain::user::{Address, Channel};
use ciam_domain::{FlowId, Instant, TenantId, UserId};

fn key() -> DigestKey {
    DigestKey::new(KeyId::new("autumn"), SecretBytes::new(vec![1; 32])).unwrap()
}

fn issued(code: &Code) -> Challenge {
    let binding = Binding {
        tenant: TenantId::default(),
        user: UserId::parse("alice").unwrap(),
        flow: FlowId::from_random([1; 16]).key(),
        slot: Slot { purpose: Purpose::NewAddress(Operation::UpdateEmail), channel: Channel::Email },
        target: Address::Email(EmailAddress::parse("a@example.org").unwrap()),
    };
    Challenge::issue(binding, code, &key(), Instant::MAX)
}

#[test]
fn a_code_matches_only_where_both_its_record_and_its_key_are_there() {
    let code = Code::presented("123456");
    let (issued, key) = (issued(&code), key());
    let compare = |challenge, key| challenge::compare(challenge, &code, key, Instant::EPOCH);
    assert_eq!(compare(Some(&issued), Some(&key)), CodeMatch::Matched);
    for (challenge, key) in [(None, Some(&key)), (Some(&issued), None), (None, None)] {
        assert_eq!(compare(challenge, key), CodeMatch::Mismatched);
    }
}

#[test]
fn the_key_is_named_and_nothing_else_shown() {
    let code = Code::presented("123456");
    let issued = issued(&code);
    assert_eq!(key().id().as_str(), "autumn");
    assert_eq!(format!("{code:?}"), "Code(..)");
    assert_eq!(format!("{:?}", issued.digest), "CodeDigest(\"autumn\", ..)");
}

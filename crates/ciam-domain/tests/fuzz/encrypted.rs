//! Encrypted secrets, as a store that was tampered with may give them back.

use ciam_domain::challenge::{DigestKey, KeyId};
use ciam_domain::encrypted::{EncryptedSecret, LONGEST_SECRET, SecretOwner, SecretPurpose};
use ciam_domain::secret::SecretBytes;
use ciam_domain::{TenantId, UserId};

use crate::runner::Fuzz;

#[test]
fn encrypted_secrets() {
    let (tenant, user) = (TenantId::parse("acme").expect("an id"), UserId::parse("alice").expect("an id"));
    let owner = SecretOwner { tenant: &tenant, user: &user, purpose: SecretPurpose::TotpSecret };
    let key = DigestKey::new(KeyId::new("k1"), SecretBytes::new(vec![1; 32])).expect("a key");
    let made = EncryptedSecret::new(&SecretBytes::new(b"secret".to_vec()), &owner, &key, [7; 12]);
    let made = made.expect("a secret").to_bytes();
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus/encrypted");
    Fuzz { corpus, more: vec![vec![1; LONGEST_SECRET + 100]], inputs: 20_000 }.run(|bytes| {
        let Some(read) = EncryptedSecret::from_bytes(bytes) else {
            assert_ne!(bytes, made, "what was written is read");
            return;
        };
        assert_eq!(read.to_bytes(), bytes, "one secret has one form");
        assert_eq!(read.decrypt(&owner, &key).is_ok(), bytes == made, "only what was made is opened");
    });
}

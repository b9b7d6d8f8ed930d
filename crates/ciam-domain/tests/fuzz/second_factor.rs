//! Codes of authenticator apps and sheets, as people type them and others guess them.

use ciam_domain::challenge::{Code, CodeMatch, DigestKey, KeyId};
use ciam_domain::recovery_code::{RecoveryCodes, RecoveryOwner};
use ciam_domain::secret::SecretBytes;
use ciam_domain::totp::{TotpSecret, TotpStep};
use ciam_domain::{Instant, TenantId, UserId};

use crate::runner::Fuzz;

const NOW: Instant = Instant::from_unix_seconds(1_234_567_890);

#[test]
fn codes_of_apps() {
    let secret = TotpSecret::new(SecretBytes::new(b"12345678901234567890".to_vec())).expect("a secret");
    let now = TotpStep::at(NOW).number();
    let near = [now + 1, now, now - 1].map(TotpStep::from_number);
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus/totp");
    Fuzz { corpus, more: vec![vec![b' '; 2_000], vec![b'0'; 2_000]], inputs: 20_000 }.run(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let digits: String = text.chars().filter(|letter| *letter != ' ').collect();
        let code = Code::presented(text);
        let right = near.into_iter().find(|step| secret.code(*step).expose() == digits);
        let taken = secret.accept(&code, None, NOW);
        assert_eq!(taken, right, "a code is the six digits of a step that is near");
        if let Some(step) = taken {
            assert_eq!(secret.accept(&code, Some(step), NOW), None, "a step is taken once");
        }
    });
}

#[test]
fn recovery_codes() {
    let (tenant, user) = (TenantId::parse("acme").expect("an id"), UserId::parse("alice").expect("an id"));
    let owner = RecoveryOwner { tenant: &tenant, user: &user };
    let key = DigestKey::new(KeyId::new("k1"), SecretBytes::new(vec![1; 32])).expect("a key");
    let bits = SecretBytes::new((0..100).map(|n| 2 * n + 1).collect());
    let (made, shown) = RecoveryCodes::draw(owner, &bits, &key, NOW);
    let plain: Vec<String> = shown.iter().map(|code| code.expose().replace('-', "")).collect();
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fuzz/corpus/recovery_code");
    Fuzz { corpus, more: vec![vec![b'-'; 2_000], vec![b'0'; 2_000]], inputs: 20_000 }.run(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return };
        let letters = text.chars().filter(|letter| !" -".contains(*letter));
        let read: String = letters.map(|letter| look_alike(letter.to_ascii_uppercase())).collect();
        let mut codes = made.clone();
        let outcome = codes.spend(owner, &Code::presented(text), &key);
        assert_eq!(outcome == CodeMatch::Matched, plain.contains(&read), "{read:?}");
        assert_eq!(codes.left(), made.left() - usize::from(outcome == CodeMatch::Matched));
        if outcome == CodeMatch::Matched {
            let again = codes.spend(owner, &Code::presented(text), &key);
            assert_eq!(again, CodeMatch::Mismatched, "a code is used once");
        }
    });
}

const fn look_alike(letter: char) -> char {
    match letter {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

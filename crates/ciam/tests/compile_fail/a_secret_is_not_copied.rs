//! A secret has no `Clone`.

use ciam::domain::FlowId;
use ciam::domain::challenge::{Code, DigestKey};
use ciam::domain::password::Password;
use ciam::domain::secret::{SecretBytes, SecretText};

fn main() {}

fn a_secret_is_not_copied(
    text: SecretText,
    bytes: SecretBytes,
    password: Password,
    code: Code,
    key: DigestKey,
    flow: FlowId,
) {
    drop(text.clone());
    drop(bytes.clone());
    drop(password.clone());
    drop(code.clone());
    drop(key.clone());
    drop(flow.clone());
}

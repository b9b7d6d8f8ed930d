//! A secret has no `Serialize`.

use ciam::domain::FlowId;
use ciam::domain::challenge::{Code, DigestKey};
use ciam::domain::password::Password;
use ciam::domain::secret::{SecretBytes, SecretText};
use serde::Serialize;

fn main() {}

fn a_secret_is_not_written(
    text: SecretText,
    bytes: SecretBytes,
    password: Password,
    code: Code,
    key: DigestKey,
    flow: FlowId,
) {
    drop(text.serialize(()));
    drop(bytes.serialize(()));
    drop(password.serialize(()));
    drop(code.serialize(()));
    drop(key.serialize(()));
    drop(flow.serialize(()));
}

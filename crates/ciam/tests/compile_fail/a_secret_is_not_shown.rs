//! A secret has no `Display`.

use ciam::domain::FlowId;
use ciam::domain::challenge::{Code, DigestKey};
use ciam::domain::password::Password;
use ciam::domain::secret::{SecretBytes, SecretText};

fn main() {}

fn a_secret_is_not_shown(
    text: SecretText,
    bytes: SecretBytes,
    password: Password,
    code: Code,
    key: DigestKey,
    flow: FlowId,
) {
    drop(format!("{}", text));
    drop(format!("{}", bytes));
    drop(format!("{}", password));
    drop(format!("{}", code));
    drop(format!("{}", key));
    drop(format!("{}", flow));
}

//! A secret has no `PartialEq`: it is compared in constant time or not at all.

use ciam::domain::FlowId;
use ciam::domain::challenge::{Code, DigestKey};
use ciam::domain::password::Password;
use ciam::domain::secret::{SecretBytes, SecretText};

fn main() {}

fn a_secret_is_not_compared(
    text: [SecretText; 2],
    bytes: [SecretBytes; 2],
    password: [Password; 2],
    code: [Code; 2],
    key: [DigestKey; 2],
    flow: [FlowId; 2],
) {
    drop(text[0] == text[1]);
    drop(bytes[0] == bytes[1]);
    drop(password[0] == password[1]);
    drop(code[0] == code[1]);
    drop(key[0] == key[1]);
    drop(flow[0] == flow[1]);
}

//! A passkey (`WebAuthn` Level 3).

use super::{Authenticator, MethodSpec};
use crate::session::Amr;

pub(super) const SPEC: MethodSpec = MethodSpec {
    name: "PASSKEY",
    authenticator: Authenticator::Passkey,
    channel: None,
    opened: |amr| *amr == Amr::Passkey,
    usable: |user| !user.passkeys.held.is_empty(),
    // Newer ones are told apart where one is presented: see [`User::passkeys_for`](crate::User::passkeys_for).
    enrolled_at: |user| user.passkeys.since(),
};

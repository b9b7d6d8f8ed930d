//! The password in use.

use super::{Authenticator, MethodSpec};
use crate::session::Amr;

pub(super) const SPEC: MethodSpec = MethodSpec {
    name: "PWD",
    authenticator: Authenticator::Password,
    channel: None,
    opened: |amr| *amr == Amr::Password,
    // One that must be changed proves nothing but the wish to change it.
    usable: |user| user.password.as_ref().is_some_and(|password| !password.must_change),
    enrolled_at: |_| None,
};

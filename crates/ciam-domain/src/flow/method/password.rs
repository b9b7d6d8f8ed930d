//! The password in use.

use super::{Authenticator, MethodSpec};
use crate::session::Amr;

pub(super) const SPEC: MethodSpec = MethodSpec {
    name: "PWD",
    authenticator: Authenticator::Password,
    channel: None,
    opened: |amr| *amr == Amr::Password,
    usable: |user| user.password.is_some(),
};

//! A code to the verified e-mail address.

use super::{Authenticator, MethodSpec};
use crate::session::Amr;
use crate::user::Channel;

pub(super) const SPEC: MethodSpec = MethodSpec {
    name: "EMAIL",
    authenticator: Authenticator::Code,
    channel: Some(Channel::Email),
    opened: |amr| matches!(amr, Amr::Email | Amr::Otp),
    usable: |user| user.verified_address(Channel::Email).is_some(),
    enrolled_at: |_| None,
};

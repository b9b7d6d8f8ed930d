//! A code to the verified phone.

use super::{Authenticator, MethodSpec};
use crate::session::Amr;
use crate::user::Channel;

pub(super) const SPEC: MethodSpec = MethodSpec {
    name: "SMS",
    authenticator: Authenticator::Code,
    channel: Some(Channel::Sms),
    opened: |amr| matches!(amr, Amr::Sms | Amr::Otp),
    usable: |user| user.verified_address(Channel::Sms).is_some(),
    enrolled_at: |_| None,
};

//! A code of an authenticator app (RFC 6238).

use super::{Authenticator, MethodSpec};
use crate::session::Amr;

pub(super) const SPEC: MethodSpec = MethodSpec {
    name: "TOTP",
    authenticator: Authenticator::Totp,
    channel: None,
    opened: |amr| *amr == Amr::Otp,
    usable: |user| user.factors.totp.is_some(),
    enrolled_at: |user| user.factors.totp.as_ref().map(|totp| totp.enrolled_at),
};

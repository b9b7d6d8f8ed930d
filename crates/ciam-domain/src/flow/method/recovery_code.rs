//! A recovery code: the last resort of who has lost a phone or an authenticator app.

use super::{Authenticator, MethodSpec};
use crate::session::Amr;

pub(super) const SPEC: MethodSpec = MethodSpec {
    name: "RECOVERY_CODE",
    authenticator: Authenticator::RecoveryCode,
    channel: None,
    // All are on one sheet: another code is no other factor.
    opened: |amr| *amr == Amr::Otp,
    usable: |user| user.factors.recovery_codes_left() > 0,
    enrolled_at: |user| user.factors.recovery_codes.as_ref().map(|codes| codes.made_at),
};

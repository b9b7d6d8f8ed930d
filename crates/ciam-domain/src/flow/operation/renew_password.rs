//! Replace a password that must be changed, on the way in.

use super::OperationSpec;
use crate::notice::NoticeKind;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "RENEW_PASSWORD",
    factor_purpose: "renew_password.second_factor",
    address_purpose: "renew_password.new_address",
    changes: None,
    factor_is_optional: false,
    notice: Some(NoticeKind::PasswordChanged),
};

//! Change the password.

use super::OperationSpec;
use crate::notice::NoticeKind;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "UPDATE_PASSWORD",
    factor_purpose: "update_password.second_factor",
    address_purpose: "update_password.new_address",
    changes: None,
    factor_is_optional: true,
    notice: Some(NoticeKind::PasswordChanged),
};

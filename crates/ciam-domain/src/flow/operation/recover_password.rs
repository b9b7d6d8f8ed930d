//! Replace a forgotten password.

use super::OperationSpec;
use crate::notice::NoticeKind;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "RECOVER_PASSWORD",
    factor_purpose: "recover_password.second_factor",
    address_purpose: "recover_password.new_address",
    changes: None,
    factor_is_optional: false,
    notice: Some(NoticeKind::PasswordChanged),
};

//! Call back a deletion.

use super::OperationSpec;
use crate::notice::NoticeKind;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "RESTORE_ACCOUNT",
    factor_purpose: "restore_account.second_factor",
    address_purpose: "restore_account.new_address",
    changes: None,
    factor_is_optional: false,
    notice: Some(NoticeKind::AccountRestored),
};

//! Delete the account.

use super::OperationSpec;
use crate::notice::NoticeKind;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "UNSUBSCRIBE",
    factor_purpose: "unsubscribe.second_factor",
    address_purpose: "unsubscribe.new_address",
    changes: None,
    factor_is_optional: false,
    notice: Some(NoticeKind::AccountDeleted),
};

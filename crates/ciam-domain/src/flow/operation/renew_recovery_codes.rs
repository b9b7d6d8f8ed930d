//! Make new recovery codes.

use super::OperationSpec;
use crate::notice::NoticeKind;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "RENEW_RECOVERY_CODES",
    factor_purpose: "renew_recovery_codes.second_factor",
    address_purpose: "renew_recovery_codes.new_address",
    changes: None,
    factor_is_optional: false,
    notice: Some(NoticeKind::RecoveryCodesRenewed),
};

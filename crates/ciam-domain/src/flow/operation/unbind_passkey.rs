//! Remove a passkey.

use super::OperationSpec;
use crate::notice::NoticeKind;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "UNBIND_PASSKEY",
    factor_purpose: "unbind_passkey.second_factor",
    address_purpose: "unbind_passkey.new_address",
    changes: None,
    factor_is_optional: false,
    notice: Some(NoticeKind::PasskeyRemoved),
};

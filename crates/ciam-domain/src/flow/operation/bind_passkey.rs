//! Put a passkey in place.

use super::OperationSpec;
use crate::notice::NoticeKind;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "BIND_PASSKEY",
    factor_purpose: "bind_passkey.second_factor",
    address_purpose: "bind_passkey.new_address",
    changes: None,
    factor_is_optional: false,
    notice: Some(NoticeKind::PasskeyAdded),
};

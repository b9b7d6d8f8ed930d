//! Unbind a device.

use super::OperationSpec;
use crate::notice::NoticeKind;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "UNBIND_GESTURE",
    factor_purpose: "unbind_gesture.second_factor",
    address_purpose: "unbind_gesture.new_address",
    changes: None,
    factor_is_optional: false,
    notice: Some(NoticeKind::GestureUnbound),
};

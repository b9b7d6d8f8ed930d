//! Bind a device, to sign in by gesture.

use super::OperationSpec;
use crate::notice::NoticeKind;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "BIND_GESTURE",
    factor_purpose: "bind_gesture.second_factor",
    address_purpose: "bind_gesture.new_address",
    changes: None,
    factor_is_optional: false,
    notice: Some(NoticeKind::GestureBound),
};

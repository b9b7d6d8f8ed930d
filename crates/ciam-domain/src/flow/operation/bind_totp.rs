//! Put an authenticator app in place.

use super::OperationSpec;
use crate::notice::NoticeKind;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "BIND_TOTP",
    factor_purpose: "bind_totp.second_factor",
    address_purpose: "bind_totp.new_address",
    changes: None,
    factor_is_optional: false,
    notice: Some(NoticeKind::TotpAdded),
};

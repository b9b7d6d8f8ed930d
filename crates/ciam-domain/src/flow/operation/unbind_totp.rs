//! Remove the authenticator app.

use super::OperationSpec;
use crate::notice::NoticeKind;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "UNBIND_TOTP",
    factor_purpose: "unbind_totp.second_factor",
    address_purpose: "unbind_totp.new_address",
    changes: None,
    factor_is_optional: false,
    notice: Some(NoticeKind::TotpRemoved),
};

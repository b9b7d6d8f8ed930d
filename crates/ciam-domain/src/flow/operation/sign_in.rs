//! Sign in.

use super::OperationSpec;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "SIGN_IN",
    factor_purpose: "sign_in.second_factor",
    address_purpose: "sign_in.new_address",
    changes: None,
    factor_is_optional: false,
    notice: None,
};

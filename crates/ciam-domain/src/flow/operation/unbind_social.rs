//! Unbind an account elsewhere.

use super::OperationSpec;
use crate::notice::NoticeKind;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "UNBIND_SOCIAL",
    factor_purpose: "unbind_social.second_factor",
    address_purpose: "unbind_social.new_address",
    changes: None,
    factor_is_optional: false,
    notice: Some(NoticeKind::SocialUnbound),
};

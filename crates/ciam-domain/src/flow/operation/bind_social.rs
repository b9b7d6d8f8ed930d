//! Bind an account elsewhere.

use super::OperationSpec;
use crate::notice::NoticeKind;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "BIND_SOCIAL",
    factor_purpose: "bind_social.second_factor",
    address_purpose: "bind_social.new_address",
    changes: None,
    factor_is_optional: false,
    notice: Some(NoticeKind::SocialBound),
};

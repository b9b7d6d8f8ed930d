//! Change the e-mail address.

use super::OperationSpec;
use crate::notice::NoticeKind;
use crate::user::Channel;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "UPDATE_EMAIL",
    factor_purpose: "update_email.second_factor",
    address_purpose: "update_email.new_address",
    changes: Some(Channel::Email),
    factor_is_optional: false,
    notice: Some(NoticeKind::EmailChanged),
};

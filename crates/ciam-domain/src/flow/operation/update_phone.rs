//! Change the phone number.

use super::OperationSpec;
use crate::notice::NoticeKind;
use crate::user::Channel;

pub(super) const SPEC: OperationSpec = OperationSpec {
    name: "UPDATE_PHONE",
    factor_purpose: "update_phone.second_factor",
    address_purpose: "update_phone.new_address",
    changes: Some(Channel::Sms),
    factor_is_optional: false,
    notice: Some(NoticeKind::PhoneChanged),
};

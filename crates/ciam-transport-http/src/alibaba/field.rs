//! Fields that a call needs, and how their absence and their defects are named.

use super::call::RequestError;

/// A field of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    FlowId,
    Type,
    OperateType,
    NewPassword,
    Email,
    PhoneNumber,
    PhoneRegion,
    Language,
    EngineCode,
    Code,
    EnterpriseAuthId,
    GestureSign,
    DeviceId,
    GestureAlgorithm,
    GestureKey,
    PasskeyId,
    Uuid,
}

impl Field {
    pub(super) const fn blank(self) -> &'static str {
        match self {
            Self::FlowId => "Params.Blank.FId",
            Self::Type => "Params.Blank.Type",
            Self::OperateType => "Params.Blank.Operate.Type",
            Self::NewPassword => "Params.Blank.User.Password",
            Self::Email => "Params.Blank.User.Email",
            Self::PhoneNumber => "Params.Blank.User.Phone.Number",
            Self::PhoneRegion => "Params.Blank.User.Phone.Region",
            Self::Language => "Params.Blank.Language",
            Self::EngineCode => "Params.Blank.Engine.Code",
            Self::Uuid => "Params.Blank.Uuid",
            Self::Code => "Params.Blank.Code",
            Self::EnterpriseAuthId => "Params.Blank.Enterprise.Auth.Id",
            Self::GestureSign => "Params.Blank.Gesture.Sign",
            Self::DeviceId => "Params.Blank.Device.Id",
            Self::GestureAlgorithm => "Params.Blank.Gesture.Algorithm",
            Self::GestureKey => "Params.Blank.Gesture.Key",
            Self::PasskeyId => "Params.Blank.Passkey.Id",
        }
    }

    pub(super) const fn illegal(self) -> &'static str {
        match self {
            Self::FlowId => "Params.Illegal.FId",
            Self::Type => "Params.Illegal.Type",
            Self::OperateType => "Params.Illegal.Operate.Type",
            Self::NewPassword => "Params.Illegal.User.Password",
            Self::Email => "Params.Illegal.User.Email",
            Self::PhoneNumber => "Params.Illegal.User.Phone.Number",
            Self::PhoneRegion => "Params.Illegal.User.Phone.Region",
            Self::Language => "Params.Illegal.Language",
            Self::EngineCode => "Params.Illegal.Engine.Code",
            Self::Uuid => "Params.Illegal.Uuid",
            Self::Code => "Params.Illegal.Code",
            Self::EnterpriseAuthId => "Params.Illegal.Enterprise.Auth.Id",
            Self::GestureSign => "Params.Illegal.Gesture.Sign",
            Self::DeviceId => "Params.Illegal.Device.Id",
            Self::GestureAlgorithm => "Params.Illegal.Gesture.Algorithm",
            Self::GestureKey => "Params.Illegal.Gesture.Key",
            Self::PasskeyId => "Params.Illegal.Passkey.Id",
        }
    }
}

/// A field that was filled; the vendor's clients send `""` for fields that they do not use.
pub(super) fn filled(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.trim().is_empty())
}

/// A field that the call cannot do without.
pub(super) fn required(text: Option<&str>, field: Field) -> Result<&str, RequestError> {
    filled(text).ok_or(RequestError::Blank(field))
}

/// An optional name of a language or gateway: one word, since it goes on into messages and logs.
pub(super) fn word(text: Option<&str>, field: Field) -> Result<Option<String>, RequestError> {
    let Some(text) = filled(text) else { return Ok(None) };
    let fits = text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    if fits { Ok(Some(text.to_owned())) } else { Err(RequestError::Illegal(field)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_holds_nothing_that_breaks_out_of_a_line() {
        assert_eq!(word(Some("zh_CN"), Field::Language), Ok(Some("zh_CN".to_owned())));
        for blank in [None, Some(""), Some(" ")] {
            assert_eq!(word(blank, Field::Language), Ok(None));
        }
        for text in ["a b", "zh\n", "\u{202e}", &"a".repeat(65)] {
            assert_eq!(word(Some(text), Field::EngineCode), Err(RequestError::Illegal(Field::EngineCode)));
        }
    }
}

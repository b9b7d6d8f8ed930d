//! `GET /captcha?fId=…`, and the captcha fields of the calls that send codes.

use ciam::domain::FlowId;
use ciam::domain::secret::SecretText;
use ciam::{CaptchaAnswer, Error, Failure};

use super::call::{Call, RequestError, StepError};
use super::envelope::Reply;
use super::field::{Field, filled, required};
use crate::secret_field::SecretField;

/// A host that draws no captchas has no such path.
pub(super) async fn fetch(call: Call) -> Result<Reply, StepError> {
    let flow = FlowId::presented(required(call.parameter("fId", Field::FlowId)?, Field::FlowId)?);
    match call.ciam.draw_captcha(&call.who, &flow).await {
        Err(Error::Failed(Failure::NotOffered)) => Err(RequestError::UnknownPath.into()),
        drawn => Ok(Reply::Captcha(drawn?)),
    }
}

/// A captcha of which both fields are filled; the vendor's clients send `""` where they have none.
pub(super) fn answer(code: Option<&SecretField>, text: Option<&SecretField>) -> Option<CaptchaAnswer> {
    let part = |field: Option<&SecretField>| {
        filled(field.map(|field| field.0.expose())).map(|text| SecretText::new(text.to_owned()))
    };
    Some(CaptchaAnswer { code: part(code)?, text: part(text)? })
}

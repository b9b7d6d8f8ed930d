//! `POST /user/2fa/obtain_code` and `POST /user/2fa/verify_code`.

use ciam::domain::FlowId;
use ciam::domain::challenge::Code;
use ciam::domain::flow::Method;
use ciam::domain::secret::SecretText;
use ciam::{FactorCodeRequest, Wording};
use serde::Deserialize;
use serde_json::Value;

use super::call::{Call, RequestError, StepError};
use super::envelope::Reply;
use super::field::{Field, required, word};
use super::refusal::Place;
use super::{captcha, passkey};
use crate::secret_field::SecretField;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Obtain {
    f_id: Option<SecretField>,
    r#type: Option<String>,
    language: Option<String>,
    engine_code: Option<String>,
    captcha_code: Option<SecretField>,
    captcha_text: Option<SecretField>,
}

pub(super) async fn obtain(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Obtain>().await?;
    let flow = flow_id(body.f_id.as_ref())?;
    let method = method(body.r#type.as_deref(), Place::ObtainFactor)?;
    let language = word(body.language.as_deref(), Field::Language)?;
    let gateway = word(body.engine_code.as_deref(), Field::EngineCode)?;
    let wording = Wording { language, gateway };
    let captcha = captcha::answer(body.captcha_code.as_ref(), body.captcha_text.as_ref());
    ciam.send_factor_code(&who, FactorCodeRequest { flow: &flow, method, wording, captcha }).await?;
    Ok(Reply::CodeSent(flow))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verify {
    f_id: Option<SecretField>,
    r#type: Option<String>,
    code: Option<SecretField>,
    password: Option<SecretField>,
    credential: Option<Value>,
}

/// A code, password or passkey that is absent, null or empty goes on as an empty one, so that it costs an attempt.
pub(super) async fn verify(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Verify>().await?;
    let flow = flow_id(body.f_id.as_ref())?;
    let next = match method(body.r#type.as_deref(), Place::VerifyFactor)? {
        Method::Password => {
            let password = body.password.map_or_else(|| SecretText::new(String::new()), |field| field.0);
            ciam.verify_factor_password(&who, &flow, &password).await?
        }
        Method::Passkey => {
            ciam.verify_factor_passkey(&who, &flow, &passkey::answer(body.credential.as_ref())).await?
        }
        method @ (Method::Sms | Method::Email | Method::Totp | Method::RecoveryCode) => {
            ciam.verify_factor_code(&who, &flow, method, &code(body.code.as_ref())).await?
        }
    };
    Ok(Reply::Flow(flow, next))
}

fn method(name: Option<&str>, place: Place) -> Result<Method, RequestError> {
    Method::parse(required(name, Field::Type)?).ok_or(RequestError::UnknownFactor(place))
}

pub(super) fn flow_id(field: Option<&SecretField>) -> Result<FlowId, RequestError> {
    required(field.map(|field| field.0.expose()), Field::FlowId).map(FlowId::presented)
}

pub(super) fn code(field: Option<&SecretField>) -> Code {
    Code::presented(field.map_or("", |field| field.0.expose()))
}

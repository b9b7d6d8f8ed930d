//! `POST /user/change_phone_or_email/obtain_code` and `…/verify_code`. Unknown fields are refused: one that
//! names another target must not pass unseen.

use ciam::domain::user::Channel;
use ciam::{ContactCodeRequest, NewContact, Wording};
use serde::Deserialize;

use super::call::{Call, RequestError, StepError};
use super::captcha;
use super::envelope::Reply;
use super::field::{Field, filled, required, word};
use super::second_factor::{code, flow_id};
use crate::secret_field::SecretField;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Obtain {
    f_id: Option<SecretField>,
    r#type: Option<String>,
    email: Option<String>,
    phone_number: Option<String>,
    phone_region: Option<String>,
    language: Option<String>,
    engine_code: Option<String>,
    captcha_code: Option<SecretField>,
    captcha_text: Option<SecretField>,
}

impl Obtain {
    /// The address of the kind that `type` names, and none of the other kind (ASVS 5.0, 2.2.3).
    fn contact(&self) -> Result<NewContact<'_>, RequestError> {
        let (email, number) = (self.email.as_deref(), self.phone_number.as_deref());
        match channel(self.r#type.as_deref())? {
            Channel::Email if filled(number).is_some() => Err(RequestError::Illegal(Field::PhoneNumber)),
            Channel::Sms if filled(email).is_some() => Err(RequestError::Illegal(Field::Email)),
            Channel::Email => required(email, Field::Email).map(NewContact::Email),
            Channel::Sms => Ok(NewContact::Phone {
                number: required(number, Field::PhoneNumber)?,
                region: filled(self.phone_region.as_deref()),
            }),
        }
    }
}

pub(super) async fn obtain(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Obtain>().await?;
    let flow = flow_id(body.f_id.as_ref())?;
    let contact = body.contact()?;
    let language = word(body.language.as_deref(), Field::Language)?;
    let gateway = word(body.engine_code.as_deref(), Field::EngineCode)?;
    let wording = Wording { language, gateway };
    let captcha = captcha::answer(body.captcha_code.as_ref(), body.captcha_text.as_ref());
    ciam.send_contact_code(&who, ContactCodeRequest { flow: &flow, contact, wording, captcha }).await?;
    Ok(Reply::CodeSent(flow))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Verify {
    f_id: Option<SecretField>,
    r#type: Option<String>,
    code: Option<SecretField>,
    #[serde(rename = "language")]
    _language: Option<String>,
    #[serde(rename = "engineCode")]
    _engine_code: Option<String>,
    #[serde(rename = "captchaCode")]
    _captcha_code: Option<String>,
    #[serde(rename = "captchaText")]
    _captcha_text: Option<String>,
}

pub(super) async fn verify(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Verify>().await?;
    let flow = flow_id(body.f_id.as_ref())?;
    let channel = channel(body.r#type.as_deref())?;
    ciam.change_contact(&who, &flow, channel, &code(body.code.as_ref())).await?;
    Ok(Reply::Done)
}

fn channel(name: Option<&str>) -> Result<Channel, RequestError> {
    Channel::parse(required(name, Field::Type)?).ok_or(RequestError::Illegal(Field::Type))
}

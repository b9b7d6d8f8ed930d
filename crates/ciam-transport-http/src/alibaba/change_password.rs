//! `PUT /user/change_pwd`.

use serde::Deserialize;

use super::call::{Call, RequestError, StepError};
use super::envelope::Reply;
use super::field::Field;
use super::second_factor::flow_id;
use crate::secret_field::SecretField;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Change {
    f_id: Option<SecretField>,
    new_password: Option<SecretField>,
}

pub(super) async fn change(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Change>().await?;
    let flow = flow_id(body.f_id.as_ref())?;
    let new = body.new_password.filter(|new| !new.0.expose().is_empty());
    let new = new.ok_or(RequestError::Blank(Field::NewPassword))?;
    ciam.change_password(&who, &flow, &new.0).await?;
    Ok(Reply::Done)
}

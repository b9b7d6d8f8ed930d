//! `POST /user/unsubscribe`.

use serde::Deserialize;

use super::call::{Call, StepError};
use super::envelope::Reply;
use super::second_factor::flow_id;
use crate::secret_field::SecretField;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delete {
    f_id: Option<SecretField>,
}

pub(super) async fn delete(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Delete>().await?;
    let flow = flow_id(body.f_id.as_ref())?;
    ciam.delete_account(&who, &flow).await?;
    Ok(Reply::Done)
}

//! `GET /user/token/check`.

use super::call::{Call, StepError};
use super::envelope::Reply;

pub(super) async fn check(call: Call) -> Result<Reply, StepError> {
    call.ciam.check_token(&call.who).await?;
    Ok(Reply::TokenValid)
}

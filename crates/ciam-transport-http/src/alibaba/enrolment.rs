//! Calls of this project beside the vendor's: `POST /user/totp/begin`, `/user/totp/confirm`, `/user/totp/remove` and
//! `/user/recovery_code/renew`.

use ciam::Proven;
use ciam::domain::FlowId;
use ciam::domain::secret::SecretText;
use serde::Deserialize;

use super::call::{Call, StepError};
use super::envelope::Reply;
use super::field::filled;
use super::second_factor::code;
use crate::secret_field::SecretField;

/// What proves the person: a flow, the password, or, where both are blank, that they signed in just now.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Grounds {
    f_id: Option<SecretField>,
    password: Option<SecretField>,
}

impl Grounds {
    pub(super) fn flow(&self) -> Option<FlowId> {
        filled(self.f_id.as_ref().map(|field| field.0.expose())).map(FlowId::presented)
    }

    pub(super) fn proven<'a>(&'a self, flow: Option<&'a FlowId>) -> Proven<'a> {
        let password = self.password.as_ref().map(|field| &field.0);
        match (flow, password.filter(|password: &&SecretText| !password.expose().is_empty())) {
            (Some(flow), _) => Proven::Flow(flow),
            (None, Some(password)) => Proven::Password(password),
            (None, None) => Proven::FreshSession,
        }
    }
}

pub(super) async fn begin_totp(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Grounds>().await?;
    let flow = body.flow();
    Ok(Reply::Totp(ciam.begin_totp(&who, body.proven(flow.as_ref())).await?))
}

#[derive(Deserialize)]
struct Confirm {
    code: Option<SecretField>,
}

pub(super) async fn confirm_totp(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Confirm>().await?;
    ciam.confirm_totp(&who, &code(body.code.as_ref())).await?;
    Ok(Reply::Done)
}

pub(super) async fn remove_totp(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Grounds>().await?;
    let flow = body.flow();
    ciam.remove_totp(&who, body.proven(flow.as_ref())).await?;
    Ok(Reply::Done)
}

pub(super) async fn renew_recovery_codes(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Grounds>().await?;
    let flow = body.flow();
    Ok(Reply::RecoveryCodes(ciam.renew_recovery_codes(&who, body.proven(flow.as_ref())).await?))
}

//! Calls of this project beside the vendor's: `/user/passkey/begin`, `confirm`, `list`, `remove` and `challenge`. A
//! passkey proves its person by `POST /user/2fa/verify_code`.

use ciam::OwnPasskey;
use ciam::domain::Instant;
use ciam::ports::PasskeyAnswer;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::{Call, RequestError, StepError};
use super::enrolment::Grounds;
use super::envelope::Reply;
use super::field::{Field, required};
use super::second_factor::flow_id;
use crate::secret_field::SecretField;
use crate::webauthn;

/// What a client hands to the browser, and until when the answer counts, in milliseconds since the epoch.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ceremony {
    public_key: Value,
    expire_time: i64,
}

impl Ceremony {
    fn told(public_key: Value, until: Instant) -> Reply {
        Reply::Passkey(Self { public_key, expire_time: millis(until) })
    }
}

pub(super) async fn begin(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Grounds>().await?;
    let flow = body.flow();
    let creation = ciam.begin_passkey(&who, body.proven(flow.as_ref())).await?;
    Ok(Ceremony::told(webauthn::creation_options(&creation), creation.until))
}

#[derive(Deserialize)]
struct Confirm {
    name: Option<String>,
    credential: Option<Value>,
}

/// A name that is absent, and an answer that is none, are for the use case to refuse.
pub(super) async fn confirm(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Confirm>().await?;
    let name = body.name.unwrap_or_default();
    ciam.confirm_passkey(&who, &name, &answer(body.credential.as_ref())).await?;
    Ok(Reply::Done)
}

pub(super) async fn list(call: Call) -> Result<Reply, StepError> {
    let passkeys = call.ciam.own_passkeys(&call.who).await?;
    Ok(Reply::Passkeys(passkeys.iter().map(Passkey::from).collect()))
}

#[derive(Deserialize)]
struct Remove {
    id: Option<String>,
    #[serde(flatten)]
    grounds: Grounds,
}

pub(super) async fn remove(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Remove>().await?;
    let id = required(body.id.as_deref(), Field::PasskeyId)?;
    let id = webauthn::read_credential_id(id).ok_or(RequestError::Illegal(Field::PasskeyId))?;
    let flow = body.grounds.flow();
    ciam.remove_passkey(&who, body.grounds.proven(flow.as_ref()), &id).await?;
    Ok(Reply::Done)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Challenge {
    f_id: Option<SecretField>,
}

pub(super) async fn challenge(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Challenge>().await?;
    let request = ciam.ask_for_passkey(&who, &flow_id(body.f_id.as_ref())?).await?;
    Ok(Ceremony::told(webauthn::request_options(&request), request.until))
}

/// An answer as the use case takes it: an absent one goes on as none, so that it costs an attempt.
pub(super) fn answer(credential: Option<&Value>) -> PasskeyAnswer {
    PasskeyAnswer::new(credential.map_or_else(String::new, Value::to_string))
}

/// A passkey on the wire; moments in milliseconds since the epoch.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Passkey {
    id: String,
    name: String,
    backup: &'static str,
    create_time: i64,
    last_use_time: Option<i64>,
}

impl From<&OwnPasskey> for Passkey {
    fn from(own: &OwnPasskey) -> Self {
        Self {
            id: webauthn::credential_id(&own.id),
            name: own.name.as_str().to_owned(),
            backup: own.backup.as_str(),
            create_time: millis(own.created_at),
            last_use_time: own.used_at.map(millis),
        }
    }
}

fn millis(at: Instant) -> i64 {
    at.unix_micros().div_euclid(1_000)
}

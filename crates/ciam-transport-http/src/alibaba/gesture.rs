//! `POST /user/gesture/bind`, and what the vendor's document leaves out: challenges and keys of devices. Unknown fields
//! are refused: a key must not pass unseen.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ciam::domain::DeviceId;
use ciam::domain::gesture::GestureAlgorithm;
use ciam::domain::secret::{SecretBytes, SecretText};
use ciam::domain::user::GestureStage;
use ciam::{NewDevice, OwnDevice, Proven};
use serde::{Deserialize, Serialize};

use super::call::{Call, RequestError, StepError};
use super::envelope::Reply;
use super::field::{Field, required};
use crate::secret_field::SecretField;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Bind {
    gesture_sign: Option<SecretField>,
}

/// Needs a sign-in of just now; the sign is looked at in the use case.
pub(super) async fn bind(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Bind>().await?;
    let sign = secret(body.gesture_sign.as_ref(), Field::GestureSign)?;
    ciam.bind_gesture(&who, Proven::FreshSession, sign).await?;
    Ok(Reply::GestureBound)
}

pub(super) async fn challenge(call: Call) -> Result<Reply, StepError> {
    let device = device(call.parameter("deviceId", Field::DeviceId)?)?;
    Ok(Reply::GestureChallenge(call.ciam.gesture_bind_challenge(&call.who, &device).await?))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Register {
    device_id: Option<String>,
    algorithm: Option<String>,
    key: Option<SecretField>,
}

pub(super) async fn register(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Register>().await?;
    let device = device(body.device_id.as_deref())?;
    let algorithm = required(body.algorithm.as_deref(), Field::GestureAlgorithm)?;
    let algorithm =
        GestureAlgorithm::parse(algorithm).ok_or(RequestError::Illegal(Field::GestureAlgorithm))?;
    let key = key(secret(body.key.as_ref(), Field::GestureKey)?)?;
    let new = NewDevice { device: &device, algorithm, key: &key };
    ciam.register_gesture(&who, Proven::FreshSession, new).await?;
    Ok(Reply::Done)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Unbind {
    device_id: Option<String>,
}

pub(super) async fn unbind(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Unbind>().await?;
    let device = device(body.device_id.as_deref())?;
    ciam.unbind_gesture(&who, Proven::FreshSession, &device).await?;
    Ok(Reply::Done)
}

pub(super) async fn list(call: Call) -> Result<Reply, StepError> {
    let devices = call.ciam.own_devices(&call.who).await?;
    Ok(Reply::Devices(devices.iter().map(Device::from).collect()))
}

/// A device on the wire; moments in milliseconds since the epoch.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Device {
    #[serde(rename = "deviceId")]
    id: String,
    algorithm: &'static str,
    bound: bool,
    create_time: i64,
    bind_time: Option<i64>,
}

impl From<&OwnDevice> for Device {
    fn from(known: &OwnDevice) -> Self {
        let bound_at = match known.stage {
            GestureStage::Registered => None,
            GestureStage::Bound { at } => Some(at),
        };
        Self {
            id: known.device.as_str().to_owned(),
            algorithm: known.algorithm.as_str(),
            bound: bound_at.is_some(),
            create_time: known.registered_at.unix_micros().div_euclid(1_000),
            bind_time: bound_at.map(|at| at.unix_micros().div_euclid(1_000)),
        }
    }
}

fn device(text: Option<&str>) -> Result<DeviceId, RequestError> {
    let text = required(text, Field::DeviceId)?;
    DeviceId::parse(text).map_err(|_| RequestError::Illegal(Field::DeviceId))
}

fn secret(field: Option<&SecretField>, name: Field) -> Result<&SecretText, RequestError> {
    let text = field.map(|SecretField(text)| text);
    text.filter(|text| !text.expose().trim().is_empty()).ok_or(RequestError::Blank(name))
}

/// A key in either alphabet of base64 (RFC 4648, 4 and 5), with or without padding.
fn key(text: &SecretText) -> Result<SecretBytes, RequestError> {
    let text = text.expose().trim_end_matches('=');
    let bytes = URL_SAFE_NO_PAD.decode(text).or_else(|_| STANDARD_NO_PAD.decode(text));
    bytes.map(SecretBytes::new).map_err(|_| RequestError::Illegal(Field::GestureKey))
}

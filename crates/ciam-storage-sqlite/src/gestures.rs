//! Devices that sign in by gesture: one JSON column with a version beside the account.

use std::borrow::Cow;

use ciam_ports::StoreError;
use ciam_ports::domain::gesture::{GestureAlgorithm, StoredDeviceKey};
use ciam_ports::domain::user::{GestureDevice, GestureStage};
use ciam_ports::domain::{DeviceId, Instant};
use serde::{Deserialize, Serialize};

use crate::error::unreadable;

const VERSION: u16 = 1;
const COLUMN: &str = "ciam_users.gestures";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnV1<'a> {
    v: u16,
    #[serde(borrow)]
    devices: Vec<DeviceV1<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DeviceV1<'a> {
    device: Cow<'a, str>,
    algorithm: Cow<'a, str>,
    /// In hexadecimal.
    key: Cow<'a, str>,
    registered_at: i64,
    /// Not there before the device is bound.
    bound_at: Option<i64>,
}

/// The column; nothing where there is no device.
pub(crate) fn write(devices: &[GestureDevice]) -> Result<Option<String>, StoreError> {
    if devices.is_empty() {
        return Ok(None);
    }
    let rows = devices.iter().map(|GestureDevice { device, key, registered_at, stage }| DeviceV1 {
        device: device.as_str().into(),
        algorithm: key.algorithm().as_str().into(),
        key: hex::encode(key.to_bytes()).into(),
        registered_at: registered_at.unix_micros(),
        bound_at: match stage {
            GestureStage::Registered => None,
            GestureStage::Bound { at } => Some(at.unix_micros()),
        },
    });
    let column = ColumnV1 { v: VERSION, devices: rows.collect() };
    serde_json::to_string(&column).map(Some).map_err(|_| unreadable(COLUMN))
}

pub(crate) fn read(text: &str) -> Result<Vec<GestureDevice>, StoreError> {
    parse(text).ok_or_else(|| unreadable(COLUMN))
}

fn parse(text: &str) -> Option<Vec<GestureDevice>> {
    let ColumnV1 { v: VERSION, devices } = serde_json::from_str(text).ok()? else { return None };
    let read = |row: DeviceV1<'_>| {
        let algorithm = GestureAlgorithm::parse(&row.algorithm)?;
        Some(GestureDevice {
            device: DeviceId::parse(&row.device).ok()?,
            key: StoredDeviceKey::from_bytes(algorithm, &hex::decode(&*row.key).ok()?)?,
            registered_at: Instant::from_unix_micros(row.registered_at),
            stage: row.bound_at.map_or(GestureStage::Registered, |at| GestureStage::Bound {
                at: Instant::from_unix_micros(at),
            }),
        })
    };
    devices.into_iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_come_back_whole_and_in_their_order() {
        let device = |name: &str, key, stage| GestureDevice {
            device: DeviceId::parse(name).unwrap(),
            key,
            registered_at: Instant::from_unix_micros(7),
            stage,
        };
        let written = vec![
            device("z", StoredDeviceKey::EcdsaP256([4; 65]), GestureStage::Registered),
            device(
                "a",
                StoredDeviceKey::Ed25519([9; 32]),
                GestureStage::Bound { at: Instant::from_unix_micros(8) },
            ),
        ];
        let text = write(&written).unwrap().unwrap();
        assert_eq!(read(&text).unwrap(), written);
        assert_eq!(write(&[]).unwrap(), None);
        for broken in ["", "{}", "[]", &text.replace("\"v\":1", "\"v\":2"), &text.replace("ES256", "ED25519")]
        {
            assert!(read(broken).is_err(), "{broken}");
        }
    }
}

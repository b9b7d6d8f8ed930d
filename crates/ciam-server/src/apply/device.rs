//! `[[device]]`: the key of a device of somebody's. It signs in once the device has proven to hold it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ciam::domain::gesture::GestureAlgorithm;
use ciam::domain::identifier::{Login, Username};
use ciam::domain::secret::SecretBytes;
use ciam::domain::user::{GestureDevice, User};
use ciam::domain::{DeviceId, TenantId};
use ciam::{Authority, Ciam, NewDevice};
use serde::Deserialize;

use super::section::{Did, Put, Reading, Section};
use crate::secret_place::SecretPlace;
use crate::stop::Stop;
use crate::user::refused;

/// `[[device]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Device {
    username: String,
    #[serde(rename = "device")]
    id: String,
    algorithm: String,
    public_key: Option<String>,
    secret_key: Option<SecretPlace>,
}

/// A device to be known.
pub(super) struct Known {
    username: Username,
    device: DeviceId,
    algorithm: GestureAlgorithm,
    key: SecretBytes,
}

impl Section for Device {
    type Wanted = Known;

    fn check(self, reading: &Reading<'_>) -> Result<Known, String> {
        let algorithm = GestureAlgorithm::parse(&self.algorithm)
            .ok_or_else(|| "algorithm: it is ED25519, ES256 or A256GCM".to_owned())?;
        let shared = algorithm == GestureAlgorithm::Aes256;
        let decoded =
            |text: &str| STANDARD.decode(text.trim()).map_err(|_| "the key is no base64".to_owned());
        let key = match (self.public_key, self.secret_key) {
            (Some(text), None) if !shared => decoded(&text)?,
            (None, Some(place)) if shared => {
                let text = place.read(reading.beside).map_err(|error| format!("secret_key: {error}"))?;
                decoded(text.expose())?
            }
            _ => return Err("A256GCM has a secret_key, the others a public_key".to_owned()),
        };
        Ok(Known {
            username: Username::parse(&self.username).map_err(|error| format!("username: {error}"))?,
            device: DeviceId::parse(&self.id).map_err(|error| format!("device: {error}"))?,
            algorithm,
            key: SecretBytes::new(key),
        })
    }

    fn name(known: &Known) -> String {
        format!("{}/{}", known.username.canonical(), known.device)
    }

    async fn put(known: Known, ciam: &Ciam) -> Result<Put, Stop> {
        let (id, tenant) = (Self::name(&known), TenantId::default());
        let login = Login::Username(known.username.clone());
        let found = ciam.find_user(Authority::Host, &tenant, &login).await;
        let Some(user) = found.map_err(|error| refused(&error))? else {
            return Err(Stop::Refused("there is no account of that name".to_owned()));
        };
        if let Some(there) = user.gesture(&known.device) {
            return Ok(Put { differs: known.differences(there), ..Put::of(id, Did::Unchanged) });
        }
        known.register(&user, ciam).await?;
        Ok(Put::of(id, Did::Created))
    }
}

impl Known {
    async fn register(&self, user: &User, ciam: &Ciam) -> Result<(), Stop> {
        let new = NewDevice { device: &self.device, algorithm: self.algorithm, key: &self.key };
        let made = ciam.register_user_gesture(Authority::Host, (&user.tenant, &user.id), new).await;
        made.map_err(|error| refused(&error))
    }

    /// Of a key that is shared nothing is compared.
    fn differences(&self, there: &GestureDevice) -> Vec<&'static str> {
        if there.key.algorithm() != self.algorithm {
            return vec!["algorithm"];
        }
        let shared = self.algorithm == GestureAlgorithm::Aes256;
        if shared || there.key.to_bytes() == self.key.expose() { Vec::new() } else { vec!["public_key"] }
    }
}

//! Challenges that devices sign: sealed, so that nothing is kept of those that nobody answers.

use std::time::Duration;

use ciam_domain::encrypted::{EncryptedSecret, SecretOwner, SecretPurpose};
use ciam_domain::gesture::{DeviceKey, GestureAction, GestureBinding, StoredDeviceKey};
use ciam_domain::rate::{Rate, RateKey, RateRule, RateScope};
use ciam_domain::refusal::GestureRefusal;
use ciam_domain::seal::SealPurpose;
use ciam_domain::secret::SecretText;
use ciam_domain::user::User;
use ciam_domain::{DeviceId, Instant, TenantId, UserId};
use ciam_ports::{Commit, GestureVerifier, KeysError, StoreError};

use crate::audit::Deed;
use crate::{Ciam, Error, Failure, Principal, handle, step};

/// How long a challenge can be answered (ASVS 5.0, 6.7.2).
const TTL: Duration = Duration::from_mins(1);

/// How long an answered challenge is remembered: longer than any lives, also one of a host whose clock is ahead.
const MEMORY: Duration = Duration::from_mins(20);

/// Tries of one device in a row after which no more is compared, and its key is forgotten (NIST SP 800-63B-4, 3.2.3).
pub(crate) const MOST_FAILURES: u32 = 50;

/// A challenge for a device to sign.
#[derive(Debug)]
#[non_exhaustive]
pub struct GestureChallenge {
    /// The challenge; it goes into the sign as it is.
    pub text: SecretText,
    /// From when no sign of it counts any more.
    pub expires_at: Instant,
}

/// A sign that its device's key vouches for.
pub(crate) struct Vouched {
    pub(crate) device: DeviceId,
    pub(crate) key: StoredDeviceKey,
}

/// Five at once, then pauses from 30 seconds to an hour; the row ends with a success, or after 30 days without a try.
const PATIENCE: RateRule = RateRule::Backoff {
    free: 5,
    base: Duration::from_secs(30),
    cap: Duration::from_hours(1),
    forget: Some(Duration::from_hours(30 * 24)),
    max: Some(MOST_FAILURES),
};

/// The count of a device of a person, or of nobody under a name.
pub(crate) fn device_rate(person: &UserId, name: &str, device: &DeviceId) -> Rate {
    let name = if *person == UserId::nobody() { name } else { "" };
    let key = RateKey::new(RateScope::GestureDevice, &[person.as_str(), name, device.as_str()]);
    Rate { key, rule: PATIENCE }
}

impl Ciam {
    /// A challenge for a device to sign in by, whether or not anybody has such a device. Reads and writes nothing.
    ///
    /// # Errors
    /// [`Failure::NotOffered`] without a verifier; a failure of keys or chance.
    pub async fn gesture_challenge(
        &self,
        tenant: &TenantId,
        device: &DeviceId,
    ) -> Result<GestureChallenge, Error> {
        self.challenge(&GestureBinding { tenant, device, action: GestureAction::SignIn }).await
    }

    /// A challenge for a device to be bound to this person by. Reads and writes nothing.
    ///
    /// # Errors
    /// As of [`Ciam::gesture_challenge`].
    pub async fn gesture_bind_challenge(
        &self,
        who: &Principal,
        device: &DeviceId,
    ) -> Result<GestureChallenge, Error> {
        let action = GestureAction::Bind(who.user());
        self.challenge(&GestureBinding { tenant: who.tenant(), device, action }).await
    }

    async fn challenge(&self, binding: &GestureBinding<'_>) -> Result<GestureChallenge, Error> {
        self.gestures()?;
        let expires_at = self.ports.clock.now().after(TTL);
        let (nonce, end) = (hex::encode(self.random_bits()?), expires_at.unix_micros().to_string());
        let sealed = sealed(binding, (&nonce, &end));
        let text = self.sealed(SealPurpose::GestureChallenge, &sealed, &[&nonce, &end]).await?;
        Ok(GestureChallenge { text, expires_at })
    }

    /// Whether this is a live challenge of that binding which nobody has answered; of any number of answers at once, on
    /// whatever host, one gets beyond this.
    pub(crate) async fn answers(
        &self,
        deed: &Deed<'_>,
        binding: &GestureBinding<'_>,
        challenge: &SecretText,
    ) -> Result<bool, Error> {
        let Some([nonce, end, mac, key]) = handle::parts(challenge.expose()) else { return Ok(false) };
        let live = end.parse().is_ok_and(|end| deed.now < Instant::from_unix_micros(end));
        let sealed = sealed(binding, (nonce, end));
        if !live || !self.is_sealed(SealPurpose::GestureChallenge, &sealed, (key, mac)).await? {
            return Ok(false);
        }
        let key = RateKey::new(RateScope::GestureChallenge, &[nonce]);
        let once = Rate { key, rule: RateRule::Window { max: 1, span: MEMORY } };
        match self.ports.store.commit(Commit { rates: vec![once], ..step::commit(deed) }).await {
            Err(StoreError::Limited { .. }) => Ok(false),
            used => Ok(used.map(|()| true)?),
        }
    }

    pub(crate) fn gestures(&self) -> Result<&dyn GestureVerifier, Error> {
        self.gestures.as_deref().ok_or_else(|| Failure::NotOffered.into())
    }

    /// Whether a person could still sign in if the account was as it is here.
    pub(crate) async fn still_gets_in(&self, user: &User) -> Result<bool, Error> {
        let sources = match self.sources(&user.tenant).await {
            Err(Error::Failed(Failure::NotOffered)) => Vec::new(),
            read => read?,
        };
        Ok(self.has_a_way_in(user, &sources))
    }

    /// The key as it is stored for a person.
    pub(crate) async fn stored_key(
        &self,
        (tenant, user): (&TenantId, &UserId),
        key: &DeviceKey,
    ) -> Result<StoredDeviceKey, Error> {
        Ok(match key {
            DeviceKey::Ed25519(key) => StoredDeviceKey::Ed25519(*key),
            DeviceKey::EcdsaP256(key) => StoredDeviceKey::EcdsaP256(*key),
            DeviceKey::Aes256(secret) => {
                let owner = SecretOwner { tenant, user, purpose: SecretPurpose::GestureKey };
                let current = self.ports.keys.current().await?;
                let mut nonce = [0; 12];
                self.ports.random.fill(&mut nonce)?;
                let encrypted = EncryptedSecret::new(secret, &owner, &current, nonce);
                StoredDeviceKey::Aes256(encrypted.map_err(|error| KeysError(Box::new(error)))?)
            }
        })
    }

    /// The key as a verifier takes it; `None` where it cannot be had any more.
    async fn device_key(&self, user: &User, stored: &StoredDeviceKey) -> Result<Option<DeviceKey>, Error> {
        Ok(match stored {
            StoredDeviceKey::Ed25519(key) => Some(DeviceKey::Ed25519(*key)),
            StoredDeviceKey::EcdsaP256(key) => Some(DeviceKey::EcdsaP256(*key)),
            StoredDeviceKey::Aes256(encrypted) => {
                let (tenant, user) = (&user.tenant, &user.id);
                let owner = SecretOwner { tenant, user, purpose: SecretPurpose::GestureKey };
                let key = self.ports.keys.by_id(encrypted.key()).await?;
                key.and_then(|key| encrypted.decrypt(&owner, &key).ok()).map(DeviceKey::Aes256)
            }
        })
    }

    /// Whether a key of the person's made the sign over a name of the person's.
    pub(crate) async fn vouch(
        &self,
        (user, stored): (&User, &StoredDeviceKey),
        sign: &SecretText,
    ) -> Result<Result<(), GestureRefusal>, Error> {
        let Some(key) = self.device_key(user, stored).await? else {
            return Ok(Err(GestureRefusal::WrongSign));
        };
        let vouched = self.gestures()?.verify(sign, &key).await.map_err(Failure::from)?;
        let Some(name) = vouched else { return Ok(Err(GestureRefusal::WrongSign)) };
        if name.trim().is_empty() {
            return Ok(Err(GestureRefusal::NoName));
        }
        let login = self.parse_login(&name);
        let own = login.is_some_and(|login| user.logins().contains(&login));
        Ok(if own { Ok(()) } else { Err(GestureRefusal::WrongName) })
    }
}

/// What the seal of a challenge is over.
fn sealed<'a>(binding: &GestureBinding<'a>, (nonce, end): (&'a str, &'a str)) -> [&'a [u8]; 6] {
    let [tenant, device, action, user] = binding.parts();
    [tenant, device, action, user, nonce.as_bytes(), end.as_bytes()]
}

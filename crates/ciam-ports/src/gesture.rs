//! Signs of devices: what a face or a finger unlocks the key for.

use async_trait::async_trait;
use ciam_domain::DeviceId;
use ciam_domain::gesture::DeviceKey;
use ciam_domain::secret::SecretText;

/// The sign could not be looked at; whatever waits for it is refused.
#[derive(Debug, thiserror::Error)]
#[error("signs of devices cannot be verified")]
pub struct GestureError(#[source] pub crate::Source);

/// What a sign says of itself, before anything of it is verified.
#[derive(Debug)]
pub struct PresentedGesture {
    /// The device that it is of.
    pub device: DeviceId,
    /// The challenge that it answers.
    pub challenge: SecretText,
}

/// Reads and verifies signs of devices.
///
/// It needs no memory and no clock: the core hands out challenges, lets each through once and in time, and asks here
/// whether the key of a device has signed one.
///
/// - `a_sign_names_its_device_and_challenge`: [`GestureVerifier::read`] MUST give the device and the challenge that the
///   sign was made for.
/// - `a_sign_vouches_for_its_name`: with the key that made the sign the answer MUST be the name that the device signed.
/// - `another_key_vouches_for_nothing`: with any other key, or one of another algorithm, the answer MUST be `None`.
/// - `a_changed_sign_vouches_for_nothing`: a sign that was changed in any way MUST NOT be read, or MUST vouch for nothing:
///   neither device, challenge nor name can be exchanged.
/// - `what_is_no_sign_is_not_read`: anything else MUST NOT be read, and MUST NOT be verified with any key.
/// - `a_key_that_is_none_is_not_accepted`: a point beside its curve MUST NOT be accepted, nor one that signs are made for
///   without a secret (of small order, written in another way than RFC 8032 has it) or with a secret that everybody knows
///   (the base point); a key that signs MUST be.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait GestureVerifier: Send + Sync + 'static {
    /// Reads a sign; `None` where it is none.
    fn read(&self, sign: &SecretText) -> Option<PresentedGesture>;

    /// Whether a key can be verified with.
    fn accepts(&self, key: &DeviceKey) -> bool;

    /// The name that the holder of the key signed, together with device and challenge; `None` where this key did not
    /// make the sign.
    ///
    /// # Errors
    /// [`GestureError`].
    async fn verify(&self, sign: &SecretText, key: &DeviceKey) -> Result<Option<String>, GestureError>;

    /// Costs about as much as [`GestureVerifier::verify`], for a sign of a device that nobody has.
    ///
    /// # Errors
    /// [`GestureError`].
    async fn verify_nothing(&self, sign: &SecretText) -> Result<(), GestureError>;
}

//! The devices that a person signs in from by gesture.

use super::User;
use crate::gesture::StoredDeviceKey;
use crate::refusal::GestureRefusal;
use crate::{DeviceId, Instant};

/// How many devices a person has at most, registered or bound.
pub const MOST_GESTURES: usize = 8;

/// How far the key of a device has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GestureStage {
    /// It is known and opens nothing.
    Registered,
    /// The device has proven to hold it, and signs in by it.
    Bound {
        /// When it did.
        at: Instant,
    },
}

/// A device and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GestureDevice {
    /// The device, as its client names it.
    pub device: DeviceId,
    /// Its key.
    pub key: StoredDeviceKey,
    /// When the key was registered.
    pub registered_at: Instant,
    /// How far it has come.
    pub stage: GestureStage,
}

impl GestureDevice {
    /// Whether the person signs in by it.
    #[must_use]
    pub const fn is_bound(&self) -> bool {
        matches!(self.stage, GestureStage::Bound { .. })
    }

    /// Whether the person signed in by it before a moment.
    #[must_use]
    pub fn is_bound_before(&self, moment: Instant) -> bool {
        matches!(self.stage, GestureStage::Bound { at } if at < moment)
    }
}

impl User {
    /// The devices that are a way in: bound ones, where a name leads to the person. Whether the host takes them is for
    /// whoever counts with [`User::ways_in`].
    #[must_use]
    pub fn by_gesture(&self) -> usize {
        let named = !self.logins().is_empty();
        self.gestures.iter().filter(|known| named && known.is_bound()).count()
    }

    /// The person's device of that name.
    #[must_use]
    pub fn gesture(&self, device: &DeviceId) -> Option<&GestureDevice> {
        self.gestures.iter().find(|known| known.device == *device)
    }

    /// Makes the key of a device known, in place of one that was never bound.
    ///
    /// # Errors
    /// [`GestureRefusal::AlreadyBound`]; [`GestureRefusal::TooManyDevices`] past [`MOST_GESTURES`].
    pub fn register_gesture(
        &mut self,
        device: DeviceId,
        key: StoredDeviceKey,
        now: Instant,
    ) -> Result<(), GestureRefusal> {
        if self.gesture(&device).is_some_and(GestureDevice::is_bound) {
            return Err(GestureRefusal::AlreadyBound);
        }
        self.gestures.retain(|known| known.device != device);
        if self.gestures.len() >= MOST_GESTURES {
            return Err(GestureRefusal::TooManyDevices);
        }
        self.gestures.push(GestureDevice {
            device,
            key,
            registered_at: now,
            stage: GestureStage::Registered,
        });
        Ok(())
    }

    /// Lets a device sign in that has proven to hold its key.
    ///
    /// # Errors
    /// [`GestureRefusal::UnknownDevice`], [`GestureRefusal::AlreadyBound`].
    pub fn bind_gesture(&mut self, device: &DeviceId, now: Instant) -> Result<(), GestureRefusal> {
        let known = self.gestures.iter_mut().find(|known| known.device == *device);
        let known = known.ok_or(GestureRefusal::UnknownDevice)?;
        if known.is_bound() {
            return Err(GestureRefusal::AlreadyBound);
        }
        known.stage = GestureStage::Bound { at: now };
        Ok(())
    }

    /// Forgets a device and its key.
    ///
    /// # Errors
    /// [`GestureRefusal::UnknownDevice`].
    pub fn unbind_gesture(&mut self, device: &DeviceId) -> Result<GestureDevice, GestureRefusal> {
        let place = self.gestures.iter().position(|known| known.device == *device);
        place.map(|place| self.gestures.remove(place)).ok_or(GestureRefusal::UnknownDevice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::SecurityStamp;
    use crate::{TenantId, UserId};

    const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

    fn user() -> User {
        let id = UserId::parse("alice").unwrap();
        User::new(TenantId::default(), id, SecurityStamp::from_bytes([1; 16]), NOW)
    }

    fn device(name: &str) -> DeviceId {
        DeviceId::parse(name).unwrap()
    }

    fn key(byte: u8) -> StoredDeviceKey {
        StoredDeviceKey::Ed25519([byte; 32])
    }

    #[test]
    fn a_key_opens_nothing_before_its_device_has_proven_to_hold_it() {
        let (mut user, phone) = (user(), device("phone"));
        assert_eq!(user.bind_gesture(&phone, NOW), Err(GestureRefusal::UnknownDevice));
        user.register_gesture(phone.clone(), key(1), NOW).unwrap();
        assert!(!user.gesture(&phone).unwrap().is_bound());
        user.bind_gesture(&phone, NOW).unwrap();
        assert!(user.gesture(&phone).unwrap().is_bound());
        assert_eq!(user.bind_gesture(&phone, NOW), Err(GestureRefusal::AlreadyBound));
    }

    #[test]
    fn a_bound_key_is_not_replaced_and_one_that_was_never_bound_is() {
        let (mut user, phone) = (user(), device("phone"));
        for byte in [1, 2] {
            user.register_gesture(phone.clone(), key(byte), NOW).unwrap();
            assert_eq!((user.gestures.len(), &user.gestures[0].key), (1, &key(byte)));
        }
        user.bind_gesture(&phone, NOW).unwrap();
        assert_eq!(user.register_gesture(phone.clone(), key(3), NOW), Err(GestureRefusal::AlreadyBound));
        assert_eq!(user.gesture(&phone).unwrap().key, key(2));
        user.unbind_gesture(&phone).unwrap();
        assert_eq!(user.unbind_gesture(&phone), Err(GestureRefusal::UnknownDevice));
        user.register_gesture(phone, key(3), NOW).unwrap();
    }

    #[test]
    fn the_last_device_there_is_room_for_may_still_get_another_key() {
        let mut user = user();
        for number in 0..MOST_GESTURES {
            user.register_gesture(device(&format!("d{number}")), key(1), NOW).unwrap();
        }
        assert_eq!(
            user.register_gesture(device("one.more"), key(1), NOW),
            Err(GestureRefusal::TooManyDevices)
        );
        user.register_gesture(device("d3"), key(2), NOW).unwrap();
        assert_eq!(user.gestures.len(), MOST_GESTURES);
    }
}

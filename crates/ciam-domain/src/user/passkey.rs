//! The passkeys of a person.

use std::time::Duration;

use super::User;
use crate::flow::Operation;
use crate::passkey::{Backup, CredentialId, PasskeyKey, PasskeyName, Transport, UserHandle};
use crate::refusal::PasskeyRefusal;
use crate::{Instant, SessionId};

/// How many passkeys a person has at most.
pub const MOST_PASSKEYS: usize = 16;

/// One passkey.
///
/// Its fields are public and complete on purpose: a storage adapter that forgets one does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Its id.
    pub id: CredentialId,
    /// Its public key.
    pub key: PasskeyKey,
    /// How often its authenticator says that it signed; zero where it does not count.
    pub sign_count: u32,
    /// What the person calls it.
    pub name: PasskeyName,
    /// When it was put in place.
    pub created_at: Instant,
    /// When it last proved the person.
    pub used_at: Option<Instant>,
    /// Whether it lives on one device alone.
    pub backup: Backup,
    /// How clients reach its authenticator.
    pub transports: Vec<Transport>,
}

impl Passkey {
    /// Whether a count that its authenticator tells may follow the one that is stored. Two zeros: it does not count
    /// (`WebAuthn` Level 3, 6.1.1).
    #[must_use]
    pub const fn may_count(&self, told: u32) -> bool {
        told > self.sign_count || (told == 0 && self.sign_count == 0)
    }
}

/// A passkey that was begun and is still to be made.
///
/// Its fields are public and complete on purpose: a storage adapter that forgets one does not compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingPasskey {
    /// What its authenticator is to sign; used up with it.
    pub challenge: [u8; 32],
    /// The session in which it was begun; no other one may confirm it.
    pub session: SessionId,
    /// The moment from which it is nothing.
    pub until: Instant,
}

/// The passkeys of a person, and what their authenticators know the person by.
///
/// Its fields are public and complete on purpose: a storage adapter that forgets one does not compile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Passkeys {
    /// What authenticators know the person by, once one was asked.
    pub handle: Option<UserHandle>,
    /// The passkeys, the one made first before the others.
    pub held: Vec<Passkey>,
    /// The one that is being made.
    pub pending: Option<PendingPasskey>,
}

impl Passkeys {
    /// None.
    pub const NONE: Self = Self { handle: None, held: Vec::new(), pending: None };

    /// Whether there is nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::NONE
    }

    /// The passkey of that id.
    #[must_use]
    pub fn find(&self, id: &CredentialId) -> Option<&Passkey> {
        self.held.iter().find(|passkey| passkey.id == *id)
    }

    /// What a session may confirm now.
    #[must_use]
    pub fn pending(&self, session: &SessionId, now: Instant) -> Option<&PendingPasskey> {
        self.pending.as_ref().filter(|pending| pending.session == *session && now < pending.until)
    }

    /// When the first of those that are left was made.
    #[must_use]
    pub fn since(&self) -> Option<Instant> {
        self.held.iter().map(|passkey| passkey.created_at).min()
    }

    /// Removes all, but not what authenticators know the person by.
    pub fn clear(&mut self) {
        self.held.clear();
        self.pending = None;
    }
}

impl User {
    /// Whether a further passkey may be made.
    ///
    /// # Errors
    /// [`PasskeyRefusal::TooMany`] past [`MOST_PASSKEYS`].
    pub const fn may_add_passkey(&self) -> Result<(), PasskeyRefusal> {
        if self.passkeys.held.len() < MOST_PASSKEYS { Ok(()) } else { Err(PasskeyRefusal::TooMany) }
    }

    /// Puts a passkey in place of the one that was begun.
    ///
    /// # Errors
    /// [`PasskeyRefusal::TooMany`]; [`PasskeyRefusal::Taken`] where the person has one of its id.
    pub fn add_passkey(&mut self, passkey: Passkey) -> Result<(), PasskeyRefusal> {
        self.may_add_passkey()?;
        if self.passkeys.find(&passkey.id).is_some() {
            return Err(PasskeyRefusal::Taken);
        }
        self.passkeys.pending = None;
        self.passkeys.held.push(passkey);
        Ok(())
    }

    /// Removes a passkey.
    ///
    /// # Errors
    /// [`PasskeyRefusal::Unknown`].
    pub fn remove_passkey(&mut self, id: &CredentialId) -> Result<Passkey, PasskeyRefusal> {
        let place = self.passkeys.held.iter().position(|passkey| passkey.id == *id);
        Ok(self.passkeys.held.remove(place.ok_or(PasskeyRefusal::Unknown)?))
    }

    /// Writes down that a passkey proved the person.
    pub fn use_passkey(&mut self, id: &CredentialId, (sign_count, backup): (u32, Backup), now: Instant) {
        if let Some(passkey) = self.passkeys.held.iter_mut().find(|passkey| passkey.id == *id) {
            passkey.sign_count = sign_count;
            passkey.backup = backup;
            passkey.used_at = Some(now);
        }
    }

    /// The passkeys that prove the person for an operation. What a signed-in person does is not proven by one that was
    /// made lately, as long as there is an older one: whoever made it may be whom the proof shall stop.
    #[must_use]
    pub fn passkeys_for(&self, operation: Operation, span: Duration, now: Instant) -> Vec<&Passkey> {
        let old = |passkey: &&Passkey| span.is_zero() || now >= passkey.created_at.after(span);
        let all: Vec<&Passkey> = self.passkeys.held.iter().collect();
        let trusted: Vec<&Passkey> = all.iter().copied().filter(old).collect();
        if trusted.is_empty() || Operation::SIGNED_OUT.contains(&operation) { all } else { trusted }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::SecurityStamp;
    use crate::{TenantId, UserId};

    const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);
    const DAY: Duration = Duration::from_hours(24);

    fn passkey(id: u8, created_at: Instant) -> Passkey {
        Passkey {
            id: CredentialId::new(&[id]).unwrap(),
            key: PasskeyKey::new(&[id; 40]).unwrap(),
            sign_count: 0,
            name: PasskeyName::parse("Phone").unwrap(),
            created_at,
            used_at: None,
            backup: Backup::DeviceBound,
            transports: vec![],
        }
    }

    fn alice() -> User {
        let id = UserId::parse("alice").unwrap();
        User::new(TenantId::default(), id, SecurityStamp::from_bytes([1; 16]), NOW)
    }

    #[test]
    fn a_deleted_account_forgets_devices_and_passkeys() {
        let (mut user, phone) = (alice(), crate::DeviceId::parse("phone").unwrap());
        user.passkeys.held = vec![passkey(1, NOW)];
        user.register_gesture(phone, crate::gesture::StoredDeviceKey::Ed25519([1; 32]), NOW).unwrap();
        user.delete(DAY, NOW);
        assert_eq!(user.status, crate::user::Status::PendingDeletion { erase_at: NOW.after(DAY) });
        assert!(user.passkeys.held.is_empty() && user.gestures.is_empty());
    }

    #[test]
    fn a_count_rises_or_never_began() {
        let counted = |stored| Passkey { sign_count: stored, ..passkey(1, NOW) };
        for (stored, told, may) in
            [(0, 0, true), (0, 1, true), (5, 6, true), (5, 5, false), (5, 4, false), (5, 0, false)]
        {
            assert_eq!(counted(stored).may_count(told), may, "{stored} then {told}");
        }
    }

    #[test]
    fn an_id_is_had_once_and_there_is_a_last_one() {
        let mut user = alice();
        for id in 0..16 {
            assert_eq!(user.add_passkey(passkey(id, NOW)), Ok(()));
        }
        assert_eq!(user.add_passkey(passkey(99, NOW)), Err(PasskeyRefusal::TooMany));
        user.remove_passkey(&passkey(3, NOW).id).unwrap();
        assert_eq!(user.remove_passkey(&passkey(3, NOW).id), Err(PasskeyRefusal::Unknown));
        assert_eq!(user.add_passkey(passkey(4, NOW)), Err(PasskeyRefusal::Taken));
    }

    #[test]
    fn a_pending_one_is_of_its_session_and_time() {
        let (own, other) = (SessionId::parse("own").unwrap(), SessionId::parse("other").unwrap());
        let pending = PendingPasskey { challenge: [1; 32], session: own.clone(), until: NOW.after(DAY) };
        let passkeys = Passkeys { pending: Some(pending), ..Passkeys::NONE };
        assert!(passkeys.pending(&own, NOW).is_some());
        assert!(passkeys.pending(&other, NOW).is_none());
        assert!(passkeys.pending(&own, NOW.after(DAY)).is_none());
    }

    #[test]
    fn a_new_one_proves_nothing_while_there_is_an_older_one() {
        let mut user = alice();
        user.passkeys.held = vec![passkey(1, NOW.before(DAY * 9)), passkey(2, NOW.before(DAY))];
        let ids = |operation, span| -> Vec<u8> {
            user.passkeys_for(operation, span, NOW).iter().map(|known| known.id.as_bytes()[0]).collect()
        };
        assert_eq!(ids(Operation::UpdatePassword, DAY * 7), [1]);
        assert_eq!(ids(Operation::SignIn, DAY * 7), [1, 2]);
        assert_eq!(ids(Operation::UpdatePassword, Duration::ZERO), [1, 2]);
        assert_eq!(ids(Operation::UpdatePassword, DAY * 30), [1, 2]);
    }
}

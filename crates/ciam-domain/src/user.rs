//! A person's account.

mod address;
mod credential;
mod factors;
mod gesture;
mod held;
mod passkey;
mod social;
mod stamp;
mod status;
mod ways_in;

pub use address::{Address, Channel, Contact};
pub use credential::PasswordCredential;
pub use factors::{Factors, PendingTotp, TotpCredential};
pub use gesture::{GestureDevice, GestureStage, MOST_GESTURES};
pub use held::{HeldContact, Hold, MOST_HELD};
pub use passkey::{MOST_PASSKEYS, Passkey, Passkeys, PendingPasskey};
pub use stamp::{SecurityStamp, Version};
pub use status::{Status, StatusKind};
pub use ways_in::Offered;

use std::time::Duration;

use crate::identifier::{EmailAddress, Login, PhoneNumber, Username};
use crate::password::PasswordHash;
use crate::profile::{Profile, StandardAttribute};
use crate::social::SocialLink;
use crate::{Instant, TenantId, UserId};

/// One account.
///
/// Its fields are public and complete on purpose: a storage adapter that forgets one does not compile.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// The tenant it belongs to.
    pub tenant: TenantId,
    /// Its id, never re-used.
    pub id: UserId,
    /// The compare-and-set counter.
    pub version: Version,
    /// What sessions, flows and codes are bound to.
    pub stamp: SecurityStamp,
    /// When the stamp was made; a foreign token issued before it is dead.
    pub stamped_at: Instant,
    /// Whether it may act.
    pub status: Status,
    /// The sign-in name.
    pub username: Option<Username>,
    /// The phone.
    pub phone: Option<Contact<PhoneNumber>>,
    /// The e-mail address.
    pub email: Option<Contact<EmailAddress>>,
    /// Former addresses that are held for the person, the one replaced first before the others.
    pub held: Vec<HeldContact>,
    /// Until when phone and e-mail address stay as they are, after a former one was restored.
    pub contacts_paused_until: Option<Instant>,
    /// The password.
    pub password: Option<PasswordCredential>,
    /// The devices that the person signs in from by gesture, those registered first before the others.
    pub gestures: Vec<GestureDevice>,
    /// What else they prove themselves with.
    pub factors: Factors,
    /// Their passkeys.
    pub passkeys: Passkeys,
    /// What the person says of themselves.
    pub profile: Profile,
    /// Accounts elsewhere that are bound, the one bound first before the others.
    pub social: Vec<SocialLink>,
    /// Whether the person administers the tenant.
    pub admin: bool,
    /// When the account was made.
    pub created_at: Instant,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What people write about themselves stays out of logs.
        f.debug_struct("User")
            .field("tenant", &self.tenant)
            .field("id", &self.id)
            .field("version", &self.version)
            .field("stamped_at", &self.stamped_at)
            .field("status", &self.status)
            .field("username", &self.username)
            .field("phone", &self.phone)
            .field("email", &self.email)
            .field("held", &self.held)
            .field("contacts_paused_until", &self.contacts_paused_until)
            .field("password", &self.password)
            .field("gestures", &self.gestures)
            .field("factors", &self.factors)
            .field("passkeys", &self.passkeys)
            .field("profile", &self.profile)
            .field("social", &self.social)
            .field("admin", &self.admin)
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

impl User {
    /// A new account without identifiers or credentials.
    #[must_use]
    pub const fn new(tenant: TenantId, id: UserId, stamp: SecurityStamp, now: Instant) -> Self {
        Self {
            tenant,
            id,
            version: Version::FIRST,
            stamp,
            stamped_at: now,
            status: Status::Normal,
            username: None,
            phone: None,
            email: None,
            held: Vec::new(),
            contacts_paused_until: None,
            password: None,
            gestures: Vec::new(),
            factors: Factors::NONE,
            passkeys: Passkeys::NONE,
            profile: Profile::new(),
            social: Vec::new(),
            admin: false,
            created_at: now,
        }
    }

    /// The proven address behind a channel.
    #[must_use]
    pub fn verified_address(&self, channel: Channel) -> Option<Address> {
        match channel {
            Channel::Sms => self
                .phone
                .as_ref()
                .filter(|contact| contact.verified_at.is_some())
                .map(|contact| Address::Phone(contact.address.clone())),
            Channel::Email => self
                .email
                .as_ref()
                .filter(|contact| contact.verified_at.is_some())
                .map(|contact| Address::Email(contact.address.clone())),
        }
    }

    /// Every proven address, phone first.
    #[must_use]
    pub fn verified_addresses(&self) -> Vec<Address> {
        [Channel::Sms, Channel::Email]
            .into_iter()
            .filter_map(|channel| self.verified_address(channel))
            .collect()
    }

    /// What a password must not contain: the person's own names and addresses.
    #[must_use]
    pub fn own_words(&self) -> Vec<&str> {
        let username = self.username.as_ref().map(Username::canonical);
        let email = self.email.as_ref().map(|contact| contact.address.canonical());
        let mailbox = self.email.as_ref().map(|contact| contact.address.local_part());
        let phone = self.phone.as_ref().map(|contact| contact.address.national());
        let names = StandardAttribute::NAMES.into_iter().filter_map(|name| self.profile.text(name));
        [username, email, mailbox, phone].into_iter().flatten().chain(names).collect()
    }

    /// Replaces the stamp, which ends every session, flow and code bound to the old one. A clock that runs
    /// backwards revives no foreign token that a later stamp ended.
    pub fn restamp(&mut self, stamp: SecurityStamp, now: Instant) {
        self.stamp = stamp;
        self.stamped_at = self.stamped_at.max(now);
        // An address whose time is over is nothing to keep.
        self.held.retain(|held| held.is_live(now));
    }

    /// Puts a new password in place and keeps `depth` of them in all.
    pub fn change_password(&mut self, hash: PasswordHash, depth: usize, now: Instant) {
        self.password = Some(match self.password.take() {
            Some(credential) => credential.succeeded_by(hash, now, depth),
            None => PasswordCredential::first(hash, now),
        });
    }

    /// Puts a proven address in place of the one of its kind, which is not held. One that is proven once more was
    /// proven when it was first.
    pub fn change_contact(&mut self, address: Address, now: Instant) {
        let known = self.proven(address.channel());
        let same = known.filter(|(known, _)| known.canonical() == address.canonical());
        self.put_contact(address, same.map_or(now, |(_, proven)| proven));
    }

    /// Forgets every device and every passkey.
    pub fn forget_keys(&mut self) {
        self.gestures.clear();
        self.passkeys.clear();
    }

    /// Deletes the account: it is to be erased when `grace` is over, which without one is now. Devices and passkeys sign in
    /// no more, not even when the deletion is called back.
    pub fn delete(&mut self, grace: Duration, now: Instant) {
        self.forget_keys();
        self.status = Status::PendingDeletion { erase_at: now.after(grace) };
    }

    /// Every name that leads to the account: user name, phone, e-mail address.
    #[must_use]
    pub fn logins(&self) -> Vec<Login> {
        let username = self.username.clone().map(Login::Username);
        let phone = self.phone.as_ref().map(|contact| Login::Phone(contact.address.clone()));
        let email = self.email.as_ref().map(|contact| Login::Email(contact.address.clone()));
        [username, phone, email].into_iter().flatten().collect()
    }

    /// Removes everything personal and frees the identifiers.
    pub fn erase(&mut self) {
        self.status = Status::Erased;
        self.username = None;
        self.phone = None;
        self.email = None;
        self.held.clear();
        self.contacts_paused_until = None;
        self.password = None;
        self.gestures.clear();
        self.factors = Factors::NONE;
        self.passkeys = Passkeys::NONE;
        self.profile = Profile::new();
        self.social.clear();
        self.admin = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_runs_backwards_never_takes_the_moment_of_a_stamp_back() {
        let (at, id) = (Instant::from_unix_seconds(1_800_000_000), UserId::parse("alice").unwrap());
        let stamp = SecurityStamp::from_bytes([1; 16]);
        let mut user = User::new(TenantId::default(), id, stamp, at);
        user.restamp(SecurityStamp::from_bytes([2; 16]), at.before(Duration::from_secs(1)));
        assert_eq!(user.stamped_at, at);
        assert_ne!(user.stamp, stamp);
        user.restamp(stamp, at.after(Duration::from_secs(1)));
        assert_eq!(user.stamped_at, at.after(Duration::from_secs(1)));
    }
}

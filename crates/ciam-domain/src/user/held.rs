//! Addresses that were given up and are held for their person for a time.

use std::time::Duration;

use super::{Address, Channel, Contact, User};
use crate::Instant;
use crate::challenge::KeyId;

/// How many addresses are held for one person at most; past them nothing more is, so that the oldest stay.
pub const MOST_HELD: usize = 8;

/// A proven address that was replaced: nobody else may take it, and its holder may have it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldContact {
    /// The address.
    pub address: Address,
    /// When its holder proved control of it.
    pub verified_at: Instant,
    /// When it was replaced.
    pub since: Instant,
    /// The moment from which it is free for everybody.
    pub until: Instant,
    /// The key that its revert code is derived with.
    pub key: KeyId,
}

impl HeldContact {
    /// Whether it is still held.
    #[must_use]
    pub fn is_live(&self, now: Instant) -> bool {
        now < self.until
    }

    /// Whether it is this address, in whatever spelling.
    #[must_use]
    pub fn is(&self, address: &Address) -> bool {
        self.address.channel() == address.channel() && self.address.canonical() == address.canonical()
    }
}

/// How an address is held that is replaced now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// For how long; over zero.
    pub span: Duration,
    /// The key that its revert code is derived with.
    pub key: KeyId,
}

impl User {
    /// The hold on an address that still counts.
    #[must_use]
    pub fn held(&self, address: &Address, now: Instant) -> Option<&HeldContact> {
        self.held.iter().find(|held| held.is(address) && held.is_live(now))
    }

    /// Puts a proven address in place of the one of its kind, and holds that one; gives the hold that begins.
    ///
    /// Who goes back to an address that is held for them ends its hold and those of what came after it: the older
    /// address wins, so what replaced it meanwhile is nobody's to come back to.
    pub fn replace_contact(
        &mut self,
        address: Address,
        hold: Option<Hold>,
        now: Instant,
    ) -> Option<&HeldContact> {
        self.held.retain(|held| held.is_live(now));
        let channel = address.channel();
        if let Some(place) = self.held.iter().position(|held| held.is(&address)) {
            let undone = self.held.split_off(place);
            let proven = undone.first().map_or(now, |held| held.verified_at);
            self.held.extend(undone.into_iter().filter(|held| held.address.channel() != channel));
            self.put_contact(address, proven);
            return None;
        }
        let former = self.proven(channel);
        self.change_contact(address.clone(), now);
        let (former, verified_at) = former.filter(|(former, _)| former.canonical() != address.canonical())?;
        // The first of a kind is the owner's, and is held however many of the other kind there are.
        let first = !self.held.iter().any(|held| held.address.channel() == channel);
        let Hold { span, key } = hold.filter(|_| first || self.held.len() < MOST_HELD)?;
        self.held.push(HeldContact { address: former, verified_at, since: now, until: now.after(span), key });
        self.held.last()
    }

    /// Gives the person a held address back, and puts every other address as it was when that one was replaced:
    /// what came since goes, with its holds. Says whether there was such a hold.
    pub fn revert_contact(&mut self, address: &Address, now: Instant) -> bool {
        let live = |held: &&HeldContact| held.is_live(now);
        let Some(place) = self.held.iter().position(|held| held.is(address) && live(&held)) else {
            return false;
        };
        let undone = self.held.split_off(place);
        let since = undone.first().map_or(now, |held| held.since);
        // Whoever put the other address there may have bound a device, made a passkey or enrolled a factor too.
        self.factors.forget_since(since);
        self.gestures.retain(|known| known.is_bound_before(since));
        self.passkeys.held.retain(|known| known.created_at < since);
        self.passkeys.pending = None;
        for channel in [Channel::Sms, Channel::Email] {
            let first = undone.iter().filter(live).find(|held| held.address.channel() == channel);
            match (first, self.proven(channel)) {
                (Some(held), _) => self.put_contact(held.address.clone(), held.verified_at),
                (None, Some((_, proven))) if proven > since => self.drop_contact(channel),
                (None, _) => {}
            }
        }
        true
    }

    /// Keeps phone and e-mail address as they are until a moment; an earlier one shortens nothing.
    pub fn pause_contacts(&mut self, until: Instant) {
        self.contacts_paused_until = self.contacts_paused_until.max(Some(until));
    }

    /// Whether phone and e-mail address may not be changed now.
    #[must_use]
    pub fn contacts_are_paused(&self, now: Instant) -> bool {
        self.contacts_paused_until.is_some_and(|until| now < until)
    }

    /// Whether the address behind a channel was put in place less than `span` ago; one that the account was made with
    /// was not.
    #[must_use]
    pub fn changed_within(&self, channel: Channel, span: Duration, now: Instant) -> bool {
        let lately = |at: Instant| at > self.created_at && now < at.after(span);
        !span.is_zero() && self.proven(channel).is_some_and(|(_, at)| lately(at))
    }

    /// The proven address behind a channel, and when it was proven.
    pub(super) fn proven(&self, channel: Channel) -> Option<(Address, Instant)> {
        let at = match channel {
            Channel::Sms => self.phone.as_ref().and_then(|contact| contact.verified_at),
            Channel::Email => self.email.as_ref().and_then(|contact| contact.verified_at),
        };
        self.verified_address(channel).zip(at)
    }

    pub(super) fn put_contact(&mut self, address: Address, proven: Instant) {
        match address {
            Address::Phone(phone) => self.phone = Some(Contact::verified(phone, proven)),
            Address::Email(email) => self.email = Some(Contact::verified(email, proven)),
        }
    }

    fn drop_contact(&mut self, channel: Channel) {
        match channel {
            Channel::Sms => self.phone = None,
            Channel::Email => self.email = None,
        }
    }
}

//! Accounts elsewhere: bound and unbound by who signed in just now, and never the last way in.

use ciam::domain::notice::NoticeKind;
use ciam::domain::secret::SecretText;
use ciam::domain::social::SocialSourceId;
use ciam::ports::SocialProof;

use super::decide::Decision;
use super::limits::Count;
use super::state::{Account, Model, Reply, Token};
use crate::world::World;

/// The sources that there are, in every tenant.
pub(super) const SOURCES: [&str; 2] = ["one", "two"];
/// How many accounts elsewhere there are.
pub(super) const IDENTITIES: usize = 3;

pub(super) fn source(number: usize) -> SocialSourceId {
    SocialSourceId::parse(SOURCES[number]).expect("an id")
}

/// Who somebody is elsewhere, by number.
pub(super) fn subject(number: usize) -> String {
    format!("somebody.{number}")
}

/// The proof of being somebody elsewhere, or a forged one.
pub(super) fn proof(world: &World, identity: Option<usize>) -> SocialProof {
    let forged = || SocialProof::of(SecretText::new("forged".to_owned()));
    identity.map_or_else(forged, |number| world.proof(&subject(number)))
}

impl Account {
    /// A password counts where a name leads to it.
    pub(super) fn ways_in(&self) -> usize {
        let password = !self.passwords.is_empty() && !self.names().is_empty();
        let named = !self.names().is_empty();
        let devices = self.kit.devices.iter().filter(|owned| named && owned.bound_at.is_some());
        usize::from(password)
            + self.contacts().len()
            + self.social.len()
            + devices.count()
            + self.kit.ring.keys.len()
    }

    fn is_elsewhere(&self, identity: usize) -> bool {
        self.social.iter().any(|(_, known)| *known == identity)
    }
}

impl Model {
    pub(super) fn one_call(&mut self, who: &Token) -> Decision<()> {
        self.admit(who, None)?;
        Self::session_of(who)?;
        if self.signed_in_lately(who) { Ok(()) } else { Err("access.stale_authentication") }
    }

    /// Binds somebody by a source; who is nobody there has a forged proof.
    pub(super) fn bind_social(
        &mut self,
        who: &Token,
        source: usize,
        identity: Option<usize>,
    ) -> Decision<Reply> {
        self.one_call(who)?;
        if self.accounts[who.account].social.iter().any(|(known, _)| *known == source) {
            return Err("social.already_bound");
        }
        let count = Count::Social(who.account);
        if !self.raise(&[count]) {
            return Err("rate.too_many_attempts");
        }
        let identity = identity.ok_or("social.rejected")?;
        if self.accounts[who.account].is_elsewhere(identity) {
            return Err("social.already_bound");
        }
        let tenant = self.accounts[who.account].tenant;
        if self.accounts.iter().any(|other| other.tenant == tenant && other.is_elsewhere(identity)) {
            return Err("social.taken");
        }
        self.accounts[who.account].social.push((source, identity));
        self.forget_counts(&[count]);
        self.announce(who.account, NoticeKind::SocialBound);
        self.seal(who);
        Ok(Reply::Done)
    }

    pub(super) fn unbind_social(&mut self, who: &Token, source: usize) -> Decision<Reply> {
        self.one_call(who)?;
        let account = &mut self.accounts[who.account];
        let Some(place) = account.social.iter().position(|(known, _)| *known == source) else {
            return Err("social.not_bound");
        };
        if account.ways_in() == 1 {
            return Err("credential.last");
        }
        account.social.remove(place);
        self.announce(who.account, NoticeKind::SocialUnbound);
        self.seal(who);
        Ok(Reply::Done)
    }
}

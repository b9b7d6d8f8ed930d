//! The end of deleted accounts, what keeps their identifiers, and who comes after them.

use std::time::Duration;

use ciam::domain::audit::Action;
use ciam::domain::flow::method::Authenticator;
use ciam::domain::notice::NoticeKind;
use ciam::domain::user::Status;

use super::limits::{self, Count, Payer};
use super::state::{Account, Model, Reply};
use super::visit::{Name, Tomb};

const KEPT: Duration = Duration::from_hours(30 * 24);

/// Who is made by the host: a user name, a phone and an e-mail address by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Newcomer {
    pub(super) tenant: usize,
    pub(super) username: Option<usize>,
    pub(super) phone: Option<usize>,
    pub(super) email: Option<usize>,
}

/// The password of everybody who joins.
pub(super) const FIRST_PASSWORD: usize = 1;

impl Account {
    pub(super) fn names(&self) -> Vec<Name> {
        let spots = self.contacts().into_iter().map(Name::Spot);
        self.username.map(Name::User).into_iter().chain(spots).collect()
    }
}

impl Model {
    /// Erases one account, or all that are due.
    pub(super) fn purge(&mut self, whom: Option<usize>) -> Reply {
        let whom = whom.map_or_else(|| self.due(), |account| vec![account]);
        Reply::Purged(whom.into_iter().map(|account| (account, self.erase(account))).collect())
    }

    fn due(&self) -> Vec<usize> {
        let due = |account: &Account| match account.status {
            Status::PendingDeletion { erase_at } => erase_at <= self.now,
            Status::Purging { tried_at } => tried_at <= self.now,
            _ => false,
        };
        let accounts = self.accounts.iter().enumerate();
        accounts.filter(|(_, account)| account.exists && due(account)).map(|(at, _)| at).collect()
    }

    pub(super) fn erase(&mut self, account: usize) -> &'static str {
        match self.accounts[account].status {
            Status::PendingDeletion { erase_at } if erase_at <= self.now => {}
            Status::Purging { .. } => {}
            Status::Erased => return "already_erased",
            _ => return "not_due",
        }
        // From here on nothing brings it back, whatever fails.
        self.accounts[account].status = Status::Purging { tried_at: self.now };
        self.close(account);
        if self.stuck {
            return "failed";
        }
        let until = self.now.after(KEPT);
        let who = &self.accounts[account];
        let tombs = who.names().into_iter().map(|name| Tomb { tenant: who.tenant, name, until });
        self.tombs.extend(tombs.collect::<Vec<_>>());
        let who = &mut self.accounts[account];
        *who = Account {
            status: Status::Erased,
            stamped_at: who.stamped_at,
            made_at: who.made_at,
            trail: std::mem::take(&mut who.trail),
            ..Account::new(who.tenant, (None, None), &[], who.stamp)
        };
        self.restamp(account);
        self.note(account, Action::EraseAccount, None);
        "erased"
    }

    /// Sessions, flows, codes, counts and logins go first.
    fn close(&mut self, account: usize) {
        for session in self.sessions.iter_mut().filter(|session| session.account == account) {
            (session.row, session.ended) = (None, None);
        }
        for at in 0..self.flows.len() {
            if self.flows[at].account == account {
                self.remove(at);
            }
        }
        let mut counts = vec![Count::SmsDay(account), Count::EmailDay(account), Count::Lock(account)];
        counts.push(Count::EntryDevices(account));
        counts.push(Count::Social(account));
        for payer in [Payer::Person(account), Payer::HalfWay(account)] {
            counts.extend(limits::of_try(payer, Authenticator::Code));
            counts.extend(limits::of_try(payer, Authenticator::Password));
            counts.extend(limits::of_try(payer, Authenticator::Totp));
            counts.extend(limits::of_try(payer, Authenticator::RecoveryCode));
            counts.extend(limits::of_try(payer, Authenticator::Passkey));
        }
        counts.extend(self.accounts[account].contacts().into_iter().map(|to| Count::Cooldown(account, to)));
        self.forget_counts(&counts);
        self.accounts[account].logins.clear();
    }

    /// Whether an identifier is kept from everybody.
    pub(super) fn is_kept(&self, tenant: usize, name: Name) -> bool {
        self.tombs.iter().any(|tomb| tomb.tenant == tenant && tomb.name == name && self.now < tomb.until)
    }

    /// Makes an account, where nobody has, holds or had just now any of its identifiers.
    pub(super) fn join(&mut self, who: &Newcomer) -> Reply {
        let account = Account {
            username: who.username,
            stamped_at: self.now,
            made_at: self.now,
            trail: vec![(Action::CreateUser, None)],
            ..Account::new(who.tenant, (who.phone, who.email), &[FIRST_PASSWORD], self.stamps)
        };
        let taken = account.names().into_iter().any(|name| {
            let others = self.accounts.iter().filter(|other| other.exists && other.tenant == who.tenant);
            let held = matches!(name, Name::Spot(spot) if self.is_taken(usize::MAX, who.tenant, spot));
            held || self.is_kept(who.tenant, name) || others.into_iter().any(|other| other.has(name))
        });
        if taken {
            return Reply::Failed;
        }
        self.stamps += 1;
        self.accounts.push(account);
        Reply::Done
    }

    /// Has somebody choose another password before anything else.
    pub(super) fn demand_reset(&mut self, account: usize) -> Reply {
        let who = &self.accounts[account];
        let refused = if !who.exists {
            Some("access.unknown_user")
        } else if who.status.is_deleted() {
            Some("access.deleted")
        } else {
            who.passwords.is_empty().then_some("factor.none")
        };
        self.note(account, Action::DemandPasswordReset, refused);
        if let Some(reason) = refused {
            return Reply::Refused(reason);
        }
        self.accounts[account].must_change = true;
        self.restamp(account);
        self.announce(account, NoticeKind::PasswordResetDemanded);
        Reply::Done
    }
}

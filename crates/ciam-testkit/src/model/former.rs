//! Former addresses: held when they are replaced, given back by their code.

use ciam::domain::Instant;
use ciam::domain::audit::Action;
use ciam::domain::notice::NoticeKind;
use ciam::domain::user::Channel;

use super::decide::WEEK;
use super::state::{Account, Held, Model, Reply, Spot, Told, Waiting};

const MOST_HELD: usize = 8;
const REFUSED: &str = "contact.not_reverted";

impl Account {
    fn set(&mut self, channel: Channel, number: Option<usize>, placed: Option<Instant>) {
        match channel {
            Channel::Sms => self.phone = number,
            Channel::Email => self.email = number,
        }
        match placed {
            Some(at) => drop(self.placed.insert(channel, at)),
            None => drop(self.placed.remove(&channel)),
        }
    }
}

impl Model {
    /// Whether an address is another account's, or held for one.
    pub(super) fn is_taken(&self, account: usize, tenant: usize, wanted: Spot) -> bool {
        let others = self.accounts.iter().enumerate().filter(|(other, _)| *other != account);
        let held = |held: &Held| held.spot == wanted && self.now < held.until;
        others
            .filter(|(_, other)| other.exists && other.tenant == tenant)
            .any(|(_, other)| other.contact(wanted.channel) == Some(wanted) || other.held.iter().any(held))
    }

    /// Puts a proven address in place; what it replaces is held, unless it takes the place of what came after it.
    pub(super) fn replace(&mut self, account: usize, to: Spot) {
        let (now, account) = (self.now, &mut self.accounts[account]);
        let (former, placed) = (account.contact(to.channel), account.placed.get(&to.channel).copied());
        account.held.retain(|held| now < held.until);
        if former == Some(to) {
            return account.held.retain(|held| held.spot != to);
        }
        if let Some(place) = account.held.iter().position(|held| held.spot == to) {
            let undone = account.held.split_off(place);
            account.held.extend(undone.iter().copied().filter(|held| held.spot.channel != to.channel));
            return account.set(to.channel, Some(to.number), undone[0].placed);
        }
        if let Some(spot) = former.filter(|_| account.held.len() < MOST_HELD) {
            account.held.push(Held { spot, placed, since: now, until: now.after(WEEK) });
        }
        account.set(to.channel, Some(to.number), Some(now));
    }

    /// A try to have an address back, with the right code or a wrong one.
    pub(super) fn revert(&mut self, tenant: usize, wanted: Spot, right: bool) -> Reply {
        let since = |account: &Account| {
            let held = account.held.iter().filter(|held| held.spot == wanted);
            held.map(|held| held.since).max()
        };
        let mine = self.accounts.iter().enumerate().filter(|(_, account)| account.tenant == tenant);
        let holder = mine.filter_map(|(at, account)| Some((since(account)?, at))).max();
        let Some((_, at)) = holder else { return Reply::Refused(REFUSED) };
        let reverted = self.try_revert(at, wanted, right);
        let reason = reverted.is_none().then_some(REFUSED);
        self.accounts[at].trail.push((Action::RevertContact, reason));
        reason.map_or(Reply::Done, Reply::Refused)
    }

    fn try_revert(&mut self, at: usize, wanted: Spot, right: bool) -> Option<()> {
        let (now, before) = (self.now, self.accounts[at].contacts());
        let mut next = self.accounts[at].clone();
        let deleted = next.status.is_deleted();
        let place = next.held.iter().position(|held| held.spot == wanted && now < held.until)?;
        if deleted || !right {
            return None;
        }
        let undone = next.held.split_off(place);
        for channel in [Channel::Sms, Channel::Email] {
            let mut live = undone.iter().filter(|held| now < held.until);
            if let Some(first) = live.find(|held| held.spot.channel == channel) {
                next.set(channel, Some(first.spot.number), first.placed);
            } else if next.placed.get(&channel).copied().unwrap_or(next.made_at) > undone[0].since {
                next.set(channel, None, None);
            }
        }
        let told = next.contacts();
        if told.iter().any(|spot| self.is_taken(at, next.tenant, *spot)) {
            return None;
        }
        next.kit.forget_since(undone[0].since);
        next.paused_until = next.paused_until.max(Some(now.after(WEEK)));
        self.accounts[at] = next;
        self.restamp(at);
        let lost: Vec<_> = before.into_iter().filter(|spot| !told.contains(spot)).collect();
        for to in told.into_iter().chain(lost) {
            let notice = Told { account: at, kind: NoticeKind::ContactRestored, to };
            self.outbox.push(Waiting { notice, due_at: now, tries: 0 });
        }
        Some(())
    }
}

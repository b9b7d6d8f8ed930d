//! Accounts, and the identifiers that each has for itself.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use ciam_ports::domain::identifier::{Login, Username};
use ciam_ports::domain::passkey::CredentialId;
use ciam_ports::domain::social::{Issuer, SocialLink, Subject};
use ciam_ports::domain::user::{Address, HeldContact, Passkey};
use ciam_ports::domain::{Instant, User, UserId};
use ciam_ports::store::{UniqueField, UserWrite};
use ciam_ports::{DirectoryPage, DirectoryQuery, StoreError};

use crate::attribute_values::AttributeValues;
use crate::keyed::Keyed;

/// Who has an identifier, by its canonical form.
type Owners = HashMap<Box<str>, UserId>;

/// An identifier of an account in its canonical form.
type Identifier = fn(&User) -> Option<&str>;

#[derive(Default)]
pub(crate) struct Users {
    by_id: Keyed<UserId, Arc<User>>,
    /// Everybody who was ever there, in order.
    ids: BTreeSet<UserId>,
    usernames: Owners,
    phones: Owners,
    emails: Owners,
    values: AttributeValues,
    /// Whose accounts elsewhere are.
    bound: HashMap<(Issuer, Subject), UserId>,
    /// Whose passkeys are.
    passkeys: HashMap<CredentialId, UserId>,
    deletions: BTreeSet<(Instant, UserId)>,
    /// Whom former addresses are held for; phones and e-mail addresses never look alike.
    holders: HashMap<Box<str>, Vec<UserId>>,
}

fn username(user: &User) -> Option<&str> {
    user.username.as_ref().map(Username::canonical)
}

fn phone(user: &User) -> Option<&str> {
    user.phone.as_ref().map(|contact| contact.address.canonical())
}

fn email(user: &User) -> Option<&str> {
    user.email.as_ref().map(|contact| contact.address.canonical())
}

impl Users {
    pub(crate) fn get(&self, id: &UserId) -> Option<&Arc<User>> {
        self.by_id.get(id)
    }

    pub(crate) fn find(&self, login: &Login) -> Option<UserId> {
        let owners = match login {
            Login::Username(_) => &self.usernames,
            Login::Phone(_) => &self.phones,
            Login::Email(_) => &self.emails,
        };
        owners.get(login.canonical()).cloned()
    }

    /// Who is to be erased at `now`, those who are due longest first.
    pub(crate) fn due(&self, now: Instant) -> impl Iterator<Item = &(Instant, UserId)> {
        self.deletions.iter().take_while(move |(due_at, _)| *due_at <= now)
    }

    pub(crate) fn page(&self, query: &DirectoryQuery) -> DirectoryPage {
        let after = query.after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
        let all = self.ids.range((after, Bound::Unbounded)).filter_map(|id| self.by_id.get(id));
        let wanted = |user: &&Arc<User>| query.status.is_none_or(|status| user.status.kind() == status);
        let mut found = all.filter(wanted);
        let users: Vec<_> = found.by_ref().take(query.limit.into()).map(|user| User::clone(user)).collect();
        let next = found.next().and(users.last()).map(|user| user.id.clone());
        DirectoryPage { users, next }
    }

    pub(crate) fn holder(&self, address: &Address) -> Option<UserId> {
        let holders = self.holders.get(address.canonical())?;
        let since = |id: &&UserId| {
            let held = self.by_id.get(*id)?.held.iter().filter(|held| held.is(address));
            held.map(|held| held.since).max()
        };
        holders.iter().max_by_key(since).cloned()
    }

    pub(crate) fn bound_to(&self, issuer: &Issuer, subject: &Subject) -> Option<UserId> {
        self.bound.get(&(issuer.clone(), subject.clone())).cloned()
    }

    pub(crate) fn holder_of(&self, passkey: &CredentialId) -> Option<UserId> {
        self.passkeys.get(passkey).cloned()
    }

    pub(crate) fn check(&self, write: &UserWrite, now: Instant) -> Result<(), StoreError> {
        match write {
            UserWrite::Keep => Ok(()),
            UserWrite::Insert(user) if self.by_id.contains_key(&user.id) => {
                Err(StoreError::Conflict { field: UniqueField::Id })
            }
            UserWrite::Insert(user) => self.check_identifiers(user, None, now),
            UserWrite::Replace { expected, user } => {
                let held = self.by_id.get(&user.id).ok_or(StoreError::Stale)?;
                if held.version != *expected {
                    return Err(StoreError::Stale);
                }
                self.check_identifiers(user, Some(held), now)
            }
        }
    }

    fn check_identifiers(&self, user: &User, former: Option<&User>, now: Instant) -> Result<(), StoreError> {
        let wanted: [(UniqueField, &Owners, Identifier); 3] = [
            (UniqueField::Username, &self.usernames, username),
            (UniqueField::Phone, &self.phones, phone),
            (UniqueField::Email, &self.emails, email),
        ];
        for (field, owners, name_of) in wanted {
            // What someone has already is theirs.
            let name = name_of(user).filter(|name| former.and_then(name_of) != Some(*name));
            let Some(name) = name else { continue };
            let taken = match owners.get(name) {
                Some(owner) => *owner != user.id,
                None => self.is_held_for_another(name, user, now),
            };
            if taken {
                return Err(StoreError::Conflict { field });
            }
        }
        let another = |link: &SocialLink| {
            self.bound_to(&link.issuer, &link.subject).is_some_and(|owner| owner != user.id)
        };
        if user.social.iter().any(another) {
            return Err(StoreError::Conflict { field: UniqueField::Social });
        }
        let anothers =
            |passkey: &Passkey| self.passkeys.get(&passkey.id).is_some_and(|owner| *owner != user.id);
        if user.passkeys.held.iter().any(anothers) {
            return Err(StoreError::Conflict { field: UniqueField::Passkey });
        }
        self.values.check(user)
    }

    /// Whether somebody else may come back to this name; a user name is never held.
    fn is_held_for_another(&self, name: &str, user: &User, now: Instant) -> bool {
        let live = |held: &HeldContact| held.address.canonical() == name && held.is_live(now);
        let others = self.holders.get(name).into_iter().flatten().filter(|id| **id != user.id);
        others.filter_map(|id| self.by_id.get(id)).any(|other| other.held.iter().any(live))
    }

    pub(crate) fn apply(&mut self, write: UserWrite) {
        let (UserWrite::Insert(user) | UserWrite::Replace { user, .. }) = write else { return };
        let held = self.by_id.get_mut(&user.id);
        let former = held.as_deref().map(|held| &**held);
        let id = &user.id;
        pass_on(&mut self.usernames, former.and_then(username), username(&user), id);
        pass_on(&mut self.phones, former.and_then(phone), phone(&user), id);
        pass_on(&mut self.emails, former.and_then(email), email(&user), id);
        self.values.pass_on(former, &user);
        if let Some(due_at) = former.and_then(|former| former.status.due_at()) {
            self.deletions.remove(&(due_at, id.clone()));
        }
        self.deletions.extend(user.status.due_at().map(|due_at| (due_at, id.clone())));
        if former.map_or(&[][..], |former| &former.held) != user.held {
            hold(&mut self.holders, former, &user);
        }
        if former.map_or(&[][..], |former| &former.social) != user.social {
            bind(&mut self.bound, former, &user);
        }
        if former.map_or(&[][..], |former| &former.passkeys.held) != user.passkeys.held {
            entrust(&mut self.passkeys, former, &user);
        }
        if let Some(held) = held {
            *held = user.into();
        } else {
            self.ids.insert(id.clone());
            drop(self.by_id.insert(id.clone(), user.into()));
        }
    }
}

fn hold(holders: &mut HashMap<Box<str>, Vec<UserId>>, former: Option<&User>, next: &User) {
    for held in former.into_iter().flat_map(|former| &former.held) {
        let name = held.address.canonical();
        if let Some(ids) = holders.get_mut(name) {
            ids.retain(|id| *id != next.id);
            if ids.is_empty() {
                holders.remove(name);
            }
        }
    }
    for held in &next.held {
        let ids = holders.entry(held.address.canonical().into()).or_default();
        if !ids.contains(&next.id) {
            ids.push(next.id.clone());
        }
    }
}

fn bind(bound: &mut HashMap<(Issuer, Subject), UserId>, former: Option<&User>, next: &User) {
    let key = |link: &SocialLink| (link.issuer.clone(), link.subject.clone());
    for link in former.into_iter().flat_map(|former| &former.social) {
        bound.remove(&key(link));
    }
    bound.extend(next.social.iter().map(|link| (key(link), next.id.clone())));
}

fn entrust(passkeys: &mut HashMap<CredentialId, UserId>, former: Option<&User>, next: &User) {
    for passkey in former.into_iter().flat_map(|former| &former.passkeys.held) {
        passkeys.remove(&passkey.id);
    }
    passkeys.extend(next.passkeys.held.iter().map(|passkey| (passkey.id.clone(), next.id.clone())));
}

fn pass_on(owners: &mut Owners, former: Option<&str>, next: Option<&str>, id: &UserId) {
    if former == next {
        return;
    }
    if let Some(former) = former {
        owners.remove(former);
    }
    if let Some(next) = next {
        owners.insert(next.into(), id.clone());
    }
}

//! People as they were read last, so that a step reads none twice: most of a step's columns are the person's.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ciam_ports::domain::{TenantId, User, UserId};

use crate::users::Mark;

/// So many at most; whoever comes later takes the place of another.
const PLACES: usize = 64;

/// What was committed of some people.
#[derive(Debug)]
pub(crate) struct Known {
    places: Mutex<[Option<Arc<User>>; PLACES]>,
    chance: RandomState,
}

impl Default for Known {
    fn default() -> Self {
        Self { places: Mutex::new([const { None }; PLACES]), chance: RandomState::new() }
    }
}

impl Known {
    fn places(&self) -> MutexGuard<'_, [Option<Arc<User>>; PLACES]> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn place(&self, tenant: &TenantId, id: &UserId) -> usize {
        let [first, ..] = self.chance.hash_one((tenant, id)).to_le_bytes();
        usize::from(first) % PLACES
    }

    pub(crate) fn find(&self, (tenant, id): (&TenantId, &UserId), mark: &Mark) -> Option<Arc<User>> {
        let places = self.places();
        let user = places[self.place(tenant, id)].as_ref()?;
        let same = Mark::of(user) == *mark && user.id == *id && user.tenant == *tenant;
        same.then(|| Arc::clone(user))
    }

    pub(crate) fn put(&self, user: &Arc<User>) {
        let place = self.place(&user.tenant, &user.id);
        self.places()[place] = Some(Arc::clone(user));
    }

    /// Forgets a person who is about to change.
    pub(crate) fn forget(&self, user: &User) {
        let place = self.place(&user.tenant, &user.id);
        self.places()[place] = None;
    }

    /// Forgets everybody: what others erased is not kept for long.
    pub(crate) fn clear(&self) {
        self.places().fill(None);
    }
}

#[cfg(test)]
mod tests {
    use ciam_ports::domain::user::Status;
    use ciam_testkit::contract::sample;

    use super::*;

    fn find(known: &Known, user: &User) -> Option<Arc<User>> {
        known.find((&user.tenant, &user.id), &Mark::of(user))
    }

    #[test]
    fn somebody_who_changed_is_not_known() {
        let (known, user) = (Known::default(), sample::user("anna"));
        known.put(&Arc::new(user.clone()));
        assert_eq!(find(&known, &user).as_deref(), Some(&user));
        let renamed = sample::changed(&user, |user| sample::rename(user, "anne"));
        let frozen = User { status: Status::Frozen, ..user.clone() };
        let promoted = User { admin: !user.admin, ..user.clone() };
        for changed in [&renamed, &frozen, &promoted, &sample::user("aron")] {
            assert_eq!(find(&known, changed), None, "{changed:?}");
        }
    }

    #[test]
    fn who_is_forgotten_is_not_known() {
        let (known, user) = (Known::default(), sample::user("anna"));
        for forget in [|known: &Known| known.forget(&sample::user("anna")), Known::clear] {
            known.put(&Arc::new(user.clone()));
            forget(&known);
            assert_eq!(find(&known, &user), None);
        }
    }
}

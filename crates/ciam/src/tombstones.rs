//! What keeps the identifiers of erased accounts from others for a time.

use ciam_domain::identifier::Login;
use ciam_domain::tombstone::{Tombstone, TombstoneDigest};
use ciam_domain::{Instant, TenantId, User};
use ciam_ports::Claim;
use ciam_ports::store::UniqueField;

use crate::{Ciam, Error};

impl Ciam {
    /// What a write that takes these identifiers must bring along: every one of them under every key that a
    /// tombstone may have been made with. Writes that take none need none, and pay nothing.
    pub(crate) async fn claims(&self, tenant: &TenantId, taken: &[Login]) -> Result<Vec<Claim>, Error> {
        if taken.is_empty() || self.config.deletion.tombstone.is_zero() {
            return Ok(Vec::new());
        }
        let keys = self.ports.keys.all().await?;
        let claim = |login: &Login, key| Claim {
            field: field_of(login),
            digest: TombstoneDigest::of(key, tenant, login),
        };
        Ok(taken.iter().flat_map(|login| keys.iter().map(move |key| claim(login, key))).collect())
    }

    /// The tombstones of everything that leads to an account.
    pub(crate) async fn tombstones(&self, user: &User, now: Instant) -> Result<Vec<Tombstone>, Error> {
        let logins = user.logins();
        if logins.is_empty() || self.config.deletion.tombstone.is_zero() {
            return Ok(Vec::new());
        }
        let key = self.ports.keys.current().await?;
        let ends_at = now.after(self.config.deletion.tombstone);
        let of = |login| Tombstone { digest: TombstoneDigest::of(&key, &user.tenant, login), ends_at };
        Ok(logins.iter().map(of).collect())
    }
}

const fn field_of(login: &Login) -> UniqueField {
    match login {
        Login::Username(_) => UniqueField::Username,
        Login::Phone(_) => UniqueField::Phone,
        Login::Email(_) => UniqueField::Email,
    }
}

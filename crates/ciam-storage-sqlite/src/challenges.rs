//! Codes, one at most in each slot of a person.

use ciam_ports::StoreError;
use ciam_ports::domain::challenge::{Challenge, CodeDigest, KeyId, Purpose, Slot};
use ciam_ports::domain::flow::Flow;
use ciam_ports::domain::user::Channel;
use ciam_ports::domain::{TenantId, UserId};
use ciam_ports::store::ChallengeWrite;

use crate::address;
use crate::error::unreadable;
use crate::statement::{Db, Fields};

const PUT: &str = "INSERT OR REPLACE INTO ciam_challenges
        (tenant, user, purpose, channel, flow, target, address, key_id, mac, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

const CLEAR: &str =
    "DELETE FROM ciam_challenges WHERE tenant = ?1 AND user = ?2 AND purpose = ?3 AND channel = ?4";

pub(crate) fn write(
    db: &Db<'_>,
    (tenant, user): (&TenantId, &UserId),
    write: &ChallengeWrite,
) -> Result<(), StoreError> {
    match write {
        ChallengeWrite::Keep => Ok(()),
        ChallengeWrite::Put(challenge) => put(db, challenge),
        ChallengeWrite::Clear(Slot { purpose, channel }) => {
            db.run(CLEAR, (tenant.as_str(), user.as_str(), purpose.as_str(), channel.as_str())).map(drop)
        }
    }
}

fn put(db: &Db<'_>, challenge: &Challenge) -> Result<(), StoreError> {
    let Challenge { tenant, user, flow, slot, target, digest, expires_at } = challenge;
    let (kind, text) = address::columns(target);
    let row = (
        tenant.as_str(),
        user.as_str(),
        slot.purpose.as_str(),
        slot.channel.as_str(),
        flow.as_bytes(),
        kind,
        text,
        digest.key.as_str(),
        digest.mac,
        expires_at.unix_micros(),
    );
    db.run(PUT, row).map(drop)
}

/// Reads `purpose, channel, target, address, key_id, mac, expires_at` from column `at` on; `None` where the
/// join found none.
pub(crate) fn read(row: Fields<'_, '_>, at: usize, flow: &Flow) -> Result<Option<Challenge>, StoreError> {
    let Some(purpose) = row.get::<Option<String>>(at)? else { return Ok(None) };
    let purpose = Purpose::parse(&purpose).ok_or_else(|| unreadable("ciam_challenges.purpose"))?;
    let channel = Channel::parse(&row.get::<String>(at + 1)?);
    let channel = channel.ok_or_else(|| unreadable("ciam_challenges.channel"))?;
    let target = address::read(&row.get::<String>(at + 2)?, &row.get::<String>(at + 3)?);
    Ok(Some(Challenge {
        tenant: flow.tenant().clone(),
        user: flow.user().clone(),
        flow: *flow.key(),
        slot: Slot { purpose, channel },
        target: target.ok_or_else(|| unreadable("ciam_challenges.address"))?,
        digest: CodeDigest { key: KeyId::new(&row.get::<String>(at + 4)?), mac: row.get(at + 5)? },
        expires_at: row.instant(at + 6)?,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        assert_searches(CLEAR);
    }
}

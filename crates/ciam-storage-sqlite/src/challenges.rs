//! Codes, one at most in each slot of a person: they stand in the rows of their flows, and go with them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ciam_ports::StoreError;
use ciam_ports::domain::challenge::{Challenge, CodeDigest, KeyId, Purpose, Slot};
use ciam_ports::domain::flow::Flow;
use ciam_ports::domain::user::Channel;
use ciam_ports::domain::{FlowKey, Instant, TenantId, UserId};
use ciam_ports::store::ChallengeWrite;
use serde::{Deserialize, Serialize};

use crate::address;
use crate::error::unreadable;
use crate::statement::Db;

const COLUMN: &str = "ciam_flows.codes";

const ALL: &str = "SELECT key, codes FROM ciam_flows WHERE tenant = ?1 AND user = ?2";

const REPLACE: &str = "UPDATE ciam_flows SET codes = ?4 WHERE tenant = ?1 AND user = ?2 AND key = ?3";

const COUNT: &str = "SELECT count(*) FROM ciam_flows, json_each(codes) WHERE tenant = ?1 AND user = ?2";

/// A code as it is stored: kind and text of its address, key, digest in hexadecimal, end.
#[derive(Serialize, Deserialize)]
struct Code<'a>(Cow<'a, str>, Cow<'a, str>, Cow<'a, str>, Cow<'a, str>, i64);

/// The codes of a flow by their slots.
type Codes<'a> = BTreeMap<Cow<'a, str>, Code<'a>>;

/// What becomes of the codes of some flows, not written yet.
#[derive(Default)]
pub(crate) struct Changes(Vec<(FlowKey, String)>);

impl Changes {
    /// What a write of a code means for the flows of a person: whichever held the slot before loses it.
    pub(crate) fn of(
        db: &Db<'_>,
        (tenant, user): (&TenantId, &UserId),
        write: &ChallengeWrite,
    ) -> Result<Self, StoreError> {
        let (slot, put) = match write {
            ChallengeWrite::Keep => return Ok(Self::default()),
            ChallengeWrite::Put(challenge) => (challenge.slot, Some(&**challenge)),
            ChallengeWrite::Clear(slot) => (*slot, None),
        };
        let mut changes = Vec::new();
        db.each(ALL, (tenant.as_str(), user.as_str()), |row| {
            let key = FlowKey::from_bytes(row.get(0)?);
            let mut codes = parse(row.text_if_any(1)?)?;
            let gone = codes.remove(&*name(slot)).is_some();
            let put = put.filter(|put| put.flow == key);
            codes.extend(put.map(|put| (name(slot).into(), stored(put))));
            if gone || put.is_some() {
                changes.push((key, serde_json::to_string(&codes).map_err(|_| unreadable(COLUMN))?));
            }
            Ok(())
        })?;
        Ok(Self(changes))
    }

    /// Takes what becomes of the codes of one flow, to be written together with it.
    pub(crate) fn take(&mut self, flow: &FlowKey) -> Option<String> {
        let at = self.0.iter().position(|(key, _)| key == flow)?;
        Some(self.0.swap_remove(at).1)
    }

    /// Writes what nobody took.
    pub(crate) fn write(self, db: &Db<'_>, (tenant, user): (&TenantId, &UserId)) -> Result<(), StoreError> {
        self.0.into_iter().try_for_each(|(key, codes)| {
            db.run(REPLACE, (tenant.as_str(), user.as_str(), key.as_bytes(), codes)).map(drop)
        })
    }
}

fn name(slot: Slot) -> String {
    [slot.purpose.as_str(), slot.channel.as_str()].join("/")
}

fn stored(challenge: &Challenge) -> Code<'_> {
    let Challenge { target, digest, expires_at, .. } = challenge;
    let (kind, text) = address::columns(target);
    let mac = hex::encode(digest.mac);
    Code(kind.into(), text.into(), digest.key.as_str().into(), mac.into(), expires_at.unix_micros())
}

fn parse(codes: Option<&str>) -> Result<Codes<'_>, StoreError> {
    codes.map_or(Ok(Codes::new()), |text| serde_json::from_str(text).map_err(|_| unreadable(COLUMN)))
}

/// How many codes a person has.
pub(crate) fn count(db: &Db<'_>, tenant: &TenantId, user: &UserId) -> Result<usize, StoreError> {
    let count = db.row(COUNT, (tenant.as_str(), user.as_str()), |row| row.get::<i64>(0))?;
    Ok(count.and_then(|count| usize::try_from(count).ok()).unwrap_or_default())
}

/// Reads the codes of a flow.
pub(crate) fn read(text: &str, flow: &Flow) -> Result<Vec<Challenge>, StoreError> {
    let codes = parse(Some(text))?;
    codes.iter().map(|(slot, code)| challenge(slot, code, flow).ok_or_else(|| unreadable(COLUMN))).collect()
}

fn challenge(slot: &str, code: &Code<'_>, flow: &Flow) -> Option<Challenge> {
    let (purpose, channel) = slot.split_once('/')?;
    let Code(kind, text, key, digest, expires_at) = code;
    let mut mac = [0; 32];
    hex::decode_to_slice(digest.as_bytes(), &mut mac).ok()?;
    Some(Challenge {
        tenant: flow.tenant().clone(),
        user: flow.user().clone(),
        flow: *flow.key(),
        slot: Slot { purpose: Purpose::parse(purpose)?, channel: Channel::parse(channel)? },
        target: address::read(kind, text)?,
        digest: CodeDigest { key: KeyId::new(key), mac },
        expires_at: Instant::from_unix_micros(*expires_at),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [ALL, REPLACE] {
            assert_searches(sql);
        }
    }
}

//! Former addresses: one JSON column with a version beside the account, and a row each to find them by.

use std::borrow::Cow;

use ciam_ports::StoreError;
use ciam_ports::domain::challenge::KeyId;
use ciam_ports::domain::user::{Address, HeldContact};
use ciam_ports::domain::{Instant, TenantId, User, UserId};
use ciam_ports::store::UniqueField;
use serde::{Deserialize, Serialize};

use crate::error::unreadable;
use crate::statement::Db;
use crate::{address, users};

const VERSION: u16 = 1;
const COLUMN: &str = "ciam_users.held";

const HOLDER: &str =
    "SELECT user FROM ciam_held WHERE tenant = ?1 AND canonical = ?2 ORDER BY since DESC LIMIT 1";

const HELD: &str =
    "SELECT 1 FROM ciam_held WHERE tenant = ?1 AND canonical = ?2 AND user <> ?3 AND until > ?4 LIMIT 1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnV1<'a> {
    v: u16,
    #[serde(borrow)]
    held: Vec<HeldV1<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeldV1<'a> {
    kind: Cow<'a, str>,
    address: Cow<'a, str>,
    canonical: Cow<'a, str>,
    verified_at: i64,
    since: i64,
    until: i64,
    key: Cow<'a, str>,
}

/// The column; nothing where nothing is held.
pub(crate) fn write(held: &[HeldContact]) -> Result<Option<String>, StoreError> {
    if held.is_empty() {
        return Ok(None);
    }
    let rows = held.iter().map(|HeldContact { address: to, verified_at, since, until, key }| {
        let (kind, text) = address::columns(to);
        HeldV1 {
            kind: kind.into(),
            address: text.into(),
            canonical: to.canonical().into(),
            verified_at: verified_at.unix_micros(),
            since: since.unix_micros(),
            until: until.unix_micros(),
            key: key.as_str().into(),
        }
    });
    let column = ColumnV1 { v: VERSION, held: rows.collect() };
    serde_json::to_string(&column).map(Some).map_err(|_| unreadable(COLUMN))
}

pub(crate) fn read(text: &str) -> Result<Vec<HeldContact>, StoreError> {
    parse(text).ok_or_else(|| unreadable(COLUMN))
}

fn parse(text: &str) -> Option<Vec<HeldContact>> {
    let ColumnV1 { v: VERSION, held } = serde_json::from_str(text).ok()? else { return None };
    let read = |row: HeldV1<'_>| {
        let address = address::read(&row.kind, &row.address)?;
        (address.canonical() == row.canonical).then(|| HeldContact {
            address,
            verified_at: Instant::from_unix_micros(row.verified_at),
            since: Instant::from_unix_micros(row.since),
            until: Instant::from_unix_micros(row.until),
            key: KeyId::new(&row.key),
        })
    };
    held.into_iter().map(read).collect()
}

/// Whom an address is held for; of several, who gave it up last.
pub(crate) fn holder(
    db: &Db<'_>,
    tenant: &TenantId,
    address: &Address,
) -> Result<Option<UserId>, StoreError> {
    db.row(HOLDER, (tenant.as_str(), address.canonical()), users::id)
}

/// Which address of an account is held for somebody else, now that a write was kept away by one.
pub(crate) fn conflict(db: &Db<'_>, user: &User, now: Instant) -> Result<StoreError, StoreError> {
    let Some(phone) = &user.phone else { return Ok(StoreError::Conflict { field: UniqueField::Email }) };
    let key = (user.tenant.as_str(), phone.address.canonical(), user.id.as_str(), now.unix_micros());
    let held = db.row(HELD, key, |row| row.get::<i64>(0))?;
    let field = held.map_or(UniqueField::Email, |_| UniqueField::Phone);
    Ok(StoreError::Conflict { field })
}

#[cfg(test)]
mod tests {
    use ciam_ports::domain::identifier::{EmailAddress, PhoneNumber};

    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [HELD, "SELECT user FROM ciam_held WHERE tenant = ?1 AND canonical = ?2"] {
            assert_searches(sql);
        }
    }

    #[test]
    fn what_is_held_comes_back_whole_and_in_its_order() {
        let held = |address, at| HeldContact {
            address,
            verified_at: Instant::from_unix_micros(at),
            since: Instant::from_unix_micros(at + 1),
            until: Instant::from_unix_micros(at + 2),
            key: KeyId::new("\"k\\ 1"),
        };
        let written = vec![
            held(Address::Phone(PhoneNumber::parse("+8613800000001", None).unwrap()), 7),
            held(Address::Email(EmailAddress::parse("Alice.O@Example.org").unwrap()), 3),
        ];
        let text = write(&written).unwrap().unwrap();
        assert_eq!(read(&text).unwrap(), written);
        assert_eq!(write(&[]).unwrap(), None);
        for broken in ["", "{}", "[]", &text.replace("\"v\":1", "\"v\":2"), &text.replace("alice", "mallory")]
        {
            assert!(read(broken).is_err(), "{broken}");
        }
    }
}

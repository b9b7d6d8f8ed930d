//! Passkeys: one JSON column with a version beside the account, and a row each to find them by.

use std::borrow::Cow;

use ciam_ports::StoreError;
use ciam_ports::domain::passkey::{Backup, CredentialId, PasskeyKey, PasskeyName, Transport, UserHandle};
use ciam_ports::domain::user::{Passkey, Passkeys, PendingPasskey};
use ciam_ports::domain::{Instant, SessionId, TenantId, UserId};
use serde::{Deserialize, Serialize};

use crate::error::unreadable;
use crate::statement::Db;
use crate::users;

const VERSION: u16 = 1;
const COLUMN: &str = "ciam_users.passkeys";

const OWNER: &str = "SELECT user FROM ciam_passkeys WHERE tenant = ?1 AND id = ?2";

/// Bytes are in hexadecimal.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnV1<'a> {
    v: u16,
    #[serde(borrow)]
    handle: Option<Cow<'a, str>>,
    #[serde(borrow)]
    held: Vec<PasskeyV1<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pending: Option<PendingV1<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PasskeyV1<'a> {
    id: Cow<'a, str>,
    key: Cow<'a, str>,
    sign_count: u32,
    name: Cow<'a, str>,
    created_at: i64,
    used_at: Option<i64>,
    backup: Cow<'a, str>,
    transports: Vec<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PendingV1<'a> {
    challenge: Cow<'a, str>,
    session: Cow<'a, str>,
    until: i64,
}

/// The column; nothing where there is nothing.
pub(crate) fn write(passkeys: &Passkeys) -> Result<Option<String>, StoreError> {
    if passkeys.is_empty() {
        return Ok(None);
    }
    let Passkeys { handle, held, pending } = passkeys;
    let column = ColumnV1 {
        v: VERSION,
        handle: handle.map(|handle| hex::encode(handle.as_bytes()).into()),
        held: held.iter().map(row).collect(),
        pending: pending.as_ref().map(|PendingPasskey { challenge, session, until }| PendingV1 {
            challenge: hex::encode(challenge).into(),
            session: session.as_str().into(),
            until: until.unix_micros(),
        }),
    };
    serde_json::to_string(&column).map(Some).map_err(|_| unreadable(COLUMN))
}

fn row(passkey: &Passkey) -> PasskeyV1<'_> {
    let Passkey { id, key, sign_count, name, created_at, used_at, backup, transports } = passkey;
    PasskeyV1 {
        id: hex::encode(id.as_bytes()).into(),
        key: hex::encode(key.as_bytes()).into(),
        sign_count: *sign_count,
        name: name.as_str().into(),
        created_at: created_at.unix_micros(),
        used_at: used_at.map(Instant::unix_micros),
        backup: backup.as_str().into(),
        transports: transports.iter().map(|one| one.as_str().into()).collect(),
    }
}

pub(crate) fn read(text: &str) -> Result<Passkeys, StoreError> {
    parse(text).ok_or_else(|| unreadable(COLUMN))
}

fn parse(text: &str) -> Option<Passkeys> {
    let ColumnV1 { v: VERSION, handle, held, pending } = serde_json::from_str(text).ok()? else {
        return None;
    };
    let handle = match handle {
        Some(text) => Some(UserHandle::from_random(bits(&text)?)),
        None => None,
    };
    let pending = match pending {
        Some(row) => Some(PendingPasskey {
            challenge: bits(&row.challenge)?,
            session: SessionId::parse(&row.session).ok()?,
            until: Instant::from_unix_micros(row.until),
        }),
        None => None,
    };
    Some(Passkeys { handle, held: held.iter().map(passkey).collect::<Option<_>>()?, pending })
}

fn passkey(row: &PasskeyV1<'_>) -> Option<Passkey> {
    Some(Passkey {
        id: CredentialId::new(&hex::decode(&*row.id).ok()?)?,
        key: PasskeyKey::new(&hex::decode(&*row.key).ok()?)?,
        sign_count: row.sign_count,
        name: PasskeyName::parse(&row.name)?,
        created_at: Instant::from_unix_micros(row.created_at),
        used_at: row.used_at.map(Instant::from_unix_micros),
        backup: Backup::parse(&row.backup)?,
        transports: row.transports.iter().map(|one| Transport::parse(one)).collect::<Option<_>>()?,
    })
}

fn bits(text: &str) -> Option<[u8; 32]> {
    let mut bits = [0; 32];
    hex::decode_to_slice(text, &mut bits).ok()?;
    Some(bits)
}

/// Whose passkey it is.
pub(crate) fn owner(db: &Db<'_>, tenant: &TenantId, id: &CredentialId) -> Result<Option<UserId>, StoreError> {
    db.row(OWNER, (tenant.as_str(), hex::encode(id.as_bytes())), users::id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        assert_searches(OWNER);
    }

    #[test]
    fn passkeys_come_back_whole_and_in_their_order() {
        let at = Instant::from_unix_micros;
        let passkey = |id: u8, used_at, backup, transports| Passkey {
            id: CredentialId::new(&[id; 3]).unwrap(),
            key: PasskeyKey::new(&[id, 0xff]).unwrap(),
            sign_count: u32::MAX,
            name: PasskeyName::parse("O'ahu \"\\ 手机").unwrap(),
            created_at: at(7),
            used_at,
            backup,
            transports,
        };
        let written = Passkeys {
            handle: Some(UserHandle::from_random([9; 32])),
            held: vec![
                passkey(2, Some(at(8)), Backup::BackedUp, vec![Transport::Hybrid, Transport::Internal]),
                passkey(1, None, Backup::DeviceBound, vec![]),
            ],
            pending: Some(PendingPasskey {
                challenge: [3; 32],
                session: SessionId::parse("s-1").unwrap(),
                until: at(5),
            }),
        };
        let text = write(&written).unwrap().unwrap();
        assert_eq!(read(&text).unwrap(), written);
        for part in [
            Passkeys { handle: written.handle, ..Passkeys::NONE },
            Passkeys { pending: written.pending.clone(), ..Passkeys::NONE },
        ] {
            assert_eq!(read(&write(&part).unwrap().unwrap()).unwrap(), part);
        }
        assert_eq!(write(&Passkeys::NONE).unwrap(), None);
        for broken in [
            "",
            "{}",
            "[]",
            &text.replace("\"v\":1", "\"v\":2"),
            &text.replace("backed_up", "lost"),
            &text.replace("hybrid", "cable"),
            &text.replace("s-1", ""),
            &text.replace(&hex::encode([3; 32]), "03"),
        ] {
            assert!(read(broken).is_err(), "{broken}");
        }
    }
}

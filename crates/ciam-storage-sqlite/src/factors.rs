//! What people enrolled to prove themselves with: one JSON column with a version beside the account.

use std::borrow::Cow;

use ciam_ports::StoreError;
use ciam_ports::domain::challenge::KeyId;
use ciam_ports::domain::encrypted::EncryptedSecret;
use ciam_ports::domain::recovery_code::{RecoveryCodes, RecoveryDigest};
use ciam_ports::domain::totp::TotpStep;
use ciam_ports::domain::user::{Factors, PendingTotp, TotpCredential};
use ciam_ports::domain::{Instant, SessionId};
use serde::{Deserialize, Serialize};

use crate::error::unreadable;

const VERSION: u16 = 1;
const COLUMN: &str = "ciam_users.factors";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnV1<'a> {
    v: u16,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    totp: Option<TotpV1<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    pending_totp: Option<PendingTotpV1<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<RecoveryCodesV1<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TotpV1<'a> {
    secret: Cow<'a, str>,
    enrolled_at: i64,
    last_step: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PendingTotpV1<'a> {
    secret: Cow<'a, str>,
    session: Cow<'a, str>,
    until: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecoveryCodesV1<'a> {
    key: Cow<'a, str>,
    made_at: i64,
    unused: Vec<Cow<'a, str>>,
}

/// The column; nothing where nothing was enrolled.
pub(crate) fn write(factors: &Factors) -> Result<Option<String>, StoreError> {
    if factors.is_empty() {
        return Ok(None);
    }
    let Factors { totp, pending_totp, recovery_codes } = factors;
    let column = ColumnV1 {
        v: VERSION,
        totp: totp.as_ref().map(|TotpCredential { secret, enrolled_at, last_step }| TotpV1 {
            secret: hex::encode(secret.to_bytes()).into(),
            enrolled_at: enrolled_at.unix_micros(),
            last_step: last_step.number(),
        }),
        pending_totp: pending_totp.as_ref().map(|PendingTotp { secret, session, until }| PendingTotpV1 {
            secret: hex::encode(secret.to_bytes()).into(),
            session: session.as_str().into(),
            until: until.unix_micros(),
        }),
        recovery_codes: recovery_codes.as_ref().map(|RecoveryCodes { key, made_at, unused }| {
            RecoveryCodesV1 {
                key: key.as_str().into(),
                made_at: made_at.unix_micros(),
                unused: unused.iter().map(|digest| hex::encode(digest.as_bytes()).into()).collect(),
            }
        }),
    };
    serde_json::to_string(&column).map(Some).map_err(|_| unreadable(COLUMN))
}

pub(crate) fn read(text: &str) -> Result<Factors, StoreError> {
    parse(text).ok_or_else(|| unreadable(COLUMN))
}

fn parse(text: &str) -> Option<Factors> {
    let ColumnV1 { v: VERSION, totp: app, pending_totp: pending, recovery_codes: codes } =
        serde_json::from_str(text).ok()?
    else {
        return None;
    };
    let mut factors = Factors::NONE;
    if let Some(row) = &app {
        factors.totp = Some(totp(row)?);
    }
    if let Some(row) = &pending {
        factors.pending_totp = Some(pending_totp(row)?);
    }
    if let Some(row) = &codes {
        factors.recovery_codes = Some(recovery_codes(row)?);
    }
    Some(factors)
}

fn totp(row: &TotpV1<'_>) -> Option<TotpCredential> {
    Some(TotpCredential {
        secret: secret(&row.secret)?,
        enrolled_at: Instant::from_unix_micros(row.enrolled_at),
        last_step: TotpStep::from_number(row.last_step),
    })
}

fn pending_totp(row: &PendingTotpV1<'_>) -> Option<PendingTotp> {
    Some(PendingTotp {
        secret: secret(&row.secret)?,
        session: SessionId::parse(&row.session).ok()?,
        until: Instant::from_unix_micros(row.until),
    })
}

fn recovery_codes(row: &RecoveryCodesV1<'_>) -> Option<RecoveryCodes> {
    Some(RecoveryCodes {
        key: KeyId::new(&row.key),
        made_at: Instant::from_unix_micros(row.made_at),
        unused: row.unused.iter().map(|text| digest(text)).collect::<Option<_>>()?,
    })
}

fn secret(text: &str) -> Option<EncryptedSecret> {
    EncryptedSecret::from_bytes(&hex::decode(text).ok()?)
}

fn digest(text: &str) -> Option<RecoveryDigest> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(RecoveryDigest::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(byte: u8) -> EncryptedSecret {
        EncryptedSecret::from_bytes(&[&[1, 2, b'k', b'1'][..], &[byte; 48]].concat()).unwrap()
    }

    fn all() -> Factors {
        let at = Instant::from_unix_micros;
        Factors {
            totp: Some(TotpCredential {
                secret: sealed(1),
                enrolled_at: at(3),
                last_step: TotpStep::from_number(9),
            }),
            pending_totp: Some(PendingTotp {
                secret: sealed(2),
                session: SessionId::parse("s-1").unwrap(),
                until: at(5),
            }),
            recovery_codes: Some(RecoveryCodes {
                key: KeyId::new("\"k\\ 1"),
                made_at: at(7),
                unused: [3, 2].map(|byte| RecoveryDigest::from_bytes([byte; 32])).to_vec(),
            }),
        }
    }

    #[test]
    fn what_was_enrolled_comes_back_whole_and_in_its_order() {
        let parts = [
            all(),
            Factors { totp: None, ..all() },
            Factors { pending_totp: None, ..all() },
            Factors { recovery_codes: None, ..all() },
        ];
        for factors in parts {
            assert_eq!(read(&write(&factors).unwrap().unwrap()).unwrap(), factors);
        }
        assert_eq!(write(&Factors::NONE).unwrap(), None);
    }

    #[test]
    fn what_was_tampered_with_is_refused() {
        let text = write(&all()).unwrap().unwrap();
        let digest = hex::encode([3; 32]);
        for broken in [
            "",
            "{}",
            "[]",
            &text.replace("\"v\":1", "\"v\":2"),
            &text.replace("\"v\":1", "\"v\":1,\"more\":1"),
            &text.replace(&digest, &digest[2..]),
            &text.replace("0102", "0902"),
            &text.replace("s-1", ""),
        ] {
            assert!(read(broken).is_err(), "{broken}");
        }
    }
}

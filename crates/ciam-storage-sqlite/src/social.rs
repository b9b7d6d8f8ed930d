//! Accounts elsewhere: one JSON column with a version beside the account, and a row each to find them by.

use std::borrow::Cow;

use ciam_ports::StoreError;
use ciam_ports::domain::social::{Issuer, SocialLink, SocialSourceId, Subject};
use ciam_ports::domain::{Instant, TenantId, UserId};
use serde::{Deserialize, Serialize};

use crate::error::unreadable;
use crate::statement::Db;
use crate::users;

const VERSION: u16 = 1;
const COLUMN: &str = "ciam_users.social";

const BOUND: &str = "SELECT user FROM ciam_social WHERE tenant = ?1 AND issuer = ?2 AND subject = ?3";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnV1<'a> {
    v: u16,
    #[serde(borrow)]
    links: Vec<LinkV1<'a>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkV1<'a> {
    source: Cow<'a, str>,
    issuer: Cow<'a, str>,
    subject: Cow<'a, str>,
    linked_at: i64,
}

/// The column; nothing where nothing is bound.
pub(crate) fn write(links: &[SocialLink]) -> Result<Option<String>, StoreError> {
    if links.is_empty() {
        return Ok(None);
    }
    let rows = links.iter().map(|SocialLink { source, issuer, subject, linked_at }| LinkV1 {
        source: source.as_str().into(),
        issuer: issuer.as_str().into(),
        subject: subject.as_str().into(),
        linked_at: linked_at.unix_micros(),
    });
    let column = ColumnV1 { v: VERSION, links: rows.collect() };
    serde_json::to_string(&column).map(Some).map_err(|_| unreadable(COLUMN))
}

pub(crate) fn read(text: &str) -> Result<Vec<SocialLink>, StoreError> {
    parse(text).ok_or_else(|| unreadable(COLUMN))
}

fn parse(text: &str) -> Option<Vec<SocialLink>> {
    let ColumnV1 { v: VERSION, links } = serde_json::from_str(text).ok()? else { return None };
    let read = |row: LinkV1<'_>| {
        Some(SocialLink {
            source: SocialSourceId::parse(&row.source).ok()?,
            issuer: Issuer::parse(&row.issuer).ok()?,
            subject: Subject::parse(&row.subject).ok()?,
            linked_at: Instant::from_unix_micros(row.linked_at),
        })
    };
    links.into_iter().map(read).collect()
}

/// Whose account elsewhere it is.
pub(crate) fn owner(
    db: &Db<'_>,
    tenant: &TenantId,
    (issuer, subject): (&Issuer, &Subject),
) -> Result<Option<UserId>, StoreError> {
    db.row(BOUND, (tenant.as_str(), issuer.as_str(), subject.as_str()), users::id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        assert_searches(BOUND);
    }

    #[test]
    fn what_is_bound_comes_back_whole_and_in_its_order() {
        let link = |source: &str, subject: &str, at| SocialLink {
            source: SocialSourceId::parse(source).unwrap(),
            issuer: Issuer::parse("https://o'ahu.example/\"\\").unwrap(),
            subject: Subject::parse(subject).unwrap(),
            linked_at: Instant::from_unix_micros(at),
        };
        let written = vec![link("b", "\"one\"", 7), link("a", "\\two'", 3)];
        let text = write(&written).unwrap().unwrap();
        assert_eq!(read(&text).unwrap(), written);
        assert_eq!(write(&[]).unwrap(), None);
        for broken in ["", "{}", "[]", &text.replace("\"v\":1", "\"v\":2"), &text.replace("two", "t wo")] {
            assert!(read(broken).is_err(), "{broken}");
        }
    }
}

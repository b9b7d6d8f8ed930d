//! The accounts of a tenant, one page after another.

use async_trait::async_trait;
use ciam_ports::domain::UserId;
use ciam_ports::domain::user::StatusKind;
use ciam_ports::{DirectoryPage, DirectoryQuery, StoreError, UserDirectory};

use crate::SqliteStore;
use crate::statement::Db;
use crate::users;

// One more than the page holds is read, to tell whether another is left.
const ALL: &str = concat!(
    "SELECT id, ",
    users::columns!(),
    " FROM ciam_users WHERE tenant = ?1 AND id > ?2 AND (?3 IS NULL OR status = ?3) ORDER BY id LIMIT ?4 + 1"
);

// Its index has no accounts in use, which are most of them, and are found by going through all.
const OF_STATUS: &str = concat!(
    "SELECT id, ",
    users::columns!(),
    " FROM ciam_users WHERE tenant = ?1 AND status = ?3 AND status <> 'normal' AND id > ?2
    ORDER BY id LIMIT ?4 + 1"
);

fn page(db: &Db<'_>, query: &DirectoryQuery) -> Result<DirectoryPage, StoreError> {
    let DirectoryQuery { tenant, status, after, limit } = query;
    let sql = match status {
        None | Some(StatusKind::Normal) => ALL,
        Some(_) => OF_STATUS,
    };
    // No id is empty.
    let after = after.as_ref().map_or("", UserId::as_str);
    let columns = (tenant.as_str(), after, status.map(StatusKind::as_str), limit);
    let mut users = db.rows(sql, columns, |row| users::read(row, 1, tenant, &users::id(row)?))?;
    let more = users.len() > usize::from(*limit);
    users.truncate((*limit).into());
    let next = users.last().filter(|_| more).map(|user| user.id.clone());
    Ok(DirectoryPage { users, next })
}

#[async_trait]
impl UserDirectory for SqliteStore {
    async fn page(&self, query: &DirectoryQuery) -> Result<DirectoryPage, StoreError> {
        let query = query.clone();
        self.read(move |db| page(db, &query)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [ALL, OF_STATUS] {
            assert_searches(sql);
        }
    }
}

//! Accounts.

use ciam_ports::StoreError;
use ciam_ports::domain::identifier::{EmailAddress, Login, PhoneNumber, Username};
use ciam_ports::domain::profile::Profile;
use ciam_ports::domain::user::{Contact, Factors, Passkeys, SecurityStamp, Status, StatusKind, Version};
use ciam_ports::domain::{Instant, TenantId, User, UserId};
use ciam_ports::store::{UniqueField, UserWrite};
use rusqlite::ToSql;

use crate::error::unreadable;
use crate::statement::{Db, Fields};
use crate::{factors, gestures, held, passkeys, password, profile, social};

/// What [`read`] reads.
macro_rules! columns {
    () => {
        "version, stamp, stamped_at, status, status_until, username, phone, phone_verified_at, email,
        email_verified_at, held, contacts_paused_until, password, profile, admin, created_at, gestures,
        social, factors, passkeys"
    };
}
pub(crate) use columns;

const SELECT: &str = concat!("SELECT ", columns!(), " FROM ciam_users WHERE tenant = ?1 AND id = ?2");

const VERSION: &str = "SELECT version FROM ciam_users WHERE tenant = ?1 AND id = ?2";

const BY_USERNAME: &str = "SELECT id FROM ciam_users WHERE tenant = ?1 AND username_canonical = ?2";

const BY_PHONE: &str = "SELECT id FROM ciam_users WHERE tenant = ?1 AND phone = ?2";

const BY_EMAIL: &str = "SELECT id FROM ciam_users WHERE tenant = ?1 AND email_canonical = ?2";

const INSERT: &str = "INSERT INTO ciam_users (tenant, id, version, stamp, stamped_at, status, status_until,
        username, username_canonical, phone, phone_verified_at, email, email_canonical, email_verified_at,
        held, contacts_paused_until, password, profile, admin, created_at, gestures, social, factors,
        passkeys)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
        ?24
    WHERE NOT EXISTS (SELECT 1 FROM ciam_held
        WHERE tenant = ?1 AND canonical IN (?10, ?13) AND user <> ?2 AND until > ?25)
    ON CONFLICT (tenant, id) DO NOTHING";

macro_rules! rest {
    () => {
        "UPDATE ciam_users SET version = ?3, stamp = ?4, stamped_at = ?5, status = ?6, status_until = ?7,
        username = ?8, phone_verified_at = ?11, email = ?12, email_verified_at = ?14,
        contacts_paused_until = ?16, password = ?17, admin = ?19, created_at = ?20, gestures = ?21,
        factors = ?23"
    };
}

// Where what must be unique or is looked up elsewhere stays, as it does in almost every change, its indexes and
// triggers are left alone.
const REPLACE: &str = concat!(
    rest!(),
    " WHERE tenant = ?1 AND id = ?2 AND version = ?26
        AND username_canonical IS ?9 AND phone IS ?10 AND email_canonical IS ?13
        AND held IS ?15 AND profile IS ?18 AND social IS ?22 AND passkeys IS ?24"
);

// An address that is taken anew must be held for nobody else.
const REPLACE_WHOLE: &str = concat!(
    rest!(),
    ", username_canonical = ?9, phone = ?10, email_canonical = ?13, held = ?15, profile = ?18, social = ?22,
        passkeys = ?24
    WHERE tenant = ?1 AND id = ?2 AND version = ?26 AND NOT EXISTS (SELECT 1 FROM ciam_held h
        WHERE h.tenant = ?1 AND h.canonical IN (?10, ?13) AND h.user <> ?2 AND h.until > ?25
            AND h.canonical IS NOT phone AND h.canonical IS NOT email_canonical)"
);

pub(crate) fn find(db: &Db<'_>, tenant: &TenantId, user: &UserId) -> Result<Option<User>, StoreError> {
    db.row(SELECT, (tenant.as_str(), user.as_str()), |row| read(row, 0, tenant, user))
}

/// Whose name it is.
pub(crate) fn named(db: &Db<'_>, tenant: &TenantId, login: &Login) -> Result<Option<UserId>, StoreError> {
    let sql = match login {
        Login::Username(_) => BY_USERNAME,
        Login::Phone(_) => BY_PHONE,
        Login::Email(_) => BY_EMAIL,
    };
    db.row(sql, (tenant.as_str(), login.canonical()), id)
}

/// Reads an account's id.
pub(crate) fn id(row: Fields<'_, '_>) -> Result<UserId, StoreError> {
    UserId::parse(row.text_if_any(0)?.unwrap_or_default()).map_err(|_| unreadable("ciam_users.id"))
}

pub(crate) fn write(db: &Db<'_>, write: &UserWrite, now: Instant) -> Result<(), StoreError> {
    let at = now.unix_micros();
    match write {
        UserWrite::Keep => Ok(()),
        UserWrite::Insert(user) => {
            let row = UserRow::of(user)?;
            let mut columns = row.columns();
            columns.push(&at);
            match db.run(INSERT, columns.as_slice())? {
                0 if version(db, user)?.is_none() => Err(held::conflict(db, user, now)?),
                0 => Err(StoreError::Conflict { field: UniqueField::Id }),
                _ => Ok(()),
            }
        }
        UserWrite::Replace { expected, user } => {
            db.shared().known.forget(user);
            let (row, expected) = (UserRow::of(user)?, number(*expected)?);
            let mut columns = row.columns();
            columns.extend([&at as &dyn ToSql, &expected]);
            if db.run(REPLACE, columns.as_slice())? == 1 {
                return Ok(());
            }
            match db.run(REPLACE_WHOLE, columns.as_slice())? {
                0 if version(db, user)? == Some(expected) => Err(held::conflict(db, user, now)?),
                0 => Err(StoreError::Stale),
                _ => Ok(()),
            }
        }
    }
}

/// The version that an account has, where there is one.
fn version(db: &Db<'_>, user: &User) -> Result<Option<i64>, StoreError> {
    db.row(VERSION, (user.tenant.as_str(), user.id.as_str()), |row| row.get(0))
}

fn number(version: Version) -> Result<i64, StoreError> {
    i64::try_from(version.number()).map_err(|_| unreadable("ciam_users.version"))
}

/// What is derived of a user; the rest is bound as it stands.
struct UserRow<'a> {
    user: &'a User,
    tenant: &'a str,
    id: &'a str,
    version: i64,
    stamped_at: i64,
    status: (&'static str, Option<i64>),
    username: Option<(&'a str, &'a str)>,
    phone: Option<(&'a str, Option<i64>)>,
    email: Option<(&'a str, &'a str, Option<i64>)>,
    held: Option<String>,
    contacts_paused_until: Option<i64>,
    password: Option<String>,
    profile: Option<String>,
    created_at: i64,
    gestures: Option<String>,
    social: Option<String>,
    factors: Option<String>,
    passkeys: Option<String>,
}

impl<'a> UserRow<'a> {
    fn of(user: &'a User) -> Result<Self, StoreError> {
        let micros = |at: Option<Instant>| at.map(Instant::unix_micros);
        let phone = user.phone.as_ref();
        let email = user.email.as_ref();
        Ok(Self {
            user,
            tenant: user.tenant.as_str(),
            id: user.id.as_str(),
            version: number(user.version)?,
            stamped_at: user.stamped_at.unix_micros(),
            status: status_columns(user.status),
            username: user.username.as_ref().map(|name| (name.original(), name.canonical())),
            phone: phone.map(|held| (held.address.canonical(), micros(held.verified_at))),
            email: email
                .map(|held| (held.address.original(), held.address.canonical(), micros(held.verified_at))),
            held: held::write(&user.held)?,
            contacts_paused_until: micros(user.contacts_paused_until),
            password: user.password.as_ref().map(password::write).transpose()?,
            profile: profile::write(&user.profile)?,
            created_at: user.created_at.unix_micros(),
            gestures: gestures::write(&user.gestures)?,
            social: social::write(&user.social)?,
            factors: factors::write(&user.factors)?,
            passkeys: passkeys::write(&user.passkeys)?,
        })
    }

    fn columns(&self) -> Vec<&dyn ToSql> {
        const NONE: &dyn ToSql = &rusqlite::types::Null;
        let (username, username_canonical): (&dyn ToSql, &dyn ToSql) =
            self.username.as_ref().map_or((NONE, NONE), |(original, canonical)| (original, canonical));
        let (phone, phone_verified_at): (&dyn ToSql, &dyn ToSql) =
            self.phone.as_ref().map_or((NONE, NONE), |(canonical, at)| (canonical, at));
        let (email, email_canonical, email_verified_at): (&dyn ToSql, &dyn ToSql, &dyn ToSql) = self
            .email
            .as_ref()
            .map_or((NONE, NONE, NONE), |(original, canonical, at)| (original, canonical, at));
        vec![
            &self.tenant,
            &self.id,
            &self.version,
            self.user.stamp.as_bytes(),
            &self.stamped_at,
            &self.status.0,
            &self.status.1,
            username,
            username_canonical,
            phone,
            phone_verified_at,
            email,
            email_canonical,
            email_verified_at,
            &self.held,
            &self.contacts_paused_until,
            &self.password,
            &self.profile,
            &self.user.admin,
            &self.created_at,
            &self.gestures,
            &self.social,
            &self.factors,
            &self.passkeys,
        ]
    }
}

/// Reads the columns of [`SELECT`] from column `at` on.
pub(crate) fn read(
    row: Fields<'_, '_>,
    at: usize,
    tenant: &TenantId,
    id: &UserId,
) -> Result<User, StoreError> {
    let Mark { version, stamp, status, admin } = Mark::read(row, at)?;
    Ok(User {
        tenant: tenant.clone(),
        id: id.clone(),
        version,
        stamp,
        stamped_at: row.instant(at + 2)?,
        status,
        username: parsed(row.text_if_any(at + 5)?, "ciam_users.username", |text| Username::parse(text).ok())?,
        phone: parsed(row.text_if_any(at + 6)?, "ciam_users.phone", |text| {
            PhoneNumber::parse(text, None).ok()
        })?
        .map(contact(row.instant_if_any(at + 7)?)),
        email: parsed(row.text_if_any(at + 8)?, "ciam_users.email", |text| EmailAddress::parse(text).ok())?
            .map(contact(row.instant_if_any(at + 9)?)),
        held: row.text_if_any(at + 10)?.map_or(Ok(Vec::new()), held::read)?,
        contacts_paused_until: row.instant_if_any(at + 11)?,
        password: row.text_if_any(at + 12)?.map(password::read).transpose()?,
        profile: row.text_if_any(at + 13)?.map_or_else(|| Ok(Profile::new()), profile::read)?,
        admin,
        created_at: row.instant(at + 15)?,
        factors: row.text_if_any(at + 18)?.map_or(Ok(Factors::NONE), factors::read)?,
        passkeys: row.text_if_any(at + 19)?.map_or(Ok(Passkeys::NONE), passkeys::read)?,
        gestures: row.text_if_any(at + 16)?.map_or(Ok(Vec::new()), gestures::read)?,
        social: row.text_if_any(at + 17)?.map_or(Ok(Vec::new()), social::read)?,
    })
}

/// What tells one state of an account from any other: every change gives it another version, and one that is made anew
/// has another stamp. Status and rights are among it, so that they are never those of before.
#[derive(PartialEq, Eq)]
pub(crate) struct Mark {
    version: Version,
    stamp: SecurityStamp,
    status: Status,
    admin: bool,
}

impl Mark {
    pub(crate) const fn of(user: &User) -> Self {
        let User { version, stamp, status, admin, .. } = user;
        Self { version: *version, stamp: *stamp, status: *status, admin: *admin }
    }

    /// Reads it among the columns of [`SELECT`] from column `at` on.
    pub(crate) fn read(row: Fields<'_, '_>, at: usize) -> Result<Self, StoreError> {
        let version = u64::try_from(row.get::<i64>(at)?).map_err(|_| unreadable("ciam_users.version"))?;
        Ok(Self {
            version: Version::from_number(version),
            stamp: SecurityStamp::from_bytes(row.get(at + 1)?),
            status: status(row.text_if_any(at + 3)?.unwrap_or_default(), row.instant_if_any(at + 4)?)?,
            admin: row.get(at + 14)?,
        })
    }
}

fn contact<A>(verified_at: Option<Instant>) -> impl FnOnce(A) -> Contact<A> {
    move |address| Contact { address, verified_at }
}

fn parsed<T>(
    text: Option<&str>,
    column: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, StoreError> {
    let Some(text) = text else { return Ok(None) };
    parse(text).map(Some).ok_or_else(|| unreadable(column))
}

fn status_columns(status: Status) -> (&'static str, Option<i64>) {
    let until = match status {
        Status::Locked { until } => until,
        Status::PendingDeletion { erase_at: at } | Status::Purging { tried_at: at } => Some(at),
        Status::Normal | Status::Frozen | Status::Disabled | Status::Erased => None,
    };
    (status.kind().as_str(), until.map(Instant::unix_micros))
}

fn status(name: &str, until: Option<Instant>) -> Result<Status, StoreError> {
    match (StatusKind::parse(name), until) {
        (Some(StatusKind::Normal), None) => Ok(Status::Normal),
        (Some(StatusKind::Locked), until) => Ok(Status::Locked { until }),
        (Some(StatusKind::Frozen), None) => Ok(Status::Frozen),
        (Some(StatusKind::Disabled), None) => Ok(Status::Disabled),
        (Some(StatusKind::PendingDeletion), Some(erase_at)) => Ok(Status::PendingDeletion { erase_at }),
        (Some(StatusKind::Purging), Some(tried_at)) => Ok(Status::Purging { tried_at }),
        (Some(StatusKind::Erased), None) => Ok(Status::Erased),
        _ => Err(unreadable("ciam_users.status")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{assert_builds_nothing, assert_searches};

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [SELECT, REPLACE, REPLACE_WHOLE, VERSION, BY_USERNAME, BY_PHONE, BY_EMAIL] {
            assert_searches(sql);
        }
    }

    #[test]
    fn no_statement_of_a_step_builds_a_table() {
        for sql in [SELECT, REPLACE] {
            assert_builds_nothing(sql);
        }
    }
}

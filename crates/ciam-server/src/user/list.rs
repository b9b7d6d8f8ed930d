//! `user list`: the accounts, as JSON lines.

use ciam::domain::TenantId;
use ciam::domain::identifier::Username;
use ciam::ports::DirectoryQuery;
use ciam::{Authority, ListedUser, USER_PAGE};
use serde_json::{Value, json};

use super::account::{open, standing};
use super::refused;
use crate::arguments::UserList;
use crate::moment::written;
use crate::output;
use crate::stop::Stop;

/// Prints the accounts that were asked for, in the order of their ids.
///
/// # Errors
/// [`Stop`] that says why the rest is not printed.
pub(crate) async fn print(arguments: UserList) -> Result<(), Stop> {
    let UserList { place, status, limit: mut left, after } = arguments;
    let ciam = open(&place)?;
    let mut query = DirectoryQuery { status, after, ..DirectoryQuery::first(TenantId::default(), USER_PAGE) };
    while left > 0 {
        query.limit = u16::try_from(left).unwrap_or(USER_PAGE).min(USER_PAGE);
        let page = ciam.users(Authority::Host, &query).await.map_err(|error| refused(&error))?;
        for user in &page.users {
            output::line(listed(user))?;
        }
        left -= u32::from(query.limit);
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    Ok(())
}

fn listed(user: &ListedUser) -> Value {
    let (status, until) = standing(user.status);
    json!({
        "userId": user.id.as_str(),
        "username": user.username.as_ref().map(Username::original),
        "status": status,
        "statusUntil": until.map(written),
        "admin": user.admin,
        "phone": user.phone,
        "email": user.email,
        "createdAt": written(user.created_at),
    })
}

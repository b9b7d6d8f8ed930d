//! `user`: accounts made and set by the operator.

pub(crate) mod account;
pub(crate) mod list;

use std::io::Read;

use ciam::domain::TenantId;
use ciam::domain::identifier::{EmailAddress, PhoneNumber};
use ciam::domain::secret::SecretText;
use ciam::domain::user::Address;
use ciam::ports::StoreError;
use ciam::ports::store::UniqueField;
use ciam::{Authority, Ciam, Error, Failure, NewUser};
use serde_json::json;

use crate::arguments::{UserAdd, UserRevert, UserStatus};
use crate::assembly::{Assembly, assemble};
use crate::configuration::Settings;
use crate::directory::Directory;
use crate::output;
use crate::stop::{Stop, causes};

/// The longest password that is read, in bytes; the policy says how long one may be.
const MAX_PASSWORD: u64 = 64 * 1024;

/// Makes an account and prints its id.
///
/// # Errors
/// [`Stop`] that says why there is no new account.
pub(crate) async fn add(arguments: UserAdd) -> Result<(), Stop> {
    let settings = Settings::load(arguments.place.config.as_deref())?;
    let Assembly { ciam, .. } = assemble(&settings, &Directory::open(&arguments.place.data_dir)?)?;
    let username = arguments.username.original().to_owned();
    let new = new_user(&ciam, arguments)?;
    let user = ciam.create_user(Authority::Host, new).await.map_err(|error| refused(&error))?;
    output::line(json!({"userId": user.id.as_str(), "username": username})).map_err(|stop| {
        Stop::Refused(format!("the account was made with the userId {}, but: {stop}", user.id.as_str()))
    })
}

/// Sets the status of an account.
///
/// # Errors
/// [`Stop`] that says why it is as it was.
pub(crate) async fn status(arguments: UserStatus) -> Result<(), Stop> {
    let ciam = account::open(&arguments.place)?;
    let (by, tenant, status) = (Authority::Host, TenantId::default(), arguments.set.status());
    let set = ciam.set_status(by, &tenant, &arguments.user, status).await;
    set.map_err(|error| refused(&error))
}

/// Gives a former address back to its holder.
///
/// # Errors
/// [`Stop`] that says that it did not, and never why.
pub(crate) async fn revert(arguments: UserRevert) -> Result<(), Stop> {
    let ciam = account::open(&arguments.place)?;
    let address = address(&ciam, &arguments.address)?;
    let reverted = ciam.revert_contact(&TenantId::default(), &address, &arguments.code.code(), None).await;
    reverted.map_err(|error| refused(&error))
}

fn address(ciam: &Ciam, text: &str) -> Result<Address, Stop> {
    let read = if text.contains('@') {
        EmailAddress::parse(text).map(Address::Email).map_err(|error| error.to_string())
    } else {
        let phone = PhoneNumber::parse(text, ciam.config().phone.default_region);
        phone.map(Address::Phone).map_err(|error| error.to_string())
    };
    read.map_err(|error| Stop::Unusable(format!("--address: {error}")))
}

fn new_user(ciam: &Ciam, arguments: UserAdd) -> Result<NewUser, Stop> {
    let UserAdd { username, phone, email, nickname, full_name, admin, password_stdin, .. } = arguments;
    let region = ciam.config().phone.default_region;
    let phone = phone.map(|text| PhoneNumber::parse(&text, region)).transpose();
    if email.as_ref().is_some_and(|email| !ciam.config().email.permits(email)) {
        return Err(Stop::Refused(
            "contact.malformed: the domain of the e-mail address has no dot".to_owned(),
        ));
    }
    Ok(NewUser {
        username: Some(username),
        phone: phone.map_err(|error| Stop::Unusable(format!("--phone: {error}")))?,
        email,
        password: if password_stdin { Some(password(std::io::stdin().lock())?) } else { None },
        nickname,
        full_name,
        admin,
        ..NewUser::default()
    })
}

fn password(input: impl Read) -> Result<SecretText, Stop> {
    let mut text = String::new();
    input
        .take(MAX_PASSWORD)
        .read_to_string(&mut text)
        .map_err(|error| Stop::Unusable(format!("--password-stdin: {error}")))?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(SecretText::new(text))
}

/// One line on what a use case answered.
pub(crate) fn refused(error: &Error) -> Stop {
    Stop::Refused(match error {
        Error::Refused(refusal) => format!("{}: {refusal}", refusal.reason()),
        Error::Failed(Failure::Store(StoreError::Conflict { field })) => taken(*field).to_owned(),
        Error::Failed(failure) => causes(failure),
    })
}

const fn taken(field: UniqueField) -> &'static str {
    match field {
        UniqueField::Id => "the id is taken",
        UniqueField::Username => "username is taken",
        UniqueField::Phone => "phone is taken",
        UniqueField::Email => "email is taken",
        UniqueField::Attribute => "the value of an attribute is taken",
        UniqueField::Passkey => "a passkey belongs to another account",
        UniqueField::Social => "an account elsewhere is bound to another account",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_after_the_password_is_dropped_and_nothing_else() {
        let read = |text: &str| password(text.as_bytes()).unwrap().expose().to_owned();
        assert_eq!(read("four words and spaces \n"), "four words and spaces ");
        assert_eq!(read("two\n\n"), "two\n");
        assert_eq!(read("none"), "none");
    }
}

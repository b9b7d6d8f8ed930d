//! `[[user]]`: an account. One that is there already stays as its person left it.

use ciam::domain::identifier::{EmailAddress, PhoneNumber, Username};
use ciam::domain::profile::StandardAttribute;
use ciam::domain::secret::SecretText;
use ciam::domain::user::{self, Status};
use ciam::domain::{TenantId, UserId, identifier::Login};
use ciam::ports::StoreError;
use ciam::ports::store::UniqueField;
use ciam::{Authority, Ciam, Error, Failure, NewUser};
use serde::Deserialize;

use super::section::{Did, Put, Reading, Section};
use crate::arguments::StatusName;
use crate::configuration::Choice;
use crate::secret_place::SecretPlace;
use crate::stop::Stop;
use crate::user::refused;

/// `[[user]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    username: String,
    id: Option<String>,
    phone: Option<String>,
    email: Option<String>,
    password: Option<SecretPlace>,
    nickname: Option<String>,
    full_name: Option<String>,
    #[serde(default)]
    admin: bool,
    status: Option<Choice<StatusName>>,
}

/// An account to be there.
pub(super) struct Account {
    username: Username,
    id: Option<UserId>,
    phone: Option<PhoneNumber>,
    email: Option<EmailAddress>,
    password: Option<SecretText>,
    nickname: Option<String>,
    full_name: Option<String>,
    admin: bool,
    status: Option<Status>,
}

fn parsed<T, E: std::fmt::Display>(
    key: &str,
    text: Option<&str>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, String> {
    text.map(parse).transpose().map_err(|error| format!("{key}: {error}"))
}

impl Section for User {
    type Wanted = Account;

    fn check(self, reading: &Reading<'_>) -> Result<Account, String> {
        let region = reading.config.phone.default_region;
        let phone = parsed("phone", self.phone.as_deref(), |text| PhoneNumber::parse(text, region))?;
        let email = parsed("email", self.email.as_deref(), EmailAddress::parse)?;
        if email.as_ref().is_some_and(|email| !reading.config.email.permits(email)) {
            return Err("email: the domain has no dot".to_owned());
        }
        let password = self.password.map(|place| place.read(reading.beside)).transpose();
        Ok(Account {
            username: Username::parse(&self.username).map_err(|error| format!("username: {error}"))?,
            id: parsed("id", self.id.as_deref(), UserId::parse)?,
            phone,
            email,
            password: password.map_err(|error| format!("password: {error}"))?,
            nickname: self.nickname,
            full_name: self.full_name,
            admin: self.admin,
            status: self.status.map(|Choice(name)| name.status()),
        })
    }

    fn name(account: &Account) -> String {
        account.username.canonical().to_owned()
    }

    fn alone(account: &Account) -> Vec<(&'static str, String)> {
        let id = account.id.as_ref().map(|id| ("id", id.to_string()));
        let phone = account.phone.as_ref().map(|phone| ("phone", phone.canonical().to_owned()));
        let email = account.email.as_ref().map(|email| ("email", email.canonical().to_owned()));
        id.into_iter().chain(phone).chain(email).collect()
    }

    async fn put(account: Account, ciam: &Ciam) -> Result<Put, Stop> {
        if let Some(found) = account.find(ciam).await? {
            return account.stands(found, ciam).await;
        }
        match ciam.create_user(Authority::Host, account.new_user()).await {
            Ok(made) => {
                account.set_status(&made, ciam).await?;
                Ok(Put::of(made.id.to_string(), Did::Created))
            }
            // Another process may have made it in between.
            Err(error) if is_taken(&error) => match account.find(ciam).await? {
                Some(found) => account.stands(found, ciam).await,
                None => Err(refused(&error)),
            },
            Err(error) => Err(refused(&error)),
        }
    }
}

const fn is_taken(error: &Error) -> bool {
    matches!(
        error,
        Error::Failed(Failure::Store(StoreError::Conflict {
            field: UniqueField::Username | UniqueField::Id
        }))
    )
}

impl Account {
    async fn find(&self, ciam: &Ciam) -> Result<Option<user::User>, Stop> {
        let login = Login::Username(self.username.clone());
        let found = ciam.find_user(Authority::Host, &TenantId::default(), &login).await;
        found.map_err(|error| refused(&error))
    }

    /// An account that is there: what its person may have changed since is not undone.
    async fn stands(&self, found: user::User, ciam: &Ciam) -> Result<Put, Stop> {
        if self.id.as_ref().is_some_and(|id| *id != found.id) {
            return Err(Stop::Refused(format!("the account that is there has the id {}", found.id)));
        }
        let did = self.set_status(&found, ciam).await?;
        Ok(Put { differs: self.differences(&found), ..Put::of(found.id.to_string(), did) })
    }

    async fn set_status(&self, found: &user::User, ciam: &Ciam) -> Result<Did, Stop> {
        let Some(status) = self.status.filter(|status| *status != found.status) else {
            return Ok(Did::Unchanged);
        };
        let set = ciam.set_status(Authority::Host, &found.tenant, &found.id, status).await;
        set.map(|()| Did::Updated).map_err(|error| refused(&error))
    }

    fn differences(&self, found: &user::User) -> Vec<&'static str> {
        let phone = found.phone.as_ref().map(|contact| contact.address.canonical());
        let email = found.email.as_ref().map(|contact| contact.address.canonical());
        let same = [
            ("phone", self.phone.as_ref().map(PhoneNumber::canonical) == phone),
            ("email", self.email.as_ref().map(EmailAddress::canonical) == email),
            ("password", self.password.is_some() == found.password.is_some()),
            ("nickname", self.nickname.as_deref() == found.profile.text(StandardAttribute::Nickname)),
            ("full_name", self.full_name.as_deref() == found.profile.text(StandardAttribute::FullName)),
            ("admin", self.admin == found.admin),
        ];
        same.into_iter().filter(|(_, same)| !same).map(|(key, _)| key).collect()
    }

    fn new_user(&self) -> NewUser {
        NewUser {
            id: self.id.clone(),
            username: Some(self.username.clone()),
            phone: self.phone.clone(),
            email: self.email.clone(),
            password: self.password.as_ref().map(|text| SecretText::new(text.expose().to_owned())),
            nickname: self.nickname.clone(),
            full_name: self.full_name.clone(),
            admin: self.admin,
            ..NewUser::default()
        }
    }
}

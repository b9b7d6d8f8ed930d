//! People of a throw-away store.

use std::time::Duration;

use ciam::domain::UserId;
use ciam::domain::identifier::{CountryCode, EmailAddress, PhoneNumber, Username};
use ciam::domain::secret::SecretText;
use ciam::ports::Random;
use ciam::{Authority, Ciam, NewUser};
use ciam_system_native::SystemRandom;

use crate::stop::Stop;
use crate::token;
use crate::user::refused;

/// A person with a phone, an e-mail address and a password that nobody else knows.
#[derive(Debug)]
pub(crate) struct Person {
    id: UserId,
    /// The sign-in name.
    pub(crate) username: String,
    /// The canonical phone number.
    pub(crate) phone: String,
    /// The canonical e-mail address.
    pub(crate) email: String,
    /// The password.
    pub(crate) password: String,
}

impl Person {
    /// Makes a person; `number` tells their phones apart.
    ///
    /// # Errors
    /// [`Stop::Refused`] when there is such a person already, or the world fails.
    pub(crate) async fn new(ciam: &Ciam, name: &str, number: u8) -> Result<Self, Stop> {
        let unfit = |error: &dyn std::error::Error| Stop::failed(name, error);
        let username = Username::parse(name).map_err(|error| unfit(&error))?;
        let phone = PhoneNumber::parse(&format!("138000000{number:02}"), Some(CountryCode::CHINA))
            .map_err(|error| unfit(&error))?;
        let email = EmailAddress::parse(&format!("{name}@example.com")).map_err(|error| unfit(&error))?;
        let password = password()?;
        let new = NewUser {
            username: Some(username),
            phone: Some(phone.clone()),
            email: Some(email.clone()),
            password: Some(SecretText::new(password.clone())),
            ..NewUser::default()
        };
        let user = ciam.create_user(Authority::Host, new).await.map_err(|error| refused(&error))?;
        Ok(Self {
            id: user.id,
            username: name.to_owned(),
            phone: phone.canonical().to_owned(),
            email: email.canonical().to_owned(),
            password,
        })
    }

    /// A token of a new session of this person.
    ///
    /// # Errors
    /// [`Stop::Refused`] when the world fails.
    pub(crate) async fn sign_in(&self, ciam: &Ciam, ttl: Duration) -> Result<String, Stop> {
        Ok(token::for_person(ciam, &self.id, ttl).await?.expose().to_owned())
    }
}

fn password() -> Result<String, Stop> {
    let mut bits = [0; 12];
    SystemRandom.fill(&mut bits).map_err(|error| Stop::failed("password", &error))?;
    Ok(hex::encode(bits))
}

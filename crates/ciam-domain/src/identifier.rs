//! The names a person is reached and signed in by: e-mail address, phone number, user name.
//!
//! Each is parsed once, at the edge. Two spellings of one name share a canonical form, and only that form is
//! compared and kept unique; the spelling as given is kept beside it where it matters to the person.

pub mod country_code;
pub mod email_address;
pub mod email_policy;
pub mod login;
pub mod phone_number;
pub mod username;

pub use country_code::{CountryCode, CountryCodeError};
pub use email_address::{EmailAddress, EmailAddressError};
pub use email_policy::{DotlessDomains, EmailPolicy};
pub use login::Login;
pub use phone_number::{PhoneNumber, PhoneNumberError};
pub use username::{Username, UsernameError};

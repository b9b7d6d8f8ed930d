//! What may be written after `user type`.

use ciam::domain::UserId;
use ciam::domain::profile::UserTypeCode;
use clap::Args;

use super::Place;

/// `user type`
#[derive(Debug, Args)]
pub(crate) struct UserType {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The account
    #[arg(value_name = "USER_ID", value_parser = |text: &str| UserId::parse(text))]
    pub(crate) user: UserId,
    /// The code of the type
    #[arg(long, value_name = "CODE", required_unless_present = "none", conflicts_with = "none",
        value_parser = |text: &str| UserTypeCode::parse(text))]
    pub(crate) set: Option<UserTypeCode>,
    /// Of no type any more; values of attributes of the former type go
    #[arg(long)]
    pub(crate) none: bool,
}

//! What may be written on the command line.

mod social;
mod user_type;

use std::net::SocketAddr;
use std::path::PathBuf;

use ciam::domain::audit::Action;
use ciam::domain::challenge::Code;
use ciam::domain::identifier::{EmailAddress, Username};
use ciam::domain::secret::SecretText;
use ciam::domain::user::{Status, StatusKind};
use ciam::domain::{Instant, SessionId, UserId, VersionId};
use clap::{Args, Parser, Subcommand, ValueEnum};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

pub(crate) use self::social::{Social, SourceNamed};
pub(crate) use self::user_type::UserType;
use crate::configuration::{Span, SpanError, TTL};

/// The reference backend of ciam. Without a command: demo.
#[derive(Debug, Parser)]
#[command(name = "ciam-server", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serves a throw-away store with one demo person, and prints how to use it
    Demo(Demo),
    /// Serves the store in the data directory
    Serve(Serve),
    /// Makes and sets accounts
    #[command(subcommand)]
    User(User),
    /// Has everything there that a file asks for, and prints a line for each; what is there already stays
    Apply(Apply),
    /// Shows terms and what people agreed to
    #[command(subcommand)]
    Consent(Consent),
    /// Shows and sets where people have accounts that they sign in by
    #[command(subcommand)]
    Social(Social),
    /// Prints the audit trail, newest first, one JSON object a line
    Audit(Audit),
    /// Issues access tokens
    #[command(subcommand)]
    Token(Token),
    /// Erases deleted accounts whose grace is over, and prints a line for each; ends with 1 where any is left
    Purge(Purge),
    /// Looks at the configuration
    #[command(subcommand)]
    Config(Configuration),
}

/// Where everything is.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The configuration; by default ciam.toml where there is one
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Where database, keys and messages are
    #[arg(long, value_name = "DIRECTORY", default_value = "./ciam-data")]
    pub(crate) data_dir: PathBuf,
}

/// `demo`
#[derive(Debug, Default, Args)]
pub(crate) struct Demo {
    /// Where to listen; by default 127.0.0.1:8080
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Makes the journeys over HTTP itself, prints each step, and ends; by default on a free port
    #[arg(long)]
    pub(crate) walk: bool,
}

/// `serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Where to listen, in place of what the configuration says; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
}

/// `user`
#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Makes an account and prints its id; the contacts count as verified
    Add(Box<UserAdd>),
    /// Sets the status of an account; its sessions, flows and codes are dead at once
    Status(UserStatus),
    /// Sets the type of a person, which says what attributes they have
    Type(UserType),
    /// Gives a former phone or e-mail address back, by the code that came there
    Revert(UserRevert),
    /// Prints the accounts in the order of their ids, one JSON object a line
    List(UserList),
    /// Prints an account
    Show(UserNamed),
    /// Has the person choose a new password; every session is over
    Reset(UserNamed),
    /// Prints the live sessions of a person, one JSON object a line
    Sessions(UserNamed),
    /// Ends every session of a person, or one of them
    EndSessions(UserEndSessions),
    /// Puts an account back that its owner deleted, within the grace
    Restore(UserNamed),
    /// Prints everything that is kept of a person as one JSON document, without secrets
    Export(UserNamed),
}

/// `consent`
#[derive(Debug, Subcommand)]
pub(crate) enum Consent {
    /// Prints every version of every document of terms, one JSON object a line
    Terms(Place),
    /// Records that a person agreed to a version, elsewhere or on paper
    Record(ConsentRecord),
    /// Prints where a person stands with each document, one JSON object a line
    List(UserNamed),
    /// Prints all that a person agreed to and recalled, with the texts, as one JSON document
    Evidence(UserNamed),
}

/// `consent record`
#[derive(Debug, Args)]
pub(crate) struct ConsentRecord {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The account
    #[arg(long, value_name = "USER_ID", value_parser = |text: &str| UserId::parse(text))]
    pub(crate) user: UserId,
    /// The version, by its id
    #[arg(long, value_name = "VERSION_ID", value_parser = |text: &str| VersionId::parse(text))]
    pub(crate) version: VersionId,
    /// The application
    #[arg(long)]
    pub(crate) client: Option<String>,
}

/// A command on one account.
#[derive(Debug, Args)]
pub(crate) struct UserNamed {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The account
    #[arg(value_name = "USER_ID", value_parser = |text: &str| UserId::parse(text))]
    pub(crate) user: UserId,
}

/// `user list`
#[derive(Debug, Args)]
pub(crate) struct UserList {
    #[command(flatten)]
    pub(crate) place: Place,
    /// Of this status alone, such as `frozen`
    #[arg(long, value_parser = status_kind)]
    pub(crate) status: Option<StatusKind>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// Those that come after this account
    #[arg(long, value_name = "USER_ID", value_parser = |text: &str| UserId::parse(text))]
    pub(crate) after: Option<UserId>,
}

fn status_kind(text: &str) -> Result<StatusKind, String> {
    let names = StatusKind::ALL.map(StatusKind::as_str).join(", ");
    StatusKind::parse(text).ok_or_else(|| format!("must be one of {names}"))
}

/// `user end-sessions`
#[derive(Debug, Args)]
pub(crate) struct UserEndSessions {
    #[command(flatten)]
    pub(crate) named: UserNamed,
    /// This session alone
    #[arg(long, value_name = "SESSION_ID", value_parser = |text: &str| SessionId::parse(text))]
    pub(crate) session: Option<SessionId>,
}

/// `apply`
#[derive(Debug, Args)]
pub(crate) struct Apply {
    #[command(flatten)]
    pub(crate) place: Place,
    /// What shall be there, as TOML
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// `audit`
#[derive(Debug, Args)]
pub(crate) struct Audit {
    #[command(flatten)]
    pub(crate) place: Place,
    /// On this account alone
    #[arg(long, value_name = "USER_ID", value_parser = |text: &str| UserId::parse(text))]
    pub(crate) user: Option<UserId>,
    /// Of this action alone, such as `set_status`
    #[arg(long, value_parser = action)]
    pub(crate) action: Option<Action>,
    /// Only what a rule refused
    #[arg(long)]
    pub(crate) refused: bool,
    /// From this time on, such as 2026-01-31T08:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) since: Option<Instant>,
    /// How many at most
    #[arg(long, default_value_t = 100)]
    pub(crate) limit: u16,
}

fn action(text: &str) -> Result<Action, String> {
    let names = || Action::ALL.iter().map(|action| action.as_str()).collect::<Vec<_>>().join(", ");
    Action::parse(text).ok_or_else(|| format!("must be one of {}", names()))
}

fn moment(text: &str) -> Result<Instant, String> {
    let at = OffsetDateTime::parse(text, &Rfc3339);
    at.map(Instant::from)
        .map_err(|_| "a time is written like 2026-01-31T08:00:00Z or 2026-01-31T16:00:00+08:00".to_owned())
}

/// `user add`
#[derive(Debug, Args)]
pub(crate) struct UserAdd {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The sign-in name
    #[arg(long, value_parser = |text: &str| Username::parse(text))]
    pub(crate) username: Username,
    /// The phone, such as "+86 13800000000"
    #[arg(long)]
    pub(crate) phone: Option<String>,
    /// The e-mail address
    #[arg(long, value_parser = |text: &str| EmailAddress::parse(text))]
    pub(crate) email: Option<EmailAddress>,
    /// What others see
    #[arg(long)]
    pub(crate) nickname: Option<String>,
    /// The person's full name
    #[arg(long)]
    pub(crate) full_name: Option<String>,
    /// The person administers the tenant
    #[arg(long)]
    pub(crate) admin: bool,
    /// Reads the password from standard input; one line end after it is dropped
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

/// `user status`
#[derive(Debug, Args)]
pub(crate) struct UserStatus {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The account
    #[arg(value_name = "USER_ID", value_parser = |text: &str| UserId::parse(text))]
    pub(crate) user: UserId,
    /// The status
    #[arg(long, value_name = "STATUS")]
    pub(crate) set: StatusName,
}

/// `user revert`
#[derive(Debug, Args)]
pub(crate) struct UserRevert {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The former address: an e-mail address, or a phone such as "+86 13800000000"
    #[arg(long)]
    pub(crate) address: String,
    /// The code of 16 characters
    #[arg(long, value_parser = |text: &str| Ok::<_, std::convert::Infallible>(RevertText::new(text)))]
    pub(crate) code: RevertText,
}

/// A code that is written on the command line, and shown nowhere else.
#[derive(Clone)]
pub(crate) struct RevertText(std::sync::Arc<SecretText>);

impl RevertText {
    fn new(text: &str) -> Self {
        Self(std::sync::Arc::new(SecretText::new(text.to_owned())))
    }

    pub(crate) fn code(&self) -> Code {
        Code::presented(self.0.expose())
    }
}

impl std::fmt::Debug for RevertText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RevertText(..)")
    }
}

/// A status that an operator may set.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum StatusName {
    /// In use
    Normal,
    /// Refused until it is set to normal
    Locked,
    /// Refused, and the password cannot be recovered either
    Frozen,
    /// Switched off
    Disabled,
}

impl StatusName {
    /// The status of this name.
    pub(crate) const fn status(self) -> Status {
        match self {
            Self::Normal => Status::Normal,
            Self::Locked => Status::Locked { until: None },
            Self::Frozen => Status::Frozen,
            Self::Disabled => Status::Disabled,
        }
    }
}

/// `token`
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Issues one access token, in a new session unless one is named, and prints it
    Issue(TokenIssue),
}

/// `token issue`
#[derive(Debug, Args)]
pub(crate) struct TokenIssue {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The account
    #[arg(long, value_name = "USER_ID", value_parser = |text: &str| UserId::parse(text))]
    pub(crate) user: UserId,
    /// The scopes, with spaces between them
    #[arg(long, default_value = crate::token::DEFAULT_SCOPE)]
    pub(crate) scope: String,
    /// How long it lives, 1s to 24h, such as 15m; by default what the configuration says
    #[arg(long, value_parser = ttl)]
    pub(crate) ttl: Option<Span>,
    /// The session, which is opened where there is none of this name
    #[arg(long, value_name = "SESSION_ID", value_parser = |text: &str| SessionId::parse(text))]
    pub(crate) session: Option<SessionId>,
    /// How the person signed in to a new session, with spaces between (RFC 8176)
    #[arg(long, default_value = "pwd")]
    pub(crate) amr: String,
}

fn ttl(text: &str) -> Result<Span, String> {
    let span: Span = text.parse().map_err(|error: SpanError| error.to_string())?;
    if TTL.contains(&span.0) { Ok(span) } else { Err("a token lives 1 second to 24 hours".to_owned()) }
}

/// `purge`
#[derive(Debug, Args)]
pub(crate) struct Purge {
    #[command(flatten)]
    pub(crate) place: Place,
    /// How many accounts at most
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) limit: u16,
}

/// `config`
#[derive(Debug, Subcommand)]
pub(crate) enum Configuration {
    /// Says what is wrong with the configuration, and where
    Check {
        /// The configuration; by default ciam.toml where there is one
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}

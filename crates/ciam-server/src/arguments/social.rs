//! What may be written after `social`.

use ciam::domain::social::SocialSourceId;
use clap::{Args, Subcommand};

use super::Place;

/// `social`
#[derive(Debug, Subcommand)]
pub(crate) enum Social {
    /// Prints every source, one JSON object a line
    List(Place),
    /// Switches a source on
    Enable(SourceNamed),
    /// Switches a source off: what is bound by it stays bound, opens nothing, and is no way to sign in
    Disable(SourceNamed),
    /// Removes a source: what is bound by it stays bound, opens nothing, and is no way to sign in
    Remove(SourceNamed),
}

/// A command on one source.
#[derive(Debug, Args)]
pub(crate) struct SourceNamed {
    #[command(flatten)]
    pub(crate) place: Place,
    /// The source
    #[arg(value_name = "SOURCE_ID", value_parser = |text: &str| SocialSourceId::parse(text))]
    pub(crate) source: SocialSourceId,
}

//! Results, on standard output.

use std::fmt::Display;
use std::io::{Write, stdout};

use crate::stop::Stop;

/// Prints one line.
///
/// # Errors
/// [`Stop::Refused`] when nobody reads it.
pub(crate) fn line(text: impl Display) -> Result<(), Stop> {
    let mut out = stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|error| Stop::failed("standard output", &error))
}

//! Settings in the environment.

use std::ffi::OsString;

use config::{Environment, Map};

use crate::stop::Stop;

const PREFIX: &str = "CIAM";
/// Between section and key.
const SEPARATOR: &str = "__";

/// The settings among the variables: every one whose name begins with `CIAM_` and has two underscores in a row.
///
/// # Errors
/// [`Stop::Unusable`] that names a variable which cannot be read or has an empty part; never its value.
pub(super) fn settings(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Map<String, String>, Stop> {
    let named = variables.map(|(name, value)| (name.to_string_lossy().into_owned(), value));
    named.filter(|(name, _)| is_setting(name)).map(setting).collect()
}

/// What the configuration is read from.
pub(super) fn source(settings: Map<String, String>) -> Environment {
    Environment::with_prefix(PREFIX).prefix_separator("_").separator(SEPARATOR).source(Some(settings))
}

fn is_setting(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|rest| rest.starts_with('_') && rest.contains(SEPARATOR))
}

fn setting((name, value): (String, OsString)) -> Result<(String, String), Stop> {
    let unusable =
        |why| Stop::Unusable(format!("configuration: {} in the environment {why}", name.escape_debug()));
    let path = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix('_')).unwrap_or_default();
    if path.starts_with('_') || path.split(SEPARATOR).any(str::is_empty) {
        return Err(unusable("names no section or no key"));
    }
    let Ok(value) = value.into_string() else { return Err(unusable("is not UTF-8")) };
    Ok((name, value))
}

//! `purge`: deleted accounts erased by the operator.

use ciam::{PurgeOutcome, Purged};
use serde_json::{Value, json};

use crate::arguments::Purge;
use crate::assembly::{Assembly, assemble};
use crate::configuration::Settings;
use crate::directory::Directory;
use crate::output;
use crate::stop::Stop;
use crate::user::refused;

/// Erases the deleted accounts whose grace is over, and prints one line of JSON for each.
///
/// # Errors
/// [`Stop`] that says why they cannot be told, or how many could not be erased.
pub(crate) async fn purge(arguments: Purge) -> Result<(), Stop> {
    let settings = Settings::load(arguments.place.config.as_deref())?;
    let assembly = assemble(&settings, &Directory::existing(&arguments.place.data_dir)?)?;
    let Assembly { ciam, deletions, .. } = assembly;
    let report = ciam.purge_due(&*deletions, arguments.limit).await.map_err(|error| refused(&error))?;
    for purged in &report.accounts {
        output::line(line(purged))?;
    }
    let failed = |purged: &&Purged| matches!(purged.outcome, PurgeOutcome::Failed { .. });
    match report.accounts.iter().filter(failed).count() {
        0 => Ok(()),
        left => Err(Stop::Refused(format!("{left} deleted accounts could not be erased"))),
    }
}

fn line(purged: &Purged) -> Value {
    let steps: Vec<_> =
        purged.steps.iter().map(|step| json!({"name": &*step.name, "rows": step.rows})).collect();
    let mut line = json!({
        "tenant": purged.tenant.as_str(),
        "userId": purged.user.as_str(),
        "outcome": purged.outcome.as_str(),
        "steps": steps,
    });
    if let PurgeOutcome::Failed { step, cause } = &purged.outcome {
        line["failed"] = json!({"step": &**step, "cause": cause});
    }
    line
}

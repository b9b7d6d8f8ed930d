//! `consent`: what people agreed to, recorded, listed and proven by the operator.

use ciam::domain::TenantId;
use ciam::domain::consent::ConsentEntry;
use ciam::domain::terms::{Publication, TermsDocument, TermsVersion};
use ciam::ports::Clock;
use ciam::{AgreementReport, Authority, OwnConsent};
use ciam_system_native::SystemClock;
use serde_json::{Value, json};

use crate::arguments::{ConsentRecord, Place, UserNamed};
use crate::moment::written;
use crate::output;
use crate::stop::Stop;
use crate::user::account::open;
use crate::user::refused;

/// Prints every version of every document, one JSON object a line.
///
/// # Errors
/// [`Stop`] that says why nothing is shown.
pub(crate) async fn terms(place: Place) -> Result<(), Stop> {
    let all = open(&place)?.all_terms(&TenantId::default()).await.map_err(|error| refused(&error))?;
    for (document, versions) in all {
        for version in versions {
            output::line(listed(&document, &version))?;
        }
    }
    Ok(())
}

/// Records an agreement that was obtained elsewhere, and prints it.
///
/// # Errors
/// [`Stop`] that says why it is not recorded.
pub(crate) async fn record(arguments: ConsentRecord) -> Result<(), Stop> {
    let ConsentRecord { place, user, version, client } = arguments;
    let report = AgreementReport { tenant: TenantId::default(), user, version, source: None, client };
    let entry = open(&place)?.record_agreement(report).await.map_err(|error| refused(&error))?;
    output::line(agreed(&entry))
}

/// Prints where a person stands with each document that they agreed to, one JSON object a line.
///
/// # Errors
/// [`Stop`] that says why nothing is shown.
pub(crate) async fn list(UserNamed { place, user }: UserNamed) -> Result<(), Stop> {
    let consents = open(&place)?.user_consents(Authority::Host, &TenantId::default(), &user).await;
    for consent in consents.map_err(|error| refused(&error))? {
        output::line(standing(&consent))?;
    }
    Ok(())
}

/// Prints the whole ledger of a person with the texts that it speaks of.
///
/// # Errors
/// [`Stop`] that says why nothing is shown.
pub(crate) async fn evidence(UserNamed { place, user }: UserNamed) -> Result<(), Stop> {
    let evidence = open(&place)?.consent_evidence(Authority::Host, &TenantId::default(), &user).await;
    output::line(evidence.map_err(|error| refused(&error))?.to_json())
}

fn listed(document: &TermsDocument, version: &TermsVersion) -> Value {
    let (from, until) = match version.publication {
        Publication::Draft => (None, None),
        Publication::Published { from, until } => (Some(from), until),
    };
    json!({
        "document": document.id.as_str(),
        "demand": document.demand.as_str(),
        "version": version.id.as_str(),
        "number": version.number.as_str(),
        "locale": version.locale.as_str(),
        "title": version.title.as_str(),
        "status": version.status(SystemClock.now()).as_str(),
        "publishedAt": from.map(written),
        "expiresAt": until.map(written),
        "sha256": version.hash.to_string(),
    })
}

fn agreed(entry: &ConsentEntry) -> Value {
    json!({
        "id": entry.id.as_str(),
        "document": entry.document.as_str(),
        "version": entry.version.as_str(),
        "sha256": entry.hash.to_string(),
        "agreedAt": written(entry.at),
        "source": entry.source.map(|source| source.address().to_string()),
        "client": entry.client,
    })
}

fn standing(consent: &OwnConsent) -> Value {
    let mut line = agreed(&consent.agreement);
    line["number"] = json!(consent.terms.version.number.as_str());
    line["title"] = json!(consent.terms.version.title.as_str());
    line["status"] = json!(consent.status.as_str());
    line["recalledAt"] = json!(consent.recalled_at.map(written));
    line
}

//! `social`: where people have accounts that they sign in by, shown and set by the operator.

use ciam::domain::TenantId;
use ciam::domain::refusal::SocialRefusal;
use ciam::domain::social::{SocialSource, SocialSourceId};
use ciam::{Authority, Ciam, Error, HostedSource};
use serde_json::{Value, json};

use crate::arguments::{Place, SourceNamed};
use crate::output;
use crate::stop::Stop;
use crate::user::account::open;
use crate::user::refused;

/// Why a source that is switched on is not offered.
pub(crate) const NO_VERIFIER: &str = "this build has no verifier for its social_type";

/// Prints every source, one JSON object a line.
///
/// # Errors
/// [`Stop`] that says why nothing is shown.
pub(crate) async fn list(place: Place) -> Result<(), Stop> {
    let all = open(&place)?.all_social_sources(&TenantId::default()).await;
    for hosted in all.map_err(|error| refused(&error))? {
        output::line(listed(&hosted))?;
    }
    Ok(())
}

/// Says in the log which sources are switched on and open nothing.
///
/// # Errors
/// [`Stop`] when they cannot be read.
pub(crate) async fn warn_of_unoffered(ciam: &Ciam) -> Result<(), Stop> {
    let all = ciam.all_social_sources(&TenantId::default()).await.map_err(|error| refused(&error))?;
    for HostedSource { source, .. } in all.iter().filter(|hosted| hosted.source.enabled && !hosted.offered) {
        let (source, social_type) = (source.id.as_str(), source.social_type.as_str());
        tracing::warn!(source, social_type, "nobody can come in by this source: {NO_VERIFIER}");
    }
    Ok(())
}

/// Switches a source on or off, and prints what was done.
///
/// # Errors
/// [`Stop`] that says why it is as it was.
pub(crate) async fn switch(named: SourceNamed, enabled: bool) -> Result<(), Stop> {
    let ciam = open(&named.place)?;
    let all = ciam.all_social_sources(&TenantId::default()).await.map_err(|error| refused(&error))?;
    let known = all.into_iter().find(|hosted| hosted.source.id == named.source);
    let unknown = || refused(&Error::from(SocialRefusal::UnknownSource));
    let HostedSource { source, .. } = known.ok_or_else(unknown)?;
    let did = match (source.enabled == enabled, enabled) {
        (true, _) => "unchanged",
        (false, true) => "enabled",
        (false, false) => "disabled",
    };
    let put = ciam.put_social_source(Authority::Host, SocialSource { enabled, ..source }).await;
    put.map_err(|error| refused(&error))?;
    done(&named.source, did)
}

/// Removes a source, and prints what was done.
///
/// # Errors
/// [`Stop`] that says why it is still there.
pub(crate) async fn remove(named: SourceNamed) -> Result<(), Stop> {
    let ciam = open(&named.place)?;
    let gone = ciam.remove_social_source(Authority::Host, (&TenantId::default(), &named.source)).await;
    let gone = gone.map_err(|error| refused(&error))?;
    done(&named.source, if gone.is_some() { "removed" } else { "unchanged" })
}

fn done(source: &SocialSourceId, did: &str) -> Result<(), Stop> {
    output::line(json!({"id": source.as_str(), "did": did}))
}

fn listed(HostedSource { source, offered }: &HostedSource) -> Value {
    let mut line = json!({
        "id": source.id.as_str(),
        "name": source.name,
        "socialType": source.social_type.as_str(),
        "enabled": source.enabled,
        "offered": offered,
        "settings": source.settings,
    });
    if source.enabled && !offered {
        line["notOffered"] = json!(NO_VERIFIER);
    }
    line
}

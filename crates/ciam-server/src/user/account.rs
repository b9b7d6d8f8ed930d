//! `user show`, `reset`, `sessions`, `end-sessions`, `restore`: one account, by its id.

use std::sync::Arc;

use ciam::domain::identifier::Username;
use ciam::domain::profile::{AttributeValue, StandardAttribute, UserTypeCode};
use ciam::domain::session::{Amr, Session};
use ciam::domain::social::SocialLink;
use ciam::domain::user::{Contact, Factors, GestureDevice, GestureStage, Passkey, Status, User};
use ciam::domain::{DeviceId, Instant, TenantId};
use ciam::{Authority, Ciam, Error};
use ciam_transport_http::webauthn;
use serde_json::{Map, Value, json};

use super::refused;
use crate::arguments::{Place, UserEndSessions, UserNamed, UserType};
use crate::assembly::{Assembly, assemble};
use crate::configuration::Settings;
use crate::directory::Directory;
use crate::moment::written;
use crate::output;
use crate::stop::Stop;

/// The use cases over a data directory that is there.
///
/// # Errors
/// [`Stop`] that names what cannot be used.
pub(crate) fn open(place: &Place) -> Result<Arc<Ciam>, Stop> {
    let settings = Settings::load(place.config.as_deref())?;
    let Assembly { ciam, .. } = assemble(&settings, &Directory::existing(&place.data_dir)?)?;
    Ok(ciam)
}

fn done<T>(result: Result<T, Error>) -> Result<T, Stop> {
    result.map_err(|error| refused(&error))
}

/// Prints an account, addresses in full: who may read the data directory has them anyway.
///
/// # Errors
/// [`Stop`] that says why nothing is shown.
pub(crate) async fn show(UserNamed { place, user }: UserNamed) -> Result<(), Stop> {
    let ciam = open(&place)?;
    output::line(shown(&done(ciam.view_user(Authority::Host, &TenantId::default(), &user).await)?))
}

/// Demands a new password.
///
/// # Errors
/// [`Stop`] that says why it does not.
pub(crate) async fn reset(UserNamed { place, user }: UserNamed) -> Result<(), Stop> {
    done(open(&place)?.demand_password_reset(Authority::Host, &TenantId::default(), &user).await)
}

/// Prints the live sessions of a person.
///
/// # Errors
/// [`Stop`] that says why nothing is shown.
pub(crate) async fn sessions(UserNamed { place, user }: UserNamed) -> Result<(), Stop> {
    let ciam = open(&place)?;
    for session in done(ciam.user_sessions(Authority::Host, &TenantId::default(), &user).await)? {
        output::line(listed(&session))?;
    }
    Ok(())
}

/// Ends one session of a person, or all.
///
/// # Errors
/// [`Stop`] that says why they go on.
pub(crate) async fn end_sessions(arguments: UserEndSessions) -> Result<(), Stop> {
    let UserNamed { place, user } = arguments.named;
    let (ciam, by, tenant) = (open(&place)?, Authority::Host, TenantId::default());
    done(match &arguments.session {
        Some(session) => ciam.end_user_session(by, &tenant, &user, session).await,
        None => ciam.end_user_sessions(by, &tenant, &user).await,
    })
}

/// Sets the type of a person.
///
/// # Errors
/// [`Stop`] that says why it stays as it is.
pub(crate) async fn set_type(UserType { place, user, set, none }: UserType) -> Result<(), Stop> {
    let set = set.filter(|_| !none);
    done(open(&place)?.set_user_type(Authority::Host, &TenantId::default(), &user, set.as_ref()).await)
}

/// Undoes a deletion.
///
/// # Errors
/// [`Stop`] that says why the account stays deleted.
pub(crate) async fn restore(UserNamed { place, user }: UserNamed) -> Result<(), Stop> {
    done(open(&place)?.restore_user(Authority::Host, &TenantId::default(), &user).await)
}

/// Prints everything that is kept of a person.
///
/// # Errors
/// [`Stop`] that says why nothing is shown.
pub(crate) async fn export(UserNamed { place, user }: UserNamed) -> Result<(), Stop> {
    let told = open(&place)?.export_personal_data(Authority::Host, &TenantId::default(), &user).await;
    output::line(done(told)?.to_json())
}

/// The name of a status, and until when it lasts.
pub(super) const fn standing(status: Status) -> (&'static str, Option<Instant>) {
    let until = match status {
        Status::Locked { until } => until,
        Status::PendingDeletion { erase_at } => Some(erase_at),
        Status::Normal | Status::Frozen | Status::Disabled | Status::Purging { .. } | Status::Erased => None,
    };
    (status.kind().as_str(), until)
}

fn shown(user: &User) -> Value {
    let (status, until) = standing(user.status);
    let phone = user.phone.as_ref().map(|Contact { address, .. }| address.canonical());
    let email = user.email.as_ref().map(|Contact { address, .. }| address.original());
    json!({
        "userId": user.id.as_str(),
        "username": user.username.as_ref().map(Username::original),
        "status": status,
        "statusUntil": until.map(written),
        "admin": user.admin,
        "phone": phone,
        "email": email,
        "nickname": user.profile.text(StandardAttribute::Nickname),
        "fullName": user.profile.text(StandardAttribute::FullName),
        "userType": user.profile.user_type.as_ref().map(UserTypeCode::as_str),
        "profile": values(user),
        "hasPassword": user.password.is_some(),
        "mustChangePassword": user.password.as_ref().is_some_and(|password| password.must_change),
        "factors": factors(user),
        "passkeys": passkeys(user),
        "devices": devices(user),
        "social": social(user),
        "createdAt": written(user.created_at),
    })
}

/// What the person enrolled: kinds and moments, nothing that proves anybody.
fn factors(user: &User) -> Value {
    let Factors { totp, pending_totp: _, recovery_codes } = &user.factors;
    json!({
        "totp": totp.as_ref().map(|totp| json!({ "enrolledAt": written(totp.enrolled_at) })),
        "recoveryCodes": recovery_codes
            .as_ref()
            .map(|codes| json!({ "madeAt": written(codes.made_at), "left": codes.left() })),
    })
}

fn passkeys(user: &User) -> Vec<Value> {
    let listed = |known: &Passkey| {
        let id = webauthn::credential_id(&known.id);
        let (created, last) = (written(known.created_at), known.used_at.map(written));
        json!({ "id": id, "name": known.name.as_str(), "createdAt": created, "usedAt": last })
    };
    user.passkeys.held.iter().map(listed).collect()
}

/// The devices of gesture login; one that is only registered opens nothing.
fn devices(user: &User) -> Vec<Value> {
    let device = |known: &GestureDevice| {
        let bound = if let GestureStage::Bound { at } = known.stage { Some(written(at)) } else { None };
        json!({ "id": known.device.as_str(), "registeredAt": written(known.registered_at), "boundAt": bound })
    };
    user.gestures.iter().map(device).collect()
}

fn social(user: &User) -> Vec<Value> {
    let link = |link: &SocialLink| {
        let (source, issuer, subject) = (link.source.as_str(), link.issuer.as_str(), link.subject.as_str());
        json!({ "source": source, "issuer": issuer, "subject": subject, "linkedAt": written(link.linked_at) })
    };
    user.social.iter().map(link).collect()
}

/// What the profile says, by attribute.
fn values(user: &User) -> Map<String, Value> {
    let value = |value: &AttributeValue| match value {
        AttributeValue::Boolean(flag) => json!(flag),
        AttributeValue::Choices(values) => json!(values),
        AttributeValue::Text(_) | AttributeValue::Date(_) | AttributeValue::Number(_) => {
            json!(value.to_string())
        }
    };
    user.profile.values.iter().map(|(id, held)| (id.to_string(), value(&held.value))).collect()
}

fn listed(session: &Session) -> Value {
    json!({
        "sessionId": session.id.as_str(),
        "amr": session.amr.iter().map(Amr::as_str).collect::<Vec<_>>(),
        "authTime": written(session.auth_time),
        "usedAt": written(session.used_at),
        "endsAt": written(session.ends_at()),
        "client": session.client,
        "device": session.device.as_ref().map(DeviceId::as_str),
        "source": session.source.map(|source| source.address().to_string()),
    })
}

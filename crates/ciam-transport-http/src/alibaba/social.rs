//! `GET /user/social_bind_info`, `POST /user/social/bind`, `POST /user/social/unbind`.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ciam::domain::profile::PublicId;
use ciam::domain::social::SocialSourceId;
use ciam::ports::SocialProof;
use ciam::{Ciam, Principal, Proven, SocialBinding};
use serde::{Deserialize, Serialize};

use super::call::{Call, RequestError, StepError};
use super::envelope::Reply;
use super::field::{Field, required};
use crate::secret_field::SecretField;

/// A source as the vendor shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Source {
    name: String,
    enterprise_auth_id: String,
    logo: Option<String>,
    social_type: String,
    social_user_id: Option<String>,
    bound: bool,
}

/// A bound source in a profile: the fields of the sample, in its order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BoundSource {
    user_social_uuid: String,
    name: String,
    enterprise_auth_id: String,
    logo: Option<String>,
    social_type: String,
    social_user_id: Option<String>,
    social_id: String,
    bound: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bind {
    code: Option<SecretField>,
    enterprise_auth_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Unbind {
    enterprise_auth_id: Option<String>,
}

pub(super) async fn list(call: Call) -> Result<Reply, StepError> {
    let bindings = call.ciam.social_sources(&call.who).await?;
    Ok(Reply::Sources(bindings.into_iter().map(shown).collect()))
}

/// No call of the vendor's asks for a flow here: a sign-in of just now is the proof.
pub(super) async fn bind(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Bind>().await?;
    let source = source_id(body.enterprise_auth_id.as_deref())?;
    let code = body.code.filter(|code| !code.0.expose().trim().is_empty());
    let code = code.ok_or(RequestError::Blank(Field::Code))?;
    ciam.bind_social(&who, Proven::FreshSession, &source, &SocialProof::of(code.0)).await?;
    Ok(Reply::Done)
}

pub(super) async fn unbind(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Unbind>().await?;
    let source = source_id(body.enterprise_auth_id.as_deref())?;
    ciam.unbind_social(&who, Proven::FreshSession, &source).await?;
    Ok(Reply::Done)
}

fn source_id(text: Option<&str>) -> Result<SocialSourceId, RequestError> {
    let text = required(text, Field::EnterpriseAuthId)?;
    SocialSourceId::parse(text).map_err(|_| RequestError::Illegal(Field::EnterpriseAuthId))
}

/// What the person has bound; nothing where the host has no sources.
pub(super) async fn bound(ciam: &Ciam, who: &Principal) -> Result<Vec<BoundSource>, StepError> {
    let bindings = match ciam.social_sources(who).await {
        Ok(bindings) => bindings,
        Err(ciam::Error::Failed(ciam::Failure::NotOffered)) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let own = bindings.into_iter().map(shown).filter(|source| source.bound);
    let names = [who.tenant().as_str(), who.user().as_str()];
    Ok(own.map(|source| in_profile(source, names)).collect())
}

fn in_profile(source: Source, [tenant, user]: [&str; 2]) -> BoundSource {
    let Source { name, enterprise_auth_id, logo, social_type, social_user_id, bound } = source;
    let uuid = PublicId::of(&["social", tenant, user, &enterprise_auth_id]);
    let (user_social_uuid, social_id) = (uuid.as_str().to_owned(), enterprise_auth_id.clone());
    BoundSource {
        user_social_uuid,
        name,
        enterprise_auth_id,
        logo,
        social_type,
        social_user_id,
        social_id,
        bound,
    }
}

fn shown(binding: SocialBinding) -> Source {
    let SocialBinding { source, link } = binding;
    Source {
        name: source.name,
        enterprise_auth_id: source.id.as_str().to_owned(),
        logo: source.logo.map(|logo| BASE64_STANDARD.encode(logo.bytes())),
        social_type: source.social_type.as_str().to_owned(),
        bound: link.is_some(),
        social_user_id: link.map(|link| link.subject.as_str().to_owned()),
    }
}

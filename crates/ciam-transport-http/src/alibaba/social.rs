//! `GET /user/social_bind_info`, `POST /user/social/bind`, `POST /user/social/unbind`.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ciam::domain::social::SocialSourceId;
use ciam::ports::SocialProof;
use ciam::{Proven, SocialBinding};
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

//! `GET /user/get_agree_records` and `POST /user/agree_records/recall`.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use ciam::OwnConsent;
use ciam::domain::Instant;
use ciam::domain::terms::{Label, Publication, TermsDocument};
use serde::{Deserialize, Serialize};

use super::call::{Call, StepError};
use super::envelope::Reply;
use super::field::{Field, required};
use super::literal::{SYSTEM_ID, record_status};

/// One record as the vendor shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Agreed {
    id: usize,
    create_time: i64,
    updated_time: i64,
    uuid: String,
    system_id: &'static str,
    tenant_id: String,
    name: Option<String>,
    consent_type: Option<String>,
    description: Option<String>,
    version_number: String,
    version_title: String,
    version_content_type: &'static str,
    base64_encode_content: String,
    record_version_status: &'static str,
    publish_date: Option<i64>,
    expired_date: Option<i64>,
    record_uuid: String,
    record_external_id: Option<String>,
    registered_applications: (),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recall {
    uuid: Option<String>,
}

/// What was recalled is left out: no field of a record could say so.
pub(super) async fn list(call: Call) -> Result<Reply, StepError> {
    let consents = call.ciam.consents(&call.who).await?;
    let live = consents.into_iter().filter(|consent| consent.recalled_at.is_none());
    Ok(Reply::Agreed(live.map(agreed).collect()))
}

pub(super) async fn recall(call: Call) -> Result<Reply, StepError> {
    let (ciam, who, body) = call.read::<Recall>().await?;
    ciam.recall_consent(&who, required(body.uuid.as_deref(), Field::Uuid)?).await?;
    Ok(Reply::Done)
}

fn agreed(consent: OwnConsent) -> Agreed {
    let OwnConsent { number, agreement, terms, status, .. } = consent;
    let (document, version) = (terms.document, terms.version);
    let (from, until) = match version.publication {
        Publication::Draft => (None, None),
        Publication::Published { from, until } => (Some(from), until),
    };
    let TermsDocument { external_id, name, kind, description, .. } = document;
    let text = |label: Option<Label>| label.map(|label| label.as_str().to_owned());
    Agreed {
        id: number,
        create_time: version.created_at.unix_millis(),
        updated_time: version.updated_at.unix_millis(),
        uuid: agreement.id.as_str().to_owned(),
        system_id: SYSTEM_ID,
        tenant_id: agreement.tenant.as_str().to_owned(),
        name: text(name),
        consent_type: text(kind),
        description: text(description),
        version_number: version.number.as_str().to_owned(),
        version_title: version.title.as_str().to_owned(),
        version_content_type: version.kind.as_str(),
        base64_encode_content: BASE64_STANDARD.encode(terms.text.as_str()),
        record_version_status: record_status(status),
        publish_date: from.map(Instant::unix_millis),
        expired_date: until.map(Instant::unix_millis),
        record_uuid: agreement.document.as_str().to_owned(),
        record_external_id: text(external_id),
        registered_applications: (),
    }
}

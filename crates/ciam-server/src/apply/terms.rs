//! `[[terms]]`: a document that people are asked to agree to, set to what the file says.

use ciam::domain::terms::{Demand, Label};
use ciam::domain::{DocumentId, TenantId};
use ciam::{Authority, Ciam, NewDocument};
use clap::ValueEnum;
use serde::Deserialize;

use super::section::{Did, Put, Reading, Section};
use crate::configuration::Choice;
use crate::stop::Stop;
use crate::user::refused;

/// `[[terms]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Terms {
    id: String,
    demand: Choice<DemandName>,
    external_id: Option<String>,
    name: Option<String>,
    kind: Option<String>,
    description: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DemandName {
    Required,
    Optional,
}

fn label(key: &str, text: Option<&str>) -> Result<Option<Label>, String> {
    text.map(Label::parse).transpose().map_err(|error| format!("{key}: {error}"))
}

impl Section for Terms {
    type Wanted = NewDocument;

    fn check(self, _: &Reading<'_>) -> Result<NewDocument, String> {
        Ok(NewDocument {
            tenant: TenantId::default(),
            id: DocumentId::parse(&self.id).map_err(|error| format!("id: {error}"))?,
            external_id: label("external_id", self.external_id.as_deref())?,
            name: label("name", self.name.as_deref())?,
            kind: label("kind", self.kind.as_deref())?,
            description: label("description", self.description.as_deref())?,
            demand: match self.demand {
                Choice(DemandName::Required) => Demand::Required,
                Choice(DemandName::Optional) => Demand::Optional,
            },
        })
    }

    fn name(document: &NewDocument) -> String {
        document.id.as_str().to_owned()
    }

    async fn put(wanted: NewDocument, ciam: &Ciam) -> Result<Put, Stop> {
        let all = ciam.all_terms(&wanted.tenant).await.map_err(|error| refused(&error))?;
        let held = all.into_iter().map(|(held, _)| held).find(|held| held.id == wanted.id);
        let document = ciam.write_terms(Authority::Host, wanted).await.map_err(|error| refused(&error))?;
        let did = match held {
            None => Did::Created,
            Some(held) if held == document => Did::Unchanged,
            Some(_) => Did::Updated,
        };
        Ok(Put::of(document.id.to_string(), did))
    }
}

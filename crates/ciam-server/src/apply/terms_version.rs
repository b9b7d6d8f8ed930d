//! `[[terms_version]]`: a version of terms, published unless it is a draft. What is published already stays as it is,
//! but that it may end earlier.

use std::path::PathBuf;

use ciam::domain::terms::{ContentKind, Label, Locale, Publication, TermsText, TermsVersion, VersionNumber};
use ciam::domain::{DocumentId, Instant, TenantId};
use ciam::{Authority, Ciam, NewVersion, Period};
use clap::ValueEnum;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use toml::value::Datetime;

use super::section::{Did, Put, Reading, Section};
use crate::configuration::Choice;
use crate::stop::Stop;
use crate::user::refused;

/// `[[terms_version]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Version {
    document: String,
    number: String,
    locale: String,
    title: String,
    kind: Choice<KindName>,
    text: Option<String>,
    file: Option<PathBuf>,
    published_at: Option<Datetime>,
    expires_at: Option<Datetime>,
    #[serde(default)]
    draft: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "UPPER")]
enum KindName {
    Text,
    Html,
}

/// A version to be there.
pub(super) struct Wanted {
    version: NewVersion,
    from: Option<Instant>,
    until: Option<Instant>,
    draft: bool,
}

fn moment(key: &str, at: Option<Datetime>) -> Result<Option<Instant>, String> {
    let read = |at: Datetime| {
        let read = OffsetDateTime::parse(&at.to_string(), &Rfc3339);
        read.map(Instant::from).map_err(|_| format!("{key}: must be a time with its offset from UTC"))
    };
    at.map(read).transpose()
}

fn named<T, E: std::fmt::Display>(key: &str, parsed: Result<T, E>) -> Result<T, String> {
    parsed.map_err(|error| format!("{key}: {error}"))
}

impl Section for Version {
    type Wanted = Wanted;

    fn check(self, reading: &Reading<'_>) -> Result<Wanted, String> {
        let text = match (self.text, self.file) {
            (Some(text), None) => text,
            (None, Some(file)) => {
                let path = reading.beside.join(file);
                std::fs::read_to_string(&path)
                    .map_err(|error| format!("file: {}: {error}", path.display()))?
            }
            _ => return Err("one of text and file says what the version says".to_owned()),
        };
        let version = NewVersion {
            tenant: TenantId::default(),
            document: named("document", DocumentId::parse(&self.document))?,
            number: named("number", VersionNumber::parse(&self.number))?,
            locale: named("locale", Locale::parse(&self.locale))?,
            title: named("title", Label::parse(&self.title))?,
            kind: match self.kind {
                Choice(KindName::Text) => ContentKind::Text,
                Choice(KindName::Html) => ContentKind::Html,
            },
            text: named("text", TermsText::parse(&text))?,
        };
        let from = moment("published_at", self.published_at)?;
        let until = moment("expires_at", self.expires_at)?;
        Ok(Wanted { version, from, until, draft: self.draft })
    }

    fn name(Wanted { version, .. }: &Wanted) -> String {
        format!("{} {} {}", version.document, version.number.as_str(), version.locale.as_str())
    }

    async fn put(wanted: Wanted, ciam: &Ciam) -> Result<Put, Stop> {
        let held = wanted.held(ciam).await?;
        let put = wanted.put(ciam).await.map_err(|error| refused(&error))?;
        let did = match held {
            None => Did::Created,
            Some(held) if held == put => Did::Unchanged,
            Some(_) => Did::Updated,
        };
        let differs = if wanted.ends_as(&put) { Vec::new() } else { vec!["expires_at"] };
        Ok(Put { differs, ..Put::of(put.id.to_string(), did) })
    }
}

impl Wanted {
    async fn held(&self, ciam: &Ciam) -> Result<Option<TermsVersion>, Stop> {
        let all = ciam.all_terms(&self.version.tenant).await.map_err(|error| refused(&error))?;
        let mut versions = all.into_iter().flat_map(|(_, versions)| versions);
        Ok(versions.find(|held| {
            held.document == self.version.document
                && held.number == self.version.number
                && held.locale == self.version.locale
        }))
    }

    async fn put(&self, ciam: &Ciam) -> Result<TermsVersion, ciam::Error> {
        let version = ciam.draft_terms(Authority::Host, self.version.clone()).await?;
        let named = (&version.tenant, &version.id);
        match (version.publication, self.until) {
            (Publication::Draft, _) if self.draft => Ok(version),
            (Publication::Draft, until) => {
                let from = self.from.unwrap_or(Instant::EPOCH);
                ciam.publish_terms(Authority::Host, named, Period { from, until }).await
            }
            (Publication::Published { .. }, Some(until)) => {
                ciam.withdraw_terms(Authority::Host, named, until).await
            }
            (Publication::Published { .. }, None) => Ok(version),
        }
    }

    /// An end that came earlier than the file has it, or that the file has none of, is not undone.
    fn ends_as(&self, version: &TermsVersion) -> bool {
        match version.publication {
            Publication::Draft => true,
            Publication::Published { until, .. } => {
                until >= self.until && until.is_some() == self.until.is_some()
            }
        }
    }
}

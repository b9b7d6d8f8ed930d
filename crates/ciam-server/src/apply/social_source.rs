//! `[[social_source]]`: where people have accounts that they sign in by, set to what the file says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ciam::domain::TenantId;
use ciam::domain::social::{Logo, SocialSource, SocialSourceId, SocialType};
use ciam::{Authority, Ciam};
use clap::ValueEnum;
use serde::Deserialize;

use super::section::{Did, Put, Reading, Section};
use crate::configuration::Choice;
use crate::social_source::NO_VERIFIER;
use crate::stop::Stop;
use crate::user::refused;

/// `[[social_source]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    id: String,
    name: String,
    social_type: Choice<TypeName>,
    logo: Option<PathBuf>,
    #[serde(default = "switched_on")]
    enabled: bool,
    #[serde(default)]
    settings: BTreeMap<String, String>,
}

const fn switched_on() -> bool {
    true
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TypeName {
    Wechat,
    Alipay,
    Apple,
    Google,
    Oidc,
}

impl TypeName {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Wechat => "wechat",
            Self::Alipay => "alipay",
            Self::Apple => "apple",
            Self::Google => "google",
            Self::Oidc => "oidc",
        }
    }
}

fn named<T, E: std::fmt::Display>(key: &str, parsed: Result<T, E>) -> Result<T, String> {
    parsed.map_err(|error| format!("{key}: {error}"))
}

impl Section for Source {
    type Wanted = SocialSource;

    fn check(self, reading: &Reading<'_>) -> Result<SocialSource, String> {
        let logo = self.logo.map(|file| {
            let path = reading.beside.join(file);
            let bytes = std::fs::read(&path).map_err(|error| format!("logo: {}: {error}", path.display()))?;
            named("logo", Logo::new(&bytes))
        });
        let Choice(social_type) = self.social_type;
        let source = SocialSource {
            tenant: TenantId::default(),
            id: named("id", SocialSourceId::parse(&self.id))?,
            name: self.name,
            logo: logo.transpose()?,
            social_type: named("social_type", SocialType::parse(social_type.as_str()))?,
            enabled: self.enabled,
            settings: self.settings,
        };
        source.check().map_err(|error| format!("{}: {error}", source.id))?;
        Ok(source)
    }

    fn name(source: &SocialSource) -> String {
        source.id.as_str().to_owned()
    }

    async fn put(wanted: SocialSource, ciam: &Ciam) -> Result<Put, Stop> {
        let stood = ciam.put_social_source(Authority::Host, wanted.clone()).await;
        let did = match stood.map_err(|error| refused(&error))? {
            None => Did::Created,
            Some(stood) if stood == wanted => Did::Unchanged,
            Some(_) => Did::Updated,
        };
        let hosted = ciam.all_social_sources(&wanted.tenant).await.map_err(|error| refused(&error))?;
        let offered = hosted.iter().any(|hosted| hosted.source.id == wanted.id && hosted.offered);
        let why = (wanted.enabled && !offered).then_some(NO_VERIFIER);
        Ok(Put { not_offered: why, ..Put::of(wanted.id.to_string(), did) })
    }
}

//! `[[attribute]]`: an attribute that everybody has, or the people of a user type.

use ciam::Ciam;
use ciam::domain::TenantId;
use ciam::domain::profile::{
    Attribute, AttributeId, Choice, Choices, FieldType, Flag, Flags, Pattern, TextFormat,
};
use serde::Deserialize;

use super::schema::{self, Definition};
use super::section::{Put, Reading, Section};
use crate::stop::Stop;

/// `[[attribute]]`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "the keys are those of the file")]
pub(super) struct Entry {
    key: String,
    user_type: Option<String>,
    label: Option<String>,
    r#type: Option<Kind>,
    pattern: Option<String>,
    #[serde(default)]
    options: Vec<Opt>,
    #[serde(default = "yes")]
    enabled: bool,
    #[serde(default = "yes")]
    modifiable: bool,
    #[serde(default = "yes")]
    shown: bool,
    #[serde(default)]
    unique: bool,
    #[serde(default)]
    sensitive: bool,
    remark: Option<String>,
}

const fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Text,
    Zone,
    Locale,
    Url,
    Date,
    Number,
    Boolean,
    SingleChoice,
    MultipleChoice,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opt {
    value: String,
    #[serde(default)]
    label: String,
}

impl Entry {
    fn id(&self) -> Result<AttributeId, String> {
        let name = match &self.user_type {
            Some(code) => format!("{code}:{}", self.key),
            None => self.key.clone(),
        };
        AttributeId::parse(&name).map_err(|error| match self.user_type {
            Some(_) => format!("key: {error}"),
            None => format!("key: {name} is no base attribute; an attribute of its own needs a user_type"),
        })
    }

    fn flags(&self) -> Flags {
        let set = [
            (Flag::Enabled, self.enabled),
            (Flag::Modifiable, self.modifiable),
            (Flag::Shown, self.shown),
            (Flag::Unique, self.unique),
            (Flag::Sensitive, self.sensitive),
        ];
        set.into_iter().filter(|(_, set)| *set).fold(Flags::NONE, |flags, (flag, _)| flags.with(flag))
    }
}

fn field(
    kind: Option<Kind>,
    pattern: Option<&str>,
    options: Vec<Opt>,
    id: &AttributeId,
) -> Result<FieldType, String> {
    let pattern = pattern.map(Pattern::parse).transpose().map_err(|error| format!("pattern: {error}"))?;
    let takes_options = matches!(kind, Some(Kind::SingleChoice | Kind::MultipleChoice));
    if !takes_options && !options.is_empty() {
        return Err("options: only a choice has them".to_owned());
    }
    if let Some(pattern) = pattern {
        return match kind {
            None | Some(Kind::Text) => Ok(FieldType::Text(TextFormat::Pattern(pattern))),
            Some(_) => Err("pattern: only a text has one".to_owned()),
        };
    }
    let choices = || {
        let choice = |Opt { value, label }| Choice { value, label };
        Choices::new(options.into_iter().map(choice).collect()).map_err(|error| format!("options: {error}"))
    };
    Ok(match (kind, id) {
        (None, AttributeId::Base(base)) => base.field(),
        (None | Some(Kind::Text), _) => FieldType::Text(TextFormat::Free),
        (Some(Kind::Zone), _) => FieldType::Text(TextFormat::Zone),
        (Some(Kind::Locale), _) => FieldType::Text(TextFormat::Locale),
        (Some(Kind::Url), _) => FieldType::Text(TextFormat::Url),
        (Some(Kind::Date), _) => FieldType::Date,
        (Some(Kind::Number), _) => FieldType::Number,
        (Some(Kind::Boolean), _) => FieldType::Boolean,
        (Some(Kind::SingleChoice), _) => FieldType::SingleChoice(choices()?),
        (Some(Kind::MultipleChoice), _) => FieldType::MultipleChoice(choices()?),
    })
}

impl Section for Entry {
    type Wanted = Attribute;

    fn check(self, _: &Reading<'_>) -> Result<Attribute, String> {
        let (id, flags) = (self.id()?, self.flags());
        let label = match (&self.label, &id) {
            (Some(label), _) => label.clone(),
            (None, AttributeId::Base(base)) => base.label().to_owned(),
            (None, AttributeId::Extension { .. }) => self.key.clone(),
        };
        let field = field(self.r#type, self.pattern.as_deref(), self.options, &id)?;
        let attribute = Attribute::new(id, &label, field, flags);
        attribute.and_then(|attribute| attribute.with_remark(self.remark)).map_err(|error| error.to_string())
    }

    fn name(wanted: &Attribute) -> String {
        wanted.id().to_string()
    }

    async fn put(wanted: Attribute, ciam: &Ciam) -> Result<Put, Stop> {
        let id = wanted.public_id(&TenantId::default());
        schema::put(ciam, id.as_str(), Definition::Attribute(wanted)).await
    }
}

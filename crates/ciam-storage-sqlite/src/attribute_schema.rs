//! The attributes of tenants: one JSON document each, with a version.

use async_trait::async_trait;
use ciam_ports::domain::TenantId;
use ciam_ports::domain::audit::AuditRecord;
use ciam_ports::domain::profile::{
    Attribute, AttributeId, AttributeSchema, Choice, Choices, FieldType, Flag, Flags, Pattern, TextFormat,
    UserType, UserTypeCode,
};
use ciam_ports::{AttributeSchemaStore, StoreError};
use serde::{Deserialize, Serialize};

use crate::error::unreadable;
use crate::statement::{Db, Fields};
use crate::{SqliteStore, audit};

const VERSION: u16 = 1;
const COLUMN: &str = "ciam_attribute_schemas.document";

const SELECT: &str = "SELECT version, document FROM ciam_attribute_schemas WHERE tenant = ?1";

const INSERT: &str = "INSERT INTO ciam_attribute_schemas (tenant, version, document) VALUES (?1, 1, ?2)
    ON CONFLICT DO NOTHING";

const REPLACE: &str = "UPDATE ciam_attribute_schemas SET version = version + 1, document = ?2
    WHERE tenant = ?1 AND version = ?3";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentV1 {
    v: u16,
    user_types: Vec<UserTypeV1>,
    attributes: Vec<AttributeV1>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct UserTypeV1 {
    code: String,
    name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AttributeV1 {
    id: String,
    label: String,
    field: FieldV1,
    flags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum FieldV1 {
    Text,
    Pattern(String),
    Zone,
    Locale,
    Url,
    Date,
    Number,
    Boolean,
    SingleChoice(Vec<ChoiceV1>),
    MultipleChoice(Vec<ChoiceV1>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChoiceV1 {
    value: String,
    label: String,
}

fn write(schema: &AttributeSchema) -> Result<String, StoreError> {
    let user_types = schema.user_types().iter().map(|user_type| UserTypeV1 {
        code: user_type.code().to_string(),
        name: user_type.name().to_owned(),
    });
    let attributes = schema.definitions().map(|attribute| AttributeV1 {
        id: attribute.id().to_string(),
        label: attribute.label().to_owned(),
        field: field_of(attribute.field()),
        flags: flags_of(attribute.flags()),
        remark: attribute.remark().map(str::to_owned),
    });
    let document =
        DocumentV1 { v: VERSION, user_types: user_types.collect(), attributes: attributes.collect() };
    serde_json::to_string(&document).map_err(|_| unreadable(COLUMN))
}

fn flags_of(flags: Flags) -> Vec<String> {
    Flag::ALL.into_iter().filter(|flag| flags.has(*flag)).map(|flag| flag.as_str().to_owned()).collect()
}

fn field_of(field: &FieldType) -> FieldV1 {
    let choices = |choices: &Choices| {
        let row = |choice: &Choice| ChoiceV1 { value: choice.value.clone(), label: choice.label.clone() };
        choices.all().iter().map(row).collect()
    };
    match field {
        FieldType::Text(TextFormat::Free) => FieldV1::Text,
        FieldType::Text(TextFormat::Pattern(pattern)) => FieldV1::Pattern(pattern.as_str().to_owned()),
        FieldType::Text(TextFormat::Zone) => FieldV1::Zone,
        FieldType::Text(TextFormat::Locale) => FieldV1::Locale,
        FieldType::Text(TextFormat::Url) => FieldV1::Url,
        FieldType::Date => FieldV1::Date,
        FieldType::Number => FieldV1::Number,
        FieldType::Boolean => FieldV1::Boolean,
        FieldType::SingleChoice(all) => FieldV1::SingleChoice(choices(all)),
        FieldType::MultipleChoice(all) => FieldV1::MultipleChoice(choices(all)),
    }
}

fn read(version: i64, text: &str) -> Result<AttributeSchema, StoreError> {
    parse(version, text).ok_or_else(|| unreadable(COLUMN))
}

fn parse(version: i64, text: &str) -> Option<AttributeSchema> {
    let DocumentV1 { v: VERSION, user_types, attributes } = serde_json::from_str(text).ok()? else {
        return None;
    };
    let user_type = |row: UserTypeV1| UserType::new(UserTypeCode::parse(&row.code).ok()?, &row.name).ok();
    let attribute = |row: AttributeV1| {
        let id = AttributeId::parse(&row.id).ok()?;
        let flags = row.flags.iter().map(|name| Flag::parse(name)).collect::<Option<Vec<_>>>()?;
        let flags = flags.into_iter().fold(Flags::NONE, Flags::with);
        Attribute::new(id, &row.label, field(row.field)?, flags).ok()?.with_remark(row.remark).ok()
    };
    let user_types = user_types.into_iter().map(user_type).collect::<Option<Vec<_>>>()?;
    let attributes = attributes.into_iter().map(attribute).collect::<Option<Vec<_>>>()?;
    AttributeSchema::restored(u64::try_from(version).ok()?, user_types, attributes).ok()
}

fn field(field: FieldV1) -> Option<FieldType> {
    let choices = |rows: Vec<ChoiceV1>| {
        let choice = |ChoiceV1 { value, label }| Choice { value, label };
        Choices::new(rows.into_iter().map(choice).collect()).ok()
    };
    Some(match field {
        FieldV1::Text => FieldType::Text(TextFormat::Free),
        FieldV1::Pattern(source) => FieldType::Text(TextFormat::Pattern(Pattern::stored(&source))),
        FieldV1::Zone => FieldType::Text(TextFormat::Zone),
        FieldV1::Locale => FieldType::Text(TextFormat::Locale),
        FieldV1::Url => FieldType::Text(TextFormat::Url),
        FieldV1::Date => FieldType::Date,
        FieldV1::Number => FieldType::Number,
        FieldV1::Boolean => FieldType::Boolean,
        FieldV1::SingleChoice(rows) => FieldType::SingleChoice(choices(rows)?),
        FieldV1::MultipleChoice(rows) => FieldType::MultipleChoice(choices(rows)?),
    })
}

fn find(db: &Db<'_>, tenant: &TenantId) -> Result<AttributeSchema, StoreError> {
    let row = |row: Fields<'_, '_>| read(row.get(0)?, &row.get::<String>(1)?);
    Ok(db.row(SELECT, (tenant.as_str(),), row)?.unwrap_or_default())
}

fn replace(db: &Db<'_>, tenant: &TenantId, schema: &AttributeSchema) -> Result<(), StoreError> {
    let (tenant, document) = (tenant.as_str(), write(schema)?);
    let expected = i64::try_from(schema.version()).map_err(|_| unreadable(COLUMN))?;
    let rows = match expected {
        0 => db.run(INSERT, (tenant, document))?,
        _ => db.run(REPLACE, (tenant, document, expected))?,
    };
    if rows == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

#[async_trait]
impl AttributeSchemaStore for SqliteStore {
    async fn schema(&self, tenant: &TenantId) -> Result<AttributeSchema, StoreError> {
        let tenant = tenant.clone();
        self.glance(move |db| find(db, &tenant)).await
    }

    async fn replace(
        &self,
        tenant: &TenantId,
        schema: &AttributeSchema,
        record: AuditRecord,
    ) -> Result<(), StoreError> {
        let (tenant, schema) = (tenant.clone(), schema.clone());
        self.write(move |db| {
            self::replace(db, &tenant, &schema)?;
            audit::append(db, std::slice::from_ref(&record))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::assert_searches;

    #[test]
    fn every_statement_is_answered_by_an_index() {
        for sql in [SELECT, REPLACE] {
            assert_searches(sql);
        }
    }

    #[test]
    fn what_cannot_be_read_is_no_schema() {
        let text = write(&AttributeSchema::default()).unwrap();
        assert_eq!(read(3, &text).unwrap().version(), 3);
        for (version, broken) in [(1, ""), (1, "{}"), (-1, text.as_str()), (1, &text.replace(":1", ":2"))] {
            assert!(read(version, broken).is_err(), "{broken}");
        }
    }
}

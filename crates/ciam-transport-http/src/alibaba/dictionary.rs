//! Attributes as the vendor's dictionaries.

use ciam::ProfileView;
use ciam::domain::profile::{AttributeId, AttributeView, Choice, FieldType, Flag, PublicId, Shown, UserType};
use serde::Serialize;

use super::literal;

/// One attribute: every field of the sample, in its order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the fields are the vendor's")]
pub(super) struct DescribedAttribute {
    enterprise_uuid: String,
    uuid: String,
    /// The label.
    field_name: String,
    /// The key.
    field_value: String,
    dictionary_object_name: Option<String>,
    dictionary_object_id: Option<String>,
    data_dictionary_type: &'static str,
    data_dictionary_field_type: &'static str,
    modifiable: bool,
    enabled: bool,
    unique: bool,
    need_relation: bool,
    need_show: bool,
    need_sensitive: bool,
    remark: Option<String>,
    dictionary_value: Option<String>,
    dictionary_value_uuid: Option<String>,
    select_field_options: Vec<SelectOption>,
    custom_attributes: Vec<CustomAttribute>,
}

/// The attributes of a user type.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TypeDictionaries {
    user_type_code: String,
    user_type_uuid: String,
    user_type_name: String,
    dictionaries: Vec<DescribedAttribute>,
}

/// An option of which one is chosen.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SelectOption {
    uuid: String,
    option_id: String,
    option_label: String,
    option_value: String,
}

/// An option of which several are chosen.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CustomAttribute {
    uuid: String,
    attr_id: String,
    attr_label: String,
    attr_value: String,
}

/// The group of the person's own user type, where they have one.
pub(super) fn of_type(view: &ProfileView) -> Option<TypeDictionaries> {
    let user_type = view.user_type.as_ref()?;
    let own = |shown: &&AttributeView| matches!(shown.attribute.id(), AttributeId::Extension { .. });
    Some(TypeDictionaries {
        user_type_code: user_type.code().to_string(),
        user_type_uuid: type_uuid(view, user_type),
        user_type_name: user_type.name().to_owned(),
        dictionaries: view.attributes.iter().filter(own).map(|shown| of(view, shown)).collect(),
    })
}

pub(super) fn of(view: &ProfileView, shown: &AttributeView) -> DescribedAttribute {
    let attribute = &shown.attribute;
    let object = match attribute.id() {
        AttributeId::Base(_) => None,
        AttributeId::Extension { .. } => view.user_type.as_ref(),
    };
    // A base attribute has a value and no name for it, as in the sample.
    let named = object.is_some() && shown.value != Shown::Absent;
    DescribedAttribute {
        enterprise_uuid: view.tenant.as_str().to_owned(),
        uuid: attribute.public_id(&view.tenant).as_str().to_owned(),
        field_name: attribute.label().to_owned(),
        field_value: attribute.id().key().to_owned(),
        dictionary_object_name: object.map(|user_type| user_type.name().to_owned()),
        dictionary_object_id: object.map(|user_type| type_uuid(view, user_type)),
        data_dictionary_type: literal::dictionary_type(attribute.id()),
        data_dictionary_field_type: literal::field_type(attribute.field()),
        modifiable: attribute.is(Flag::Modifiable),
        enabled: attribute.is(Flag::Enabled),
        unique: attribute.is(Flag::Unique),
        need_relation: false,
        need_show: attribute.is(Flag::Shown),
        need_sensitive: attribute.is(Flag::Sensitive),
        remark: attribute.remark().map(str::to_owned),
        dictionary_value: shown.value.text(),
        dictionary_value_uuid: named.then(|| view.value_id(shown).as_str().to_owned()),
        select_field_options: select_options(view, shown),
        custom_attributes: custom_attributes(view, shown),
    }
}

fn type_uuid(view: &ProfileView, user_type: &UserType) -> String {
    user_type.public_id(&view.tenant).as_str().to_owned()
}

fn select_options(view: &ProfileView, shown: &AttributeView) -> Vec<SelectOption> {
    let FieldType::SingleChoice(choices) = shown.attribute.field() else { return Vec::new() };
    let option = |(place, choice): (usize, &Choice)| SelectOption {
        uuid: option_uuid(view, shown, choice),
        option_id: (place + 1).to_string(),
        option_label: choice.label.clone(),
        option_value: choice.value.clone(),
    };
    choices.all().iter().enumerate().map(option).collect()
}

fn custom_attributes(view: &ProfileView, shown: &AttributeView) -> Vec<CustomAttribute> {
    let FieldType::MultipleChoice(choices) = shown.attribute.field() else { return Vec::new() };
    let option = |(place, choice): (usize, &Choice)| CustomAttribute {
        uuid: option_uuid(view, shown, choice),
        attr_id: (place + 1).to_string(),
        attr_label: choice.label.clone(),
        attr_value: choice.value.clone(),
    };
    choices.all().iter().enumerate().map(option).collect()
}

fn option_uuid(view: &ProfileView, shown: &AttributeView, choice: &Choice) -> String {
    let attribute = shown.attribute.id().to_string();
    PublicId::of(&["option", view.tenant.as_str(), &attribute, &choice.value]).as_str().to_owned()
}

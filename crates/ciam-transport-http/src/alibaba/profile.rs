//! `GET` and `PUT` of `/user/info`.

use axum::http::Method;
use ciam::domain::profile::{AttributeId, Exposure, StandardAttribute};
use ciam::domain::user::Status;
use ciam::{Ciam, Principal, ProfileView, domain::Instant};
use serde::Serialize;
use serde_json::Value;

use super::call::{Call, StepError};
use super::dictionary::{self, DescribedAttribute, TypeDictionaries};
use super::envelope::Reply;
use super::login_history::second;
use super::social::{self, BoundSource};
use super::update_profile;

/// A person as the vendor shows them: every field of the sample, in its order.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Person {
    uuid: String,
    username: Option<String>,
    /// Never told.
    password: (),
    enterprise_uuid: String,
    external_id: (),
    phone_number: Option<String>,
    phone_region: Option<String>,
    email: Option<String>,
    en_display_name: Option<String>,
    display_name: Option<String>,
    union_id: (),
    user_type_uuid: Option<String>,
    enabled: bool,
    locked: bool,
    gender: Option<String>,
    birthday: Option<String>,
    country: Option<String>,
    region: Option<String>,
    province: Option<String>,
    city: Option<String>,
    street: Option<String>,
    address: Option<String>,
    avatar_uuid: Option<String>,
    full_name: Option<String>,
    update_password_time: Option<String>,
    base_attr_dictionaries: Vec<DescribedAttribute>,
    user_type_dictionaries: Vec<TypeDictionaries>,
    user_social_list: Vec<BoundSource>,
    create_time: i64,
    picture: Option<String>,
    description: Option<String>,
}

/// The one path of two methods.
pub(super) async fn serve(call: Call) -> Result<Reply, StepError> {
    if call.method == Method::PUT {
        return update_profile::update(call).await;
    }
    Ok(Reply::Profile(Box::new(own(&call.ciam, &call.who).await?)))
}

async fn own(ciam: &Ciam, who: &Principal) -> Result<Person, StepError> {
    let view = ciam.profile(who, Exposure::Masked).await?;
    let bound = social::bound(ciam, who).await?;
    Ok(person(&view, bound))
}

/// What `GET` shows the person of themselves, as clients hold it when they send it back.
pub(super) async fn shown(ciam: &Ciam, who: &Principal) -> Result<Value, StepError> {
    Ok(serde_json::to_value(own(ciam, who).await?).unwrap_or_default())
}

fn person(view: &ProfileView, bound: Vec<BoundSource>) -> Person {
    use StandardAttribute as Of;
    let text = |attribute| view.text(attribute);
    let base = view.attributes.iter().filter(|shown| matches!(shown.attribute.id(), AttributeId::Base(_)));
    Person {
        uuid: view.user.as_str().to_owned(),
        username: view.username.clone(),
        password: (),
        enterprise_uuid: view.tenant.as_str().to_owned(),
        external_id: (),
        phone_number: view.phone.clone(),
        phone_region: view.phone_region.clone(),
        email: view.email.clone(),
        en_display_name: text(Of::EnDisplayName),
        display_name: text(Of::DisplayName),
        union_id: (),
        user_type_uuid: view
            .user_type
            .as_ref()
            .map(|user_type| user_type.public_id(&view.tenant).as_str().to_owned()),
        enabled: matches!(view.status, Status::Normal | Status::Locked { .. }),
        locked: matches!(view.status, Status::Locked { .. } | Status::Frozen),
        gender: text(Of::Gender),
        birthday: text(Of::Birthday),
        country: text(Of::Country),
        region: text(Of::Region),
        province: text(Of::Province),
        city: text(Of::City),
        street: text(Of::Street),
        address: text(Of::Address),
        avatar_uuid: text(Of::AvatarUuid),
        full_name: text(Of::FullName),
        update_password_time: view.password_set_at.map(second),
        base_attr_dictionaries: base.map(|shown| dictionary::of(view, shown)).collect(),
        user_type_dictionaries: dictionary::of_type(view).into_iter().collect(),
        user_social_list: bound,
        create_time: millis(view.created_at),
        picture: text(Of::Picture),
        description: text(Of::Description),
    }
}

fn millis(at: Instant) -> i64 {
    at.unix_micros().div_euclid(1_000)
}

//! Changes of the password: by a code to the phone, and by the password in use.

use serde_json::{Value, json};

use super::step::{Step, Wanted};
use super::visitor::Visitor;
use super::{Company, Walker};
use crate::output;
use crate::stop::Stop;

pub(super) const CHECK: &str = "/user/operate_check?operateType=";
pub(super) const OBTAIN: &str = "/user/2fa/obtain_code";
pub(super) const VERIFY: &str = "/user/2fa/verify_code";
pub(super) const TOKEN_CHECK: &str = "/user/token/check";
const CHANGE: &str = "/user/change_pwd";
const NEXT: &str = "USER_UPDATE_PWD";

/// The id of the flow that a reply names.
pub(super) fn flow_of(reply: &Value) -> String {
    reply["data"]["fId"].as_str().unwrap_or_default().to_owned()
}

/// Begins an operation.
pub(super) fn begin(visitor: &mut Visitor, walker: &Walker, operation: &str) -> Result<String, Stop> {
    let path = format!("{CHECK}{operation}");
    let step = Step::get("operation check: a second factor is needed", &path).by(&walker.token);
    Ok(flow_of(&visitor.take(&step, &Wanted::next("NEED_TWO_FACTOR"))?))
}

/// Has a code sent to the person's own address of a kind, and proves the factor with it.
pub(super) fn prove(
    visitor: &mut Visitor,
    walker: &Walker,
    flow: &str,
    kind: &str,
    next: &str,
) -> Result<(), Stop> {
    let own = if kind == "SMS" { &walker.person.phone } else { &walker.person.email };
    let body = json!({"fId": flow, "type": kind});
    visitor.take(&Step::post("a code is sent", OBTAIN, body).by(&walker.token), &Wanted::done())?;
    let body = json!({"fId": flow, "type": kind, "code": visitor.code_to(own)});
    let step = Step::post("the right code proves the factor", VERIFY, body).by(&walker.token);
    visitor.take(&step, &Wanted::next(next)).map(drop)
}

/// By a code to the phone, with what a thief would try on the way.
pub(super) fn by_code(visitor: &mut Visitor, company: &Company) -> Result<(), Stop> {
    let Company { ada, ada_elsewhere, berta, .. } = company;
    output::line("== password, by a code to the phone")?;
    visitor.take(&Step::get("the token is good", TOKEN_CHECK).by(&ada.token), &Wanted::done())?;
    visitor.take(
        &Step::get("hostile: a forged token", TOKEN_CHECK).by("a.b.c"),
        &Wanted::no_entry("invalid_token"),
    )?;
    let flow = begin(visitor, ada, "UPDATE_PASSWORD")?;
    let change = |title, token, password: &str| {
        Step::put(title, CHANGE, json!({"fId": flow, "newPassword": password})).by(token)
    };
    let illegal = Wanted::refused("Params.Illegal");
    visitor
        .take(&change("hostile: no factor is proven yet", &ada.token, "a boat on a quiet lake"), &illegal)?;
    let body = json!({"fId": flow, "type": "SMS"});
    visitor.take(&Step::post("a code is sent", OBTAIN, body).by(&ada.token), &Wanted::done())?;
    let verify = |title, token, code: &str| {
        Step::post(title, VERIFY, json!({"fId": flow, "type": "SMS", "code": code})).by(token)
    };
    let wrong = visitor.wrong_code(&ada.person.phone);
    visitor.take(&verify("hostile: a wrong code", &ada.token, wrong), &Wanted::refused("Params.Illegal"))?;
    let right = visitor.code_to(&ada.person.phone);
    visitor.take(
        &verify("hostile: another person with the flow and its code", &berta.token, &right),
        &illegal,
    )?;
    visitor.take(&verify("hostile: the code in another session", ada_elsewhere, &right), &illegal)?;
    visitor.take(&verify("the right code proves the factor", &ada.token, &right), &Wanted::next(NEXT))?;
    visitor.take(
        &change("hostile: another person changes it", &berta.token, "a boat on a quiet lake"),
        &illegal,
    )?;
    visitor
        .take(&change("the password is changed", &ada.token, "a boat on a quiet lake"), &Wanted::done())?;
    visitor.take(&change("hostile: the same flow again", &ada.token, "a boat on a wild lake"), &illegal)?;
    visitor.take(&Step::get("this session goes on", TOKEN_CHECK).by(&ada.token), &Wanted::done())?;
    let step = Step::get("every other session is over", TOKEN_CHECK).by(ada_elsewhere);
    visitor.take(&step, &Wanted::no_entry("invalid_token"))?;
    visitor.notice("password_changed", &ada.person.phone)
}

/// By the password in use.
pub(super) fn by_password(visitor: &mut Visitor, company: &Company) -> Result<(), Stop> {
    let berta = &company.berta;
    output::line("\n== password, by the password in use")?;
    let flow = begin(visitor, berta, "UPDATE_PASSWORD")?;
    let verify = |title, password: &str| {
        Step::post(title, VERIFY, json!({"fId": flow, "type": "PWD", "password": password})).by(&berta.token)
    };
    let wrong = Wanted::refused_as("Operation.Failure", "Operation.Failure.User.Password.Error");
    visitor.take(&verify("hostile: a wrong password", "no lake and no boat"), &wrong)?;
    visitor
        .take(&verify("the right password proves the factor", &berta.person.password), &Wanted::next(NEXT))?;
    let change = |title, password: &str| {
        Step::put(title, CHANGE, json!({"fId": flow, "newPassword": password})).by(&berta.token)
    };
    let same = Wanted::refused_as("Operation.Failure", "Params.Illegal.User.Password.Same.Old");
    visitor.take(&change("the password in use is none to change to", &berta.person.password), &same)?;
    let common = Wanted { status: 200, body: json!({"success": false}) };
    visitor.take(&change("neither is one of the most common", "password123"), &common)?;
    visitor.take(&change("the password is changed", "a lighthouse in the fog"), &Wanted::done()).map(drop)
}

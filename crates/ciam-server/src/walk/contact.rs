//! Changes of the e-mail address and of the phone.

use serde_json::json;

use super::password::{begin, prove};
use super::step::{Step, Wanted};
use super::visitor::Visitor;
use super::{Company, Walker};
use crate::output;
use crate::stop::Stop;

const OBTAIN: &str = "/user/change_phone_or_email/obtain_code";
const VERIFY: &str = "/user/change_phone_or_email/verify_code";

/// The e-mail address, with a code to the phone as factor.
pub(super) fn email(visitor: &mut Visitor, company: &Company) -> Result<(), Stop> {
    let clara = &company.clara;
    output::line("\n== e-mail address")?;
    let flow = begin(visitor, clara, "UPDATE_EMAIL")?;
    let body = json!({"fId": flow, "type": "EMAIL", "email": "clara@example.net"});
    let early = Step::post("hostile: no factor is proven yet", OBTAIN, body).by(&clara.token);
    visitor.take(&early, &Wanted::refused("Params.Illegal"))?;
    prove(visitor, clara, &flow, "SMS", "USER_UPDATE_EMAIL")?;
    change(visitor, clara, &flow, "EMAIL", "clara@example.net")?;
    visitor.notice("email_changed", &clara.person.email)
}

/// The phone, with a code to the e-mail address as factor.
pub(super) fn phone(visitor: &mut Visitor, company: &Company) -> Result<(), Stop> {
    let dora = &company.dora;
    output::line("\n== phone")?;
    let flow = begin(visitor, dora, "UPDATE_PHONE")?;
    prove(visitor, dora, &flow, "EMAIL", "USER_UPDATE_PHONE")?;
    change(visitor, dora, &flow, "SMS", "+8613900000004")?;
    visitor.notice("phone_changed", &dora.person.phone)
}

fn change(visitor: &mut Visitor, walker: &Walker, flow: &str, kind: &str, address: &str) -> Result<(), Stop> {
    let mut body = json!({"fId": flow, "type": kind, "email": "", "phoneNumber": "", "phoneRegion": ""});
    match address.strip_prefix("+86") {
        Some(national) => {
            body["phoneNumber"] = json!(national);
            body["phoneRegion"] = json!("86");
        }
        None => body["email"] = json!(address),
    }
    visitor.take(
        &Step::post("a code goes to the new address", OBTAIN, body).by(&walker.token),
        &Wanted::done(),
    )?;
    let verify = |title, code: &str| {
        Step::post(title, VERIFY, json!({"fId": flow, "type": kind, "code": code})).by(&walker.token)
    };
    let wrong = visitor.wrong_code(address);
    visitor.take(&verify("hostile: a wrong code", wrong), &Wanted::refused("Params.Illegal"))?;
    let right = visitor.code_to(address);
    visitor.take(&verify("the right code changes the address", &right), &Wanted::done())?;
    visitor
        .take(&verify("hostile: the same flow again", &right), &Wanted::refused("Params.Illegal"))
        .map(drop)
}

//! Deletion of the account.

use serde_json::json;

use super::Company;
use super::password::{TOKEN_CHECK, begin, prove};
use super::step::{Step, Wanted};
use super::visitor::Visitor;
use crate::output;
use crate::stop::Stop;

const UNSUBSCRIBE: &str = "/user/unsubscribe";

/// By a code to the phone; afterwards the token opens nothing.
pub(super) fn deletion(visitor: &mut Visitor, company: &Company) -> Result<(), Stop> {
    let erna = &company.erna;
    output::line("\n== deletion of the account")?;
    let flow = begin(visitor, erna, "UNSUBSCRIBE")?;
    let delete = |title| Step::post(title, UNSUBSCRIBE, json!({"fId": flow})).by(&erna.token);
    visitor.take(&delete("hostile: no factor is proven yet"), &Wanted::refused("Params.Illegal"))?;
    prove(visitor, erna, &flow, "SMS", "USER_UNSUBSCRIBE")?;
    visitor.take(&delete("the account is deleted"), &Wanted::done())?;
    let step = Step::get("its token opens nothing", TOKEN_CHECK).by(&erna.token);
    visitor.take(&step, &Wanted::no_entry("user_deleted"))?;
    visitor.notice("account_deleted", &erna.person.email)
}

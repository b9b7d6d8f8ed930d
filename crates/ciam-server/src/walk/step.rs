//! One step: what is asked, and what the documents say that the reply is.

use serde_json::{Value, json};

/// A request.
pub(super) struct Step<'a> {
    /// What the step is about.
    pub(super) title: &'a str,
    /// GET, POST or PUT.
    pub(super) method: &'static str,
    /// The path below the mount of the dialect.
    pub(super) path: &'a str,
    /// Whose token it carries.
    pub(super) token: Option<&'a str>,
    /// Its body.
    pub(super) body: Option<Value>,
}

/// What the reply must be: this status, and a body that has at least these values.
pub(super) struct Wanted {
    pub(super) status: u16,
    pub(super) body: Value,
}

impl<'a> Step<'a> {
    pub(super) fn get(title: &'a str, path: &'a str) -> Self {
        Self { title, method: "GET", path, token: None, body: None }
    }

    pub(super) fn post(title: &'a str, path: &'a str, body: Value) -> Self {
        Self { method: "POST", body: Some(body), ..Self::get(title, path) }
    }

    pub(super) fn put(title: &'a str, path: &'a str, body: Value) -> Self {
        Self { method: "PUT", ..Self::post(title, path, body) }
    }

    pub(super) fn by(self, token: &'a str) -> Self {
        Self { token: Some(token), ..self }
    }
}

impl Wanted {
    /// Done.
    pub(super) fn done() -> Self {
        Self { status: 200, body: json!({"success": true}) }
    }

    /// Done, and this flow comes next.
    pub(super) fn next(flow: &str) -> Self {
        Self { status: 200, body: json!({"success": true, "data": {"flowType": flow}}) }
    }

    /// Refused with this class.
    pub(super) fn refused(code: &str) -> Self {
        Self { status: 200, body: json!({"success": false, "code": code}) }
    }

    /// Refused with this class and reason.
    pub(super) fn refused_as(code: &str, message: &str) -> Self {
        Self { status: 200, body: json!({"success": false, "code": code, "message": message}) }
    }

    /// The token opens nothing.
    pub(super) fn no_entry(error: &str) -> Self {
        Self { status: 401, body: json!({"error": error}) }
    }

    /// Whether a reply is this.
    pub(super) fn is(&self, status: u16, body: &Value) -> bool {
        status == self.status && holds(body, &self.body)
    }
}

fn holds(body: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::Object(fields) => fields.iter().all(|(name, wanted)| holds(&body[name], wanted)),
        other => body == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_may_say_more_but_nothing_else() {
        let wanted = Wanted::next("USER_UPDATE_PWD");
        let reply = |flow: &str| json!({"success": true, "data": {"fId": "1", "flowType": flow}});
        assert!(wanted.is(200, &reply("USER_UPDATE_PWD")));
        assert!(!wanted.is(200, &reply("NEED_TWO_FACTOR")));
        assert!(!wanted.is(401, &reply("USER_UPDATE_PWD")));
        assert!(!wanted.is(200, &json!({"success": true, "data": null})));
        assert!(!wanted.is(200, &Value::Null));
    }
}

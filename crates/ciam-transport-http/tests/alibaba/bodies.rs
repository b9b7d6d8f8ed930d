//! How strictly bodies and parameters are read.

use axum::body::Body;
use axum::http::Method;
use ciam_testkit::block_on;
use serde_json::json;

use crate::site::{
    CONTACT_OBTAIN, CONTACT_VERIFY, OBTAIN, PASSWORD, Site, UNSUBSCRIBE, VERIFY, refusal, request,
};

const POSTED: [&str; 6] = [OBTAIN, VERIFY, PASSWORD, CONTACT_OBTAIN, CONTACT_VERIFY, UNSUBSCRIBE];

async fn alice() -> (Site, String) {
    let site = Site::new();
    let token = site.token(&site.world.person("alice", 1).await).await;
    (site, token)
}

#[test]
fn what_is_no_object_of_the_documented_shape_is_malformed() {
    block_on(async {
        let (site, token) = alice().await;
        for path in POSTED {
            for body in [
                "",
                "null",
                "x",
                "{",
                "[]",
                r#"["f","SMS"]"#,
                "{} {}",
                r#"{"fId":["f"]}"#,
                r#"{"fId":1}"#,
                r#"{"fId":"f","fId":"f"}"#,
                r#"{"x":1,"x":1}"#,
                r#"{"fId":{"a":"b"}}"#,
                "\u{feff}{}",
            ] {
                let answer = site.raw(&token, path, body).await;
                answer.is(400, &refusal("Params.Illegal", "Params.Illegal.Body"));
            }
        }
    });
}

#[test]
fn only_json_is_taken() {
    block_on(async {
        let (site, token) = alice().await;
        for content_type in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "application/json; charset=gbk",
            "application/json;Charset=\"utf-16\"",
            "application/json; charset=utf-8; charset=gbk",
            "application/json; utf-8",
        ] {
            let mut asked = request(Method::POST, &token, UNSUBSCRIBE);
            if !content_type.is_empty() {
                asked = asked.header("Content-Type", content_type);
            }
            let answer = site.send(asked.body(Body::from(r#"{"fId":"f"}"#)).unwrap()).await;
            answer.is(415, &refusal("Unsupported.Media.Type", "Unsupported.Media.Type"));
        }
        for content_type in ["application/json;charset=UTF-8", "application/json; charset=\"utf-8\";v=1"] {
            let asked = request(Method::POST, &token, UNSUBSCRIBE).header("Content-Type", content_type);
            let answer = site.send(asked.body(Body::from(r#"{"fId":"f"}"#)).unwrap()).await;
            answer.is_refused("Params.Illegal", "Params.Illegal.FId");
        }
    });
}

#[test]
fn a23_a_body_over_one_mebibyte_is_refused_before_any_hash() {
    block_on(async {
        let (site, token) = alice().await;
        let flow = site.proven(&token, "UPDATE_PASSWORD").await;
        let hashed = site.world.hasher.calls();
        let body = |length: usize| {
            let frame = json!({"fId": flow, "newPassword": ""}).to_string().len();
            json!({"fId": flow, "newPassword": "x".repeat(length - frame)})
        };
        let answer = site.post(&token, PASSWORD, &body((1 << 20) + 1)).await;
        answer.is(413, &refusal("Params.Illegal", "Params.Illegal.Body.Too.Large"));
        let answer = site.post(&token, PASSWORD, &body(1 << 20)).await;
        answer.is_refused("Params.Illegal", "Params.Illegal.User.Password.Too.Long");
        assert_eq!(site.world.hasher.calls(), hashed);
    });
}

#[test]
fn a_blank_required_field_is_named() {
    block_on(async {
        let (site, token) = alice().await;
        for blank in [json!(null), json!(""), json!("  ")] {
            for path in POSTED {
                let body = json!({"fId": blank, "type": "SMS"});
                let body = if [PASSWORD, UNSUBSCRIBE].contains(&path) { json!({"fId": blank}) } else { body };
                site.post(&token, path, &body).await.is_refused("Params.Blank", "Params.Blank.FId");
            }
            for path in [OBTAIN, VERIFY, CONTACT_OBTAIN, CONTACT_VERIFY] {
                let answer = site.post(&token, path, &json!({"fId": "f", "type": blank})).await;
                answer.is_refused("Params.Blank", "Params.Blank.Type");
            }
            let body = json!({"fId": "f", "type": "EMAIL", "email": blank, "phoneNumber": ""});
            let answer = site.post(&token, CONTACT_OBTAIN, &body).await;
            answer.is_refused("Params.Blank", "Params.Blank.User.Email");
            let body = json!({"fId": "f", "type": "SMS", "phoneNumber": blank});
            let answer = site.post(&token, CONTACT_OBTAIN, &body).await;
            answer.is_refused("Params.Blank", "Params.Blank.User.Phone.Number");
        }
    });
}

#[test]
fn an_operation_must_be_named_once_and_be_known() {
    block_on(async {
        let (site, token) = alice().await;
        for query in ["", "?operateType=", "?operateType=%20", "?operatetype=UNSUBSCRIBE"] {
            let answer = site.get(&token, &format!("/user/operate_check{query}")).await;
            answer.is_refused("Params.Blank", "Params.Blank.Operate.Type");
        }
        for query in
            ["operateType=unsubscribe", "operateType=X", "operateType=UNSUBSCRIBE&operateType=UNSUBSCRIBE"]
        {
            let answer = site.get(&token, &format!("/user/operate_check?{query}")).await;
            answer.is_refused("Params.Illegal", "Params.Illegal.Operate.Type");
        }
    });
}

#[test]
fn language_and_gateway_are_single_words() {
    block_on(async {
        let (site, token) = alice().await;
        for (field, message) in
            [("language", "Params.Illegal.Language"), ("engineCode", "Params.Illegal.Engine.Code")]
        {
            let mut body = json!({"fId": site.flow(&token, "UPDATE_PASSWORD").await, "type": "SMS"});
            body[field] = "a\nb".into();
            site.post(&token, OBTAIN, &body).await.is_refused("Params.Illegal", message);
            body["type"] = "EMAIL".into();
            body["email"] = "new@example.org".into();
            site.post(&token, CONTACT_OBTAIN, &body).await.is_refused("Params.Illegal", message);
        }
    });
}

#[test]
fn unknown_fields_are_ignored_outside_the_contact_calls() {
    block_on(async {
        let (site, token) = alice().await;
        let flow = site.flow(&token, "UPDATE_PASSWORD").await;
        let body = json!({"fId": flow, "type": "SMS", "later": [1, {"a": null}]});
        assert_eq!(site.post(&token, OBTAIN, &body).await.body["success"], true);
        let body = json!({"fId": flow, "type": "SMS", "code": site.code("+8613800000001"), "later": true});
        assert_eq!(site.post(&token, VERIFY, &body).await.body["success"], true);
        let body = json!({"fId": flow, "newPassword": "seven herons cross the bay", "later": ""});
        site.post(&token, PASSWORD, &body).await.is_done();
    });
}

#[test]
fn a_code_that_is_absent_null_or_empty_costs_an_attempt() {
    block_on(async {
        for kind in ["SMS", "EMAIL", "PWD"] {
            let (site, token) = alice().await;
            let flow = site.flow(&token, "UPDATE_PASSWORD").await;
            let blank = |value| json!({"fId": flow, "type": kind, "code": value, "password": value});
            let bodies = [json!({"fId": flow, "type": kind}), blank(json!(null)), blank(json!(""))];
            for body in bodies.iter().chain(&bodies).take(5) {
                assert_eq!(site.post(&token, VERIFY, body).await.body["success"], false);
            }
            let right = json!({"fId": flow, "type": "PWD", "password": ciam_testkit::PASSWORD});
            assert_eq!(site.post(&token, VERIFY, &right).await.body["success"], false, "{kind}");
        }
    });
}

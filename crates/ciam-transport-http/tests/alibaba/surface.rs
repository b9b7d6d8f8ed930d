//! What lies around the calls: other paths, other methods.

use axum::body::Body;
use axum::http::{Method, Request};
use ciam_testkit::block_on;
use ciam_transport_http::alibaba::MOUNT;
use serde_json::json;

use crate::gesture::{BIND, CHALLENGE, DEVICE, DEVICES, UNBIND};
use crate::passkey;
use crate::site::{
    CAPTCHA, CHECK, CONTACT_OBTAIN, CONTACT_OBTAIN_V2, CONTACT_VERIFY, LOGINS, NESTED, OBTAIN, PASSWORD,
    PROFILE, Site, UNSUBSCRIBE, VERIFY, refusal, request,
};

#[test]
fn every_call_has_one_method() {
    block_on(async {
        let site = Site::new();
        let calls = [
            (CHECK, "GET"),
            (CAPTCHA, "GET"),
            ("/user/operate_check", "GET"),
            (OBTAIN, "POST"),
            (VERIFY, "POST"),
            (PASSWORD, "PUT"),
            (CONTACT_OBTAIN, "POST"),
            (CONTACT_OBTAIN_V2, "POST"),
            (CONTACT_VERIFY, "POST"),
            (UNSUBSCRIBE, "POST"),
            (LOGINS, "GET"),
            ("/user/totp/begin", "POST"),
            ("/user/totp/confirm", "POST"),
            ("/user/totp/remove", "POST"),
            ("/user/recovery_code/renew", "POST"),
            (passkey::BEGIN, "POST"),
            (passkey::CONFIRM, "POST"),
            (passkey::LIST, "GET"),
            (passkey::REMOVE, "POST"),
            (passkey::CHALLENGE, "POST"),
            (BIND, "POST"),
            (CHALLENGE, "GET"),
            (DEVICE, "POST"),
            (DEVICES, "GET"),
            (UNBIND, "POST"),
            (PROFILE, "GET, PUT"),
        ];
        for (path, right) in calls {
            for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"] {
                let asked = request(method.parse().unwrap(), "", path).body(Body::empty()).unwrap();
                let answer = site.send(asked).await;
                if right.split(", ").any(|one| one == method) {
                    assert_eq!(answer.status, 401, "{method} {path}");
                    continue;
                }
                let refused = refusal("Operation.Denied", "Operation.Denied.Method");
                answer.is(405, &if method == "HEAD" { json!({}) } else { refused });
                assert_eq!(answer.header("allow"), Some(right), "{method} {path}");
            }
        }
    });
}

#[test]
fn an_unknown_path_below_the_mount_answers_in_the_dialect() {
    block_on(async {
        let site = Site::new();
        for path in ["", "/"] {
            let asked = Request::builder().method(Method::GET).uri(format!("{MOUNT}{path}"));
            let answer = site.send(asked.body(Body::empty()).unwrap()).await;
            answer.is(404, &refusal("Resource.NotFound", "Resource.NotFound"));
        }
        for path in ["/user", "/user/token/check/", "/user/token/checks", "/user/2fa/../token/check"] {
            for mount in [MOUNT, NESTED] {
                for method in [Method::GET, Method::POST] {
                    let asked = Request::builder().method(method).uri(format!("{mount}{path}"));
                    let answer = site.send(asked.body(Body::empty()).unwrap()).await;
                    answer.is(404, &refusal("Resource.NotFound", "Resource.NotFound"));
                }
            }
        }
    });
}

#[test]
fn the_calls_answer_alike_wherever_they_are_mounted() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        for mount in [MOUNT, NESTED] {
            let asked = Request::builder().uri(format!("{mount}{CHECK}"));
            let asked = asked.header("Authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
            assert_eq!(site.send(asked).await.body["success"], true, "{mount}");
        }
    });
}

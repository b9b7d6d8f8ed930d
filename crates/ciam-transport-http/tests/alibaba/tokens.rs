//! How a token is presented and refused.

use axum::body::Body;
use axum::http::{Method, Request};
use ciam::domain::UserId;
use ciam_testkit::block_on;
use ciam_transport_http::alibaba::MOUNT;
use serde_json::json;

use crate::site::{CHECK, PASSWORD, Site, UNSUBSCRIBE, request, success};

async fn alice() -> (Site, String) {
    let site = Site::new();
    let token = site.token(&site.world.person("alice", 1).await).await;
    (site, token)
}

#[test]
fn both_spellings_in_the_query_are_taken() {
    block_on(async {
        let (site, token) = alice().await;
        for name in ["access_token", "access_Token"] {
            let answer = site.get("", &format!("{CHECK}?{name}={token}")).await;
            assert_eq!((answer.status, &answer.body["success"]), (200, &json!(true)), "{name}");
        }
        let path = format!("/user/operate_check?access_token={token}&operateType=UNSUBSCRIBE");
        let answer = site.get("", &path).await;
        let flow = answer.body["data"]["fId"].clone();
        answer.is(200, &success(&json!({"fId": flow, "flowType": "NEED_TWO_FACTOR", "additional": null})));
        assert_eq!(site.get("", &format!("{CHECK}?ACCESS_TOKEN={token}")).await.status, 401);
    });
}

#[test]
fn a29_a_token_presented_twice_is_refused() {
    block_on(async {
        let (site, token) = alice().await;
        let paths = [
            (token.as_str(), format!("{CHECK}?access_token={token}")),
            (token.as_str(), format!("{CHECK}?access_Token=")),
            ("", format!("{CHECK}?access_token={token}&access_Token={token}")),
            ("", format!("{CHECK}?access_token={token}&access_token={token}")),
        ];
        for (header, path) in paths {
            let answer = site.get(header, &path).await;
            let body = json!({"error": "invalid_request",
                "error_description": "The access token is presented more than once"});
            answer.is(400, &body);
            let challenge = answer.header("www-authenticate");
            assert_eq!(challenge, Some("Bearer realm=\"ciam\", error=\"invalid_request\""));
        }
    });
}

#[test]
fn a29_a_missing_token_is_refused_without_an_error_in_the_header() {
    block_on(async {
        let (site, token) = alice().await;
        let basic = Request::builder().uri(format!("{MOUNT}{CHECK}")).header("Authorization", "Basic eDp5");
        let in_body = request(Method::POST, "", UNSUBSCRIBE).header("Content-Type", "application/json");
        for answer in [
            site.get("", CHECK).await,
            site.get("", &format!("{CHECK}?access_token=")).await,
            site.send(basic.body(Body::empty()).unwrap()).await,
            site.send(in_body.body(Body::from(json!({"access_token": token}).to_string())).unwrap()).await,
        ] {
            answer.is(401, &json!({"error": "invalid_token", "error_description": "Invalid access token"}));
            assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"ciam\""));
        }
    });
}

#[test]
fn a29_a_bad_token_is_refused_and_never_repeated() {
    block_on(async {
        let (site, _) = alice().await;
        for answer in [
            site.get("not-a-known-token", CHECK).await,
            site.get("", &format!("{CHECK}?access_token=not-a-known-token")).await,
            site.post("not-a-known-token", PASSWORD, &json!({})).await,
        ] {
            answer.is(401, &json!({"error": "invalid_token", "error_description": "Invalid access token"}));
            let challenge = answer.header("www-authenticate");
            assert_eq!(challenge, Some("Bearer realm=\"ciam\", error=\"invalid_token\""));
            assert!(
                !answer.text.contains("not-a-known")
                    && !format!("{:?}", answer.headers).contains("not-a-known")
            );
        }
    });
}

#[test]
fn a29_a_scope_counts_as_a_whole_word() {
    block_on(async {
        let (site, token) = alice().await;
        for scopes in [vec![], vec!["accounts"], vec!["ACCOUNT"], vec!["account:read", "a", "count"]] {
            let scopes = scopes.into_iter().map(str::to_owned).collect();
            let token = site.token_saying(&token, |claims| claims.scopes = scopes).await;
            let answer = site.get(&token, CHECK).await;
            let body =
                json!({"error": "insufficient_scope", "error_description": "The access token lacks a scope"});
            answer.is(403, &body);
            let challenge = "Bearer realm=\"ciam\", error=\"insufficient_scope\", scope=\"account\"";
            assert_eq!(answer.header("www-authenticate"), Some(challenge));
        }
    });
}

#[test]
fn the_scope_is_the_vendors_unless_the_host_names_another() {
    block_on(async {
        let site = Site::with(ciam::Config::default(), |options| {
            let vendors =
                ciam_transport_http::alibaba::Options::new(options.clock.clone(), options.random.clone());
            options.scope = vendors.scope;
        });
        let token = site.token(&site.world.person("alice", 1).await).await;
        assert_eq!(site.get(&token, CHECK).await.status, 403);
        let token = site.token_saying(&token, |claims| claims.scopes = vec!["USER_API".to_owned()]).await;
        assert_eq!(site.get(&token, CHECK).await.status, 200);
    });
}

#[test]
fn a_token_of_nobody_is_as_bad_as_no_token() {
    block_on(async {
        let (site, token) = alice().await;
        let nobody = UserId::parse("nobody").unwrap();
        let token = site.token_saying(&token, |claims| claims.subject = nobody).await;
        let answer = site.get(&token, CHECK).await;
        answer.is(401, &json!({"error": "invalid_token", "error_description": "Invalid access token"}));
    });
}

#[test]
fn a_token_without_session_opens_nothing_sensitive() {
    block_on(async {
        let (site, token) = alice().await;
        let token = site
            .token_saying(&token, |claims| {
                claims.session = None;
                claims.origin = ciam::ports::TokenOrigin::Foreign;
                claims.issued_at = claims.issued_at.after(std::time::Duration::from_secs(1));
                claims.auth_time = Some(claims.issued_at);
            })
            .await;
        assert_eq!(site.get(&token, CHECK).await.status, 200);
        let answer = site.get(&token, "/user/operate_check?operateType=UNSUBSCRIBE").await;
        answer.is_refused("Operation.Denied", "Operation.Denied.Token.No.Session");
    });
}

#[test]
fn the_token_is_judged_before_the_rest_of_the_request() {
    block_on(async {
        let (site, _) = alice().await;
        assert_eq!(site.raw("bad", UNSUBSCRIBE, "no json").await.status, 401);
        assert_eq!(site.get("bad", "/user/operate_check").await.status, 401);
    });
}

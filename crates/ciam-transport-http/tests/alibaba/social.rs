//! Accounts elsewhere, value by value (user APIs, 2.8 to 2.10).

use std::time::Duration;

use ciam::domain::profile::PublicId;
use ciam::domain::social::Logo;
use ciam::{Ciam, Config};
use ciam_testkit::{World, block_on};
use serde_json::{Value, json};

use crate::site::{BIND, PROFILE, SOURCES, Site, UNBIND, backend, refusal, success};

const WECHAT: &str = "ciammasterwechat";
const ALIPAY: &str = "ciammasteralipay";

/// A site with the two sources of the vendor's sample, and a person with a token.
async fn site() -> (Site, String) {
    let site = Site::new();
    for (id, name) in [(WECHAT, "WeChat Logon"), (ALIPAY, "Alipay Logon")] {
        let named = |source: &mut ciam::domain::social::SocialSource| {
            source.name = name.to_owned();
            source.logo = Logo::new(b"logo").ok();
        };
        site.world.change_source(id, named).await;
    }
    let token = site.token(&site.world.person("alice", 1).await).await;
    (site, token)
}

/// The entry of a source in the list.
fn entry(id: &str, name: &str, bound_to: Option<&str>) -> Value {
    json!({
        "name": name,
        "enterpriseAuthId": id,
        "logo": "bG9nbw==",
        "socialType": "oidc",
        "socialUserId": bound_to,
        "bound": bound_to.is_some(),
    })
}

fn body(code: &str) -> Value {
    json!({"code": code, "enterpriseAuthId": WECHAT})
}

#[test]
fn every_source_is_listed_and_an_account_where_it_is_bound() {
    block_on(async {
        let (site, token) = site().await;
        let alipay = entry(ALIPAY, "Alipay Logon", None);
        let free = json!([alipay, entry(WECHAT, "WeChat Logon", None)]);
        site.get(&token, SOURCES).await.is(200, &success(&free));
        let code = site.world.social.code("oDuIHs5cmy_drtCimQAjheVyIMJE");
        site.post(&token, BIND, &body(&code)).await.is_done();
        let bound = entry(WECHAT, "WeChat Logon", Some("oDuIHs5cmy_drtCimQAjheVyIMJE"));
        site.get(&token, SOURCES).await.is(200, &success(&json!([alipay, bound])));
        site.post(&token, UNBIND, &json!({"enterpriseAuthId": WECHAT})).await.is_done();
        site.get(&token, SOURCES).await.is(200, &success(&free));
    });
}

/// `userSocialList` of `GET /user/info` (user APIs, 2.13): the sources that the person bound, and no other's.
#[test]
fn the_profile_lists_what_the_person_bound_field_by_field() {
    block_on(async {
        let (site, token) = site().await;
        let other = site.token(&site.world.person("bob", 2).await).await;
        let listed =
            async |token: &str| site.get(token, PROFILE).await.body["data"]["userSocialList"].clone();
        assert_eq!(listed(&token).await, json!([]), "what is not bound is not told of");
        let subject = "oDuIHs5cmy_drtCimQAjheVyIMJE";
        let code = site.world.social.code(subject);
        site.post(&token, BIND, &body(&code)).await.is_done();
        let uuid = |user: &str| PublicId::of(&["social", "default", user, WECHAT]).as_str().to_owned();
        let alice = site.get(&token, PROFILE).await.body["data"]["uuid"].as_str().unwrap().to_owned();
        let mut bound = entry(WECHAT, "WeChat Logon", Some(subject));
        bound["userSocialUuid"] = json!(uuid(&alice));
        bound["socialId"] = json!(WECHAT);
        assert_eq!(listed(&token).await, json!([bound]));
        assert_ne!(uuid(&alice), uuid("bob"), "the name of a binding is its person's");
        let answer = site.get(&token, PROFILE).await;
        let order = [
            "userSocialUuid",
            "name",
            "enterpriseAuthId",
            "logo",
            "socialType",
            "socialUserId",
            "socialId",
            "bound",
        ];
        let told = answer.text.split("\"userSocialList\":").nth(1).unwrap();
        let places: Vec<_> = order.map(|name| told.find(&format!("\"{name}\":")).unwrap()).into();
        assert!(places.is_sorted(), "in the order of the sample: {told}");
        assert_eq!(listed(&other).await, json!([]));
        let switched_off = |source: &mut ciam::domain::social::SocialSource| {
            "WeChat Logon".clone_into(&mut source.name);
            source.logo = Logo::new(b"logo").ok();
            source.enabled = false;
        };
        site.world.change_source(WECHAT, switched_off).await;
        assert_eq!(listed(&token).await, json!([bound]), "what is bound is shown, switched on or not");
        site.post(&token, UNBIND, &json!({"enterpriseAuthId": WECHAT})).await.is_done();
        assert_eq!(listed(&token).await, json!([]));
    });
}

#[test]
fn a_source_without_a_logo_has_null_and_without_sources_the_list_is_empty() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        site.get(&token, SOURCES).await.is(200, &success(&json!([])));
        site.world.source(WECHAT).await;
        let answer = site.get(&token, SOURCES).await;
        assert_eq!(answer.body["data"][0]["logo"], Value::Null);
    });
}

#[test]
fn conflicts_have_the_documented_words() {
    block_on(async {
        let (site, token) = site().await;
        let other = site.token(&site.world.person("bob", 2).await).await;
        let code = |subject: &str| body(&site.world.social.code(subject));
        let unbind = json!({"enterpriseAuthId": WECHAT});
        let not_bound = "Operation.Failure.Social.Not.Bind.Over.Error";
        for source in [unbind, json!({"enterpriseAuthId": "no-such-source"})] {
            site.post(&token, UNBIND, &source).await.is_refused("Operation.Failure", not_bound);
        }
        site.post(&token, BIND, &code("alice.there")).await.is_done();
        let somebody_elses = "Params.Exist.SocialUser.SocialId";
        site.post(&other, BIND, &code("alice.there")).await.is_refused("Operation.Failure", somebody_elses);
        let already = "Operation.Failure.User.Has.Bind.Other.Authentication";
        site.post(&token, BIND, &code("alice.too")).await.is_refused("Operation.Failure", already);
        let rejected = "Operation.Failure.Social.Code.Rejected";
        site.post(&other, BIND, &body("forged")).await.is_refused("Social.Login.Error", rejected);
    });
}

#[test]
fn a_blank_or_illegal_field_is_named() {
    block_on(async {
        let (site, token) = site().await;
        for blank in [json!(null), json!(""), json!("  ")] {
            for path in [BIND, UNBIND] {
                let answer = site.post(&token, path, &json!({"code": "x", "enterpriseAuthId": blank})).await;
                answer.is_refused("Params.Blank", "Params.Blank.Enterprise.Auth.Id");
            }
            let answer = site.post(&token, BIND, &json!({"code": blank, "enterpriseAuthId": WECHAT})).await;
            answer.is_refused("Params.Blank", "Params.Blank.Code");
        }
        for unknown in ["nowhere", "a b", "x\n", &"x".repeat(65)] {
            let answer = site.post(&token, BIND, &json!({"code": "x", "enterpriseAuthId": unknown})).await;
            answer.is_refused("Params.Illegal", "Params.Illegal.Enterprise.Auth.Id");
        }
        for wrong in
            [json!({"code": 1, "enterpriseAuthId": WECHAT}), json!({"enterpriseAuthId": [WECHAT]}), json!([])]
        {
            site.post(&token, BIND, &wrong).await.is(400, &refusal("Params.Illegal", "Params.Illegal.Body"));
        }
    });
}

#[test]
fn binding_takes_a_sign_in_of_just_now() {
    block_on(async {
        let (site, token) = site().await;
        site.world.clock.advance(Duration::from_mins(5));
        let code = site.world.social.code("alice.there");
        for (path, body) in [(BIND, body(&code)), (UNBIND, json!({"enterpriseAuthId": WECHAT}))] {
            let answer = site.post(&token, path, &body).await;
            let error = json!({
                "error": "insufficient_user_authentication",
                "error_description": "A more recent sign-in is required",
            });
            answer.is(401, &error);
        }
        assert_eq!(site.world.social.asked(), 0);
    });
}

#[test]
fn a_provider_that_cannot_be_asked_is_a_failure_that_may_pass() {
    block_on(async {
        let (site, token) = site().await;
        site.world.social.set_broken(true);
        let answer = site.post(&token, BIND, &body("any")).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")));
    });
}

#[test]
fn a_kind_of_provider_that_nobody_is_asked_about_is_denied() {
    block_on(async {
        let world = World::with(backend(), Config::default());
        let ciam = Ciam::new(world.ports.clone(), Config::default()).unwrap();
        let ciam = ciam.with_social_sources(world.backend.sources.clone());
        let site = Site::over(world, ciam.into(), |_| {});
        site.world.source(WECHAT).await;
        let token = site.token(&site.world.person("alice", 1).await).await;
        let answer = site.post(&token, BIND, &body("any")).await;
        answer.is_refused("Operation.Denied", "Operation.Denied.Social.Not.Offered");
    });
}

#[test]
fn social_operations_are_none_that_a_client_checks() {
    block_on(async {
        let (site, token) = site().await;
        for name in ["BIND_SOCIAL", "UNBIND_SOCIAL"] {
            let answer = site.get(&token, &format!("/user/operate_check?operateType={name}")).await;
            answer.is_refused("Params.Illegal", "Params.Illegal.Operate.Type");
        }
    });
}

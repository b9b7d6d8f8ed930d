//! Status of the account, and what a person lacks.

use ciam::domain::TenantId;
use ciam::domain::identifier::Username;
use ciam::domain::user::Status;
use ciam::{NewUser, TokenRequest};
use ciam_testkit::{SCOPE, block_on};
use serde_json::json;

use crate::site::{CHECK, PASSWORD, Site};

#[test]
fn a_status_other_than_normal_is_named_at_every_call() {
    block_on(async {
        for (status, description) in [
            (Status::Locked { until: None }, "The user is locked"),
            (Status::Frozen, "The user is frozen"),
            (Status::Disabled, "The user is disabled"),
        ] {
            let site = Site::new();
            let alice = site.world.person("alice", 1).await;
            let token = site.token(&alice).await;
            let flow = site.proven(&token, "UPDATE_PASSWORD").await;
            site.world
                .ciam
                .set_status(ciam::Authority::Host, &TenantId::default(), &alice.id, status)
                .await
                .unwrap();
            let change = json!({"fId": flow, "newPassword": "seven herons cross the bay"});
            for answer in [site.get(&token, CHECK).await, site.post(&token, PASSWORD, &change).await] {
                answer.is(401, &json!({"error": "unauthorized_user", "error_description": description}));
                let challenge = answer.header("www-authenticate");
                assert_eq!(challenge, Some("Bearer realm=\"ciam\", error=\"invalid_token\""));
            }
        }
    });
}

#[test]
fn a_session_that_another_change_ended_is_invalid() {
    block_on(async {
        let site = Site::new();
        let alice = site.world.person("alice", 1).await;
        let (here, there) = (site.token(&alice).await, site.token(&alice).await);
        let flow = site.proven(&here, "UPDATE_PASSWORD").await;
        site.post(&here, PASSWORD, &json!({"fId": flow, "newPassword": "seven herons cross the bay"}))
            .await
            .is_done();
        assert_eq!(site.get(&here, CHECK).await.status, 200);
        let answer = site.get(&there, CHECK).await;
        answer.is(401, &json!({"error": "invalid_token", "error_description": "Invalid access token"}));
    });
}

#[test]
fn a_person_without_any_factor_is_denied() {
    block_on(async {
        let site = Site::new();
        let new = NewUser { username: Some(Username::parse("carol").unwrap()), ..NewUser::default() };
        let carol = site.world.ciam.create_user(ciam::Authority::Host, new).await.unwrap();
        let request = TokenRequest {
            tenant: TenantId::default(),
            user: carol.id,
            session: None,
            amr: Vec::new(),
            scopes: vec![SCOPE.to_owned()],
            client: None,
            ttl: std::time::Duration::from_mins(1),
        };
        let token = site.world.ciam.issue_token(request).await.unwrap().token;
        let answer = site.get(token.expose(), "/user/operate_check?operateType=UNSUBSCRIBE").await;
        answer.is_refused("Operation.Denied", "Operation.Denied.User.No.2fa.Type");
    });
}

#[test]
fn a_flow_that_is_not_there_has_one_answer_at_every_call() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let bob = site.token(&site.world.person("bob", 2).await).await;
        let foreign = site.proven(&bob, "UPDATE_PASSWORD").await;
        let own_at_another_step = site.flow(&token, "UPDATE_EMAIL").await;
        for flow in ["unknown", &foreign, &own_at_another_step] {
            for (path, body) in [
                (PASSWORD, json!({"fId": flow, "newPassword": "seven herons cross the bay"})),
                (
                    crate::site::CONTACT_OBTAIN,
                    json!({"fId": flow, "type": "EMAIL", "email": "new@example.org"}),
                ),
                (crate::site::UNSUBSCRIBE, json!({"fId": flow})),
            ] {
                let answer = site.post(&token, path, &body).await;
                answer.is_refused("Params.Illegal", "Params.Illegal.FId");
            }
        }
        for path in [crate::site::OBTAIN, crate::site::VERIFY] {
            let answer = site.post(&token, path, &json!({"fId": foreign, "type": "SMS", "code": "1"})).await;
            answer.is_refused("Params.Illegal", "Params.Illegal.FId");
        }
        let body = json!({"fId": foreign, "type": "EMAIL", "code": "000000"});
        let answer = site.post(&token, crate::site::CONTACT_VERIFY, &body).await;
        answer.is_refused("Params.Illegal", "Params.Illegal.FId");
    });
}

//! What becomes of passwords that are refused.

use std::sync::Arc;

use async_trait::async_trait;
use ciam::domain::password::Password;
use ciam::ports::{BreachCheck, BreachError};
use ciam::{Ciam, Config};
use ciam_testkit::{World, block_on};
use serde_json::json;

use crate::site::{PASSWORD, Site, backend};

struct EverythingBreached;

#[async_trait]
impl BreachCheck for EverythingBreached {
    async fn is_breached(&self, _: &Password) -> Result<bool, BreachError> {
        Ok(true)
    }
}

#[test]
fn each_reason_has_its_own_message() {
    block_on(async {
        let mut config = Config::default();
        config.password = config.password.with_context_words(&["heronbank"]).unwrap();
        let site = Site::with(config, |_| {});
        let token = site.token(&site.world.person("alice-of-the-sea", 1).await).await;
        for (new, message) in [
            ("966966".to_owned(), "Params.Illegal.User.Password.Too.Short"),
            ("x".repeat(129), "Params.Illegal.User.Password.Too.Long"),
            ("password1".to_owned(), "Params.Illegal.User.Password.Too.Common"),
            ("my heronbank 77".to_owned(), "Params.Illegal.User.Password.Context.Word"),
            ("alice-of-the-sea!".to_owned(), "Params.Illegal.User.Password.Own.Identifier"),
        ] {
            let flow = site.proven(&token, "UPDATE_PASSWORD").await;
            let answer = site.post(&token, PASSWORD, &json!({"fId": flow, "newPassword": new})).await;
            answer.is_refused("Params.Illegal", message);
        }
    });
}

#[test]
fn a_breached_password_is_named_so() {
    block_on(async {
        let world = World::with(backend(), Config::default());
        let ciam = Ciam::new(world.ports.clone(), Config::default()).unwrap();
        let ciam = Arc::new(ciam.with_breach_check(Arc::new(EverythingBreached)));
        let site = Site::over(world, ciam, |_| {});
        let token = site.token(&site.world.person("alice", 1).await).await;
        let flow = site.proven(&token, "UPDATE_PASSWORD").await;
        let body = json!({"fId": flow, "newPassword": "seven herons cross the bay"});
        let answer = site.post(&token, PASSWORD, &body).await;
        answer.is_refused("Params.Illegal", "Params.Illegal.User.Password.Breached");
    });
}

#[test]
fn a_former_password_is_told_from_the_present_one() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let flow = site.proven(&token, "UPDATE_PASSWORD").await;
        let body = json!({"fId": flow, "newPassword": "seven herons cross the bay"});
        site.post(&token, PASSWORD, &body).await.is_done();
        let flow = site.flow(&token, "UPDATE_PASSWORD").await;
        let body = json!({"fId": flow, "type": "PWD", "password": "seven herons cross the bay"});
        assert_eq!(site.post(&token, crate::site::VERIFY, &body).await.body["success"], true);
        let body = json!({"fId": flow, "newPassword": ciam_testkit::PASSWORD});
        let answer = site.post(&token, PASSWORD, &body).await;
        answer.is_refused("Operation.Failure", "Params.Illegal.User.Password.Recurrent");
    });
}

#[test]
fn an_absent_or_empty_new_password_is_blank_and_spaces_are_not() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let flow = site.proven(&token, "UPDATE_PASSWORD").await;
        for body in [
            json!({"fId": flow}),
            json!({"fId": flow, "newPassword": null}),
            json!({"fId": flow, "newPassword": ""}),
        ] {
            let answer = site.post(&token, PASSWORD, &body).await;
            answer.is_refused("Params.Blank", "Params.Blank.User.Password");
        }
        let answer = site.post(&token, PASSWORD, &json!({"fId": flow, "newPassword": " "})).await;
        answer.is_refused("Params.Illegal", "Params.Illegal.User.Password.Too.Short");
    });
}

//! The main journeys, step by step, over memory storage and fakes.

use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, NextStep, Operation};
use ciam::domain::secret::SecretText;
use ciam::domain::user::{Channel, Status};
use ciam::{ContactCodeRequest, NewContact, Wording};
use ciam_testkit::{Backend, World, block_on};

fn world() -> World {
    let memory = std::sync::Arc::new(ciam_storage_memory::MemoryStore::new());
    World::new(Backend::of(memory))
}

fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

#[test]
fn a_person_changes_their_password_by_a_code_to_their_phone() {
    block_on(async {
        let world = world();
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let checked = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap();
        assert!(matches!(checked.next, NextStep::SecondFactor(methods) if methods.iter().count() == 3));
        world.send_factor(&who, &checked.flow, Method::Sms).await.unwrap();
        let code = world.code(&alice.phone);
        let next = world.ciam.verify_factor_code(&who, &checked.flow, Method::Sms, &code).await.unwrap();
        assert_eq!(next, NextStep::Act(Operation::UpdatePassword));
        world.ciam.change_password(&who, &checked.flow, &secret("seven herons cross the bay")).await.unwrap();
        world.ciam.check_token(&who).await.unwrap();
        assert_eq!(world.ciam.relay_once().await.unwrap().sent, 2);
    });
}

#[test]
fn a_person_changes_their_email_by_a_code_to_the_new_address() {
    block_on(async {
        let world = world();
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let flow = world.proven(&who, Operation::UpdateEmail).await;
        let request = ContactCodeRequest {
            flow: &flow,
            contact: NewContact::Email("Alice.New@Example.org"),
            wording: Wording::default(),
            captcha: None,
        };
        world.ciam.send_contact_code(&who, request).await.unwrap();
        let code = Code::presented(&world.mailbox.last_code("alice.new@example.org").unwrap());
        world.ciam.change_contact(&who, &flow, Channel::Email, &code).await.unwrap();
        let user = world.user(&alice.id).await;
        assert_eq!(user.email.unwrap().address.original(), "Alice.New@Example.org");
        world.ciam.relay_once().await.unwrap();
        let told: Vec<_> = world.mailbox.notices().into_iter().map(|notice| notice.to).collect();
        assert_eq!(told, [alice.phone.clone(), alice.email.clone()]);
    });
}

#[test]
fn a_person_deletes_their_account() {
    block_on(async {
        let world = world();
        let alice = world.person("alice", 1).await;
        let (who, other) = (world.sign_in(&alice).await, world.sign_in(&alice).await);
        let flow = world.proven(&who, Operation::Unsubscribe).await;
        world.ciam.delete_account(&who, &flow).await.unwrap();
        assert!(matches!(world.user(&alice.id).await.status, Status::PendingDeletion { .. }));
        for session in [&who, &other] {
            assert_eq!(world.ciam.check_token(session).await.unwrap_err().reason(), "access.deleted");
        }
    });
}

#[test]
fn futures_of_use_cases_may_move_between_threads() {
    fn send(_: &(impl Send + ?Sized)) {}
    let world = world();
    let ciam = &world.ciam;
    block_on(async {
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let flow = ciam.check_operation(&who, Operation::UpdateEmail).await.unwrap().flow;
        let (code, new) = (Code::presented(""), secret(""));
        send(&ciam.check_token(&who));
        send(&ciam.requirements(&who, Operation::UpdateEmail));
        send(&ciam.check_operation(&who, Operation::UpdateEmail));
        send(&world.send_factor(&who, &flow, Method::Sms));
        send(&ciam.verify_factor_code(&who, &flow, Method::Sms, &code));
        send(&ciam.verify_factor_password(&who, &flow, &new));
        send(&ciam.change_password(&who, &flow, &new));
        send(&ciam.change_contact(&who, &flow, Channel::Email, &code));
        send(&ciam.delete_account(&who, &flow));
        send(&ciam.cancel_flow(&who, &flow));
        send(&ciam.end_other_sessions(&who));
        send(&ciam.relay_once());
    });
}

#[test]
fn an_ended_session_is_not_woken_by_giving_its_id_out_again() {
    block_on(async {
        let mut config = ciam::Config::default();
        config.session.acting = ciam::ActingSession::Ends;
        let world = world().restarted(config);
        let alice = world.person("alice", 1).await;
        let stolen = world.sign_in(&alice).await;
        world.ciam.end_other_sessions(&stolen).await.unwrap();
        world.clock.advance(std::time::Duration::from_secs(1));
        let again = ciam::TokenRequest {
            tenant: ciam::domain::TenantId::default(),
            user: alice.id.clone(),
            session: stolen.session().cloned(),
            amr: Vec::new(),
            scopes: vec![ciam_testkit::SCOPE.to_owned()],
            client: None,
            ttl: std::time::Duration::from_mins(5),
        };
        let token = world.ciam.issue_token(again).await.unwrap().token;
        let fresh = world.ciam.principal(&token, ciam_testkit::SCOPE).await.unwrap();
        world.ciam.check_token(&fresh).await.unwrap();
        assert_eq!(world.ciam.check_token(&stolen).await.unwrap_err().reason(), "access.invalid_token");
    });
}

#[test]
fn a_right_code_clears_the_count_of_wrong_ones() {
    block_on(async {
        let world = world();
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        for operation in [Operation::UpdatePassword, Operation::Unsubscribe, Operation::UpdateEmail] {
            let flow = world.ciam.check_operation(&who, operation).await.unwrap().flow;
            world.send_factor(&who, &flow, Method::Sms).await.unwrap();
            for _ in 0..4 {
                let wrong = world.wrong_code(&alice.phone);
                let refused = world.ciam.verify_factor_code(&who, &flow, Method::Sms, &wrong).await;
                assert_eq!(refused.unwrap_err().reason(), "factor.wrong_code");
            }
            let code = world.code(&alice.phone);
            world.ciam.verify_factor_code(&who, &flow, Method::Sms, &code).await.unwrap();
            world.clock.advance(std::time::Duration::from_mins(4));
        }
    });
}

#[test]
fn a_new_password_clears_the_count_of_wrong_ones() {
    block_on(async {
        let world = world();
        let alice = world.person("alice", 1).await;
        let who = world.sign_in(&alice).await;
        let flow = world.ciam.check_operation(&who, Operation::Unsubscribe).await.unwrap().flow;
        for _ in 0..5 {
            let refused = world.ciam.verify_factor_password(&who, &flow, &secret("not it")).await;
            assert_eq!(refused.unwrap_err().reason(), "factor.wrong_password");
        }
        let flow = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap().flow;
        world.send_factor(&who, &flow, Method::Sms).await.unwrap();
        let code = world.code(&alice.phone);
        world.ciam.verify_factor_code(&who, &flow, Method::Sms, &code).await.unwrap();
        let new = secret("seven herons cross the bay");
        world.ciam.change_password(&who, &flow, &new).await.unwrap();
        let flow = world.ciam.check_operation(&who, Operation::Unsubscribe).await.unwrap().flow;
        world.ciam.verify_factor_password(&who, &flow, &new).await.unwrap();
    });
}

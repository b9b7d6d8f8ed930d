//! A router of the dialect, mounted as a host mounts it, and what is asked of it.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, header};
use ciam::domain::challenge::Code;
use ciam::ports::{TokenClaims, TokenVerifier};
use ciam::{Ciam, Config};
use ciam_storage_memory::MemoryStore;
use ciam_testkit::{Backend, Person, SCOPE, World};
use ciam_transport_http::alibaba::{self, MOUNT, Options};
use serde_json::{Value, json};
use tower::ServiceExt;

/// Another place where a host could mount the calls.
pub(crate) const NESTED: &str = "/elsewhere";

pub(crate) struct Site {
    pub(crate) world: World,
    router: Router,
}

/// A reply, whose general properties are asserted as it is read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    /// The body without its request id.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn is(&self, status: u16, body: &Value) {
        assert_eq!((self.status, &self.body), (status, body));
    }

    #[track_caller]
    pub(crate) fn is_done(&self) {
        self.is(200, &success(&Value::Null));
    }

    /// A refusal of a request that was understood.
    #[track_caller]
    pub(crate) fn is_refused(&self, code: &str, message: &str) {
        self.is(200, &refusal(code, message));
    }
}

pub(crate) fn success(data: &Value) -> Value {
    json!({"success": true, "code": "Operation.Success", "message": "Operation.Success", "data": data})
}

pub(crate) fn refusal(code: &str, message: &str) -> Value {
    json!({"success": false, "code": code, "message": message, "data": null})
}

/// `<epoch ms>$<8-4-4-4-12 hexadecimal digits>`.
fn is_request_id(text: &str) -> bool {
    let Some((millis, random)) = text.split_once('$') else { return false };
    let groups: Vec<_> = random.split('-').map(str::len).collect();
    let hex = |letter: char| matches!(letter, '0'..='9' | 'a'..='f' | '-');
    millis.len() == 13
        && millis.bytes().all(|digit| digit.is_ascii_digit())
        && groups == [8, 4, 4, 4, 12]
        && random.chars().all(hex)
}

pub(crate) fn backend() -> Backend {
    let memory = Arc::new(MemoryStore::new());
    Backend::of(memory)
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::with(Config::default(), |_| {})
    }

    pub(crate) fn with(config: Config, adjust: impl FnOnce(&mut Options)) -> Self {
        let world = World::with(backend(), config);
        let ciam = world.ciam.clone();
        Self::over(world, ciam, adjust)
    }

    /// Over use cases whose ports the test has changed.
    pub(crate) fn over(world: World, ciam: Arc<Ciam>, adjust: impl FnOnce(&mut Options)) -> Self {
        let mut options = Options::new(world.clock.clone(), world.random.clone());
        options.scope = SCOPE.to_owned();
        adjust(&mut options);
        let router = Router::new()
            .nest(NESTED, alibaba::router(ciam.clone(), options.clone()))
            .merge(alibaba::mounted(ciam, options));
        Self { world, router }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let without_body = request.method() == Method::HEAD;
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        let mut body: Value = if without_body { json!({}) } else { serde_json::from_str(&text).unwrap() };
        assert_eq!(parts.headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(parts.headers[header::CONTENT_TYPE], "application/json");
        let id = body.as_object_mut().unwrap().remove("requestId");
        assert_eq!(id.is_some(), body.get("success").is_some(), "{text}");
        assert!(id.is_none_or(|id| is_request_id(id.as_str().unwrap())), "{text}");
        Answer { status: parts.status.as_u16(), headers: parts.headers, text, body }
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        self.send(request(Method::GET, token, path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.raw(token, path, &body.to_string()).await
    }

    /// A body of any text; the method is the path's.
    pub(crate) async fn raw(&self, token: &str, path: &str, body: &str) -> Answer {
        self.bytes(token, path, body.as_bytes().to_vec()).await
    }

    pub(crate) async fn bytes(&self, token: &str, path: &str, body: Vec<u8>) -> Answer {
        let method = if path == "/user/change_pwd" { Method::PUT } else { Method::POST };
        let request = request(method, token, path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub(crate) async fn put(&self, token: &str, path: &str, body: &Value) -> Answer {
        self.put_raw(token, path, &body.to_string()).await
    }

    pub(crate) async fn put_raw(&self, token: &str, path: &str, body: &str) -> Answer {
        self.put_bytes(token, path, body.as_bytes().to_vec()).await
    }

    pub(crate) async fn put_bytes(&self, token: &str, path: &str, body: Vec<u8>) -> Answer {
        let request = request(Method::PUT, token, path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub(crate) async fn token(&self, person: &Person) -> String {
        self.world.token(person).await.expose().to_owned()
    }

    /// A token that says something else than the one given.
    pub(crate) async fn token_saying(&self, token: &str, change: impl FnOnce(&mut TokenClaims)) -> String {
        let token = ciam::domain::secret::SecretText::new(token.to_owned());
        let now = ciam::ports::Clock::now(&*self.world.clock);
        let mut claims = self.world.tokens.verify(&token, now).await.unwrap();
        change(&mut claims);
        self.world.tokens.says(claims).expose().to_owned()
    }

    /// The fId of a new flow.
    pub(crate) async fn flow(&self, token: &str, operation: &str) -> String {
        let answer = self.get(token, &format!("/user/operate_check?operateType={operation}")).await;
        assert_eq!(answer.body["success"], true, "{}", answer.text);
        answer.body["data"]["fId"].as_str().unwrap().to_owned()
    }

    /// The fId of a flow whose second factor is proven by password.
    pub(crate) async fn proven(&self, token: &str, operation: &str) -> String {
        let flow = self.flow(token, operation).await;
        let body = json!({"fId": flow, "type": "PWD", "password": ciam_testkit::PASSWORD});
        let answer = self.post(token, VERIFY, &body).await;
        assert_eq!(answer.body["success"], true, "{}", answer.text);
        flow
    }

    /// The newest code to an address, by its canonical form.
    pub(crate) fn code(&self, canonical: &str) -> String {
        let code = Code::presented(&self.world.mailbox.last_code(canonical).unwrap());
        code.expose().to_owned()
    }
}

pub(crate) const CHECK: &str = "/user/token/check";
pub(crate) const OBTAIN: &str = "/user/2fa/obtain_code";
pub(crate) const VERIFY: &str = "/user/2fa/verify_code";
pub(crate) const PASSWORD: &str = "/user/change_pwd";
pub(crate) const CONTACT_OBTAIN: &str = "/user/change_phone_or_email/obtain_code";
pub(crate) const CONTACT_OBTAIN_V2: &str = "/user/change_phone_or_email/obtain_code_v2";
pub(crate) const CAPTCHA: &str = "/captcha";
pub(crate) const CONTACT_VERIFY: &str = "/user/change_phone_or_email/verify_code";
pub(crate) const SOURCES: &str = "/user/social_bind_info";
pub(crate) const BIND: &str = "/user/social/bind";
pub(crate) const UNBIND: &str = "/user/social/unbind";
pub(crate) const LOGINS: &str = "/user/login/history/list";
pub(crate) const AGREED: &str = "/user/get_agree_records";
pub(crate) const RECALL: &str = "/user/agree_records/recall";
pub(crate) const PROFILE: &str = "/user/info";
pub(crate) const UNSUBSCRIBE: &str = "/user/unsubscribe";

pub(crate) fn request(method: Method, token: &str, path: &str) -> axum::http::request::Builder {
    let request = Request::builder().method(method).uri(format!("{MOUNT}{path}"));
    if token.is_empty() { request } else { request.header("Authorization", format!("Bearer {token}")) }
}

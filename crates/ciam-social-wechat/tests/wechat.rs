//! The replies of `WeChat`'s documents, and what a hostile service would say, over a server on the loopback.

#![expect(clippy::expect_used, reason = "a test that cannot be set up shall fail")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use ciam_http_reqwest::{Bounds, Proxies, ReqwestClient};
use ciam_ports::domain::secret::SecretText;
use ciam_ports::domain::social::{SocialSource, SocialSourceId, SocialType};
use ciam_ports::domain::{Instant, TenantId};
use ciam_ports::{
    HttpClient, HttpError, HttpReply, HttpRequest, SocialError, SocialIdentity, SocialProof, SocialVerifier,
};
use ciam_social_wechat::WechatVerifier;
use ciam_testkit::stub::{StubReply, StubServer};

const WEB: &[(&str, &str)] = &[("client_id", "wx0001")];
const UNION: &[(&str, &str)] = &[("client_id", "wx0001"), ("union", "acme")];
const MINI: &[(&str, &str)] = &[("client_id", "wx0002"), ("app", "mini_program")];

/// The reply of the document of `sns/oauth2/access_token`.
const SUCCESS: &str = r#"{"access_token":"ACCESS_TOKEN","expires_in":7200,"refresh_token":"REFRESH_TOKEN",
"openid":"oDuIHs5cmy_drtCimQAjheVyIMJE","scope":"snsapi_login","unionid":"o6_bmasdasdsad6_2sgVt7hMZOPfL"}"#;
const WITHOUT_UNION: &str = r#"{"access_token":"ACCESS_TOKEN","expires_in":7200,"refresh_token":"REFRESH_TOKEN",
"openid":"oDuIHs5cmy_drtCimQAjheVyIMJE","scope":"snsapi_base"}"#;
/// The reply of the document of `sns/jscode2session`.
const SESSION: &str = r#"{"session_key":"EYHiOw5v7tP4HSvxegKjmw==","openid":"o57y35dO3e95DXwQtZ9JuZWIjVRA"}"#;

/// Brings what is meant for `WeChat` to the loopback.
struct Rerouted {
    client: ReqwestClient,
    to: String,
}

#[async_trait]
impl HttpClient for Rerouted {
    async fn send(&self, request: HttpRequest) -> Result<HttpReply, HttpError> {
        let url = SecretText::new(request.url.expose().replacen("https://api.weixin.qq.com", &self.to, 1));
        self.client.send(HttpRequest { url, ..request }).await
    }
}

fn verifier(server: &StubServer) -> WechatVerifier {
    let bounds = Bounds { timeout: Duration::from_millis(1_500), max_bytes: 64 * 1024, ..Bounds::default() };
    let client = ReqwestClient::new(bounds, Proxies::None).expect("a client");
    WechatVerifier::new(Arc::new(Rerouted { client, to: server.url("") }))
        .with_secret(key_of(), SecretText::new("s3cret&".to_owned()))
}

fn source(settings: &[(&str, &str)]) -> SocialSource {
    let settings = settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    SocialSource {
        tenant: TenantId::default(),
        id: SocialSourceId::parse("source-1").expect("an id"),
        name: "A source".to_owned(),
        logo: None,
        social_type: SocialType::parse("wechat").expect("a type"),
        enabled: true,
        settings,
    }
}

fn key_of() -> (TenantId, SocialSourceId) {
    (TenantId::default(), SocialSourceId::parse("source-1").expect("an id"))
}

fn proof(code: &str) -> SocialProof {
    SocialProof::of(SecretText::new(code.to_owned()))
}

async fn verify(
    server: &StubServer,
    settings: &[(&str, &str)],
    code: &str,
) -> Result<SocialIdentity, SocialError> {
    let now = Instant::from_unix_seconds(1_800_000_000);
    verifier(server).verify(&source(settings), &proof(code), now).await
}

async fn answered(reply: StubReply, settings: &[(&str, &str)]) -> Result<SocialIdentity, SocialError> {
    let server = StubServer::start(move |_| reply.clone());
    verify(&server, settings, "061upd0w3o9vGY2Sf74w3anqDM2upd0P").await
}

#[tokio::test]
async fn a_code_tells_the_openid_in_the_name_of_the_application() {
    let server = StubServer::start(|_| StubReply::ok(SUCCESS));
    let person = verify(&server, WEB, "061upd0w3o9vGY2Sf74w3anqDM2upd0P").await.expect("a person");
    assert_eq!(
        (person.issuer.as_str(), person.subject.as_str()),
        ("wechat:app:wx0001", "oDuIHs5cmy_drtCimQAjheVyIMJE")
    );
    let requests = server.requests();
    assert_eq!((requests[0].method.as_str(), requests[0].path()), ("GET", "/sns/oauth2/access_token"));
    let field = |name| requests[0].field(name).unwrap_or_default();
    assert_eq!((field("appid").as_str(), field("secret").as_str()), ("wx0001", "s3cret&"));
    assert_eq!(
        (field("code").as_str(), field("grant_type").as_str()),
        ("061upd0w3o9vGY2Sf74w3anqDM2upd0P", "authorization_code")
    );
}

#[tokio::test]
async fn a_unionid_is_taken_where_the_source_names_its_account() {
    let person = answered(StubReply::ok(SUCCESS), UNION).await.expect("a person");
    let named = (person.issuer.as_str(), person.subject.as_str());
    assert_eq!(named, ("wechat:union:acme", "o6_bmasdasdsad6_2sgVt7hMZOPfL"));
    let without = answered(StubReply::ok(WITHOUT_UNION), UNION).await;
    assert!(matches!(without, Err(SocialError::Unavailable(_))), "an openid is no unionid: {without:?}");
}

#[tokio::test]
async fn a_mini_program_has_a_call_of_its_own() {
    let server = StubServer::start(|_| StubReply::ok(SESSION));
    let person = verify(&server, MINI, "js-code").await.expect("a person");
    assert_eq!(person.issuer.as_str(), "wechat:app:wx0002");
    let requests = server.requests();
    assert_eq!(requests[0].path(), "/sns/jscode2session");
    assert_eq!((requests[0].field("js_code").as_deref(), requests[0].field("code")), (Some("js-code"), None));
}

#[tokio::test]
async fn a32_a_code_that_is_unknown_used_or_over_is_refused() {
    for reply in [
        r#"{"errcode":40029,"errmsg":"invalid code, rid: 6583f22d-35b1b023-4a6d02b6"}"#,
        r#"{"errcode":40163,"errmsg":"code been used, hints: [ req_id: tWZH6a0160th19 ]"}"#,
        r#"{"errcode":42003,"errmsg":"oauth_code expired"}"#,
        r#"{"errcode":40163,"errmsg":"code been used","openid":"oDuIHs5cmy_drtCimQAjheVyIMJE"}"#,
    ] {
        let answer = answered(StubReply::ok(reply), WEB).await;
        assert!(matches!(answer, Err(SocialError::Rejected)), "{reply}: {answer:?}");
    }
}

#[tokio::test]
async fn what_the_host_or_wechat_did_wrong_is_not_the_persons_fault() {
    for code in [-1, 40001, 40013, 40125, 40226, 45011, 61024] {
        let reply = format!(r#"{{"errcode":{code},"errmsg":"system error"}}"#);
        let answer = answered(StubReply::ok(&reply), WEB).await;
        assert!(matches!(answer, Err(SocialError::Unavailable(_))), "{reply}: {answer:?}");
    }
    let named = r#"{"errcode":40001,"errmsg":"invalid credential","openid":"oDuIHs5cmy_drtCimQAjheVyIMJE"}"#;
    let answer = answered(StubReply::ok(named), WEB).await;
    assert!(
        matches!(answer, Err(SocialError::Unavailable(_))),
        "a32: an error that names somebody: {answer:?}"
    );
    let server = StubServer::start(|_| StubReply::ok(SUCCESS));
    let other = [("client_id", "wx0001"), ("secret", "in the wrong place")];
    assert!(matches!(verify(&server, &other, "code").await, Err(SocialError::Unavailable(_))));
    assert!(server.requests().is_empty(), "nothing is asked with odd settings");
}

#[tokio::test]
async fn a32_hostile_replies_let_nobody_in() {
    let other = StubServer::start(|_| StubReply::ok(SUCCESS));
    let replies = [
        StubReply::redirect(&other.url("/sns/oauth2/access_token")),
        StubReply::Silence,
        StubReply::ok("x".repeat(70_000)),
        StubReply::ok("not JSON"),
        StubReply::ok("{}"),
        StubReply::ok("[]"),
        StubReply::ok(r#"{"openid":""}"#),
        StubReply::ok(r#"{"openid":7}"#),
        StubReply::ok(r#"{"openid":"a b"}"#),
        StubReply::ok(r#"{"openid":"a","openid":"b"}"#),
        StubReply::ok(r#"{"errcode":"0","openid":"a"}"#),
        StubReply::Whole(500, SUCCESS.to_owned()),
        StubReply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec()),
    ];
    for reply in replies {
        let answer = answered(reply.clone(), WEB).await;
        assert!(matches!(answer, Err(SocialError::Unavailable(_))), "{reply:?}: {answer:?}");
    }
    assert!(other.requests().is_empty(), "no redirect is followed");
}

#[tokio::test]
async fn a32_what_can_be_no_code_is_not_sent() {
    let server = StubServer::start(|_| StubReply::ok(SUCCESS));
    for code in ["", "a b", "a\n", "é", &"x".repeat(129)] {
        assert!(matches!(verify(&server, WEB, code).await, Err(SocialError::Rejected)), "{code:?}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn an_error_shows_neither_code_nor_secret() {
    let silent = StubServer::start(|_| StubReply::Raw(Vec::new()));
    let error = verify(&silent, WEB, "061upd0w").await.expect_err("no person");
    let told = format!("{error:?} {error}");
    assert!(!told.contains("061upd0w") && !told.contains("s3cret"), "{told}");
}

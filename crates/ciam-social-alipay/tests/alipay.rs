//! The replies of Alipay's documents, signed by a key of these tests, and what a hostile gateway would say.

#![expect(clippy::expect_used, reason = "a test that cannot be set up shall fail")]

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ciam_http_reqwest::{Bounds, Proxies, ReqwestClient};
use ciam_ports::domain::secret::SecretText;
use ciam_ports::domain::social::{SocialSource, SocialSourceId, SocialType};
use ciam_ports::domain::{Instant, TenantId};
use ciam_ports::{SocialError, SocialIdentity, SocialProof, SocialVerifier};
use ciam_social_alipay::AlipayVerifier;
use ciam_testkit::stub::{StubReply, StubServer};

const APPLICATION: &str = include_str!("keys/application.pem");
const APPLICATION_PUBLIC: &str = include_str!("keys/application.pub.pem");
const ALIPAY: &str = include_str!("keys/alipay.pem");
const ALIPAY_PUBLIC: &str = include_str!("keys/alipay.pub.pem");
const SHORT: &str = include_str!("keys/short.pem");

/// The content of the document of `alipay.system.oauth.token`.
const CONTENT: &str = r#"{"access_token":"publicpBa869cad0990e4e17a57ecf7c5469a4b2","auth_start":"2026-11-27 10:00:00","expires_in":300,"re_expires_in":300,"refresh_token":"publicpB0ff17e364f0743c79b0b0d7f55e20bfc","user_id":"2088102150477652","open_id":"074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5"}"#;
const INVALID_CODE: &str =
    r#"{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.code-invalid","sub_msg":"授权码code无效"}"#;

fn signed(content: &str, key: &str) -> String {
    let der = pem::parse(key).expect("a key").into_contents();
    let key = RsaKeyPair::from_pkcs8(&der).expect("a key");
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), content.as_bytes(), &mut signature)
        .expect("a signature");
    STANDARD.encode(signature)
}

fn success(content: &str, signature: &str) -> StubReply {
    StubReply::ok(format!(r#"{{"alipay_system_oauth_token_response":{content},"sign":"{signature}"}}"#))
}

fn refusal(content: &str, signature: &str) -> StubReply {
    StubReply::ok(format!(r#"{{"error_response":{content},"sign":"{signature}"}}"#))
}

fn verifier() -> AlipayVerifier {
    let bounds = Bounds { timeout: Duration::from_millis(1_500), max_bytes: 64 * 1024, ..Bounds::default() };
    let client = ReqwestClient::new(bounds, Proxies::None).expect("a client");
    let key = SecretText::new(APPLICATION.to_owned());
    AlipayVerifier::new(Arc::new(client)).with_key(key_of("source-1"), &key).expect("a key")
}

fn source(settings: &[(&str, &str)]) -> SocialSource {
    let settings = settings.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    SocialSource {
        tenant: TenantId::default(),
        id: SocialSourceId::parse("source-1").expect("an id"),
        name: "A source".to_owned(),
        logo: None,
        social_type: SocialType::parse("alipay").expect("a type"),
        enabled: true,
        settings,
    }
}

fn key_of(source: &str) -> (TenantId, SocialSourceId) {
    (TenantId::default(), SocialSourceId::parse(source).expect("an id"))
}

fn proof(code: &str) -> SocialProof {
    SocialProof::of(SecretText::new(code.to_owned()))
}

async fn verify(
    server: &StubServer,
    more: &[(&str, &str)],
    code: &str,
) -> Result<SocialIdentity, SocialError> {
    let gateway = server.url("/gateway.do");
    let own =
        [("client_id", "2014072300007148"), ("gateway", &gateway), ("alipay_public_key", ALIPAY_PUBLIC)];
    let settings: Vec<_> = own.into_iter().chain(more.iter().copied()).collect();
    // 2026-11-27 02:03:04 UTC, 10:03:04 in Beijing.
    let now = Instant::from_unix_seconds(1_795_744_984);
    verifier().verify(&source(&settings), &proof(code), now).await
}

async fn answered(reply: StubReply) -> Result<SocialIdentity, SocialError> {
    let server = StubServer::start(move |_| reply.clone());
    verify(&server, &[], "4b203fe6c11548bcabd8da5bb087a83b").await
}

#[tokio::test]
async fn a_signed_reply_tells_the_user_id() {
    let reply = success(CONTENT, &signed(CONTENT, ALIPAY));
    let person = answered(reply.clone()).await.expect("a person");
    assert_eq!((person.issuer.as_str(), person.subject.as_str()), ("alipay:user", "2088102150477652"));
    let server = StubServer::start(move |_| reply.clone());
    let person = verify(&server, &[("subject", "open_id")], "code").await.expect("a person");
    assert_eq!(person.issuer.as_str(), "alipay:app:2014072300007148");
    assert_eq!(person.subject.as_str(), "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5");
}

#[tokio::test]
async fn a_request_is_signed_by_the_application() {
    let server = StubServer::start(|_| success(CONTENT, &signed(CONTENT, ALIPAY)));
    verify(&server, &[], "4b203fe6c11548bcabd8da5bb087a83b").await.expect("a person");
    let requests = server.requests();
    assert_eq!((requests[0].method.as_str(), requests[0].path()), ("POST", "/gateway.do"));
    let field = |name: &str| requests[0].field(name).unwrap_or_default();
    // What the gateway puts together: every field but the signature, in the order of the alphabet.
    let signed = "app_id=2014072300007148&charset=utf-8&code=4b203fe6c11548bcabd8da5bb087a83b&format=JSON\
        &grant_type=authorization_code&method=alipay.system.oauth.token&sign_type=RSA2\
        &timestamp=2026-11-27 10:03:04&version=1.0";
    for pair in signed.split('&') {
        let (name, value) = pair.split_once('=').expect("a field");
        assert_eq!(field(name), value, "{name}");
    }
    let public = pem::parse(APPLICATION_PUBLIC).expect("a key").into_contents();
    let signature = STANDARD.decode(field("sign")).expect("base64");
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
    assert!(key.verify(signed.as_bytes(), &signature).is_ok(), "the signature is over what was sent");
}

#[tokio::test]
async fn a32_a_code_that_is_unknown_used_or_over_is_refused() {
    let signature = signed(INVALID_CODE, ALIPAY);
    for reply in [
        refusal(INVALID_CODE, &signature),
        refusal(INVALID_CODE, ""),
        success(INVALID_CODE, &signature),
        StubReply::ok(format!(r#"{{"error_response":{INVALID_CODE}}}"#)),
    ] {
        let answer = answered(reply.clone()).await;
        assert!(matches!(answer, Err(SocialError::Rejected)), "{reply:?}: {answer:?}");
    }
}

#[tokio::test]
async fn what_the_host_or_alipay_did_wrong_is_not_the_persons_fault() {
    for (code, sub_code) in [
        ("20000", "isp.unknow-error"),
        ("20000", "aop.unknow-error"),
        ("40002", "isv.invalid-signature"),
        ("40002", "isv.invalid-app-id"),
        ("40002", "isv.grant-type-invalid"),
        ("40006", "isv.insufficient-isv-permissions"),
    ] {
        let content =
            format!(r#"{{"code":"{code}","msg":"Service Currently Unavailable","sub_code":"{sub_code}"}}"#);
        let answer = answered(refusal(&content, &signed(&content, ALIPAY))).await;
        assert!(matches!(answer, Err(SocialError::Unavailable(_))), "{sub_code}: {answer:?}");
    }
}

#[tokio::test]
async fn a32_a_reply_that_alipay_did_not_sign_lets_nobody_in() {
    let other = CONTENT.replace("2088102150477652", "2088000000000001");
    let spaced = CONTENT.replace(",\"", ", \"");
    let good = signed(CONTENT, ALIPAY);
    for (why, reply) in [
        ("no signature", success(CONTENT, "")),
        ("none at all", StubReply::ok(format!(r#"{{"alipay_system_oauth_token_response":{CONTENT}}}"#))),
        ("no base64", success(CONTENT, "?")),
        ("another person", success(&other, &good)),
        ("other spaces", success(&spaced, &good)),
        ("the application's own key", success(CONTENT, &signed(CONTENT, APPLICATION))),
        ("an error that names somebody", refusal(CONTENT, &good)),
        (
            "a reply of status 500",
            match success(CONTENT, &good) {
                StubReply::Whole(_, body) => StubReply::Whole(500, body),
                other => other,
            },
        ),
        ("a second answer", {
            let twice = format!(
                r#"{{"alipay_system_oauth_token_response":{CONTENT},"alipay_system_oauth_token_response":{other},"sign":"{good}"}}"#
            );
            StubReply::ok(twice)
        }),
        ("a person that stands twice", {
            let twice = CONTENT.replacen('{', r#"{"user_id":"2088000000000001","#, 1);
            success(&twice, &signed(&twice, ALIPAY))
        }),
    ] {
        let answer = answered(reply).await;
        assert!(matches!(answer, Err(SocialError::Unavailable(_))), "{why}: {answer:?}");
    }
}

#[tokio::test]
async fn a32_one_name_of_a_person_is_not_the_other() {
    for (content, settings) in
        [(r#"{"user_id":"2088"}"#, &[("subject", "open_id")][..]), (r#"{"open_id":"074a"}"#, &[])]
    {
        let reply = success(content, &signed(content, ALIPAY));
        let server = StubServer::start(move |_| reply.clone());
        let answer = verify(&server, settings, "code").await;
        assert!(matches!(answer, Err(SocialError::Unavailable(_))), "{content}: {answer:?}");
    }
}

#[tokio::test]
async fn an_error_that_is_no_word_is_not_repeated() {
    for (said, repeated) in [("isv.invalid-app-id", true), ("two words", false), (&*"x".repeat(65), false)] {
        let content = format!(r#"{{"code":"40002","sub_code":"{said}"}}"#);
        let Err(SocialError::Unavailable(cause)) = answered(refusal(&content, "")).await else {
            unreachable!("an error lets nobody in")
        };
        assert_eq!(cause.to_string().contains(said), repeated, "{cause}");
    }
}

#[tokio::test]
async fn the_signature_is_over_the_text_as_it_came() {
    let odd = "{ \"user_id\" :\n\"2088102150477652\", \"msg\":\"\\u6388\\/\" }";
    answered(success(odd, &signed(odd, ALIPAY))).await.expect("a person");
}

#[tokio::test]
async fn a32_hostile_replies_let_nobody_in() {
    let other = StubServer::start(|_| success(CONTENT, &signed(CONTENT, ALIPAY)));
    let nobody = r#"{"access_token":"a"}"#;
    let empty = r#"{"user_id":""}"#;
    let replies = [
        StubReply::redirect(&other.url("/gateway.do")),
        StubReply::Silence,
        StubReply::ok("x".repeat(70_000)),
        StubReply::ok("not JSON"),
        StubReply::ok("{}"),
        StubReply::ok("[]"),
        success(nobody, &signed(nobody, ALIPAY)),
        success(empty, &signed(empty, ALIPAY)),
        success("7", &signed("7", ALIPAY)),
        StubReply::Whole(500, String::new()),
        StubReply::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec()),
    ];
    for reply in replies {
        let answer = answered(reply.clone()).await;
        assert!(matches!(answer, Err(SocialError::Unavailable(_))), "{reply:?}: {answer:?}");
    }
    assert!(other.requests().is_empty(), "no redirect is followed");
}

#[tokio::test]
async fn a32_what_can_be_no_code_is_not_sent() {
    let server = StubServer::start(|_| success(CONTENT, &signed(CONTENT, ALIPAY)));
    for code in ["", "a b", "a\n", "é", &"x".repeat(129)] {
        assert!(matches!(verify(&server, &[], code).await, Err(SocialError::Rejected)), "{code:?}");
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_key_is_read_as_alipays_tools_write_it() {
    let line: String = APPLICATION.lines().filter(|line| !line.starts_with('-')).collect();
    for key in [APPLICATION, &line, &format!("{line}\n")] {
        let verifier = verifier().with_key(key_of("source-2"), &SecretText::new(key.to_owned()));
        assert!(verifier.is_ok());
    }
    for key in ["", "no key", SHORT, APPLICATION_PUBLIC] {
        assert!(verifier().with_key(key_of("source-2"), &SecretText::new(key.to_owned())).is_err());
    }
}

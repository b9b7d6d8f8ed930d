//! An account elsewhere, from the provider to the token: bound over HTTP, then signed in by.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ciam::domain::TenantId;
use ciam::domain::identifier::Username;
use ciam::domain::secret::SecretText;
use ciam::domain::social::{SocialSource, SocialSourceId, SocialType};
use ciam::ports::{Clock, SocialProof};
use ciam::{Authority, Ciam, NewUser, SignInRequest, SignedIn};
use ciam_system_native::SystemClock;
use ciam_testkit::stub::{StubReply, StubRequest, StubServer};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use crate::assembly::{Assembly, assemble};
use crate::configuration::Settings;
use crate::directory::Directory;
use crate::{http, token};

const CLIENT: &str = "the-app";
const SECRET: &str = "s3cret +/%";
const SOURCE: &str = "id-web";

/// A provider whose codes `NAME.NUMBER` are of the person NAME, and good once.
fn provider() -> StubServer {
    let key = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let used = Mutex::new(BTreeSet::new());
    StubServer::start(move |request| {
        let own = format!("http://{}", request.header("host").unwrap());
        match request.path() {
            "/.well-known/openid-configuration" => StubReply::ok(
                json!({
                    "issuer": own, "authorization_endpoint": format!("{own}/auth"),
                    "token_endpoint": format!("{own}/token"), "jwks_uri": format!("{own}/jwks"),
                })
                .to_string(),
            ),
            "/jwks" => {
                let x = URL_SAFE_NO_PAD.encode(key.public_key());
                let key =
                    json!({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "k", "x": x});
                StubReply::ok(json!({"keys": [key]}).to_string())
            }
            "/token" => exchanged(request, &own, &key, &mut used.lock().unwrap()),
            _ => StubReply::Whole(404, String::new()),
        }
    })
}

fn exchanged(
    request: &StubRequest,
    own: &str,
    key: &Ed25519KeyPair,
    used: &mut BTreeSet<String>,
) -> StubReply {
    let code = request.field("code").unwrap_or_default();
    let is_client = request.field("client_id").as_deref() == Some(CLIENT)
        && request.field("client_secret").as_deref() == Some(SECRET);
    match code.split_once('.') {
        Some((name, _)) if is_client && used.insert(code.clone()) => {
            let now = SystemClock.now().unix_seconds();
            let claims = json!({"iss": own, "aud": CLIENT, "sub": name, "iat": now, "exp": now + 300});
            let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": "k"});
            let parts = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
            let signature = URL_SAFE_NO_PAD.encode(key.sign(parts.join(".").as_bytes()));
            let token = format!("{}.{signature}", parts.join("."));
            StubReply::ok(
                json!({"access_token": "any", "token_type": "Bearer", "id_token": token}).to_string(),
            )
        }
        _ => StubReply::Whole(400, json!({"error": "invalid_grant"}).to_string()),
    }
}

/// The server with one source, whose secret is in the configuration.
struct Host {
    assembly: Assembly,
    settings: Settings,
    source: SocialSourceId,
    _home: TempDir,
}

impl Host {
    async fn of(provider: &StubServer) -> Self {
        let home = TempDir::new().unwrap();
        let (file, secret) = (home.path().join("ciam.toml"), home.path().join("secret"));
        std::fs::write(&secret, SECRET).unwrap();
        let text = format!(
            "[[social.secret]]\nsource = \"{SOURCE}\"\nsocial_type = \"oidc\"\nsecret = {{ file = {:?} }}\n",
            secret.display().to_string()
        );
        std::fs::write(&file, text).unwrap();
        let settings = Settings::load(Some(&file)).unwrap();
        let assembly = assemble(&settings, &Directory::open(&home.path().join("data")).unwrap()).unwrap();
        let issuer = provider.url("");
        let kept = [
            ("issuer", issuer.as_str()),
            ("client_id", CLIENT),
            ("algorithms", "EdDSA"),
            ("client_auth", "client_secret_post"),
            ("redirect_uri", "https://app.example/callback"),
        ];
        let source = SocialSource {
            tenant: TenantId::default(),
            id: SocialSourceId::parse(SOURCE).unwrap(),
            name: "A provider".to_owned(),
            logo: None,
            social_type: SocialType::parse("oidc").unwrap(),
            enabled: true,
            settings: kept.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        };
        assembly.ciam.put_social_source(Authority::Host, source.clone()).await.unwrap();
        Self { assembly, settings, source: source.id, _home: home }
    }

    fn ciam(&self) -> &Arc<Ciam> {
        &self.assembly.ciam
    }

    async fn token(&self, name: &str) -> SecretText {
        let new = NewUser { username: Some(Username::parse(name).unwrap()), ..NewUser::default() };
        let user = self.ciam().create_user(Authority::Host, new).await.unwrap();
        token::for_person(self.ciam(), &user.id, std::time::Duration::from_mins(5)).await.unwrap()
    }

    async fn ask(&self, token: &SecretText, call: &str, body: Option<Value>) -> Value {
        let (method, path) = call.split_once(' ').unwrap();
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/bff/v1.2/developer/ciam{path}"))
            .header("authorization", format!("Bearer {}", token.expose()))
            .header("content-type", "application/json");
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let routes = http::application(&self.assembly, &self.settings);
        let reply = routes.oneshot(request.body(body).unwrap()).await.unwrap();
        serde_json::from_slice(&reply.into_body().collect().await.unwrap().to_bytes()).unwrap()
    }

    async fn bind(&self, token: &SecretText, code: &str) -> Value {
        let body = json!({"code": code, "enterpriseAuthId": SOURCE});
        self.ask(token, "POST /user/social/bind", Some(body)).await["message"].clone()
    }

    async fn sign_in(&self, code: &str) -> Result<SignedIn, &'static str> {
        let proof = SocialProof::of(SecretText::new(code.to_owned()));
        let request = SignInRequest { scopes: vec!["USER_API".to_owned()], ..SignInRequest::default() };
        let entered = self.ciam().sign_in_social(&request, &self.source, &proof).await;
        entered.map_err(|error| error.reason())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_elsewhere_is_bound_signed_in_by_and_let_go() {
    let provider = provider();
    let host = Host::of(&provider).await;
    let (alice, bob) = (host.token("alice").await, host.token("bob").await);
    assert_eq!(host.sign_in("al.1").await.unwrap_err(), "sign_in.failed", "nobody has bound it");
    let listed = host.ask(&alice, "GET /user/social_bind_info", None).await["data"][0].clone();
    assert_eq!((&listed["enterpriseAuthId"], &listed["bound"]), (&json!(SOURCE), &json!(false)));

    assert_eq!(host.bind(&alice, "al.1").await, "Operation.Failure.Social.Code.Rejected", "it was used");
    assert_eq!(host.bind(&alice, "forged").await, "Operation.Failure.Social.Code.Rejected");
    assert_eq!(host.bind(&alice, "al.2").await, "Operation.Success");
    assert_eq!(host.bind(&bob, "al.3").await, "Params.Exist.SocialUser.SocialId");
    let listed = host.ask(&alice, "GET /user/social_bind_info", None).await["data"][0].clone();
    assert_eq!((&listed["socialUserId"], &listed["bound"]), (&json!("al"), &json!(true)));

    let SignedIn::Done(tokens) = host.sign_in("al.4").await.unwrap() else {
        panic!("no second factor is asked")
    };
    let claims: Value = {
        let part = tokens.access.expose().split('.').nth(1).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(claims["amr"], json!(["social"]));
    let own = host.ask(&tokens.access, "GET /user/info", None).await;
    assert_eq!(own["data"]["username"], "alice");
    assert_eq!(host.sign_in("al.4").await.unwrap_err(), "sign_in.failed", "a code counts once");
    assert_eq!(host.sign_in("somebody.1").await.unwrap_err(), "sign_in.failed");
    assert_eq!(host.bind(&bob, "bo.1").await, "Operation.Success");

    let unbind = json!({"enterpriseAuthId": SOURCE});
    let last = host.ask(&bob, "POST /user/social/unbind", Some(unbind)).await;
    assert_eq!(last["message"], "Operation.Denied.User.Last.Credential");
    let gone = host.ciam().remove_social_source(Authority::Host, (&TenantId::default(), &host.source)).await;
    assert!(gone.unwrap().is_some());
    assert_eq!(host.sign_in("al.5").await.unwrap_err(), "sign_in.failed", "the source is removed");
    assert!(provider.count("/jwks") <= 1, "keys are kept");
}

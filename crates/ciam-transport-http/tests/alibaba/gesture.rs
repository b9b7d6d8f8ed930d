//! Devices that sign in by gesture, on the wire: as the vendor documents it, and the calls that it leaves out.

use std::sync::Arc;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use ciam::Ciam;
use ciam::domain::gesture::GestureAlgorithm;
use ciam::domain::secret::SecretText;
use ciam::domain::{DeviceId, TenantId};
use ciam_gesture_native::NativeGestures;
use ciam_testkit::fake::FakeDevice;
use ciam_testkit::{World, block_on};
use serde_json::{Value, json};

use crate::site::{Site, backend, refusal};

pub(crate) const BIND: &str = "/user/gesture/bind";
pub(crate) const CHALLENGE: &str = "/user/gesture/challenge";
pub(crate) const DEVICE: &str = "/user/gesture/device";
pub(crate) const DEVICES: &str = "/user/gesture/device/list";
pub(crate) const UNBIND: &str = "/user/gesture/unbind";

const WRONG: (&str, &str) = ("Operation.Failure", "OPERATION_FAILURE_GESTURE_SIGN_ERROR");

/// A site, a person's token, and a device of hers whose key is registered.
async fn registered(algorithm: GestureAlgorithm) -> (Site, String, FakeDevice) {
    let site = Site::new();
    let token = site.token(&site.world.person("alice", 1).await).await;
    let device = site.world.gestures.device("phone", algorithm, 1);
    let key = BASE64_STANDARD.encode(device.key().expose());
    site.post(&token, DEVICE, &body(&device, &key)).await.is_done();
    (site, token, device)
}

fn body(device: &FakeDevice, key: &str) -> Value {
    json!({"deviceId": device.id.as_str(), "algorithm": device.algorithm.as_str(), "key": key})
}

async fn challenge(site: &Site, token: &str, device: &str) -> String {
    let answer = site.get(token, &format!("{CHALLENGE}?deviceId={device}")).await;
    let data = answer.body["data"].as_object().unwrap();
    assert_eq!(data.keys().collect::<Vec<_>>(), ["challenge", "expireTime"]);
    data["challenge"].as_str().unwrap().to_owned()
}

async fn sign(site: &Site, token: &str, device: &FakeDevice, name: &str) -> Value {
    let challenge = challenge(site, token, device.id.as_str()).await;
    json!({"gestureSign": device.sign(name, &challenge).expose()})
}

#[test]
fn success_is_told_as_the_vendor_tells_it() {
    block_on(async {
        for algorithm in GestureAlgorithm::ALL {
            let (site, token, device) = registered(algorithm).await;
            let bound = sign(&site, &token, &device, "alice").await;
            let done = json!({"success": true, "code": "200", "message": null, "data": null});
            site.post(&token, BIND, &bound).await.is(200, &done);
            let tenant = TenantId::default();
            let challenge = site.world.ciam.gesture_challenge(&tenant, &device.id).await.unwrap();
            let sign = device.sign("alice", challenge.text.expose());
            let request = ciam::SignInRequest::default();
            site.world.ciam.sign_in_by_gesture(&request, "alice", &sign).await.unwrap();
        }
    });
}

#[test]
fn each_documented_error_is_told_in_its_words() {
    block_on(async {
        let (site, token, device) = registered(GestureAlgorithm::Ed25519).await;
        for blank in [json!({}), json!({"gestureSign": null}), json!({"gestureSign": " "})] {
            site.post(&token, BIND, &blank).await.is_refused("Params.Blank", "Params.Blank.Gesture.Sign");
        }
        let nobody = sign(&site, &token, &device, "").await;
        site.post(&token, BIND, &nobody).await.is_refused("Params.Blank", "Params.Blank.User.Username");
        site.world.person("bob", 2).await;
        for name in ["bob", "nobody.at.all"] {
            let other = sign(&site, &token, &device, name).await;
            let unknown = "Operation.Failure.User.Not.Exist";
            site.post(&token, BIND, &other).await.is_refused("Operation.Failure", unknown);
        }
        site.post(&token, BIND, &json!({"gestureSign": "q83vEjRWeJA="})).await.is_refused(WRONG.0, WRONG.1);
        let right = sign(&site, &token, &device, "alice").await;
        site.world.gestures.set_broken(true);
        let failure = refusal("Operation.Failure", "Operation.Failure.Service.Internal.Error");
        site.post(&token, BIND, &right).await.is(503, &failure);
    });
}

#[test]
fn a34_a_sign_is_taken_once_fresh_and_from_its_own_person() {
    block_on(async {
        let (site, token, device) = registered(GestureAlgorithm::Aes256).await;
        let bob = site.token(&site.world.person("bob", 2).await).await;
        let key = BASE64_URL_SAFE_NO_PAD.encode(device.key().expose());
        site.post(&bob, DEVICE, &body(&device, &key)).await.is_done();
        let hers = sign(&site, &token, &device, "alice").await;
        site.post(&bob, BIND, &hers).await.is_refused(WRONG.0, WRONG.1);
        let late = sign(&site, &token, &device, "alice").await;
        site.world.clock.advance(Duration::from_mins(1));
        site.post(&token, BIND, &late).await.is_refused(WRONG.0, WRONG.1);
        for _ in 0..4 {
            site.post(&token, BIND, &late).await.is_refused(WRONG.0, WRONG.1);
        }
        let answer = site.post(&token, BIND, &late).await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, Some("30")), "{}", answer.text);
        site.world.clock.advance(Duration::from_mins(5));
        let stale = sign(&site, &token, &device, "alice").await;
        let answer = site.post(&token, BIND, &stale).await;
        assert_eq!(answer.status, 401, "{}", answer.text);
        assert_eq!(answer.body["error"], "insufficient_user_authentication");
    });
}

#[test]
fn devices_are_listed_and_unbound() {
    block_on(async {
        let (site, token, device) = registered(GestureAlgorithm::EcdsaP256).await;
        let at = site.get(&token, DEVICES).await.body["data"][0]["createTime"].clone();
        let known = |bound: bool, at: &Value, then: &Value| json!([{"deviceId": "phone", "algorithm": "ES256", "bound": bound, "createTime": at, "bindTime": then}]);
        assert!(at.as_i64().unwrap() > 1_000_000_000_000);
        let listed = site.get(&token, DEVICES).await;
        listed.is(200, &crate::site::success(&known(false, &at, &Value::Null)));
        let bound = sign(&site, &token, &device, "alice").await;
        assert_eq!(site.post(&token, BIND, &bound).await.body["code"], "200");
        let listed = site.get(&token, DEVICES).await;
        listed.is(200, &crate::site::success(&known(true, &at, &at)));
        let key = BASE64_STANDARD.encode(device.key().expose());
        let again = site.post(&token, DEVICE, &body(&device, &key)).await;
        again.is_refused("Operation.Failure", "Params.Exist.Gesture.Device");
        site.post(&token, UNBIND, &json!({"deviceId": "phone"})).await.is_done();
        let gone = site.post(&token, UNBIND, &json!({"deviceId": "phone"})).await;
        gone.is_refused("Resource.NotFound", "Resource.NotFound.Gesture.Device");
        site.get(&token, DEVICES).await.is(200, &crate::site::success(&json!([])));
    });
}

#[test]
fn what_is_no_device_no_algorithm_or_no_key_is_refused() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let key = BASE64_STANDARD.encode([7; 32]);
        let whole = json!({"deviceId": "phone", "algorithm": "ED25519", "key": key});
        for (field, value, code, message) in [
            ("deviceId", " ", "Params.Blank", "Params.Blank.Device.Id"),
            ("deviceId", "a b", "Params.Illegal", "Params.Illegal.Device.Id"),
            ("algorithm", "", "Params.Blank", "Params.Blank.Gesture.Algorithm"),
            ("algorithm", "none", "Params.Illegal", "Params.Illegal.Gesture.Algorithm"),
            ("key", "", "Params.Blank", "Params.Blank.Gesture.Key"),
            ("key", "not base64!", "Params.Illegal", "Params.Illegal.Gesture.Key"),
            ("key", "AAAA", "Params.Illegal", "Params.Illegal.Gesture.Key"),
            ("key", &BASE64_STANDARD.encode([0; 32]), "Params.Illegal", "Params.Illegal.Gesture.Key"),
        ] {
            let mut body = whole.clone();
            body[field] = value.into();
            site.post(&token, DEVICE, &body).await.is_refused(code, message);
        }
        let blank = site.get(&token, CHALLENGE).await;
        blank.is_refused("Params.Blank", "Params.Blank.Device.Id");
        let mut body = whole.clone();
        body["userId"] = "bob".into();
        let malformed = refusal("Params.Illegal", "Params.Illegal.Body");
        site.post(&token, DEVICE, &body).await.is(400, &malformed);
    });
}

/// The real format, end to end: the key, sign and name of a device that is not ours to make.
#[test]
fn a_sign_in_the_format_of_the_page_binds_a_device() {
    use aes_gcm::aead::{Aead, Payload};
    use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
    block_on(async {
        let world = World::new(backend());
        let ciam = Ciam::new(world.ports.clone(), world.ciam.config().clone()).unwrap();
        let ciam =
            Arc::new(ciam.with_issuer(world.tokens.clone()).with_gestures(Arc::new(NativeGestures::new())));
        let site = Site::over(world, ciam.clone(), |_| {});
        let token = site.token(&site.world.person("alice", 1).await).await;
        let device = DeviceId::parse("phone").unwrap();
        let secret: [u8; 32] = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let key = json!({"deviceId": "phone", "algorithm": "A256GCM", "key": BASE64_STANDARD.encode(secret)});
        site.post(&token, DEVICE, &key).await.is_done();
        let signed = |challenge: &str| {
            let field =
                |text: &str| [&u16::try_from(text.len()).unwrap().to_be_bytes(), text.as_bytes()].concat();
            let header = [&b"cgs\x01\x03"[..], &field("phone"), &field(challenge)].concat();
            let cipher = Aes256Gcm::new_from_slice(&secret).unwrap();
            let payload = Payload { msg: b"alice", aad: &header };
            let name = cipher.encrypt(&Nonce::from([1; 12]), payload).unwrap();
            BASE64_URL_SAFE_NO_PAD.encode([header, vec![1; 12], name].concat())
        };
        let challenge = challenge(&site, &token, "phone").await;
        let bound = site.post(&token, BIND, &json!({"gestureSign": signed(&challenge)})).await;
        assert_eq!(bound.body["code"], "200", "{}", bound.text);
        let challenge = ciam.gesture_challenge(&TenantId::default(), &device).await.unwrap();
        let sign = SecretText::new(signed(challenge.text.expose()));
        let request = ciam::SignInRequest::default();
        let entered = ciam.sign_in_by_gesture(&request, "alice", &sign).await.unwrap();
        assert!(matches!(entered, ciam::SignedIn::Done(_)), "{entered:?}");
    });
}

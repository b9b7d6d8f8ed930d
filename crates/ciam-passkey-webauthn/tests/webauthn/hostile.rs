//! Answers that no browser gives.

use ciam_passkey_webauthn::WebauthnPasskeys;
use ciam_ports::domain::Instant;
use ciam_ports::domain::passkey::{Backup, PasskeyFlaw, PasskeyName, UserVerification};
use ciam_ports::domain::user::Passkey;
use ciam_ports::{NewPasskey, PasskeyAnswer, PasskeyQuestion, PasskeyVerifier, SignedPasskey};
use ciam_testkit::contract::Scene;
use ciam_testkit::fake::FakePasskeys;
use ciborium::Value;
use futures_executor::block_on;
use serde_json::{Value as Json, json};

use crate::authenticator::{Authenticator, cbor, client_data, header, map, of, text};

type Ceremony<T> = Result<T, PasskeyFlaw>;

fn created(answer: &Json) -> Ceremony<NewPasskey> {
    let party = FakePasskeys::party(UserVerification::Required);
    let question = PasskeyQuestion { party: &party, challenge: &[7; 32] };
    let answer = PasskeyAnswer::new(answer.to_string());
    block_on(WebauthnPasskeys::new().verify_new(question, &answer)).unwrap()
}

fn got(passkey: &Passkey, answer: &Json) -> Ceremony<SignedPasskey> {
    let party = FakePasskeys::party(UserVerification::Required);
    let question = PasskeyQuestion { party: &party, challenge: &[7; 32] };
    let answer = PasskeyAnswer::new(answer.to_string());
    block_on(WebauthnPasskeys::new().verify(question, passkey, &answer)).unwrap()
}

fn stored(made: NewPasskey) -> Passkey {
    let NewPasskey { id, key, sign_count, backup, transports } = made;
    let name = PasskeyName::parse("a passkey").unwrap();
    Passkey { id, key, sign_count, name, created_at: Instant::EPOCH, used_at: None, backup, transports }
}

fn object(format: &str, statement: Value, data: Vec<u8>) -> Vec<u8> {
    cbor(&map([
        ("fmt".into(), format.into()),
        ("attStmt".into(), statement),
        ("authData".into(), Value::Bytes(data)),
    ]))
}

fn nothing() -> Value {
    Value::Map(Vec::new())
}

/// A new passkey of an authenticator, with an attestation object of the test's.
fn with_object(of: &Authenticator, object: &[u8]) -> Ceremony<NewPasskey> {
    let scene = Scene::right();
    created(&of.created(&scene, &client_data("webauthn.create", &scene).to_string(), object))
}

fn passkey(of: &Authenticator) -> Passkey {
    stored(with_object(of, &object("none", nothing(), of.attested(&Scene::right()))).unwrap())
}

#[test]
fn every_flaw_is_told_by_its_name() {
    let (es256, right) = (of(-7, 1), Scene::right());
    let passkey = passkey(&es256);
    let cases = [
        (Scene { of_the_other_ceremony: true, ..right.clone() }, PasskeyFlaw::Ceremony),
        (Scene { challenge: vec![8; 32], ..right.clone() }, PasskeyFlaw::Challenge),
        (Scene { origin: "https://evil.test", ..right.clone() }, PasskeyFlaw::Origin),
        (Scene { framed_by: Some("https://evil.test"), ..right.clone() }, PasskeyFlaw::CrossOrigin),
        (Scene { party: "evil.test", ..right.clone() }, PasskeyFlaw::RelyingParty),
        (Scene { present: false, ..right.clone() }, PasskeyFlaw::UserAbsent),
        (Scene { verified: false, ..right.clone() }, PasskeyFlaw::UserUnverified),
        (Scene { told_id: Some(9), ..right.clone() }, PasskeyFlaw::Credential),
    ];
    let json = |answer: String| serde_json::from_str::<Json>(&answer).unwrap();
    for (scene, flaw) in cases {
        assert_eq!(created(&json(es256.make(&scene))), Err(flaw), "{scene:?}");
        assert_eq!(got(&passkey, &json(es256.sign(&scene))), Err(flaw), "{scene:?}");
    }
    let others = [
        (Scene { told_algorithm: Some(-36), ..right.clone() }, PasskeyFlaw::Algorithm),
        (Scene { told_algorithm: Some(-257), ..right.clone() }, PasskeyFlaw::Key),
        (Scene { spoilt: true, ..right.clone() }, PasskeyFlaw::Key),
    ];
    for (scene, flaw) in others {
        assert_eq!(created(&json(es256.make(&scene))), Err(flaw), "{scene:?}");
    }
    let copied = Scene { backup: Backup::Eligible, ..right.clone() };
    assert_eq!(got(&passkey, &json(es256.sign(&copied))), Err(PasskeyFlaw::Backup));
    assert_eq!(
        got(&passkey, &json(of(-7, 2).sign(&Scene { told_id: Some(1), ..right }))),
        Err(PasskeyFlaw::Signature)
    );
}

#[test]
fn nothing_is_asked_about_authenticators_and_nothing_of_it_is_taken() {
    let es256 = of(-7, 1);
    let data = || es256.attested(&Scene::right());
    let scene = Scene::right();
    let client = client_data("webauthn.create", &scene).to_string();
    let signed = |message: &[u8]| {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, client.as_bytes());
        Value::Bytes(es256.signature(&[message, hash.as_ref()].concat()))
    };
    let own = map([("alg".into(), Value::from(-7)), ("sig".into(), signed(&data()))]);
    assert!(with_object(&es256, &object("packed", own, data())).is_ok(), "the passkey's own signature");
    let wrong = map([("alg".into(), Value::from(-7)), ("sig".into(), signed(b"else"))]);
    assert_eq!(with_object(&es256, &object("packed", wrong, data())), Err(PasskeyFlaw::Signature));
    let certified = map([
        ("alg".into(), Value::from(-7)),
        ("sig".into(), signed(&data())),
        ("x5c".into(), Value::Array(vec![Value::Bytes(vec![0x30; 40])])),
    ]);
    for (format, statement) in [
        ("packed", certified),
        ("packed", nothing()),
        ("none", map([("sig".into(), Value::Bytes(vec![1]))])),
        ("tpm", nothing()),
        ("android-key", nothing()),
        ("fido-u2f", nothing()),
        ("apple", nothing()),
        ("", nothing()),
    ] {
        assert_eq!(
            with_object(&es256, &object(format, statement, data())),
            Err(PasskeyFlaw::Attestation),
            "{format}"
        );
    }
}

#[test]
fn hostile_cbor_is_refused() {
    let es256 = of(-7, 1);
    let data = es256.attested(&Scene::right());
    let whole = object("none", nothing(), data.clone());
    for length in 0..whole.len() {
        assert!(with_object(&es256, &whole[..length]).is_err(), "cut to {length} bytes");
    }
    for length in 0..data.len() {
        assert!(
            with_object(&es256, &object("none", nothing(), data[..length].to_vec())).is_err(),
            "cut to {length}"
        );
    }
    let longer = |tail: &[u8]| [&whole, tail].concat();
    assert!(with_object(&es256, &longer(&[0])).is_err(), "something behind the object");
    let behind_the_key = object("none", nothing(), [&data[..], &[0]].concat());
    assert!(with_object(&es256, &behind_the_key).is_err());
    let huge_lengths: [&[u8]; 8] = [
        &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        &[0xbb, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0x63, b'f', b'm', b't'],
        &[0x7b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, b'x'],
        &[0x5f],
        &[0x81; 10_000],
        &[0xc1; 10_000],
    ];
    for bytes in huge_lengths {
        assert_eq!(with_object(&es256, bytes), Err(PasskeyFlaw::Malformed));
        let in_the_key = [&data[..55 + 16], bytes].concat();
        assert!(with_object(&es256, &object("none", nothing(), in_the_key)).is_err());
    }
    let mut claims_a_longer_id = data;
    claims_a_longer_id[53..55].copy_from_slice(&[0xff, 0xff]);
    assert!(with_object(&es256, &object("none", nothing(), claims_a_longer_id)).is_err());
}

#[test]
fn a_key_has_the_parameters_of_its_algorithm_and_no_others() {
    let (es256, scene) = (of(-7, 1), Scene::right());
    let right = es256.cose(None, false);
    let Value::Map(entries) = right else { panic!("a map") };
    let with_key = |entries: Vec<(Value, Value)>| {
        let head = &es256.attested(&scene)[..55 + 16];
        with_object(&es256, &object("none", nothing(), [head, &cbor(&Value::Map(entries))].concat()))
    };
    assert!(with_key(entries.clone()).is_ok());
    for place in 0..entries.len() {
        let mut fewer = entries.clone();
        fewer.remove(place);
        assert!(with_key(fewer).is_err(), "without {:?}", entries[place].0);
        let mut twice = entries.clone();
        twice.push(entries[place].clone());
        assert!(with_key(twice).is_err(), "twice {:?}", entries[place].0);
    }
    for more in [
        (Value::from(4), Value::from(2)),
        (Value::from("x"), Value::from(1)),
        (Value::from(-4), Value::Bytes(vec![1; 32])),
    ] {
        assert_eq!(with_key([&entries[..], &[more]].concat()), Err(PasskeyFlaw::Key));
    }
}

#[test]
fn the_outer_form_has_one_spelling() {
    let (es256, scene) = (of(-7, 1), Scene::right());
    let passkey = passkey(&es256);
    let right: Json = serde_json::from_str(&es256.sign(&scene)).unwrap();
    assert!(got(&passkey, &right).is_ok());
    let changed = |change: &dyn Fn(&mut Json)| {
        let mut answer = right.clone();
        change(&mut answer);
        got(&passkey, &answer)
    };
    let padded = |answer: &mut Json, name: &str| {
        let text = format!("{}=", answer["response"][name].as_str().unwrap());
        answer["response"][name] = json!(text);
    };
    assert!(changed(&|answer| answer["id"] = json!("AAAA")).is_err(), "id and rawId differ");
    assert!(changed(&|answer| answer["type"] = json!("password")).is_err());
    assert!(changed(&|answer| answer["response"]["userHandle"] = json!("AA")).is_err());
    for name in ["clientDataJSON", "authenticatorData", "signature"] {
        assert!(changed(&|answer| padded(answer, name)).is_err(), "{name}");
    }
    for told in [
        json!({"type": "webauthn.get", "challenge": text(&[7; 32]), "origin": "https://example.org", "crossOrigin": "true"}),
        json!({"type": "webauthn.get", "challenge": text(&[7; 32]), "origin": "https://example.org", "crossOrigin": true}),
        json!({"type": "webauthn.get", "challenge": text(&[7; 32]), "origin": "https://example.org", "topOrigin": "https://evil.test"}),
        json!({"type": "webauthn.get", "challenge": format!("{}=", text(&[7; 32])), "origin": "https://example.org"}),
        json!({"type": "webauthn.get", "challenge": [7], "origin": "https://example.org"}),
        json!({"type": "webauthn.get", "challenge": text(&[7; 32])}),
    ] {
        assert!(got(&passkey, &es256.got(&scene, &told.to_string(), &header(&scene, 0))).is_err(), "{told}");
    }
    let twice = format!(
        "{{\"type\":\"webauthn.get\",\"challenge\":\"{0}\",\"origin\":\"https://evil.test\",\"origin\":\"https://example.org\"}}",
        text(&[7; 32])
    );
    assert_eq!(got(&passkey, &es256.got(&scene, &twice, &header(&scene, 0))), Err(PasskeyFlaw::Malformed));
    let short = got(&passkey, &es256.got(&scene, &client_data("webauthn.get", &scene).to_string(), &[0; 36]));
    assert_eq!(short, Err(PasskeyFlaw::Malformed));
}

#[test]
fn an_answer_that_is_longer_than_any_is_none() {
    let es256 = of(-7, 1);
    let mut answer: Json = serde_json::from_str(&es256.make(&Scene::right())).unwrap();
    assert!(created(&answer).is_ok());
    answer["more"] = json!("x".repeat(16 * 1024));
    assert_eq!(created(&answer), Err(PasskeyFlaw::Malformed));
}

#[test]
fn counts_are_told_and_not_compared() {
    let es256 = of(-7, 1);
    let passkey = Passkey { sign_count: 9, ..passkey(&es256) };
    for sign_count in [0, 5, 9, 10] {
        let scene = Scene { sign_count, ..Scene::right() };
        let answer: Json = serde_json::from_str(&es256.sign(&scene)).unwrap();
        assert_eq!(got(&passkey, &answer).map(|signed| signed.sign_count), Ok(sign_count));
    }
}

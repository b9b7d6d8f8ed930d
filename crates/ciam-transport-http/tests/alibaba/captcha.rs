//! Captchas on the wire: demanded, fetched, solved, and never twice.

use std::sync::Arc;

use ciam::{Ciam, Config};
use ciam_captcha_image::ImageCaptcha;
use ciam_testkit::{World, block_on};
use serde_json::{Value, json};

use crate::site::{CAPTCHA, CONTACT_OBTAIN, CONTACT_OBTAIN_V2, OBTAIN, Site, backend, refusal};

const REQUIRED: (&str, &str) = ("Operation.Failure", "Operation.Failure.SmsAuth.Overflow.Captcha");
const WRONG: (&str, &str) = ("Params.Illegal", "Params.Illegal.CaptchaText");

/// A site that demands a captcha for every code, and a person's token.
async fn strict() -> (Site, String) {
    let mut config = Config::default();
    config.captcha.after_sends = 0;
    let world = World::with(backend(), config).guarded();
    let ciam = world.ciam.clone();
    let site = Site::over(world, ciam, |_| {});
    let token = site.token(&site.world.person("alice", 1).await).await;
    (site, token)
}

fn sms(flow: &str) -> Value {
    json!({"fId": flow, "type": "SMS", "language": "", "engineCode": ""})
}

fn email(flow: &str) -> Value {
    json!({"fId": flow, "type": "EMAIL", "email": "new@example.org", "phoneNumber": "", "phoneRegion": ""})
}

fn with(mut body: Value, code: &str, text: &str) -> Value {
    (body["captchaCode"], body["captchaText"]) = (code.into(), text.into());
    body
}

/// Code and text of a captcha that is fetched for a flow; the fake's image is its text.
async fn fetched(site: &Site, token: &str, flow: &str) -> (String, String) {
    let answer = site.get(token, &format!("{CAPTCHA}?fId={flow}")).await;
    assert_eq!((answer.status, &answer.body["success"]), (200, &json!(true)), "{}", answer.text);
    let data = answer.body["data"].as_object().unwrap();
    assert_eq!(data.keys().collect::<Vec<_>>(), ["captchaCode", "image"]);
    let image = decoded(data["image"].as_str().unwrap());
    (data["captchaCode"].as_str().unwrap().to_owned(), String::from_utf8(image).unwrap())
}

fn decoded(text: &str) -> Vec<u8> {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    BASE64_STANDARD.decode(text).unwrap()
}

#[test]
fn a22_a_code_goes_out_for_a_solved_captcha_alone() {
    block_on(async {
        let (site, token) = strict().await;
        let factor = site.flow(&token, "UNSUBSCRIBE").await;
        let address = site.proven(&token, "UPDATE_EMAIL").await;
        for (path, flow, body) in
            [(OBTAIN, &factor, sms(&factor)), (CONTACT_OBTAIN_V2, &address, email(&address))]
        {
            let before = site.world.mailbox.codes().len();
            for blank in [body.clone(), with(body.clone(), "", ""), with(body.clone(), "captcha-1", " ")] {
                site.post(&token, path, &blank).await.is_refused(REQUIRED.0, REQUIRED.1);
            }
            let (code, text) = fetched(&site, &token, flow).await;
            site.post(&token, path, &with(body.clone(), &code, "x")).await.is_refused(WRONG.0, WRONG.1);
            site.post(&token, path, &with(body.clone(), &code, &text)).await.is_refused(WRONG.0, WRONG.1);
            site.post(&token, path, &with(body.clone(), "made-up", &text)).await.is_refused(WRONG.0, WRONG.1);
            let other = if flow == &factor { &address } else { &factor };
            let (code, text) = fetched(&site, &token, other).await;
            site.post(&token, path, &with(body.clone(), &code, &text)).await.is_refused(WRONG.0, WRONG.1);
            assert_eq!(site.world.mailbox.codes().len(), before);
            let (code, text) = fetched(&site, &token, flow).await;
            let answer = site.post(&token, path, &with(body.clone(), &code, &text.to_lowercase())).await;
            assert_eq!(answer.body["data"], json!({"fId": flow}), "{}", answer.text);
            assert_eq!(site.world.mailbox.codes().len(), before + 1);
            site.post(&token, path, &with(body, &code, &text)).await.is_refused(WRONG.0, WRONG.1);
        }
        let (code, text) = fetched(&site, &token, &address).await;
        let answer = site.post(&token, CONTACT_OBTAIN, &with(email(&address), &code, &text)).await;
        assert_eq!(answer.status, 429, "both paths are one call, with one cooldown: {}", answer.text);
    });
}

#[test]
fn a22_a_failing_captcha_service_is_answered_as_a_failure() {
    block_on(async {
        let (site, token) = strict().await;
        let flow = site.flow(&token, "UNSUBSCRIBE").await;
        let (code, text) = fetched(&site, &token, &flow).await;
        site.world.captcha.set_broken(true);
        let failure = refusal("Service.Internal.Error", "Service.Internal.Error");
        let sent = site.post(&token, OBTAIN, &with(sms(&flow), &code, &text)).await;
        for answer in [sent, site.get(&token, &format!("{CAPTCHA}?fId={flow}")).await] {
            answer.is(503, &failure);
            assert_eq!(answer.header("retry-after"), Some("5"));
        }
        assert_eq!(site.world.mailbox.codes(), []);
    });
}

#[test]
fn a22_a_captcha_is_fetched_for_an_own_flow() {
    block_on(async {
        let (site, token) = strict().await;
        let stranger = site.token(&site.world.person("bob", 2).await).await;
        let flow = site.flow(&token, "UNSUBSCRIBE").await;
        for path in [CAPTCHA.to_owned(), format!("{CAPTCHA}?fId=")] {
            site.get(&token, &path).await.is_refused("Params.Blank", "Params.Blank.FId");
        }
        let twice = format!("{CAPTCHA}?fId={flow}&fId={flow}");
        for (token, path) in [(&token, &twice), (&stranger, &format!("{CAPTCHA}?fId={flow}"))] {
            site.get(token, path).await.is_refused("Params.Illegal", "Params.Illegal.FId");
        }
    });
}

#[test]
fn without_a_verifier_there_is_no_captcha_to_fetch() {
    block_on(async {
        let site = Site::new();
        let token = site.token(&site.world.person("alice", 1).await).await;
        let flow = site.flow(&token, "UNSUBSCRIBE").await;
        let answer = site.get(&token, &format!("{CAPTCHA}?fId={flow}")).await;
        answer.is(404, &refusal("Resource.NotFound", "Resource.NotFound"));
    });
}

#[test]
fn an_image_goes_over_the_wire_as_base64() {
    block_on(async {
        let world = World::new(backend());
        let captcha = Arc::new(ImageCaptcha::new(world.keys.clone(), world.random.clone()));
        let ciam = Ciam::new(world.ports.clone(), Config::default()).unwrap();
        let ciam = Arc::new(ciam.with_issuer(world.tokens.clone()).with_captcha(captcha));
        let site = Site::over(world, ciam, |_| {});
        let token = site.token(&site.world.person("alice", 1).await).await;
        let flow = site.flow(&token, "UNSUBSCRIBE").await;
        let answer = site.get(&token, &format!("{CAPTCHA}?fId={flow}")).await;
        let image = decoded(answer.body["data"]["image"].as_str().unwrap());
        assert!(image.starts_with(b"\x89PNG\r\n\x1a\n"), "{}", answer.text);
    });
}

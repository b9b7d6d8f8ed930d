//! The contract of captchas, kept by one who knows what was drawn; and what the code tells.

use std::sync::Mutex;

use ciam_ports::RandomError;
use ciam_ports::domain::challenge::Purpose;
use ciam_ports::domain::flow::Operation;
use ciam_ports::domain::{FlowKey, TenantId};
use ciam_testkit::block_on;
use ciam_testkit::contract::CaptchaFixture;
use ciam_testkit::fake::{FakeKeys, FakeRandom};

use super::*;

const END: Instant = Instant::from_unix_seconds(1_800_000_300);
const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

/// Chance that remembers the bytes that the last text was drawn from.
#[derive(Default)]
struct Remembering {
    inner: FakeRandom,
    letters: Mutex<Vec<u8>>,
}

impl Random for Remembering {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.inner.fill(bytes)?;
        if bytes.len() == SPARE {
            *self.letters.lock().unwrap() = bytes.to_vec();
        }
        Ok(())
    }
}

struct Table {
    captcha: Arc<ImageCaptcha>,
    keys: Arc<FakeKeys>,
    random: Arc<Remembering>,
}

impl Table {
    fn new() -> Self {
        let (keys, random) = (Arc::new(FakeKeys::default()), Arc::new(Remembering::default()));
        Self { captcha: Arc::new(ImageCaptcha::new(keys.clone(), random.clone())), keys, random }
    }

    fn drawn(&self) -> (CaptchaChallenge, SecretText) {
        let captcha = block_on(self.captcha.draw(&binding(), END)).unwrap().unwrap();
        (captcha, text::draw(&self.random.letters.lock().unwrap()).unwrap())
    }

    fn passes(&self, captcha: &CaptchaChallenge, text: &SecretText) -> bool {
        block_on(self.captcha.verify(&binding(), &captcha.code, text, NOW)).unwrap()
    }
}

fn binding() -> CaptchaBinding {
    let purpose = Purpose::NewAddress(Operation::UpdateEmail);
    CaptchaBinding::flow(TenantId::default(), FlowKey::from_bytes([7; 32]), purpose)
}

fn fixture() -> CaptchaFixture {
    let Table { captcha, keys, random } = Table::new();
    let read = move |_: &CaptchaChallenge| {
        let letters = random.letters.lock().unwrap();
        text::draw(&letters).unwrap().expose().to_owned()
    };
    CaptchaFixture { verifier: captcha, read: Arc::new(read), fail: Arc::new(move || keys.set_broken(true)) }
}

ciam_testkit::captcha_contract!(fixture);

#[test]
fn a_captcha_outlives_its_key_and_passes_on_another_host() {
    let (table, other) = (Table::new(), Table::new());
    let (captcha, text) = table.drawn();
    table.keys.rotate();
    assert!(table.passes(&captcha, &text));
    assert!(other.passes(&captcha, &text), "another host with the same keys");
}

#[test]
fn a_captcha_of_a_key_that_is_gone_does_not_pass() {
    let (table, other) = (Table::new(), Table::new());
    table.keys.rotate();
    let (captcha, text) = table.drawn();
    assert!(table.passes(&captcha, &text) && !other.passes(&captcha, &text));
}

#[test]
fn neither_code_nor_debug_form_tells_the_text() {
    let (captcha, text) = Table::new().drawn();
    let code = captcha.code.expose().to_uppercase();
    assert!(!code.contains(text.expose()) && !code.contains(&hex::encode_upper(text.expose())));
    assert!(!format!("{captcha:?}").contains(text.expose()));
}

#[test]
fn no_captcha_is_drawn_without_chance_or_keys() {
    let table = Table::new();
    table.random.inner.set_broken(true);
    assert!(block_on(table.captcha.draw(&binding(), END)).is_err());
    table.random.inner.set_broken(false);
    table.keys.set_broken(true);
    assert!(block_on(table.captcha.draw(&binding(), END)).is_err());
}

//! The adapters of this build, put together.

use std::path::PathBuf;
use std::sync::Arc;

use ciam::domain::challenge::KeyId;
use ciam::domain::secret::{SecretBytes, SecretText};
use ciam::ports::{DeletionQueue, Random};
use ciam::{Ciam, CorePorts};
use ciam_captcha_image::ImageCaptcha;
use ciam_delivery_file::FileDelivery;
use ciam_gesture_native::NativeGestures;
use ciam_hasher_argon2::Argon2Hasher;
use ciam_passkey_webauthn::WebauthnPasskeys;
use ciam_storage_sqlite::SqliteStore;
use ciam_system_native::{StaticKeys, SystemClock, SystemRandom};
use ciam_tokens_jwt::{JwtIssuer, JwtVerifier, SigningKey, generate_ed25519};

use crate::configuration::{CaptchaKind, Settings, Tokens};
use crate::directory::{DIGEST_KEY, Directory};
use crate::stop::Stop;

/// Where the messages of a data directory are.
pub(crate) fn messages_of(settings: &Settings, directory: &Directory) -> PathBuf {
    settings.delivery.path.clone().unwrap_or_else(|| directory.file("messages.jsonl"))
}

/// The use cases over the adapters of this build.
#[derive(Clone)]
pub(crate) struct Assembly {
    pub(crate) ciam: Arc<Ciam>,
    /// The deleted accounts that are due.
    pub(crate) deletions: Arc<dyn DeletionQueue>,
    /// The public keys of the tokens issued here (RFC 7517, 5).
    pub(crate) jwks: String,
}

/// Opens what is in the data directory and puts the use cases on top of it.
///
/// # Errors
/// [`Stop`] that names what cannot be used.
pub(crate) fn assemble(settings: &Settings, directory: &Directory) -> Result<Assembly, Stop> {
    let clock = Arc::new(SystemClock);
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let path = settings.storage.path.clone().unwrap_or_else(|| directory.file("ciam.db"));
    let store = SqliteStore::open(&path, settings.storage.options())
        .map_err(|error| Stop::failed(path.display(), &error))?;
    let store = Arc::new(store);
    let messages = messages_of(settings, directory);
    let delivery = FileDelivery::open(&messages, clock.clone())
        .map_err(|error| Stop::failed(messages.display(), &error))?;
    let delivery = Arc::new(delivery);
    let hasher = Argon2Hasher::new(settings.hasher.cost()?, settings.hasher.limits(), random.clone())
        .map_err(|error| Stop::failed("hasher", &error))?;
    let (issuer, verifier) = tokens(&settings.tokens, directory, random.clone())?;
    let jwks = verifier.jwks();
    let keys = Arc::new(digest_keys(directory)?);
    let captcha = ImageCaptcha::new(keys.clone(), random.clone());
    let ports = CorePorts {
        store: store.clone(),
        outbox: store.clone(),
        hasher: Arc::new(hasher),
        otp: delivery.clone(),
        notices: delivery,
        tokens: Arc::new(verifier),
        keys,
        clock,
        random,
    };
    let ciam = Ciam::new(ports, settings.core()?)
        .map_err(|error| Stop::Unusable(format!("configuration: {error}")))?;
    let ciam = ciam.with_issuer(Arc::new(issuer)).with_login_history(store.clone());
    let ciam = match settings.captcha.kind.0 {
        CaptchaKind::None => ciam,
        CaptchaKind::Image => ciam.with_captcha(Arc::new(captcha)),
    };
    let ciam = ciam.with_audit_trail(store.clone()).with_social_sources(store.clone());
    let ciam = ciam.with_directory(store.clone()).with_consents(store.clone());
    #[cfg(feature = "full")]
    let ciam = crate::social::providers(&settings.social)?.offered_by(ciam)?;
    let ciam = ciam.with_gestures(Arc::new(NativeGestures::new()));
    let ciam = match settings.passkeys.party()? {
        Some(party) => ciam.with_passkeys(Arc::new(WebauthnPasskeys::new()), party),
        None => ciam,
    };
    let ciam = ciam.with_attribute_schemas(store.clone());
    Ok(Assembly { ciam: Arc::new(ciam), deletions: store, jwks })
}

fn tokens(
    settings: &Tokens,
    directory: &Directory,
    random: Arc<dyn Random>,
) -> Result<(JwtIssuer, JwtVerifier), Stop> {
    let name = "signing-key.pem";
    let pem = directory.keep_once(name, || generate_ed25519(&SystemRandom))?;
    let key = SigningKey::from_pem(pem.expose()).map_err(|error| Stop::failed(name, &error))?;
    let verifier = settings.verifier(vec![key.verifying_key()])?;
    Ok((JwtIssuer::new(&settings.issuer, &settings.audience, key, random), verifier))
}

fn digest_keys(directory: &Directory) -> Result<StaticKeys, Stop> {
    let name = DIGEST_KEY;
    let text = directory.keep_once(name, || {
        let mut bytes = [0; 32];
        SystemRandom.fill(&mut bytes)?;
        Ok(SecretText::new(hex::encode(bytes)))
    })?;
    let bytes = hex::decode(text.expose().trim())
        .map_err(|_| Stop::Refused(format!("{name} holds something else than a key in hexadecimal")))?;
    StaticKeys::new(KeyId::new(name), SecretBytes::new(bytes)).map_err(|error| Stop::failed(name, &error))
}

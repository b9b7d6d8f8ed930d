//! Every port of the world, passed on to unless it is the one that goes wrong.

use std::sync::Arc;

use async_trait::async_trait;
use ciam::domain::Instant;
use ciam::domain::captcha::CaptchaBinding;
use ciam::domain::challenge::{DigestKey, KeyId};
use ciam::domain::gesture::DeviceKey;
use ciam::domain::passkey::{PasskeyFlaw, UserVerification};
use ciam::domain::password::{Password, PasswordHash};
use ciam::domain::secret::SecretText;
use ciam::domain::user::Passkey;
use ciam::ports::{
    AttributeSchemaStore, BreachCheck, BreachError, CaptchaChallenge, CaptchaError, CaptchaVerifier,
    DeliveryError, GestureError, GestureVerifier, HasherError, Keys, KeysError, LoginHistoryStore,
    NewPasskey, NoticeMessage, NoticeSender, OtpMessage, OtpSender, PasskeyAnswer, PasskeyError,
    PasskeyQuestion, PasskeyVerifier, PasswordHasher, PasswordMatch, PersonalExtract, PersonalRecords,
    PresentedGesture, PresentedPasskey, Random, RandomError, SignedPasskey, TokenClaims, TokenError,
    TokenGrant, TokenIssuer, TokenVerifier, UserDirectory,
};
use ciam::{Ciam, CorePorts};

use super::Faults;
use crate::fake::FakePasskeys;
use crate::world::World;

/// A port through which faults come.
pub(super) struct Faulty<P: ?Sized> {
    pub(super) inner: Arc<P>,
    pub(super) faults: Faults,
}

impl Faults {
    pub(super) fn over<P: ?Sized>(&self, inner: Arc<P>) -> Arc<Faulty<P>> {
        Arc::new(Faulty { inner, faults: self.clone() })
    }

    /// The same world as a host with faulty ports sees it.
    pub(super) fn host(&self, world: &World) -> World {
        let CorePorts { store, outbox, hasher, otp, notices, tokens, keys, clock, random } =
            world.ports.clone();
        let ports = CorePorts {
            store: self.over(store),
            outbox: self.over(outbox),
            hasher: self.over(hasher),
            otp: self.over(otp),
            notices: self.over(notices),
            tokens: self.over(tokens),
            keys: self.over(keys),
            clock,
            random: self.over(random),
        };
        let ciam = Ciam::new(ports, world.ciam.config().clone()).unwrap();
        let issuer = self.over::<dyn TokenIssuer>(world.tokens.clone());
        let logins = self.over::<dyn LoginHistoryStore>(world.logins.clone());
        let schemas = self.over::<dyn AttributeSchemaStore>(world.backend.schemas.clone());
        let captcha = self.over::<dyn CaptchaVerifier>(world.captcha.clone());
        let trail = self.over(world.backend.audit.clone());
        let directory = self.over::<dyn UserDirectory>(world.directory.clone());
        let ciam = ciam.with_audit_trail(trail).with_directory(directory);
        let ciam = ciam.with_gestures(self.over::<dyn GestureVerifier>(world.gestures.clone()));
        let passkeys = self.over::<dyn PasskeyVerifier>(world.passkeys.clone());
        let ciam = ciam.with_passkeys(passkeys, FakePasskeys::party(UserVerification::Required));
        let personal = self.over::<dyn PersonalRecords>(world.personal.clone());
        let ciam = ciam.with_issuer(issuer).with_login_history(logins).with_captcha(captcha);
        let ciam = self.elsewhere(ciam, world).with_attribute_schemas(schemas);
        let extract = self.over::<dyn PersonalExtract>(world.personal.clone());
        let ciam = ciam.with_personal_records("rows", personal).with_personal_extract("rows", extract);
        let ciam = ciam.with_consents(self.over(world.backend.consents.clone()));
        world.hosted_by(ciam.with_breach_check(self.over(Arc::new(NoneBreached))))
    }
}

/// A corpus without any password.
pub(super) struct NoneBreached;

#[async_trait]
impl BreachCheck for NoneBreached {
    async fn is_breached(&self, _: &Password) -> Result<bool, BreachError> {
        Ok(false)
    }
}

#[async_trait]
impl<P: BreachCheck + ?Sized> BreachCheck for Faulty<P> {
    async fn is_breached(&self, password: &Password) -> Result<bool, BreachError> {
        self.faults.pass("breach.is_breached", self.inner.is_breached(password), BreachError).await
    }
}

#[async_trait]
impl PasswordHasher for Faulty<dyn PasswordHasher> {
    async fn hash(&self, password: &Password) -> Result<PasswordHash, HasherError> {
        self.faults.pass("hasher.hash", self.inner.hash(password), HasherError::Failed).await
    }

    async fn verify(&self, password: &Password, hash: &PasswordHash) -> Result<PasswordMatch, HasherError> {
        self.faults.pass("hasher.verify", self.inner.verify(password, hash), HasherError::Failed).await
    }

    async fn verify_nothing(&self, password: &Password) -> Result<(), HasherError> {
        let work = self.inner.verify_nothing(password);
        self.faults.pass("hasher.verify_nothing", work, HasherError::Failed).await
    }
}

#[async_trait]
impl OtpSender for Faulty<dyn OtpSender> {
    async fn send(&self, message: OtpMessage) -> Result<(), DeliveryError> {
        self.faults.pass("otp.send", self.inner.send(message), DeliveryError::Unavailable).await
    }
}

#[async_trait]
impl NoticeSender for Faulty<dyn NoticeSender> {
    async fn send(&self, message: NoticeMessage) -> Result<(), DeliveryError> {
        self.faults.pass("notices.send", self.inner.send(message), DeliveryError::Unavailable).await
    }
}

#[async_trait]
impl TokenVerifier for Faulty<dyn TokenVerifier> {
    async fn verify(&self, token: &SecretText, now: Instant) -> Result<TokenClaims, TokenError> {
        self.faults.pass("tokens.verify", self.inner.verify(token, now), TokenError::Unavailable).await
    }
}

#[async_trait]
impl TokenIssuer for Faulty<dyn TokenIssuer> {
    async fn issue(&self, grant: &TokenGrant) -> Result<SecretText, TokenError> {
        self.faults.pass("issuer.issue", self.inner.issue(grant), TokenError::Unavailable).await
    }
}

#[async_trait]
impl CaptchaVerifier for Faulty<dyn CaptchaVerifier> {
    async fn draw(
        &self,
        binding: &CaptchaBinding,
        expires_at: Instant,
    ) -> Result<Option<CaptchaChallenge>, CaptchaError> {
        self.faults.pass("captcha.draw", self.inner.draw(binding, expires_at), CaptchaError).await
    }

    async fn verify(
        &self,
        binding: &CaptchaBinding,
        code: &SecretText,
        text: &SecretText,
        now: Instant,
    ) -> Result<bool, CaptchaError> {
        let work = self.inner.verify(binding, code, text, now);
        self.faults.pass("captcha.verify", work, CaptchaError).await
    }
}

#[async_trait]
impl GestureVerifier for Faulty<dyn GestureVerifier> {
    fn read(&self, sign: &SecretText) -> Option<PresentedGesture> {
        self.inner.read(sign)
    }

    fn accepts(&self, key: &DeviceKey) -> bool {
        self.inner.accepts(key)
    }

    async fn verify(&self, sign: &SecretText, key: &DeviceKey) -> Result<Option<String>, GestureError> {
        self.faults.pass("gestures.verify", self.inner.verify(sign, key), GestureError).await
    }

    async fn verify_nothing(&self, sign: &SecretText) -> Result<(), GestureError> {
        self.faults.pass("gestures.verify_nothing", self.inner.verify_nothing(sign), GestureError).await
    }
}

#[async_trait]
impl PasskeyVerifier for Faulty<dyn PasskeyVerifier> {
    fn read(&self, answer: &PasskeyAnswer) -> Option<PresentedPasskey> {
        self.inner.read(answer)
    }

    fn algorithms(&self) -> Vec<i32> {
        self.inner.algorithms()
    }

    async fn verify_new<'a>(
        &self,
        question: PasskeyQuestion<'a>,
        answer: &PasskeyAnswer,
    ) -> Result<Result<NewPasskey, PasskeyFlaw>, PasskeyError> {
        let work = self.inner.verify_new(question, answer);
        self.faults.pass("passkeys.verify_new", work, PasskeyError).await
    }

    async fn verify<'a>(
        &self,
        question: PasskeyQuestion<'a>,
        passkey: &Passkey,
        answer: &PasskeyAnswer,
    ) -> Result<Result<SignedPasskey, PasskeyFlaw>, PasskeyError> {
        let work = self.inner.verify(question, passkey, answer);
        self.faults.pass("passkeys.verify", work, PasskeyError).await
    }

    async fn verify_nothing(&self, answer: &PasskeyAnswer) -> Result<(), PasskeyError> {
        self.faults.pass("passkeys.verify_nothing", self.inner.verify_nothing(answer), PasskeyError).await
    }
}

#[async_trait]
impl Keys for Faulty<dyn Keys> {
    async fn current(&self) -> Result<Arc<DigestKey>, KeysError> {
        self.faults.pass("keys.current", self.inner.current(), KeysError).await
    }

    async fn by_id(&self, id: &KeyId) -> Result<Option<Arc<DigestKey>>, KeysError> {
        self.faults.pass("keys.by_id", self.inner.by_id(id), KeysError).await
    }

    async fn all(&self) -> Result<Vec<Arc<DigestKey>>, KeysError> {
        self.faults.pass("keys.all", self.inner.all(), KeysError).await
    }
}

impl Random for Faulty<dyn Random> {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        self.faults.pass_now("random.fill", || self.inner.fill(bytes), RandomError)
    }
}

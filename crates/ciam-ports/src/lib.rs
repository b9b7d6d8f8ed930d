//! What ciam needs from the world: the traits that adapters implement, and their errors.
//!
//! Every `MUST` in a port's documentation is a case of the same name in `ciam-testkit`.

/// The cause of a failure, kept for logs and never shown to a client.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

pub mod attribute_schema;
pub mod breach;
pub mod captcha;
pub mod clock;
pub mod consent;
pub mod deletion;
pub mod delivery;
pub mod directory;
pub mod extract;
pub mod flow_store;
pub mod gesture;
pub mod http;
pub mod keys;
pub mod login_history;
pub mod outbox;
pub mod passkey;
pub mod password_hasher;
pub mod personal_records;
pub mod random;
pub mod social;
mod split_store;
pub mod store;
pub mod token;
pub mod user_store;

pub use ciam_domain as domain;

pub use attribute_schema::AttributeSchemaStore;
pub use breach::{BreachCheck, BreachError};
pub use captcha::{CaptchaChallenge, CaptchaError, CaptchaVerifier};
pub use clock::Clock;
pub use consent::{ConsentCommit, ConsentErasure, ConsentStore, TermsCommit, TermsWrite, VersionFilter};
pub use deletion::{Claim, DeletionQueue};
pub use delivery::{DeliveryError, NoticeMessage, NoticeSender, OtpMessage, OtpSender};
pub use directory::{DirectoryPage, DirectoryQuery, UserDirectory};
pub use extract::PersonalExtract;
pub use flow_store::FlowStore;
pub use gesture::{GestureError, GestureVerifier, PresentedGesture};
pub use http::{HttpClient, HttpError, HttpMethod, HttpReply, HttpRequest};
pub use keys::{Keys, KeysError};
pub use login_history::{LoginCursor, LoginHistoryStore, LoginQuery};
pub use outbox::{
    AuditCursor, AuditOutcome, AuditPage, AuditQuery, AuditTrail, DueNotice, Outbox, Settlement,
};
pub use passkey::{
    NewPasskey, PasskeyAnswer, PasskeyError, PasskeyQuestion, PasskeyVerifier, PresentedPasskey,
    SignedPasskey,
};
pub use password_hasher::{HasherError, PasswordHasher, PasswordMatch};
pub use personal_records::{Erased, PersonalRecords};
pub use random::{Random, RandomError};
pub use social::{
    SocialError, SocialIdentity, SocialProof, SocialSourceStore, SocialVerifier, SourceSecrets,
};
pub use split_store::SplitStore;
pub use store::{Charge, Charged, Commit, Handle, Loaded, StepQuery, Store, StoreError};
pub use token::{TokenClaims, TokenError, TokenGrant, TokenIssuer, TokenOrigin, TokenVerifier};
pub use user_store::UserStore;

/// Mocks of every port, for hosts that test their own code.
#[cfg(feature = "mock")]
pub mod mock {
    pub use crate::attribute_schema::MockAttributeSchemaStore;
    pub use crate::breach::MockBreachCheck;
    pub use crate::captcha::MockCaptchaVerifier;
    pub use crate::clock::MockClock;
    pub use crate::consent::MockConsentStore;
    pub use crate::deletion::MockDeletionQueue;
    pub use crate::delivery::{MockNoticeSender, MockOtpSender};
    pub use crate::directory::MockUserDirectory;
    pub use crate::extract::MockPersonalExtract;
    pub use crate::flow_store::MockFlowStore;
    pub use crate::gesture::MockGestureVerifier;
    pub use crate::http::MockHttpClient;
    pub use crate::keys::MockKeys;
    pub use crate::login_history::MockLoginHistoryStore;
    pub use crate::outbox::{MockAuditTrail, MockOutbox};
    pub use crate::passkey::MockPasskeyVerifier;
    pub use crate::password_hasher::MockPasswordHasher;
    pub use crate::personal_records::MockPersonalRecords;
    pub use crate::random::MockRandom;
    pub use crate::social::{MockSocialSourceStore, MockSocialVerifier};
    pub use crate::store::MockStore;
    pub use crate::token::{MockTokenIssuer, MockTokenVerifier};
    pub use crate::user_store::MockUserStore;
}

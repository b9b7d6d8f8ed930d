//! Account security for consumer products, as a library.
//!
//! A signed-in person changes password, phone or e-mail address, or deletes the account, and whoever merely
//! holds their token does not. The way is always the same: check the operation, prove a second factor, act.
//! The host brings the world as ports ([`CorePorts`]) and mounts whichever transport it needs.
//!
//! One file is one use case: load, let the domain decide, commit, send.

mod administration;
mod attempt;
mod attribute_schema;
mod audit;
mod authority;
mod bind_gesture;
mod bind_social;
mod captcha;
mod change_contact;
mod change_password;
mod code;
mod config;
mod consent_evidence;
mod consents;
mod core_ports;
mod delete_account;
mod directory;
mod end_other_sessions;
mod error;
mod flow_cancel;
mod gesture_challenge;
mod handle;
mod limits;
mod login_history;
mod notices;
mod one_shot;
mod operation_check;
mod own_sessions;
mod passkey_challenge;
mod passkey_factor;
mod passkeys;
mod personal_export;
mod presented_code;
mod principal;
mod profile;
mod purge;
mod purge_report;
mod readiness;
mod recover_password;
mod recovery_codes;
mod refresh_session;
mod requirements;
mod restore_account;
mod revert_contact;
mod second_factor;
mod sessions;
mod sign_in;
mod sign_in_code;
mod sign_in_factor;
mod sign_in_gesture;
mod sign_in_limits;
mod sign_in_passkey;
mod sign_in_social;
mod signed_out;
mod social;
mod social_sources;
mod step;
mod terms;
mod token_check;
mod tombstones;
mod totp;
mod unbind_social;
mod update_profile;
mod users;

pub use authority::{ADMIN_SCOPE, Authority};
pub use bind_gesture::{NewDevice, OwnDevice};
pub use captcha::{CaptchaAnswer, CaptchaPolicy};
pub use change_contact::{ContactCodeRequest, NewContact};
pub use ciam_domain as domain;
pub use ciam_ports as ports;
pub use code::Wording;
pub use config::{
    ActingSession, Config, ConfigError, ContactPolicy, DeletionPolicy, PhonePolicy, SessionPolicy,
};
pub use consents::{AgreementReport, ConsentPolicy, OwnConsent};
pub use core_ports::CorePorts;
pub use directory::{ListedUser, USER_PAGE, UserPage};
pub use end_other_sessions::FRESH_SIGN_IN;
pub use error::{Error, Failure};
pub use gesture_challenge::GestureChallenge;
pub use limits::{AttemptLimits, SendLimits};
pub use login_history::{LOGIN_PAGE, LoginHistoryPolicy, LoginPage, LoginReport};
pub use notices::Relayed;
pub use one_shot::Proven;
pub use operation_check::CheckedOperation;
pub use own_sessions::OwnSession;
pub use passkeys::{KnownPasskey, OwnPasskey, PASSKEY_TIME, PasskeyCreation, PasskeyRequest};
pub use principal::Principal;
pub use profile::{ProfileView, UNMASKED_SCOPE};
pub use purge_report::{PurgeOutcome, PurgeReport, PurgeStep, Purged};
pub use recover_password::PasswordSet;
pub use refresh_session::Tokens;
pub use requirements::{MethodOffer, Requirements};
pub use second_factor::FactorCodeRequest;
pub use sessions::{IssuedToken, TokenRequest};
pub use sign_in::{SignInRequest, SignedIn};
pub use sign_in_factor::SignedOutStep;
pub use sign_in_limits::{LockPolicy, SignInPolicy};
pub use social_sources::{HostedSource, MOST_SOURCES, SocialBinding};
pub use terms::{CurrentTerms, MOST_TERMS, NewDocument, NewVersion, Period};
pub use totp::{TOTP_ENROLMENT, TotpEnrolment, TotpPolicy};
pub use users::NewUser;

use std::sync::Arc;

use ciam_domain::flow::Method;
use ciam_domain::passkey::RelyingParty;
use ciam_ports::{
    AttributeSchemaStore, AuditTrail, BreachCheck, CaptchaVerifier, ConsentStore, GestureVerifier,
    LoginHistoryStore, PasskeyVerifier, PersonalExtract, PersonalRecords, TokenIssuer, UserDirectory,
};

/// The use cases, over the ports and the configuration of a host. Cheap to share behind an `Arc`.
pub struct Ciam {
    ports: CorePorts,
    breach: Option<Arc<dyn BreachCheck>>,
    issuer: Option<Arc<dyn TokenIssuer>>,
    login_history: Option<Arc<dyn LoginHistoryStore>>,
    consents: Option<Arc<dyn ConsentStore>>,
    personal: Vec<(Arc<str>, Arc<dyn PersonalRecords>)>,
    extracts: Vec<(Arc<str>, Arc<dyn PersonalExtract>)>,
    captcha: Option<Arc<dyn CaptchaVerifier>>,
    gestures: Option<Arc<dyn GestureVerifier>>,
    passkeys: Option<passkeys::Offer>,
    passkeys_in_use: bool,
    audit_trail: Option<Arc<dyn AuditTrail>>,
    social: social::Social,
    directory: Option<Arc<dyn UserDirectory>>,
    schemas: Option<Arc<dyn AttributeSchemaStore>>,
    config: Config,
}

impl Ciam {
    /// Puts ports and configuration together. Does no I/O.
    ///
    /// # Errors
    /// [`ConfigError`] for the first setting that is out of its range.
    pub fn new(ports: CorePorts, mut config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        // Nobody is asked for what nobody verifies: they come back with the verifier.
        let passkeys_in_use = config.flow.methods.contains(Method::Passkey);
        config.flow.methods = config.flow.methods.without(Method::Passkey);
        Ok(Self {
            ports,
            breach: None,
            issuer: None,
            login_history: None,
            consents: None,
            personal: Vec::new(),
            extracts: Vec::new(),
            captcha: None,
            gestures: None,
            passkeys: None,
            passkeys_in_use,
            audit_trail: None,
            social: social::Social::default(),
            directory: None,
            schemas: None,
            config,
        })
    }

    /// Asks a corpus of breached passwords whenever a password is set or changed.
    #[must_use]
    pub fn with_breach_check(mut self, breach: Arc<dyn BreachCheck>) -> Self {
        self.breach = Some(breach);
        self
    }

    /// Lets the host issue access tokens of its own.
    #[must_use]
    pub fn with_issuer(mut self, issuer: Arc<dyn TokenIssuer>) -> Self {
        self.issuer = Some(issuer);
        self
    }

    /// Keeps a login history: a sign-in that cannot be recorded there fails.
    #[must_use]
    pub fn with_login_history(mut self, history: Arc<dyn LoginHistoryStore>) -> Self {
        self.login_history = Some(history);
        self
    }

    /// Erases what is kept of a person elsewhere together with the account: a table of the host, a history. As many
    /// as there are, in the order in which they are given; the name stands in reports.
    #[must_use]
    pub fn with_personal_records(
        mut self,
        name: impl Into<Arc<str>>,
        data: Arc<dyn PersonalRecords>,
    ) -> Self {
        self.personal.push((name.into(), data));
        self
    }

    /// Keeps terms and who agreed to them.
    #[must_use]
    pub fn with_consents(mut self, consents: Arc<dyn ConsentStore>) -> Self {
        self.consents = Some(consents);
        self
    }

    /// Tells what is kept of a person elsewhere together with the account. As many as there are; the name stands in
    /// the document, and of two with one name the last counts.
    #[must_use]
    pub fn with_personal_extract(
        mut self,
        name: impl Into<Arc<str>>,
        extract: Arc<dyn PersonalExtract>,
    ) -> Self {
        self.extracts.push((name.into(), extract));
        self
    }

    /// Demands captchas where much was sent or tried lately; without a verifier none is ever demanded.
    #[must_use]
    pub fn with_captcha(mut self, captcha: Arc<dyn CaptchaVerifier>) -> Self {
        self.captcha = Some(captcha);
        self
    }

    /// Lets people bind devices and sign in by gesture on them.
    #[must_use]
    pub fn with_gestures(mut self, gestures: Arc<dyn GestureVerifier>) -> Self {
        self.gestures = Some(gestures);
        self
    }

    /// Lets people make passkeys for this relying party, prove themselves and sign in by them. Without it none is ever asked
    /// for, whatever `flow.methods` says.
    #[must_use]
    pub fn with_passkeys(mut self, verifier: Arc<dyn PasskeyVerifier>, party: RelyingParty) -> Self {
        self.passkeys = Some(passkeys::Offer { verifier, party });
        if self.passkeys_in_use {
            let methods = self.config.flow.methods.iter().chain([Method::Passkey]);
            self.config.flow.methods = methods.collect();
        }
        self
    }

    /// Lets the host and its administrators read the audit trail.
    #[must_use]
    pub fn with_audit_trail(mut self, trail: Arc<dyn AuditTrail>) -> Self {
        self.audit_trail = Some(trail);
        self
    }

    /// Lets the host and its administrators list the accounts.
    #[must_use]
    pub fn with_directory(mut self, directory: Arc<dyn UserDirectory>) -> Self {
        self.directory = Some(directory);
        self
    }

    /// Lets each tenant define attributes; without a store everybody has the base attributes alone.
    #[must_use]
    pub fn with_attribute_schemas(mut self, schemas: Arc<dyn AttributeSchemaStore>) -> Self {
        self.schemas = Some(schemas);
        self
    }

    /// The configuration in force.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }
}

impl std::fmt::Debug for Ciam {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ciam").field("config", &self.config).finish_non_exhaustive()
    }
}

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

//! The passkeys of a person: begun, confirmed by their authenticator, listed, removed.

use std::sync::Arc;
use std::time::Duration;

use ciam_domain::Instant;
use ciam_domain::audit::Action;
use ciam_domain::flow::Operation;
use ciam_domain::flow::method::Authenticator;
use ciam_domain::passkey::{
    Backup, CredentialId, PasskeyName, RelyingParty, Transport, UserHandle, UserVerification,
};
use ciam_domain::profile::StandardAttribute;
use ciam_domain::rate::{RateKey, RateScope};
use ciam_domain::refusal::{CredentialRefusal, PasskeyRefusal};
use ciam_domain::user::{Passkey, PendingPasskey, User};
use ciam_ports::store::{FlowWrite, UniqueField, UserWrite};
use ciam_ports::{Commit, NewPasskey, PasskeyAnswer, PasskeyQuestion, PasskeyVerifier, StoreError};

use crate::audit::Deed;
use crate::one_shot::Grounds;
use crate::principal::half_way;
use crate::totp::account_of;
use crate::{Ciam, Error, Failure, Principal, Proven, step};

/// How long a passkey that was begun may be confirmed, and a challenge be answered: 5 minutes (`WebAuthn` Level 3, 15.1).
pub const PASSKEY_TIME: Duration = Duration::from_mins(5);

/// What passkeys need.
pub(crate) struct Offer {
    pub(crate) verifier: Arc<dyn PasskeyVerifier>,
    pub(crate) party: RelyingParty,
}

/// A passkey that a client may use, or must not make again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPasskey {
    /// Its id.
    pub id: CredentialId,
    /// How clients reach its authenticator.
    pub transports: Vec<Transport>,
}

impl From<&Passkey> for KnownPasskey {
    fn from(passkey: &Passkey) -> Self {
        Self { id: passkey.id.clone(), transports: passkey.transports.clone() }
    }
}

/// What a client is to make a passkey by (`PublicKeyCredentialCreationOptions`, `WebAuthn` Level 3, 5.4). It shall be one
/// that its authenticator finds by itself, and nothing is asked about the authenticator.
#[derive(Debug)]
#[non_exhaustive]
pub struct PasskeyCreation {
    /// What it is for.
    pub party: RelyingParty,
    /// What the authenticator shall know the person by.
    pub handle: UserHandle,
    /// How authenticators name the account.
    pub account: String,
    /// How they name the person.
    pub person: String,
    /// What it is to sign.
    pub challenge: Vec<u8>,
    /// The algorithms that are verified, those to be preferred first (COSE).
    pub algorithms: Vec<i32>,
    /// The passkeys that are there already.
    pub known: Vec<KnownPasskey>,
    /// The moment from which it cannot be confirmed any more.
    pub until: Instant,
}

/// What a client is to sign by a passkey (`PublicKeyCredentialRequestOptions`, `WebAuthn` Level 3, 5.5).
#[derive(Debug)]
#[non_exhaustive]
pub struct PasskeyRequest {
    /// What the passkey is for.
    pub party: RelyingParty,
    /// What it is to sign.
    pub challenge: Vec<u8>,
    /// Those that count; none: whichever the person chooses.
    pub known: Vec<KnownPasskey>,
    /// From when no answer counts any more.
    pub until: Instant,
}

/// A passkey as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnPasskey {
    /// Its id.
    pub id: CredentialId,
    /// What its owner calls it.
    pub name: PasskeyName,
    /// When it was made.
    pub created_at: Instant,
    /// When it last proved its owner.
    pub used_at: Option<Instant>,
    /// Whether it lives on one device alone.
    pub backup: Backup,
}

impl From<&Passkey> for OwnPasskey {
    fn from(passkey: &Passkey) -> Self {
        let Passkey { id, key: _, sign_count: _, name, created_at, used_at, backup, transports: _ } = passkey;
        let (id, name) = (id.clone(), name.clone());
        Self { id, name, created_at: *created_at, used_at: *used_at, backup: *backup }
    }
}

impl Ciam {
    /// Begins a passkey. Nothing is proven by it before [`Ciam::confirm_passkey`] was given the authenticator's answer in
    /// the same session; one that was begun before is given up.
    ///
    /// # Errors
    /// [`PasskeyRefusal::TooMany`]; what the proof is refused with:
    /// [`ciam_domain::refusal::FlowRefusal::Unknown`], [`ciam_domain::refusal::AccessRefusal::StaleAuthentication`], a
    /// [`ciam_domain::refusal::FactorRefusal`]; another access refusal; a failure of a port, and [`Failure::NotOffered`]
    /// without a verifier.
    pub async fn begin_passkey(&self, who: &Principal, proven: Proven<'_>) -> Result<PasskeyCreation, Error> {
        self.passkeys()?;
        let grounds = self.grounds(who, Operation::BindPasskey, proven).await?;
        let deed = Deed::new(who, Action::BeginPasskey, self.ports.clock.now()).in_flow(grounds.flow());
        step::persist!(self.try_to_begin_passkey(&deed, grounds))
    }

    async fn try_to_begin_passkey(
        &self,
        deed: &Deed<'_>,
        grounds: Grounds,
    ) -> Result<PasskeyCreation, Error> {
        let Offer { verifier, party } = self.passkeys()?;
        let loaded = self.spend(deed, grounds, Operation::BindPasskey).await?;
        let session = self.sensitive(deed).await?.clone();
        if let Err(refusal) = loaded.user.may_add_passkey() {
            return Err(self.refuse(deed, refusal).await);
        }
        let mut bits = [[0; 32]; 2];
        self.ports.random.fill(bits.as_flattened_mut())?;
        let [challenge, handle] = bits;
        let until = deed.now.after(PASSKEY_TIME);
        let mut user = User::clone(&loaded.user);
        let expected = user.version;
        user.version = expected.next();
        let handle = *user.passkeys.handle.get_or_insert(UserHandle::from_random(handle));
        user.passkeys.pending = Some(PendingPasskey { challenge, session, until });
        let creation = PasskeyCreation {
            party: party.clone(),
            handle,
            account: account_of(&user),
            person: person_of(&user),
            challenge: challenge.to_vec(),
            algorithms: verifier.algorithms(),
            known: user.passkeys.held.iter().map(KnownPasskey::from).collect(),
            until,
        };
        let user = UserWrite::Replace { expected, user: Box::new(user) };
        let flow = FlowWrite::Remove(grounds.flow());
        self.write(deed, Commit { user, flow, ..step::commit(deed) }).await?;
        Ok(creation)
    }

    /// Puts the passkey in place that was begun in this session, by the answer of its authenticator. Every other session,
    /// flow and code of the person is dead in the same write, and each verified address is told.
    ///
    /// # Errors
    /// A [`PasskeyRefusal`]; [`ciam_domain::refusal::RateRefusal::TooManyAttempts`]; an access refusal; a failure of a
    /// port, and [`Failure::NotOffered`] without a verifier.
    pub async fn confirm_passkey(
        &self,
        who: &Principal,
        name: &str,
        answer: &PasskeyAnswer,
    ) -> Result<(), Error> {
        self.passkeys()?;
        let deed = Deed::new(who, Action::BindPasskey, self.ports.clock.now());
        let mut paid = false;
        step::persist!(self.try_to_confirm_passkey(&deed, &mut paid, (name, answer)))
    }

    async fn try_to_confirm_passkey(
        &self,
        deed: &Deed<'_>,
        paid: &mut bool,
        (name, answer): (&str, &PasskeyAnswer),
    ) -> Result<(), Error> {
        let loaded = self.acting(deed).await?;
        let session = self.sensitive(deed).await?;
        let Some(pending) = loaded.user.passkeys.pending(session, deed.now) else {
            return Err(self.refuse(deed, PasskeyRefusal::NotBegun).await);
        };
        let Some(name) = PasskeyName::parse(name) else {
            return Err(self.refuse(deed, PasskeyRefusal::MalformedName).await);
        };
        if !std::mem::replace(paid, true) {
            self.pay_without_flow(deed, Authenticator::Passkey).await?;
        }
        let Offer { verifier, party } = self.passkeys()?;
        let question = PasskeyQuestion { party, challenge: &pending.challenge };
        let made = match verifier.verify_new(question, answer).await.map_err(Failure::from)? {
            Ok(made) => passkey_of(made, name, deed.now),
            Err(flaw) => {
                return Err(self.refuse(&deed.saying(flaw.as_str()), PasskeyRefusal::Rejected).await);
            }
        };
        let mut user = User::clone(&loaded.user);
        if let Err(refusal) = user.add_passkey(made) {
            return Err(self.refuse(deed, refusal).await);
        }
        let commit = self.rebound(deed, &loaded, user, Operation::BindPasskey)?;
        match self.write(deed, Commit { cleared: self.passkey_counts(deed.who), ..commit }).await {
            Err(Error::Failed(Failure::Store(StoreError::Conflict { field: UniqueField::Passkey }))) => {
                Err(self.refuse(deed, PasskeyRefusal::Taken).await)
            }
            written => written,
        }
    }

    /// Removes a passkey. Every other session, flow and code of the person is dead in the same write, and each verified
    /// address is told.
    ///
    /// # Errors
    /// [`PasskeyRefusal::Unknown`]; [`CredentialRefusal::Last`] where the person could not sign in any more; what the proof
    /// is refused with, as of [`Ciam::begin_passkey`]; a failure of a port.
    pub async fn remove_passkey(
        &self,
        who: &Principal,
        proven: Proven<'_>,
        id: &CredentialId,
    ) -> Result<(), Error> {
        let grounds = self.grounds(who, Operation::UnbindPasskey, proven).await?;
        let deed = Deed::new(who, Action::UnbindPasskey, self.ports.clock.now()).in_flow(grounds.flow());
        step::persist!(self.try_to_remove_passkey(&deed, grounds, id))
    }

    async fn try_to_remove_passkey(
        &self,
        deed: &Deed<'_>,
        grounds: Grounds,
        id: &CredentialId,
    ) -> Result<(), Error> {
        let loaded = self.spend(deed, grounds, Operation::UnbindPasskey).await?;
        let mut user = User::clone(&loaded.user);
        if let Err(refusal) = user.remove_passkey(id) {
            return Err(self.refuse(deed, refusal).await);
        }
        if !self.still_gets_in(&user).await? {
            return Err(self.refuse(deed, CredentialRefusal::Last).await);
        }
        let commit = self.rebound(deed, &loaded, user, Operation::UnbindPasskey)?;
        self.write(deed, Commit { cleared: self.passkey_counts(deed.who), ..commit }).await
    }

    /// Lists the passkeys of the person, those made first before the others.
    ///
    /// # Errors
    /// An access refusal, or a failure of the store.
    pub async fn own_passkeys(&self, who: &Principal) -> Result<Vec<OwnPasskey>, Error> {
        let deed = Deed::new(who, Action::ListPasskeys, self.ports.clock.now());
        let loaded = self.acting(&deed).await?;
        Ok(loaded.user.passkeys.held.iter().map(OwnPasskey::from).collect())
    }

    pub(crate) fn passkeys(&self) -> Result<&Offer, Error> {
        self.passkeys.as_ref().ok_or_else(|| Failure::NotOffered.into())
    }

    /// The row of rejected answers ends with a change of the passkeys, wherever they were tried.
    fn passkey_counts(&self, who: &Principal) -> Vec<RateKey> {
        let mut counts = self.counts_of(Authenticator::Passkey, who);
        counts.push(half_way(who.user()).within(RateScope::Passkey));
        counts
    }
}

fn passkey_of(made: NewPasskey, name: PasskeyName, now: Instant) -> Passkey {
    let NewPasskey { id, key, sign_count, backup, transports } = made;
    Passkey { id, key, sign_count, name, created_at: now, used_at: None, backup, transports }
}

/// How an authenticator names the person: by the name that they go by, else as their account.
fn person_of(user: &User) -> String {
    let names = [StandardAttribute::Nickname, StandardAttribute::FullName];
    let name = names.into_iter().find_map(|name| user.profile.text(name));
    name.map_or_else(|| account_of(user), str::to_owned)
}

impl PasskeyRequest {
    /// Whether the person must be verified.
    #[must_use]
    pub const fn verification(&self) -> UserVerification {
        self.party.verification()
    }
}

//! The devices that a person signs in from by gesture: made known, bound, seen and forgotten.

use ciam_domain::audit::{Action, Outcome};
use ciam_domain::flow::{Event, Operation};
use ciam_domain::gesture::{DeviceKey, GestureAction, GestureAlgorithm, GestureBinding};
use ciam_domain::refusal::{CredentialRefusal, GestureRefusal};
use ciam_domain::secret::{SecretBytes, SecretText};
use ciam_domain::session::Session;
use ciam_domain::user::{GestureDevice, GestureStage, User};
use ciam_domain::{DeviceId, Instant, TenantId, UserId};
use ciam_ports::store::UserWrite;
use ciam_ports::{Commit, Loaded, StoreError};

use crate::audit::Deed;
use crate::authority::Order;
use crate::gesture_challenge::{Vouched, device_rate};
use crate::one_shot::Grounds;
use crate::sign_in_gesture::is_gesture;
use crate::{Authority, Ciam, Error, Principal, Proven, step};

/// A device and its key, to be made known.
#[derive(Debug)]
pub struct NewDevice<'a> {
    /// The device, as its client names it.
    pub device: &'a DeviceId,
    /// What it signs with.
    pub algorithm: GestureAlgorithm,
    /// Its public key, or the key that it shares with the server.
    pub key: &'a SecretBytes,
}

/// A device as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnDevice {
    /// The device.
    pub device: DeviceId,
    /// What it signs with.
    pub algorithm: GestureAlgorithm,
    /// When its key was made known.
    pub registered_at: Instant,
    /// How far it has come.
    pub stage: GestureStage,
}

impl From<&GestureDevice> for OwnDevice {
    fn from(known: &GestureDevice) -> Self {
        let GestureDevice { device, key, registered_at, stage } = known;
        let (device, algorithm) = (device.clone(), key.algorithm());
        Self { device, algorithm, registered_at: *registered_at, stage: *stage }
    }
}

impl Ciam {
    /// Makes the key of a device known, in place of one that was never bound. It opens nothing before the device has
    /// proven to hold it ([`Ciam::bind_gesture`]). What proves the person is not spent.
    ///
    /// # Errors
    /// A [`GestureRefusal`]; [`ciam_domain::refusal::AccessRefusal::StaleAuthentication`] or
    /// [`ciam_domain::refusal::FlowRefusal::Unknown`] for a proof that does not count; another access refusal; a failure
    /// of a port, and [`crate::Failure::NotOffered`] without a verifier.
    pub async fn register_gesture(
        &self,
        who: &Principal,
        proven: Proven<'_>,
        new: NewDevice<'_>,
    ) -> Result<(), Error> {
        let key = self.accepted(&new)?;
        let grounds = self.grounds(who, Operation::BindGesture, proven).await?;
        let deed = Deed::new(who, Action::RegisterGesture, self.ports.clock.now()).in_flow(grounds.flow());
        step::persist!(self.try_to_register_device(&deed, grounds, (new.device, key.as_ref())))
    }

    async fn try_to_register_device(
        &self,
        deed: &Deed<'_>,
        grounds: Grounds,
        (device, key): (&DeviceId, Option<&DeviceKey>),
    ) -> Result<(), Error> {
        let loaded = self.ready_to_bind(deed, grounds).await?;
        let Some(key) = key else { return Err(self.refuse(deed, GestureRefusal::MalformedKey).await) };
        let stored = self.stored_key((deed.who.tenant(), deed.who.user()), key).await?;
        let mut user = User::clone(&loaded.user);
        if let Err(refusal) = user.register_gesture(device.clone(), stored, deed.now) {
            return Err(self.refuse(deed, refusal).await);
        }
        let cleared = vec![device_rate(&user.id, "", device).key];
        self.write(deed, Commit { user: next_version(user), cleared, ..step::commit(deed) }).await
    }

    /// Makes the key of a person's device known on the word of the host or of an administrator. The device must prove
    /// to hold it all the same.
    ///
    /// # Errors
    /// A [`GestureRefusal`]; an access refusal; a failure of a port, and [`crate::Failure::NotOffered`] without a
    /// verifier.
    pub async fn register_user_gesture(
        &self,
        by: Authority<'_>,
        (tenant, user): (&TenantId, &UserId),
        new: NewDevice<'_>,
    ) -> Result<(), Error> {
        let key = self.accepted(&new)?;
        let (action, now, detail) = (Action::RegisterGesture, self.ports.clock.now(), None);
        let order = Order { by, tenant, user, action, now, detail };
        step::persist!(self.try_to_register_device_for(&order, (new.device, key.as_ref())))
    }

    async fn try_to_register_device_for(
        &self,
        order: &Order<'_>,
        (device, key): (&DeviceId, Option<&DeviceKey>),
    ) -> Result<(), Error> {
        let mut user = self.ordered_live(order).await?;
        let Some(key) = key else { return Err(self.overrule(order, GestureRefusal::MalformedKey).await) };
        let stored = self.stored_key((order.tenant, order.user), key).await?;
        if let Err(refusal) = user.register_gesture(device.clone(), stored, order.now) {
            return Err(self.overrule(order, refusal).await);
        }
        let cleared = vec![device_rate(&user.id, "", device).key];
        let commit = Commit { user: next_version(user), cleared, ..order.commit() };
        self.carry_out(order, Outcome::Done, commit).await
    }

    /// Binds a device that is made known, by its sign over a challenge of [`Ciam::gesture_bind_challenge`] and a name of
    /// the person's. From then on the person signs in by it; other sessions end.
    ///
    /// # Errors
    /// As of [`Ciam::register_gesture`], and [`ciam_domain::refusal::RateRefusal::TooManyAttempts`].
    pub async fn bind_gesture(
        &self,
        who: &Principal,
        proven: Proven<'_>,
        sign: &SecretText,
    ) -> Result<(), Error> {
        self.gestures()?;
        let grounds = self.grounds(who, Operation::BindGesture, proven).await?;
        let deed = Deed::new(who, Action::BindGesture, self.ports.clock.now()).in_flow(grounds.flow());
        let loaded = self.ready_to_bind(&deed, grounds).await?;
        let vouched = self.vouched(&deed, &loaded.user, sign).await?;
        step::persist!(self.try_to_bind_device(&deed, grounds, &vouched))
    }

    async fn ready_to_bind(&self, deed: &Deed<'_>, grounds: Grounds) -> Result<Box<Loaded>, Error> {
        let (loaded, flow) = self.standing_on(deed, grounds, Operation::BindGesture).await?;
        match flow.may_act(Operation::BindGesture, &self.moment(deed.who, &loaded, deed.now)) {
            Ok(()) => Ok(loaded),
            Err(refusal) => Err(self.refuse(deed, refusal).await),
        }
    }

    /// Pays for the try, takes the challenge, and only then asks whether the device holds its key.
    async fn vouched(&self, deed: &Deed<'_>, user: &User, sign: &SecretText) -> Result<Vouched, Error> {
        let Some(presented) = self.gestures()?.read(sign) else {
            return Err(self.refuse(deed, GestureRefusal::WrongSign).await);
        };
        let device = presented.device;
        let rates = vec![device_rate(&user.id, "", &device)];
        match self.ports.store.commit(Commit { rates, ..step::commit(deed) }).await {
            Ok(()) => {}
            Err(StoreError::Limited { until, .. }) => {
                return Err(self.refuse(deed, step::too_many_attempts(until, deed.now)).await);
            }
            Err(error) => return Err(error.into()),
        }
        let action = GestureAction::Bind(&user.id);
        let binding = GestureBinding { tenant: &user.tenant, device: &device, action };
        let answered = self.answers(deed, &binding, &presented.challenge).await?;
        let Some(known) = user.gesture(&device).filter(|_| answered) else {
            return Err(self.refuse(deed, GestureRefusal::WrongSign).await);
        };
        match self.vouch((user, &known.key), sign).await? {
            Ok(()) => Ok(Vouched { key: known.key.clone(), device }),
            Err(refusal) => Err(self.refuse(deed, refusal).await),
        }
    }

    async fn try_to_bind_device(
        &self,
        deed: &Deed<'_>,
        grounds: Grounds,
        vouched: &Vouched,
    ) -> Result<(), Error> {
        let (loaded, flow) = self.standing_on(deed, grounds, Operation::BindGesture).await?;
        let taken = flow.apply(Event::Act(Operation::BindGesture), &self.moment(deed.who, &loaded, deed.now));
        if let Err(refusal) = taken.reply {
            return Err(self.refuse(deed, refusal).await);
        }
        let mut user = User::clone(&loaded.user);
        // The key may have been replaced since its sign was looked at.
        let same = user.gesture(&vouched.device).is_some_and(|known| known.key == vouched.key);
        let bound =
            if same { user.bind_gesture(&vouched.device, deed.now) } else { Err(GestureRefusal::WrongSign) };
        if let Err(refusal) = bound {
            return Err(self.refuse(deed, refusal).await);
        }
        let cleared = vec![device_rate(&user.id, "", &vouched.device).key];
        let to = user.verified_addresses();
        let commit = self.completed(deed, &loaded, user, to)?;
        self.write(deed, Commit { cleared, ..commit }).await
    }

    /// Forgets a device and its key. Every other session ends, and the acting one too where that device opened it.
    ///
    /// # Errors
    /// As of [`Ciam::register_gesture`]; [`CredentialRefusal::Last`] where the person could not sign in any more.
    pub async fn unbind_gesture(
        &self,
        who: &Principal,
        proven: Proven<'_>,
        device: &DeviceId,
    ) -> Result<(), Error> {
        let grounds = self.grounds(who, Operation::UnbindGesture, proven).await?;
        let deed = Deed::new(who, Action::UnbindGesture, self.ports.clock.now()).in_flow(grounds.flow());
        step::persist!(self.try_to_unbind_device(&deed, grounds, device))
    }

    async fn try_to_unbind_device(
        &self,
        deed: &Deed<'_>,
        grounds: Grounds,
        device: &DeviceId,
    ) -> Result<(), Error> {
        let (loaded, flow) = self.standing_on(deed, grounds, Operation::UnbindGesture).await?;
        let taken =
            flow.apply(Event::Act(Operation::UnbindGesture), &self.moment(deed.who, &loaded, deed.now));
        if let Err(refusal) = taken.reply {
            return Err(self.refuse(deed, refusal).await);
        }
        let mut user = User::clone(&loaded.user);
        let gone = match user.unbind_gesture(device) {
            Ok(gone) => gone,
            Err(refusal) => return Err(self.refuse(deed, refusal).await),
        };
        if gone.is_bound() && !self.still_gets_in(&user).await? {
            return Err(self.refuse(deed, CredentialRefusal::Last).await);
        }
        let opened_by_it =
            |session: &&Session| session.device.as_ref() == Some(device) && is_gesture(&session.amr);
        let own = loaded.session.as_deref().filter(opened_by_it);
        let ended = own.map(|session| self.end(&user, &session.id, deed.now));
        let cleared = vec![device_rate(&user.id, "", device).key];
        let to = user.verified_addresses();
        let commit = self.completed(deed, &loaded, user, to)?;
        let session = ended.unwrap_or(commit.session);
        self.write(deed, Commit { session, cleared, ..commit }).await
    }

    /// Lists the devices of the person, those made known first before the others.
    ///
    /// # Errors
    /// An access refusal, or a failure of the store.
    pub async fn own_devices(&self, who: &Principal) -> Result<Vec<OwnDevice>, Error> {
        let deed = Deed::new(who, Action::ListGestures, self.ports.clock.now());
        let loaded = self.acting(&deed).await?;
        Ok(loaded.user.gestures.iter().map(OwnDevice::from).collect())
    }

    /// The key, if it is one of its algorithm.
    fn accepted(&self, new: &NewDevice<'_>) -> Result<Option<DeviceKey>, Error> {
        let gestures = self.gestures()?;
        Ok(DeviceKey::parse(new.algorithm, new.key).filter(|key| gestures.accepts(key)))
    }
}

/// A write that changes nothing that sessions are bound to.
pub(crate) fn next_version(mut user: User) -> UserWrite {
    let expected = user.version;
    user.version = expected.next();
    UserWrite::Replace { expected, user: Box::new(user) }
}

//! Everything that is kept of a person, in one document.

use ciam_domain::audit::{Action, Outcome};
use ciam_domain::export::Exported;
use ciam_domain::identifier::Username;
use ciam_domain::login_history::{LoginLocation, LoginOutcome, LoginRecord};
use ciam_domain::profile::{AttributeValue, Profile, ProfileValue, UserTypeCode};
use ciam_domain::refusal::AccessRefusal;
use ciam_domain::session::{Amr, Session};
use ciam_domain::social::SocialLink;
use ciam_domain::user::{
    Address, Contact, Factors, GestureDevice, GestureStage, HeldContact, Passkey, PasswordCredential, User,
};
use ciam_domain::{DeviceId, Instant, TenantId, UserId};
use ciam_ports::{LoginCursor, LoginQuery};

use crate::audit::Deed;
use crate::consent_evidence::lines;
use crate::profile::UNMASKED_SCOPE;
use crate::{Authority, Ciam, Error, LOGIN_PAGE, Principal, step};

impl Ciam {
    /// Everything that is kept of the person who asks (GDPR, 15 and 20), but for secrets. Takes a sign-in within
    /// [`crate::FRESH_SIGN_IN`]: whoever has the document knows the person.
    ///
    /// # Errors
    /// [`AccessRefusal::StaleAuthentication`], another access refusal, or a failure of a port that keeps a part of it.
    pub async fn export_own_data(&self, who: &Principal) -> Result<Exported, Error> {
        let deed = Deed::new(who, Action::ExportPersonalData, self.ports.clock.now());
        let loaded = self.acting(&deed).await?;
        self.sensitive(&deed).await?;
        if !Self::is_fresh(&deed, &loaded) {
            return Err(self.refuse(&deed, AccessRefusal::StaleAuthentication).await);
        }
        // Nothing leaves without its record.
        self.write(&deed, step::commit(&deed)).await?;
        self.export(&loaded.user, deed.now).await
    }

    /// Everything that is kept of a person, but for secrets, for the host, and for administrators whose token has the
    /// scope `profile:unmasked`: nothing is masked here.
    ///
    /// # Errors
    /// As of [`Ciam::set_status`], or a failure of a port that keeps a part of it.
    pub async fn export_personal_data(
        &self,
        by: Authority<'_>,
        tenant: &TenantId,
        user: &UserId,
    ) -> Result<Exported, Error> {
        let order = self.order(by, (tenant, user), Action::ExportPersonalData);
        let loaded = self.ordered(&order).await?;
        if matches!(by, Authority::Administrator(who) if !who.has_scope(UNMASKED_SCOPE)) {
            return Err(self.overrule(&order, AccessRefusal::InsufficientScope).await);
        }
        self.carry_out(&order, Outcome::Done, order.commit()).await?;
        self.export(&loaded.user, order.now).await
    }

    /// A part that cannot be had fails the whole: half a document would pass for all of it.
    async fn export(&self, user: &User, now: Instant) -> Result<Exported, Error> {
        let sessions = self.ports.store.sessions(&user.tenant, &user.id).await?;
        let alive = sessions.iter().filter(|session| session.is_alive(&user.stamp, now));
        let consents = match &self.consents {
            Some(_) => lines(self.ledger(&user.tenant, &user.id).await?.entries()),
            None => Exported::NONE,
        };
        let mut records = Vec::new();
        for (name, extract) in &self.extracts {
            records.push((name.to_string(), extract.extract(&user.tenant, &user.id).await?));
        }
        Ok(Exported::fields([
            ("format", "ciam.personal_data/1".into()),
            ("madeAt", now.into()),
            ("account", account(user)),
            ("credentials", credentials(user)),
            ("sessions", Exported::list(alive.map(session))),
            ("logins", self.logins_of(user, now).await?),
            ("consents", consents),
            ("records", Exported::fields(records)),
        ]))
    }

    /// Those that succeeded, as the person is shown them: the others may be somebody else's.
    async fn logins_of(&self, user: &User, now: Instant) -> Result<Exported, Error> {
        let Some(history) = &self.login_history else { return Ok(Exported::NONE) };
        let oldest = now.before(self.config.login_history.keep);
        let mut query = LoginQuery {
            tenant: user.tenant.clone(),
            user: user.id.clone(),
            outcome: Some(LoginOutcome::Succeeded),
            before: None,
            limit: LOGIN_PAGE,
        };
        let mut logins = Vec::new();
        loop {
            let page = history.records(&query).await?;
            query.before = page.last().map(LoginCursor::of);
            logins.extend(page.iter().filter(|record| record.at >= oldest).map(login));
            let over = page.last().is_none_or(|record| record.at < oldest);
            if over || page.len() < usize::from(LOGIN_PAGE) {
                return Ok(Exported::list(logins));
            }
        }
    }
}

/// What the account says; a new field does not compile before it is told or left out.
fn account(user: &User) -> Exported {
    let User {
        tenant,
        id,
        version: _,
        stamp: _,
        stamped_at: _,
        status,
        username,
        phone,
        email,
        held,
        contacts_paused_until,
        password: _,
        gestures: _,
        profile,
        social: _,
        factors: _,
        passkeys: _,
        admin,
        created_at,
    } = user;
    Exported::fields([
        ("tenant", tenant.as_str().into()),
        ("id", id.as_str().into()),
        ("createdAt", (*created_at).into()),
        ("status", status.kind().as_str().into()),
        ("administrator", (*admin).into()),
        ("username", username.as_ref().map(Username::original).into()),
        ("profile", said(profile)),
        ("phone", phone.as_ref().map(|phone| contact(phone, phone.address.canonical())).into()),
        ("email", email.as_ref().map(|email| contact(email, email.address.original())).into()),
        ("formerContacts", Exported::list(held.iter().map(former))),
        ("contactsPausedUntil", (*contacts_paused_until).into()),
    ])
}

/// Every value by the name of its attribute, masked or hidden elsewhere or not.
fn said(profile: &Profile) -> Exported {
    let Profile { user_type, values, updated_at } = profile;
    let value = |held: &ProfileValue| match &held.value {
        AttributeValue::Choices(chosen) => Exported::list(chosen.iter().map(|one| one.as_str().into())),
        AttributeValue::Boolean(flag) => (*flag).into(),
        AttributeValue::Text(_) | AttributeValue::Date(_) | AttributeValue::Number(_) => {
            held.value.to_string().into()
        }
    };
    Exported::fields([
        ("userType", user_type.as_ref().map(UserTypeCode::as_str).into()),
        ("updatedAt", (*updated_at).into()),
        ("values", Exported::fields(values.iter().map(|(id, held)| (id.to_string(), value(held))))),
    ])
}

fn contact<A>(contact: &Contact<A>, address: &str) -> Exported {
    Exported::fields([("address", address.into()), ("verifiedAt", contact.verified_at.into())])
}

fn former(held: &HeldContact) -> Exported {
    let HeldContact { address, verified_at, since, until, key: _ } = held;
    Exported::fields([
        ("address", Address::canonical(address).into()),
        ("verifiedAt", (*verified_at).into()),
        ("replacedAt", (*since).into()),
        ("heldUntil", (*until).into()),
    ])
}

fn factors(factors: &Factors) -> impl Iterator<Item = Exported> {
    let Factors { totp, pending_totp: _, recovery_codes } = factors;
    let totp = totp
        .as_ref()
        .map(|totp| Exported::fields([("kind", "totp".into()), ("enrolledAt", totp.enrolled_at.into())]));
    let codes = recovery_codes.as_ref().map(|codes| {
        let unused = codes.unused.len();
        Exported::fields([
            ("kind", "recovery_codes".into()),
            ("madeAt", codes.made_at.into()),
            ("unused", unused.into()),
        ])
    });
    totp.into_iter().chain(codes)
}

/// By kind and date; nothing that opens anything, and no hash of it.
fn credentials(user: &User) -> Exported {
    let password = user.password.as_ref().map(|password| {
        let PasswordCredential { current: _, set_at, former: _, must_change } = password;
        Exported::fields([
            ("kind", "password".into()),
            ("setAt", (*set_at).into()),
            ("mustChange", (*must_change).into()),
        ])
    });
    let gestures = user.gestures.iter().map(gesture);
    let passkeys = user.passkeys.held.iter().map(passkey);
    let others = passkeys.chain(user.social.iter().map(social)).chain(factors(&user.factors));
    Exported::list(password.into_iter().chain(gestures).chain(others))
}

fn social(link: &SocialLink) -> Exported {
    let SocialLink { source, issuer, subject, linked_at } = link;
    Exported::fields([
        ("kind", "social".into()),
        ("source", source.as_str().into()),
        ("issuer", issuer.as_str().into()),
        ("subject", subject.as_str().into()),
        ("setAt", (*linked_at).into()),
    ])
}

fn passkey(passkey: &Passkey) -> Exported {
    let Passkey { id, key: _, sign_count, name, created_at, used_at, backup, transports } = passkey;
    Exported::fields([
        ("kind", "passkey".into()),
        ("id", hex::encode(id.as_bytes()).into()),
        ("name", name.as_str().into()),
        ("setAt", (*created_at).into()),
        ("usedAt", (*used_at).into()),
        ("signCount", sign_count.to_string().into()),
        ("backup", backup.as_str().into()),
        ("transports", Exported::list(transports.iter().map(|one| one.as_str().into()))),
    ])
}

fn gesture(device: &GestureDevice) -> Exported {
    let GestureDevice { device, key, registered_at, stage } = device;
    let bound = match *stage {
        GestureStage::Registered => None,
        GestureStage::Bound { at } => Some(at),
    };
    Exported::fields([
        ("kind", "gesture".into()),
        ("device", device.as_str().into()),
        ("algorithm", key.algorithm().as_str().into()),
        ("setAt", (*registered_at).into()),
        ("boundAt", bound.into()),
    ])
}

fn session(session: &Session) -> Exported {
    Exported::fields([
        ("id", session.id.as_str().into()),
        ("openedBy", Exported::list(session.amr.iter().map(|amr| Amr::as_str(amr).into()))),
        ("signedInAt", session.auth_time.into()),
        ("usedAt", session.used_at.into()),
        ("endsAt", session.ends_at().into()),
        ("client", session.client.as_deref().into()),
        ("device", session.device.as_ref().map(DeviceId::as_str).into()),
        ("source", session.source.map(|source| source.address().to_string()).into()),
    ])
}

fn login(record: &LoginRecord) -> Exported {
    let LoginRecord { id, tenant: _, user: _, at, mode, outcome: _, source, location, client, device } =
        record;
    Exported::fields([
        ("id", id.as_str().into()),
        ("at", (*at).into()),
        ("mode", mode.as_str().into()),
        ("source", source.map(|source| source.address().to_string()).into()),
        ("location", location.as_ref().map(LoginLocation::as_str).into()),
        ("client", client.as_deref().into()),
        ("device", device.as_ref().map(DeviceId::as_str).into()),
    ])
}

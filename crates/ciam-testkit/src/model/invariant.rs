//! The state of the store, the mailbox and the outbox, against the model.

use std::sync::Arc;

use ciam::domain::TenantId;
use ciam::domain::audit::Action;
use ciam::domain::flow::State;
use ciam::domain::password::Password;
use ciam::domain::user::{Channel, Status, User};
use ciam::ports::{Loaded, PasswordHasher, PasswordMatch, StepQuery};

use super::command::PASSWORDS;
use super::state::{Account, Model, Stand, Told, Use};
use super::system::{System, address};
use super::visit::NAMES;
use super::{Verdict, counts, ensure, kit, social};

/// How many of the newest flows and sessions are looked at after every step.
pub(super) const NEWEST: usize = 8;

pub(super) async fn check(system: &mut System, model: &Model) -> Verdict {
    let mut users = Vec::new();
    for (at, account) in model.accounts.iter().enumerate().filter(|(_, account)| account.exists) {
        let user = load(system, at, |_| {}).await.ok_or_else(|| format!("account {at} is gone"))?.user;
        compare_account(system, &user, account, at).await?;
        users.push(user);
    }
    injective(&users)?;
    compare_sessions(system, model).await?;
    compare_flows(system, model).await?;
    counts::compare(system, model).await?;
    compare_logins(system, model)?;
    compare_messages(system, model)
}

pub(super) async fn load(
    system: &System,
    account: usize,
    ask: impl FnOnce(&mut StepQuery),
) -> Option<Loaded> {
    let (tenant, user) = system.people[account].clone();
    let mut query = StepQuery::of(tenant, user);
    ask(&mut query);
    system.world.backend.store.load(&query).await.expect("a store")
}

async fn compare_account(system: &mut System, user: &User, account: &Account, at: usize) -> Verdict {
    let phone = user.phone.as_ref().map(|contact| contact.address.canonical().to_owned());
    let email = user.email.as_ref().map(|contact| contact.address.canonical().to_owned());
    let spelled = |channel| account.contact(channel).map(|spot| address(spot).canonical().to_owned());
    let wanted = (spelled(Channel::Sms), spelled(Channel::Email));
    let found = (phone, email);
    ensure(found == wanted, || format!("I1: account {at} has {found:?}, not {wanted:?}"))?;
    let name = user.username.as_ref().map(|name| name.canonical().to_owned());
    let called = account.username.map(|number| NAMES[number].to_owned());
    ensure(name == called, || format!("I5: account {at} is called {name:?}, not {called:?}"))?;
    let masked = [&found.0, &found.1].into_iter().flatten().any(|text| text.contains('*'));
    ensure(!masked, || format!("I10: account {at} has a mask"))?;
    ensure(user.status == account.status, || format!("I1: account {at} is {:?}", user.status))?;
    ensure(user.stamped_at == account.stamped_at, || {
        format!("I14: account {at} was stamped at {:?}, not {:?}", user.stamped_at, account.stamped_at)
    })?;
    compare_former(user, account, at)?;
    compare_social(user, account, at)?;
    kit::compare(system, user, account, at)?;
    compare_password(system, user, account, at).await?;
    if user.status == Status::Erased {
        return compare_erased(user, account, at);
    }
    let usable = found.0.is_some() || found.1.is_some() || user.password.is_some() || user.username.is_some();
    ensure(usable, || format!("I6: account {at} has no credential left"))?;
    compare_stamp(system, user, account, at)
}

/// Nothing personal is left, whatever an account may hold.
fn compare_erased(user: &User, account: &Account, at: usize) -> Verdict {
    let left = User {
        version: user.version,
        stamped_at: user.stamped_at,
        status: user.status,
        created_at: user.created_at,
        ..User::new(user.tenant.clone(), user.id.clone(), user.stamp, user.created_at)
    };
    ensure(*user == left, || format!("account {at} is erased but for {user:?}"))?;
    ensure(user.created_at == account.made_at, || format!("account {at} forgot when it was made"))
}

fn compare_stamp(system: &mut System, user: &User, account: &Account, at: usize) -> Verdict {
    let known = system.stamps.iter().find(|(_, stamp)| **stamp == user.stamp).map(|(number, _)| *number);
    let kept = known.is_none_or(|number| number == account.stamp);
    let stamp = *system.stamps.entry(account.stamp).or_insert(user.stamp);
    ensure(kept && stamp == user.stamp, || {
        format!("I7: the stamp of account {at} is not number {}", account.stamp)
    })
}

fn compare_former(user: &User, account: &Account, at: usize) -> Verdict {
    let found = user.held.iter().map(|held| (held.address.clone(), held.since, held.until));
    let found: Vec<_> = found.collect();
    let wanted = account.held.iter().map(|held| (address(held.spot), held.since, held.until));
    let wanted: Vec<_> = wanted.collect();
    ensure(found == wanted, || format!("{found:?} is held for account {at}, not {wanted:?}"))?;
    let (paused, until) = (user.contacts_paused_until, account.paused_until);
    ensure(paused == until, || format!("account {at} is paused until {paused:?}, not {until:?}"))
}

/// I5, I6: what is bound, and that who ever bound something has a way in.
fn compare_social(user: &User, account: &Account, at: usize) -> Verdict {
    let found = user.social.iter().map(|link| (link.source.clone(), link.subject.as_str().to_owned()));
    let found: Vec<_> = found.collect();
    let wanted = account.social.iter().map(|(by, who)| (social::source(*by), social::subject(*who)));
    let wanted: Vec<_> = wanted.collect();
    ensure(found == wanted, || format!("I1: {wanted:?} is bound to account {at}, not {found:?}"))?;
    let ways = usize::from(user.password.is_some())
        + user.verified_addresses().len()
        + found.len()
        + user.by_gesture()
        + user.passkeys.held.len();
    let bound_once = account.trail.contains(&(Action::BindSocial, None));
    let lives = user.status != Status::Erased;
    ensure(ways > 0 || !bound_once || !lives, || format!("I6: account {at} has no way in left"))
}

async fn compare_password(system: &System, user: &User, account: &Account, at: usize) -> Verdict {
    let Some(credential) = &user.password else {
        return ensure(account.passwords.is_empty(), || format!("I6: account {at} lost its password"));
    };
    let must = credential.must_change;
    ensure(must == account.must_change, || format!("account {at} must change its password: {must}"))?;
    let former = credential.former.len() + 1;
    ensure(former == account.passwords.len(), || format!("account {at} remembers {former} passwords"))?;
    let hashes = std::iter::once(&credential.current).chain(&credential.former);
    for (hash, number) in hashes.zip(&account.passwords) {
        let password = Password::parse(PASSWORDS[*number]).expect("a password");
        let matched = system.world.hasher.verify(&password, hash).await.expect("a hasher");
        ensure(matched == PasswordMatch::Matched, || {
            format!("I1: account {at} has another password than {number}")
        })?;
    }
    Ok(())
}

/// I5: no two accounts of a tenant share an address or a name.
fn injective(users: &[Arc<User>]) -> Verdict {
    for (at, one) in users.iter().enumerate() {
        let twin = users[..at].iter().filter(|other| other.tenant == one.tenant).find(|other| {
            let phone =
                |user: &User| user.phone.as_ref().map(|contact| contact.address.canonical().to_owned());
            let email =
                |user: &User| user.email.as_ref().map(|contact| contact.address.canonical().to_owned());
            (phone(one).is_some() && phone(one) == phone(other))
                || (email(one).is_some() && email(one) == email(other))
                || one.social.iter().any(|link| other.is_bound_to(&link.issuer, &link.subject))
        });
        ensure(twin.is_none(), || format!("I5: {one:?} shares an address"))?;
    }
    Ok(())
}

/// I7: a session is alive in the store exactly when the model says so.
async fn compare_sessions(system: &System, model: &Model) -> Verdict {
    for (at, session) in model.sessions.iter().enumerate().rev().take(NEWEST) {
        let id = system.names.get(&session.name).cloned();
        let loaded = load(system, session.account, |query| query.session = id).await;
        let held = loaded.and_then(|loaded| Some((loaded.session?, loaded.user.stamp)));
        let alive = held.as_ref().is_some_and(|(held, stamp)| held.is_alive(stamp, model.now));
        let wanted = model.accounts[session.account].exists && model.is_alive(at);
        ensure(alive == wanted, || format!("I7: session {at} is alive: {alive}"))?;
        if let (Some((held, _)), Some(row), true) = (&held, &session.row, alive) {
            let same = (held.auth_time, &held.amr, held.expires_at)
                == (row.auth_time, &row.amr, row.expires_at)
                && (held.idle_ends_at, held.used_at, held.generation)
                    == (row.idle_ends_at, row.used_at, row.generation);
            ensure(same, || format!("I7: session {at} is {held:?}, not {row:?}"))?;
        }
    }
    Ok(())
}

/// The login history tells of everybody who came in, and of nobody who is erased.
fn compare_logins(system: &System, model: &Model) -> Verdict {
    let all = system.world.logins.all();
    for (at, account) in model.accounts.iter().enumerate() {
        let (tenant, user) = &system.people[at];
        let own = all.iter().filter(|login| login.tenant == *tenant && login.user == *user);
        let found: Vec<_> = own.map(|login| login.at).collect();
        ensure(found == account.logins, || format!("account {at} signed in at {found:?}, not {account:?}"))?;
    }
    Ok(())
}

/// I2, I3, I14: a flow is open exactly when the model says so, where it says, with its codes.
async fn compare_flows(system: &System, model: &Model) -> Verdict {
    for (at, flow) in model.flows.iter().enumerate().rev().take(NEWEST).filter(|(_, flow)| !flow.untold) {
        let key = system.flows[at].key();
        let Some(loaded) = load(system, flow.account, |query| query.flow = Some(key)).await else { continue };
        let stamp = loaded.user.stamp;
        let open = |flow: &&ciam::domain::flow::Flow| *flow.stamp() == stamp && model.now < flow.expires_at();
        let held = loaded.flow.as_ref().filter(open);
        ensure(held.is_some() == model.is_open(at), || format!("I2: flow {at} is open: {}", held.is_some()))?;
        let Some(held) = held else { continue };
        let same = match (held.state(), &flow.stand) {
            (State::AwaitingFactor { allowed }, Stand::Factor(methods)) => {
                allowed.iter().eq(methods.iter().copied())
            }
            (State::Ready { .. }, Stand::Ready(_)) | (State::AwaitingAddress { .. }, Stand::Address(_)) => {
                true
            }
            _ => false,
        };
        ensure(same, || format!("flow {at} stands at {:?}, not {:?}", held.state(), flow.stand))?;
        compare_codes(&loaded, model, at)?;
    }
    Ok(())
}

fn compare_codes(loaded: &Loaded, model: &Model, at: usize) -> Verdict {
    let live = loaded.challenges.iter().filter(|challenge| model.now < challenge.expires_at);
    let mut found: Vec<_> = live.map(|held| (held.target.clone(), held.expires_at)).collect();
    let codes =
        model.codes.iter().filter(|code| code.flow == at && !code.gone && model.now < code.expires_at);
    let mut wanted: Vec<_> = codes.map(|code| (address(code.to), code.expires_at)).collect();
    found.sort();
    wanted.sort();
    ensure(found == wanted, || format!("I3: flow {at} has codes {found:?}, not {wanted:?}"))
}

/// I12: exactly the codes and notices went out that the model says, each to where it says.
fn compare_messages(system: &System, model: &Model) -> Verdict {
    let codes = system.world.mailbox.codes();
    ensure(codes.len() == model.mails, || {
        format!("I12: {} codes were sent, not {}", codes.len(), model.mails)
    })?;
    for code in model.codes.iter().filter(|code| code.mail.is_some_and(|mail| mail + 4 > model.mails)) {
        let sent = &codes[code.mail.unwrap_or_default()];
        ensure(sent.to == address(code.to), || format!("a code went to {:?}, not {:?}", sent.to, code.to))?;
        let operation = model.flows[code.flow].operation;
        let purpose = match code.usage {
            Use::Factor => ciam::domain::challenge::Purpose::SecondFactor(operation),
            Use::NewAddress => ciam::domain::challenge::Purpose::NewAddress(operation),
        };
        ensure(sent.purpose == purpose, || format!("a code says it is for {:?}", sent.purpose))?;
    }
    let people = &system.people;
    let who = |tenant: &TenantId, user| people.iter().position(|(t, u)| t == tenant && u == user);
    let notices = system.world.mailbox.notices();
    let mut found: Vec<_> =
        notices.iter().map(|told| (who(&told.tenant, &told.user), told.kind, told.to.clone())).collect();
    let place = |told: &Told| (Some(told.account), told.kind, address(told.to));
    let mut wanted: Vec<_> = model.told.iter().map(place).collect();
    found.sort();
    wanted.sort();
    ensure(found == wanted, || format!("A26: notices {found:?}, not {wanted:?}"))
}

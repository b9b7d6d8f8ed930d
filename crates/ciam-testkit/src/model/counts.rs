//! The counts of the store, against the model.

use ciam::domain::rate::{Counter, RateKey, RateScope};

use super::gadget::DEVICES;
use super::invariant::{NEWEST, load};
use super::limits::{Count, Payer, Tally};
use super::state::{Model, STRANGER};
use super::system::{System, address};
use super::{Verdict, ensure, guest};

/// I4, I12: counts stand where the model says, and never over their caps.
pub(super) async fn compare(system: &System, model: &Model) -> Verdict {
    for tenant in 0..2 {
        let Some(asker) = model.accounts.iter().position(|account| account.tenant == tenant) else {
            continue;
        };
        let mine = |count: &&Count| tenant_of(**count, model) == tenant;
        let counts = model.counted.iter().filter(mine).copied().chain(tries(model, tenant));
        // Of flows that take no token the newest are enough.
        let oldest = system.flows.len().saturating_sub(NEWEST);
        let near = |count: &Count| flow_of(*count).is_none_or(|at| at >= oldest && !model.flows[at].untold);
        let counts: Vec<Count> = counts.filter(near).collect();
        let rates = counts.iter().map(|count| key(*count, system, model)).collect();
        let loaded = load(system, asker, |query| query.rates = rates).await.ok_or("a tenant is gone")?;
        for count in counts {
            let key = key(count, system, model);
            // What is over counts as gone, whether or not it was swept.
            let is_live = |held: &Counter| {
                let tally = Tally { count: held.count, first: held.first_at, last: held.last_at };
                !tally.is_over(count, model.now)
            };
            let held = loaded.rates.iter().find(|(held, counter)| *held == key && is_live(counter));
            let held = held.map(|(_, held)| (held.count, held.first_at, held.last_at));
            let tally = model.tallies.get(&count).filter(|tally| !tally.is_over(count, model.now));
            let tally = tally.map(|tally| (tally.count, tally.first, tally.last));
            ensure(held == tally, || format!("I4, I12: {count:?} stands at {held:?}, not {tally:?}"))?;
            let capped = held.is_none_or(|(held, ..)| held <= count.cap());
            ensure(capped, || format!("I4, I12: {count:?} stands at {held:?}"))?;
        }
    }
    Ok(())
}

/// The counts of tries that stand nowhere must stand nowhere in the store either.
fn tries(model: &Model, tenant: usize) -> Vec<Count> {
    let accounts = model.accounts.iter().enumerate().filter(|(_, account)| account.tenant == tenant);
    let payers = accounts.flat_map(|(at, _)| [Payer::Person(at), Payer::HalfWay(at)]);
    let of = |by| {
        [
            Count::CodeHour(by),
            Count::CodeDay(by),
            Count::Password(by),
            Count::Totp(by),
            Count::RecoveryCode(by),
            Count::Passkey(by),
        ]
    };
    let all = payers.flat_map(of);
    all.filter(|count| !model.counted.contains(count)).collect()
}

const fn flow_of(count: Count) -> Option<usize> {
    match count {
        Count::CodeHour(Payer::Flow(at)) | Count::CodeDay(Payer::Flow(at)) => Some(at),
        _ => None,
    }
}

fn tenant_of(count: Count, model: &Model) -> usize {
    match count {
        Count::TargetHour(tenant, _)
        | Count::TargetDay(tenant, _)
        | Count::Start(tenant, _)
        | Count::StartSource(tenant, _)
        | Count::Entry(tenant, ..)
        | Count::EntryAnywhere(tenant, _)
        | Count::EntryDevice(tenant, ..)
        | Count::NobodysGesture(tenant, ..)
        | Count::EntrySource(tenant, _) => tenant,
        Count::Cooldown(account, _)
        | Count::SmsDay(account)
        | Count::EmailDay(account)
        | Count::EntryDevices(account)
        | Count::Social(account)
        | Count::Gesture(account, _)
        | Count::Lock(account) => model.accounts[account].tenant,
        Count::Question(number) => model.questions[number].tenant,
        Count::Nonce(number) => model.challenges[number].tenant,
        Count::CodeHour(payer)
        | Count::CodeDay(payer)
        | Count::Password(payer)
        | Count::Totp(payer)
        | Count::Passkey(payer)
        | Count::RecoveryCode(payer) => {
            let account = match payer {
                Payer::Person(account) | Payer::HalfWay(account) => account,
                Payer::Flow(at) => model.flows[at].account,
            };
            model.accounts[account].tenant
        }
    }
}

fn key(count: Count, system: &System, model: &Model) -> RateKey {
    let user = |account: usize| system.people[account].1.as_str();
    let key = RateKey::new;
    match count {
        Count::Cooldown(account, to) => {
            key(RateScope::ResendCooldown, &[user(account), address(to).canonical()])
        }
        Count::TargetHour(_, to) => key(RateScope::TargetHour, &[address(to).canonical()]),
        Count::TargetDay(_, to) => key(RateScope::TargetDay, &[address(to).canonical()]),
        Count::SmsDay(account) => key(RateScope::AccountSmsDay, &[user(account)]),
        Count::EmailDay(account) => key(RateScope::AccountEmailDay, &[user(account)]),
        Count::CodeHour(payer) => paid(RateScope::CodeHour, payer, (system, model)),
        Count::CodeDay(payer) => paid(RateScope::CodeDay, payer, (system, model)),
        Count::Password(payer) => paid(RateScope::Password, payer, (system, model)),
        Count::Totp(payer) => paid(RateScope::Totp, payer, (system, model)),
        Count::RecoveryCode(payer) => paid(RateScope::RecoveryCode, payer, (system, model)),
        Count::Social(account) => key(RateScope::SocialProof, &[user(account)]),
        Count::Gesture(account, device) => {
            key(RateScope::GestureDevice, &[user(account), "", DEVICES[device]])
        }
        Count::NobodysGesture(tenant, name, device) => {
            let nobody = user(STRANGER + tenant);
            key(RateScope::GestureDevice, &[nobody, &guest::spelled(name), DEVICES[device]])
        }
        Count::Passkey(payer) => paid(RateScope::Passkey, payer, (system, model)),
        Count::Question(number) => key(RateScope::PasskeyChallenge, &[system.asked.nonce(number)]),
        Count::Nonce(number) => key(RateScope::GestureChallenge, &[system.home.nonce(number)]),
        Count::Lock(account) => key(RateScope::SignInLock, &[user(account)]),
        Count::Start(_, to) => key(RateScope::ResendCooldown, &["signed_out", address(to).canonical()]),
        Count::StartSource(_, source) => key(RateScope::SourceHour, &[&guest::source(source).network()]),
        Count::EntrySource(_, source) => key(RateScope::SignInSource, &[&guest::source(source).network()]),
        Count::Entry(_, name, source) => {
            let network = source.map(|source| guest::source(source).network()).unwrap_or_default();
            key(RateScope::SignIn, &[&guest::spelled(name), &network])
        }
        Count::EntryAnywhere(_, name) => key(RateScope::SignInAnywhere, &[&guest::spelled(name)]),
        Count::EntryDevices(account) => key(RateScope::SignInDevices, &[user(account)]),
        Count::EntryDevice(_, name, device) => {
            key(RateScope::SignInDevice, &[&guest::spelled(name), system.device(device)])
        }
    }
}

fn paid(scope: RateScope, payer: Payer, (system, model): (&System, &Model)) -> RateKey {
    match payer {
        Payer::Person(account) => RateKey::new(scope, &[system.people[account].1.as_str()]),
        Payer::HalfWay(account) => RateKey::new(scope, &[system.people[account].1.as_str(), "signed_out"]),
        Payer::Flow(at) => {
            let user = &system.people[model.flows[at].account].1;
            let session = system.flows[at].session();
            RateKey::new(scope, &[user.as_str(), "signed_out", session.as_str()])
        }
    }
}

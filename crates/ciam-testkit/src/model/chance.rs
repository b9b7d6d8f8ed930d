//! Which command comes next: mostly a proper one, often one with a single thing wrong, sometimes anything.

use std::time::Duration;

use ciam::domain::flow::{Method, Operation};
use ciam::domain::session::Amr;
use ciam::domain::user::Channel;
use ciam::ports::TokenOrigin;
use proptest::prelude::*;
use proptest::sample::select;

use super::command::{Call, Command, For, Guess, Id, NewStatus, PASSWORDS, SPOTS, Wanted};
use super::host::FOREIGN;
use super::social::{IDENTITIES, SOURCES};
use super::state::{ALICE, CAROL, Demand, Model, Setting, Spot, Stand, Token, Use};
use super::{fates, knocks, roads, touches, twist, wishes};

const CHANNELS: [Channel; 2] = [Channel::Sms, Channel::Email];

pub(super) fn next(model: &Model) -> BoxedStrategy<Command> {
    prop_oneof![
        9 => proper(model),
        5 => one_thing_wrong(model),
        1 => knocks::one_thing_wrong(model),
        1 => touches::one_thing_wrong(model),
        2 => anything(model),
        8 => roads::proper(model),
        5 => roads::one_thing_wrong(model),
        1 => roads::anything(model),
        2 => fates::next(model),
        3 => clock(),
        3 => host(model),
    ]
    .boxed()
}

/// A step that brings a flow of somebody's own further, or begins one, or lets somebody act again.
fn proper(model: &Model) -> BoxedStrategy<Command> {
    let steps = steps(model);
    let beginnings = select(beginnings(model));
    if steps.is_empty() {
        beginnings.boxed()
    } else {
        prop_oneof![4 => select(steps), 1 => beginnings].boxed()
    }
}

fn steps(model: &Model) -> Vec<Command> {
    let mut steps = Vec::new();
    for (token, who) in model.tokens.iter().enumerate() {
        if model.now >= who.expires_at || !model.opens(who) || model.barred(who.account).is_some() {
            continue;
        }
        for flow in (0..model.flows.len()).filter(|flow| model.claim(who, Some(*flow)).is_ok()) {
            let calls = steps_of(model, flow);
            steps.extend(calls.into_iter().map(|call| Command::once(token, call)));
        }
        let confirmed = wishes::confirmed(model, who);
        steps.extend(confirmed.into_iter().map(|step| Command::once(token, Call::Enrol(step))));
    }
    steps
}

fn steps_of(model: &Model, at: usize) -> Vec<Call> {
    let (flow, id) = (&model.flows[at], Some(at));
    let code = |usage: Use, channel: Channel| {
        let mut codes = model.codes.iter().rev().filter(|code| code.flow == at && !code.gone);
        codes.find(|code| code.usage == usage && code.to.channel == channel).and_then(|code| code.mail)
    };
    match (&flow.stand, flow.operation) {
        (Stand::Factor(methods), _) => {
            let step = |method: &Method| match method.channel() {
                None if *method == Method::Passkey => touches::in_flow(model, at),
                None => wishes::at_home(model, flow.account, *method).map_or_else(
                    || {
                        let own = model.accounts[flow.account].passwords.first();
                        Call::VerifyPassword(id, own.copied().unwrap_or_default())
                    },
                    |code| Call::VerifyCode(id, *method, code),
                ),
                Some(channel) => code(Use::Factor, channel).map_or(Call::SendFactor(id, *method), |mail| {
                    Call::VerifyCode(id, *method, Guess::Sent(mail))
                }),
            };
            methods.iter().map(step).collect()
        }
        (Stand::Ready(_), Operation::UpdatePassword) => {
            (0..4).map(|password| Call::ChangePassword(id, password)).collect()
        }
        (Stand::Ready(_), Operation::Unsubscribe) => vec![Call::DeleteAccount(id)],
        (Stand::Ready(_), Operation::UpdatePhone) => asks(id, Channel::Sms),
        (Stand::Ready(_), Operation::UpdateEmail) => asks(id, Channel::Email),
        (Stand::Ready(_), Operation::BindGesture | Operation::UnbindGesture) => {
            knocks::ends_of(model, flow.account, flow.operation, id)
        }
        (Stand::Ready(_), Operation::BindPasskey | Operation::UnbindPasskey) => {
            touches::ends_of(model, flow.account, flow.operation, id)
        }
        (Stand::Ready(_), operation) => wishes::end_of(operation, id).into_iter().map(Call::Enrol).collect(),
        (Stand::Address(_), operation) => {
            let channel = if operation == Operation::UpdatePhone { Channel::Sms } else { Channel::Email };
            let mut calls = asks(id, channel).split_off(SPOTS - 1);
            let mail = code(Use::NewAddress, channel);
            calls.extend(mail.map(|mail| Call::ChangeContact(id, channel, Guess::Sent(mail))));
            calls
        }
    }
}

fn asks(id: Id, channel: Channel) -> Vec<Call> {
    (0..SPOTS).map(|number| Call::SendContact(id, Wanted::Spot(Spot { channel, number }))).collect()
}

fn beginnings(model: &Model) -> Vec<Command> {
    use Operation::{BindGesture, BindTotp, RenewRecoveryCodes, UnbindGesture, UnbindTotp};
    use Operation::{Unsubscribe, UpdateEmail, UpdatePassword, UpdatePhone};
    let mut all = Vec::new();
    for (token, who) in model.tokens.iter().enumerate().filter(|(_, who)| model.opens(who)) {
        if model.barred(who.account).is_none() && model.now < who.expires_at {
            // Who has no factor gets no further; who deletes the account, or ends others, ends many a journey.
            let has_factor = model.allowed(who, UpdateEmail).is_some_and(|methods| !methods.is_empty());
            let often = if !has_factor {
                1
            } else if who.account == ALICE {
                8
            } else {
                4
            };
            for operation in [UpdatePassword, UpdatePhone, UpdateEmail] {
                all.extend(vec![Command::once(token, Call::CheckOperation(operation)); often]);
            }
            all.push(Command::once(token, Call::CheckOperation(Unsubscribe)));
            all.push(Command::once(token, Call::OwnSessions));
            let (source, identity) = (token % SOURCES.len(), token % IDENTITIES);
            all.push(Command::once(token, Call::BindSocial(source, Some(identity))));
            let bound = &model.accounts[who.account].social;
            all.extend(bound.iter().map(|(source, _)| Command::once(token, Call::UnbindSocial(*source))));
            all.extend(wishes::of(model, who).into_iter().map(|wish| Command::once(token, wish)));
            for operation in [
                BindTotp,
                UnbindTotp,
                RenewRecoveryCodes,
                BindGesture,
                UnbindGesture,
                Operation::BindPasskey,
                Operation::UnbindPasskey,
            ] {
                all.push(Command::once(token, Call::CheckOperation(operation)));
            }
            if token % 2 == 0 {
                all.push(Command::once(token, Call::EndOthers));
            }
        }
    }
    for (account, _) in model.accounts.iter().enumerate().filter(|(_, who)| who.exists) {
        let open = |token: &Token| token.account == account && model.now < token.expires_at;
        if model.barred(account).is_some() {
            all.push(Command::SetStatus { account, status: NewStatus::Normal });
        } else if !model.tokens.iter().any(|token| open(token) && model.opens(token)) {
            let token = Command::IssueToken { account, session: For::New, amr: Amr::Password };
            all.extend(vec![token; 2]);
            let ended = model.sessions.iter().filter(|held| held.account == account && held.name < FOREIGN);
            let again = |name| Command::IssueToken { account, session: For::Named(name), amr: Amr::Password };
            all.extend(ended.map(|held| again(held.name)));
        }
    }
    // The old tokens of an id that was given out again.
    let old = |token: &Token| {
        token.session.is_some_and(|(at, generation)| model.sessions[at].generation > generation)
    };
    let old = model.tokens.iter().enumerate().filter(|(_, token)| old(token));
    let tried = |(token, _)| vec![Command::once(token, Call::CheckToken); 6];
    all.extend(old.flat_map(tried));
    all.push(Command::Delivery { fails: false });
    all
}

/// A proper step by somebody else, in another flow, with another code, too often, or again.
fn one_thing_wrong(model: &Model) -> BoxedStrategy<Command> {
    let (tokens, flows) = (model.tokens.len(), model.flows.len());
    let guess = || guess(model);
    let steps = steps(model);
    if steps.is_empty() {
        return anything(model);
    }
    let binding = knocks::wrong_binding(model, &steps);
    let tries: Vec<_> = steps.iter().filter(|step| twist::is_try(step)).cloned().collect();
    let tries = if tries.is_empty() { steps.clone() } else { tries };
    let binding = binding.unwrap_or_else(|| select(steps.clone()).boxed());
    let apps: Vec<_> = tries.iter().filter(|step| twist::is_of_app(step)).cloned().collect();
    let apps = if apps.is_empty() { tries.clone() } else { apps };
    prop_oneof![
        3 => (select(steps.clone()), 0..tokens).prop_map(|(step, token)| twist::with_token(step, token)),
        3 => (select(steps.clone()), id(flows)).prop_map(|(step, id)| twist::edited(step, |call| twist::set_flow(call, id))),
        2 => (select(steps.clone()), wanted())
            .prop_map(|(step, wanted)| twist::edited(step, |call| twist::set_wanted(call, wanted))),
        1 => binding,
        1 => (select(apps), select(vec![-2, -1, 1, 2])).prop_map(|(step, late)| {
            twist::edited(step, |call| twist::set_late(call, late))
        }),
        5 => (select(tries), guess(), prop_oneof![Just(1_u8), 2_u8..7], pause())
            .prop_map(|(step, guess, times, pause)| twist::often(twist::edited(step, |call| twist::set_guess(call, guess)), times, pause)),
        3 => (select(steps.clone()), 0_usize..6, guess()).prop_map(|(step, other, guess)| {
            twist::edited(step, |call| twist::set_step(call, other, guess))
        }),
        4 => (select(steps), 2_u8..7, pause()).prop_map(|(step, times, pause)| twist::often(step, times, pause)),
    ]
    .boxed()
}

pub(super) fn id(flows: usize) -> BoxedStrategy<Id> {
    prop_oneof![8 => (0..flows.max(1)).prop_map(Some), 1 => Just(None)].boxed()
}

pub(super) fn guess(model: &Model) -> BoxedStrategy<Guess> {
    let sent = (0..model.mails.max(1)).prop_map(Guess::Sent);
    prop_oneof![4 => sent, 3 => wishes::guess(model), 3 => Just(Guess::Wrong), 1 => Just(Guess::Blank)]
        .boxed()
}

pub(super) const NO_PAUSE: Duration = Duration::ZERO;

pub(super) fn pause() -> impl Strategy<Value = Duration> {
    select(vec![0, 0, 0, 30, 60, 120]).prop_map(Duration::from_secs)
}

/// Any call with any token and any ids.
fn anything(model: &Model) -> BoxedStrategy<Command> {
    let flows = model.flows.len();
    let (ids, guess) = (|| id(flows), || guess(model));
    let operation = || select([&Operation::SELF_SERVICE, Operation::ONE_SHOT].concat());
    let method = || select(Method::ALL.to_vec());
    let channel = || select(CHANNELS.to_vec());
    let password = || 0..PASSWORDS.len();
    let call = prop_oneof![
        Just(Call::CheckToken),
        operation().prop_map(Call::Requirements),
        operation().prop_map(Call::CheckOperation),
        (ids(), method()).prop_map(|(id, method)| Call::SendFactor(id, method)),
        (ids(), method(), guess()).prop_map(|(id, method, guess)| Call::VerifyCode(id, method, guess)),
        (ids(), password()).prop_map(|(id, password)| Call::VerifyPassword(id, password)),
        (ids(), password()).prop_map(|(id, password)| Call::ChangePassword(id, password)),
        (ids(), wanted()).prop_map(|(id, wanted)| Call::SendContact(id, wanted)),
        (ids(), channel(), guess()).prop_map(|(id, way, guess)| Call::ChangeContact(id, way, guess)),
        ids().prop_map(Call::DeleteAccount),
        ids().prop_map(Call::Cancel),
        Just(Call::EndOthers),
        Just(Call::OwnSessions),
        (0..model.names.max(1)).prop_map(|name| Call::EndOne(Some(name))),
        Just(Call::EndOne(None)),
        Just(Call::EndAll),
        social(),
        wishes::anything(model),
        knocks::any(model, knocks::proof(model)),
        touches::any(model, knocks::proof(model)),
    ];
    let (times, tokens) = (prop_oneof![3 => Just(1_u8), 1 => 2_u8..7], 0..model.tokens.len());
    (tokens, call, times, pause())
        .prop_map(|(token, call, times, pause)| Command::Call { token, call, times, pause })
        .boxed()
}

/// Bound as somebody, with a forged proof, or unbound.
fn social() -> BoxedStrategy<Call> {
    let source = || 0..SOURCES.len();
    let identity = prop_oneof![4 => (0..IDENTITIES).prop_map(Some), 1 => Just(None)];
    prop_oneof![
        3 => (source(), identity).prop_map(|(source, identity)| Call::BindSocial(source, identity)),
        2 => source().prop_map(Call::UnbindSocial),
    ]
    .boxed()
}

fn wanted() -> impl Strategy<Value = Wanted> {
    let spot = (select(CHANNELS.to_vec()), 0..SPOTS);
    prop_oneof![
        6 => spot.prop_map(|(channel, number)| Wanted::Spot(Spot { channel, number })),
        1 => select(CHANNELS.to_vec()).prop_map(Wanted::Malformed),
        1 => Just(Wanted::FarAway),
    ]
}

fn clock() -> BoxedStrategy<Command> {
    let seconds = |spans: Vec<u64>| select(spans).prop_map(Duration::from_secs);
    prop_oneof![
        5 => (0_usize..8, any::<bool>()).prop_map(|(deadline, early)| Command::Until { deadline, early }),
        3 => (0_usize..64, any::<bool>()).prop_map(|(deadline, early)| Command::Until { deadline, early }),
        4 => seconds(vec![1, 30, 60, 60, 150, 300, 600, 3_600, 86_400, 604_800]).prop_map(Command::Forward),
        2 => seconds(vec![1, 60, 300, 3_600]).prop_map(Command::Back),
    ]
    .boxed()
}

pub(super) fn setting() -> impl Strategy<Value = Setting> {
    let demand = select(vec![Demand::WhenAvailable, Demand::WhenAvailable, Demand::Required, Demand::Off]);
    let sign_in = select(vec![Demand::Off, Demand::WhenAvailable, Demand::Required]);
    let locks = prop_oneof![3 => Just(false), 1 => Just(true)];
    (demand, any::<bool>(), sign_in, locks, any::<bool>()).prop_map(
        |(demand, acting_session_ends, sign_in, locks, leeway)| Setting {
            demand,
            acting_session_ends,
            sign_in,
            locks,
            leeway,
        },
    )
}

/// Mostly of an address that is held, with the right code.
fn revert(model: &Model) -> BoxedStrategy<Command> {
    let held = model.accounts.iter().flat_map(|account| {
        let tenant = account.tenant;
        account.held.iter().map(move |held| (tenant, held.spot))
    });
    let held: Vec<_> = held.collect();
    let spot = (select(CHANNELS.to_vec()), 0..SPOTS).prop_map(|(channel, number)| Spot { channel, number });
    let any = (0_usize..2, spot);
    let place = if held.is_empty() { any.boxed() } else { prop_oneof![4 => select(held), 1 => any].boxed() };
    let right = prop_oneof![4 => Just(true), 1 => Just(false)];
    (place, right).prop_map(|((tenant, wanted), right)| Command::Revert { tenant, wanted, right }).boxed()
}

fn host(model: &Model) -> BoxedStrategy<Command> {
    let accounts = || 0..model.accounts.len();
    let amr = select(vec![Amr::Password, Amr::Password, Amr::Sms, Amr::Otp, Amr::parse("mfa")]);
    let session = prop_oneof![Just(For::New), (0..model.names).prop_map(For::Named)];
    let foreign = model.tokens.iter().filter(|token| token.origin == TokenOrigin::Foreign).count() < 6;
    let token = (accounts(), select(vec![None, Some(0), Some(0)]), any::<bool>())
        .prop_map(|(account, session, renewed)| Command::ForeignToken { account, session, renewed });
    let lock = NewStatus::LockedFor(Duration::from_mins(5));
    let statuses = vec![NewStatus::Normal, NewStatus::Locked, lock, NewStatus::Frozen, NewStatus::Disabled];
    let ends = vec![NewStatus::Deleted, NewStatus::Deleted, NewStatus::Erased];
    prop_oneof![
        5 => (accounts(), session, amr)
            .prop_map(|(account, session, amr)| Command::IssueToken { account, session, amr }),
        2 => if foreign { token.boxed() } else { Just(Command::Relay).boxed() },
        2 => (accounts(), select(statuses)).prop_map(|(account, status)| Command::SetStatus { account, status }),
        1 => (accounts(), select(ends)).prop_map(|(account, status)| Command::SetStatus { account, status }),
        2 => (0..CAROL + 1).prop_map(|account| Command::DemandReset { account }),
        2 => fates::purge(model),
        1 => fates::join(model),
        3 => revert(model),
        3 => Just(Command::Relay),
        2 => Just(Command::Sweep),
        2 => setting().prop_map(Command::Restart),
        1 => Just(Command::RotateKeys),
        2 => any::<bool>().prop_map(|fails| Command::Delivery { fails }),
    ]
    .boxed()
}

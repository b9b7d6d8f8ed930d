//! Codes: one for each account, purpose and channel.

use ciam_ports::Commit;
use ciam_ports::domain::User;
use ciam_ports::domain::challenge::{Challenge, Purpose, Slot};
use ciam_ports::domain::flow::{Flow, Operation};
use ciam_ports::domain::user::Channel;
use ciam_ports::store::ChallengeWrite;

use super::Fixture;
use super::sample::{self, START};

async fn write(on: &Fixture, user: &User, challenge: ChallengeWrite) {
    on.write(Commit { challenge, ..sample::commit(user) }).await;
}

async fn codes(on: &Fixture, user: &User, flow: &Flow) -> Vec<Challenge> {
    on.read(&sample::query(user, flow)).await.challenges
}

pub(super) async fn a_slot_holds_one_code(on: &Fixture) {
    let (user, other) = (on.add("sara").await, on.add("sven").await);
    let sessions = [on.sign_in(&user, "s").await, on.sign_in(&user, "s-2").await];
    let [one, two] = sessions.map(|session| sample::flow(&user, &session, Operation::UpdateEmail, START));
    let theirs = sample::flow(&other, &on.sign_in(&other, "s-3").await, Operation::UpdateEmail, START);
    for (owner, flow) in [(&user, &one), (&user, &two), (&other, &theirs)] {
        on.open(owner, flow).await;
    }
    let slot = sample::slot(&one);
    let code = |flow: &Flow, digits: &str| Box::new(sample::challenge(flow, slot, digits));
    write(on, &other, ChallengeWrite::Put(code(&theirs, "555555"))).await;
    write(on, &user, ChallengeWrite::Put(code(&one, "111111"))).await;
    write(on, &user, ChallengeWrite::Put(code(&one, "222222"))).await;
    assert_eq!(
        codes(on, &user, &one).await,
        [*code(&one, "222222")],
        "the newer code of a flow takes the slot"
    );
    write(on, &user, ChallengeWrite::Put(code(&two, "333333"))).await;
    assert_eq!(codes(on, &user, &one).await, [], "the code of another flow takes the slot");
    assert_eq!(codes(on, &user, &two).await, [*code(&two, "333333")]);

    let beside = Slot { purpose: Purpose::NewAddress(Operation::UpdateEmail), channel: Channel::Sms };
    let second = sample::challenge(&two, beside, "444444");
    write(on, &user, ChallengeWrite::Put(Box::new(second.clone()))).await;
    assert_eq!(codes(on, &user, &two).await.len(), 2, "another purpose has a slot of its own");
    write(on, &user, ChallengeWrite::Clear(slot)).await;
    assert_eq!(codes(on, &user, &two).await, [second], "a cleared slot is empty");
    write(on, &user, ChallengeWrite::Clear(slot)).await;
    assert_eq!(codes(on, &other, &theirs).await, [*code(&theirs, "555555")], "slots of other people stay");
}

//! Status: whoever is locked out in the middle of something is out, and begins anew later.

use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::flow::Operation;
use ciam::domain::user::Status;
use ciam::ports::Clock;
use ciam::{Authority, Config};

use super::MakeWorld;
use super::moves::{NEW, refused, secret, write_user};
use crate::stage::{Call, Stage};
use crate::world::{Person, World};

const TICK: Duration = Duration::from_micros(1);

/// Every use case is refused with the reason of the status, sends nothing, and its flow stays dead afterwards.
pub async fn a28_every_use_case_is_refused_by_status(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let now = world.clock.now();
    let statuses = [
        (Status::Locked { until: None }, "access.locked"),
        (Status::Locked { until: Some(now.after(TICK)) }, "access.locked"),
        (Status::Frozen, "access.frozen"),
        (Status::Disabled, "access.disabled"),
        (Status::PendingDeletion { erase_at: now.after(Duration::from_hours(1)) }, "access.deleted"),
        (Status::Purging { tried_at: now }, "access.deleted"),
        (Status::Erased, "access.deleted"),
    ];
    let root = world.administrator(1).await;
    let mut number = 0;
    for (status, reason) in statuses {
        for call in Call::of_people() {
            number += 1;
            let stage = Stage::set(&world, number).await;
            // Administrators delete nobody.
            let deleted = reason == "access.deleted";
            let by =
                if deleted || number % 2 == 0 { Authority::Host } else { Authority::Administrator(&root) };
            let tenant = TenantId::default();
            world.ciam.set_status(by, &tenant, &stage.person.id, status).await.unwrap();
            refused(&world, &stage.person, reason, stage.make(&world, call)).await;
            // A deleted account comes back by its owner alone.
            if reason != "access.deleted" {
                set(&world, &stage.person, Status::Normal).await;
                is_dead(&world, &stage, call).await;
            }
        }
        let stage = Stage::set(&world, number + 500).await;
        set(&world, &stage.person, status).await;
        assert_eq!(stage.make(&world, Call::OpenSession).await.unwrap_err().reason(), reason);
    }
}

/// A lock with a time ends by itself, to the microsecond; what was under way stays dead.
pub async fn a28_a_lock_with_a_time_ends_by_itself(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let stage = Stage::set(&world, 1).await;
    let until = world.clock.now().after(Duration::from_mins(1));
    set(&world, &stage.person, Status::Locked { until: Some(until) }).await;
    world.clock.set(until.before(TICK));
    refused(&world, &stage.person, "access.locked", stage.make(&world, Call::ChangePassword)).await;
    assert_eq!(stage.make(&world, Call::OpenSession).await.unwrap_err().reason(), "access.locked");
    world.clock.set(until);
    for call in Call::of_people() {
        is_dead(&world, &stage, call).await;
    }
    let anew = world.sign_in(&stage.person).await;
    let flow = world.proven(&anew, Operation::UpdatePassword).await;
    world.ciam.change_password(&anew, &flow, &secret(NEW)).await.unwrap();
}

/// Where a status was written without a new stamp, a flow that was tried meanwhile is over all the same.
pub async fn a28_a_flow_tried_while_locked_is_over(make: MakeWorld<'_>) {
    let world = make(Config::default());
    let tried = Call::of_people().filter(|call| call.flow().is_some());
    for (n, call) in (1..).zip(tried) {
        let stage = Stage::set(&world, n).await;
        let user = world.user(&stage.person.id).await;
        write_user(&world, &user, |user| user.status = Status::Frozen).await;
        refused(&world, &stage.person, "access.frozen", stage.make(&world, call)).await;
        let user = world.user(&stage.person.id).await;
        write_user(&world, &user, |user| user.status = Status::Normal).await;
        world.ciam.check_token(&stage.who).await.unwrap();
        refused(&world, &stage.person, "flow.unknown", stage.make(&world, call)).await;
    }
}

/// The old sessions are over, and so is the flow of the call in a new one.
async fn is_dead(world: &World, stage: &Stage, call: Call) {
    refused(world, &stage.person, "access.invalid_token", stage.make(world, call)).await;
    if call.flow().is_some() {
        let anew = world.sign_in(&stage.person).await;
        let again = stage.make_as(world, call, &anew);
        refused(world, &stage.person, "flow.unknown", again).await;
    }
}

async fn set(world: &World, person: &Person, status: Status) {
    world.ciam.set_status(Authority::Host, &TenantId::default(), &person.id, status).await.unwrap();
}

//! What would have to be refused, and must not go through because a port fails.

use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::flow::Operation;
use ciam::domain::secret::SecretText;
use ciam::domain::user::Status;

use crate::stage::{Call, Stage};
use crate::world::{PASSWORD, World};

/// Why a call must be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Attack {
    /// No factor is proven, and none of the answers is right.
    Unproven,
    /// The session was ended.
    DeadSession,
    /// The sign-in was too long ago.
    Stale,
    /// The code that is presented is another one.
    WrongCode,
    /// The code that should give an address back is another one.
    WrongRevert,
    /// The address has become somebody else's.
    TakenAddress,
    /// The password is the one in use.
    UsedPassword,
    /// The account may not act.
    Frozen,
    /// The account is gone.
    Erased,
    /// The name is somebody else's.
    TakenName,
    /// The token was never issued.
    ForeignToken,
}

/// The attacks on a call; a new call does not compile before it says which they are.
pub(super) const fn attacks(call: Call) -> &'static [Attack] {
    match call {
        Call::VerifyToken => &[Attack::ForeignToken],
        Call::CheckToken
        | Call::CheckOperation
        | Call::ViewRequirements
        | Call::OwnSessions
        | Call::SendFactorCode
        | Call::ViewLoginHistory
        | Call::ListSocial
        | Call::ViewProfile
        | Call::UpdateProfile
        | Call::CancelFlow => &[Attack::DeadSession, Attack::Frozen],
        Call::ChangePassword => {
            &[Attack::Unproven, Attack::UsedPassword, Attack::DeadSession, Attack::Frozen]
        }
        Call::VerifyFactorCode | Call::VerifyFactorPassword | Call::SendContactCode | Call::DeleteAccount => {
            &[Attack::Unproven, Attack::DeadSession, Attack::Frozen]
        }
        Call::ChangeContact => {
            &[Attack::Unproven, Attack::WrongCode, Attack::TakenAddress, Attack::DeadSession, Attack::Frozen]
        }
        Call::EndOtherSessions
        | Call::EndSession
        | Call::EndAllSessions
        | Call::BindSocial
        | Call::UnbindSocial => &[Attack::Stale, Attack::DeadSession, Attack::Frozen],
        Call::RevertContact => &[Attack::WrongRevert, Attack::Erased],
        Call::OpenSession => &[Attack::Frozen, Attack::Erased],
        Call::CreateUser => &[Attack::TakenName],
        Call::SetStatus
        | Call::RecordLogin
        | Call::DemandReset
        | Call::EndUserSessions
        | Call::EndUserSession
        | Call::RestoreUser
        | Call::ViewUser
        | Call::UserSessions
        | Call::ViewProfileOf
        | Call::UpdateProfileOf
        | Call::SetUserType => &[Attack::Erased],
        Call::Sweep
        | Call::ReadSchema
        | Call::DefineAttributes
        | Call::EraseLoginHistory
        | Call::FindUser
        | Call::ListUsers
        | Call::ViewAuditTrail => &[],
    }
}

impl Attack {
    /// Changes a stage so that the call must be refused.
    pub(super) async fn prepare(self, world: &World, call: Call, stage: &mut Stage) {
        match self {
            Self::Unproven => unproven(world, stage).await,
            Self::DeadSession => {
                world.ciam.end_other_sessions(stage.opposite(call)).await.unwrap();
            }
            Self::Stale => world.clock.advance(Duration::from_mins(6)),
            Self::WrongCode => stage.contact = other_digits(&stage.contact),
            Self::WrongRevert => stage.revert = other_digits(&stage.revert),
            Self::TakenAddress => {
                let (name, _) = stage.wanted.split_once('@').unwrap();
                let number: u16 = name.trim_start_matches("new.").parse().unwrap();
                world.person(name, number + 5_000).await;
            }
            Self::UsedPassword => PASSWORD.clone_into(&mut stage.chosen),
            Self::Frozen => set(world, stage, Status::Frozen).await,
            Self::Erased => {
                set(world, stage, Status::Erased).await;
                stage.status = Status::Normal;
            }
            Self::TakenName => {
                let user = world.user(&stage.person.id).await;
                user.username.unwrap().canonical().clone_into(&mut stage.newcomer);
            }
            Self::ForeignToken => stage.token = SecretText::new("never-issued".to_owned()),
        }
    }
}

/// Open flows of which no factor is proven, and wrong answers to everything.
async fn unproven(world: &World, stage: &mut Stage) {
    let flows = [
        (1, Operation::UpdatePassword),
        (2, Operation::UpdateEmail),
        (3, Operation::UpdateEmail),
        (4, Operation::Unsubscribe),
    ];
    for (place, operation) in flows {
        let begun = world.ciam.check_operation(stage.holder(place), operation).await.unwrap();
        stage.flows[place] = begun.flow;
    }
    stage.factor = other_digits(&stage.factor);
    stage.contact = other_digits(&stage.contact);
    "not the password in use".clone_into(&mut stage.present);
}

fn other_digits(digits: &str) -> String {
    let turn = |digit: char| if digit == '9' { '0' } else { '9' };
    digits.chars().map(turn).collect()
}

async fn set(world: &World, stage: &Stage, status: Status) {
    world
        .ciam
        .set_status(ciam::Authority::Host, &TenantId::default(), &stage.person.id, status)
        .await
        .unwrap();
}

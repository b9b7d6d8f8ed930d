//! What would have to be refused to somebody who is not signed in, whatever fails meanwhile.

use ciam::domain::user::Status;

use crate::signed_out::{Answer, SignedOutCall, SignedOutStage, begun};
use crate::world::{PASSWORD, World};

/// Why a call must be refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SignedOutAttack {
    /// The password that is presented is another one.
    WrongPassword,
    /// The code that is presented is another one.
    WrongCode,
    /// The code was accepted before.
    UsedCode,
    /// No factor is proven.
    Unproven,
    /// The password is the one in use.
    UsedPassword,
    /// The refresh token was replaced before.
    Replaced,
    /// The session was ended.
    Ended,
    /// The account is locked.
    Locked,
    /// The account is frozen.
    Frozen,
    /// The account is gone.
    Erased,
    /// The account is not being deleted.
    NotDeleted,
}

use SignedOutAttack::{
    Ended, Erased, Frozen, Locked, NotDeleted, Replaced, Unproven, UsedCode, UsedPassword, WrongCode,
    WrongPassword,
};

/// The attacks on a call; a new call does not compile before it says which they are.
pub(super) const fn attacks(call: SignedOutCall) -> &'static [SignedOutAttack] {
    match call {
        SignedOutCall::SignIn | SignedOutCall::SignInWithTwo => &[WrongPassword, Locked, Frozen, Erased],
        SignedOutCall::SignInSocial => &[WrongCode, Locked, Frozen, Erased],
        SignedOutCall::StartSignIn => &[Locked, Frozen, Erased],
        SignedOutCall::StartRecovery => &[Frozen, Erased],
        SignedOutCall::SendSignInCode => &[Unproven, Locked, Frozen, Erased],
        SignedOutCall::VerifyOnlyCode | SignedOutCall::VerifyFirstCode | SignedOutCall::VerifySecondCode => {
            &[WrongCode, UsedCode, Locked, Frozen, Erased]
        }
        SignedOutCall::VerifyPassword => &[WrongPassword, Unproven, Locked, Frozen, Erased],
        SignedOutCall::RefreshSession => &[Replaced, Ended, Locked, Frozen, Erased],
        SignedOutCall::VerifyRecovery => &[WrongCode, UsedCode, Frozen, Erased],
        SignedOutCall::SetNewPassword => &[Unproven, UsedPassword, Frozen, Erased],
        SignedOutCall::RenewPassword => &[Unproven, UsedPassword, Locked, Frozen, Erased],
        SignedOutCall::StartRestore => &[WrongPassword, NotDeleted, Frozen, Erased],
        SignedOutCall::Restore => &[WrongCode, UsedCode, NotDeleted, Frozen, Erased],
    }
}

impl SignedOutAttack {
    /// Changes a stage so that the call must be refused.
    pub(super) async fn prepare(self, world: &World, stage: &mut SignedOutStage) {
        match self {
            WrongPassword => "not the password in use".clone_into(&mut stage.password),
            WrongCode => "not the code".clone_into(&mut stage.code),
            UsedCode => drop(stage.verify(world).await.unwrap()),
            Unproven => unproven(world, stage).await,
            UsedPassword => PASSWORD.clone_into(&mut stage.chosen),
            Replaced => drop(stage.make(world).await.unwrap()),
            Ended => world.ciam.end_all_sessions(&stage.elsewhere).await.unwrap(),
            Locked => turn(world, stage, Status::Locked { until: None }).await,
            Frozen => turn(world, stage, Status::Frozen).await,
            Erased => turn(world, stage, Status::Erased).await,
            NotDeleted => turn(world, stage, Status::Normal).await,
        }
    }
}

/// Past the use cases: no new stamp ends what is open, so the status alone has to.
async fn turn(world: &World, stage: &SignedOutStage, status: Status) {
    stage.write(world, |user| user.status = status).await;
}

/// A flow in which nothing is proven yet.
async fn unproven(world: &World, stage: &mut SignedOutStage) {
    match stage.call {
        SignedOutCall::SetNewPassword => {
            world.clock.advance(std::time::Duration::from_mins(2));
            stage.recover(world).await;
        }
        SignedOutCall::RenewPassword => match stage.sign_in(world).await.unwrap() {
            answer @ Answer::Flow(_) => stage.flow = begun(answer),
            other => unreachable!("{other:?}"),
        },
        _ => {
            world.clock.advance(std::time::Duration::from_mins(2));
            stage.start(world).await;
        }
    }
}

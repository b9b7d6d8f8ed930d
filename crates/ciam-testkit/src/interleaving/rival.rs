//! Who comes between.

use std::time::Duration;

use ciam::domain::TenantId;
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::secret::SecretText;
use ciam::domain::user::{Channel, Status};
use ciam::{ContactCodeRequest, Error, NewContact, Principal, Wording};

use crate::stage::{Call, Stage};
use crate::world::World;

/// Hands every rival to another macro. A new one is listed here alone.
#[doc(hidden)]
#[macro_export]
macro_rules! each_rival {
    ([$($then:tt)*] $args:tt) => {
        $($then)*! { $args
            the_same_call_again: Again, a_wrong_guess: Guesses, a_code_sent_anew: Resends,
            a_check_that_supersedes: Supersedes, a_flow_given_up: Cancels, a_status_set: Freezes,
            sessions_ended_elsewhere: Revokes, a_password_changed_elsewhere: ChangesPassword,
            a_contact_changed_elsewhere: ChangesContact, an_account_deleted: Deletes,
            an_address_claimed_by_another: Claims, an_address_given_back: Reverts,
        }
    };
}

macro_rules! rivals {
    (() $($name:ident: $rival:ident,)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Rival {
            $($rival,)*
        }

        impl Rival {
            pub(super) const ALL: &[(&str, Self)] = &[$((stringify!($name), Self::$rival),)*];
        }
    };
}

each_rival! { [rivals] () }

/// A stage with a rival beside it.
pub(super) struct Scene {
    pub(super) stage: Stage,
    /// Codes sent before anyone moves.
    pub(super) mailed: usize,
    rival: Rival,
    call: Call,
    /// Somebody else who has a code for the address that the stage's person wants.
    other: Option<Stage>,
}

impl Scene {
    pub(super) async fn set(world: &World, rival: Rival, call: Call, number: u16) -> Self {
        let stage = Stage::set(world, number).await;
        let other = match rival {
            Rival::Claims => {
                let mut other = Stage::set(world, number + 5_000).await;
                ask(world, &other.elsewhere, &other, 3, &stage.wanted).await.unwrap();
                other.contact = world.mailbox.last_code(&stage.wanted).unwrap();
                Some(other)
            }
            _ => None,
        };
        // What the pause between two codes would hide comes to light.
        world.clock.advance(Duration::from_mins(1));
        Self { stage, mailed: world.mailbox.codes().len(), rival, call, other }
    }

    /// What the rival does.
    pub(super) async fn interfere(&self, world: &World) -> Result<(), Error> {
        let (stage, ciam) = (&self.stage, &world.ciam);
        let who = stage.caller(self.call);
        let place = self.call.flow().unwrap_or(1);
        let flow = &stage.flows[place];
        match self.rival {
            Rival::Again => stage.make(world, self.call).await,
            Rival::Guesses if place == 3 => {
                ciam.change_contact(who, flow, Channel::Email, &Code::presented("wrong")).await
            }
            Rival::Guesses => {
                ciam.verify_factor_code(who, flow, Method::Email, &Code::presented("wrong")).await.map(drop)
            }
            Rival::Resends if place == 0 => world.send_factor(who, flow, Method::Email).await,
            Rival::Resends => ask(world, who, stage, place, &stage.other()).await,
            Rival::Supersedes => ciam.check_operation(who, operation(place)).await.map(drop),
            Rival::Cancels => ciam.cancel_flow(who, flow).await,
            Rival::Freezes => {
                ciam.set_status(
                    ciam::Authority::Host,
                    &TenantId::default(),
                    &stage.person.id,
                    Status::Disabled,
                )
                .await
            }
            Rival::Revokes => ciam.end_other_sessions(stage.opposite(self.call)).await,
            Rival::ChangesPassword => {
                let new = SecretText::new("nine otters in the mill race".to_owned());
                ciam.change_password(&stage.who, &stage.flows[1], &new).await
            }
            Rival::ChangesContact => stage.make(world, Call::ChangeContact).await,
            Rival::Reverts => stage.make(world, Call::RevertContact).await,
            Rival::Deletes => stage.make(world, Call::DeleteAccount).await,
            Rival::Claims => self.other.as_ref().unwrap().make(world, Call::ChangeContact).await,
        }
    }
}

const fn operation(place: usize) -> Operation {
    match place {
        1 => Operation::UpdatePassword,
        0 | 4 => Operation::Unsubscribe,
        _ => Operation::UpdateEmail,
    }
}

async fn ask(world: &World, who: &Principal, stage: &Stage, place: usize, to: &str) -> Result<(), Error> {
    let contact = NewContact::Email(to);
    let request =
        ContactCodeRequest { flow: &stage.flows[place], contact, wording: Wording::default(), captcha: None };
    world.ciam.send_contact_code(who, request).await
}

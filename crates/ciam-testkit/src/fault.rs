//! Ports that fail, and what must hold then: nothing in between, nothing opened, nothing told, and a way on.
//!
//! Every use case is tried over ports of which one call fails: the first, then the second, until a run makes no
//! more calls. A storage adapter joins with one line:
//!
//! ```ignore
//! ciam_testkit::fault_suite!(|| Backend::of(adapter));
//! ```
//!
//! Two stores side by side join with `split_fault_suite!`, whose closure gets the [`Faults`] to put into each
//! half; between the two writes more is allowed, see [`ciam::ports::SplitStore`].

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a suite asserts, as tests do"
)]

mod attack;
mod captcha;
mod consents;
mod delivery;
mod factors;
mod gesture;
mod ledgers;
mod passkey;
mod ports;
mod purge;
mod signed_out;
mod signed_out_attack;
mod social;
mod sources;
mod stores;
mod trial;

pub use captcha::{captcha_before_a_code, draw_captcha, draw_sign_in_captcha};
pub use consents::check as check_consents;
pub use delivery::{readiness, relay_once};
pub use factors::{
    begin_totp, code_of_an_app, confirm_totp, recovery_code, remove_totp, renew_recovery_codes,
};
pub use gesture::devices_that_sign_in;
pub use passkey::passkeys;
pub use purge::{purge, purge_due};
pub use signed_out::check as check_signed_out;
pub use sources::{all_social_sources, put_social_source, remove_social_source};
pub use trial::check;

use std::error::Error as _;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use ciam::ports::Source;

use crate::signed_out::SignedOutCall;
use crate::stage::Call;
use crate::world::Backend;

/// Makes the storage under test; whoever has two halves puts the faults into each.
pub type MakeBackend<'a> = &'a dyn Fn(&Faults) -> Backend;

/// The methods of the use cases that have a trial.
pub fn methods() -> impl Iterator<Item = &'static str> {
    let apart = ["relay_once", "readiness", "purge", "purge_due", "draw_captcha", "draw_sign_in_captcha"];
    let factors = ["begin_totp", "confirm_totp", "remove_totp", "renew_recovery_codes"];
    let sources = ["all_social_sources", "put_social_source", "remove_social_source"];
    let apart = apart.into_iter().chain(factors).chain(sources);
    let gestures = gesture::METHODS.into_iter().chain(passkey::METHODS);
    let signed_out = SignedOutCall::ALL.iter().map(|(_, method, _)| *method);
    let consents = consents::ConsentCall::ALL.iter().map(|(method, _)| *method);
    Call::ALL.iter().map(|(method, _)| *method).chain(signed_out).chain(consents).chain(gestures).chain(apart)
}

/// How a call of a port goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It fails.
    Fails,
    /// It does its work and then reports a failure.
    FailsLate,
    /// It never answers, and the caller goes away.
    Hangs,
    /// It does its work and never answers, and the caller goes away.
    HangsLate,
    /// The caller goes away while it works.
    Interrupted,
}

impl Fault {
    pub(crate) const ALL: [Self; 5] =
        [Self::Fails, Self::FailsLate, Self::Hangs, Self::HangsLate, Self::Interrupted];
}

#[derive(Default)]
struct Plan {
    fault: Option<(usize, Fault)>,
    calls: Vec<&'static str>,
    hangs: bool,
}

/// Makes one call of the ports go wrong; until it is told which, all go well.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<Plan>>);

/// What the ports saw of a call.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The port that went wrong.
    pub(crate) struck: Option<&'static str>,
    pub(crate) fault: Option<Fault>,
    pub(crate) calls: Vec<&'static str>,
}

impl Faults {
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the call at this place, counted from zero, goes wrong.
    pub(crate) fn strike(&self, place: usize, fault: Fault) {
        *self.plan() = Plan { fault: Some((place, fault)), ..Plan::default() };
    }

    /// From now on all goes well.
    pub(crate) fn end(&self) -> Seen {
        let Plan { fault, calls, .. } = std::mem::take(&mut *self.plan());
        let struck = fault.and_then(|(place, _)| calls.get(place).copied());
        Seen { struck, fault: fault.map(|(_, fault)| fault), calls }
    }

    fn next(&self, port: &'static str) -> Option<Fault> {
        let mut plan = self.plan();
        plan.calls.push(port);
        plan.fault.filter(|(place, _)| place + 1 == plan.calls.len()).map(|(_, fault)| fault)
    }

    /// Passes a call on, unless it is the one that goes wrong.
    async fn pass<T: Send, E: Send>(
        &self,
        port: &'static str,
        work: impl Future<Output = Result<T, E>> + Send,
        error: impl FnOnce(Source) -> E + Send,
    ) -> Result<T, E> {
        let fault = self.next(port);
        match fault {
            None => return work.await,
            Some(Fault::Fails | Fault::Hangs) => {}
            Some(Fault::FailsLate | Fault::HangsLate) => drop(work.await),
            Some(Fault::Interrupted) => {
                let mut work = pin!(work);
                drop(poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await);
            }
        }
        match fault {
            Some(Fault::Fails | Fault::FailsLate) => Err(error(broken())),
            _ => self.hang().await,
        }
    }

    /// Passes a call on that cannot wait; where it would hang, it fails.
    fn pass_now<T, E>(
        &self,
        port: &'static str,
        work: impl FnOnce() -> Result<T, E>,
        error: impl FnOnce(Source) -> E,
    ) -> Result<T, E> {
        match self.next(port) {
            None => work(),
            Some(Fault::Fails | Fault::Hangs | Fault::Interrupted) => Err(error(broken())),
            Some(Fault::FailsLate | Fault::HangsLate) => {
                drop(work());
                Err(error(broken()))
            }
        }
    }

    async fn hang<T>(&self) -> T {
        self.plan().hangs = true;
        pending().await
    }

    /// The answer of a call, or nothing where the caller went away since a port does not answer.
    pub(crate) async fn answer<T>(&self, call: impl Future<Output = T>) -> Option<T> {
        let mut call = pin!(call);
        poll_fn(|context| match call.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if self.plan().hangs => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    }
}

fn broken() -> Source {
    "the port broke".into()
}

/// Everything that an error tells, down to its first cause.
pub(crate) fn told(error: &ciam::Error) -> String {
    let mut told = vec![format!("{error} {error:?}")];
    let mut cause = error.source();
    while let Some(error) = cause {
        told.push(format!("{error} {error:?}"));
        cause = error.source();
    }
    told.join("\n")
}

/// One test for each use case, each over storages that `make` makes; `make` is called for an empty
/// [`Backend`](crate::Backend) each time.
#[macro_export]
macro_rules! fault_suite {
    ($make:expr) => {
        $crate::split_fault_suite! { |_: &$crate::fault::Faults| ($make)() }
    };
}

/// Like [`fault_suite`], for two stores side by side, which get the faults of their own ports.
#[macro_export]
macro_rules! split_fault_suite {
    ($make:expr) => {
        $crate::each_call! { [$crate::fault_tests] ($make) }

        mod signed_out {
            use super::*;

            $crate::each_signed_out_call! { [$crate::signed_out_fault_tests] ($make) }
        }

        mod consents {
            use super::*;

            $crate::each_consent_call! { [$crate::consent_fault_tests] ($make) }
        }

        #[test]
        fn relay_once() {
            $crate::fault::relay_once(&$make);
        }

        #[test]
        fn readiness() {
            $crate::fault::readiness(&$make);
        }

        #[test]
        fn purge() {
            $crate::fault::purge(&$make);
        }

        #[test]
        fn purge_due() {
            $crate::fault::purge_due(&$make);
        }

        #[test]
        fn devices_that_sign_in() {
            $crate::fault::devices_that_sign_in(&$make);
        }

        #[test]
        fn passkeys() {
            $crate::fault::passkeys(&$make);
        }

        #[test]
        fn draw_captcha() {
            $crate::fault::draw_captcha(&$make);
        }

        #[test]
        fn draw_sign_in_captcha() {
            $crate::fault::draw_sign_in_captcha(&$make);
        }

        $crate::factor_fault_tests! { ($make) begin_totp confirm_totp remove_totp renew_recovery_codes code_of_an_app recovery_code }

        $crate::factor_fault_tests! { ($make) all_social_sources put_social_source remove_social_source }

        #[test]
        fn captcha_before_a_code() {
            $crate::fault::captcha_before_a_code(&$make);
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! factor_fault_tests {
    ($make:tt $($trial:ident)*) => {
        $(#[test]
        fn $trial() {
            $crate::fault::$trial(&$make);
        })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! fault_tests {
    ($make:tt $($method:ident: $call:ident,)*) => {
        $(#[test]
        fn $method() {
            $crate::fault::check(stringify!($method), &$make);
        })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! consent_fault_tests {
    ($make:tt $($method:ident: $call:ident,)*) => {
        $(#[test]
        fn $method() {
            $crate::fault::check_consents(stringify!($method), &$make);
        })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! signed_out_fault_tests {
    ($make:tt $($name:ident: $call:ident $method:ident,)*) => {
        $(#[test]
        fn $name() {
            $crate::fault::check_signed_out(stringify!($name), &$make);
        })*
    };
}

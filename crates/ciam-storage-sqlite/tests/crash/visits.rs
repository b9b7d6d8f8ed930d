//! What a person does without a token: sign in, refresh, recover the password, call a deletion back, be erased.

use std::time::Duration;

use ciam::domain::FlowId;
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::secret::SecretText;
use ciam::{Error, SignInRequest, SignedIn, SignedOutStep, Tokens, Wording};
use ciam_testkit::SCOPE;

use crate::below;
use crate::note::{Deed, Entered};
use crate::traveller::{Traveller, secret};

/// Longer than the pause between two codes to an address.
const PAUSE: Duration = Duration::from_secs(31);

fn request() -> SignInRequest {
    SignInRequest { scopes: vec![SCOPE.to_owned()], ..SignInRequest::default() }
}

fn known_by(tokens: &Tokens) -> Entered {
    Entered {
        session: tokens.session.to_string(),
        refresh: tokens.refresh.expose().to_owned(),
        ends_at: tokens.session_ends_at.unix_micros(),
    }
}

impl Traveller<'_> {
    /// A step of a flow that no token belongs to.
    fn step<'a>(&'a self, flow: &'a FlowId) -> SignedOutStep<'a> {
        SignedOutStep { tenant: &self.house.tenant, flow, source: None }
    }

    /// Signs in by two factors, in either order, or leaves the flow where it is.
    pub(crate) fn enter(&mut self) {
        self.house.wait(PAUSE);
        let by_password = below(self.random, 2) == 0;
        let flow = if by_password { self.present() } else { self.start(Operation::SignIn) };
        let Some(flow) = flow else { return };
        if !by_password && self.first(&flow).is_none() || below(self.random, 5) == 0 {
            return;
        }
        let code = if by_password { self.ask(&flow) } else { None };
        if by_password && code.is_none() {
            return;
        }
        self.finish(&flow, code);
    }

    /// Proves the first factor by name and password.
    pub(crate) fn present(&self) -> Option<FlowId> {
        let (request, password) = (request(), secret(&self.password));
        let call = self.ciam().sign_in(&request, &self.name, &password);
        let begun = async {
            match call.await? {
                SignedIn::SecondFactor { flow, .. } => Ok(flow),
                other => unreachable!("{other:?} without a second factor"),
            }
        };
        let at = self.house.now().unix_micros();
        self.act(Deed::Present { at }, |flow: &FlowId| Some(flow.expose().to_owned()), begun)
    }

    fn start(&self, operation: Operation) -> Option<FlowId> {
        let at = self.house.now().unix_micros();
        let deed = Deed::Start { operation: operation.as_str().to_owned(), to: self.phone.clone(), at };
        let id = |flow: &FlowId| Some(flow.expose().to_owned());
        let (request, wording) = (request(), Wording::default());
        match operation {
            Operation::RecoverPassword => {
                self.act(deed, id, self.ciam().start_recovery(&request, &self.phone, wording))
            }
            _ => self.act(deed, id, self.ciam().start_sign_in(&request, &self.phone, wording)),
        }
    }

    fn code(&self) -> String {
        self.house.world.mailbox.last_code(&self.phone).expect("a code")
    }

    fn first(&self, flow: &FlowId) -> Option<()> {
        for _ in 0..below(self.random, 2) {
            let guess = self.step(flow);
            let wrong = Code::presented("no code");
            let deed = Deed::GuessOutside { flow: flow.expose().to_owned() };
            let guess = self.ciam().verify_sign_in_code(&guess, Method::Sms, &wrong);
            assert!(self.act(deed, |_| None, guess).is_none());
        }
        let code = self.code();
        let presented = Code::presented(&code);
        let deed = Deed::First { flow: flow.expose().to_owned(), code };
        let step = self.step(flow);
        self.act(deed, |_| None, self.ciam().verify_sign_in_code(&step, Method::Sms, &presented)).map(drop)
    }

    /// Asks for a code as the second factor.
    fn ask(&self, flow: &FlowId) -> Option<String> {
        let deed = Deed::AskForCode { flow: flow.expose().to_owned(), to: self.phone.clone() };
        let step = self.step(flow);
        let sent = self.ciam().send_sign_in_code(&step, Method::Sms, Wording::default());
        self.act(deed, |()| None, sent)?;
        Some(self.code())
    }

    fn finish(&mut self, flow: &FlowId, code: Option<String>) {
        let step = self.step(flow);
        let password = secret(&self.password);
        let presented = code.as_deref().map(Code::presented);
        let finished = async {
            let signed_in = match &presented {
                Some(code) => self.ciam().verify_sign_in_code(&step, Method::Sms, code).await?,
                None => self.ciam().verify_sign_in_password(&step, &password).await?,
            };
            match signed_in {
                SignedIn::Done(tokens) => Ok(known_by(&tokens)),
                other => unreachable!("{other:?} after two factors"),
            }
        };
        let flow = flow.expose().to_owned();
        let deed = Deed::Enter { flow, code, password: self.password.clone() };
        let entered = self.act(deed, |entered: &Entered| Some(entered.written()), finished);
        if let Some(entered) = entered {
            self.sessions.push(entered.session.clone());
            self.entered = Some(entered);
        }
    }

    /// Replaces the refresh token of the session entered last, now and then several times.
    pub(crate) fn refresh(&mut self) {
        for _ in 0..=below(self.random, 3) {
            let Some(entered) = self.entered.take() else { return };
            let token = SecretText::new(entered.refresh.clone());
            let call = self.ciam().refresh_session(&self.house.tenant, &token, None);
            let refreshed = async { call.await.map(|tokens| known_by(&tokens)) };
            let at = self.house.now().unix_micros();
            let deed = Deed::Refresh { session: entered.session, token: entered.refresh, at };
            self.entered = self.act(deed, |entered: &Entered| Some(entered.written()), refreshed);
            self.house.wait(Duration::from_secs(1));
        }
    }

    /// Replaces a forgotten password, or leaves the flow where it is.
    pub(crate) fn recover(&mut self) {
        self.house.wait(PAUSE);
        let Some(flow) = self.start(Operation::RecoverPassword) else { return };
        if self.first(&flow).is_none() || below(self.random, 5) == 0 {
            return;
        }
        let next = format!("{} and {} geese", self.password, below(self.random, 1_000));
        let (step, new) = (self.step(&flow), secret(&next));
        let deed = Deed::Recover { flow: flow.expose().to_owned(), password: next.clone() };
        if self.act(deed, |_| None, self.ciam().set_new_password(&step, &new)).is_some() {
            self.password = next;
            self.sessions.clear();
            self.entered = None;
        }
    }

    /// Calls the deletion back, if it is not too late; says whether the account lives.
    pub(crate) fn restore(&mut self) -> bool {
        self.house.wait(PAUSE);
        let (request, password) = (request(), secret(&self.password));
        let call = self.ciam().start_restore(&request, &self.name, &password);
        let begun = async { call.await.map(|(flow, _)| flow) };
        let at = self.house.now().unix_micros();
        let id = |flow: &FlowId| Some(flow.expose().to_owned());
        let Some(flow) = self.act(Deed::StartRestore { at }, id, begun) else { return false };
        let Some(code) = self.ask(&flow) else { return false };
        let (step, presented) = (self.step(&flow), Code::presented(&code));
        let deed = Deed::Restore { flow: flow.expose().to_owned(), code };
        let restored = self.ciam().verify_sign_in_code(&step, Method::Sms, &presented);
        let restored = self.act(deed, |_| None, restored).is_some();
        self.sessions.clear();
        self.entered = None;
        restored
    }

    /// Is erased once the grace is over.
    pub(crate) fn end(&self) {
        self.house.wait(crate::house::GRACE);
        let erased = async {
            let purged = self.ciam().purge(&self.house.tenant, &self.id).await;
            assert_eq!(purged.outcome, ciam::PurgeOutcome::Erased, "{}", self.name);
            Ok::<_, Error>(())
        };
        self.act(Deed::Erase, |()| None, erased);
    }
}

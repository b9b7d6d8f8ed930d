//! Every call that a client can make with the id of a flow.

use ciam::domain::FlowId;
use ciam::domain::challenge::Code;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::user::Channel;
use ciam::{Error, NewContact, Principal};

use super::moves::{ask, secret};
use super::watch::Call;
use crate::world::{PASSWORD, World};

/// What a step sets as password.
pub(super) const NEW_PASSWORD: &str = "seven herons cross the bay";
/// Where a step sends a code by e-mail.
pub(super) const NEW_EMAIL: &str = "elsewhere@example.org";
/// Where a step sends a code by text message.
pub(super) const NEW_PHONE: &str = "+8613900000001";

/// A call with the id of a flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    SendFactorCode,
    VerifyCode,
    VerifyPassword,
    SendContactCode(Channel),
    ChangeContact(Channel),
    ChangePassword,
    DeleteAccount,
    Cancel,
}

impl Step {
    pub(super) const ALL: [Self; 10] = [
        Self::SendFactorCode,
        Self::VerifyCode,
        Self::VerifyPassword,
        Self::SendContactCode(Channel::Sms),
        Self::SendContactCode(Channel::Email),
        Self::ChangeContact(Channel::Sms),
        Self::ChangeContact(Channel::Email),
        Self::ChangePassword,
        Self::DeleteAccount,
        Self::Cancel,
    ];

    /// The calls that a proven factor opens.
    pub(super) const GUARDED: [Self; 6] = [
        Self::SendContactCode(Channel::Sms),
        Self::SendContactCode(Channel::Email),
        Self::ChangeContact(Channel::Sms),
        Self::ChangeContact(Channel::Email),
        Self::ChangePassword,
        Self::DeleteAccount,
    ];

    /// The operation that a guarded call belongs to.
    pub(super) const fn operation(self) -> Option<Operation> {
        match self {
            Self::SendContactCode(Channel::Sms) | Self::ChangeContact(Channel::Sms) => {
                Some(Operation::UpdatePhone)
            }
            Self::SendContactCode(Channel::Email) | Self::ChangeContact(Channel::Email) => {
                Some(Operation::UpdateEmail)
            }
            Self::ChangePassword => Some(Operation::UpdatePassword),
            Self::DeleteAccount => Some(Operation::Unsubscribe),
            Self::SendFactorCode | Self::VerifyCode | Self::VerifyPassword | Self::Cancel => None,
        }
    }

    /// Makes the call; `code` is what a step with a code presents.
    pub(super) fn take<'call>(
        self,
        world: &'call World,
        who: &'call Principal,
        flow: &'call FlowId,
        code: &'call Code,
    ) -> Call<'call, Result<(), Error>> {
        let ciam = &world.ciam;
        Box::pin(async move {
            match self {
                Self::SendFactorCode => world.send_factor(who, flow, Method::Sms).await,
                Self::VerifyCode => ciam.verify_factor_code(who, flow, Method::Sms, code).await.map(drop),
                Self::VerifyPassword => {
                    ciam.verify_factor_password(who, flow, &secret(PASSWORD)).await.map(drop)
                }
                Self::SendContactCode(Channel::Sms) => {
                    let contact = NewContact::Phone { number: NEW_PHONE, region: None };
                    ask(world, who, flow, contact).await
                }
                Self::SendContactCode(Channel::Email) => {
                    ask(world, who, flow, NewContact::Email(NEW_EMAIL)).await
                }
                Self::ChangeContact(channel) => ciam.change_contact(who, flow, channel, code).await,
                Self::ChangePassword => ciam.change_password(who, flow, &secret(NEW_PASSWORD)).await,
                Self::DeleteAccount => ciam.delete_account(who, flow).await,
                Self::Cancel => ciam.cancel_flow(who, flow).await,
            }
        })
    }
}

/// The calls that complete an operation, in their order.
pub(super) const fn finals(operation: Operation) -> &'static [Step] {
    match operation {
        Operation::UpdatePassword => &[Step::ChangePassword],
        Operation::UpdatePhone => &[Step::SendContactCode(Channel::Sms), Step::ChangeContact(Channel::Sms)],
        Operation::UpdateEmail => {
            &[Step::SendContactCode(Channel::Email), Step::ChangeContact(Channel::Email)]
        }
        Operation::Unsubscribe => &[Step::DeleteAccount],
        Operation::BindSocial
        | Operation::UnbindSocial
        | Operation::BindTotp
        | Operation::UnbindTotp
        | Operation::RenewRecoveryCodes
        | Operation::BindGesture
        | Operation::UnbindGesture
        | Operation::BindPasskey
        | Operation::UnbindPasskey
        | Operation::SignIn
        | Operation::RenewPassword
        | Operation::RecoverPassword
        | Operation::RestoreAccount => &[],
    }
}

/// Completes an operation whose factor is proven.
pub(super) async fn complete(world: &World, who: &Principal, flow: &FlowId, operation: Operation) {
    for step in finals(operation) {
        let newest = world.mailbox.codes().last().map(|sent| sent.digits.clone()).unwrap_or_default();
        step.take(world, who, flow, &Code::presented(&newest)).await.unwrap();
    }
}

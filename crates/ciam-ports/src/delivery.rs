//! Delivery of one-time codes and of notices.

use async_trait::async_trait;
use ciam_domain::challenge::{Code, Purpose};
use ciam_domain::notice::Notice;
use ciam_domain::user::Address;

/// A one-time code on its way to an address.
#[derive(Debug)]
pub struct OtpMessage {
    /// Where it goes: exactly one address, in the spelling its owner gave.
    pub to: Address,
    /// What the code is for; the text MUST say it, since the reader may not have asked.
    pub purpose: Purpose,
    /// The code.
    pub code: Code,
    /// The language asked for (BCP 47), where one was.
    pub language: Option<String>,
    /// The gateway asked for; an adapter MUST ignore one that its configuration does not list.
    pub gateway: Option<String>,
}

/// A notice on its way to an address.
#[derive(Debug)]
pub struct NoticeMessage {
    /// The notice.
    pub notice: Notice,
    /// The code that gives the address of the notice back to who reads it; the text MUST say what it is for.
    pub revert: Option<Code>,
}

/// Why a message did not go out.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    /// The gateway refuses this address for good.
    #[error("the address is not deliverable")]
    Undeliverable,
    /// The gateway cannot be reached or is out of quota; later may be better.
    #[error("delivery is unavailable")]
    Unavailable(#[source] crate::Source),
}

/// Sends one-time codes.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait OtpSender: Send + Sync + 'static {
    /// Hands one code to the gateway. MUST send to `message.to` alone, and MUST NOT log the code.
    ///
    /// # Errors
    /// [`DeliveryError`]; the send counts against its limits all the same.
    async fn send(&self, message: OtpMessage) -> Result<(), DeliveryError>;

    /// Answers when the gateway can be used, without sending anything. An adapter that can tell SHOULD; the
    /// default says yes.
    ///
    /// # Errors
    /// [`DeliveryError::Unavailable`].
    async fn ping(&self) -> Result<(), DeliveryError> {
        Ok(())
    }
}

/// Sends notices of what happened to an account.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait NoticeSender: Send + Sync + 'static {
    /// Hands one notice to the gateway. It may come more than once: `notice.id` and `notice.to` together
    /// tell repeats apart. MUST send to `notice.to` alone, and MUST NOT log the code.
    ///
    /// # Errors
    /// [`DeliveryError`]; the outbox offers the notice again unless it is [`DeliveryError::Undeliverable`].
    async fn send(&self, message: NoticeMessage) -> Result<(), DeliveryError>;

    /// Answers when the gateway can be used, without sending anything. An adapter that can tell SHOULD; the
    /// default says yes.
    ///
    /// # Errors
    /// [`DeliveryError::Unavailable`].
    async fn ping(&self) -> Result<(), DeliveryError> {
        Ok(())
    }
}

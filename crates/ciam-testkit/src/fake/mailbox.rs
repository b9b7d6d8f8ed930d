//! Every code and notice that went out.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use ciam::domain::challenge::Purpose;
use ciam::domain::notice::Notice;
use ciam::domain::user::Address;
use ciam::ports::{DeliveryError, NoticeMessage, NoticeSender, OtpMessage, OtpSender};

use super::locked;

/// A code that went out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentCode {
    /// Where it went.
    pub to: Address,
    /// What it is for.
    pub purpose: Purpose,
    /// Its digits.
    pub digits: String,
    /// The language asked for.
    pub language: Option<String>,
    /// The gateway asked for.
    pub gateway: Option<String>,
}

/// Keeps what went out, and can be told to fail.
#[derive(Debug, Default)]
pub struct Mailbox {
    codes: Mutex<Vec<SentCode>>,
    notices: Mutex<Vec<Notice>>,
    reverts: Mutex<Vec<(Address, String)>>,
    broken: AtomicBool,
}

impl Mailbox {
    /// Every code, oldest first.
    pub fn codes(&self) -> Vec<SentCode> {
        locked(&self.codes).clone()
    }

    /// Every notice, oldest first.
    pub fn notices(&self) -> Vec<Notice> {
        locked(&self.notices).clone()
    }

    /// Every revert code that came with a notice, with the address that it came to, oldest first.
    pub fn reverts(&self) -> Vec<(Address, String)> {
        locked(&self.reverts).clone()
    }

    /// The digits of the newest code to an address, by its canonical form.
    pub fn last_code(&self, canonical: &str) -> Option<String> {
        locked(&self.codes)
            .iter()
            .rev()
            .find(|sent| sent.to.canonical() == canonical)
            .map(|sent| sent.digits.clone())
    }

    /// From now on delivery fails, or works again.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    fn check(&self) -> Result<(), DeliveryError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(DeliveryError::Unavailable("the fake gateway is broken".into()));
        }
        Ok(())
    }
}

#[async_trait]
impl OtpSender for Mailbox {
    async fn send(&self, message: OtpMessage) -> Result<(), DeliveryError> {
        self.check()?;
        let OtpMessage { to, purpose, code, language, gateway } = message;
        let digits = code.expose().to_owned();
        locked(&self.codes).push(SentCode { to, purpose, digits, language, gateway });
        Ok(())
    }
}

#[async_trait]
impl NoticeSender for Mailbox {
    async fn send(&self, message: NoticeMessage) -> Result<(), DeliveryError> {
        self.check()?;
        let NoticeMessage { notice, revert } = message;
        if let Some(code) = revert {
            locked(&self.reverts).push((notice.to.clone(), code.expose().to_owned()));
        }
        locked(&self.notices).push(notice);
        Ok(())
    }
}

//! Change of phone or e-mail address: a code to the new address, then the change.

use ciam_domain::FlowId;
use ciam_domain::audit::Action;
use ciam_domain::challenge::{Code, Purpose, Slot};
use ciam_domain::flow::method::Authenticator;
use ciam_domain::flow::{Event, Flow};
use ciam_domain::identifier::{CountryCode, EmailAddress, PhoneNumber};
use ciam_domain::notice::RevertOffer;
use ciam_domain::refusal::{ContactRefusal, FlowRefusal};
use ciam_domain::user::{Address, Channel, Hold, User};
use ciam_ports::store::ChallengeWrite;
use ciam_ports::{Commit, Loaded, StoreError};

use crate::attempt::Paid;
use crate::audit::Deed;
use crate::captcha::{CaptchaAnswer, Gate};
use crate::code::Wording;
use crate::{Ciam, Error, Failure, Principal, step};

/// A new address as the person wrote it.
#[derive(Clone, Copy)]
pub enum NewContact<'a> {
    /// A phone number.
    Phone {
        /// The number, national or international.
        number: &'a str,
        /// The calling code of its region; the configured one where there is none.
        region: Option<&'a str>,
    },
    /// An e-mail address.
    Email(&'a str),
}

impl std::fmt::Debug for NewContact<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Phone { .. } => "Phone(..)",
            Self::Email(_) => "Email(..)",
        })
    }
}

/// A code to a new address is asked for.
#[derive(Debug)]
pub struct ContactCodeRequest<'a> {
    /// The flow.
    pub flow: &'a FlowId,
    /// The new address.
    pub contact: NewContact<'a>,
    /// How the person would like to read it.
    pub wording: Wording,
    /// A captcha, where one was demanded.
    pub captcha: Option<CaptchaAnswer>,
}

impl Ciam {
    /// Sends a code to a new address. Whether the address belongs to someone else is not told here; the
    /// code goes out all the same.
    ///
    /// # Errors
    /// A [`ContactRefusal`], [`FlowRefusal::Unknown`], a [`ciam_domain::refusal::CaptchaRefusal`],
    /// [`ciam_domain::refusal::RateRefusal::TooManyCodes`], an access refusal, or a failure of a port.
    pub async fn send_contact_code(
        &self,
        who: &Principal,
        request: ContactCodeRequest<'_>,
    ) -> Result<(), Error> {
        let deed =
            Deed::new(who, Action::SendContactCode, self.ports.clock.now()).in_flow(request.flow.key());
        let address = match self.parse_contact(request.contact) {
            Ok(address) => address,
            Err(refusal) => {
                self.acting(&deed).await?;
                return Err(self.refuse(&deed, refusal).await);
            }
        };
        let deed = deed.saying(address.channel().as_str());
        let ContactCodeRequest { wording, captcha, .. } = request;
        self.send_code(&deed, &Event::RequestAddressCode(address), wording, Gate::Captcha(captcha.as_ref()))
            .await
    }

    /// Verifies the code that was sent to the new address, and makes that address the person's.
    ///
    /// # Errors
    /// [`ciam_domain::refusal::FactorRefusal::WrongCode`]; [`ContactRefusal::Duplicate`] when the address
    /// is another account's, which ends the flow; [`FlowRefusal::Unknown`];
    /// [`ciam_domain::refusal::RateRefusal::TooManyAttempts`]; an access refusal; a failure of a port.
    pub async fn change_contact(
        &self,
        who: &Principal,
        flow: &FlowId,
        channel: Channel,
        code: &Code,
    ) -> Result<(), Error> {
        let deed = Deed::new(who, Action::ChangeContact, self.ports.clock.now())
            .in_flow(flow.key())
            .saying(channel.as_str());
        let Paid { loaded, flow, attempts, .. } = self.pay(&deed, Authenticator::Code).await?;
        let mut paid = Some((loaded, flow));
        step::persist!(self.try_contact(&deed, (paid.take(), attempts), channel, code))
    }

    async fn try_contact(
        &self,
        deed: &Deed<'_>,
        (paid, attempts): (Option<(Box<Loaded>, Flow)>, u8),
        channel: Channel,
        code: &Code,
    ) -> Result<(), Error> {
        let (loaded, flow) = match paid {
            Some(paid) => paid,
            None => self.claimed(deed).await?,
        };
        let slot = Slot { purpose: Purpose::NewAddress(flow.operation()), channel };
        let outcome = self.compare_code(deed, &loaded, slot, code).await?;
        let before = flow.revision();
        let event = Event::PresentAddressCode { channel, outcome, attempts };
        let taken = flow.apply(event, &self.moment(deed.who, &loaded, deed.now));
        if let Err(refusal) = taken.reply {
            let write = step::failed_write(deed, before, taken.next);
            return Err(self.refuse_with(deed, refusal, write).await);
        }
        let Some(challenge) = loaded.challenges.iter().find(|challenge| challenge.slot == slot) else {
            return Err(self.refuse(deed, FlowRefusal::Unknown).await);
        };
        // The old address hears of it, the new one does not.
        let to =
            loaded.user.verified_addresses().into_iter().filter(|known| *known != challenge.target).collect();
        let mut user = User::clone(&loaded.user);
        let held = user.replace_contact(challenge.target.clone(), self.hold().await?, deed.now).cloned();
        let mut commit = self.completed(deed, &loaded, user, to)?;
        // The old address, and no other, gets the way back to itself.
        for notice in &mut commit.outbox {
            let own = held.as_ref().filter(|held| held.is(&notice.to));
            notice.revert = own.map(|held| RevertOffer { key: held.key.clone(), until: held.until });
        }
        let cleared = self.counts_of(Authenticator::Code, deed.who);
        let taken = [challenge.target.clone().into()];
        let claims = Box::pin(self.claims(&loaded.user.tenant, &taken)).await?;
        let commit = Commit { challenge: ChallengeWrite::Clear(slot), cleared, claims, ..commit };
        match self.write(deed, commit).await {
            Err(Error::Failed(Failure::Store(StoreError::Conflict { .. }))) => {
                Err(self.refuse_and_end(deed, ContactRefusal::Duplicate(channel)).await)
            }
            written => written,
        }
    }

    /// How a replaced address is held.
    async fn hold(&self) -> Result<Option<Hold>, Error> {
        let span = self.config.contact.hold;
        if span.is_zero() {
            return Ok(None);
        }
        Ok(Some(Hold { span, key: self.ports.keys.current().await?.id().clone() }))
    }

    pub(crate) fn parse_contact(&self, contact: NewContact<'_>) -> Result<Address, ContactRefusal> {
        match contact {
            NewContact::Email(text) => {
                let email = EmailAddress::parse(text).ok().filter(|email| self.config.email.permits(email));
                email.map(Address::Email).ok_or(ContactRefusal::Malformed(Channel::Email))
            }
            NewContact::Phone { number, region } => self.parse_phone(number, region).map(Address::Phone),
        }
    }

    pub(crate) fn parse_phone(
        &self,
        number: &str,
        region: Option<&str>,
    ) -> Result<PhoneNumber, ContactRefusal> {
        let malformed = ContactRefusal::Malformed(Channel::Sms);
        let region = match region {
            Some(region) => Some(CountryCode::parse(region).map_err(|_| malformed)?),
            None => self.config.phone.default_region,
        };
        let phone = PhoneNumber::parse(number, region).map_err(|_| malformed)?;
        match &self.config.phone.served {
            Some(served) if !served.contains(&phone.country()) => Err(ContactRefusal::RegionNotServed),
            _ => Ok(phone),
        }
    }
}

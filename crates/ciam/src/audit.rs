//! Records of what was done and refused.

use std::borrow::Cow;

use ciam_domain::audit::{Action, AuditRecord, Outcome};
use ciam_domain::secret::SecretBytes;
use ciam_domain::{EventId, FlowKey, Instant};
use ciam_ports::RandomError;

use crate::{Ciam, Principal};

/// What a use case says about itself, for the audit trail.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deed<'a> {
    pub(crate) who: &'a Principal,
    pub(crate) action: Action,
    pub(crate) flow: Option<FlowKey>,
    pub(crate) detail: Option<&'static str>,
    pub(crate) now: Instant,
    /// The bits of the event's id, where they were drawn together with others.
    pub(crate) event: Option<[u8; 16]>,
}

impl<'a> Deed<'a> {
    pub(crate) const fn new(who: &'a Principal, action: Action, now: Instant) -> Self {
        Self { who, action, flow: None, detail: None, now, event: None }
    }

    pub(crate) const fn in_flow(mut self, flow: FlowKey) -> Self {
        self.flow = Some(flow);
        self
    }

    pub(crate) const fn known_as(mut self, event: [u8; 16]) -> Self {
        self.event = Some(event);
        self
    }

    pub(crate) const fn saying(mut self, detail: &'static str) -> Self {
        self.detail = Some(detail);
        self
    }

    pub(crate) fn record(&self, id: EventId, outcome: Outcome) -> AuditRecord {
        AuditRecord {
            id,
            tenant: self.who.tenant().clone(),
            at: self.now,
            actor: self.who.actor(),
            user: self.who.user().clone(),
            session: self.who.session().cloned(),
            action: self.action,
            outcome,
            flow: self.flow,
            source: self.who.source(),
            detail: self.detail.map(Cow::Borrowed),
        }
    }
}

impl Ciam {
    pub(crate) fn random_bits(&self) -> Result<[u8; 16], RandomError> {
        let [bits] = self.draw()?;
        Ok(bits)
    }

    /// Draws several times 128 bits at once: asking the system costs more than what it gives.
    pub(crate) fn draw<const N: usize>(&self) -> Result<[[u8; 16]; N], RandomError> {
        let mut bits = [[0; 16]; N];
        self.ports.random.fill(bits.as_flattened_mut())?;
        Ok(bits)
    }

    /// Draws a secret of so many bytes.
    pub(crate) fn draw_bytes(&self, length: usize) -> Result<SecretBytes, RandomError> {
        let mut bytes = vec![0; length];
        self.ports.random.fill(&mut bytes)?;
        Ok(SecretBytes::new(bytes))
    }

    pub(crate) fn event_id(&self, deed: &Deed<'_>) -> Result<EventId, RandomError> {
        Ok(EventId::from_random(deed.event.map_or_else(|| self.random_bits(), Ok)?))
    }

    pub(crate) fn record(&self, deed: &Deed<'_>, outcome: Outcome) -> Result<AuditRecord, RandomError> {
        Ok(deed.record(self.event_id(deed)?, outcome))
    }
}

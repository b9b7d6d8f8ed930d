//! What a captcha is made for. One that was made for something else never passes.

use crate::challenge::Purpose;
use crate::{FlowKey, TenantId};

/// What whoever solves a captcha may do with it, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaptchaAction {
    /// Have a code of this purpose sent.
    Send(Purpose),
    /// Try a sign-in.
    SignIn,
}

impl CaptchaAction {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Send(purpose) => purpose.as_str(),
            Self::SignIn => "sign_in",
        }
    }
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Subject {
    Flow(FlowKey),
    Login(Box<str>),
}

/// What a captcha is bound to: a tenant, a flow or a login name, and an action.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaptchaBinding {
    tenant: TenantId,
    subject: Subject,
    action: CaptchaAction,
}

impl CaptchaBinding {
    /// For a code that a flow sends.
    #[must_use]
    pub const fn flow(tenant: TenantId, flow: FlowKey, purpose: Purpose) -> Self {
        Self { tenant, subject: Subject::Flow(flow), action: CaptchaAction::Send(purpose) }
    }

    /// For a sign-in under a name in its canonical form, whether or not anybody has it.
    #[must_use]
    pub fn sign_in(tenant: TenantId, name: &str) -> Self {
        Self { tenant, subject: Subject::Login(name.into()), action: CaptchaAction::SignIn }
    }

    /// The tenant.
    #[must_use]
    pub const fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The action.
    #[must_use]
    pub const fn action(&self) -> CaptchaAction {
        self.action
    }

    /// What tells it from every other binding, in parts for [`crate::challenge::DigestKey::seal`].
    #[must_use]
    pub fn parts(&self) -> [&[u8]; 4] {
        let (kind, subject): (&str, &[u8]) = match &self.subject {
            Subject::Flow(flow) => ("flow", flow.as_bytes()),
            Subject::Login(name) => ("login", name.as_bytes()),
        };
        [self.tenant.as_str().as_bytes(), kind.as_bytes(), subject, self.action.as_str().as_bytes()]
    }
}

impl std::fmt::Debug for CaptchaBinding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tenant = self.tenant.as_str();
        f.debug_struct("CaptchaBinding")
            .field("tenant", &tenant)
            .field("action", &self.action.as_str())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Operation;

    #[test]
    fn every_part_tells_bindings_apart() {
        let tenants = ["acme", "other"].map(|name| TenantId::parse(name).unwrap());
        let flows = [1, 2].map(|byte| FlowKey::from_bytes([byte; 32]));
        let purposes: Vec<_> = Operation::all()
            .flat_map(|operation| [Purpose::SecondFactor(operation), Purpose::NewAddress(operation)])
            .collect();
        let mut all = Vec::new();
        for tenant in &tenants {
            for &purpose in &purposes {
                all.extend(flows.map(|flow| CaptchaBinding::flow(tenant.clone(), flow, purpose)));
            }
            for name in ["alice", "bob"] {
                all.push(CaptchaBinding::sign_in(tenant.clone(), name));
            }
        }
        let parts: std::collections::BTreeSet<_> = all.iter().map(CaptchaBinding::parts).collect();
        assert_eq!(parts.len(), all.len());
    }

    #[test]
    fn a_binding_does_not_show_its_name() {
        let shown = format!("{:?}", CaptchaBinding::sign_in(TenantId::default(), "alice"));
        assert!(shown.contains("sign_in") && !shown.contains("alice"), "{shown}");
    }
}

//! Which e-mail addresses a host takes.

use super::EmailAddress;

/// Which addresses without a dot in the domain are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum DotlessDomains {
    /// None.
    Refused,
    /// Only `example`, `test` and `localhost`, which never reach a stranger (RFC 2606, 2; RFC 6761, 6).
    #[default]
    Reserved,
    /// Any, for hosts whose mail stays inside one network.
    Accepted,
}

/// What a host asks of an e-mail address beyond its being one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct EmailPolicy {
    /// Domains of a single label; by default the reserved ones only.
    pub dotless: DotlessDomains,
}

impl EmailPolicy {
    /// A policy that differs from the default in its rule for domains of a single label.
    #[must_use]
    pub const fn new(dotless: DotlessDomains) -> Self {
        Self { dotless }
    }

    /// Whether the address may be used here.
    #[must_use]
    pub fn permits(self, address: &EmailAddress) -> bool {
        match self.dotless {
            _ if !address.is_dotless() => true,
            DotlessDomains::Refused => false,
            DotlessDomains::Reserved => matches!(address.domain(), "example" | "test" | "localhost"),
            DotlessDomains::Accepted => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn email(text: &str) -> EmailAddress {
        EmailAddress::parse(text).expect("an address")
    }

    #[test]
    fn dotless_domains_follow_the_policy() {
        let on = EmailPolicy::new;
        assert!(EmailPolicy::default().permits(&email("zhangsan@example")));
        assert!(!EmailPolicy::default().permits(&email("zhangsan@intranet")));
        assert!(on(DotlessDomains::Accepted).permits(&email("zhangsan@intranet")));
        assert!(!on(DotlessDomains::Refused).permits(&email("zhangsan@localhost")));
        assert!(on(DotlessDomains::Refused).permits(&email("zhangsan@example.org")));
    }
}

//! Accounts elsewhere that are bound to an account here.

use super::User;
use crate::social::{Issuer, SocialLink, SocialSourceId, Subject};

impl User {
    /// What is bound by a source.
    #[must_use]
    pub fn social_of(&self, source: &SocialSourceId) -> Option<&SocialLink> {
        self.social.iter().find(|link| link.source == *source)
    }

    /// Binds an account elsewhere; says whether it was: one for each source, and none twice.
    pub fn bind_social(&mut self, link: SocialLink) -> bool {
        let known = self.social_of(&link.source).is_some() || self.is_bound_to(&link.issuer, &link.subject);
        if !known {
            self.social.push(link);
        }
        !known
    }

    /// Unbinds what is bound by a source; says whether anything was.
    pub fn unbind_social(&mut self, source: &SocialSourceId) -> bool {
        let before = self.social.len();
        self.social.retain(|link| link.source != *source);
        self.social.len() < before
    }

    /// Whether this account elsewhere is bound, by whichever source.
    #[must_use]
    pub fn is_bound_to(&self, issuer: &Issuer, subject: &Subject) -> bool {
        self.social.iter().any(|link| link.is(issuer, subject))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::SecurityStamp;
    use crate::{Instant, TenantId, UserId};

    const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

    fn link(source: &str, subject: &str) -> SocialLink {
        SocialLink {
            source: SocialSourceId::parse(source).unwrap(),
            issuer: Issuer::parse("https://social.example").unwrap(),
            subject: Subject::parse(subject).unwrap(),
            linked_at: NOW,
        }
    }

    #[test]
    fn one_account_elsewhere_is_bound_by_each_source_and_none_twice() {
        let id = UserId::parse("alice").unwrap();
        let mut user = User::new(TenantId::default(), id, SecurityStamp::from_bytes([1; 16]), NOW);
        assert!(user.bind_social(link("a", "one")));
        assert!(!user.bind_social(link("a", "two")), "a second one of the source");
        assert!(!user.bind_social(link("b", "one")), "the same one by another source");
        assert!(user.bind_social(link("b", "two")));
        assert_eq!(user.social, [link("a", "one"), link("b", "two")]);
        assert!(user.unbind_social(&link("a", "x").source));
        assert!(!user.unbind_social(&link("a", "x").source));
        assert_eq!(user.social, [link("b", "two")]);
    }
}

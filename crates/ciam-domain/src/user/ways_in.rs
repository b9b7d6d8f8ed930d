//! The ways in which a person can sign in: none may go that is the last.

use super::User;
use crate::flow::MethodSet;
use crate::social::SocialSource;

/// What a host lets people sign in by.
#[derive(Debug, Clone, Copy)]
pub struct Offered<'a> {
    /// The methods in use.
    pub methods: MethodSet,
    /// The sources of the tenant whose providers can be asked.
    pub sources: &'a [&'a SocialSource],
}

impl User {
    /// How many ways there are for the person to sign in; one line for each kind of credential. Whoever removes one
    /// asks this of the account as it shall be, and removes it by the same conditional write.
    #[must_use]
    pub fn ways_in(&self, offered: &Offered<'_>) -> usize {
        [self.by_password(), self.by_code(offered), self.by_social(offered)].into_iter().sum()
    }

    /// A password is no way in where nothing leads to it.
    fn by_password(&self) -> usize {
        usize::from(self.password.is_some() && !self.logins().is_empty())
    }

    fn by_code(&self, offered: &Offered<'_>) -> usize {
        MethodSet::usable(offered.methods, self, &[], false).within(MethodSet::codes()).iter().count()
    }

    fn by_social(&self, offered: &Offered<'_>) -> usize {
        let open = offered.sources.iter().filter(|source| source.enabled);
        open.filter(|source| self.social_of(&source.id).is_some()).count()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::flow::Method;
    use crate::identifier::{EmailAddress, Username};
    use crate::password::PasswordHash;
    use crate::social::{Issuer, SocialLink, SocialSourceId, SocialType, Subject};
    use crate::user::{Contact, PasswordCredential, SecurityStamp};
    use crate::{Instant, TenantId, UserId};

    const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

    fn nobody_yet() -> User {
        let id = UserId::parse("alice").unwrap();
        User::new(TenantId::default(), id, SecurityStamp::from_bytes([1; 16]), NOW)
    }

    fn source(id: &str, enabled: bool) -> SocialSource {
        SocialSource {
            tenant: TenantId::default(),
            id: SocialSourceId::parse(id).unwrap(),
            name: id.to_owned(),
            logo: None,
            social_type: SocialType::parse("oidc").unwrap(),
            enabled,
            settings: BTreeMap::new(),
        }
    }

    fn ways(user: &User, methods: MethodSet, sources: &[SocialSource]) -> usize {
        user.ways_in(&Offered { methods, sources: &sources.iter().collect::<Vec<_>>() })
    }

    #[test]
    fn a_password_counts_where_a_name_leads_to_it() {
        let mut user = nobody_yet();
        user.password = Some(PasswordCredential::first(PasswordHash::parse("$fake$x").unwrap(), NOW));
        assert_eq!(ways(&user, MethodSet::all(), &[]), 0);
        user.username = Some(Username::parse("alice").unwrap());
        assert_eq!(ways(&user, MethodSet::all(), &[]), 1);
    }

    #[test]
    fn an_address_counts_where_it_is_proven_and_codes_go_there() {
        let mut user = nobody_yet();
        let address = EmailAddress::parse("alice@example.org").unwrap();
        user.email = Some(Contact { address: address.clone(), verified_at: None });
        assert_eq!(ways(&user, MethodSet::all(), &[]), 0);
        user.email = Some(Contact::verified(address, NOW));
        assert_eq!(ways(&user, MethodSet::all(), &[]), 1);
        let others = MethodSet::from_iter([Method::Sms, Method::Password]);
        assert_eq!(ways(&user, others, &[]), 0);
    }

    #[test]
    fn an_account_elsewhere_counts_where_its_source_is_open() {
        let mut user = nobody_yet();
        for name in ["a", "b"] {
            user.social.push(SocialLink {
                source: SocialSourceId::parse(name).unwrap(),
                issuer: Issuer::parse("https://social.example").unwrap(),
                subject: Subject::parse(name).unwrap(),
                linked_at: NOW,
            });
        }
        assert_eq!(ways(&user, MethodSet::all(), &[]), 0);
        assert_eq!(ways(&user, MethodSet::all(), &[source("a", true), source("b", false)]), 1);
        assert_eq!(
            ways(&user, MethodSet::all(), &[source("a", true), source("b", true), source("c", true)]),
            2
        );
    }
}

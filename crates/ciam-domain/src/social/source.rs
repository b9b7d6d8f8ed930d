//! Where accounts elsewhere may be: one application of one provider, as an administrator set it up.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::SocialSourceId;
use crate::TenantId;

/// What a source cannot have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SocialSourceError {
    /// It is no name of a kind of provider.
    #[error("a social type is 1 to 32 characters of a-z, 0-9, '_' or '-'")]
    Type,
    /// The name is none.
    #[error("a source is named by 1 to 64 characters, none of them a control character")]
    Name,
    /// The logo is none.
    #[error("a logo is an image of 1 byte to 64 KiB")]
    Logo,
    /// There are too many settings, or one is too long.
    #[error("a source has at most 32 settings, with names of 1 to 64 and values of at most 2048 characters")]
    Settings,
    /// A setting is named as a secret is: settings are kept and shown in the clear.
    #[error("a secret is no setting: it stays with the verifier")]
    Secret,
}

/// The kind of provider: `wechat`, `alipay`, `apple`, `google`, `oidc`, or a host's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocialType(Arc<str>);

impl SocialType {
    /// Reads a kind: 1 to 32 characters of `a-z 0-9 _ -`.
    ///
    /// # Errors
    /// [`SocialSourceError::Type`] for anything else.
    pub fn parse(text: &str) -> Result<Self, SocialSourceError> {
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        let fits = (1..=32).contains(&text.len()) && text.bytes().all(known);
        if fits { Ok(Self(text.into())) } else { Err(SocialSourceError::Type) }
    }

    /// The kind as it stands in stores and on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The image that people know a provider by.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo(Arc<[u8]>);

impl Logo {
    /// The largest image, in bytes: every list of sources holds it.
    pub const MOST: usize = 64 * 1024;

    /// Takes the bytes of an image.
    ///
    /// # Errors
    /// [`SocialSourceError::Logo`] where there are none, or more than [`Logo::MOST`].
    pub fn new(bytes: &[u8]) -> Result<Self, SocialSourceError> {
        if (1..=Self::MOST).contains(&bytes.len()) {
            Ok(Self(bytes.into()))
        } else {
            Err(SocialSourceError::Logo)
        }
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Logo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Logo({} bytes)", self.0.len())
    }
}

/// One application of one provider that people of a tenant may sign in by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocialSource {
    /// The tenant.
    pub tenant: TenantId,
    /// Its id (`enterpriseAuthId`).
    pub id: SocialSourceId,
    /// What people read.
    pub name: String,
    /// What people see.
    pub logo: Option<Logo>,
    /// The kind of provider, by which its verifier is found.
    pub social_type: SocialType,
    /// Whether it may be bound and signed in by.
    pub enabled: bool,
    /// What its verifier needs that is no secret: `client_id`, `issuer`, a discovery address.
    pub settings: BTreeMap<String, String>,
}

impl SocialSource {
    /// Checks the lengths of names and settings, and that no setting is named as a secret is.
    ///
    /// # Errors
    /// [`SocialSourceError::Name`], [`SocialSourceError::Settings`] or [`SocialSourceError::Secret`].
    pub fn check(&self) -> Result<(), SocialSourceError> {
        let named = (1..=64).contains(&self.name.chars().count()) && !self.name.chars().any(char::is_control);
        if !named {
            return Err(SocialSourceError::Name);
        }
        let fits = |(name, value): (&String, &String)| {
            (1..=64).contains(&name.chars().count()) && value.chars().count() <= 2048
        };
        let few = self.settings.len() <= 32 && self.settings.iter().all(fits);
        if !few {
            return Err(SocialSourceError::Settings);
        }
        let names_a_secret = |name: &String| {
            let name = name.to_ascii_lowercase();
            ["secret", "private_key", "password"].iter().any(|end| name.ends_with(end))
        };
        if self.settings.keys().any(names_a_secret) { Err(SocialSourceError::Secret) } else { Ok(()) }
    }

    /// A setting.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.get(name).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> SocialSource {
        SocialSource {
            tenant: TenantId::default(),
            id: SocialSourceId::parse("wechat-1").unwrap(),
            name: "微信".to_owned(),
            logo: None,
            social_type: SocialType::parse("wechat").unwrap(),
            enabled: true,
            settings: BTreeMap::from([("client_id".to_owned(), "wx1".to_owned())]),
        }
    }

    #[test]
    fn a_kind_of_provider_is_a_word() {
        for text in ["wechat", "alipay", "apple", "oidc-2", "a", &"x".repeat(32)] {
            assert_eq!(SocialType::parse(text).unwrap().as_str(), text);
        }
        for text in ["", "WeChat", "a b", "é", &"x".repeat(33)] {
            assert_eq!(SocialType::parse(text), Err(SocialSourceError::Type), "{text:?}");
        }
    }

    #[test]
    fn a_logo_is_no_larger_than_every_list_can_bear() {
        assert_eq!(Logo::new(&vec![0; Logo::MOST]).unwrap().bytes().len(), Logo::MOST);
        assert_eq!(Logo::new(&vec![0; Logo::MOST + 1]), Err(SocialSourceError::Logo));
        assert_eq!(Logo::new(&[]), Err(SocialSourceError::Logo));
    }

    #[test]
    fn a_source_has_a_name_and_settings_of_some_length() {
        assert_eq!(source().check(), Ok(()));
        assert_eq!(source().setting("client_id"), Some("wx1"));
        for name in ["", "a\nb", &"x".repeat(65)] {
            let named = SocialSource { name: name.to_owned(), ..source() };
            assert_eq!(named.check(), Err(SocialSourceError::Name), "{name:?}");
        }
        let with = |name: String, value: String| {
            let mut source = source();
            source.settings.insert(name, value);
            source.check()
        };
        assert_eq!(with("x".repeat(64), "y".repeat(2048)), Ok(()));
        assert_eq!(with(String::new(), String::new()), Err(SocialSourceError::Settings));
        assert_eq!(with("x".repeat(65), String::new()), Err(SocialSourceError::Settings));
        assert_eq!(with("x".to_owned(), "y".repeat(2049)), Err(SocialSourceError::Settings));
        for name in ["secret", "client_secret", "AppSecret", "private_key"] {
            assert_eq!(with(name.to_owned(), "x".to_owned()), Err(SocialSourceError::Secret), "{name}");
        }
        assert_eq!(with("client_auth".to_owned(), "client_secret_basic".to_owned()), Ok(()));
        let settings = (0..33).map(|n| (n.to_string(), String::new())).collect();
        assert_eq!(SocialSource { settings, ..source() }.check(), Err(SocialSourceError::Settings));
    }
}

//! The relying party: what passkeys of a host are for, and which pages may ask for them.

/// Whether an authenticator must verify its person, by a face, a finger or a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UserVerification {
    /// It must. A passkey is two factors then: what somebody has, and what they know or are.
    #[default]
    Required,
    /// It should. Where it does not, a passkey is one factor.
    Preferred,
}

impl UserVerification {
    /// The word on the wire (`WebAuthn` Level 3, 5.8.6).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Preferred => "preferred",
        }
    }
}

/// A setting of a relying party is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PartyError {
    /// The id is a registrable domain: ASCII in small letters, without scheme, port and path.
    #[error("a relying party id is a domain in lower case")]
    Id,
    /// The name has 1 to 64 characters in one line.
    #[error("a relying party name is 1 to 64 characters in one line")]
    Name,
    /// An origin is `https://`, the id or a domain below it, and a port where it is not 443; `http` for `localhost` alone.
    #[error("an origin is https and within the relying party id")]
    Origin,
    /// There is no origin.
    #[error("a relying party has one origin or more")]
    NoOrigin,
}

/// What passkeys of a host are for (`WebAuthn` Level 3, 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelyingParty {
    id: Box<str>,
    name: Box<str>,
    origins: Box<[Box<str>]>,
    verification: UserVerification,
}

impl RelyingParty {
    /// A relying party. Passkeys are bound to its id for ever: with another one they are lost.
    ///
    /// # Errors
    /// [`PartyError`] for the first part that is none.
    pub fn new(
        id: &str,
        name: &str,
        origins: &[&str],
        verification: UserVerification,
    ) -> Result<Self, PartyError> {
        if !is_domain(id) {
            return Err(PartyError::Id);
        }
        if !(1..=64).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(PartyError::Name);
        }
        if origins.is_empty() {
            return Err(PartyError::NoOrigin);
        }
        if !origins.iter().all(|origin| is_origin_within(origin, id)) {
            return Err(PartyError::Origin);
        }
        let origins = origins.iter().map(|origin| Box::from(*origin)).collect();
        Ok(Self { id: id.into(), name: name.into(), origins, verification })
    }

    /// The domain that passkeys are bound to.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What authenticators show.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The pages that may ask for passkeys.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.origins.iter().map(|origin| &**origin)
    }

    /// Whether people must be verified.
    #[must_use]
    pub const fn verification(&self) -> UserVerification {
        self.verification
    }
}

fn is_domain(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let label =
        |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(known) && !label.starts_with('-');
    // An address in figures is no domain, and a top level alone none that people register at.
    let named = text == "localhost" || text.contains('.');
    let top = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253 && named && text.split('.').all(label) && !top.bytes().all(|byte| byte.is_ascii_digit())
}

/// Compared as text with what a browser writes, so only a browser's own spelling is one (RFC 6454, 6.2).
fn is_origin_within(origin: &str, id: &str) -> bool {
    let Some((scheme, place)) = origin.split_once("://") else { return false };
    let (host, port) = place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
    let default = if scheme == "https" { "443" } else { "80" };
    let number =
        |port: &str| port.parse::<u16>().is_ok_and(|number| number.to_string() == port && number > 0);
    let numbered = port.is_none_or(|port| number(port) && port != default);
    let local = host == "localhost" || host.ends_with(".localhost");
    let safe = scheme == "https" || (scheme == "http" && local);
    let below = host.strip_suffix(id).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    safe && numbered && below && is_domain(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party(id: &str, origins: &[&str]) -> Result<RelyingParty, PartyError> {
        RelyingParty::new(id, "Example", origins, UserVerification::Required)
    }

    #[test]
    fn an_id_is_a_domain() {
        for id in ["example.com", "login.example.com", "xn--fsq.com", "localhost"] {
            assert!(party(id, &[&format!("https://{id}")]).is_ok(), "{id}");
        }
        for id in [
            "",
            "com",
            "Example.com",
            "https://example.com",
            "example.com:443",
            "127.0.0.1",
            "a..b",
            "-a.b",
            ".a",
        ] {
            assert_eq!(party(id, &["https://example.com"]), Err(PartyError::Id), "{id}");
        }
    }

    #[test]
    fn an_origin_is_safe_and_within_the_id() {
        for origin in ["https://example.com", "https://a.b.example.com", "https://example.com:8443"] {
            assert!(party("example.com", &[origin]).is_ok(), "{origin}");
        }
        assert!(party("localhost", &["http://localhost:8080"]).is_ok());
        for origin in [
            "http://example.com",
            "https://example.com/",
            "https://example.com:443",
            "https://example.com:0443",
            "https://example.com:0",
            "https://example.com:",
            "https://badexample.com",
            "https://example.com.evil.test",
            "https://evil.test/example.com",
            "https://user@example.com",
            "https://EXAMPLE.com",
            "https://.example.com",
            "example.com",
            "null",
        ] {
            assert_eq!(party("example.com", &[origin]), Err(PartyError::Origin), "{origin}");
        }
        assert_eq!(party("example.com", &[]), Err(PartyError::NoOrigin));
        assert_eq!(party("example.com", &["https://example.com", "https://b.test"]), Err(PartyError::Origin));
    }

    #[test]
    fn a_name_is_one_line() {
        for name in ["", "a\nb", &"x".repeat(65)] {
            let origins = &["https://example.com"];
            let made = RelyingParty::new("example.com", name, origins, UserVerification::Preferred);
            assert_eq!(made, Err(PartyError::Name));
        }
    }
}

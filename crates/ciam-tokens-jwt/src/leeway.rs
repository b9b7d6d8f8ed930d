//! How far clocks may be apart.

use std::time::Duration;

/// Why a leeway is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the leeway of token times is 60 seconds at most")]
pub struct LeewayError;

/// How far the clocks of an issuer and of this service may be apart: 60 seconds at most, 30 by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leeway(Duration);

impl Leeway {
    /// A leeway.
    ///
    /// # Errors
    /// [`LeewayError`] above 60 seconds.
    pub fn new(leeway: Duration) -> Result<Self, LeewayError> {
        if leeway <= Duration::from_mins(1) { Ok(Self(leeway)) } else { Err(LeewayError) }
    }

    pub(crate) const fn as_duration(self) -> Duration {
        self.0
    }
}

impl Default for Leeway {
    fn default() -> Self {
        Self(Duration::from_secs(30))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_the_most() {
        assert!(Leeway::new(Duration::from_mins(1)).is_ok());
        assert_eq!(Leeway::new(Duration::from_millis(60_001)), Err(LeewayError));
    }
}

//! What changes with every write, and what changes with every sensitive one.

/// Counts the writes of a user, for compare-and-set; says nothing about security.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(u64);

impl Version {
    /// The version of a user that was never written.
    pub const FIRST: Self = Self(1);

    /// Reads back a stored version.
    #[must_use]
    pub const fn from_number(number: u64) -> Self {
        Self(number)
    }

    /// The version as a number.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The version after one more write.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// 128 random bits that every sensitive change replaces: what was bound to the old stamp (sessions, flows,
/// codes) is dead in the same write.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecurityStamp([u8; 16]);

impl SecurityStamp {
    /// A stamp from 128 random bits, or read back from a store.
    #[must_use]
    pub const fn from_bytes(bits: [u8; 16]) -> Self {
        Self(bits)
    }

    /// The stamp as stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl std::fmt::Debug for SecurityStamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecurityStamp(..)")
    }
}

//! Clock, randomness and keys of one machine for ciam.
//!
//! [`SystemClock`] and [`SystemRandom`] ask the operating system; this is the only crate that may.
//! [`StaticKeys`] holds keys that the host read from its configuration.
//!
//! It does not keep the clock right (run a time daemon), does not make keys or store them, and does not
//! smooth out a clock that is set back: expiry then comes later by as much.
//!
//! ```
//! use ciam_ports::domain::{challenge::KeyId, secret::SecretBytes};
//! use ciam_ports::{Clock, Random};
//! use ciam_system_native::{StaticKeys, SystemClock, SystemRandom};
//!
//! let mut bytes = vec![0; 32];
//! SystemRandom.fill(&mut bytes)?;
//! let keys = StaticKeys::new(KeyId::new("2026-11"), SecretBytes::new(bytes))?;
//! assert!(SystemClock.now().unix_seconds() > 1_700_000_000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod clock;
mod keys;
mod random;

pub use clock::SystemClock;
pub use keys::{StaticKeys, StaticKeysError};
pub use random::SystemRandom;

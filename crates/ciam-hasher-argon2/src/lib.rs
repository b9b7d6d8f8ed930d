//! argon2id password hashing for ciam on dedicated threads behind a bounded queue.
//!
//! Every hash takes 19 MiB by default, so how many run at once and how many callers wait is bounded
//! ([`Limits`]); past that the answer is [`HasherError::Overloaded`](ciam_ports::HasherError::Overloaded).
//! Threads keep their memory from hash to hash and wipe it after each. Results come back over a channel, so
//! no runtime is named and no executor is blocked. The threads end when the hasher is dropped.
//!
//! With the feature `simd` there is a second engine, `Argon2Hasher::with_simd`, which makes the same hashes in about
//! half the time. It is younger, and nobody outside has audited it.
//!
//! It verifies PHC strings of argon2id, argon2i and argon2d up to the ceilings of [`Cost`]. It does not know
//! other algorithms and does not mix in a pepper: a stored hash that names one cannot be read.
//!
//! ```
//! use std::sync::Arc;
//! # use ciam_ports::{Random, RandomError};
//! # struct Chance;
//! # impl Random for Chance {
//! #     fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> { bytes.fill(4); Ok(()) }
//! # }
//! use ciam_hasher_argon2::{Argon2Hasher, Cost, Limits};
//! use ciam_ports::{PasswordHasher, domain::password::Password};
//!
//! let hasher = Argon2Hasher::new(Cost::default(), Limits::default(), Arc::new(Chance))?;
//! let password = Password::parse("correct horse battery staple")?;
//! futures_executor::block_on(async {
//!     let hash = hasher.hash(&password).await?;
//!     assert!(hash.as_str().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
//!     assert!(hasher.verify(&password, &hash).await?.is_match());
//!     Ok::<(), Box<dyn std::error::Error>>(())
//! })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cost;
mod engine;
mod hasher;
mod job;
mod memory;
mod pool;
mod recipe;
#[cfg(feature = "simd")]
mod simd;

pub use cost::{Cost, CostError};
pub use hasher::{Argon2Hasher, StartError};
pub use pool::Limits;

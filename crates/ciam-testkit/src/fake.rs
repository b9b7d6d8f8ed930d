//! Fakes of the ports that talk to the world: set by the test, asked by the test, never waiting.

mod authenticator;
mod captcha;
mod clock;
mod directory;
mod gesture;
mod hasher;
mod keys;
mod login_history;
mod mailbox;
mod passkey;
mod personal_rows;
mod random;
mod social;
mod tokens;

pub use authenticator::FakeAuthenticator;
pub use captcha::FakeCaptcha;
pub use clock::FakeClock;
pub use directory::FakeDirectory;
pub use gesture::{FakeDevice, FakeGestures};
pub use hasher::FakeHasher;
pub use keys::FakeKeys;
pub use login_history::FakeLoginHistory;
pub use mailbox::{Mailbox, SentCode};
pub use passkey::{FakePasskeys, FakeSecurityKey, PasskeyCheck};
pub use personal_rows::PersonalRows;
pub use random::FakeRandom;
pub use social::FakeSocial;
pub use tokens::FakeTokens;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A test that panicked while it held a lock says so itself; others may go on.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
